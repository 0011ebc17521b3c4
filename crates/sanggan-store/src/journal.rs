//! The journal: who changed what, when and why. Rows are only ever added.

use sanggan_base::Millis;
use serde::Serialize;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The program itself (seeding, first start).
    System,
    /// A user, by name.
    User(String),
}

impl Actor {
    /// The text kept in the journal: `system`, or `user:<name>`.
    pub fn text(&self) -> String {
        match self {
            Actor::System => "system".to_owned(),
            Actor::User(name) => format!("user:{name}"),
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Its number; grows.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who, as [`Actor::text`].
    pub actor: String,
    /// What was done (`device.put`, `quarantine.admit`, `user.password`, …).
    pub action: String,
    /// To what (`station`, `device`, `user`, …).
    pub subject_kind: String,
    /// Its key.
    pub subject: String,
    /// What it was before, without secrets; `None`: it did not exist.
    pub before: Option<serde_json::Value>,
    /// What it is now, without secrets; `None`: it was removed.
    pub after: Option<serde_json::Value>,
    /// The reason given.
    pub why: String,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only of this subject kind.
    pub subject_kind: Option<String>,
    /// Only of this subject.
    pub subject: Option<String>,
    /// Only older than this number (for paging back).
    pub before_id: Option<i64>,
    /// At most this many; 0 means 100.
    pub limit: u32,
}
