//! The words every other crate shares: ids, time, quality flags, units, error codes.
//!
//! Knows no socket, no file, no clock and no law.
//!
//! Read first: [`Millis`], [`SeriesKey`], [`Flag`].
//!
//! * BASE-1: inside, a time is UTC and marks the *beginning* of its period; +08:00 exists only at the edge.
//! * BASE-2: an id can only be made by its `parse`, so a value of the type is always well formed.

mod code;
mod flag;
mod id;
mod observation;
mod series;
pub mod time;
mod unit;

pub use code::ErrorCode;
pub use flag::Flag;
pub use id::{AreaCode, FrameId, IdError, Mn, ParameterCode, SeriesId, StationCode};
pub use observation::{Observation, Reading};
pub use series::{Cadence, Grain, Measure, SeriesKey, StatKind};
pub use time::Millis;
pub use unit::{Unit, UnitError};
