//! The daily mean of a water outlet from its hours: what a daily limit is compared with.
//!
//! Source: HJ 356-2019, clause 7. Numbers: `data/hj-356/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::series::{Hour, HourKind, columns, hours, left_out};
use super::wastewater::rules;
use crate::assess::{Answer, Assessment, CannotTell, Column, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::{HJ_356, Law};
use crate::statistics::Medium;
use crate::{HourFlow, Rounding, Unjudged, exact, outlet, to_f64};

/// Hours of a day.
const DAY_HOURS: usize = 24;
/// Decimals to which a mean is shown.
const DIGITS: u32 = 3;

pub(super) const WASTEWATER_DAY: Assessment = Assessment {
    id: "wastewater-day",
    theme: Theme::Discharge,
    title: ("废水自动监测日均值", "Daily mean of a water outlet"),
    about: (
        "由一天的小时浓度和流量求流量加权日均值和排放量，并按有效小时占排放小时的比例判定日均值是否有效；缺测小时不补。",
        "The flow-weighted daily mean and the load from the hours of a day, and whether the mean is valid by the share of the hours with discharge that are valid; missing hours are not filled in.",
    ),
    standards: &[HJ_356],
    rows: Rows::By(&["outlet", "day"]),
    columns: all_columns,
    figures: &[
        ("cod", "化学需氧量日均值", "daily mean of chemical oxygen demand"),
        ("nh3n", "氨氮日均值", "daily mean of ammonia nitrogen"),
        ("tp", "总磷日均值", "daily mean of total phosphorus"),
        ("tn", "总氮日均值", "daily mean of total nitrogen"),
        ("cod_kg", "化学需氧量排放量", "load of chemical oxygen demand"),
        ("nh3n_kg", "氨氮排放量", "load of ammonia nitrogen"),
        ("tp_kg", "总磷排放量", "load of total phosphorus"),
        ("tn_kg", "总氮排放量", "load of total nitrogen"),
        ("volume", "排水量", "volume"),
        ("discharge_hours", "排放小时数", "hours with discharge"),
        ("required_hours", "应有有效小时数", "valid hours required"),
    ],
    example: &[
        &[("cod", "30"), ("flow", "500"), ("hours", "10")],
        &[("cod", "36"), ("flow", "700"), ("hours", "10")],
        &[("flow", "600"), ("hours", "4")],
    ],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn all_columns(law: &Law) -> Vec<Column> {
    let mut all = columns(law);
    all.retain(|column| column.key != "parameter");
    let of_items = super::wastewater::columns(law);
    all.extend(of_items.into_iter().filter(|column| column.key != "ph"));
    all
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(HJ_356, basis)?;
    let rule = law.outlet_rules(Medium::Water, basis.day());
    let any = hours(law, rows, |row| row.value("flow").is_some())?;
    if DAY_HOURS < any.len() {
        return Err(CannotTell::new(
            "hours",
            format!("一天有 {} 小时", any.len()),
            format!("the day has {} hours", any.len()),
        ));
    }
    let mut answer =
        Answer { excluded: left_out(law, &any), ..Answer::default() }.by(tables.edition(), &[&rule.sourced]);
    let mut required = 0;
    for item in rules(&tables) {
        let key = item.key();
        if matches!(key, "flow" | "ph") || rows.iter().all(|row| row.cell(key).is_none()) {
            continue;
        }
        let series: Vec<HourFlow> =
            hours(law, rows, |row| row.value(key).is_some())?.iter().map(|hour| flow_of(hour, key)).collect();
        let mean = outlet::flow_weighted_mean(&series, rule.day);
        required = mean.required;
        let value =
            mean.value.and_then(exact).map(|value| Rounding::HalfEven(DIGITS).apply(value).normalize());
        let name = item.name().clone();
        if let Some(value) = value.filter(|_| mean.valid) {
            answer.figures.push(Figure::new(key, name.clone(), value, Unit::MgPerL));
        }
        let load = outlet::load(&series, Unit::MgPerL, rule.day).value.and_then(exact);
        if let Some(load) = load.filter(|_| mean.valid) {
            let load = Rounding::HalfEven(DIGITS).apply(load).normalize();
            answer.figures.push(Figure::new(&format!("{key}_kg"), name.clone(), load, Unit::Kg));
        }
        answer.items.push(ItemAnswer {
            key: key.to_owned(),
            name,
            value,
            unit: Unit::MgPerL,
            limit: None,
            class: None,
            meets: Some(mean.valid),
            multiple: None,
            note: Some(Text::new(
                format!("有效 {} 小时，应有 {} 小时", mean.used, mean.required),
                format!("{} valid hours of {} required", mean.used, mean.required),
            )),
        });
    }
    conclude(&mut answer)?;
    let running = any.iter().filter(|hour| hour.kind != HourKind::Stopped).count();
    let volume =
        any.iter().filter(|hour| hour.kind == HourKind::Valid).filter_map(|hour| hour.row.value("flow"));
    let figure = |key: &str, zh: &str, en: &str, value: Decimal, unit| {
        Figure::new(key, Text::new(zh, en), value, unit)
    };
    answer.figures.push(figure("volume", "排水量", "volume", super::cems::sum(volume)?, Unit::M3));
    answer.figures.push(figure(
        "discharge_hours",
        "排放小时数",
        "hours with discharge",
        Decimal::from(running),
        Unit::Hour,
    ));
    answer.figures.push(figure(
        "required_hours",
        "应有有效小时数",
        "valid hours required",
        Decimal::from(required),
        Unit::Hour,
    ));
    Ok(answer)
}

/// The day is valid when every item measured is.
fn conclude(answer: &mut Answer) -> Result<(), CannotTell> {
    if answer.items.is_empty() {
        return Err(Unjudged::NothingMeasured.into());
    }
    let short: Vec<&ItemAnswer> = answer.items.iter().filter(|item| item.meets != Some(true)).collect();
    if short.len() < answer.items.len() {
        answer.meets = Some(short.is_empty());
        answer.deciding = short.iter().map(|item| item.name.clone()).collect();
        return Ok(());
    }
    let names: Vec<&Text> = short.iter().map(|item| &item.name).collect();
    let names = Text::joined(&names, "、", ", ");
    answer.cannot_tell = Some(CannotTell::new(
        "too_few_data",
        format!("有效小时不足，日均值无效：{}", names.zh),
        format!("too few valid hours, no valid daily mean: {}", names.en),
    ));
    Ok(())
}

fn flow_of(hour: &Hour<'_>, key: &str) -> HourFlow {
    let valid = |value: Option<Decimal>| value.filter(|_| hour.kind == HourKind::Valid).map(to_f64);
    HourFlow {
        concentration: valid(hour.row.value(key)),
        volume: valid(hour.row.value("flow")),
        sent_kg: None,
        discharging: hour.kind != HourKind::Stopped,
    }
}
