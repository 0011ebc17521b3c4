//! Times as HJ 212 writes them: `YYYYMMDDhhmmss` or `YYYYMMDDhhmmsszzz`, Beijing time.

use sanggan_base::{Millis, time::LOCAL_OFFSET_MS};

use crate::Defect;

/// What a time field gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The moment, if one could be read.
    pub at: Option<Millis>,
    /// What was wrong with the text.
    pub defect: Option<Defect>,
}

/// Reads `YYYYMMDDhhmmss` with or without milliseconds.
///
/// A time written twice in a row gives the first and [`Defect::DoubledTime`]; a date no calendar has gives
/// [`Defect::ImpossibleTime`] and no moment; anything else gives [`Defect::BadTime`].
pub fn parse_stamp(text: &str) -> Stamp {
    let bytes = text.as_bytes();
    if !bytes.iter().all(u8::is_ascii_digit) {
        return Stamp { at: None, defect: Some(Defect::BadTime) };
    }
    let once = |bytes| match moment(bytes) {
        Some(at) => Stamp { at: Some(at), defect: None },
        None => Stamp { at: None, defect: Some(Defect::ImpossibleTime) },
    };
    match bytes.len() {
        14 | 17 => once(bytes),
        28 | 31 | 34 => doubled(bytes),
        _ => Stamp { at: None, defect: Some(Defect::BadTime) },
    }
}

fn doubled(bytes: &[u8]) -> Stamp {
    for first in [14, 17] {
        let (a, b) = bytes.split_at(first);
        if matches!(b.len(), 14 | 17)
            && let (Some(at), Some(_)) = (moment(a), moment(b))
        {
            return Stamp { at: Some(at), defect: Some(Defect::DoubledTime) };
        }
    }
    Stamp { at: None, defect: Some(Defect::BadTime) }
}

/// The moment of 14 or 17 digits, or `None` when the calendar has no such time.
fn moment(digits: &[u8]) -> Option<Millis> {
    let two = |at: usize| i64::from(digits[at] - b'0') * 10 + i64::from(digits[at + 1] - b'0');
    let year = two(0) * 100 + two(2);
    let (month, day, hour, minute, second) = (two(4), two(6), two(8), two(10), two(12));
    let ms = digits[14..].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    if year == 0 || !(1..=12).contains(&month) || day < 1 || days_in(year, month) < day {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(Millis(seconds * 1000 + ms - LOCAL_OFFSET_MS))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar; the year begins in March so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `YYYYMMDDhhmmss` in Beijing time.
pub fn format_time(at: Millis) -> String {
    let local = at.local();
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        local.year().clamp(0, 9999),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// `YYYYMMDDhhmmsszzz` in Beijing time: the form of a QN.
pub fn format_qn(at: Millis) -> String {
    format!("{}{:03}", format_time(at), at.local().millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn every_day_agrees_with_the_calendar_library() {
        let mut date = civil::date(1896, 1, 1);
        while date.year() < 2105 {
            let local = date.at(13, 45, 59, 7_000_000);
            let at = Millis::from_local(local).expect("in range");
            let text = format_qn(at);
            assert_eq!(parse_stamp(&text), Stamp { at: Some(at), defect: None }, "{text}");
            date = date.tomorrow().expect("in range");
        }
    }

    #[test]
    fn times_with_faults() {
        let show = |text: &str| {
            let stamp = parse_stamp(text);
            format!(
                "{text} {} {}\n",
                stamp.at.map_or("-".into(), |at| at.to_string()),
                stamp.defect.map_or("", Defect::code)
            )
        };
        let rows: String = [
            "20160824003817",
            "20160824003817000",
            "2016082400381700020160824003817000",
            "2016082400381720160824003817",
            "2016082400381720160824003817000",
            "20160824003817000CON-RT=0",
            "2016082410450",
            "20160230000000",
            "20160824240000",
            "20160824236000",
            "00000000000000",
            "YYYYMMDDHHMMSS",
            "",
        ]
        .into_iter()
        .map(show)
        .collect();
        expect_test::expect![[r#"
            20160824003817 2016-08-24T00:38:17+08:00 
            20160824003817000 2016-08-24T00:38:17+08:00 
            2016082400381700020160824003817000 2016-08-24T00:38:17+08:00 doubled_time
            2016082400381720160824003817 2016-08-24T00:38:17+08:00 doubled_time
            2016082400381720160824003817000 2016-08-24T00:38:17+08:00 doubled_time
            20160824003817000CON-RT=0 - bad_time
            2016082410450 - bad_time
            20160230000000 - impossible_time
            20160824240000 - impossible_time
            20160824236000 - impossible_time
            00000000000000 - impossible_time
            YYYYMMDDHHMMSS - bad_time
             - bad_time
        "#]]
        .assert_eq(&rows);
    }
}
