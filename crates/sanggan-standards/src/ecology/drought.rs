//! GB/T 32136/drought by soil moisture
//!
//! # What it decides
//! The drought grade of a soil-moisture station from the relative soil moisture of the upper 20 cm.
//!
//! # What it leaves undecided
//! The correction for sandy soils, and drought by crops or weather.
//!
//! # Source
//! GB/T 32136-2015, 5.2. Numbers: `data/gb-t-32136/`, unconfirmed.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Answer, Assessment, CannotTell, Column, Figure, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::{Rounding, Unjudged};

const STANDARD: &str = "GB/T 32136";

pub(super) const DROUGHT: Assessment = Assessment {
    id: "drought",
    theme: Theme::Ecology,
    title: ("农业干旱等级（土壤墒情）", "Agricultural drought by soil moisture"),
    about: (
        "由土壤相对湿度（或含水量与田间持水量）给出农业干旱等级；不含砂质土修正。",
        "The grade of drought from relative soil moisture, or from water content and field capacity; no correction for sandy soil.",
    ),
    standards: &[STANDARD],
    rows: Rows::Each,
    columns: |_| {
        let percent = |key: &str, zh: &str, en: &str| Column::number(key, zh, en, Unit::Percent);
        vec![
            Column::text("station", "站点", "station"),
            Column::judged_day(),
            percent("relative_moisture", "土壤相对湿度", "relative soil moisture").or("R", &["相对湿度"]),
            percent("water_content", "土壤含水量", "soil water content").or("w", &["重量含水量"]),
            percent("field_capacity", "田间持水量", "field capacity").or("fc", &[]),
        ]
    },
    figures: &[],
    example: &[&[
        ("station", "怀仁墒情站"),
        ("day", "2021-06-11"),
        ("water_content", "9.6"),
        ("field_capacity", "21"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(STANDARD, basis)?;
    let (source, grades) = tables.need(tables.bands("grades"), "grades")?;
    let worked_out = row
        .value("water_content")
        .zip(row.value("field_capacity"))
        .and_then(|(content, capacity)| (content * Decimal::ONE_HUNDRED).checked_div(capacity));
    let relative = row.value("relative_moisture").or(worked_out).ok_or_else(|| {
        CannotTell::new(
            "missing",
            "缺少：土壤相对湿度，或含水量和田间持水量",
            "missing: relative soil moisture, or water content and field capacity",
        )
    })?;
    let digits = grades.digits.unwrap_or_default();
    let answer = Answer {
        value: Some(Figure::new(
            "relative_moisture",
            Text::new("土壤相对湿度", "relative soil moisture"),
            Rounding::HalfEven(digits).apply(relative),
            Unit::Percent,
        )),
        class: grades.band(relative, &Circumstances::new()).map(super::class),
        ..Answer::default()
    };
    Ok(answer.by(tables.edition(), &[&source]))
}
