//! Zones, seasons and custody chains.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Names, RecordLink};

/// The zones at a point on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZonesAt {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// The day.
    pub day: String,
    /// The zones.
    pub zones: Vec<ZoneRow>,
}

/// A zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneRow {
    /// Its record.
    pub record: RecordLink,
    /// Its register's name.
    pub register_name: Names,
    /// Its kind.
    pub kind: String,
    /// The kind's name.
    pub kind_name: Names,
    /// The first day; null: always did.
    #[schema(required)]
    pub from: Option<String>,
    /// The last day; null: it still holds.
    #[schema(required)]
    pub until: Option<String>,
    /// Drawn for the demonstration.
    pub schematic: bool,
    /// A strip along a line rather than drawn.
    pub derived: bool,
}

/// The seasons of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarDay {
    /// The day.
    pub day: String,
    /// Every kind of which a window was ever recorded.
    pub seasons: Vec<SeasonRow>,
}

/// Whether a season holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeasonRow {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: Names,
    /// Whether it holds; null: cannot be told.
    #[schema(required)]
    pub held: Option<bool>,
    /// The first day of the window that holds.
    #[schema(required)]
    pub from: Option<String>,
    /// The last day of it.
    #[schema(required)]
    pub until: Option<String>,
    /// The record of the window.
    #[schema(required)]
    pub rid: Option<i64>,
    /// The year of which a window should be recorded.
    #[schema(required)]
    pub missing_year: Option<i64>,
}

/// The balance of a custody chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainBalance {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Hand-overs that were counted, also those before the first day.
    pub hand_overs: usize,
    /// For each holder and thing. Amounts are in the unit of the register's amount.
    pub lines: Vec<ChainLine>,
    /// What does not add up.
    pub findings: Vec<ChainFinding>,
}

/// Who holds something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChainHolder {
    /// Its record, when it is one the caller sees.
    #[schema(required)]
    pub record: Option<RecordLink>,
    /// Its name; null: nobody is written, or the caller may not see who.
    #[schema(required)]
    pub name: Option<String>,
}

/// What one holder did with one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainLine {
    /// Who.
    pub holder: ChainHolder,
    /// What.
    pub what: String,
    /// Held at the beginning; null: cannot be told.
    #[schema(required)]
    pub opening: Option<f64>,
    /// Came in.
    pub came: f64,
    /// Went out.
    pub went: f64,
    /// Held at the end; null: cannot be told.
    #[schema(required)]
    pub stock: Option<f64>,
    /// Sent to this holder and not arrived.
    pub under_way: f64,
}

/// What does not add up.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainFinding {
    /// `difference`, `negative_stock`, `arrived_before_sent`, `to_itself`, `unknown`.
    pub kind: String,
    /// The hand-over.
    #[schema(required)]
    pub record: Option<RecordLink>,
    /// The holder, of a negative stock.
    #[schema(required)]
    pub holder: Option<ChainHolder>,
    /// What.
    #[schema(required)]
    pub what: Option<String>,
    /// Sent.
    #[schema(required)]
    pub sent: Option<f64>,
    /// Arrived.
    #[schema(required)]
    pub received: Option<f64>,
    /// Arrived less sent; of a negative stock the least there would have been.
    #[schema(required)]
    pub difference: Option<f64>,
    /// The day, of a negative stock.
    #[schema(required)]
    pub on: Option<String>,
}

/// Where something came from, or went.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainTrace {
    /// Hand-overs, the nearest first.
    pub steps: Vec<ChainStep>,
}

/// One hand-over on the way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainStep {
    /// Its record.
    pub record: RecordLink,
    /// How many hand-overs away.
    pub step: u32,
    /// Who gave.
    pub from: ChainHolder,
    /// Who took.
    pub to: ChainHolder,
    /// What.
    pub what: String,
    /// Sent.
    #[schema(required)]
    pub sent: Option<f64>,
    /// Arrived.
    #[schema(required)]
    pub received: Option<f64>,
    /// When it was sent.
    #[schema(required)]
    pub sent_on: Option<String>,
    /// When it arrived.
    #[schema(required)]
    pub received_on: Option<String>,
    /// No more than this of the lot can have gone this way; null: cannot be told.
    #[schema(required)]
    pub at_most: Option<f64>,
}
