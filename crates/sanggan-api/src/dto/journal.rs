//! The journal over the wire.

use serde::Serialize;
use utoipa::ToSchema;

/// An entry in one line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JournalRow {
    /// Its number; grows by one.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who: `system`, or `user:NAME`.
    pub who: String,
    /// What was done.
    pub action: String,
    /// To what sort of thing (`user`, `device`, `register:REGISTER`, …).
    pub subject_kind: String,
    /// To which.
    pub subject: String,
    /// Of a record: its version after this.
    #[schema(required)]
    pub version: Option<i64>,
    /// Of a record: the fields that were changed.
    pub fields: Vec<String>,
    /// The reason given.
    pub why: String,
}

/// Entries, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalPage {
    /// How many entries the journal has.
    pub size: u64,
    /// The entries asked for.
    pub entries: Vec<JournalRow>,
    /// `before` of the next page; `null`: there is none.
    #[schema(required)]
    pub next: Option<i64>,
}

/// An entry as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalEntryBody {
    /// In one line.
    #[serde(flatten)]
    pub row: JournalRow,
    /// Whether values are withheld: to an auditor, those of a record.
    pub withheld: bool,
    /// What was changed: a list of `{field, before, after}`.
    #[schema(required, value_type = Option<Object>)]
    pub changes: Option<serde_json::Value>,
    /// What it was before.
    #[schema(required, value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// What it became.
    #[schema(required, value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
    /// The bytes the tree hashes.
    #[schema(required)]
    pub bytes: Option<String>,
    /// The leaf: SM3(0x00 ‖ bytes), hexadecimal, as it was written.
    pub leaf: String,
    /// Whether the entry still gives its leaf.
    pub intact: bool,
}

/// The proof that an entry is in the tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalProof {
    /// The entry.
    pub seq: i64,
    /// How many entries the tree has.
    pub size: u64,
    /// The leaf, hexadecimal.
    pub leaf: String,
    /// The root, hexadecimal.
    pub root: String,
    /// Hashes from the leaf to the root (RFC 9162 2.1.3), hexadecimal.
    pub proof: Vec<String>,
}

/// The proof that a tree begins with an earlier one.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalConsistency {
    /// How many entries the earlier one has.
    pub from: u64,
    /// How many the later one has.
    pub to: u64,
    /// Root of the earlier one, hexadecimal.
    pub from_root: String,
    /// Root of the later one, hexadecimal.
    pub to_root: String,
    /// Hashes (RFC 9162 2.1.4), hexadecimal.
    pub proof: Vec<String>,
}
