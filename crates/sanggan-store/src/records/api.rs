//! What goes into the records' operations and what comes out.

use jiff::civil::Date;
use sanggan_base::{AreaCode, Millis};
use sanggan_records::{Given, Link, RecordId, Value};

/// What [`crate::Store::define`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defined {
    /// Registers whose tables were made.
    pub made: Vec<String>,
    /// Registers whose tables were changed, with what.
    pub changed: Vec<RegisterChange>,
    /// Registers the definitions no longer name: their tables stay as they are.
    pub left: Vec<String>,
}

/// What became different in a register's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterChange {
    /// The register.
    pub register: String,
    /// Each step, in words.
    pub steps: Vec<String>,
}

/// Records that lead to a record through one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Their register.
    pub register: String,
    /// The field.
    pub field: String,
    /// How many, all seen by who asks and none taken out.
    pub total: u64,
    /// The first of them, by number.
    pub records: Vec<Link>,
}

/// How much stands in a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records that are not taken out.
    pub count: u64,
    /// Of these, those with something overdue.
    pub overdue: u64,
}

/// A record with something due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRecord {
    /// It.
    pub link: Link,
    /// The day.
    pub due_on: Date,
    /// Its state.
    pub state: Option<String>,
    /// Its area.
    pub area: Option<AreaCode>,
}

/// One entry of a record's history.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordEvent {
    /// Its number in the journal.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// Who (`system`, `user:<name>`).
    pub who: String,
    /// `create`, `change`, `transition:<id>`, `retire`, `restore`, `import`.
    pub action: String,
    /// The reason given.
    pub why: String,
    /// The version it led to.
    pub version: u32,
    /// What became different.
    pub changes: Vec<FieldChange>,
}

/// One field that became different.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// A field of the register, or `_state`, `_retired`.
    pub field: String,
    /// What stood there; [`Value::Null`]: nothing.
    pub before: Value,
    /// What stands there since.
    pub after: Value,
}

/// What an import does with a row whose key is in the register already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMatch {
    /// It is a fault.
    Create,
    /// The record is changed: the row's columns are set, the others stay.
    Upsert,
}

/// What an import does with rows that have faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Nothing is written at all; everything is tried.
    DryRun,
    /// One fault, and nothing is written.
    AllOrNothing,
    /// Rows with faults are left out.
    GoodRows,
}

/// How to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportPlan {
    /// Existing keys.
    pub existing: ImportMatch,
    /// Faulty rows.
    pub mode: ImportMode,
    /// Rows come as schematic.
    pub schematic: bool,
    /// Faults kept at most; the others are counted only.
    pub faults: usize,
}

/// One row of an import.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportRow {
    /// Where it stands in the file.
    pub line: u64,
    /// What the file says, by position of the field; a null empties it. References by key stand in
    /// [`ImportRow::keys`] instead.
    pub values: Given,
    /// Position of a reference field and the key texts that stand there: looked up batch by batch. Records of the
    /// same file may name each other, in any order, as long as they don't do so in a circle.
    pub keys: Vec<(usize, Vec<String>)>,
    /// The state it comes in; `None`: the start, or the state it is in.
    pub state: Option<String>,
    /// This row is schematic, whatever the plan says.
    pub schematic: bool,
    /// What was wrong with it before it came here: it is counted as bad, and not written.
    pub faults: Vec<RowFault>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFault {
    /// Where it stands in the file.
    pub line: u64,
    /// The field.
    pub field: String,
    /// A word for programs.
    pub code: String,
    /// What stands there.
    pub value: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportProgress {
    /// Rows read.
    pub read: u64,
    /// Of these, sound.
    pub good: u64,
    /// Of these, faulty.
    pub bad: u64,
}

/// Is told how far an import is, after every batch.
pub type Progress<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

/// What an import did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportDone {
    /// Rows read, good and bad.
    pub progress: ImportProgress,
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub changed: u64,
    /// Records that were as the row says already.
    pub unchanged: u64,
    /// Whether it was written: not for a dry run, nor for all-or-nothing with a fault.
    pub written: bool,
    /// The first faults, in the order of the file.
    pub faults: Vec<RowFault>,
}

/// Registers with the part of each that somebody sees.
pub type Seen<'a> = &'a [(String, sanggan_records::rights::Scope)];

/// A record by its register and number.
pub type Place = (String, RecordId);

/// A layer of a GeoPackage.
#[derive(Debug, Clone, PartialEq)]
pub struct GeopackageLayer {
    /// The name of its table.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its features, in the order of the file.
    pub features: Vec<GeopackageFeature>,
}

/// A feature of one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GeopackageFeature {
    /// Its shape in WGS-84; `None`: it has none.
    pub shape: Option<sanggan_geo::Shape>,
    /// What else stands in its row: column and value, without nulls and bytes.
    pub values: Vec<(String, serde_json::Value)>,
}
