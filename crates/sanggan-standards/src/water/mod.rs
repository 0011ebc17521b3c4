//! Surface water: classes, rivers and basins, rank, nutrition, black-odorous water, drinking-water sources.

mod classifier;
mod section;
mod standard;

pub use classifier::{Unclassed, WaterBody, WaterClass, WaterClassifier};

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[section::WATER];
