//! TREND/mann-kendall
//!
//! # What it decides
//! Whether a series has a monotonic trend: S, its variance with ties, Z and the two-sided p.
//!
//! # What it leaves undecided
//! p of short series with ties: the normal approximation is not good there, and the exact distribution is for series
//! without ties. Series that follow the seasons: they must be tested season by season, or by yearly figures.
//!
//! # Source
//! Mann (1945); Kendall (1975), chapter 4 and the exact distribution by its recursion; Gilbert (1987), 16.4.

use super::normal;

/// The test of Mann and Kendall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannKendall {
    /// Number of values.
    pub n: usize,
    /// Pairs that rise less pairs that fall.
    pub s: i64,
    /// Variance of S, with the correction for ties.
    pub variance: f64,
    /// S by its standard deviation, brought one nearer to 0.
    pub z: f64,
    /// Kendall's tau-a: S by the number of pairs.
    pub tau: f64,
    /// The two-sided p; `None` where neither distribution holds.
    pub p: Option<f64>,
    /// Which distribution gave p.
    pub kind: PKind,
}

/// Which distribution p is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PKind {
    /// The normal approximation.
    Normal,
    /// The exact distribution of S.
    Exact,
    /// None: a short series with ties.
    Undecided,
}

/// The test of a series in order of time. From `normal_from` values on p is that of the normal approximation, below it
/// the exact one. `None` for fewer than three values or such that are not finite.
pub fn mann_kendall(values: &[f64], normal_from: usize) -> Option<MannKendall> {
    let n = values.len();
    if n < 3 || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut s = 0_i64;
    for (at, earlier) in values.iter().enumerate() {
        for later in &values[at + 1..] {
            s += i64::from(earlier < later) - i64::from(later < earlier);
        }
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let spread = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let (mut ties, mut tied) = (0.0, false);
    // -0 and 0 are the same value.
    for group in sorted.chunk_by(|a, b| a == b) {
        tied |= 1 < group.len();
        ties += spread(group.len() as f64);
    }
    let variance = (spread(n as f64) - ties) / 18.0;
    let z = match s {
        0 => 0.0,
        // All values equal would be s = 0; so there is a spread.
        _ => (s - s.signum()) as f64 / variance.sqrt(),
    };
    let (p, kind) = if normal_from <= n {
        (Some(if s == 0 { 1.0 } else { normal::two_sided(z) }), PKind::Normal)
    } else if tied {
        (None, PKind::Undecided)
    } else {
        (Some(exact_two_sided(n, s)), PKind::Exact)
    };
    let pairs = (n * (n - 1) / 2) as f64;
    Some(MannKendall { n, s, variance, z, tau: s as f64 / pairs, p, kind })
}

/// The share of all orders of n different values whose |S| is at least that of `s`.
///
/// The number of orders with k falling pairs builds up value by value: a further value falls below 0 to n of those
/// before it.
fn exact_two_sided(n: usize, s: i64) -> f64 {
    let pairs = n * (n - 1) / 2;
    let mut share = vec![1.0_f64];
    for value in 2..=n {
        let mut next = vec![0.0; share.len() + value - 1];
        for (falling, part) in share.iter().enumerate() {
            for more in 0..value {
                next[falling + more] += part / value as f64;
            }
        }
        share = next;
    }
    let far = s.unsigned_abs();
    let at_least = |falling: usize| far <= (pairs as i64 - 2 * falling as i64).unsigned_abs();
    let total: f64 =
        share.iter().enumerate().filter(|(falling, _)| at_least(*falling)).map(|(_, part)| part).sum();
    total.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_to_independent_programs() {
        // (series, S, variance, Z, p of the normal approximation): pymannkendall 1.4 `original_test`.
        let cases: [(&[f64], i64, f64, f64, f64); 2] = [
            (
                &[76., 71., 65., 58., 52., 48., 44., 39., 37., 35.],
                -45,
                125.0,
                -3.935_479_640_4,
                8.303_070_332_6e-5,
            ),
            (
                &[35., 37., 37., 41., 40., 44., 43., 43., 47., 50., 49., 52.],
                56,
                210.666_666_666_7,
                3.789_350_500_4,
                1.510_416_774_4e-4,
            ),
        ];
        for (values, s, variance, z, p) in cases {
            let ours = mann_kendall(values, 10).expect("long enough");
            assert_eq!(ours.s, s);
            assert!((ours.variance - variance).abs() < 1e-6 && (ours.z - z).abs() < 1e-9, "{ours:?}");
            assert!((ours.p.expect("normal") - p).abs() < 1e-12, "{ours:?}");
        }
        // Exact p of five values with one pair out of order: scipy 1.x `kendalltau(method="exact")` gives 1/12.
        let five = mann_kendall(&[52., 57., 49., 44., 37.], 10).expect("long enough");
        assert_eq!((five.s, five.kind), (-8, PKind::Exact));
        assert!((five.p.expect("exact") - 1.0 / 12.0).abs() < 1e-12);
        let tied = mann_kendall(&[1., 1., 2.], 10).expect("long enough");
        assert_eq!((tied.p, tied.kind), (None, PKind::Undecided));
        let flat = mann_kendall(&[3.0; 12], 10).expect("long enough");
        assert_eq!((flat.s, flat.z, flat.p), (0, 0.0, Some(1.0)));
        assert_eq!(mann_kendall(&[1., f64::NAN, 2.], 10), None);
        assert_eq!(mann_kendall(&[1., 2.], 10), None);
    }
}
