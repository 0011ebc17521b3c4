//! Noise: levels from samples, limits by zone and period.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
