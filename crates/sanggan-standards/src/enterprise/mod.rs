//! Enterprises: tax, penalties, credit, performance grades, heavy-pollution warnings.

use crate::assess::Assessment;

mod credit;
mod heavy_pollution;
mod penalty;
mod performance;
mod tax;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[
    tax::air::ASSESSMENT,
    tax::water::ASSESSMENT,
    tax::solid::ASSESSMENT,
    tax::noise::ASSESSMENT,
    heavy_pollution::ASSESSMENT,
    penalty::amount::ASSESSMENT,
    penalty::daily::ASSESSMENT,
    performance::ASSESSMENT,
    credit::ASSESSMENT,
];
