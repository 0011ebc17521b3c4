//! Files of records, and tables on their way in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file that is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttachmentRow {
    /// SM3 of its bytes: its name in records.
    pub hash: String,
    /// The name it came under.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
}

/// What an import is to do.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImportOptions {
    /// Column → field; empty: as proposed. `FIELD.lon` and `FIELD.lat` for the halves of a point.
    pub mapping: std::collections::BTreeMap<String, String>,
    /// What to do with faulty rows.
    pub mode: ImportMode,
    /// What to do with keys that are there.
    pub r#match: ImportMatch,
    /// The coordinates' system, when the file does not say.
    pub crs: ImportCrs,
    /// The sheet of a workbook; the first without it.
    pub sheet: Option<String>,
    /// Why; kept in the journal.
    pub why: String,
}

/// What an import does with rows that have faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Nothing is written; everything is tried.
    #[default]
    DryRun,
    /// One fault, and nothing is written.
    AllOrNothing,
    /// Rows with faults are left out.
    GoodRows,
}

/// What an import does with a row whose key is in the register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportMatch {
    /// It is a fault.
    #[default]
    Create,
    /// The record is changed.
    Upsert,
}

/// The system of coordinates of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportCrs {
    /// WGS-84, or CGCS2000, which is the same here.
    #[default]
    Wgs84,
    /// The shifted coordinates of Chinese web maps.
    Gcj02,
}

/// An import that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportBegun {
    /// Its number.
    pub id: u64,
}

/// How far an import is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportStatus {
    /// Its number.
    pub id: u64,
    /// The register.
    pub register: String,
    /// The file's name.
    pub file: String,
    /// `running`, `done`, `refused` (faults, and all-or-nothing), `failed`.
    pub state: String,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<String>,
    /// What it does with faulty rows.
    pub mode: ImportMode,
    /// Rows of the file; 0 until it has been read once.
    pub total: u64,
    /// Rows read.
    pub read: u64,
    /// Of these, sound.
    pub good: u64,
    /// Of these, faulty.
    pub bad: u64,
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub changed: u64,
    /// Records that were as the row says already.
    pub unchanged: u64,
    /// Whether anything was written.
    pub written: bool,
    /// The first faults.
    pub faults: Vec<RowFaultRow>,
    /// Column → field.
    pub mapping: std::collections::BTreeMap<String, String>,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<String>,
}

/// What is wrong with a row of a table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowFaultRow {
    /// Where it stands in the file.
    pub line: u64,
    /// The field.
    pub field: String,
    /// What sort of fault.
    pub code: String,
    /// What stands there.
    pub value: String,
    /// 中文。
    pub zh: String,
    /// English.
    pub en: String,
}

/// The columns of a table somebody wants to import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnProposal {
    /// Its headings.
    pub columns: Vec<String>,
    /// Heading → the field that seems to be meant.
    pub mapping: std::collections::BTreeMap<String, String>,
    /// The first rows, as text.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are.
    pub total: u64,
}
