//! Counting days by class: good days, heavily polluted days, primary pollutants.

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::sample::{basis_of, symbol};
use crate::assess::{ClassAnswer, Figure, ItemAnswer};
use crate::edition::{Basis, Text};
use crate::hj_633::{AirSample, Report};
use crate::law::{HJ_633, HJ_663, Law};
use crate::{Pollutant, PollutantSet, Rounding, Sourced, Unjudged};

/// The figures counts of days are told by.
pub(super) const FIGURES: [(&str, &str, &str); 17] = [
    ("days", "日数", "days given"),
    ("days_valid", "有效天数", "valid days"),
    ("days_good", "优良天数", "good days"),
    ("days_heavy", "重污染天数", "heavily polluted days"),
    ("days_exceeding", "超标天数", "days above the limits"),
    ("days_level_1", "一级（优）天数", "days of level I"),
    ("days_level_2", "二级（良）天数", "days of level II"),
    ("days_level_3", "三级（轻度污染）天数", "days of level III"),
    ("days_level_4", "四级（中度污染）天数", "days of level IV"),
    ("days_level_5", "五级（重度污染）天数", "days of level V"),
    ("days_level_6", "六级（严重污染）天数", "days of level VI"),
    ("primary_so2", "SO2 为首要污染物天数", "days with SO2 as primary pollutant"),
    ("primary_no2", "NO2 为首要污染物天数", "days with NO2 as primary pollutant"),
    ("primary_co", "CO 为首要污染物天数", "days with CO as primary pollutant"),
    ("primary_o3", "O3 为首要污染物天数", "days with O3 as primary pollutant"),
    ("primary_pm10", "PM10 为首要污染物天数", "days with PM10 as primary pollutant"),
    ("primary_pm25", "PM2.5 为首要污染物天数", "days with PM2.5 as primary pollutant"),
];

/// One class and its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassDays {
    /// The class.
    pub class: ClassAnswer,
    /// How many days are of it.
    pub days: u32,
}

/// Days of a period by class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DayCounts {
    /// Days given.
    pub days: u32,
    /// Days with an index.
    pub valid: u32,
    /// Days whose index is one of a good day.
    pub good: u32,
    /// Heavily polluted days.
    pub heavy: u32,
    /// Days that exceed a daily limit of GB 3095, those that meet all, the rest cannot be told.
    pub exceeding: u32,
    /// Days that meet every daily limit of GB 3095.
    pub meeting: u32,
    /// Every class, best first, with its days.
    pub classes: Vec<ClassDays>,
    /// Days with each pollutant as primary one, in the standards' order; a tie counts for each.
    pub primary: [u32; 6],
    /// Good days of valid days in percent; `None` without a valid day.
    pub good_share: Option<Decimal>,
}

/// What a day is counted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct JudgedDay {
    /// The index.
    pub(super) aqi: Option<u16>,
    /// The primary pollutants, where known.
    pub(super) primary: PollutantSet,
    /// Whether the daily limits are met, where known.
    pub(super) meets: Option<bool>,
}

/// The index by which a day or hour may be counted: with a pollutant missing only one that exceeds already, since what
/// is missing could only raise it.
pub(super) fn countable(
    law: &Law,
    sample: &AirSample,
    report: Report,
    aqi: Option<u16>,
    basis: Basis<'_>,
) -> Result<Option<u16>, Vec<Pollutant>> {
    let Some(tables) = law.pick(HJ_633, basis).ok().and_then(|loaded| loaded.aqi.as_ref()) else {
        return Ok(None);
    };
    let table = tables.report(report);
    let missing: Vec<Pollutant> = table
        .items
        .iter()
        .filter(|item| sample.get(item.pollutant, item.averaging).is_none())
        .map(|item| item.pollutant)
        .collect();
    let told = missing.is_empty() || aqi.is_some_and(|aqi| table.exceeding_above < aqi);
    if told { Ok(aqi) } else { Err(missing) }
}

/// The numbers of HJ 663 by which days are counted.
#[derive(Debug, Clone)]
pub(super) struct DayRules {
    good_max: u16,
    heavy_above: u16,
    digits: u32,
    /// What vouches for them.
    pub(super) sourced: Sourced,
}

impl DayRules {
    /// The rules of the edition.
    pub(super) fn of(law: &Law, basis: Basis<'_>) -> Result<DayRules, Unjudged> {
        let tables = law.tables(HJ_663, basis_of(law, HJ_663, basis))?;
        let number = |key: &str| tables.need(tables.value("days", key), key);
        let (sourced, good_max) = number("good_day_aqi_max")?;
        Ok(DayRules {
            good_max: good_max as u16,
            heavy_above: number("heavy_day_aqi_above")?.1 as u16,
            digits: number("share_digits")?.1 as u32,
            sourced,
        })
    }

    /// A share in percent, with its digits.
    pub(super) fn share(&self, part: u32, of: u32) -> Option<Decimal> {
        let share = Decimal::from(part).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(of))?;
        Some(super::composite::shown(Rounding::HalfEven(self.digits).apply(share), self.digits))
    }
}

/// Counts days.
pub(super) fn count(
    law: &Law,
    days: &[(Date, JudgedDay)],
    rules: &DayRules,
    basis: Basis<'_>,
) -> Result<DayCounts, Unjudged> {
    let classes = law.aqi_classes(basis_of(law, HJ_633, basis))?;
    let class_days = |class: &std::sync::Arc<crate::AqiClass>| ClassDays {
        class: super::sample::class_answer(class),
        days: 0,
    };
    let mut counts = DayCounts { classes: classes.iter().map(class_days).collect(), ..DayCounts::default() };
    for (_, day) in days {
        counts.days += 1;
        counts.exceeding += u32::from(day.meets == Some(false));
        counts.meeting += u32::from(day.meets == Some(true));
        let Some(aqi) = day.aqi else { continue };
        counts.valid += 1;
        counts.good += u32::from(aqi <= rules.good_max);
        counts.heavy += u32::from(rules.heavy_above < aqi);
        if let Some(at) = classes.iter().position(|class| aqi <= class.to)
            && let Some(class) = counts.classes.get_mut(at)
        {
            class.days += 1;
        }
        for pollutant in day.primary.iter() {
            counts.primary[pollutant.index()] += 1;
        }
    }
    counts.good_share = rules.share(counts.good, counts.valid);
    Ok(counts)
}

impl DayCounts {
    /// The counts as figures.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let level = |number: &str| {
            let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            at.and_then(|at| self.classes.get(at)).map_or(0, |one| one.days)
        };
        let value = |key: &str| -> u32 {
            if let Some(id) = key.strip_prefix("primary_") {
                let found = Pollutant::ALL.into_iter().find(|one| super::sample::key(*one) == id);
                return found.map_or(0, |pollutant| self.primary[pollutant.index()]);
            }
            match key {
                "days" => self.days,
                "days_valid" => self.valid,
                "days_good" => self.good,
                "days_heavy" => self.heavy,
                "days_exceeding" => self.exceeding,
                _ => key.strip_prefix("days_level_").map_or(0, level),
            }
        };
        let figure = |(key, zh, en): &(&str, &str, &str)| {
            Figure::new(key, Text::new(*zh, *en), Decimal::from(value(key)), Unit::None)
        };
        FIGURES.iter().map(figure).collect()
    }

    /// The share of good days as a figure.
    pub(super) fn share(&self) -> Option<Figure> {
        let name = Text::new("优良天数比例", "share of good days");
        self.good_share.map(|share| Figure::new("good_days_share", name, share, Unit::Percent))
    }

    /// The pollutants that are primary on most days; several when equal, none when none is.
    pub(super) fn most_often(&self) -> Vec<Text> {
        let most = self.primary.iter().copied().max().unwrap_or(0);
        let often = |pollutant: &Pollutant| 0 < most && self.primary[pollutant.index()] == most;
        Pollutant::ALL.into_iter().filter(often).map(symbol).collect()
    }

    /// One item a class, with its days and their share.
    pub(super) fn items(&self, rules: &DayRules) -> Vec<ItemAnswer> {
        let item = |(at, one): (usize, &ClassDays)| ItemAnswer {
            key: format!("days_level_{}", at + 1),
            name: one.class.name.clone(),
            value: Some(Decimal::from(one.days)),
            unit: Unit::None,
            limit: None,
            class: Some(one.class.clone()),
            meets: None,
            multiple: None,
            note: rules.share(one.days, self.valid).map(|share| Text::same(format!("{share}%"))),
        };
        self.classes.iter().enumerate().map(item).collect()
    }
}
