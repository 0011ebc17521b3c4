//! GB 8702/public-exposure
//!
//! # What it decides
//! The control limits of the public's exposure at a frequency (electric field, magnetic field, flux density, power
//! density), and whether what was measured meets them.
//!
//! # What it leaves undecided
//! Several frequencies at once; the separate limit at 50 Hz for fields and roads under power lines.
//!
//! # Source
//! GB 8702-2014, table 1. Numbers: `data/gb-8702/`.

use sanggan_base::Unit;

use super::{named, nothing, number_of, shown};
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, ItemAnswer, Row, Rows};
use crate::circumstances::{Circumstance, Circumstances, Holds};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{FactorRow, Factors};
use crate::{Decimal, exact, to_f64};

const GB_8702: &str = "GB 8702";

/// Significant digits in which computed limits are shown; they are compared unrounded.
const SHOWN_DIGITS: u32 = 4;

/// The quantities of the table: key, Chinese, English, aliases.
const QUANTITIES: [(&str, &str, &str, &[&str]); 4] = [
    ("e", "电场强度", "electric field", &["E", "工频电场", "工频电场强度", "电场"]),
    ("h", "磁场强度", "magnetic field", &["H", "磁场"]),
    ("b", "磁感应强度", "flux density", &["B", "工频磁场", "工频磁感应强度", "磁感应"]),
    ("s", "功率密度", "power density", &["S", "等效平面波功率密度", "Seq"]),
];

const FIGURES: &[(&str, &str, &str)] = &[
    ("e_limit", "电场强度限值", "limit of the electric field"),
    ("h_limit", "磁场强度限值", "limit of the magnetic field"),
    ("b_limit", "磁感应强度限值", "limit of the flux density"),
    ("s_limit", "功率密度限值", "limit of the power density"),
];

pub(super) const ELECTROMAGNETIC: Assessment = Assessment {
    id: "electromagnetic",
    theme: Theme::Radiation,
    title: ("电磁环境", "Electromagnetic fields"),
    about: (
        "按 GB 8702 由频率给出公众曝露控制限值，并与监测的电场强度、磁场强度、磁感应强度、功率密度比较；不含多频率合成评价。",
        "The control limits of public exposure at a frequency (GB 8702), and whether the measured fields or power density meet them; several frequencies at once are not judged.",
    ),
    standards: &[GB_8702],
    rows: Rows::Each,
    columns,
    figures: FIGURES,
    example: &[&[
        ("point", "110kV变电站围墙外5m"),
        ("day", "2026-04-20"),
        ("frequency", "50"),
        ("e", "312"),
        ("b", "0.86"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn frequency_column() -> Column {
    Column::number("frequency", "频率", "frequency", Unit::Hz)
        .or("f", &["工作频率", "测量频率", "发射频率"])
        .required()
        .note("单位写在表头，如 频率(MHz)", "with its unit in the heading, such as frequency (MHz)")
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("point", "监测点", "measuring point").or("site", &["点位", "测点", "基站", "点位名称"]),
        Column::judged_day(),
        frequency_column(),
    ];
    let body = law.latest(GB_8702).and_then(|tables| tables.factors("public_exposure"));
    columns.extend(body.map(|(_, body)| quantities(body)).unwrap_or_default());
    columns
}

/// The columns of the quantities the table limits, in its units.
fn quantities(body: &Factors) -> Vec<Column> {
    let column = |(key, zh, en, aliases): &(&str, &str, &str, &[&str])| {
        let unit = body.column.iter().find(|column| column.key == *key)?.unit;
        Some(Column::number(key, zh, en, unit).or(&format!("{key}_measured"), aliases))
    };
    QUANTITIES.iter().filter_map(column).collect()
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or_else(nothing)?;
    let tables = law.tables(GB_8702, basis)?;
    let (source, body) = tables.need(tables.factors("public_exposure"), "public_exposure")?;
    let frequency = number_of(row, &frequency_column())?.ok_or_else(nothing)?;
    let mut case = Circumstances::new();
    case.set("frequency", Circumstance::Number(frequency));
    let holding: Vec<&FactorRow> = body.row.iter().filter(|row| case.hold(&row.when) == Holds::Yes).collect();
    if holding.is_empty() {
        return Err(CannotTell::new(
            "no_limit",
            format!("{} 没有频率 {frequency} Hz 的限值", tables.edition().id),
            format!("{} has no limit at {frequency} Hz", tables.edition().id),
        ));
    }
    let mut answer = Answer::default();
    let mut measured = 0usize;
    for column in quantities(body) {
        let value = number_of(row, &column)?;
        // Where two spans of frequency meet, both rows hold: the stricter counts.
        let limit = holding.iter().filter_map(|row| limit(row, &column.key, frequency)).min();
        let (limit, value) = match (limit, value) {
            (Some(limit), value) => {
                let key = format!("{}_limit", column.key);
                let unit = column.unit().unwrap_or(Unit::None);
                let name = named(FIGURES, &key);
                answer.figures.push(Figure::new(&key, name, shown(limit, SHOWN_DIGITS), unit));
                match value {
                    Some(value) => (limit, value),
                    None => continue,
                }
            }
            (None, Some(_)) => {
                answer.excluded.push(Exclusion {
                    what: column.name.clone(),
                    why: Text::new("该频率没有此量的限值", "there is no limit of it at this frequency"),
                });
                continue;
            }
            (None, None) => continue,
        };
        measured += 1;
        answer.items.push(item(&column, value, limit));
    }
    if 0 < measured {
        answer.meets = Some(answer.items.iter().all(|item| item.meets == Some(true)));
        let failed = answer.items.iter().filter(|item| item.meets == Some(false));
        answer.deciding = failed.map(|item| item.name.clone()).collect();
    }
    let names: Vec<&Text> = holding.iter().map(|row| &row.name).collect();
    let names = Text::joined(&names, "、", ", ");
    answer
        .steps
        .push(Text::new(format!("适用频段：{}", names.zh), format!("span of frequency: {}", names.en)));
    answer.steps.extend(source.note.clone());
    let statuses = holding.iter().map(|row| row.status.unwrap_or(source.status));
    let status = statuses.min().unwrap_or(source.status);
    Ok(answer.by(tables.edition(), &[&Sourced { status, ..source.clone() }]))
}

/// Coefficient × f to its power, f in the unit of the row, the noise of computing removed.
fn limit(row: &FactorRow, key: &str, frequency: Decimal) -> Option<Decimal> {
    let coefficient = row.values.get(key)?;
    let power = row.values.get(&format!("{key}_power"))?;
    let f = frequency.checked_div(*row.values.get("scale")?)?;
    if power.is_zero() {
        return Some(*coefficient);
    }
    exact(to_f64(*coefficient) * to_f64(f).powf(to_f64(*power)))
}

fn item(column: &Column, value: Decimal, limit: Decimal) -> ItemAnswer {
    let meets = value <= limit;
    let over = (value - limit).checked_div(limit).filter(|_| !meets);
    ItemAnswer {
        key: column.key.clone(),
        name: column.name.clone(),
        value: Some(value.normalize()),
        unit: column.unit().unwrap_or(Unit::None),
        limit: Some(Text::same(format!("≤ {}", shown(limit, SHOWN_DIGITS)))),
        class: None,
        meets: Some(meets),
        multiple: over.map(|over| crate::Rounding::HalfEven(2).apply(over).normalize()),
        note: None,
    }
}
