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
