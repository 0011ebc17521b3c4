//! Waste: hazardous-waste codes.

mod code;

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[code::CODE];
