//! Ambient air: index of hours and days, periods, good days, ranking, dust fall, and periods under other editions.
//!
//! Read first: [`Assessment`], [`whatif::what_if`].

mod day;
mod hour;
mod sample;

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[hour::ASSESSMENT, day::ASSESSMENT];
