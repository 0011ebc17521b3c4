//! Times and dates at the edge: text of a request → [`Millis`], and the bounds of ranges.

use jiff::civil;
use sanggan_base::time::DAY_MS;
use sanggan_base::{Grain, Millis};

use crate::problem::{Answer, Problem};

/// The moment a client names: `2026-11-23T10:00[:00[.000]]`, with `+08:00`, another offset or `Z`
/// (without one it is local time), or a date alone for its midnight.
///
/// # Errors
/// A problem that names `field`.
pub(crate) fn moment(field: &'static str, text: &str) -> Answer<Millis> {
    // A `+` that was not escaped arrives as a space.
    let text = text.trim().replace(' ', "+");
    let bad = || {
        Problem::bad_field(field, format!("`{field}` is not a time: `{}`", cut(&text)))
            .hint("write it as 2026-11-23T10:00:00+08:00 or 2026-11-23")
    };
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return in_range(Millis(stamp.as_millisecond())).ok_or_else(bad);
    }
    if text.contains(['+', 'Z', 'z', '[']) {
        // An offset without seconds (`10:00+08:00`) is read by putting them in.
        let padded = text.replacen('+', ":00+", 1).replacen('Z', ":00Z", 1);
        let stamp = padded.parse::<jiff::Timestamp>().map_err(|_| bad())?;
        return in_range(Millis(stamp.as_millisecond())).ok_or_else(bad);
    }
    let local = text.parse::<civil::DateTime>().map_err(|_| bad())?;
    Millis::from_local(local).and_then(in_range).ok_or_else(bad)
}

/// The day a client names.
///
/// # Errors
/// A problem that names `field`.
pub(crate) fn date(field: &'static str, text: &str) -> Answer<civil::Date> {
    let bad = || {
        Problem::bad_field(field, format!("`{field}` is not a date: `{}`", cut(text)))
            .hint("write it as 2026-11-23")
    };
    let date = text.trim().parse::<civil::Date>().map_err(|_| bad())?;
    if !(1900..=2200).contains(&date.year()) {
        return Err(bad());
    }
    Ok(date)
}

/// The beginning of the period a path names: `2026-11-23T10:00`, `2026-11-23`, `2026-11` or `2026`.
///
/// # Errors
/// A problem that names `start`, also when it is not the beginning of a `grain`.
pub(crate) fn period(grain: Grain, text: &str) -> Answer<Millis> {
    let start = match text.len() {
        4 => moment("start", &format!("{text}-01-01"))?,
        7 => moment("start", &format!("{text}-01"))?,
        _ => moment("start", text)?,
    };
    if start.floor(grain) != start {
        return Err(Problem::bad_field(
            "start",
            format!("`{}` is not the beginning of a {grain}", cut(text)),
        ));
    }
    Ok(start)
}

/// A range of time: `from` inclusive, `to` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// Inclusive.
    pub(crate) from: Millis,
    /// Exclusive.
    pub(crate) to: Millis,
}

/// The range a client asks for. Left out, `to` is `now` and `from` is `default_days` before `to`;
/// a range longer than `days_max` is refused.
///
/// # Errors
/// A problem that names the field at fault.
pub(crate) fn range(
    from: Option<&str>,
    to: Option<&str>,
    now: Millis,
    default_days: i64,
    days_max: i64,
) -> Answer<Range> {
    let to = to.map(|text| moment("to", text)).transpose()?.unwrap_or(now.plus(1));
    let from = from.map(|text| moment("from", text)).transpose()?.unwrap_or(to.plus(-default_days * DAY_MS));
    if to <= from {
        return Err(Problem::bad_field("to", format!("`to` ({to}) is not after `from` ({from})")));
    }
    if to.0 - from.0 > days_max * DAY_MS {
        return Err(Problem::bad_field("from", format!("the range is longer than {days_max} days"))
            .hint("ask for a shorter range, or for a coarser grain"));
    }
    Ok(Range { from, to })
}

/// The local hour as it stands in a path: `2026-11-23T10:00`.
pub(crate) fn path_hour(at: Millis) -> String {
    let local = at.local();
    let mut text = format!("{}T{:02}:{:02}", local.date(), local.hour(), local.minute());
    if local.second() != 0 || local.millisecond() != 0 {
        text.push_str(&format!(":{:02}", local.second()));
        if local.millisecond() != 0 {
            text.push_str(&format!(".{:03}", local.millisecond()));
        }
    }
    text
}

fn in_range(at: Millis) -> Option<Millis> {
    let year = at.local_date().year();
    (1900..=2200).contains(&year).then_some(at)
}

fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_and_programs_write_them() {
        let want = "2026-11-23T10:00:00+08:00";
        for text in [
            "2026-11-23T10:00",
            "2026-11-23T10:00:00",
            "2026-11-23T10:00:00+08:00",
            "2026-11-23T10:00:00 08:00",
            "2026-11-23T10:00+08:00",
            "2026-11-23T02:00:00Z",
            "2026-11-23T02:00Z",
            "2026-11-23T10:00:00.000+08:00",
        ] {
            assert_eq!(moment("from", text).expect(text).to_string(), want, "{text}");
        }
        assert_eq!(moment("from", "2026-11-23").expect("date").to_string(), "2026-11-23T00:00:00+08:00");
        for text in ["", "soon", "2026-13-01", "2026-11-23T25:00", "-009999-01-01T00:00:00Z", "1764000000000"]
        {
            assert!(moment("from", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_hour_leads_back() {
        for text in ["2026-11-23T10:00", "2026-11-23T10:00:07", "2026-11-23T10:00:07.250"] {
            assert_eq!(path_hour(moment("at", text).expect(text)), text);
        }
    }

    #[test]
    fn ranges_are_bounded() {
        let now = moment("now", "2026-11-23T10:00").expect("time");
        assert_eq!(
            range(None, None, now, 1, 31).expect("default").from.to_string(),
            "2026-11-22T10:00:00.001+08:00"
        );
        assert!(range(Some("2026-11-23"), Some("2026-11-23"), now, 1, 31).is_err());
        assert!(range(Some("2026-01-01"), None, now, 1, 31).is_err());
    }
}
