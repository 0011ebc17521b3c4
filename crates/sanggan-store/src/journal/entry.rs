//! The form of an entry: its bytes, which are what the tree hashes and what an outsider is given to check.
//!
//! An entry's bytes are one JSON object in UTF-8 without white space, its keys always these, in this order:
//!
//! ```json
//! {"seq":12,"at":1790000000000,"actor":"user:li","action":"record.change","subject_kind":"register:rivers",
//!  "subject":"5","version":3,"changes":[{"field":"flow","before":1.5,"after":2}],"before":null,"after":{…},"why":""}
//! ```
//!
//! (broken here only to fit the page). `at` is in milliseconds since 1970-01-01 UTC. What is not there is `null`.
//! `changes`, `before` and `after` stand there letter for letter as they are kept, so the bytes of an entry never
//! depend on how a program writes JSON.

use std::fmt::Write;

use sanggan_base::Millis;
use sanggan_journal::{Hash, leaf_hash};
use serde_json::Value;

use super::{Actor, Event, event, tree};
use crate::db::{Arg, Row, Tx, args};
use crate::{Store, StoreError};

/// Entries of one [`Store::journal_range`] at most.
const LONGEST_RANGE: i64 = 10_000;
/// Entries that are texts in memory at one time, beside the entries themselves.
const WRITTEN_AT_ONCE: usize = 1_000;
/// The columns of an entry, in the order of [`Kept::args`].
const COLUMNS: [&str; 12] = [
    "id",
    "at",
    "actor",
    "action",
    "subject_kind",
    "subject",
    "version",
    "changes",
    "before",
    "after",
    "why",
    "leaf",
];

/// An entry about to be written.
pub(crate) struct Entry<'a> {
    pub(crate) at: Millis,
    pub(crate) actor: &'a Actor,
    pub(crate) action: &'a str,
    /// Of a record `register:<register>`.
    pub(crate) subject_kind: &'a str,
    /// Of a record its number.
    pub(crate) subject: &'a str,
    /// Of a record its version after the change.
    pub(crate) version: Option<u32>,
    /// Of a record a list of `{field, before, after}`.
    pub(crate) changes: Option<Value>,
    pub(crate) before: Option<Value>,
    /// Of a record the whole of it.
    pub(crate) after: Option<Value>,
    pub(crate) why: &'a str,
}

/// Writes an entry in the transaction of the change it tells of; its number.
pub(crate) async fn record(tx: &mut Tx, entry: Entry<'_>) -> Result<i64, StoreError> {
    append(tx, vec![Kept::new(&entry)]).await
}

/// What happened to a record, its JSON written already.
pub(crate) struct RecordEntry<'a> {
    pub(crate) at: Millis,
    pub(crate) actor: &'a str,
    pub(crate) action: String,
    pub(crate) subject_kind: &'a str,
    pub(crate) subject: String,
    pub(crate) version: u32,
    pub(crate) changes: Option<String>,
    pub(crate) after: String,
    pub(crate) why: &'a str,
}

/// [`record`] of records, of which there may be very many; the number of the first, the others follow it.
pub(crate) async fn record_records<'a>(
    tx: &mut Tx,
    entries: impl Iterator<Item = RecordEntry<'a>>,
) -> Result<i64, StoreError> {
    let kept = entries.map(|entry| Kept {
        seq: 0,
        at: entry.at,
        actor: entry.actor.to_owned(),
        action: entry.action,
        subject_kind: entry.subject_kind.to_owned(),
        subject: entry.subject,
        version: Some(entry.version.into()),
        changes: entry.changes,
        before: None,
        after: Some(entry.after),
        why: entry.why.to_owned(),
    });
    append(tx, kept.collect()).await
}

async fn append(tx: &mut Tx, entries: Vec<Kept>) -> Result<i64, StoreError> {
    const ATTEMPT: &str = "write the journal";
    let size: i64 = tx.scalar(ATTEMPT, "SELECT max(id) FROM event", args![]).await?.unwrap_or(0);
    let mut leaves = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter().zip(size + 1..);
    loop {
        let rows: Vec<Vec<Arg>> = entries
            .by_ref()
            .take(WRITTEN_AT_ONCE)
            .map(|(kept, seq)| {
                let kept = Kept { seq, ..kept };
                let leaf = leaf_hash(kept.bytes().as_bytes());
                leaves.push(leaf);
                kept.args(leaf)
            })
            .collect();
        if rows.is_empty() {
            break;
        }
        tx.insert_many(ATTEMPT, "event", &COLUMNS, rows).await?;
    }
    tree::grow(tx, size, leaves).await?;
    Ok(size + 1)
}

/// An entry as it is kept: JSON as text.
pub(super) struct Kept {
    pub(super) seq: i64,
    at: Millis,
    actor: String,
    action: String,
    subject_kind: String,
    subject: String,
    version: Option<i64>,
    changes: Option<String>,
    before: Option<String>,
    after: Option<String>,
    why: String,
}

impl Kept {
    /// Without its number.
    fn new(entry: &Entry<'_>) -> Kept {
        let json = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        Kept {
            seq: 0,
            at: entry.at,
            actor: entry.actor.text(),
            action: entry.action.to_owned(),
            subject_kind: entry.subject_kind.to_owned(),
            subject: entry.subject.to_owned(),
            version: entry.version.map(i64::from),
            changes: json(&entry.changes),
            before: json(&entry.before),
            after: json(&entry.after),
            why: entry.why.to_owned(),
        }
    }

    pub(super) fn read(row: &Row) -> Result<Kept, StoreError> {
        Ok(Kept {
            seq: row.int("id")?,
            at: Millis(row.int("at")?),
            actor: row.text("actor")?,
            action: row.text("action")?,
            subject_kind: row.text("subject_kind")?,
            subject: row.text("subject")?,
            version: row.optional("version")?,
            changes: row.optional("changes")?,
            before: row.optional("before")?,
            after: row.optional("after")?,
            why: row.text("why")?,
        })
    }

    /// The bytes of the entry, see the head of this file.
    pub(super) fn bytes(&self) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let or_null = |json: &Option<String>| json.clone().unwrap_or_else(|| "null".to_owned());
        let mut out = String::with_capacity(256);
        write!(
            out,
            r#"{{"seq":{},"at":{},"actor":{},"action":{},"subject_kind":{},"subject":{},"version":{},"changes":{},"before":{},"after":{},"why":{}}}"#,
            self.seq,
            self.at.0,
            text(&self.actor),
            text(&self.action),
            text(&self.subject_kind),
            text(&self.subject),
            self.version.map_or_else(|| "null".to_owned(), |version| version.to_string()),
            or_null(&self.changes),
            or_null(&self.before),
            or_null(&self.after),
            text(&self.why),
        )
        .expect("a string takes everything");
        out
    }

    fn args(self, leaf: Hash) -> Vec<Arg> {
        args![
            self.seq,
            self.at,
            self.actor,
            self.action,
            self.subject_kind,
            self.subject,
            self.version,
            self.changes,
            self.before,
            self.after,
            self.why,
            leaf.to_vec(),
        ]
    }
}

/// An entry with what the tree hashes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// The entry.
    pub event: Event,
    /// Its bytes.
    pub bytes: String,
    /// The hash of its leaf as it was written; that of the bytes is another when somebody changed the entry.
    pub leaf: [u8; 32],
}

impl JournalEntry {
    /// Whether the entry still is what was written: its bytes give the leaf.
    pub fn is_intact(&self) -> bool {
        leaf_hash(self.bytes.as_bytes()) == self.leaf
    }
}

impl Store {
    /// The entry with this number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_entry(&self, seq: i64) -> Result<Option<JournalEntry>, StoreError> {
        Ok(self.journal_range(seq, seq).await?.pop())
    }

    /// The entries from one number to another, both included, in order; at most 10,000 of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_range(&self, from: i64, to: i64) -> Result<Vec<JournalEntry>, StoreError> {
        let to = to.min(from.saturating_add(LONGEST_RANGE - 1));
        let sql = "SELECT * FROM event WHERE id BETWEEN ? AND ? ORDER BY id";
        let rows = self.db().fetch("read the journal", sql, args![from, to]).await?;
        rows.iter()
            .map(|row| {
                Ok(JournalEntry {
                    event: event(row)?,
                    bytes: Kept::read(row)?.bytes(),
                    leaf: tree::hash(row, "leaf")?,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_an_entry_are_these() {
        let kept = Kept {
            seq: 12,
            at: Millis(1_790_000_000_000),
            actor: "user:li".to_owned(),
            action: "record.change".to_owned(),
            subject_kind: "register:rivers".to_owned(),
            subject: "5".to_owned(),
            version: Some(3),
            changes: Some(r#"[{"field":"flow","before":1.50,"after":2}]"#.to_owned()),
            before: None,
            after: Some(r#"{"b":1,"a":2}"#.to_owned()),
            why: "\"量\"\n".to_owned(),
        };
        assert_eq!(
            kept.bytes(),
            "{\"seq\":12,\"at\":1790000000000,\"actor\":\"user:li\",\"action\":\"record.change\",\
             \"subject_kind\":\"register:rivers\",\"subject\":\"5\",\"version\":3,\
             \"changes\":[{\"field\":\"flow\",\"before\":1.50,\"after\":2}],\"before\":null,\
             \"after\":{\"b\":1,\"a\":2},\"why\":\"\\\"量\\\"\\n\"}"
        );
    }
}
