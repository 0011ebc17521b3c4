//! Whether a series goes up or down: Spearman's rank correlation, Mann–Kendall, and the slope of Theil and Sen.
//!
//! Pure functions over (time, value); significance levels and critical values come from `data/trend/`.
//!
//! Read first: [`mann_kendall`], [`theil_sen`], [`spearman`].
//!
//! * TREND-1: what does not depend on the law (statistics of the series) is worked out for any length; whether it is
//!   significant is told only where the table or the distribution says so.

mod assessment;
mod mann_kendall;
mod normal;
mod spearman;
mod theil_sen;

pub use mann_kendall::{MannKendall, PKind, mann_kendall};
pub use spearman::{SpearmanVerdict, spearman};
pub use theil_sen::{TheilSen, theil_sen};

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[assessment::ASSESSMENT];

/// Ranks from 1, equal values by the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from + 1;
        while to < order.len() && values[order[to]] == values[order[from]] {
            to += 1;
        }
        // Ranks from + 1 to `to`; their mean.
        let rank = (from + 1 + to) as f64 / 2.0;
        for &at in &order[from..to] {
            ranks[at] = rank;
        }
        from = to;
    }
    ranks
}

/// The middle of sorted values.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}
