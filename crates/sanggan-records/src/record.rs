//! One record as it is kept.

use sanggan_base::Millis;
use serde::{Deserialize, Serialize};

use crate::Value;

/// The number of a record in its register; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub i64);

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number.
    pub id: RecordId,
    /// 1 when made, one more with each change: a change names the version it saw, so that none overwrites another.
    pub version: u32,
    /// The state of its lifecycle; `None` when the register has none.
    pub state: Option<String>,
    /// Since when it is in that state.
    pub state_since: Option<Millis>,
    /// When it was last changed.
    pub changed_at: Millis,
    /// By whom (`system`, `user:<name>`).
    pub changed_by: String,
    /// Made by the demo or drawn for it: not a real thing. Shown wherever the record is shown.
    pub schematic: bool,
    /// Taken out of the register (移出); kept with its history.
    pub retired: bool,
    /// One for each field of the definition, in its order.
    pub values: Vec<Value>,
}

/// What is shown of a record that another refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its register.
    pub register: String,
    /// Its number.
    pub id: RecordId,
    /// Its key field.
    pub key: String,
    /// Its title field.
    pub title: String,
}
