//! Questions to the registers that somebody keeps under a name, for themselves or for all.

use sanggan_base::Millis;
use serde::Serialize;
use serde_json::{Value, json};

use crate::db::{Row, args};
use crate::journal::{Entry, record};
use crate::{Actor, Store, StoreError};

/// Views one user keeps at most.
const MOST: i64 = 500;
/// Longest name in characters.
const LONGEST_NAME: usize = 80;
/// Longest question in bytes of JSON.
const LONGEST_QUERY: usize = 16 * 1024;

/// A kept question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SavedView {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub user: String,
    /// The register it asks.
    pub register: String,
    /// Its name; one user has one view of a name for a register.
    pub name: String,
    /// The question, as the one who asks writes it.
    pub query: Value,
    /// Whether all see it.
    pub shared: bool,
    /// When it was last written.
    pub at: Millis,
}

/// A question to be kept.
#[derive(Debug, Clone)]
pub struct NewView {
    /// The register it asks.
    pub register: String,
    /// Its name.
    pub name: String,
    /// The question.
    pub query: Value,
    /// Whether all see it.
    pub shared: bool,
}

impl Store {
    /// A user's own views and those that are shared, of one register or of all, by register and name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn views(&self, user: &str, register: Option<&str>) -> Result<Vec<SavedView>, StoreError> {
        let sql = "SELECT * FROM saved_view WHERE (\"user\" = ?1 OR shared) AND (?2 IS NULL OR register = ?2)
             ORDER BY register, name, id";
        let rows = self.db().fetch("read saved views", sql, args![user, register]).await?;
        rows.iter().map(view).collect()
    }

    /// Keeps a view; one of the same user, register and name is replaced.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for an empty or long name or a long question, [`StoreError::Conflict`] when the user
    /// keeps too many.
    pub async fn put_view(&self, user: &str, new: NewView, now: Millis) -> Result<SavedView, StoreError> {
        const ATTEMPT: &str = "keep a view";
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let why = format!("wanted: 1 to {LONGEST_NAME} characters on one line");
            return Err(StoreError::BadInput { subject: "name of a view", why });
        }
        let query = new.query.to_string();
        if query.len() > LONGEST_QUERY {
            let why = format!("{} bytes, more than {LONGEST_QUERY}", query.len());
            return Err(StoreError::BadInput { subject: "question of a view", why });
        }
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "SELECT count(*) FROM saved_view WHERE \"user\" = ?1 AND NOT (register = ?2 AND name = ?3)";
        let others: i64 = tx.scalar(ATTEMPT, sql, args![user, &new.register, name]).await?.unwrap_or(0);
        if others >= MOST {
            let why = format!("keeps {MOST} views already; remove one first");
            return Err(StoreError::Conflict { kind: "user", key: user.to_owned(), why });
        }
        let sql = "INSERT INTO saved_view (\"user\", register, name, query, shared, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (\"user\", register, name) DO UPDATE SET query = ?4, shared = ?5, at = ?6 RETURNING *";
        let args = args![user, &new.register, name, query, new.shared, now];
        let kept = view(&tx.fetch_one(ATTEMPT, sql, args).await?)?;
        let entry = Entry {
            at: now,
            actor: &Actor::User(user.to_owned()),
            action: "view.put",
            subject_kind: "view",
            subject: &kept.id.to_string(),
            version: None,
            changes: None,
            before: None,
            after: Some(json!({
                "register": kept.register, "name": kept.name, "query": kept.query, "shared": kept.shared
            })),
            why: "",
        };
        record(tx, entry).await?;
        write.commit(ATTEMPT).await?;
        Ok(kept)
    }

    /// Removes a view of this user's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also when it is another's.
    pub async fn remove_view(&self, user: &str, id: i64, now: Millis) -> Result<(), StoreError> {
        const ATTEMPT: &str = "remove a view";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "DELETE FROM saved_view WHERE id = ? AND \"user\" = ? RETURNING *";
        let Some(row) = tx.fetch_optional(ATTEMPT, sql, args![id, user]).await? else {
            return Err(StoreError::NotFound { kind: "view", key: id.to_string() });
        };
        let gone = view(&row)?;
        let entry = Entry {
            at: now,
            actor: &Actor::User(user.to_owned()),
            action: "view.remove",
            subject_kind: "view",
            subject: &id.to_string(),
            version: None,
            changes: None,
            before: Some(json!({ "register": gone.register, "name": gone.name })),
            after: None,
            why: "",
        };
        record(tx, entry).await?;
        write.commit(ATTEMPT).await
    }
}

fn view(row: &Row) -> Result<SavedView, StoreError> {
    let query = row.text("query")?;
    Ok(SavedView {
        id: row.int("id")?,
        user: row.text("user")?,
        register: row.text("register")?,
        name: row.text("name")?,
        query: serde_json::from_str(&query)
            .map_err(|_| StoreError::Corrupt { what: "question of a view", text: query })?,
        shared: row.bool("shared")?,
        at: Millis(row.int("at")?),
    })
}
