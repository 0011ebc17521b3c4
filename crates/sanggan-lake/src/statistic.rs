//! Statistics: figures the platform worked out of observations.

use sanggan_base::{Grain, Millis, SeriesId, StatKind};

/// One statistic about to be stored. Key: (series, grain, kind, start).
#[derive(Debug, Clone, PartialEq)]
pub struct NewStatistic {
    /// A series of cadence `Computed`.
    pub series: SeriesId,
    /// The length of its period.
    pub grain: Grain,
    /// Which figure it is.
    pub kind: StatKind,
    /// Beginning of its period.
    pub start: Millis,
    /// `None` when nothing could be computed at all. A value with `valid == false` is shown but never judged.
    pub value: Option<f64>,
    /// Whether the validity rule of the standard is met.
    pub valid: bool,
    /// Inputs that were used.
    pub used: u32,
    /// Inputs the validity rule asks for.
    pub required: u32,
    /// Inputs left out (invalid flag).
    pub excluded: u32,
}

/// One statistic as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    /// A series of cadence `Computed`.
    pub series: SeriesId,
    /// The length of its period.
    pub grain: Grain,
    /// Which figure it is.
    pub kind: StatKind,
    /// Beginning of its period.
    pub start: Millis,
    /// `None` when nothing could be computed at all. A value with `valid == false` is shown but never judged.
    pub value: Option<f64>,
    /// Whether the validity rule of the standard is met.
    pub valid: bool,
    /// Inputs that were used.
    pub used: u32,
    /// Inputs the validity rule asks for.
    pub required: u32,
    /// Inputs left out (invalid flag).
    pub excluded: u32,
    /// When this version was recorded.
    pub recorded_at: Millis,
}
