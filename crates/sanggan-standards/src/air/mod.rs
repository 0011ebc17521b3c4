//! Ambient air beside the index: periods, good days, trends, dust fall.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
