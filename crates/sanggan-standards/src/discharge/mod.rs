//! Discharges: which limit holds for an outlet, exceedance, validity, substitution.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
