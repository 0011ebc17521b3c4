//! Tennant and SL/T 712/ecological flow
//!
//! # What it decides
//! The Tennant grade of a flow; and for a control section over a period, on how many of its days the ecological flow was
//! kept, whether that suffices, and the warning level of the last day.
//!
//! # What it leaves undecided
//! The target flow of a section: its authority sets it, and it is entered.
//!
//! # Source
//! Tennant 1976; SL/T 712-2021. Numbers: `data/tennant/`, `data/eco-flow/`, unconfirmed.

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

pub(super) const TENNANT: Assessment = Assessment {
    id: "eco-flow-tennant",
    theme: Theme::Ecology,
    title: ("生态流量 Tennant 法分级", "Ecological flow by Tennant"),
    about: (
        "由流量占多年平均流量的百分比和时段给出 Tennant 法等级。",
        "The Tennant grade of a flow from its share of the mean annual flow and the half-year.",
    ),
    standards: &["tennant"],
    rows: Rows::Each,
    columns: |law| {
        let mut columns = vec![
            Column::text("section", "断面", "section"),
            Column::judged_day(),
            Column::number("flow", "流量", "flow", Unit::M3PerS).required(),
            Column::number("mean_annual_flow", "多年平均流量", "mean annual flow", Unit::M3PerS).required(),
        ];
        let asked = law.latest("tennant").map(|tables| tables.circumstances()).unwrap_or_default();
        columns.extend(asked.iter().map(Column::of_circumstance));
        columns
    },
    figures: &[],
    example: &[&[("section", "固定桥"), ("day", "2021-05-01"), ("flow", "3.6"), ("mean_annual_flow", "10")]],
    judge: |law, rows, basis| tennant(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

/// A number of decimals of the table `shown`.
fn shown(tables: &Tables<'_>, key: &str) -> Result<Rounding, CannotTell> {
    let (_, digits) = tables.need(tables.value("shown", key), key)?;
    Ok(Rounding::HalfEven(digits as u32))
}

/// The half-year a day lies in.
fn half_year_of(tables: &Tables<'_>, day: Date) -> Result<&'static str, CannotTell> {
    let month = |key: &str| tables.need(tables.value("half_year", key), key).map(|(_, month)| month);
    let wet = month("wet_from")?..=month("wet_to")?;
    Ok(if wet.contains(&f64::from(day.month())) { "wet" } else { "dry" })
}

fn tennant(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables("tennant", basis)?;
    let (source, grades) = tables.need(tables.bands("grades"), "grades")?;
    let (flow, mean) =
        row.value("flow").zip(row.value("mean_annual_flow")).ok_or(Unjudged::NothingMeasured)?;
    let percent = share(flow, mean)?;
    // The half-year follows from the day, unless it is said.
    let by_day = row.day("day").map(|day| half_year_of(&tables, day)).transpose()?;
    let half_year = row
        .choice("half_year")
        .or(by_day)
        .ok_or_else(|| CannotTell::new("missing", "缺少：日期或时段", "missing: the day or the half-year"))?;
    let case = Circumstances::new().with("half_year", half_year);
    let value = shown(&tables, "percent")?.apply(percent);
    let answer = Answer {
        value: Some(Figure::new(
            "percent",
            Text::new("占多年平均流量", "of mean annual flow"),
            value,
            Unit::Percent,
        )),
        class: grades.band(percent, &case).map(super::class),
        ..Answer::default()
    };
    Ok(answer.by(tables.edition(), &[&source]))
}

fn share(part: Decimal, whole: Decimal) -> Result<Decimal, CannotTell> {
    (part * Decimal::ONE_HUNDRED).checked_div(whole).ok_or_else(|| {
        CannotTell::new("missing", "多年平均流量或目标为零", "the mean annual flow or the target is zero")
    })
}

pub(super) const GUARANTEE: Assessment = Assessment {
    id: "eco-flow",
    theme: Theme::Ecology,
    title: ("生态流量保障", "Guarantee of ecological flow"),
    about: (
        "由控制断面一个时期的日均流量和下达的目标，给出达标天数、保证率、是否满足北方河流生态基流保证率，以及末日的预警等级。",
        "From the daily mean flows of a control section and its target: days kept, the rate, whether it suffices for the base flow of a northern river, and the warning level of the last day.",
    ),
    standards: &["eco-flow"],
    rows: Rows::By(&["section", "period"]),
    columns: |_| {
        vec![
            Column::text("section", "断面", "section").required(),
            Column::text("period", "时期", "period").or("月份", &["year", "年份"]),
            Column::judged_day().required(),
            Column::number("flow", "日均流量", "daily mean flow", Unit::M3PerS).or("流量", &["Q"]),
            Column::number("target", "生态流量目标", "target flow", Unit::M3PerS).or("目标", &[]).required(),
        ]
    },
    figures: &[
        ("days", "有效天数", "valid days"),
        ("days_kept", "达标天数", "days kept"),
        ("least_ratio", "流量与目标之比的最小值", "least ratio of flow to target"),
    ],
    example: &[
        &[
            ("section", "固定桥"),
            ("period", "2021-05"),
            ("day", "2021-05-01"),
            ("flow", "1.3"),
            ("target", "1.0"),
        ],
        &[
            ("section", "固定桥"),
            ("period", "2021-05"),
            ("day", "2021-05-02"),
            ("flow", "1.1"),
            ("target", "1.0"),
        ],
        &[
            ("section", "固定桥"),
            ("period", "2021-05"),
            ("day", "2021-05-03"),
            ("flow", "0.9"),
            ("target", "1.0"),
        ],
    ],
    judge: |law, rows, basis| guarantee(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn guarantee(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables("eco-flow", basis)?;
    let (source, rule) = tables.need(tables.factors("guarantee"), "guarantee")?;
    let (warning_source, warnings) = tables.need(tables.bands("warning"), "warning")?;
    let required = tables.need(rule.get("base_flow", "value"), "base_flow")?;
    let (mut days, mut kept, mut least, mut last) = (0u32, 0u32, None::<Decimal>, None);
    for row in rows {
        let (Some(flow), Some(target), Some(day)) = (row.value("flow"), row.value("target"), row.day("day"))
        else {
            continue;
        };
        let ratio = share(flow, target)? / Decimal::ONE_HUNDRED;
        days += 1;
        kept += u32::from(target <= flow);
        least = Some(least.map_or(ratio, |least| least.min(ratio)));
        if last.is_none_or(|(latest, _)| latest <= day) {
            last = Some((day, ratio));
        }
    }
    let (least, (day, ratio)) = least.zip(last).ok_or(Unjudged::NothingMeasured)?;
    let (to, ratio_to) = (shown(&tables, "rate")?, shown(&tables, "ratio")?);
    let mut rate = to.apply(share(Decimal::from(kept), Decimal::from(days))?);
    if let Rounding::HalfEven(digits) = to {
        rate.rescale(digits);
    }
    let band = warnings.band(ratio, &Circumstances::new());
    let missing = rows.len() - days as usize;
    let answer = Answer {
        value: Some(Figure::new("rate", Text::new("保证率", "rate"), rate, Unit::Percent)),
        meets: Some(required <= rate),
        class: band.map(super::class),
        steps: band
            .map(|band| {
                Text::new(
                    format!("{day}：流量与目标之比 {}，{}", ratio_to.apply(ratio), band.name.zh),
                    format!("{day}: ratio of flow to target {}, {}", ratio_to.apply(ratio), band.name.en),
                )
            })
            .into_iter()
            .collect(),
        excluded: (0 < missing)
            .then(|| Exclusion {
                what: Text::new(format!("{missing} 天"), format!("{missing} days")),
                why: Text::new("没有日均流量", "no daily mean flow"),
            })
            .into_iter()
            .collect(),
        ..Answer::default()
    };
    let number = |key: &str, zh: &str, en: &str, value: Decimal, unit| {
        Figure::new(key, Text::new(zh, en), value, unit)
    };
    Ok(answer
        .figure(number("days", "有效天数", "valid days", Decimal::from(days), Unit::Day))
        .figure(number("days_kept", "达标天数", "days kept", Decimal::from(kept), Unit::Day))
        .figure(number(
            "least_ratio",
            "流量与目标之比的最小值",
            "least ratio of flow to target",
            ratio_to.apply(least),
            Unit::None,
        ))
        .by(tables.edition(), &[&source, &warning_source]))
}
