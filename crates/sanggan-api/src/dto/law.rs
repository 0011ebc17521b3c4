//! The library of standards: editions, their tables, and what rests on them.

use serde::Serialize;
use utoipa::ToSchema;

use super::Names;

/// The library, or what of it was searched for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Standards {
    /// Every theme that has a standard, in the order of the library.
    pub themes: Vec<StandardTheme>,
    /// The standards, by theme and number.
    pub standards: Vec<StandardBrief>,
}

/// What standards are about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardTheme {
    /// Its id (`air`, `water`).
    pub id: String,
    /// Its label.
    pub label: Names,
}

/// One standard with its editions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardBrief {
    /// Its number (`GB 3838`).
    pub standard: String,
    /// Its number as it stands in a path (`gb-3838`).
    pub slug: String,
    /// The title of its newest edition.
    pub title: Names,
    /// What it is about.
    pub theme: String,
    /// GB/T 2260 code of the division it holds in; `null` nationwide.
    #[schema(required)]
    pub region: Option<String>,
    /// Oldest first.
    pub editions: Vec<EditionBrief>,
    /// What in the platform rests on it.
    pub used_by: Vec<UsedBy>,
    /// Where the words searched for stand, the first few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<StandardHit>,
}

/// One edition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditionBrief {
    /// Its id (`GB 3838-2002`).
    pub id: String,
    /// As it stands in a path (`gb-3838/2002`).
    pub slug: String,
    /// Its name within the standard (`2002`), by which an assessment may ask for it.
    pub name: String,
    /// The publication several editions belong to; an assessment may ask for it too.
    pub family: String,
    /// First day on which it holds.
    pub from: String,
    /// Last day; `null` while it is open.
    #[schema(required)]
    pub to: Option<String>,
    /// First day on which some places used it already.
    #[schema(required)]
    pub phased_from: Option<String>,
    /// The edition after it.
    #[schema(required)]
    pub replaced_by: Option<String>,
    /// `false` for an alternative reading that is never found by its date.
    pub by_date: bool,
    /// `confirmed`, or `unconfirmed` when any of its tables is.
    pub status: String,
    /// Whether it judges today.
    pub in_force: bool,
}

/// Something that rests on a standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsedBy {
    /// What sort of thing.
    pub kind: UseKind,
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Names,
    /// Where it is in the web app.
    #[schema(required)]
    pub path: Option<String>,
}

/// What sort of thing rests on a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UseKind {
    /// An evaluator.
    Assessment,
    /// A page of the web app.
    Page,
    /// A figure the platform computes all the time.
    Indicator,
    /// The limits of an outlet.
    Limit,
}

/// A place where the words searched for stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardHit {
    /// The edition.
    pub edition_slug: String,
    /// The table.
    pub table: String,
    /// The line of the table, its title or its note.
    pub text: Names,
}

/// One edition with its tables.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardEdition {
    /// The edition.
    #[serde(flatten)]
    pub edition: EditionBrief,
    /// The standard's number.
    pub standard: String,
    /// Its title.
    pub title: Names,
    /// What it is about.
    pub theme: String,
    /// GB/T 2260 code of the division it holds in; `null` nationwide.
    #[schema(required)]
    pub region: Option<String>,
    /// Its tables in the order of the standard.
    pub tables: Vec<StandardTable>,
    /// What in the platform rests on it.
    pub used_by: Vec<UsedBy>,
    /// Every edition of the standard, oldest first.
    pub editions: Vec<EditionBrief>,
}

/// One table as the standard has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardTable {
    /// Its id in the data file.
    pub id: String,
    /// Its kind in the data file.
    pub kind: String,
    /// Its title.
    pub title: Names,
    /// The formula that goes with it.
    #[schema(required)]
    pub formula: Option<Names>,
    /// The headings.
    pub columns: Vec<Names>,
    /// The rows.
    pub rows: Vec<StandardRow>,
    /// Clause or table of the standard.
    pub clause: Names,
    /// Where the numbers were read.
    pub source: Names,
    /// When somebody last compared them.
    pub checked_on: String,
    /// `confirmed` or `unconfirmed`.
    pub status: String,
    /// How figures are rounded.
    pub rounding: Names,
    /// What a reader should know.
    #[schema(required)]
    pub note: Option<Names>,
}

/// One row of a table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardRow {
    /// A cell a column.
    pub cells: Vec<Names>,
    /// Colour of the class the row is about, `#rrggbb`.
    #[schema(required)]
    pub colour: Option<String>,
    /// Where it differs from the table's.
    #[schema(required)]
    pub status: Option<String>,
    /// A doubt or exception of the row.
    #[schema(required)]
    pub note: Option<Names>,
}

/// Editions of one standard side by side.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandardComparison {
    /// The editions in the order asked for.
    pub editions: Vec<EditionBrief>,
    /// Their tables, matched by id.
    pub tables: Vec<ComparedTable>,
}

/// One table of several editions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComparedTable {
    /// Its id.
    pub id: String,
    /// Its title in the last edition that has it.
    pub title: Names,
    /// The headings of what names a row: the first ones of `columns`.
    pub key_columns: Vec<Names>,
    /// The headings of all editions, each once.
    pub columns: Vec<Names>,
    /// The rows.
    pub rows: Vec<ComparedRow>,
}

/// One row of several editions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComparedRow {
    /// What names the row.
    pub key: Names,
    /// A row of cells an edition; `null` where the edition has no such row.
    #[schema(value_type = Vec<Option<Vec<Names>>>)]
    pub cells: Vec<Option<Vec<Names>>>,
    /// Whether the editions differ in it.
    pub changed: bool,
}
