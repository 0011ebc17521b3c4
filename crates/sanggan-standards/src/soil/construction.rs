//! GB 36600/construction-land
//!
//! # What it decides
//! What a sample of soil means for land of the first or second type: the risk may be neglected, an investigation is due,
//! the risk is not acceptable. The worst item decides.
//!
//! # What it leaves undecided
//! Items of which only a detection limit above the screening value is known; what an investigation would find.
//!
//! # Source
//! GB 36600-2018, tables 1 and 2, clauses 5.3.1 to 5.3.5. Numbers: `data/gb-36600/`.

use sanggan_base::Unit;

use super::{Values, head, item, not_an_amount, whole};
use crate::Unjudged;
use crate::assess::{Answer, CannotTell, Column, Row};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text};
use crate::law::Law;

pub(super) const GB_36600: &str = "GB 36600";

const TABLES: [&str; 2] = ["basic", "other"];

pub(super) fn is_its_land(law: &Law, land: &str) -> bool {
    law.latest(GB_36600).is_some_and(|tables| {
        let circumstance = tables.circumstances().iter().find(|one| one.key == "land");
        circumstance.is_some_and(|one| one.choice.iter().any(|choice| choice.id == land))
    })
}

pub(super) fn columns(law: &Law) -> Vec<Column> {
    let mut columns = head();
    let Some(tables) = law.latest(GB_36600) else {
        return columns;
    };
    let land = tables.circumstances().iter().find(|one| one.key == "land");
    columns.extend(land.map(|land| Column::of_circumstance(land).required()));
    let rows = TABLES.iter().filter_map(|id| tables.factors(id)).flat_map(|(_, body)| &body.row);
    for row in rows {
        columns.push(Column::of_factor(row, Unit::MgPerKg));
        if row.values.contains_key("background") {
            columns.push(
                Column::number(
                    &background(&row.key),
                    &format!("{}背景值", row.name.zh),
                    &format!("background of {}", row.name.en),
                    Unit::MgPerKg,
                )
                .note(
                    "含量超过筛选值但不高于此值的，不纳入污染地块管理",
                    "above the screening value but not above this, land is not managed as contaminated",
                ),
            );
        }
    }
    columns
}

fn background(key: &str) -> String {
    format!("{key}_background")
}

pub(super) fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(GB_36600, basis)?;
    let (risk_source, risk) = tables.need(tables.grades("risk"), "risk")?;
    let land = row
        .choice("land")
        .ok_or_else(|| CannotTell::new("missing", "缺少：用地类别", "missing: land use"))?;
    let none = Circumstances::new();
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    let mut used: Vec<Sourced> = vec![risk_source];
    for id in TABLES {
        let (source, body) = tables.need(tables.factors(id), id)?;
        let mut sources = Vec::new();
        for one in &body.row {
            let Some(cell) = row.cell(&one.key) else {
                missing.extend((id == TABLES[0]).then_some(&one.name));
                continue;
            };
            let number =
                |what: &str| body.row(&one.key, &none)?.values.get(&format!("{what}_{land}")).copied();
            let screening = tables.need(number("screening"), &one.key)?;
            let values = Values { screening, control: number("control") };
            // A background that is itself only a detection limit excuses nothing.
            let natural = row.number(&background(&one.key)).filter(|measured| !measured.below_detection);
            let natural =
                natural.map(|measured| measured.value).filter(|_| one.values.contains_key("background"));
            let compared = item(&one.key, &one.name, Unit::MgPerKg, cell, values, natural, risk);
            items.push(compared.ok_or_else(|| not_an_amount(&one.name))?);
            sources.push(Sourced { status: one.status.unwrap_or(source.status), ..source.clone() });
        }
        used.extend(sources.into_iter().min_by_key(|source| source.status));
    }
    let mut answer = whole(items, &missing, risk)?;
    if let Some(list) =
        tables.list("land_types").and_then(|(_, list)| list.row.iter().find(|one| one.id == land))
    {
        let step = Text::new(
            format!("按{}的筛选值和管制值判定", list.name.zh),
            format!("by the values of the {} of land", list.name.en),
        );
        answer.steps.insert(0, step);
    }
    Ok(answer.by(tables.edition(), &used.iter().collect::<Vec<_>>()))
}
