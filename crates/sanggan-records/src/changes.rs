//! What became different in a record, and the form in which the journal keeps one.

use crate::{Model, Record, Value};

/// One field that became different.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where the field stands in the definition.
    pub field: usize,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// What became different from `before` to `after`; an empty list, an empty text and nothing are the same.
pub fn changes(before: &[Value], after: &[Value]) -> Vec<Change> {
    todo!()
}

/// The record as the journal keeps it: one line of JSON, keys in fixed order, empty fields left out, references as
/// numbers, moments and days as text. Equal records give equal bytes.
pub fn canonical(model: &Model, record: &Record) -> String {
    todo!()
}

/// The value of one field in the same form.
pub fn canonical_value(value: &Value) -> serde_json::Value {
    todo!()
}

/// A value back from [`canonical_value`]; `None` when it is not of the field's kind.
pub fn from_canonical(model: &Model, field: usize, json: &serde_json::Value) -> Option<Value> {
    todo!()
}
