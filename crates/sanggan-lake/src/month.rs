//! Local months: how the sealed tables are partitioned.

use sanggan_base::{Grain, Millis};

/// Earliest moment stored (0001-01-01 UTC); earlier ones are stored as this.
const EARLIEST: i64 = -62_135_596_800_000;
/// Latest moment stored (9999-12-30 UTC); later ones are stored as this.
const LATEST: i64 = 253_402_128_000_000;

/// `at` moved into the range that Parquet, Delta and SQL can all express.
pub(crate) fn clamp(at: Millis) -> Millis {
    Millis(at.0.clamp(EARLIEST, LATEST))
}

/// A local calendar month: years × 12 + month − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Month(pub(crate) u32);

impl Month {
    pub(crate) fn of(at: Millis) -> Month {
        let date = clamp(at).local_date();
        Month(u32::from(date.year().unsigned_abs()) * 12 + u32::from(date.month().unsigned_abs()) - 1)
    }

    /// `2026-03`, as in the partition folders.
    pub(crate) fn key(self) -> String {
        format!("{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }

    /// The month of a partition value.
    pub(crate) fn parse(key: &str) -> Option<Month> {
        let (year, month) = key.split_once('-')?;
        let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Month(year * 12 + month - 1))
    }
}

/// Finds months of moments that mostly lie in the same one, without a calendar each time.
#[derive(Debug, Default)]
pub(crate) struct MonthCache {
    known: Option<(Millis, Millis, Month)>,
}

impl MonthCache {
    pub(crate) fn of(&mut self, at: Millis) -> Month {
        if let Some((from, to, month)) = self.known
            && from <= at
            && at < to
        {
            return month;
        }
        let month = Month::of(at);
        let from = clamp(at).floor(Grain::Month);
        self.known = Some((from, from.next(Grain::Month), month));
        month
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_and_its_key_lead_back() {
        let mut cache = MonthCache::default();
        for at in [0, 1_772_294_399_999, 1_772_294_400_000, i64::MIN, i64::MAX] {
            let month = Month::of(Millis(at));
            assert_eq!(Month::parse(&month.key()), Some(month), "{at}");
            assert_eq!(cache.of(Millis(at)), month);
        }
        assert_eq!(Month::of(Millis(1_772_294_399_999)).key(), "2026-02");
        assert_eq!(Month::of(Millis(1_772_294_400_000)).key(), "2026-03");
    }
}
