//! TREND/theil-sen
//!
//! # What it decides
//! How fast a series rises or falls: the middle one of all slopes between two points, the intercept, and the interval
//! in which the slope lies with a given confidence.
//!
//! # What it leaves undecided
//! Whether the trend is significant: that is the test of Mann and Kendall.
//!
//! # Source
//! Sen (1968); Gilbert (1987), 16.5 and 16.5.2 (the interval, between two ordered slopes in proportion). The intercept
//! is the middle value less the slope times the middle time (Conover).

use super::{median, normal};

/// The line of Theil and Sen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TheilSen {
    /// The middle slope, value a unit of time.
    pub slope: f64,
    /// The value at time 0.
    pub intercept: f64,
    /// Lower and upper end of the interval; `None` where the series is too short for the confidence.
    pub interval: Option<(f64, f64)>,
}

/// The line through (time, value). `variance` is that of S in the test of Mann and Kendall; `alpha` the share left
/// outside the interval. `None` when no two points have different times.
pub fn theil_sen(points: &[(f64, f64)], variance: f64, alpha: f64) -> Option<TheilSen> {
    if points.iter().any(|(time, value)| !time.is_finite() || !value.is_finite()) {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (at, (time, value)) in points.iter().enumerate() {
        for (other_time, other) in &points[at + 1..] {
            if time != other_time {
                slopes.push((other - value) / (other_time - time));
            }
        }
    }
    slopes.sort_by(f64::total_cmp);
    let slope = median(&slopes)?;
    let middle = |of: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = points.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        median(&all)
    };
    let intercept = middle(|point| point.1)? - slope * middle(|point| point.0)?;
    Some(TheilSen { slope, intercept, interval: interval(&slopes, variance, alpha) })
}

fn interval(sorted: &[f64], variance: f64, alpha: f64) -> Option<(f64, f64)> {
    let count = sorted.len() as f64;
    let reach = normal::z_of(alpha)? * variance.sqrt();
    // Ranks from 1: the M1-th and the (M2 + 1)-th slope.
    let (low, high) = ((count - reach) / 2.0, (count + reach) / 2.0 + 1.0);
    Some((at_rank(sorted, low)?, at_rank(sorted, high)?))
}

/// The value at a rank from 1, between two ranks in proportion.
fn at_rank(sorted: &[f64], rank: f64) -> Option<f64> {
    if rank.is_nan() || rank < 1.0 || (sorted.len() as f64) < rank {
        return None;
    }
    let below = rank.floor();
    let (low, rest) = (sorted.get(below as usize - 1)?, rank - below);
    let high = sorted.get(below as usize).unwrap_or(low);
    Some(low + (high - low) * rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trend::mann_kendall;

    fn line(from: f64, values: &[f64]) -> TheilSen {
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(at, &value)| (from + at as f64, value)).collect();
        let variance = mann_kendall(values, 10).expect("long enough").variance;
        theil_sen(&points, variance, 0.05).expect("different times")
    }

    #[test]
    fn equal_to_an_independent_program() {
        // scipy 1.x `theilslopes(y, x, 0.95)`, which takes the nearest slope for an end of the interval.
        let falling = line(2011.0, &[76., 71., 65., 58., 52., 48., 44., 39., 37., 35.]);
        assert!((falling.slope + 4.857_142_857_142_857).abs() < 1e-12);
        assert!((falling.intercept - 9_839.571_428_571_428).abs() < 1e-8);
        let (low, high) = falling.interval.expect("long enough");
        assert!((low + 5.5).abs() < 0.05 && (high + 4.0).abs() < 0.1, "{low} {high}");
        let rising = line(2009.0, &[35., 37., 37., 41., 40., 44., 43., 43., 47., 50., 49., 52.]);
        assert!((rising.slope - 1.5).abs() < 1e-12 && (rising.intercept + 2_978.75).abs() < 1e-8);
        let (low, high) = rising.interval.expect("long enough");
        assert!((low - 1.2).abs() < 0.05 && (high - 1.75).abs() < 0.05, "{low} {high}");
        assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 3.0)], 1.0, 0.05), None);
    }
}
