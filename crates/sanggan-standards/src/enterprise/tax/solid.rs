//! tax-solid: the environmental protection tax of solid waste in a month.
//!
//! # What it decides
//! The amount discharged (generated less stored, disposed of and used as the standards ask) and the tax due.
//!
//! # What it leaves undecided
//! Whether storage, disposal and use meet the standards, and what a province counts as other solid waste.
//!
//! # Source
//! Environmental Protection Tax Law, articles 4–12 and annex 1; regulation, articles 2, 5 and 6; Caishui [2018] No. 23.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Assessment, ClassAnswer, Column, ColumnChoice, Figure, ItemAnswer, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::enterprise::tax::outlet::due_figure;
use crate::enterprise::tax::{ANNEX, Found, LAW, TaxLaw, amount, find, too_large, who_and_when};
use crate::law::Law;
use crate::{Answer, CannotTell};

pub(crate) const ASSESSMENT: Assessment = Assessment {
    id: "tax-solid",
    theme: Theme::Enterprise,
    title: ("环境保护税：固体废物", "Environmental protection tax: solid waste"),
    about: (
        "排放量为产生量减去符合标准的贮存、处置、综合利用量；非法倾倒或虚假申报的以产生量计；按种类计算应纳税额。",
        "What is generated less what is stored, disposed of or used within the standards, all of it where it was dumped or falsely declared, at the rate of each kind of waste.",
    ),
    standards: &[LAW, ANNEX],
    rows: Rows::By(&["enterprise", "month"]),
    columns,
    figures: &[("discharged", "排放量", "amount discharged")],
    example: &[&[
        ("month", "2026-03"),
        ("waste", "尾矿"),
        ("generated", "1000"),
        ("used", "300"),
        ("stored", "200"),
    ]],
    judge,
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = who_and_when();
    let list = law.latest(LAW).and_then(|tables| tables.list("generated"));
    let violations = list
        .into_iter()
        .flat_map(|(_, list)| &list.row)
        .filter(|row| VIOLATIONS.contains(&row.id.as_str()))
        .map(|row| ColumnChoice { id: row.id.clone(), name: row.name.clone(), aliases: Vec::new() });
    columns.extend([
        Column::text("waste", "固体废物", "solid waste")
            .or("废物名称", &["固废种类", "税目", "种类"])
            .required(),
        Column::number("generated", "产生量", "generated", Unit::Tonne).required(),
        Column::number("stored", "贮存量", "stored", Unit::Tonne).note(
            "在符合标准的设施、场所；未准确计量的不填",
            "where the standards are met; leave empty unless measured",
        ),
        Column::number("disposed", "处置量", "disposed of", Unit::Tonne),
        Column::number("used", "综合利用量", "put to use", Unit::Tonne).or("利用量", &[]),
        Column::choice("violation", "违法情形", "violation", violations.collect())
            .note("有的，以产生量作为排放量", "if any, the amount generated counts as discharged"),
    ]);
    columns
}

/// Those of the regulation's cases that are about solid waste (article 6).
const VIOLATIONS: &[&str] = &["dumping", "false_return"];

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    answer(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn answer(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let law = TaxLaw::of(law, rows, basis)?;
    let (sourced, rates) = law.annex_factors("solid")?;
    let (money_by, _) = law.law_factors("money")?;
    let (mut due, mut total) = (Decimal::ZERO, Decimal::ZERO);
    let mut answer = Answer::default();
    for row in rows {
        let name = row.text("waste").unwrap_or_default();
        let Found::Row(waste) = find(rates, name, &Circumstances::new()) else {
            return Err(CannotTell::new(
                "unknown_waste",
                format!("附表一中没有“{name}”，请核对名称（其他固体废物填“其他固体废物”）"),
                format!("annex 1 has no `{name}`: check the name (other waste is `other`)"),
            ));
        };
        if answer.items.iter().any(|item| item.key == waste.key) {
            return Err(CannotTell::new(
                "given_twice",
                format!("{} 在同一月份出现两次", waste.name.zh),
                format!("{} is given twice for one month", waste.name.en),
            ));
        }
        let rate = waste.values.get("rate").copied().unwrap_or_default();
        let (discharged, how) = discharged(row, &waste.name)?;
        let own = law.money(discharged.checked_mul(rate).ok_or_else(too_large)?)?;
        due = due.checked_add(own).ok_or_else(too_large)?;
        total = total.checked_add(discharged).ok_or_else(too_large)?;
        let taxed = !discharged.is_zero();
        if taxed {
            answer.deciding.push(waste.name.clone());
        }
        answer.items.push(ItemAnswer {
            key: waste.key.clone(),
            name: waste.name.clone(),
            value: Some(discharged.normalize()),
            unit: Unit::Tonne,
            limit: None,
            class: Some(match taxed {
                true => {
                    ClassAnswer { id: "taxed".to_owned(), name: Text::new("征税", "taxed"), colour: None }
                }
                false => ClassAnswer {
                    id: "nothing".to_owned(),
                    name: Text::new("无排放", "nothing discharged"),
                    colour: None,
                },
            }),
            meets: None,
            multiple: None,
            note: Some(Text::same(format!("({how}) t × {rate} = {own}"))),
        });
    }
    answer.value = Some(due_figure(due));
    let answer = answer.by(law.tax.edition(), &[&money_by]).by(law.annex.edition(), &[&sourced]);
    let name = Text::new("排放量", "amount discharged");
    Ok(answer.figure(Figure::new("discharged", name, total.normalize(), Unit::Tonne)))
}

fn discharged(row: &Row, name: &Text) -> Result<(Decimal, String), CannotTell> {
    let generated = amount(row, "generated", name)?.unwrap_or_default();
    let mut how = generated.normalize().to_string();
    if row.choice("violation").is_some() {
        return Ok((generated, how));
    }
    let mut left = generated;
    for column in ["stored", "disposed", "used"] {
        if let Some(less) = amount(row, column, name)? {
            left = left.checked_sub(less).ok_or_else(too_large)?;
            how = format!("{how} − {}", less.normalize());
        }
    }
    if left.is_sign_negative() && !left.is_zero() {
        return Err(CannotTell::new(
            "below_zero",
            format!("{}：贮存、处置、利用量之和大于产生量（{how}）", name.zh),
            format!("{}: more is stored, disposed of and used than generated ({how})", name.en),
        ));
    }
    Ok((left, how))
}
