//! AIR/what-if
//!
//! # What it decides
//! The days of a period counted under several editions, side by side ("2020 under GB 3095-2026").
//!
//! # What it leaves undecided
//! Days without an index under an edition; editions that do not exist.
//!
//! # Source
//! HJ 633, GB 3095 and HJ 663 of the editions asked for.

use jiff::civil::Date;

pub use super::counts::DayCounts;
use super::counts::{self, ClassDays, DayRules, JudgedDay};
use super::day::daily;
use super::sample::basis_of;
use crate::law::{GB_3095, HJ_633};
use crate::{
    AirSample, Basis, EditionId, Law, LimitVerdict, Pollutant, PollutantSet, Report, Unjudged, ZoneClass,
};

/// A period under one edition.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// The edition asked for; `None` stands for the one in force on each day.
    pub asked: Option<String>,
    /// The index rule that judged the last day.
    pub index_edition: Option<EditionId>,
    /// The limits that judged the last day.
    pub limit_edition: Option<EditionId>,
    /// The counts, or why there are none.
    pub counts: Result<DayCounts, Unjudged>,
}

/// One hour or day counted by class under several editions, for data that are hours.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIfHours {
    /// The edition asked for; `None` stands for the one in force on each day.
    pub asked: Option<String>,
    /// Hours given.
    pub hours: u32,
    /// Hours with an index.
    pub valid: u32,
    /// Hours whose index is one of a good day.
    pub good: u32,
    /// Every class with its hours.
    pub classes: Vec<ClassDays>,
}

/// Counts the days of a place under each edition: `None` = the one in force, `Some("2026-final")` = one asked for.
pub fn what_if(
    law: &Law,
    days: &[(Date, AirSample)],
    zone: ZoneClass,
    editions: &[Option<&str>],
) -> Vec<WhatIf> {
    editions
        .iter()
        .map(|asked| {
            let basis_on = |day: Date| Basis::new(day, *asked);
            let last = days.iter().map(|(day, _)| *day).max().unwrap_or_default();
            let judged: Vec<(Date, JudgedDay)> = days
                .iter()
                .map(|(day, sample)| (*day, judge_day(law, sample, zone, basis_on(*day))))
                .collect();
            let basis = basis_on(last);
            let edition = |standard| law.pick(standard, basis_of(law, standard, basis)).ok();
            let counts =
                DayRules::of(law, basis).and_then(|rules| counts::count(law, &judged, &rules, basis));
            WhatIf {
                asked: asked.map(str::to_owned),
                index_edition: edition(HJ_633).map(|one| one.edition.id.clone()),
                limit_edition: edition(GB_3095).map(|one| one.edition.id.clone()),
                counts,
            }
        })
        .collect()
}

/// Counts hours under each edition, by the real-time index.
///
/// # Errors
/// [`Unjudged`] when an edition does not exist or none held on the last day.
pub fn what_if_hours(
    law: &Law,
    hours: &[(Date, AirSample)],
    editions: &[Option<&str>],
) -> Result<Vec<WhatIfHours>, Unjudged> {
    let mut answers = Vec::with_capacity(editions.len());
    for asked in editions {
        let last = hours.iter().map(|(day, _)| *day).max().unwrap_or_default();
        let rules = DayRules::of(law, Basis::new(last, *asked))?;
        let judged: Vec<(Date, JudgedDay)> = hours
            .iter()
            .map(|(day, sample)| {
                let basis = basis_of(law, HJ_633, Basis::new(*day, *asked));
                (*day, index_of(law, sample, Report::Hour, basis))
            })
            .collect();
        let counts = counts::count(law, &judged, &rules, Basis::new(last, *asked))?;
        answers.push(WhatIfHours {
            asked: asked.map(str::to_owned),
            hours: counts.days,
            valid: counts.valid,
            good: counts.good,
            classes: counts.classes,
        });
    }
    Ok(answers)
}

fn judge_day(law: &Law, sample: &AirSample, zone: ZoneClass, basis: Basis<'_>) -> JudgedDay {
    let index = index_of(law, sample, Report::Day, basis_of(law, HJ_633, basis));
    let limits = basis_of(law, GB_3095, basis);
    let verdict = |pollutant: Pollutant| -> Option<bool> {
        let limit = law.air_limit(&pollutant.code(), daily(pollutant), zone, limits).ok()?;
        match limit.judge(sample.get(pollutant, daily(pollutant))?) {
            LimitVerdict::NotJudged(_) => None,
            verdict => verdict.meets(),
        }
    };
    let verdicts = Pollutant::ALL.map(verdict);
    let meets = if verdicts.contains(&Some(false)) {
        Some(false)
    } else {
        (!verdicts.contains(&None)).then_some(true)
    };
    JudgedDay { meets, ..index }
}

fn index_of(law: &Law, sample: &AirSample, report: Report, basis: Basis<'_>) -> JudgedDay {
    let quick = law.aqi_quick(sample, report, basis);
    let aqi = counts::countable(law, sample, report, quick.aqi, basis).ok().flatten();
    // A day that is not counted has no primary pollutant either.
    JudgedDay { aqi, primary: aqi.map_or_else(PollutantSet::default, |_| quick.primary), meets: None }
}
