//! Enterprises: tax, penalties, credit, performance grades, heavy-pollution warnings.

mod heavy_pollution;

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[heavy_pollution::ASSESSMENT];
