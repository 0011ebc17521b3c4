//! Ecology: quality index, ecological flow, drought.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
