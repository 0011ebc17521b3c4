//! Registers and their records.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{DeviceBrief, Exceedance, Names, OutletNow, OutletOver, StationBrief};

/// The registers one may see, by group.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterIndex {
    /// Groups, in the order of the menu.
    pub groups: Vec<NamedId>,
    /// The departments that keep registers.
    pub departments: Vec<NamedId>,
    /// The registers, by group, then id.
    pub registers: Vec<RegisterBrief>,
}

/// An id with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedId {
    /// The id.
    pub id: String,
    /// Its name.
    pub name: Names,
}

/// A register in one line.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterBrief {
    /// Its id, the word in paths.
    pub id: String,
    /// Its name.
    pub name: Names,
    /// What it is for.
    pub about: Names,
    /// Its group.
    pub group: String,
    /// Who keeps it.
    pub department: String,
    /// The rows of the plan's list it carries.
    pub rows: Vec<String>,
    /// The version of its definition.
    pub version: u32,
    /// How many records the caller may see.
    pub count: u64,
    /// How many of these are overdue.
    pub overdue: u64,
    /// Whether its records have a shape.
    pub has_geometry: bool,
    /// Whether everybody may read a part of it.
    pub is_public: bool,
    /// Whether the caller may make records.
    pub can_create: bool,
}

/// A register's definition, and what the caller may do with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterSheet {
    /// The definition, as its file says.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub definition: Value,
    /// What the caller may do.
    pub may: MayDo,
}

/// What a caller may do with a register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MayDo {
    /// Make records.
    pub create: bool,
    /// Change some record.
    pub change: bool,
    /// Import tables.
    pub import: bool,
    /// Fields the caller may fill in.
    pub writable: Vec<String>,
    /// Fields the caller does not see.
    pub hidden: Vec<String>,
}

/// A record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordRow {
    /// Its number in the register.
    pub rid: i64,
    /// Grows with each change; a change names the version it saw.
    pub version: u32,
    /// Its state.
    #[schema(required)]
    pub state: Option<String>,
    /// Since when.
    #[schema(required)]
    pub state_since: Option<String>,
    /// When it was last changed.
    pub changed_at: String,
    /// By whom; the public is not told.
    #[schema(required)]
    pub changed_by: Option<String>,
    /// Made for the demo: no real thing.
    pub schematic: bool,
    /// Taken out of the register.
    pub retired: bool,
    /// The day something is due: its review, or the deadline of its state.
    #[schema(required)]
    pub due: Option<String>,
    /// Fields that are there and not shown to the caller.
    pub hidden: Vec<String>,
    /// The values by field.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordPage {
    /// The records.
    pub records: Vec<RecordRow>,
    /// For `after`; null: this was the last page.
    #[schema(required)]
    pub next: Option<String>,
    /// How many match in all, when asked.
    #[schema(required)]
    pub total: Option<u64>,
}

/// A record to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecordBody {
    /// The values by field.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
    /// Why; kept in the journal.
    #[serde(default)]
    pub why: String,
}

/// A change of a record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRecordBody {
    /// The version it is a change of.
    pub version: u32,
    /// The values that change; null empties a field.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
    /// Why; kept in the journal.
    #[serde(default)]
    pub why: String,
}

/// A record taken out of its register, or put back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetireBody {
    /// The version it is.
    pub version: u32,
    /// Why.
    pub why: String,
}

/// Values to be looked at, nothing of which is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// The record they would change.
    pub rid: Option<i64>,
    /// The values.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

/// What is wrong with values.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    /// Every fault.
    pub faults: Vec<FieldFault>,
    /// What the computed fields would hold.
    #[schema(value_type = Object)]
    pub computed: Map<String, Value>,
    /// Fields that are needed as things stand.
    pub required: Vec<String>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldFault {
    /// The field; empty: the record as a whole.
    pub field: String,
    /// What sort of fault.
    pub code: String,
    /// 中文。
    pub zh: String,
    /// English.
    pub en: String,
}

/// Several records changed alike.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkBody {
    /// The records.
    pub rids: Vec<i64>,
    /// The transition to take.
    pub transition: Option<String>,
    /// Values to set.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
    /// Why; kept in the journal.
    #[serde(default)]
    pub why: String,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkDone {
    /// How many were changed.
    pub changed: usize,
    /// What became of each, in the order asked.
    pub results: Vec<BulkResult>,
}

/// What became of one record.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// The record.
    pub rid: i64,
    /// Whether it was changed.
    pub ok: bool,
    /// Why not.
    pub faults: Vec<FieldFault>,
}

/// The history of a record, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordHistory {
    /// Its events.
    pub events: Vec<RecordEvent>,
}

/// One event of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordEvent {
    /// Its number in the journal.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What was done: `create`, `change`, `retire`, `restore`, or the transition.
    pub action: String,
    /// The reason given.
    pub why: String,
    /// The version of the record it made.
    pub version: u32,
    /// The state after it.
    #[schema(required)]
    pub state: Option<String>,
    /// The fields it changed.
    pub changes: Vec<FieldChange>,
}

/// A changed field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    /// Which.
    pub field: String,
    /// What it held.
    pub before: Value,
    /// What it holds.
    pub after: Value,
}

/// Records that refer to a record, and those it refers to.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedRecords {
    /// By register and field.
    pub groups: Vec<RelatedGroup>,
}

/// Records of one register that refer by one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedGroup {
    /// Their register.
    pub register: String,
    /// Its name.
    pub name: Names,
    /// The field that refers.
    pub field: String,
    /// Its name.
    pub field_name: Names,
    /// How many the caller may see.
    pub total: u64,
    /// The first of them.
    pub records: Vec<RecordLink>,
}

/// A record in one line.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordLink {
    /// Its register.
    pub register: String,
    /// Its number.
    pub rid: i64,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
}

/// What is due over all registers.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueList {
    /// The day it is.
    pub today: String,
    /// The longest overdue first.
    pub rows: Vec<DueRow>,
    /// No more rows than this are shown.
    pub rows_max: u32,
}

/// A record with something due.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueRow {
    /// It.
    pub record: RecordLink,
    /// Its register's name.
    pub register_name: Names,
    /// Who keeps the register.
    pub department: String,
    /// The day.
    pub due: String,
    /// Whether the day has passed.
    pub overdue: bool,
    /// Its state.
    #[schema(required)]
    pub state: Option<Names>,
    /// Its area.
    #[schema(required)]
    pub area: Option<String>,
}

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

/// 一企一档: everything about one enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnterpriseFile {
    /// The moment of the live values.
    pub as_of: String,
    /// Its record.
    pub enterprise: RecordRow,
    /// What belongs to it in other registers, in the order of the menu.
    pub sections: Vec<FileSection>,
    /// Its monitoring stations.
    pub stations: Vec<EnterpriseStation>,
    /// What is above a limit now.
    pub exceedances: Vec<Exceedance>,
    /// Days over which [`EnterpriseStation::over`] counts.
    pub days: u32,
}

/// The records of one register that belong to an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileSection {
    /// The register.
    pub register: String,
    /// Its name.
    pub name: Names,
    /// Its group.
    pub group: String,
    /// The columns to show.
    pub list: Vec<String>,
    /// How many there are.
    pub total: u64,
    /// The last changed of them.
    pub records: Vec<RecordRow>,
}

/// A monitoring station of an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnterpriseStation {
    /// It.
    pub station: StationBrief,
    /// The record that names it.
    pub record: RecordLink,
    /// Its devices.
    pub devices: Vec<DeviceBrief>,
    /// What it measures now, when it is an outlet.
    #[schema(required)]
    pub now: Option<OutletNow>,
    /// How often it was above a limit.
    pub over: Vec<OutletOver>,
}

/// A list's filters, order and columns under a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewRow {
    /// Its number.
    pub id: i64,
    /// The register.
    pub register: String,
    /// Its name.
    pub name: String,
    /// What the app keeps of the list.
    #[schema(value_type = Object)]
    pub query: Value,
    /// Whether everybody who is logged in sees it.
    pub shared: bool,
    /// Whether the caller made it, and may change or remove it.
    pub own: bool,
}

/// A view to be kept; one of the same name is replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewViewBody {
    /// The register.
    pub register: String,
    /// Its name.
    pub name: String,
    /// What the app keeps of the list.
    #[schema(value_type = Object)]
    pub query: Value,
    /// Whether everybody who is logged in sees it.
    #[serde(default)]
    pub shared: bool,
}

/// What lies upstream or downstream.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphAnswer {
    /// The nearest first; what cannot be placed last.
    pub found: Vec<GraphFound>,
    /// Whether the waters recorded run in a circle here: then something recorded is wrong.
    pub in_loop: bool,
}

/// Something upstream or downstream.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphFound {
    /// The record.
    pub record: RecordLink,
    /// `river`, `section`, `outlet`, `source`, `works`, `spring`, …
    pub kind: String,
    /// How far along the water, km; null: cannot be told.
    #[schema(required)]
    pub km: Option<f64>,
    /// Whether it surely lies that way; where a place on a river is not known, it may lie either way.
    pub certain: bool,
    /// How many waters and pipes lie between.
    pub hops: u32,
    /// Those the caller may see, beginning next to what was asked for.
    pub via: Vec<RecordLink>,
}
