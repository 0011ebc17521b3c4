//! Stations, series and their values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DeviceBrief, Names};

/// What a station watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StationKind {
    /// Ambient air.
    Air,
    /// A waste water outlet.
    WaterOutlet,
    /// A waste gas outlet.
    GasOutlet,
    /// A river or lake section.
    SurfaceWater,
    /// Not said yet.
    Unknown,
}

/// A station in one line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StationBrief {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// What it watches.
    pub kind: StationKind,
    /// The area it lies in.
    #[schema(required)]
    pub area: Option<String>,
    /// Longitude.
    #[schema(required)]
    pub lon: Option<f64>,
    /// Latitude.
    #[schema(required)]
    pub lat: Option<f64>,
    /// Whether its data are made up.
    pub simulated: bool,
    /// Time of its last observation.
    #[schema(required)]
    pub last_at: Option<String>,
}

/// A station and its latest values.
#[derive(Debug, Serialize, ToSchema)]
pub struct StationRow {
    /// The station.
    #[serde(flatten)]
    pub station: StationBrief,
    /// Latest value of each parameter, the finest cadence there is.
    pub latest: BTreeMap<String, LatestValue>,
}

/// A latest value.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LatestValue {
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Its time.
    pub at: String,
    /// Its flag.
    pub flag: String,
    /// How often it comes.
    pub cadence: String,
    /// The explanation.
    pub explain: String,
}

/// A station with its devices, series and limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct StationDetail {
    /// The station.
    #[serde(flatten)]
    pub station: StationBrief,
    /// Its loggers.
    pub devices: Vec<DeviceBrief>,
    /// Its series.
    pub series: Vec<SeriesInfo>,
    /// The limits that hold for it today.
    pub limits: Vec<LimitLine>,
}

/// One series of a station.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesInfo {
    /// The parameter.
    pub parameter: String,
    /// Its name.
    pub name: Names,
    /// Which figure.
    pub measure: String,
    /// How often.
    pub cadence: String,
    /// The unit.
    pub unit: String,
    /// Time of the latest value.
    #[schema(required)]
    pub last_at: Option<String>,
    /// The latest value.
    #[schema(required)]
    pub last_value: Option<f64>,
    /// Its flag.
    #[schema(required)]
    pub last_flag: Option<String>,
}

/// A limit, as a line in a chart.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LimitLine {
    /// The parameter.
    pub parameter: String,
    /// The limit.
    pub value: f64,
    /// `upper`: the value may not be above; `lower`: not below (pH).
    pub bound: String,
    /// Its unit.
    pub unit: String,
    /// `instant`, `hour`, `mda8`, `day` or `year`.
    pub averaging: String,
    /// What it is called.
    pub label: Names,
    /// Where it is written.
    pub clause: Names,
    /// The standard.
    pub standard: Names,
    /// Its edition.
    pub edition: String,
    /// Holds from this day.
    #[schema(required)]
    pub from: Option<String>,
    /// `confirmed`, `unconfirmed` or `declared`.
    pub status: String,
}

/// A time, a value, a flag: `["2026-11-23T10:00:00+08:00", 35.0, "normal"]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeriesPoint(pub String, pub f64, pub String);

// The derived form says that all three are objects.
impl utoipa::PartialSchema for SeriesPoint {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType};
        ArrayBuilder::new()
            .items(ObjectBuilder::new().schema_type(SchemaType::AnyValue))
            .min_items(Some(3))
            .max_items(Some(3))
            .description(Some(
                "A time, a value, a flag: `[\"2026-11-23T10:00:00+08:00\", 35.0, \"normal\"]`.",
            ))
            .into()
    }
}

impl ToSchema for SeriesPoint {}

/// Values of one series.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesData {
    /// The unit.
    pub unit: String,
    /// Ascending in time.
    pub points: Vec<SeriesPoint>,
    /// Whether the answer stops before the end of the range.
    pub truncated: bool,
}

/// Statistics of one parameter.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticData {
    /// The unit.
    pub unit: String,
    /// Ascending in time.
    pub points: Vec<StatisticPoint>,
    /// Whether the answer stops before the end of the range.
    pub truncated: bool,
}

/// One statistic.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticPoint {
    /// Beginning of the period.
    pub start: String,
    /// `null` when nothing could be computed.
    #[schema(required)]
    pub value: Option<f64>,
    /// Whether it meets the validity rule.
    pub valid: bool,
    /// Inputs used.
    pub used: u32,
    /// Inputs the rule asks for.
    pub required: u32,
    /// Inputs left out.
    pub excluded: u32,
    /// The explanation.
    pub explain: String,
}
