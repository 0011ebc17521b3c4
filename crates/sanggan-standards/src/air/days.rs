//! AIR/good-days
//!
//! # What it decides
//! How many days of a place are good (AQI of 100 or less) and the share they make of the valid days; days by class;
//! heavily polluted days; days by primary pollutant; days above a limit of GB 3095.
//!
//! # What it leaves undecided
//! Days without an index: they are no valid days and are named. Whether a dusty day may be left out: the officer says so.
//!
//! # Source
//! HJ 633 (index and class of a day), HJ 663 and reporting practice: `data/hj-663/`, table `days`.

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use sanggan_base::Unit;

use super::counts::{self, DayRules, JudgedDay};
use super::day::{COLUMNS, concentrations, daily};
use super::sample::{Given, basis_of, hold_against_limits, place_column, symbols, zone, zone_column};
use super::span::Span;
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnKind, Exclusion, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::hj_633::Report;
use crate::law::{GB_3095, HJ_633, HJ_663, Law};
use crate::{Decimal, Unjudged};

/// The good days of a place.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "good-days",
    theme: Theme::Air,
    title: ("优良天数", "Good days"),
    about: (
        "由同一点位（或城市）各日的浓度或 AQI 统计优良天数及比例、各级别天数、重污染天数、首要污染物天数和超标天数。AQI 不能判定的日不计入有效天数并予列出；受沙尘等影响而扣除的日由填报人标明。",
        "Counts the days of a place or city from their concentrations or AQI: good days and their share, days by class, heavily polluted days, days by primary pollutant, days above a limit. Days without an index are no valid days and are named; days to be left out (dust) are marked by the officer.",
    ),
    standards: &[GB_3095, HJ_633, HJ_663],
    rows: Rows::By(&["place", "period"]),
    columns,
    figures: &counts::FIGURES,
    example: &[
        &[
            ("place", "朔州市"),
            ("day", "2026-04-01"),
            ("so2", "18"),
            ("no2", "28"),
            ("co", "0.9"),
            ("o3_8h", "142"),
            ("pm10", "96"),
            ("pm25", "40"),
        ],
        &[
            ("place", "朔州市"),
            ("day", "2026-04-02"),
            ("so2", "15"),
            ("no2", "22"),
            ("co", "0.7"),
            ("o3_8h", "120"),
            ("pm10", "186"),
            ("pm25", "52"),
        ],
        &[
            ("place", "朔州市"),
            ("day", "2026-04-03"),
            ("so2", "9"),
            ("no2", "14"),
            ("co", "0.5"),
            ("o3_8h", "98"),
            ("pm10", "44"),
            ("pm25", "18"),
        ],
    ],
    judge,
};

/// The columns that assessments of daily rows share.
pub(super) fn day_columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        place_column(),
        Column::text("period", "时段", "period").or("月份", &["month", "年份", "year"]).note(
            "2020、2020-03、2020Q1 或 2020H1；不填时取包含全部日期的最小的月、季或年。",
            "2020, 2020-03, 2020Q1 or 2020H1; when empty the smallest month, quarter or year with all the days.",
        ),
        Column::judged_day().required(),
    ];
    columns.extend(concentrations(law));
    columns.push(Column::yes_no("left_out", "扣除", "left out").or("剔除", &["沙尘扣除", "是否扣除"]).note(
        "经认定受沙尘等影响、不参与评价的日填“是”。",
        "Yes for a day recognised as not to be assessed, such as one of dust.",
    ));
    columns.push(zone_column());
    columns
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = day_columns(law);
    let mut aqi = Column::number("aqi", "AQI", "AQI", Unit::None).or("空气质量指数", &["AQI指数"]).note(
        "没有浓度时采用；没有首要污染物。",
        "Used where there are no concentrations; it names no primary pollutant.",
    );
    let most = law
        .latest(HJ_633)
        .and_then(|tables| tables.loaded.aqi.as_ref())
        .map(|aqi| Decimal::from(aqi.index_max));
    if let ColumnKind::Number { max, .. } = &mut aqi.kind {
        *max = most;
    }
    columns.push(aqi);
    columns
}

/// The basis moved to a day.
fn on(basis: Basis<'_>, day: Date) -> Basis<'_> {
    super::annual::at(basis, day)
}

/// The days of a group of rows, in order, with what was left out. The period is the one named, else the one around the
/// days.
pub(super) struct Days<'r> {
    pub(super) rows: Vec<(Date, &'r Row)>,
    pub(super) span: Option<Span>,
    pub(super) excluded: Vec<Exclusion>,
}

impl<'r> Days<'r> {
    pub(super) fn of(rows: &'r [Row]) -> Result<Days<'r>, CannotTell> {
        let named = rows.first().and_then(|row| row.text("period"));
        let span = match named {
            Some(text) => Some(Span::parse(text).ok_or_else(|| {
                CannotTell::new(
                    "unreadable",
                    format!("时段“{text}”不是年、半年、季或月"),
                    format!("`{text}` is no year, half-year, quarter or month"),
                )
            })?),
            None => None,
        };
        let (mut kept, mut excluded) = (Vec::<(Date, &Row)>::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let Some(day) = row.day("day") else { continue };
            let out = |why: Text| Exclusion { what: Text::same(day.to_string()), why };
            if span.is_some_and(|span| !span.has(day)) {
                excluded.push(out(Text::new("不在该时段内", "outside the period")));
            } else if row.is_yes("left_out") == Some(true) {
                excluded.push(out(Text::new("填报为扣除", "marked as left out")));
            } else {
                kept.push((day, row));
            }
        }
        kept.sort_by_key(|(day, _)| *day);
        if let Some(pair) = kept.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(CannotTell::new(
                "twice",
                format!("{} 有两行", pair[0].0),
                format!("there are two rows for {}", pair[0].0),
            ));
        }
        let span = span.or_else(|| Span::around(&kept.iter().map(|(day, _)| *day).collect::<Vec<_>>()));
        Ok(Days { rows: kept, span, excluded })
    }

    /// The last day: that of the period, else of the rows.
    pub(super) fn last(&self) -> Option<Date> {
        self.span.map(Span::last).or_else(|| self.rows.last().map(|(day, _)| *day))
    }

    /// Each day by the rule of its own date, or of the edition asked for; why one has no index is noted.
    pub(super) fn judged(&mut self, law: &Law, basis: Basis<'_>) -> Vec<(Date, JudgedDay)> {
        let mut judged = Vec::with_capacity(self.rows.len());
        for (day, row) in &self.rows {
            match judge_day(law, row, on(basis, *day)) {
                Ok(one) => judged.push((*day, one)),
                Err(why) => {
                    self.excluded.push(Exclusion { what: Text::same(day.to_string()), why: why.text });
                    judged.push((*day, JudgedDay::default()));
                }
            }
        }
        judged
    }
}

fn judge_day(law: &Law, row: &Row, basis: Basis<'_>) -> Result<JudgedDay, CannotTell> {
    let given = Given::of(row, &COLUMNS);
    let index_basis = basis_of(law, HJ_633, basis);
    let measured = COLUMNS.iter().any(|(column, ..)| row.cell(column).is_some());
    if !measured && let Some(aqi) = row.value("aqi") {
        law.aqi_classes(index_basis)?;
        let whole = aqi.to_u16().filter(|_| aqi.fract().is_zero());
        let aqi = whole
            .ok_or_else(|| CannotTell::new("unreadable", "AQI 不是整数", "the AQI is no whole number"))?;
        // Above 100 some pollutant is above its daily limit; below, a single one could still be under other limits.
        let tables = law.pick(HJ_633, index_basis)?.aqi.as_ref();
        let exceeds = tables.is_some_and(|tables| tables.report(Report::Day).exceeding_above < aqi);
        return Ok(JudgedDay { aqi: Some(aqi), meets: exceeds.then_some(false), ..JudgedDay::default() });
    }
    let result = given.index(law, Report::Day, index_basis)?;
    if let Some(why) = result.unjudged {
        return Err(why.into());
    }
    counts::countable(law, given.sample(), Report::Day, result.aqi, index_basis).map_err(|missing| {
        let names = symbols(&missing);
        CannotTell::new(
            "incomplete",
            format!("缺 {}，其余项目的 AQI 未超标，不能认定", names.zh),
            format!("{} missing and the others do not exceed, so the day is left open", names.en),
        )
    })?;
    let mut scratch = Answer::default();
    let meets = hold_against_limits(law, &mut scratch, &given, daily, zone(row), basis);
    Ok(JudgedDay { aqi: result.aqi, primary: result.primary.iter().copied().collect(), meets })
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    judged(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn judged(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let mut days = Days::of(rows)?;
    let last = days.last().ok_or(Unjudged::NothingMeasured)?;
    let judged = days.judged(law, basis);
    let last_basis = on(basis, last);
    let rules = DayRules::of(law, last_basis)?;
    let counts = counts::count(law, &judged, &rules, last_basis)?;
    let Some(share) = counts.share() else {
        let mut answer = Answer::cannot_tell(Unjudged::NothingMeasured);
        // One day's reason is the reason of all where no edition held.
        if let Some(first) = days.excluded.first() {
            answer = Answer::cannot_tell(CannotTell { code: "nothing_measured", text: first.why.clone() });
        }
        return Ok(Answer { excluded: days.excluded, ..answer });
    };
    let mut answer = Answer {
        value: Some(share),
        deciding: counts.most_often(),
        items: counts.items(&rules),
        figures: counts.figures(),
        ..Answer::default()
    };
    let valid: Vec<Date> = judged.iter().filter(|(_, day)| day.aqi.is_some()).map(|(day, _)| *day).collect();
    match days.span {
        Some(span) => answer.steps.push(note_of(law, span, &valid)),
        None => answer.steps.push(Text::new(
            "日期跨多个年度，未核对有效天数要求",
            "the days lie in several years; how many are asked for was not checked",
        )),
    }
    let index = basis_of(law, HJ_633, last_basis);
    let tables = law.tables(HJ_663, basis_of(law, HJ_663, last_basis))?;
    answer = answer.by(tables.edition(), &[&rules.sourced]);
    let of_index = law.aqi(&crate::AirSample::new(), Report::Day, index).sourced;
    if let (Ok(tables), Some(sourced)) = (law.tables(HJ_633, index), of_index) {
        answer = answer.by(tables.edition(), &[&sourced]);
    }
    answer.excluded = days.excluded;
    Ok(answer)
}

/// Which period it is, and whether it has the days GB 3095 asks for.
fn note_of(law: &Law, span: Span, valid: &[Date]) -> Text {
    let name = span.name();
    match span.too_few(valid, law.air_rules(span.last())) {
        Some((what, used, required)) => Text::new(
            format!("时段：{}；{} 有效 {used} 天，少于应有的 {required} 天", name.zh, what.zh),
            format!("Period: {}; {} has {used} valid days of the {required} asked for", name.en, what.en),
        ),
        None => Text::new(
            format!("时段：{}；有效天数满足要求", name.zh),
            format!("Period: {}; it has the days asked for", name.en),
        ),
    }
}
