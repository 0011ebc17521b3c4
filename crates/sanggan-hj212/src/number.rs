//! Reading the numbers of fields.

/// The largest power of ten that a double holds exactly is 10²²; 19 digits fit a `u64`, and 15 a double.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A decimal number as devices send it (`-3.185592`, `.5`, `1e3`), correctly rounded; infinities and NaN are
/// no numbers.
pub(crate) fn parse_number(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    // Up to 15 digits: mantissa and power of ten are exact, so one division rounds once, correctly.
    if digits.len() <= 16 {
        let (mut mantissa, mut decimals, mut seen, mut point) = (0_u64, 0_usize, 0_usize, false);
        for &byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                mantissa = mantissa * 10 + u64::from(digit);
                seen += 1;
                decimals += usize::from(point);
            } else if byte == b'.' && !point {
                point = true;
            } else {
                return slow(text);
            }
        }
        if (1..=15).contains(&seen) {
            let value = mantissa as f64 / POWERS[decimals];
            return Some(if negative { -value } else { value });
        }
    }
    slow(text)
}

fn slow(text: &[u8]) -> Option<f64> {
    let plain = |b: &u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.iter().all(plain) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_standard_library(text in "[+-]?[0-9]{0,18}[.]?[0-9]{0,18}([eE][+-]?[0-9]{1,3})?") {
            let expected = text.parse::<f64>().ok().filter(|value| value.is_finite());
            prop_assert_eq!(parse_number(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits));
        }
    }

    #[test]
    fn words_are_no_numbers() {
        for text in
            ["", "-", ".", "+", "nan", "inf", "infinity", "1e999", "1.2.3", "0x10", "12,3", "N", " 1", "1 "]
        {
            assert_eq!(parse_number(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse_number(b"-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
    }
}
