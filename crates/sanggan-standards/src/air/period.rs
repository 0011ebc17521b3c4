//! AIR/air-period
//!
//! # What it decides
//! From the daily rows of one place, what a bulletin prints of a month, quarter, half-year or year: means and
//! percentiles, composite index and main pollutant, good days; for a year also whether it meets GB 3095.
//!
//! # What it leaves undecided
//! Periods with too few valid days (their figures are shown, not judged); days in several years without a period named.
//!
//! # Source
//! GB 3095 table 4; HJ 663 table 1 and annex A; 城市环境空气质量排名技术规定.

use jiff::civil::Date;

use super::annual::{at, year_answer};
use super::composite::index_answer;
use super::counts::{self, DayRules};
use super::days::{Days, day_columns};
use super::figures::{FIGURES, figure_name};
use super::rolling::FIGURE_NAMES;
use super::sample::{basis_of, zone};
use crate::assess::{Answer, Assessment, CannotTell, Cell, Exclusion, Figure, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::hj_663::{AnnualInput, FigureKind};
use crate::law::{GB_3095, HJ_633, HJ_663, Law, RANKING};
use crate::statistics::{self, count};
use crate::{Pollutant, Rounding, Unjudged, to_f64};

/// Every figure of a period: the ten of HJ 663, the share of good days, and the counts of days.
const ALL: &[(&str, &str, &str)] = &{
    let mut all = [("good_days_share", "优良天数比例", "share of good days"); 10 + 1 + counts::FIGURES.len()];
    let mut at = 0;
    while at < FIGURE_NAMES.len() {
        all[1 + at] = FIGURE_NAMES[at];
        at += 1;
    }
    at = 0;
    while at < counts::FIGURES.len() {
        all[11 + at] = counts::FIGURES[at];
        at += 1;
    }
    all
};

/// A period from its days.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-period",
    theme: Theme::Air,
    title: ("时段空气质量（由日数据统计）", "Air quality of a period from its days"),
    about: (
        "由一个点位（或城市）的逐日浓度统计月、季、半年或年的平均值和百分位数、综合指数、主要污染物、优良天数等公报指标，并核对有效天数；整年时按 HJ 663 判定是否达标。",
        "From the daily concentrations of a place or city: means and percentiles of a month, quarter, half-year or year, composite index and main pollutant, good days, all that a bulletin prints, with the days checked; a year is also held against GB 3095 by HJ 663.",
    ),
    standards: &[GB_3095, HJ_663, RANKING, HJ_633],
    rows: Rows::By(&["place", "period"]),
    columns: day_columns,
    figures: ALL,
    example: &EXAMPLE,
    judge,
};

type ExampleRow = [(&'static str, &'static str); 8];

const fn example_day(day: &'static str, pm10: &'static str) -> ExampleRow {
    [
        ("place", "朔州市"),
        ("day", day),
        ("so2", "12"),
        ("no2", "28"),
        ("co", "0.8"),
        ("o3_8h", "126"),
        ("pm10", pm10),
        ("pm25", "31"),
    ]
}

/// A made-up April: 28 days, enough for a month.
const EXAMPLE_DAYS: [ExampleRow; 28] = [
    example_day("2026-04-01", "71"),
    example_day("2026-04-02", "66"),
    example_day("2026-04-03", "83"),
    example_day("2026-04-04", "95"),
    example_day("2026-04-05", "124"),
    example_day("2026-04-06", "58"),
    example_day("2026-04-07", "61"),
    example_day("2026-04-08", "77"),
    example_day("2026-04-09", "80"),
    example_day("2026-04-10", "69"),
    example_day("2026-04-11", "72"),
    example_day("2026-04-12", "66"),
    example_day("2026-04-13", "54"),
    example_day("2026-04-14", "49"),
    example_day("2026-04-15", "63"),
    example_day("2026-04-16", "88"),
    example_day("2026-04-17", "91"),
    example_day("2026-04-18", "135"),
    example_day("2026-04-19", "102"),
    example_day("2026-04-20", "76"),
    example_day("2026-04-21", "64"),
    example_day("2026-04-22", "59"),
    example_day("2026-04-23", "68"),
    example_day("2026-04-24", "73"),
    example_day("2026-04-25", "81"),
    example_day("2026-04-26", "70"),
    example_day("2026-04-27", "67"),
    example_day("2026-04-28", "62"),
];

const EXAMPLE: [&[(&str, &str)]; 28] = {
    let mut rows: [&[(&str, &str)]; 28] = [&[]; 28];
    let mut at = 0;
    while at < rows.len() {
        rows[at] = &EXAMPLE_DAYS[at];
        at += 1;
    }
    rows
};

/// A pollutant's daily values: with the detection limit where below it, and with 0 there.
struct Series {
    high: Vec<(Date, f64)>,
    low: Vec<(Date, f64)>,
}

fn series(days: &Days<'_>, pollutant: Pollutant) -> Series {
    let column = if pollutant == Pollutant::O3 { "o3_8h" } else { super::sample::key(pollutant) };
    let mut series = Series { high: Vec::new(), low: Vec::new() };
    for (day, row) in &days.rows {
        if let Some(Cell::Number(measured)) = row.cell(column) {
            let value = to_f64(measured.value);
            series.high.push((*day, value));
            series.low.push((*day, if measured.below_detection { 0.0 } else { value }));
        }
    }
    series
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    judged(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn judged(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let mut days = Days::of(rows)?;
    let span = days.span.ok_or_else(|| {
        CannotTell::new(
            "missing",
            "日期跨多个年度或没有日期，须写明时段",
            "the days lie in several years, or there are none: name the period",
        )
    })?;
    let basis = at(basis, span.last());
    let (method, limits) = (basis_of(law, HJ_663, basis), basis_of(law, GB_3095, basis));
    let rules = law.air_rules(span.last());
    let day_rules = DayRules::of(law, method)?;
    let mut figures = Vec::new();
    let (mut inputs, mut short) = (Vec::new(), None);
    for (column, pollutant, kind) in FIGURES {
        let series = series(&days, pollutant);
        if series.high.is_empty() {
            continue;
        }
        let dates: Vec<Date> = series.high.iter().map(|(day, _)| *day).collect();
        let too_few = span.too_few(&dates, rules);
        let percent = match kind {
            FigureKind::Mean => None,
            FigureKind::Percentile(percent) => Some(percent),
        };
        let of = |values: &[(Date, f64)]| {
            let values: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
            statistics::month_from_days(&values, percent, 0, 0).value
        };
        let rounding = Rounding::HalfEven(law.annual_digits(pollutant, method)?);
        let rounded = |value: Option<f64>| value.and_then(|value| rounding.apply_f64(value));
        let (high, low) = (of(&series.high), of(&series.low));
        if rounded(high) != rounded(low) {
            days.excluded.push(Exclusion {
                what: figure_name(pollutant, kind),
                why: Text::new(
                    "低于检出限的日值会改变结果",
                    "days below the detection limit would change it",
                ),
            });
            continue;
        }
        if let Some(value) = rounded(high) {
            figures.push(Figure::new(column, figure_name(pollutant, kind), value, pollutant.unit()));
        }
        let (used, required) =
            too_few.as_ref().map_or((count(dates.len()), 0), |(_, used, required)| (*used, *required));
        inputs.push(AnnualInput { pollutant, kind, value: high, valid: too_few.is_none(), used, required });
        if let Some((what, used, required)) = too_few {
            short.get_or_insert((pollutant, what, used, required));
        }
    }
    let judged = days.judged(law, basis);
    let counts = counts::count(law, &judged, &day_rules, basis)?;
    figures.extend(counts.share());
    figures.extend(counts.figures());
    let mut answer = match law.composite(&inputs, basis_of(law, RANKING, basis)) {
        Ok(result) => index_answer(law, &result, basis),
        Err(why) => {
            let edition = law.tables(HJ_663, method)?;
            Answer::cannot_tell(why).by(edition.edition(), &[&day_rules.sourced])
        }
    };
    answer.steps.insert(0, span.name());
    if span.is_year() {
        let composite = answer.cannot_tell.take();
        add_year(
            law,
            &mut answer,
            &inputs,
            rows.first().map_or(crate::ZoneClass::Second, zone),
            method,
            limits,
        );
        // A year that is judged stands without its composite index; the reason is kept.
        match (composite, answer.meets) {
            (Some(why), Some(_)) => answer
                .excluded
                .push(Exclusion { what: Text::new("综合指数", "composite index"), why: why.text }),
            (why, _) => answer.cannot_tell = why,
        }
    }
    if let Some((pollutant, what, used, required)) = short {
        // Shown, never judged.
        answer.value = None;
        answer.cannot_tell = Some(CannotTell::new(
            "too_few_data",
            format!("{} 在{}有效 {used} 天，应有 {required} 天", pollutant.symbol(), what.zh),
            format!("too few data: {} has {used} of {required} days in {}", pollutant.symbol(), what.en),
        ));
        answer.meets = answer.meets.filter(|meets| !meets);
    }
    answer.figures = figures;
    answer.excluded.extend(days.excluded);
    Ok(answer)
}

/// Adds the verdict of a year, its items and what vouches for them.
fn add_year(
    law: &Law,
    answer: &mut Answer,
    inputs: &[AnnualInput],
    zone: crate::ZoneClass,
    method: Basis<'_>,
    limits: Basis<'_>,
) {
    let result = law.annual_with(inputs, zone, method, limits);
    let year = year_answer(law, &result, method, limits);
    answer.meets = year.meets;
    for item in year.items {
        match answer.items.iter_mut().find(|one| one.key == item.key) {
            Some(one) => {
                one.limit = item.limit;
                one.meets = item.meets;
                one.multiple = item.multiple;
            }
            None => answer.items.push(item),
        }
    }
    if let (Some(more), Some(have)) = (year.clause, &answer.clause) {
        answer.clause = Some(Text::joined(&[have, &more], "；", "; "));
    }
    answer.status = match (answer.status, year.status) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

impl Law {
    /// The decimals to which HJ 663 rounds a pollutant's figures.
    fn annual_digits(&self, pollutant: Pollutant, basis: Basis<'_>) -> Result<u32, Unjudged> {
        let tables = self.tables(HJ_663, basis)?;
        let digits = tables.loaded.annual().and_then(|(_, body)| body.digits.get(pollutant.code_str()));
        tables.need(digits.copied(), "digits")
    }
}
