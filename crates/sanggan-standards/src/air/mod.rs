//! Ambient air: index of hours and days, periods, good days, ranking, dust fall, and periods under other editions.
//!
//! Read first: [`Assessment`], [`whatif::what_if`].

mod annual;
mod composite;
mod counts;
mod day;
mod days;
mod dustfall;
mod figures;
mod hour;
mod period;
mod rank;
mod rolling;
mod sample;
mod span;
pub mod whatif;

pub use counts::{ClassDays, DayCounts};

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[
    hour::ASSESSMENT,
    day::ASSESSMENT,
    period::ASSESSMENT,
    days::ASSESSMENT,
    annual::ASSESSMENT,
    rolling::ASSESSMENT,
    composite::ASSESSMENT,
    rank::ASSESSMENT,
    dustfall::ASSESSMENT,
];
