//! AIR/air-rolling-3-year
//!
//! # What it decides
//! The mean of three years in a row of each yearly figure, for the method HJ 663-2026 introduces.
//!
//! # What it leaves undecided
//! Whether anything meets: the formula and the rule of HJ 663-2026 were not found. Editions without the method, fewer
//! than three years, years not in a row.
//!
//! # Source
//! HJ 663-2026 by press; unconfirmed: `data/hj-663/2026.toml`, table `rolling`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::annual::{at, last_day};
use super::figures::{FIGURES, figure_name, yearly_columns};
use super::sample::{basis_of, place_column};
use crate::assess::{Answer, Assessment, CannotTell, Cell, Column, Exclusion, Figure, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::{HJ_663, Law};
use crate::{Rounding, Unjudged};

/// The three-year moving mean.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-rolling-3-year",
    theme: Theme::Air,
    title: ("三年滑动平均", "Three-year moving mean"),
    about: (
        "HJ 663-2026 引入三年滑动平均评价方法，公式未见条文：暂取连续三个有效年值的算术平均，结果标为未核实，不据此判定达标。",
        "HJ 663-2026 introduces a three-year moving mean whose formula was not found: for now the plain mean of three valid years in a row, marked as unconfirmed. Nothing is said to meet by it.",
    ),
    standards: &[HJ_663],
    rows: Rows::By(&["place"]),
    columns,
    figures: FIGURE_NAMES,
    example: &[
        &[("place", "朔州市"), ("year", "2024"), ("pm25_mean", "31")],
        &[("place", "朔州市"), ("year", "2025"), ("pm25_mean", "30")],
        &[("place", "朔州市"), ("year", "2026"), ("pm25_mean", "28")],
    ],
    judge,
};

/// The yearly figures as figures of an answer.
pub(super) const FIGURE_NAMES: &[(&str, &str, &str)] = &[
    ("so2_mean", "SO2 平均浓度", "SO2 mean"),
    ("so2_p98", "SO2 第98百分位数", "SO2 percentile 98"),
    ("no2_mean", "NO2 平均浓度", "NO2 mean"),
    ("no2_p98", "NO2 第98百分位数", "NO2 percentile 98"),
    ("co_p95", "CO 第95百分位数", "CO percentile 95"),
    ("o3_p90", "O3 日最大8小时平均 第90百分位数", "O3 (largest 8-hour means) percentile 90"),
    ("pm10_mean", "PM10 平均浓度", "PM10 mean"),
    ("pm10_p95", "PM10 第95百分位数", "PM10 percentile 95"),
    ("pm25_mean", "PM2.5 平均浓度", "PM2.5 mean"),
    ("pm25_p95", "PM2.5 第95百分位数", "PM2.5 percentile 95"),
];

fn columns(_law: &Law) -> Vec<Column> {
    let mut columns = vec![
        place_column(),
        Column::number("year", "年度", "year", Unit::None).or("年", &["年份"]).required(),
        Column::judged_day().note("所用版本按最后一年选取。", "The edition is that of the last year."),
    ];
    columns.extend(yearly_columns());
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    judged(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn judged(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let mut years: Vec<(i16, &Row)> = Vec::with_capacity(rows.len());
    for row in rows {
        years.push((last_day(row, basis)?.year(), row));
    }
    years.sort_by_key(|(year, _)| *year);
    let Some((_, last)) = years.last() else { return Err(Unjudged::NothingMeasured.into()) };
    let basis = basis_of(law, HJ_663, at(basis, last_day(last, basis)?));
    let tables = law.tables(HJ_663, basis)?;
    let (sourced, wanted) = tables.need(tables.value("rolling", "rolling_years"), "rolling_years")?;
    let wanted = wanted as usize;
    let in_a_row = years.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
    if years.len() != wanted || !in_a_row {
        return Err(CannotTell::new(
            "too_few_data",
            format!("应有连续 {wanted} 年各一行"),
            format!("{wanted} years in a row, one line each, are asked for"),
        ));
    }
    let digits = tables.loaded.annual().map(|(_, body)| &body.digits);
    let mut answer = Answer::default();
    for (column, pollutant, kind) in FIGURES {
        let mut values = Vec::with_capacity(wanted);
        for (_, row) in &years {
            if let Some(Cell::Number(measured)) = row.cell(column)
                && !measured.below_detection
            {
                values.push(measured.value);
            }
        }
        if values.len() < wanted {
            if !values.is_empty() {
                answer.excluded.push(Exclusion {
                    what: figure_name(pollutant, kind),
                    why: Text::new("不是每年都有有效值", "not every year has a valid value"),
                });
            }
            continue;
        }
        let sum = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value));
        let mean = sum.and_then(|sum| sum.checked_div(Decimal::from(wanted)));
        let digits = digits.and_then(|digits| digits.get(pollutant.code_str())).copied();
        let rounding = digits.map_or(Rounding::None, Rounding::HalfEven);
        if let Some(mean) = mean {
            let name = figure_name(pollutant, kind);
            answer.figures.push(Figure::new(column, name, rounding.apply(mean), pollutant.unit()));
        }
    }
    if answer.figures.is_empty() {
        return Err(Unjudged::NothingMeasured.into());
    }
    Ok(answer.by(tables.edition(), &[&sourced]))
}
