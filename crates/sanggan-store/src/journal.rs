//! The journal: who changed what, when and why. Rows are only ever added.

use sanggan_base::Millis;
use serde::Serialize;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::store::failed;
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

/// An entry about to be written.
pub(crate) struct Entry<'a> {
    pub(crate) at: Millis,
    pub(crate) actor: &'a Actor,
    pub(crate) action: &'static str,
    pub(crate) subject_kind: &'static str,
    pub(crate) subject: &'a str,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    pub(crate) why: &'a str,
}

/// Writes an entry in the transaction of the change it tells of.
pub(crate) async fn record(
    tx: &mut Transaction<'static, Sqlite>,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO event (at, actor, action, subject_kind, subject, before, after, why)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(entry.at.0)
    .bind(entry.actor.text())
    .bind(entry.action)
    .bind(entry.subject_kind)
    .bind(entry.subject)
    .bind(entry.before.map(|value| value.to_string()))
    .bind(entry.after.map(|value| value.to_string()))
    .bind(entry.why)
    .execute(&mut **tx)
    .await
    .map_err(failed("write the journal"))?;
    Ok(())
}

impl Store {
    /// Entries of the journal, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        const ATTEMPT: &str = "read the journal";
        let rows = sqlx::query(
            "SELECT id, at, actor, action, subject_kind, subject, before, after, why FROM event
             WHERE (?1 IS NULL OR subject_kind = ?1) AND (?2 IS NULL OR subject = ?2) AND (?3 IS NULL OR id < ?3)
             ORDER BY id DESC LIMIT ?4",
        )
        .bind(&filter.subject_kind)
        .bind(&filter.subject)
        .bind(filter.before_id)
        .bind(if filter.limit == 0 { DEFAULT_LIMIT } else { filter.limit })
        .fetch_all(&self.inner.pool)
        .await
        .map_err(failed(ATTEMPT))?;
        rows.iter().map(event).collect()
    }
}

fn event(row: &SqliteRow) -> Result<Event, StoreError> {
    let fail = failed("read the journal");
    let json = |column: &str| -> Result<Option<Value>, StoreError> {
        let text: Option<String> = row.try_get(column).map_err(&fail)?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { what: "event", text: text.clone() })
        })
        .transpose()
    };
    Ok(Event {
        id: row.try_get("id").map_err(&fail)?,
        at: Millis(row.try_get("at").map_err(&fail)?),
        actor: row.try_get("actor").map_err(&fail)?,
        action: row.try_get("action").map_err(&fail)?,
        subject_kind: row.try_get("subject_kind").map_err(&fail)?,
        subject: row.try_get("subject").map_err(&fail)?,
        before: json("before")?,
        after: json("after")?,
        why: row.try_get("why").map_err(&fail)?,
    })
}
