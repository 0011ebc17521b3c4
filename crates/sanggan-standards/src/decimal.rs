//! Exact decimals: how a binary value becomes one, and the rounding of GB/T 8170.

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Digits after the point that a binary value keeps on its way to a decimal. Instruments resolve far less;
/// the noise of adding thousands of binary fractions is far smaller.
const NOISE_DIGITS: u32 = 9;

/// A binary value beyond this is taken for none: decimals end at some 7.9e28, and what is worked out of a value (scaled
/// by its digits, divided by the smallest limit) must stay within them.
const LARGEST: f64 = 1e20;

/// The decimal that a binary value stands for, its noise removed: `34.499999999999996` is 34.5.
///
/// `None` for values that are not finite or too large for a concentration.
pub fn exact(value: f64) -> Option<Decimal> {
    if !value.is_finite() || LARGEST < value.abs() {
        return None;
    }
    let decimal = Decimal::from_f64(value)?;
    Some(decimal.round_dp_with_strategy(NOISE_DIGITS, RoundingStrategy::MidpointNearestEven).normalize())
}

/// The binary value nearest to a decimal, for JSON and charts.
pub fn to_f64(value: Decimal) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    value.to_f64().unwrap_or(f64::NAN)
}

/// How a figure is rounded before it is compared or published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// GB/T 8170 (四舍六入五成双): to so many digits, a half to the even neighbour.
    HalfEven(u32),
    /// Always up to the next whole number (向上进位取整).
    Up,
    /// Not rounded.
    None,
}

impl Rounding {
    /// The rounded value.
    pub fn apply(self, value: Decimal) -> Decimal {
        match self {
            Rounding::HalfEven(digits) => {
                value.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven)
            }
            Rounding::Up => value.ceil(),
            Rounding::None => value,
        }
    }

    /// The rounded value of a binary one, or `None` when it is no number.
    pub fn apply_f64(self, value: f64) -> Option<Decimal> {
        exact(value).map(|decimal| self.apply(decimal))
    }

    /// In words: `half-even to 1 decimal`, `up to integer`, `none`.
    pub fn describe(self) -> String {
        match self {
            Rounding::HalfEven(0) => "GB/T 8170 half-even to integer".to_owned(),
            Rounding::HalfEven(digits) => format!("GB/T 8170 half-even to {digits} decimal(s)"),
            Rounding::Up => "up to integer".to_owned(),
            Rounding::None => "not rounded".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour_and_noise_decides_nothing() {
        let rows = [
            (34.5, 0, "34"),
            (35.5, 0, "36"),
            (34.5_f64.next_down(), 0, "34"),
            (0.1 + 0.2, 1, "0.3"),
            (0.25, 1, "0.2"),
            (0.35, 1, "0.4"),
            (100.0000000001, 0, "100"),
            (100.5000001, 0, "101"),
        ];
        for (value, digits, want) in rows {
            let got = Rounding::HalfEven(digits).apply_f64(value).map(|d| d.normalize().to_string());
            assert_eq!(got.as_deref(), Some(want), "{value} to {digits}");
        }
        assert_eq!(exact(f64::NAN), None);
        assert_eq!(exact(f64::INFINITY), None);
        assert_eq!(exact(1e300), None);
        // Still a decimal, but scaled by its digits none any more.
        assert_eq!(exact(7e28), None);
    }
}
