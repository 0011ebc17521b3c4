//! Greenhouse gases of power plants, coal mines and other combustion.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
