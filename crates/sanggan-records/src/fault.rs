//! What is wrong with a value, and why something is refused.

use serde::Serialize;

/// One thing wrong with one field, said so that its reader can put it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The field; empty when it is about the record as a whole.
    pub field: String,
    /// One word for programs: `unknown_field`, `required`, `type`, `range`, `length`, `pattern`, `enum`, `parameter`,
    /// `area`, `station`, `reference`, `attachment`, `geometry`, `computed`, `read_only`, `unique`.
    pub code: &'static str,
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Fault {
    /// A fault of `field`.
    pub fn new(field: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault { field: field.to_owned(), code, zh: zh.into(), en: en.into() }
    }
}

/// The kind of a [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The caller may not do this (HTTP 403).
    Rights,
    /// The record has been changed since the caller read it (409).
    Version,
    /// The record is retired, or in a state that does not allow this (409).
    State,
    /// There is no such transition (404).
    Unknown,
    /// Values are wrong or missing (422, with `faults`).
    Faults,
    /// The transition's condition does not hold, or cannot be told (422).
    Condition,
    /// A reason must be given (422).
    Reason,
}

/// Why a change, a transition or any other event is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{en}")]
pub struct Refusal {
    /// Its kind.
    pub why: Why,
    /// 中文: what was tried, on what, and what to do.
    pub zh: String,
    /// English.
    pub en: String,
    /// Field by field, when that is the reason.
    pub faults: Vec<Fault>,
}

impl Refusal {
    /// A refusal without faults of fields.
    pub fn new(why: Why, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal { why, zh: zh.into(), en: en.into(), faults: Vec::new() }
    }

    /// Refused for what is wrong with values.
    pub fn of_faults(faults: Vec<Fault>) -> Refusal {
        let zh = format!("有 {} 处填写有误，请按提示改正后再提交", faults.len());
        let en =
            format!("{} fields are wrong or missing; put them right and send the record again", faults.len());
        Refusal { why: Why::Faults, zh, en, faults }
    }
}
