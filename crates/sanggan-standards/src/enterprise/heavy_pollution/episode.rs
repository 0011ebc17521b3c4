//! A series of forecast days, its episodes, and how long they stay above a threshold.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::edition::Text;
use crate::schema::general::{FactorRow, Factors};

/// A forecast day counts as many hours.
pub(super) const DAY_HOURS: usize = 24;

/// One day of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ForecastDay {
    pub(super) day: Date,
    pub(super) air: Air,
}

/// What is known of the air of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Air {
    /// Its index.
    Aqi(Decimal),
    /// Caused by what does not count: never above a threshold.
    NotCounted,
    /// No forecast.
    Unknown,
}

/// How days without a forecast are read, to see whether they could matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As days of clean air that end every run.
    Clean,
    /// As days above every threshold.
    Foul,
}

/// `AQI above 200 for 48 hours`, a row of the data file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition<'a> {
    pub(super) row: &'a FactorRow,
    above: Option<Decimal>,
    at_least: Option<Decimal>,
    hours: Decimal,
    group: Decimal,
}

/// Longest stretch of days that meet a condition's threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stretch {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) days: usize,
}

/// The conditions of one level.
#[derive(Debug)]
pub(super) struct Level<'a> {
    pub(super) id: &'a str,
    pub(super) conditions: Vec<Condition<'a>>,
}

impl<'a> Level<'a> {
    /// The level of a table; `None` when a row lacks a number.
    pub(super) fn of(id: &'a str, body: &'a Factors) -> Option<Level<'a>> {
        let conditions = body.row.iter().map(Condition::of).collect::<Option<Vec<_>>>()?;
        Some(Level { id, conditions })
    }

    /// The condition with the lowest threshold: below it the air is below the start of this level.
    pub(super) fn lowest(&self) -> Option<&Condition<'a>> {
        self.conditions.iter().min_by_key(|condition| condition.threshold())
    }

    /// The conditions that start the level, and from which day, when they do. All of a group must hold in one stretch.
    pub(super) fn starts(
        &self,
        days: &[ForecastDay],
        reading: Reading,
        join: usize,
    ) -> Option<(usize, Vec<&Condition<'a>>)> {
        let mut groups: Vec<Decimal> = self.conditions.iter().map(|condition| condition.group).collect();
        groups.dedup();
        for group in groups {
            let of_group: Vec<&Condition<'a>> =
                self.conditions.iter().filter(|condition| condition.group == group).collect();
            let Some(widest) = of_group.iter().min_by_key(|condition| condition.threshold()) else {
                continue;
            };
            let found = widest.stretches(days, reading, join).into_iter().find(|stretch| {
                of_group.iter().all(|condition| {
                    let inside = days.get(stretch.first..=stretch.last).unwrap_or_default();
                    condition.longest(inside, reading, join).is_some_and(|inner| condition.lasts(inner))
                })
            });
            if let Some(stretch) = found {
                return Some((stretch.first, of_group));
            }
        }
        None
    }
}

impl<'a> Condition<'a> {
    fn of(row: &'a FactorRow) -> Option<Condition<'a>> {
        let number = |key: &str| row.values.get(key).copied();
        let (above, at_least) = (number("aqi_above"), number("aqi_at_least"));
        above.or(at_least)?;
        Some(Condition { row, above, at_least, hours: number("hours")?, group: number("group")? })
    }

    fn threshold(&self) -> Decimal {
        self.above.or(self.at_least).unwrap_or_default()
    }

    /// The hours it asks for.
    pub(super) fn hours(&self) -> Decimal {
        self.hours
    }

    /// `≥ 48 h`, with the threshold.
    pub(super) fn said(&self) -> Text {
        let aqi = match self.above {
            Some(above) => format!("AQI > {above}"),
            None => format!("AQI ≥ {}", self.threshold()),
        };
        Text::same(format!("{aqi}, ≥ {} h", self.hours))
    }

    /// Whether a day is above the threshold.
    pub(super) fn holds(&self, air: Air, reading: Reading) -> bool {
        match air {
            Air::Aqi(aqi) => {
                self.above.is_none_or(|above| above < aqi) && self.at_least.is_none_or(|least| least <= aqi)
            }
            Air::NotCounted => false,
            Air::Unknown => reading == Reading::Foul,
        }
    }

    /// Whether a stretch is long enough.
    pub(super) fn lasts(&self, stretch: Stretch) -> bool {
        self.hours <= Decimal::from(stretch.days * DAY_HOURS)
    }

    /// The stretches of days above the threshold; those parted by fewer than `join` hours are one, the hours between not
    /// counted. A day without a forecast parts them for good when it is read as clean.
    pub(super) fn stretches(&self, days: &[ForecastDay], reading: Reading, join: usize) -> Vec<Stretch> {
        let mut all: Vec<Stretch> = Vec::new();
        let mut unknown_between = false;
        for (at, day) in days.iter().enumerate() {
            if !self.holds(day.air, reading) {
                unknown_between |= day.air == Air::Unknown;
                continue;
            }
            let near = |stretch: &&mut Stretch| {
                let between = at - stretch.last - 1;
                between == 0 || (between * DAY_HOURS < join && !unknown_between)
            };
            match all.last_mut().filter(near) {
                Some(stretch) => {
                    stretch.last = at;
                    stretch.days += 1;
                }
                None => all.push(Stretch { first: at, last: at, days: 1 }),
            }
            unknown_between = false;
        }
        all
    }

    /// The longest of them.
    pub(super) fn longest(&self, days: &[ForecastDay], reading: Reading, join: usize) -> Option<Stretch> {
        self.stretches(days, reading, join).into_iter().max_by_key(|stretch| stretch.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_breaks_join_long_ones_and_unknown_days_part() {
        let row: FactorRow = toml::from_str(
            "key = 'a'\nname = { zh = '甲', en = 'a' }\nvalues = { group = 1, aqi_above = 200, hours = 48 }",
        )
        .expect("a row");
        let condition = Condition::of(&row).expect("a condition");
        let series = |text: &str| -> Vec<ForecastDay> {
            let air = |c| match c {
                '?' => Air::Unknown,
                '#' => Air::Aqi(Decimal::from(201)),
                _ => Air::Aqi(Decimal::from(200)),
            };
            let day = jiff::civil::date(2026, 1, 1);
            text.chars().map(|c| ForecastDay { day, air: air(c) }).collect()
        };
        for (text, reading, join, want) in [
            ("##", Reading::Clean, 36, vec![2]),
            ("#.#", Reading::Clean, 36, vec![2]),
            ("#.#", Reading::Clean, 0, vec![1, 1]),
            ("#..#", Reading::Clean, 36, vec![1, 1]),
            ("#?#", Reading::Clean, 36, vec![1, 1]),
            ("#?#", Reading::Foul, 36, vec![3]),
            ("...", Reading::Clean, 36, vec![]),
        ] {
            let got: Vec<usize> =
                condition.stretches(&series(text), reading, join).iter().map(|one| one.days).collect();
            assert_eq!(got, want, "{text}");
        }
    }
}
