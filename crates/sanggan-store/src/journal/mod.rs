//! The journal: who changed what, when and why. Entries are only ever added, each is a leaf of one Merkle tree
//! ([`tree`]), and its bytes are what [`entry`] says.

mod entry;
mod proofs;
#[cfg(test)]
mod tests;
mod tree;

use sanggan_base::Millis;
use serde::Serialize;
use serde_json::Value;

pub use entry::JournalEntry;
pub(crate) use entry::{Entry, RecordEntry, record, record_records};
pub(crate) use tree::catch_up;
pub use tree::{JournalHead, JournalTile};

use crate::db::{Arg, Row, args};
use crate::{Store, StoreError};

/// Entries of one answer when the filter says nothing.
const DEFAULT_LIMIT: u32 = 100;

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
    /// Its number; grows by one.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who, as [`Actor::text`].
    pub actor: String,
    /// What was done (`device.put`, `quarantine.admit`, `user.password`, …).
    pub action: String,
    /// To what (`station`, `device`, `user`, …; of a record `register:<register>`).
    pub subject_kind: String,
    /// Its key (of a record: its number).
    pub subject: String,
    /// Of a record: its version after this.
    pub version: Option<i64>,
    /// Of a record: what was changed, a list of `{field, before, after}`.
    pub changes: Option<serde_json::Value>,
    /// What it was before, without secrets; `None`: it did not exist (or `changes` says it).
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
    /// Only of this actor, as [`Actor::text`].
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only from this moment on.
    pub from: Option<Millis>,
    /// Only before this moment.
    pub until: Option<Millis>,
    /// Only older than this number (for paging back).
    pub before_id: Option<i64>,
    /// At most this many; 0 means 100.
    pub limit: u32,
}

impl Store {
    /// Entries of the journal, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        let (sql, args) = select(filter);
        let rows = self.db().fetch("read the journal", sql, args).await?;
        rows.iter().map(event).collect()
    }
}

/// Only the conditions there are, so that an index answers.
fn select(filter: &EventFilter) -> (String, Vec<Arg>) {
    let mut sql = "SELECT * FROM event WHERE true".to_owned();
    let mut args = Vec::new();
    let mut only = |condition: &str, value: Option<Arg>| {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            args.push(value);
        }
    };
    only("subject_kind = ?", filter.subject_kind.as_ref().map(Arg::from));
    only("subject = ?", filter.subject.as_ref().map(Arg::from));
    only("actor = ?", filter.actor.as_ref().map(Arg::from));
    only("action = ?", filter.action.as_ref().map(Arg::from));
    only("at >= ?", filter.from.map(Arg::from));
    only("at < ?", filter.until.map(Arg::from));
    only("id < ?", filter.before_id.map(Arg::from));
    let limit = if filter.limit == 0 { DEFAULT_LIMIT } else { filter.limit };
    sql.push_str(" ORDER BY id DESC LIMIT ?");
    args.extend(args![limit]);
    (sql, args)
}

pub(crate) fn event(row: &Row) -> Result<Event, StoreError> {
    let json = |column: &str| -> Result<Option<Value>, StoreError> {
        let text: Option<String> = row.optional(column)?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { what: "event", text: text.clone() })
        })
        .transpose()
    };
    Ok(Event {
        id: row.int("id")?,
        at: Millis(row.int("at")?),
        actor: row.text("actor")?,
        action: row.text("action")?,
        subject_kind: row.text("subject_kind")?,
        subject: row.text("subject")?,
        version: row.optional("version")?,
        changes: json("changes")?,
        before: json("before")?,
        after: json("after")?,
        why: row.text("why")?,
    })
}
