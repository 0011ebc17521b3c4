//! Surface water: classes, rivers and basins, rank, nutrition, black-odorous water, drinking-water sources.

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[];
