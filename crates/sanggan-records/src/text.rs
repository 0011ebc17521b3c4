//! Numbers, days, moments, yes and no as people write them in tables.

use jiff::civil::{Date, DateTime, Time};
use sanggan_base::Millis;

/// Full-width letters, digits and marks in the usual width; without blanks at the ends.
pub(crate) fn plain(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    };
    text.chars().map(half).collect::<String>().trim().to_owned()
}

/// The form in which words are compared.
pub(crate) fn fold(text: &str) -> String {
    plain(text).to_lowercase()
}

/// Whether a cell says that there is nothing: empty, or a dash or stroke in place of a value.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(plain(text).as_str(), "" | "/" | "-" | "--" | "—" | "——" | "－" | "\\")
}

/// A number: `-1234.5`, `1,234.5`, `1.2e3`, with the field's unit behind it or not.
pub(crate) fn number(text: &str, unit: &str) -> Option<f64> {
    let digits = digits(text, unit)?;
    let number: f64 = digits.parse().ok()?;
    number.is_finite().then_some(number + 0.0)
}

/// A whole number; `12.0` is one.
pub(crate) fn integer(text: &str, unit: &str) -> Option<i64> {
    let digits = digits(text, unit)?;
    let whole = match digits.split_once('.') {
        Some((whole, rest)) if rest.chars().all(|c| c == '0') => whole,
        Some(_) => return None,
        None => &digits,
    };
    whole.parse().ok()
}

/// The digits of a number without its unit and thousands separators.
fn digits(text: &str, unit: &str) -> Option<String> {
    let text = plain(text);
    let text = match text.strip_suffix(unit) {
        Some(rest) if !unit.is_empty() => rest.trim_end(),
        _ => text.as_str(),
    };
    if !text.contains(',') {
        let ok = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
        return (ok && text.chars().any(|c| c.is_ascii_digit())).then(|| text.to_owned());
    }
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let first = groups.next()?;
    let ok = (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3)
        && whole.trim_start_matches(['+', '-']).chars().all(|c| c.is_ascii_digit() || c == ',')
        && rest.chars().all(|c| c.is_ascii_digit());
    ok.then(|| text.replace(',', ""))
}

/// Yes or no.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "是" | "有" | "对" | "true" | "yes" | "y" | "1" | "√" | "✓" => Some(true),
        "否" | "无" | "没有" | "不是" | "false" | "no" | "n" | "0" | "×" | "x" => Some(false),
        _ => None,
    }
}

/// A day: `2026-11-23`, `2026/11/23`, `2026.11.23`, `2026年11月23日`, `20261123`, with midnight behind it or not.
pub(crate) fn date(text: &str) -> Option<Date> {
    let text = plain(text);
    let (day, rest) = split_day(&text)?;
    let rest = rest.trim_start_matches(['T', ' ']).trim();
    let midnight = rest.is_empty() || time_of_day(rest) == Some(Time::midnight());
    midnight.then_some(day)
}

/// A moment: a day and a time of it (Beijing time unless an offset is written), or a day alone: its beginning.
pub(crate) fn moment(text: &str) -> Option<Millis> {
    let text = plain(text);
    let (day, rest) = split_day(&text)?;
    let rest = rest.trim_start_matches(['T', ' ']).trim();
    if rest.is_empty() {
        return Some(Millis::start_of(day));
    }
    let (clock, offset) = match rest.rfind(['+', '-', 'Z']) {
        Some(at) => {
            let (clock, offset) = rest.split_at(at);
            (clock.trim_end(), offset_minutes(offset)?)
        }
        None => (rest, 8 * 60),
    };
    let local = DateTime::from_parts(day, time_of_day(clock)?);
    let utc = jiff::tz::Offset::UTC.to_timestamp(local).ok()?.as_millisecond();
    Some(Millis(utc - offset * 60_000))
}

/// `Z`, `+08:00`, `+0800`, `+08` in minutes.
fn offset_minutes(text: &str) -> Option<i64> {
    let sign = match text.chars().next()? {
        'Z' => return (text.len() == 1).then_some(0),
        '-' => -1,
        _ => 1,
    };
    let digits: String = text[1..].chars().filter(|&c| c != ':').collect();
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) = match digits.len() {
        2 => (digits.parse().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// The day at the beginning of a text, and what follows it.
fn split_day(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = leading(text, 8)?;
    if year.len() == 8 {
        return Some((date_of(&year[..4], &year[4..6], &year[6..])?, rest));
    }
    if year.len() != 4 {
        return None;
    }
    let (mark, rest) = mark(rest)?;
    let (month, rest) = leading(rest.trim_start(), 2)?;
    let chinese = mark == '年';
    let (next, rest) = self::mark(rest)?;
    if (chinese && next != '月') || (!chinese && next != mark) {
        return None;
    }
    let (day, rest) = leading(rest.trim_start(), 2)?;
    let rest = if chinese { rest.trim_start().strip_prefix(['日', '号'])? } else { rest };
    Some((date_of(year, month, day)?, rest))
}

fn mark(text: &str) -> Option<(char, &str)> {
    let text = text.trim_start();
    let mark = text.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | '年' | '月'))?;
    Some((mark, &text[mark.len_utf8()..]))
}

/// Up to `most` digits at the beginning, at least one.
fn leading(text: &str, most: usize) -> Option<(&str, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (length > 0).then(|| text.split_at(length))
}

/// Days of which registers speak: no year before 1800, none after 2200.
fn date_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let year: i16 = year.parse().ok().filter(|year| (1800..=2200).contains(year))?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `10:00`, `10:00:30.5`, `10时30分`, `10点`.
fn time_of_day(text: &str) -> Option<Time> {
    let text = text.trim().replace(['时', '点', '分'], ":");
    let text = text.trim_end_matches('秒').trim_end_matches(':');
    let mut parts = text.split(':');
    let hour: i8 = parts.next()?.trim().parse().ok()?;
    let minute: i8 = parts.next().map_or(Some(0), |part| part.trim().parse().ok())?;
    let (second, thousandths) = match parts.next() {
        None => (0, 0),
        Some(part) => {
            let (second, fraction) = part.trim().split_once('.').unwrap_or((part.trim(), "0"));
            if fraction.is_empty() || !fraction.bytes().all(|c| c.is_ascii_digit()) {
                return None;
            }
            let thousandths: i32 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
            (second.parse::<i8>().ok()?, thousandths)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, thousandths * 1_000_000).ok()
}

/// Longitude and latitude: `112.43,39.33`, `112.43 39.33`, `112°25′48″ 39°19′48″`, with E and N or not.
pub(crate) fn lon_lat(text: &str) -> Option<(f64, f64)> {
    let text = plain(text).replace(['东', '北', '经', '纬', 'E', 'N', 'e', 'n', ':', '(', ')'], " ");
    let parts: Vec<&str> = match text.split([',', ';', '、']).map(str::trim).filter(|part| !part.is_empty())
    {
        parts if text.contains([',', ';', '、']) => parts.collect(),
        _ => text.split_whitespace().collect(),
    };
    match parts.as_slice() {
        [lon, lat] => Some((angle(lon)?, angle(lat)?)),
        _ => None,
    }
}

/// Degrees, or degrees, minutes and seconds.
fn angle(text: &str) -> Option<f64> {
    let marks = ['°', '度', '′', '\'', '’', '分', '″', '"', '”', '秒'];
    if !text.contains(marks) {
        return number(text, "");
    }
    let parts: Vec<f64> = text
        .split(marks)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| number(part, ""))
        .collect::<Option<_>>()?;
    let (degrees, minutes, seconds) = match parts.as_slice() {
        [degrees] => (*degrees, 0.0, 0.0),
        [degrees, minutes] => (*degrees, *minutes, 0.0),
        [degrees, minutes, seconds] => (*degrees, *minutes, *seconds),
        _ => return None,
    };
    let sound = degrees >= 0.0 && (0.0..60.0).contains(&minutes) && (0.0..60.0).contains(&seconds);
    sound.then_some(degrees + minutes / 60.0 + seconds / 3600.0)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let rows = [
            "12",
            "1,234.5",
            "１２．５",
            "-3e2",
            "12.5 t/d",
            "12.5t/d",
            "1,23",
            "1,2345",
            "inf",
            "1 2",
            ".5",
            "-",
            "0x10",
        ];
        let read: Vec<String> =
            rows.iter().map(|text| format!("{text} = {:?}", number(text, "t/d"))).collect();
        expect![[r#"
            12 = Some(12.0)
            1,234.5 = Some(1234.5)
            １２．５ = Some(12.5)
            -3e2 = Some(-300.0)
            12.5 t/d = Some(12.5)
            12.5t/d = Some(12.5)
            1,23 = None
            1,2345 = None
            inf = None
            1 2 = None
            .5 = Some(0.5)
            - = None
            0x10 = None"#]]
        .assert_eq(&read.join("\n"));
        assert_eq!(integer("1,000", ""), Some(1000));
        assert_eq!(integer("7.00", ""), Some(7));
        assert_eq!(integer("7.5", ""), None);
        assert_eq!(integer("9223372036854775808", ""), None);
    }

    #[test]
    fn days_and_moments_as_people_write_them() {
        let rows = [
            "2026-11-23",
            "2026/1/3",
            "2026.11.23",
            "2026年11月23日",
            "2026 年 1 月 3 日",
            "20261123",
            "2026-11-23 00:00:00",
            "2026-11-23 08:00",
            "2026-02-30",
            "26-1-1",
            "2026-11/23",
            "1026-01-01",
            "二〇二六年",
        ];
        let read: Vec<String> = rows
            .iter()
            .map(|text| {
                let date = date(text).map_or("-".to_owned(), |date| date.to_string());
                let moment = moment(text).map_or("-".to_owned(), |moment| moment.to_string());
                format!("{text} | {date} | {moment}")
            })
            .collect();
        expect![[r#"
            2026-11-23 | 2026-11-23 | 2026-11-23T00:00:00+08:00
            2026/1/3 | 2026-01-03 | 2026-01-03T00:00:00+08:00
            2026.11.23 | 2026-11-23 | 2026-11-23T00:00:00+08:00
            2026年11月23日 | 2026-11-23 | 2026-11-23T00:00:00+08:00
            2026 年 1 月 3 日 | 2026-01-03 | 2026-01-03T00:00:00+08:00
            20261123 | 2026-11-23 | 2026-11-23T00:00:00+08:00
            2026-11-23 00:00:00 | 2026-11-23 | 2026-11-23T00:00:00+08:00
            2026-11-23 08:00 | - | 2026-11-23T08:00:00+08:00
            2026-02-30 | - | -
            26-1-1 | - | -
            2026-11/23 | - | -
            1026-01-01 | - | -
            二〇二六年 | - | -"#]]
        .assert_eq(&read.join("\n"));
        for text in [
            "2026-11-23T02:00:00Z",
            "2026-11-23T10:00:00+08:00",
            "2026-11-23 10:00",
            "2026年11月23日10时00分",
        ] {
            assert_eq!(
                moment(text).map(|m| m.to_string()).as_deref(),
                Some("2026-11-23T10:00:00+08:00"),
                "{text}"
            );
        }
    }

    #[test]
    fn places_as_people_write_them() {
        for text in [
            "112.43,39.33",
            "112.43 39.33",
            "１１２．４３，３９．３３",
            "E112.43°, N39.33°",
            "112°25′48″ 39°19′48″",
            "东经112度25分48秒，北纬39度19分48秒",
        ] {
            let (lon, lat) = lon_lat(text).unwrap_or_else(|| panic!("not read: {text}"));
            assert!((lon - 112.43).abs() < 1e-9 && (lat - 39.33).abs() < 1e-9, "{text}: {lon} {lat}");
        }
        for text in ["112.43", "112°70′0″,39", "1,2,3", "x,y"] {
            assert_eq!(lon_lat(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_panics(text in "\\PC{0,40}") {
            let _ = (number(&text, "t"), integer(&text, ""), boolean(&text), date(&text), moment(&text), lon_lat(&text));
        }

        #[test]
        fn dates_and_moments_come_back(days in 0i64..140_000, ms in 0i64..86_400_000) {
            let moment_in = Millis((days - 60_000) * 86_400_000 + ms);
            let day = moment_in.local_date();
            prop_assert_eq!(date(&day.to_string()), Some(day));
            prop_assert_eq!(moment(&moment_in.to_string()), Some(moment_in));
        }

        #[test]
        fn numbers_come_back(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(number(&value.to_string(), ""), Some(value));
        }
    }
}
