//! What may happen to a record: `step(record, event) -> effects`.

use jiff::civil::Date;
use sanggan_base::Millis;
use serde::Serialize;

use crate::rights::Caller;
use crate::{Change, Given, Model, Record, Refusal, Resolve};

/// What somebody wants to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A new record.
    Create {
        /// Its values.
        values: Given,
        /// Made for the demo.
        schematic: bool,
        /// The state it is brought in with (seeds, imports); `None`: the first.
        state: Option<String>,
    },
    /// Other values.
    Change {
        /// The version that was seen.
        version: u32,
        /// Those that change.
        values: Given,
    },
    /// Another state.
    Transition {
        /// The version that was seen.
        version: u32,
        /// Which way.
        transition: String,
        /// Values that change with it.
        values: Given,
    },
    /// Out of the register.
    Retire {
        /// The version that was seen.
        version: u32,
    },
}

/// Who, when, why.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// When.
    pub now: Millis,
    /// Why, as they say; may be empty.
    pub why: &'a str,
}

/// What follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Effects {
    /// `create`, `change`, `retire`, or the id of the transition.
    pub action: String,
    /// The record as it is then. Of a new record the number is 0: the store gives it one.
    pub record: Record,
    /// What became different, field by field, without `state`.
    pub changes: Vec<Change>,
    /// Whether everybody may read it then.
    pub public: bool,
    /// What is due on it then.
    pub due: Option<DueInfo>,
}

/// Why something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// It has to be looked over again.
    Review,
    /// It may not stay longer in its state.
    Deadline,
}

/// What is due on a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueInfo {
    /// The last day on which it is in time.
    pub on: Date,
    /// Why.
    pub kind: DueKind,
    /// The day has passed.
    pub overdue: bool,
}

/// What follows from `event` on `before` (`None`: a record that is not there yet), or why nothing does.
///
/// # Errors
/// [`Refusal`]: rights, version, state, faults, condition or reason, in this order.
pub fn step(
    model: &Model,
    before: Option<&Record>,
    event: Event,
    by: By<'_>,
    resolve: &dyn Resolve,
) -> Result<Effects, Refusal> {
    todo!()
}

/// What is due on the record: the earlier of its review and the deadline of its state. Nothing on a retired record or
/// one in a final state. A review without a day of the last one was due the day the record came into its state.
pub fn due(model: &Model, record: &Record, today: Date) -> Option<DueInfo> {
    todo!()
}
