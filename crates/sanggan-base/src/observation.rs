//! One measured value.

use crate::{Flag, FrameId, Millis, SeriesId};

/// A value about to be stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Which series it belongs to.
    pub series: SeriesId,
    /// Beginning of the period, or the moment of a real-time value.
    pub at: Millis,
    /// The value in the parameter's unit.
    pub value: f64,
    /// Whether it may be used.
    pub flag: Flag,
}

/// A value as stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Which series it belongs to.
    pub series: SeriesId,
    /// Beginning of the period, or the moment of a real-time value.
    pub at: Millis,
    /// The value in the parameter's unit.
    pub value: f64,
    /// Whether it may be used.
    pub flag: Flag,
    /// When the platform recorded this version; a correction has a later one.
    pub recorded_at: Millis,
    /// The packet it came in, or `None` when it was imported from a table or entered.
    pub frame: Option<FrameId>,
}
