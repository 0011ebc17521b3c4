//! Surface water: classes, rivers and basins, rank, nutrition, black-odorous water, drinking-water sources.

mod black_odorous;
mod by_name;
mod classifier;
mod cwqi;
mod drinking_source;
mod river;
mod section;
mod standard;
mod trend;
mod trophic;

pub use classifier::{Unclassed, WaterBody, WaterClass, WaterClassifier};
pub use cwqi::{Ranked, rank};

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[
    section::WATER,
    river::RIVER,
    trend::WATER_TREND,
    cwqi::CWQI,
    trophic::TROPHIC,
    black_odorous::BLACK_ODOROUS,
    drinking_source::DRINKING_SOURCE,
];
