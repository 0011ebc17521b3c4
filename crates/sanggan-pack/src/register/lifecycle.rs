//! States and the ways between them.

use serde::{Deserialize, Serialize};

use crate::Name;

/// A length of time in a definition file: `12 months`, `30 days`, `1 year`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Whole months (a year is twelve).
    pub months: u16,
    /// Days beside the months.
    pub days: u16,
}

impl Period {
    /// The length of time a text says (`12 months`, `30 days`, `1 year`); `None` when it says none.
    pub fn parse(text: &str) -> Option<Period> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count: u16 = count.parse().ok().filter(|&count| count > 0)?;
        match unit.trim() {
            "day" | "days" => Some(Period { months: 0, days: count }),
            "month" | "months" => Some(Period { months: count, days: 0 }),
            "year" | "years" => Some(Period { months: count.checked_mul(12)?, days: 0 }),
            _ => None,
        }
    }
}

/// The states of a register's records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// The state of a new record.
    pub start: String,
    /// Every state, in the order shown.
    pub states: Vec<State>,
    /// Every way from one to another.
    pub transitions: Vec<Transition>,
}

/// One state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// `measured`.
    pub id: String,
    /// 已监测.
    pub name: Name,
    /// Nothing more is due in this state.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// How long a record may stay in it before it is overdue.
    pub deadline: Option<Period>,
}

/// One way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// `measure`.
    pub id: String,
    /// What the button says.
    pub name: Name,
    /// The states it leaves.
    pub from: Vec<String>,
    /// The state it leads to.
    pub to: String,
    /// Departments that may take it; empty: the register's own.
    pub departments: Vec<String>,
    /// Whether the enterprise the record belongs to may take it.
    pub enterprise: bool,
    /// Fields that must be filled for it.
    pub requires: Vec<String>,
    /// Attachment fields that must hold at least one file for it.
    pub evidence: Vec<String>,
    /// A CEL expression that must be true for it.
    pub when: Option<String>,
    /// Whether a reason must be given.
    pub reason: bool,
}
