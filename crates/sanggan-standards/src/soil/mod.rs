//! Soil: farmland (GB 15618), construction land (GB 36600), sludge.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
