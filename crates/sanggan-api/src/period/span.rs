//! A span of whole days.

use jiff::ToSpan;
use jiff::civil::Date;
use sanggan_base::Millis;

use crate::when::Range;

/// From a day up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first day.
    pub(crate) from: Date,
    /// The first day after it.
    pub(crate) to: Date,
}

impl Span {
    /// The days a range touches.
    pub(crate) fn of(range: Range) -> Span {
        // The last moment of the range decides, so that midnight at its end adds no day.
        Span { from: range.from.local_date(), to: next_day(range.to.plus(-1).local_date()) }
    }

    /// The last day.
    pub(crate) fn last(self) -> Date {
        self.to.checked_sub(1.day()).unwrap_or(self.from)
    }

    /// Without the days from `end` on; `None` when nothing is left.
    pub(crate) fn until(self, end: Date) -> Option<Span> {
        let span = Span { to: self.to.min(end), ..self };
        (span.from < span.to).then_some(span)
    }

    /// The same days a year before.
    pub(crate) fn year_before(self) -> Span {
        let before = |day: Date| day.saturating_sub(1.year());
        Span { from: before(self.from), to: before(self.to) }
    }

    /// Whether it is one calendar year.
    pub(crate) fn is_year(self) -> bool {
        self.from == self.from.first_of_year() && self.last() == self.from.last_of_year()
    }

    /// The first day of each month it touches, and whether the whole month lies in it.
    pub(crate) fn months(self) -> impl Iterator<Item = (Date, bool)> {
        std::iter::successors(Some(self.from.first_of_month()), |first| Some(next_day(first.last_of_month())))
            .take_while(move |first| *first < self.to)
            .map(move |first| (first, self.from <= first && first.last_of_month() < self.to))
    }

    pub(crate) fn from_millis(self) -> Millis {
        Millis::start_of(self.from)
    }

    pub(crate) fn to_millis(self) -> Millis {
        Millis::start_of(self.to)
    }
}

fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_are_counted_and_told_whole_or_not() {
        let span = Span { from: date(2020, 1, 1), to: date(2020, 3, 15) };
        let months: Vec<_> = span.months().map(|(first, whole)| (first.month(), whole)).collect();
        assert_eq!(months, [(1, true), (2, true), (3, false)]);
        assert_eq!(span.last(), date(2020, 3, 14));
        let year = Span { from: date(2020, 1, 1), to: date(2021, 1, 1) };
        assert!(year.is_year() && year.months().all(|(_, whole)| whole) && year.months().count() == 12);
        assert!(!Span { to: date(2020, 12, 31), ..year }.is_year());
        assert_eq!(year.until(date(2020, 5, 1)), Some(Span { to: date(2020, 5, 1), ..year }));
        assert_eq!(year.until(date(2020, 1, 1)), None);
    }

    #[test]
    fn the_year_before_has_the_same_days() {
        let february = Span { from: date(2020, 2, 1), to: date(2020, 3, 1) };
        assert_eq!(february.year_before(), Span { from: date(2019, 2, 1), to: date(2019, 3, 1) });
        let leap = Span { from: date(2020, 2, 29), to: date(2020, 3, 1) };
        assert_eq!(leap.year_before(), Span { from: date(2019, 2, 28), to: date(2019, 3, 1) });
    }

    #[test]
    fn a_range_that_ends_at_midnight_ends_with_the_day_before() {
        let at = |text: &str| crate::when::moment("at", text).expect("a time");
        let range = Range { from: at("2020-05-01"), to: at("2020-06-01") };
        assert_eq!(Span::of(range), Span { from: date(2020, 5, 1), to: date(2020, 6, 1) });
        let now = Range { from: at("2020-05-01"), to: at("2020-05-08T10:00") };
        assert_eq!(Span::of(now).to, date(2020, 5, 9));
    }
}
