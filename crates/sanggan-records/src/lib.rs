//! Records of registers: what a value is, whether a record is sound, what it may become, and who may see it.
//!
//! Knows no storage, no network and no clock: the day is an argument.
//!
//! Read first: [`Value`], [`Record`], [`Ask`], [`Model`], [`step`], [`rights`].
//!
//! * REC-1: a record's values stand in the order of its definition's fields, one each; nothing is [`Value::Null`].
//! * REC-2: a condition that cannot be told never lets anything pass: a transition is refused, a formula gives null.

mod ask;
pub mod calendar;
pub mod chain;
mod changes;
pub mod enterprise;
mod event;
mod fault;
mod formula;
pub mod graph;
mod model;
mod read;
mod record;
mod resolve;
pub mod rights;
mod show;
mod sound;
mod text;
mod value;
mod wrong;
pub mod zones;

pub use ask::{Ask, Bounds, Condition, Due, Page, Sort, Test, Total};
pub use changes::{Change, canonical, canonical_value, changes, from_canonical};
pub use event::{By, DueInfo, DueKind, Effects, Event, due, step};
pub use fault::{Fault, Refusal, Why};
pub use model::{Given, Model, ModelFault, Models};
pub use record::{Link, Record, RecordId};
pub use resolve::{AttachmentInfo, Codes, Known, Links, Resolve, Wants};
pub use sound::faults_of;
pub use value::Value;
