//! Records of registers: what a value is, whether a record is sound, what it may become, and who may see it.
//!
//! Knows no storage, no network and no clock: the day is an argument.
//!
//! Read first: [`Value`], [`Record`], [`Ask`], [`rights`].
//!
//! * REC-1: a record's values stand in the order of its definition's fields, one each; nothing is [`Value::Null`].

mod ask;
mod record;
pub mod rights;
mod value;

pub use ask::{Ask, Bounds, Condition, Due, Page, Sort, Test, Total};
pub use record::{Link, Record, RecordId};
pub use value::Value;
