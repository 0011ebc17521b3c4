//! Which calendar period a set of days makes, and whether it has the days the standards ask for.

use jiff::civil::Date;

use crate::edition::Text;
use crate::statistics::{AirRules, month_days_required};

/// A stretch of the calendar: whole months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// First month, as its first day.
    first: Date,
    /// Last day.
    last: Date,
}

/// Months from 1970-01, so that they can be counted.
fn month_number(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

fn month_begin(number: i32) -> Option<Date> {
    let (year, month) = (number.div_euclid(12), number.rem_euclid(12) + 1);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()
}

impl Span {
    fn of_months(from: i32, months: i32) -> Option<Span> {
        let first = month_begin(from)?;
        Some(Span { first, last: month_begin(from + months)?.yesterday().ok()? })
    }

    /// `2020`, `2020-03`, `2020年3月`, `2020Q1`, `2020H1`.
    pub(super) fn parse(text: &str) -> Option<Span> {
        let plain =
            text.trim().trim_end_matches(['年', '月']).replace(['年', '/', '.'], "-").to_ascii_uppercase();
        let year = |text: &str| {
            let year: i32 = text.trim_end_matches('-').parse().ok()?;
            (1900..=2200).contains(&year).then_some(year * 12)
        };
        let part = |text: &str, of: i32| text.parse::<i32>().ok().filter(|part| (1..=of).contains(part));
        for (letter, parts) in [('Q', 4), ('H', 2)] {
            if let Some((of, number)) = plain.split_once(letter) {
                let months = 12 / parts;
                return Span::of_months(year(of)? + (part(number, parts)? - 1) * months, months);
            }
        }
        match plain.split_once('-') {
            Some((of, month)) => Span::of_months(year(of)? + part(month, 12)? - 1, 1),
            None => Span::of_months(year(&plain)?, 12),
        }
    }

    /// The smallest month, quarter or year that has all these days; `None` when they lie in several years.
    pub(super) fn around(days: &[Date]) -> Option<Span> {
        let (first, last) = (month_number(*days.iter().min()?), month_number(*days.iter().max()?));
        [1, 3, 12]
            .into_iter()
            .find(|months| first.div_euclid(*months) == last.div_euclid(*months))
            .and_then(|months| Span::of_months(first.div_euclid(months) * months, months))
    }

    /// Whether a day lies in it.
    pub(super) fn has(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// Its last day: the day whose editions judge it.
    pub(super) fn last(self) -> Date {
        self.last
    }

    fn months(self) -> i32 {
        month_number(self.last) - month_number(self.first) + 1
    }

    /// Whether it is a calendar year.
    pub(super) fn is_year(self) -> bool {
        self.months() == 12
    }

    /// `2020-03`, `2020Q1`, `2020`.
    pub(super) fn name(self) -> Text {
        let (year, month) = (self.first.year(), self.first.month());
        match self.months() {
            1 => Text::new(format!("{year}年{month}月"), format!("{year}-{month:02}")),
            3 => {
                let quarter = (month - 1) / 3 + 1;
                Text::new(format!("{year}年第{quarter}季度"), format!("{year}Q{quarter}"))
            }
            6 => {
                let half = (month - 1) / 6 + 1;
                Text::new(
                    format!("{year}年{}半年", if half == 1 { "上" } else { "下" }),
                    format!("{year}H{half}"),
                )
            }
            _ => Text::new(format!("{year}年"), year.to_string()),
        }
    }

    /// How many days there are and how many the rules ask for, where they are too few: in a month, or in the year.
    pub(super) fn too_few(self, days: &[Date], rules: &AirRules) -> Option<(Text, u32, u32)> {
        let count =
            |of: &dyn Fn(Date) -> bool| crate::statistics::count(days.iter().filter(|day| of(**day)).count());
        let year = self.is_year().then_some(rules.year_days_min);
        let in_all = count(&|day| self.has(day));
        if let Some(required) = year.filter(|required| in_all < *required) {
            return Some((self.name(), in_all, required));
        }
        (0..self.months()).find_map(|at| {
            let month = Span::of_months(month_number(self.first) + at, 1)?;
            let (used, required) = (count(&|day| month.has(day)), month_days_required(rules, month.first));
            (used < required).then(|| (month.name(), used, required))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_as_people_write_them() {
        for (text, first, last) in [
            ("2020", "2020-01-01", "2020-12-31"),
            ("2020年", "2020-01-01", "2020-12-31"),
            ("2020-02", "2020-02-01", "2020-02-29"),
            ("2020年12月", "2020-12-01", "2020-12-31"),
            ("2020Q2", "2020-04-01", "2020-06-30"),
            ("2020H2", "2020-07-01", "2020-12-31"),
        ] {
            let span = Span::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (span.first.to_string(), span.last.to_string()),
                (first.into(), last.into()),
                "{text}"
            );
        }
        for text in ["", "2020-13", "2020Q5", "spring", "99", "2020-00", "2020H0", "-5"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
        let days = |all: &[&str]| all.iter().map(|day| day.parse().expect("a day")).collect::<Vec<Date>>();
        let around = |all: &[&str]| Span::around(&days(all)).map(|span| span.name().en);
        assert_eq!(around(&["2020-03-01", "2020-03-31"]).as_deref(), Some("2020-03"));
        assert_eq!(around(&["2020-01-01", "2020-03-31"]).as_deref(), Some("2020Q1"));
        assert_eq!(around(&["2020-03-01", "2020-04-01"]).as_deref(), Some("2020"));
        assert_eq!(around(&["2020-12-31", "2021-01-01"]), None);
        assert_eq!(around(&[]), None);
    }
}
