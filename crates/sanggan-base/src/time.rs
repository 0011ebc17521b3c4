//! Time: UTC milliseconds inside, Beijing time (+08:00, no daylight saving since 1991) at the edge.

use std::fmt;

use jiff::civil;

use crate::Grain;

/// Beijing time is 8 h ahead of UTC the whole year round.
pub const LOCAL_OFFSET_MS: i64 = 8 * 3_600_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// One day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Millis(pub i64);

impl Millis {
    /// The moment that clocks in China show as `local`, or `None` outside the years −9999 to 9999.
    pub fn from_local(local: civil::DateTime) -> Option<Millis> {
        let as_utc = jiff::tz::Offset::UTC.to_timestamp(local).ok()?.as_millisecond();
        Some(Millis(as_utc - LOCAL_OFFSET_MS))
    }

    /// What clocks in China show at this moment.
    ///
    /// Moments outside jiff's range (±9999 years) are clamped to its ends.
    pub fn local(self) -> civil::DateTime {
        let shifted = self.0.saturating_add(LOCAL_OFFSET_MS);
        let stamp = jiff::Timestamp::from_millisecond(shifted).unwrap_or(if shifted < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        jiff::tz::Offset::UTC.to_datetime(stamp)
    }

    /// The local calendar day this moment lies in.
    pub fn local_date(self) -> civil::Date {
        self.local().date()
    }

    /// Midnight (local) that begins `date`.
    pub fn start_of(date: civil::Date) -> Millis {
        Millis::from_local(date.to_datetime(civil::Time::midnight())).unwrap_or(Millis(i64::MIN))
    }

    /// `2026-03` of the local month; the partition key of the lake.
    pub fn month_key(self) -> String {
        let date = self.local_date();
        format!("{:04}-{:02}", date.year(), date.month())
    }

    /// The beginning of the local hour, day, month or year this moment lies in.
    pub fn floor(self, grain: Grain) -> Millis {
        let date = self.local_date();
        match grain {
            Grain::Hour => Millis(self.0.div_euclid(HOUR_MS) * HOUR_MS),
            Grain::Day => Millis::start_of(date),
            Grain::Month => Millis::start_of(date.first_of_month()),
            Grain::Year => Millis::start_of(date.first_of_year()),
        }
    }

    /// The beginning of the next local hour, day, month or year; this moment must itself be such a beginning.
    pub fn next(self, grain: Grain) -> Millis {
        match grain {
            Grain::Hour => Millis(self.0 + HOUR_MS),
            Grain::Day => Millis(self.0 + DAY_MS),
            Grain::Month => Millis(self.0 + 32 * DAY_MS).floor(Grain::Month),
            Grain::Year => Millis(self.0 + 367 * DAY_MS).floor(Grain::Year),
        }
    }

    /// `self` moved by `ms` milliseconds.
    #[must_use]
    pub fn plus(self, ms: i64) -> Millis {
        Millis(self.0.saturating_add(ms))
    }
}

/// ISO 8601 with the Chinese offset, e.g. `2026-11-23T10:00:00+08:00`; milliseconds only when there are any.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local();
        write!(f, "{}T{:02}:{:02}:{:02}", local.date(), local.hour(), local.minute(), local.second())?;
        if local.millisecond() != 0 {
            write!(f, ".{:03}", local.millisecond())?;
        }
        f.write_str("+08:00")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_and_back() {
        let local = civil::date(2026, 3, 1).at(0, 0, 0, 0);
        let moment = Millis::from_local(local).expect("in range");
        assert_eq!(moment.local(), local);
        assert_eq!(moment.to_string(), "2026-03-01T00:00:00+08:00");
        assert_eq!(moment.month_key(), "2026-03");
        assert_eq!(moment.plus(-1).month_key(), "2026-02");
    }

    #[test]
    fn periods_begin_and_follow_each_other() {
        let moment = Millis::from_local(civil::date(2024, 2, 29).at(13, 45, 1, 0)).expect("in range");
        let rows: Vec<String> = [Grain::Hour, Grain::Day, Grain::Month, Grain::Year]
            .iter()
            .map(|&grain| format!("{} {}", moment.floor(grain), moment.floor(grain).next(grain)))
            .collect();
        assert_eq!(
            rows,
            [
                "2024-02-29T13:00:00+08:00 2024-02-29T14:00:00+08:00",
                "2024-02-29T00:00:00+08:00 2024-03-01T00:00:00+08:00",
                "2024-02-01T00:00:00+08:00 2024-03-01T00:00:00+08:00",
                "2024-01-01T00:00:00+08:00 2025-01-01T00:00:00+08:00",
            ]
        );
    }

    #[test]
    fn extreme_moments_do_not_panic() {
        for ms in [i64::MIN, i64::MAX, 0] {
            let _ = Millis(ms).local();
        }
    }
}
