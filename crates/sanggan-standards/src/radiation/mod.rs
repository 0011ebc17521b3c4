//! Radiation: categories of sources, electromagnetic fields.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
