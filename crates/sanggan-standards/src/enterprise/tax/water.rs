//! tax-water: the environmental protection tax of a waste-water outlet in a month.
//!
//! # What it decides
//! Equivalents of each pollutant (also pH, colour, coliforms, residual chlorine, livestock, small enterprises), which of
//! them are taxed, reductions, the tax due.
//!
//! # What it leaves undecided
//! Whether the discharge is direct, whether a farm reaches the size its province has set, and whether a small discharger
//! could have been measured.
//!
//! # Source
//! Environmental Protection Tax Law, articles 7–13 and annex 2; regulation, articles 4–11; Caishui [2018] No. 23.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Assessment, Column, Exclusion, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::enterprise::tax::air::{not_taxed, weighed, with_doubt};
use crate::enterprise::tax::outlet::{self, Load};
use crate::enterprise::tax::{
    ANNEX, Found, LAW, TaxLaw, amount, find, left_out, over_limit, plain, too_large,
};
use crate::law::Law;
use crate::schema::general::FactorRow;
use crate::{Answer, CannotTell};

pub(crate) const ASSESSMENT: Assessment = Assessment {
    id: "tax-water",
    theme: Theme::Enterprise,
    title: ("环境保护税：水污染物", "Environmental protection tax: water"),
    about: (
        "按排放口和月份计算各水污染物的污染当量数，第一类取前五项、其他类取前三项，按减征条件计算应纳税额；COD、BOD5、TOC 只征一项。",
        "Equivalents of the pollutants of an outlet in a month, the first five of class 1 and three of the others, reductions and the tax due; COD, BOD5 and TOC count once.",
    ),
    standards: &[LAW, ANNEX],
    rows: Rows::By(&["enterprise", "outlet", "month"]),
    columns,
    figures: outlet::FIGURES,
    example: &[
        &[
            ("outlet", "DW001"),
            ("month", "2026-03"),
            ("pollutant", "COD"),
            ("amount", "500"),
            ("region", "山西"),
        ],
        &[
            ("outlet", "DW001"),
            ("month", "2026-03"),
            ("pollutant", "BOD5"),
            ("amount", "200"),
            ("region", "山西"),
        ],
        &[
            ("outlet", "DW001"),
            ("month", "2026-03"),
            ("pollutant", "氨氮"),
            ("amount", "40"),
            ("region", "山西"),
        ],
    ],
    judge,
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = outlet::columns(law, Unit::MgPerL);
    columns.extend([
        Column::number("sewage", "污水量", "amount of sewage", Unit::Tonne)
            .or("污水排放量", &["废水量", "废水排放量"])
            .note(
                "pH、色度、大肠菌群、余氯和小型排污者用",
                "for pH, colour, coliforms, chlorine and small dischargers",
            ),
        Column::number(
            "reading",
            "pH值或色度超标倍数",
            "pH or multiple of colour over the limit",
            Unit::None,
        )
        .or("读数", &["超标倍数", "pH值", "监测值"]),
        Column::number("stock", "月初数量", "number at the start of the month", Unit::Count)
            .or("存栏量", &["月初存栏量", "床位数", "数量", "count"]),
        Column::number("stock_end", "月末数量", "number at the end of the month", Unit::Count)
            .or("月末存栏量", &[]),
    ]);
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    answer(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn answer(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let law = TaxLaw::of(law, rows, basis)?;
    if let Some(why) = law.exemption(rows)? {
        return law.exempt(&why, outlet::due_figure);
    }
    let (mut loads, mut excluded) = (Vec::new(), Vec::new());
    let mut tables: Vec<Sourced> = Vec::new();
    let mut small = 0;
    for row in rows {
        let (outcome, sourced) = load(&law, row)?;
        if let Some(sourced) = sourced {
            small += usize::from(outcome.is_small());
            if !tables.contains(&sourced) {
                tables.push(sourced);
            }
        }
        match outcome {
            Outcome::Load(load) | Outcome::Small(load) => loads.push(load),
            Outcome::Left(left) | Outcome::SmallLeft(left) => excluded.push(left),
        }
    }
    if small != 0 && small != rows.len() {
        return Err(CannotTell::new(
            "measured_and_not",
            "附表二之四只用于无法实际监测或物料衡算的排污者，不能与监测项目一并计算",
            "annex 2, table 4 is only for dischargers that cannot be measured, not beside measured pollutants",
        ));
    }
    outlet::tax(&law, "water", loads, rows, excluded, tables)
}

enum Outcome<'a> {
    Load(Load<'a>),
    Left(Exclusion),
    /// By the table for livestock and small enterprises.
    Small(Load<'a>),
    SmallLeft(Exclusion),
}

impl Outcome<'_> {
    fn is_small(&self) -> bool {
        matches!(self, Outcome::Small(_) | Outcome::SmallLeft(_))
    }
}

fn load<'a>(law: &TaxLaw<'_>, row: &'a Row) -> Result<(Outcome<'a>, Option<Sourced>), CannotTell> {
    let name = row.text("pollutant").unwrap_or_default();
    let anywhere = Circumstances::new();
    for (table, rank) in [("water-1", "water_1"), ("water-2", "water_2")] {
        let (sourced, values) = law.annex_factors(table)?;
        if let Found::Row(factor) = find(values, name, &anywhere) {
            let group = if rank == "water_2" { group_of(law, &factor.key)? } else { None };
            return Ok((Outcome::Load(weighed(factor, rank, group, row)?), Some(sourced)));
        }
    }
    let (sourced, values) = law.annex_factors("water-special")?;
    if matches!(plain(name).as_str(), "ph" | "ph值" | "w01001") {
        return Ok((acidity(law, row)?, Some(sourced)));
    }
    if let Found::Row(factor) = find(values, name, &anywhere) {
        return Ok((special(law, factor, row)?, Some(sourced)));
    }
    let (mut sourced, values) = law.annex_factors("water-small")?;
    if let Found::Row(factor) = find(values, name, &anywhere) {
        sourced.status = factor.status.unwrap_or(sourced.status);
        return Ok((small(factor, row)?, Some(sourced)));
    }
    Ok((Outcome::Left(not_taxed(law, row)?), None))
}

/// The group of pollutants of which only one is taxed.
fn group_of(law: &TaxLaw<'_>, key: &str) -> Result<Option<String>, CannotTell> {
    let (_, groups) = law.annex.need(law.annex.list("water-groups"), "water-groups")?;
    Ok(groups.row.iter().find(|row| row.id == key).and_then(|row| row.parent.clone()))
}

fn sewage(row: &Row, name: &Text) -> Result<Decimal, CannotTell> {
    amount(row, "sewage", name)?.ok_or_else(|| {
        CannotTell::new(
            "missing",
            format!("{}：缺污水量", name.zh),
            format!("{}: the amount of sewage is missing", name.en),
        )
    })
}

/// pH: the band decides the value; between the bands nothing is taxed.
fn acidity<'a>(law: &TaxLaw<'_>, row: &'a Row) -> Result<Outcome<'a>, CannotTell> {
    let name = Text::same("pH");
    let missing = || {
        CannotTell::new(
            "missing",
            "pH：缺 pH 值（reading，0–14）",
            "pH: the value is missing (`reading`, 0–14)",
        )
    };
    let value = amount(row, "reading", &name)?.ok_or_else(missing)?;
    let (_, bands) = law.annex.need(law.annex.bands("ph"), "ph")?;
    let band = bands.band(value, &Circumstances::new()).ok_or_else(missing)?;
    let (_, values) = law.annex_factors("water-special")?;
    let Some(factor) = values.row(&band.id, &Circumstances::new()) else {
        return Ok(Outcome::Left(left_out(
            name,
            format!("pH {} 不在附表各段内，不征税", value.normalize()),
            format!("pH {} is in no band of the annex: not taxed", value.normalize()),
        )));
    };
    by_sewage(factor, Decimal::ONE, None, row).map(Outcome::Load)
}

/// Colour, coliforms, residual chlorine.
fn special<'a>(law: &TaxLaw<'_>, factor: &FactorRow, row: &'a Row) -> Result<Outcome<'a>, CannotTell> {
    let times = match factor.key.as_str() {
        "colour" => amount(row, "reading", &factor.name)?.ok_or_else(|| {
            CannotTell::new(
                "missing",
                "色度：缺超标倍数（reading）",
                "colour: the multiple over the limit is missing (`reading`)",
            )
        })?,
        _ => Decimal::ONE,
    };
    if factor.key == "coliforms" {
        match over_limit(row) {
            Some(true) => {}
            Some(false) => {
                return Ok(Outcome::Left(left_out(
                    factor.name.clone(),
                    "未超标，不征税",
                    "within the limit: not taxed",
                )));
            }
            None => {
                return Err(CannotTell::new(
                    "missing",
                    "大肠菌群数只在超标时征税：请填“均达标”",
                    "coliforms are taxed only over the limit: say so in `within`",
                ));
            }
        }
    }
    by_sewage(factor, times, group_of(law, &factor.key)?, row).map(Outcome::Load)
}

fn by_sewage<'a>(
    factor: &FactorRow,
    times: Decimal,
    group: Option<String>,
    row: &'a Row,
) -> Result<Load<'a>, CannotTell> {
    let tonnes = sewage(row, &factor.name)?;
    let value = factor.values.get("equivalent").copied().unwrap_or_default();
    let product = tonnes.checked_mul(times).ok_or_else(too_large)?;
    let equivalents = product.checked_div(value).ok_or_else(too_large)?;
    let by = if times == Decimal::ONE { String::new() } else { format!(" × {}", times.normalize()) };
    Ok(Load {
        key: factor.key.clone(),
        name: factor.name.clone(),
        rank: "water_2",
        group,
        equivalents,
        how: with_doubt(Text::same(format!("{} t{by} ÷ {}", tonnes.normalize(), value.normalize())), factor),
        status: factor.status,
        row,
    })
}

/// Livestock, small enterprises, catering, hospitals.
fn small<'a>(factor: &FactorRow, row: &'a Row) -> Result<Outcome<'a>, CannotTell> {
    if factor.values.contains_key("sewage") {
        return by_sewage(factor, Decimal::ONE, None, row).map(Outcome::Small);
    }
    let missing = || {
        CannotTell::new(
            "missing",
            format!("{}：缺数量（stock）", factor.name.zh),
            format!("{}: the number is missing (`stock`)", factor.name.en),
        )
    };
    let start = amount(row, "stock", &factor.name)?.ok_or_else(missing)?;
    let number = match amount(row, "stock_end", &factor.name)? {
        Some(end) => start.checked_add(end).ok_or_else(too_large)? / Decimal::TWO,
        None => start,
    };
    if let Some(above) = factor.values.get("above")
        && number <= *above
    {
        return Ok(Outcome::SmallLeft(left_out(
            factor.name.clone(),
            format!("数量 {} 不大于 {above}，附表不适用", number.normalize()),
            format!("{} is not above {above}: the table does not apply", number.normalize()),
        )));
    }
    let value = factor.values.get("equivalent").copied().unwrap_or_default();
    Ok(Outcome::Small(Load {
        key: factor.key.clone(),
        name: factor.name.clone(),
        rank: "water_2",
        group: None,
        equivalents: number.checked_div(value).ok_or_else(too_large)?,
        how: with_doubt(Text::same(format!("{} ÷ {}", number.normalize(), value.normalize())), factor),
        status: factor.status,
        row,
    }))
}
