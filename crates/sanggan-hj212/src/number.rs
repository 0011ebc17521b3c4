//! Reading the numbers of fields.

/// The largest power of ten that a double holds exactly is 10²²; 19 digits fit a `u64`, and 15 a double.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A decimal number as devices send it (`-3.185592`, `.5`, `1e3`), correctly rounded; infinities and NaN are
/// no numbers.
///
/// The number stands at `text[at..at + length]`; having the text before it allows reading it in one load.
#[inline]
pub(crate) fn parse_number(text: &[u8], at: usize, length: usize) -> Option<f64> {
    let end = at + length;
    let negative = text.get(at) == Some(&b'-') && length > 0;
    let digits = length - usize::from(negative);
    if let Some(last) = end.checked_sub(8).and_then(|from| text.get(from..end))
        && let Ok(last) = <[u8; 8]>::try_from(last)
        && let Some(value) = short(u64::from_le_bytes(last), digits)
    {
        return Some(if negative { -value } else { value });
    }
    any_length(text.get(at..end)?)
}

fn any_length(text: &[u8]) -> Option<f64> {
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

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// The number in the last one to eight characters of a word, at most one of them a point; `None` if they are
/// anything else.
///
/// All at once: the bytes before them count as leading zeros, the point is
/// closed up, and three multiplications add the digits in pairs, fours and eights.
fn short(last: u64, length: usize) -> Option<f64> {
    if !(1..=8).contains(&length) {
        return None;
    }
    let others = 8 * (8 - length);
    let word = (last ^ (ONES * u64::from(b'0'))) >> others << others;
    let no_point = word ^ (ONES * u64::from(b'.' ^ b'0'));
    let point = no_point.wrapping_sub(ONES) & !no_point & HIGHS;
    let (digits, decimals) = if point == 0 {
        (word, 0)
    } else if length == 1 {
        return None;
    } else {
        let at = point.trailing_zeros() & !7;
        let before = word & ((1 << at) - 1);
        let after = word & (!0 << 8 << at);
        (after | before << 8, 7 - at as usize / 8)
    };
    if (digits.wrapping_add(ONES * 0x76) | digits) & HIGHS != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    const EVEN: u64 = 0x0000_00FF_0000_00FF;
    let high = (pairs & EVEN).wrapping_mul(0x000F_4240_0000_0064);
    let low = (pairs >> 16 & EVEN).wrapping_mul(0x0000_2710_0000_0001);
    Some((high.wrapping_add(low) >> 32) as f64 / POWERS[decimals])
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

    fn parse(number: &str) -> Option<f64> {
        let (alone, text) = (number.as_bytes(), format!("w01018-Rtd={number}"));
        let value = parse_number(text.as_bytes(), text.len() - number.len(), number.len());
        let bits = |value: Option<f64>| value.map(f64::to_bits);
        assert_eq!(bits(parse_number(alone, 0, alone.len())), bits(value), "{number}");
        value
    }

    proptest! {
        #[test]
        fn equals_the_standard_library(text in "[+-]?[0-9]{0,18}[.]?[0-9]{0,18}([eE][+-]?[0-9]{1,3})?") {
            let expected = text.parse::<f64>().ok().filter(|value| value.is_finite());
            prop_assert_eq!(parse(&text).map(f64::to_bits), expected.map(f64::to_bits));
        }
    }

    proptest! {
        #[test]
        fn short_ones_equal_the_standard_library(text in "[-0-9.e:/ ]{0,9}|[0-9]{1,8}|[0-9]{0,5}[.][0-9]{0,4}") {
            let expected = text.parse::<f64>().ok().filter(|value| value.is_finite());
            prop_assert_eq!(parse(&text).map(f64::to_bits), expected.map(f64::to_bits));
        }
    }

    #[test]
    fn words_are_no_numbers() {
        for text in
            ["", "-", ".", "+", "nan", "inf", "infinity", "1e999", "1.2.3", "0x10", "12,3", "N", " 1", "1 "]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse("-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
    }
}
