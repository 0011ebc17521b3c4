//! Enterprises: tax, penalties, credit, performance grades, heavy-pollution warnings.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
