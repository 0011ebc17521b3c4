//! AIR/air-annual
//!
//! # What it decides
//! Whether a place's year meets GB 3095 by the figures of HJ 663: means and percentiles, with exceedance multiples.
//!
//! # What it leaves undecided
//! Figures that are missing or of too few days; the whole when one is undecided and none exceeds.
//!
//! # Source
//! HJ 663-2013 clauses 4, 5, table 1; HJ 663-2026 table 1; GB 3095 table 1 and table 4.

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use sanggan_base::Unit;

use super::figures::{FigureRow, figure_key, figure_name, yearly_columns};
use super::sample::{basis_of, place_column, zone, zone_column};
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::hj_663::AnnualResult;
use crate::law::{GB_3095, HJ_663, Law};
use crate::{LimitVerdict, Sourced};

/// The evaluation of a year.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-annual",
    theme: Theme::Air,
    title: ("环境空气质量年评价", "Air quality of a year"),
    about: (
        "按 HJ 663 的年评价指标（年平均浓度和特定百分位数浓度）对照 GB 3095 判定全年是否达标，给出各指标超标倍数。各指标须全部给出；缺一项而其余不超标的不判定。",
        "Holds the yearly figures of HJ 663 (means and percentiles) against GB 3095 and tells whether the year meets, with the exceedance multiples. All figures are needed: with one missing and none exceeding, it is left open.",
    ),
    standards: &[GB_3095, HJ_663],
    rows: Rows::Each,
    columns,
    figures: &[],
    example: &[&[
        ("place", "朔州市"),
        ("year", "2020"),
        ("so2_mean", "21"),
        ("so2_p98", "60"),
        ("no2_mean", "29"),
        ("no2_p98", "58"),
        ("co_p95", "1.8"),
        ("o3_p90", "158"),
        ("pm10_mean", "82"),
        ("pm10_p95", "171"),
        ("pm25_mean", "37"),
        ("pm25_p95", "88"),
    ]],
    judge,
};

fn columns(_law: &Law) -> Vec<Column> {
    let mut columns = vec![
        place_column(),
        Column::number("year", "年度", "year", Unit::None).or("年", &["年份"]),
        Column::judged_day().note("不填年度时按此日所在年评价。", "The year judged, where `year` is empty."),
    ];
    columns.extend(yearly_columns());
    columns.push(
        Column::number("valid_days", "有效天数", "valid days", Unit::None)
            .or("有效监测天数", &["days"])
            .note(
                "少于 GB 3095 规定的全年有效天数时不判定；不填时视为已满足。",
                "With fewer than GB 3095 asks of a year nothing is judged; taken as enough when empty.",
            ),
    );
    columns.push(zone_column());
    columns
}

/// The last day of the year a row is about.
pub(super) fn last_day(row: &Row, basis: Basis<'_>) -> Result<Date, CannotTell> {
    let year = match row.value("year") {
        Some(year) => year.to_i16().filter(|_| year.fract().is_zero()),
        None => Some(basis.day().year()),
    };
    year.filter(|year| (1900..=2200).contains(year))
        .and_then(|year| Date::new(year, 12, 31).ok())
        .ok_or_else(|| CannotTell::new("unreadable", "年度不是公历年", "`year` is no calendar year"))
}

/// The basis moved to another day.
pub(super) fn at(basis: Basis<'_>, day: Date) -> Basis<'_> {
    match basis {
        Basis::OfDay(_) => Basis::OfDay(day),
        Basis::Edition(name, _) => Basis::Edition(name, day),
    }
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let Some(row) = rows.first() else { return Answer::cannot_tell(crate::Unjudged::NothingMeasured) };
    let day = match last_day(row, basis) {
        Ok(day) => day,
        Err(why) => return Answer::cannot_tell(why),
    };
    let basis = at(basis, day);
    let method = basis_of(law, HJ_663, basis);
    // The limits asked for by name (`2026-final`) with the method of the same publication.
    let limits = basis_of(law, GB_3095, basis);
    let required = law.air_rules(day).year_days_min;
    let days = row.value("valid_days").map(|days| (days.trunc().to_u32().unwrap_or(0), required));
    let figures = FigureRow::of(row, days);
    let result = law.annual_with(&figures.high, zone(row), method, limits);
    if figures.below_detection()
        && law.annual_with(&figures.low, zone(row), method, limits).meets != result.meets
    {
        return Answer { excluded: figures.excluded, ..Answer::cannot_tell(FigureRow::undecided()) };
    }
    let mut answer = year_answer(law, &result, method, limits);
    answer.excluded.extend(figures.excluded);
    answer
}

/// A judged year as an answer.
pub(super) fn year_answer(law: &Law, result: &AnnualResult, method: Basis<'_>, limits: Basis<'_>) -> Answer {
    let mut answer = Answer {
        meets: result.meets,
        cannot_tell: result.unjudged.clone().map(CannotTell::from),
        ..Answer::default()
    };
    let mut sources: Vec<Sourced> = Vec::new();
    for figure in &result.figures {
        let name = figure_name(figure.pollutant, figure.kind);
        if let LimitVerdict::NotJudged(why) = &figure.verdict {
            answer.excluded.push(Exclusion { what: name.clone(), why: why.text() });
        }
        if figure.verdict.meets() == Some(false) {
            answer.deciding.push(name.clone());
        }
        if let Some(limit) = &figure.limit
            && !sources.contains(&limit.sourced)
        {
            sources.push(limit.sourced.clone());
        }
        answer.items.push(
            ItemAnswer {
                key: figure_key(figure.pollutant, figure.kind),
                name,
                value: figure.value,
                unit: figure.unit,
                limit: figure
                    .limit
                    .as_ref()
                    .map(|limit| Text::same(format!("≤ {}", limit.value.normalize()))),
                class: None,
                meets: None,
                multiple: None,
                note: None,
            }
            .verdict(&figure.verdict),
        );
    }
    if let (Ok(tables), Some(sourced)) = (law.tables(HJ_663, method), &result.sourced) {
        answer = answer.by(tables.edition(), &[sourced]);
    }
    match law.tables(GB_3095, limits) {
        Ok(tables) if !sources.is_empty() => answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()),
        _ => answer,
    }
}
