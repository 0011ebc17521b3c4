//! Comparison of monitors with a reference: of flue gas by the mean of pairs, of waste water pair by pair.
//!
//! Source: HJ 75-2017 and HJ 355-2019. Numbers: `data/hj-75/`, `data/hj-355/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Answer, Assessment, CannotTell, Column, Figure, Row, Rows};
use crate::circumstances::{Circumstance, Circumstances};
use crate::edition::{Basis, Text, Theme};
use crate::law::{HJ_75, Law};
use crate::schema::general::{FactorRow, Factors};
use crate::{Rounding, Unjudged, exact, to_f64};

const HJ_355: &str = "HJ 355";

/// The figures of a comparison.
const FIGURES: &[(&str, &str, &str)] = &[
    ("relative_accuracy", "相对准确度", "relative accuracy"),
    ("relative_error", "相对误差", "relative error"),
    ("absolute_error", "绝对误差", "absolute error"),
    ("allowed", "允许值", "allowed"),
    ("pairs", "数据对数", "pairs"),
];

pub(super) const CEMS_ACCURACY: Assessment = Assessment {
    id: "cems-accuracy",
    theme: Theme::Discharge,
    title: ("烟气自动监测准确度比对", "Accuracy of flue-gas monitoring"),
    about: (
        "由参比方法和自动监测的成对结果，按参比均值所在的浓度段求相对准确度、相对误差或绝对误差，判定是否合格；数据对数是否足够由使用者掌握。",
        "From pairs of the reference method and the monitor: relative accuracy, relative or absolute error, whichever the range of the reference mean asks for; whether there are pairs enough is for the user to see.",
    ),
    standards: &[HJ_75],
    rows: Rows::By(&["outlet", "parameter"]),
    columns,
    figures: FIGURES,
    example: &[
        &[("parameter", "SO2"), ("reference", "30"), ("measured", "36")],
        &[("parameter", "SO2"), ("reference", "34"), ("measured", "38")],
        &[("parameter", "SO2"), ("reference", "32"), ("measured", "40")],
    ],
    judge: |law, rows, basis| of_pairs(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

pub(super) const WASTEWATER_ACCURACY: Assessment = Assessment {
    id: "wastewater-accuracy",
    theme: Theme::Discharge,
    title: ("废水自动监测实际水样比对", "Accuracy of waste-water monitoring"),
    about: (
        "逐对比较自动监测与实验室结果，按实验室结果所在的浓度段求相对误差或绝对误差，判定该对是否合格。",
        "Compares the monitor with the laboratory pair by pair: relative or absolute error, whichever the range of the laboratory's value asks for.",
    ),
    standards: &[HJ_355],
    rows: Rows::Each,
    columns,
    figures: FIGURES,
    example: &[&[("parameter", "COD"), ("reference", "80"), ("measured", "90")]],
    judge: |law, rows, basis| of_each(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns(_: &Law) -> Vec<Column> {
    let value = |key: &str, zh: &str, en: &str| Column::number(key, zh, en, Unit::None).required();
    let unit = (
        "单位按监测项目（mg/m³、mg/L、%、m/s、℃），列名不写单位",
        "in the unit of the parameter (mg/m³, mg/L, %, m/s, ℃); no unit in the heading",
    );
    vec![
        Column::text("outlet", "排放口", "outlet").or("排口", &["站点"]),
        Column::judged_day(),
        Column::text("parameter", "监测项目", "parameter").or("项目", &["污染物", "因子"]).required(),
        value("reference", "参比值", "reference value")
            .or("参比方法", &["实验室值", "手工值", "标准值", "laboratory"])
            .note(unit.0, unit.1),
        value("measured", "自动监测值", "monitored value")
            .or("在线值", &["自动值", "CEMS", "monitor"])
            .note(unit.0, unit.1),
    ]
}

/// The relative accuracy of pairs, percent: (|mean difference| + |t·S ÷ √n|) ÷ mean of the reference.
///
/// `t` is the coefficient for one degree of freedom less than there are pairs. `None` for fewer than two pairs or a
/// reference of zero.
pub(crate) fn relative_accuracy(pairs: &[(Decimal, Decimal)], t: Decimal) -> Option<Decimal> {
    let reference: Vec<f64> = pairs.iter().map(|(reference, _)| to_f64(*reference)).collect();
    let differences: Vec<f64> = pairs.iter().map(|(one, other)| to_f64(*other) - to_f64(*one)).collect();
    let n = pairs.len() as f64;
    if pairs.len() < 2 {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (of_reference, difference) = (mean(&reference), mean(&differences));
    let spread = differences.iter().map(|one| (one - difference).powi(2)).sum::<f64>() / (n - 1.0);
    let confidence = to_f64(t) * spread.sqrt() / n.sqrt();
    exact((difference.abs() + confidence.abs()) / of_reference * 100.0).filter(|_| 0.0 < of_reference)
}

fn of_pairs(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(HJ_75, basis)?;
    let (sourced, table) = tables.need(tables.factors("accuracy"), "accuracy")?;
    let (of_t, coefficients) = tables.need(tables.factors("student_t"), "student_t")?;
    let pairs = rows.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
    let row = row_of(table, rows, mean(pairs.iter().map(|(reference, _)| *reference))?)?;
    let freedom = pairs.len().saturating_sub(1).to_string();
    let accuracy = coefficients.get(&freedom, "t").and_then(|t| relative_accuracy(&pairs, t));
    let answer = compared(row, &pairs, accuracy)?.by(tables.edition(), &[&sourced]);
    Ok(match row.values.contains_key("relative_accuracy") {
        true => answer.by(tables.edition(), &[&of_t]),
        false => answer,
    })
}

fn of_each(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(HJ_355, basis)?;
    let (sourced, table) = tables.need(tables.factors("accuracy"), "accuracy")?;
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let pair = pair(row)?;
    Ok(compared(row_of(table, rows, pair.0)?, &[pair], None)?.by(tables.edition(), &[&sourced]))
}

/// Reference and monitor of a row; what was not detected is no number to compare.
fn pair(row: &Row) -> Result<(Decimal, Decimal), CannotTell> {
    let of = |key: &str| {
        row.number(key).filter(|one| !one.below_detection).map(|one| one.value).ok_or_else(|| {
            CannotTell::new(
                "not_detected",
                "未检出的结果不能比对",
                "a result below the detection limit cannot be compared",
            )
        })
    };
    Ok((of("reference")?, of("measured")?))
}

fn mean(values: impl Iterator<Item = Decimal>) -> Result<Decimal, CannotTell> {
    let all: Vec<Decimal> = values.collect();
    let sum = super::cems::sum(all.iter().copied())?;
    Ok(sum.checked_div(Decimal::from(all.len())).ok_or(Unjudged::NothingMeasured)?)
}

/// The requirement for the parameter and the range of its reference.
fn row_of<'a>(table: &'a Factors, rows: &[Row], reference: Decimal) -> Result<&'a FactorRow, CannotTell> {
    let name = rows.iter().find_map(|row| row.text("parameter")).unwrap_or_default();
    let mut case = Circumstances::new();
    case.set("reference", Circumstance::Number(reference));
    table.row(name, &case).ok_or_else(|| {
        CannotTell::new(
            "unknown_parameter",
            format!("没有“{name}”的准确度要求"),
            format!("nothing is required of the accuracy of `{name}`"),
        )
    })
}

fn compared(
    row: &FactorRow,
    pairs: &[(Decimal, Decimal)],
    accuracy: Option<Decimal>,
) -> Result<Answer, CannotTell> {
    let reference = mean(pairs.iter().map(|(reference, _)| *reference))?;
    let monitored = mean(pairs.iter().map(|(_, monitored)| *monitored))?;
    let error = monitored - reference;
    let relative = error.checked_mul(Decimal::ONE_HUNDRED).and_then(|error| error.checked_div(reference));
    let (key, allowed) = row.values.iter().next().ok_or(Unjudged::NothingMeasured)?;
    let found = match key.as_str() {
        "relative_accuracy" => accuracy,
        "relative_error" => relative,
        _ => Some(error),
    };
    let found = found.ok_or_else(|| {
        CannotTell::new(
            "pairs",
            "数据对数不足或过多，或参比值为零，不能计算",
            "it cannot be worked out: too few or too many pairs, or a reference of zero",
        )
    })?;
    let (name, unit) = FIGURES
        .iter()
        .find(|(figure, ..)| figure == key)
        .map(|(figure, zh, en)| {
            (Text::new(*zh, *en), if *figure == "absolute_error" { Unit::None } else { Unit::Percent })
        })
        .ok_or(Unjudged::NothingMeasured)?;
    let shown = Rounding::HalfEven(2).apply(found).normalize();
    let mut answer = Answer {
        meets: Some(found.abs() <= *allowed),
        value: Some(Figure::new(key, name, shown, unit)),
        ..Answer::default()
    };
    answer.figures.push(Figure::new("allowed", Text::new("允许值", "allowed"), *allowed, unit));
    answer.figures.push(Figure::new(
        "pairs",
        Text::new("数据对数", "pairs"),
        Decimal::from(pairs.len()),
        Unit::Count,
    ));
    if let Some(note) = &row.note {
        answer.steps.push(note.clone());
    }
    Ok(answer)
}
