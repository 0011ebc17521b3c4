//! Enterprises: tax, penalties, credit, performance grades, heavy-pollution warnings.

mod heavy_pollution;
mod tax;

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[
    heavy_pollution::ASSESSMENT,
    tax::air::ASSESSMENT,
    tax::water::ASSESSMENT,
    tax::solid::ASSESSMENT,
    tax::noise::ASSESSMENT,
];
