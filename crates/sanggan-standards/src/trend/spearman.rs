//! TREND/spearman
//!
//! # What it decides
//! Whether a series of yearly (or periodic) figures goes up or down, by Spearman's rank correlation of value and time
//! against the critical values of HJ 663.
//!
//! # What it leaves undecided
//! Series whose number of periods the table does not have, unless the rows beside it agree.
//!
//! # Source
//! HJ 663-2013 annex (trend by rank correlation); the numbers: `data/trend/`.

use rust_decimal::Decimal;

use super::ranks;
use crate::schema::general::Factors;

/// Whether the correlation is significant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpearmanVerdict {
    /// The table has the number of periods, or both rows beside it agree.
    Told {
        /// The value it was held against.
        critical: Decimal,
        /// Whether |r| reaches it.
        significant: bool,
    },
    /// The table does not have this number of periods.
    OutsideTheTable,
}

/// Spearman's coefficient of values in order of time: 1 − 6·Σd²/(N³ − N), equal values by the mean of their ranks.
/// `None` for fewer than two values or such that are not finite.
pub fn spearman(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    if n < 2.0 || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let squares: f64 =
        ranks(values).iter().enumerate().map(|(at, rank)| (rank - (at + 1) as f64).powi(2)).sum();
    Some(1.0 - 6.0 * squares / (n * n * n - n))
}

/// Holds a coefficient against the table. A number of periods between two rows is told where both rows agree: critical
/// values fall as series grow longer.
pub(super) fn verdict(table: &Factors, column: &str, n: usize, coefficient: Decimal) -> SpearmanVerdict {
    let rows: Vec<(usize, Decimal)> =
        table.row.iter().filter_map(|row| Some((row.key.parse().ok()?, *row.values.get(column)?))).collect();
    let at = |n: usize| rows.iter().find(|(of, _)| *of == n).map(|(_, critical)| *critical);
    let reaches = |critical: Decimal| critical <= coefficient.abs();
    if let Some(critical) = at(n) {
        return SpearmanVerdict::Told { critical, significant: reaches(critical) };
    }
    let shorter = rows.iter().filter(|(of, _)| *of < n).max_by_key(|(of, _)| *of);
    let longer = rows.iter().filter(|(of, _)| n < *of).min_by_key(|(of, _)| *of);
    match (shorter, longer) {
        (Some((_, strict)), Some(_)) if reaches(*strict) => {
            SpearmanVerdict::Told { critical: *strict, significant: true }
        }
        (Some(_), Some((_, mild))) if !reaches(*mild) => {
            SpearmanVerdict::Told { critical: *mild, significant: false }
        }
        _ => SpearmanVerdict::OutsideTheTable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_to_hand_and_program() {
        // By hand: ranks 4 5 3 2 1, Σd² = 9+9+0+4+16 = 38, 1 − 228/120 = −0.9.
        assert!((spearman(&[52., 57., 49., 44., 37.]).expect("five") + 0.9).abs() < 1e-12);
        // With ties the formula of HJ 663 differs in the third decimal from the correlation of ranks (0.9614).
        let tied = spearman(&[35., 37., 37., 41., 40., 44., 43., 43., 47., 50., 49., 52.]).expect("twelve");
        assert!((tied - 0.961_538_461_5).abs() < 1e-9, "{tied}");
        assert_eq!(spearman(&[1.0]), None);
        assert_eq!(spearman(&[1.0, f64::INFINITY]), None);
    }
}
