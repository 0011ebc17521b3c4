//! AIR/air-composite
//!
//! # What it decides
//! The composite index of a month, quarter, half-year or year from its six figures, each pollutant's part, the main
//! pollutant, and the rate of change against a year before.
//!
//! # What it leaves undecided
//! Periods in which one of the six figures is missing; days before the first edition.
//!
//! # Source
//! 城市环境空气质量排名技术规定 (环办监测〔2018〕19号): `data/ranking/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::figures::{FigureRow, figure_key, figure_name, ranked_columns};
use super::sample::{basis_of, place_column, symbol};
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::{Law, RANKING};
use crate::ranking::{CompositeResult, change};
use crate::{Rounding, Unjudged};

/// The figure with the rate of change.
pub(super) const CHANGE: (&str, &str, &str) =
    ("change", "综合指数同比变化率", "change against a year before");

/// The composite index.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-composite",
    theme: Theme::Air,
    title: ("环境空气质量综合指数", "Composite index of air quality"),
    about: (
        "由一个时段（月、季、半年、年）的 SO2、NO2、PM10、PM2.5 平均浓度、CO 第95百分位数和 O3 日最大8小时第90百分位数计算综合指数、单项指数和主要污染物；填写上年同期指数时给出变化率。",
        "Works out the composite index of a period (month, quarter, half-year, year) from the means of SO2, NO2, PM10 and PM2.5, CO's percentile 95 and the percentile 90 of O3, with each part and the main pollutant; with last year's index also the rate of change.",
    ),
    standards: &[RANKING],
    rows: Rows::Each,
    columns,
    figures: &[CHANGE],
    example: &[&[
        ("place", "奈曼旗"),
        ("day", "2023-03-31"),
        ("so2", "9"),
        ("no2", "14"),
        ("pm10", "77"),
        ("pm25", "23"),
        ("co", "1.1"),
        ("o3", "96"),
    ]],
    judge,
};

fn columns(_law: &Law) -> Vec<Column> {
    let mut columns = vec![
        place_column(),
        Column::text("period", "时段", "period").or("月份", &["年份", "month", "year"]),
        Column::judged_day().note(
            "时段的最后一日；所用版本按此日选取。",
            "The last day of the period; the edition is picked by it.",
        ),
    ];
    columns.extend(ranked_columns());
    columns.push(last_column());
    columns
}

/// The index a year before.
pub(super) fn last_column() -> Column {
    Column::number("last_composite", "上年同期综合指数", "composite index a year before", Unit::None)
        .or("上年同期", &["上年综合指数", "去年同期综合指数", "去年综合指数"])
}

/// The index of a row by the rule in force, or why there is none.
pub(super) fn of_row(
    law: &Law,
    row: &Row,
    basis: Basis<'_>,
) -> (Result<CompositeResult, CannotTell>, Vec<Exclusion>) {
    let basis = basis_of(law, RANKING, basis);
    let figures = FigureRow::of(row, None);
    let high = law.composite(&figures.high, basis);
    let result = match (high, figures.below_detection()) {
        (Err(why), _) => Err(why.into()),
        (Ok(high), true) => match law.composite(&figures.low, basis) {
            Ok(low) if low.value == high.value && low.main == high.main => Ok(high),
            _ => Err(FigureRow::undecided()),
        },
        (Ok(high), false) => Ok(high),
    };
    (result, figures.excluded)
}

/// The rate of change of an index, with the rounding of the rule.
pub(super) fn change_of(
    law: &Law,
    now: Decimal,
    then: Decimal,
    basis: Basis<'_>,
) -> Result<Decimal, Unjudged> {
    let tables = law.tables(RANKING, basis_of(law, RANKING, basis))?;
    let (_, digits) = tables.need(tables.value("rank", "change_digits"), "change_digits")?;
    let rate = change(now, then, Rounding::HalfEven(digits as u32)).ok_or(Unjudged::NothingMeasured)?;
    Ok(shown(rate, digits as u32))
}

/// A number with its digits, also where they are 0.
pub(super) fn shown(mut value: Decimal, digits: u32) -> Decimal {
    value.rescale(digits);
    value
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let Some(row) = rows.first() else { return Answer::cannot_tell(Unjudged::NothingMeasured) };
    let (result, excluded) = of_row(law, row, basis);
    let mut answer = match result {
        Ok(result) => index_answer(law, &result, basis),
        Err(why) => return Answer { excluded, ..Answer::cannot_tell(why) },
    };
    answer.excluded.extend(excluded);
    if let (Some(value), Some(last)) = (&answer.value, row.value("last_composite")) {
        match change_of(law, value.value, last, basis) {
            Ok(rate) => {
                let (key, zh, en) = CHANGE;
                answer.figures.push(Figure::new(key, Text::new(zh, en), rate, Unit::Percent));
            }
            Err(_) => answer.excluded.push(Exclusion {
                what: Text::new(CHANGE.1, CHANGE.2),
                why: Text::new("上年同期指数为0，不能计算", "the index a year before is 0"),
            }),
        }
    }
    answer
}

/// A composite index as an answer.
pub(super) fn index_answer(law: &Law, result: &CompositeResult, basis: Basis<'_>) -> Answer {
    let value = Figure::new("composite", Text::new("综合指数", "composite index"), result.value, Unit::None);
    let answer = Answer {
        value: Some(value),
        deciding: result.main.iter().copied().map(symbol).collect(),
        items: result
            .parts
            .iter()
            .map(|part| ItemAnswer {
                key: figure_key(part.pollutant, part.kind),
                name: figure_name(part.pollutant, part.kind),
                value: Some(part.concentration),
                unit: part.pollutant.unit(),
                limit: Some(Text::same(part.limit.normalize().to_string())),
                class: None,
                meets: None,
                multiple: None,
                note: Some(Text::new(
                    format!("单项指数 {}", part.index),
                    format!("single index {}", part.index),
                )),
            })
            .collect(),
        steps: vec![Text::same(result.formula.clone())],
        ..Answer::default()
    };
    match law.tables(RANKING, basis_of(law, RANKING, basis)) {
        Ok(tables) => answer.by(tables.edition(), &[&result.sourced]),
        Err(why) => Answer::cannot_tell(why),
    }
}
