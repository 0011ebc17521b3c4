//! GB 15618/farmland
//!
//! # What it decides
//! The risk of a sample of farmland soil by its pH and land use, and, by soil only, the class of cultivated land.
//!
//! # What it leaves undecided
//! Samples without pH or land use; detection limits above the screening value. The class of cultivated land needs all
//! five items that have a control value, unless one is above it; what crops add to it is not judged.
//!
//! # Source
//! GB 15618-2018, tables 1 to 3, clauses 6.1 to 6.3. Numbers: `data/gb-15618/`.

use rust_decimal::Decimal;

use super::{ABOVE_CONTROL, Values, head, item, not_an_amount, ph_column, ph_of, whole};
use crate::Unjudged;
use crate::assess::{Answer, CannotTell, Cell, Column, ItemAnswer, Row};
use crate::circumstances::{Circumstance, Circumstances, Holds};
use crate::edition::{Basis, Sourced, Text};
use crate::law::Law;
use crate::schema::general::{Conditional, Item};
use crate::single_factor::{self, Span};
use crate::tables::Tables;

pub(super) const GB_15618: &str = "GB 15618";

/// Tables of screening values, the basic items first.
const SCREENING: [&str; 2] = ["screening", "screening_optional"];

pub(super) const EXAMPLE: &[&[(&str, &str)]] = &[&[
    ("point", "T12"),
    ("day", "2026-04-20"),
    ("land", "水田"),
    ("ph", "6.2"),
    ("cd", "0.52"),
    ("hg", "0.11"),
    ("as", "9.6"),
    ("pb", "35"),
    ("cr", "72"),
    ("cu", "28"),
    ("ni", "31"),
    ("zn", "96"),
]];

pub(super) fn columns(law: &Law) -> Vec<Column> {
    let mut columns = head();
    let Some(tables) = law.latest(GB_15618) else {
        return columns;
    };
    let land = tables.circumstances().iter().find(|one| one.key == "land");
    columns.extend(land.map(|land| Column::of_circumstance(land).required()));
    columns.push(ph_column());
    for (_, body) in SCREENING.iter().filter_map(|id| tables.conditional(id)) {
        columns.extend(body.item.iter().map(Column::of_item));
    }
    columns
}

/// Every item with a screening value: itself, its table, whether it is a basic one.
type Judged<'a> = Vec<(&'a Item, ItemAnswer, Span)>;

struct Sample<'a> {
    items: Judged<'a>,
    /// Basic items without a value.
    missing: Vec<&'a Text>,
    used: Vec<Sourced>,
}

pub(super) fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(GB_15618, basis)?;
    let (risk_source, risk) = tables.need(tables.grades("risk"), "risk")?;
    let sample = sample(&tables, rows.first().ok_or(Unjudged::NothingMeasured)?)?;
    let items: Vec<_> = sample.items.into_iter().map(|(_, answer, span)| (answer, span)).collect();
    let used: Vec<&Sourced> = sample.used.iter().chain([&risk_source]).collect();
    Ok(whole(items, &sample.missing, risk)?.by(tables.edition(), &used))
}

/// The class of cultivated land: by the items that have a control value, all of them.
pub(super) fn divide(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(GB_15618, basis)?;
    let (division_source, division) = tables.need(tables.grades("division"), "division")?;
    let (_, control) = tables.need(tables.conditional("control"), "control")?;
    let sample = sample(&tables, rows.first().ok_or(Unjudged::NothingMeasured)?)?;
    let decides = |key: &str| control.item.iter().any(|item| item.key == key);
    let (mut items, mut others) = (Vec::new(), Vec::new());
    for (item, mut answer, span) in sample.items {
        if decides(&item.key) {
            answer.class = span
                .known()
                .and_then(|known| division.get(known))
                .map(|grade| single_factor::class(division, &grade.id));
            items.push((answer, span));
        } else {
            others.push(&item.name);
        }
    }
    let lacking: Vec<&Text> = control
        .item
        .iter()
        .filter(|one| items.iter().all(|(answer, _)| answer.key != one.key))
        .map(|one| &one.name)
        .collect();
    let certain = items.iter().any(|(_, span)| span.known() == Some(ABOVE_CONTROL));
    let mut answer = if lacking.is_empty() || certain {
        whole(items, &lacking, division)?
    } else {
        let names = Text::joined(&lacking, "、", ", ");
        Answer {
            items: items.into_iter().map(|(item, _)| item).collect(),
            ..Answer::cannot_tell(CannotTell::new(
                "missing",
                format!("缺少：{}，五项齐全才能划分类别", names.zh),
                format!("missing: {}; the class needs all five", names.en),
            ))
        }
    };
    answer.excluded.extend(others.into_iter().map(|name| crate::assess::Exclusion {
        what: name.clone(),
        why: Text::new(
            "没有管制值，不参与类别划分",
            "it has no control value and takes no part in the division",
        ),
    }));
    answer.steps.extend(division_source.note.clone());
    let used: Vec<&Sourced> = sample.used.iter().chain([&division_source]).collect();
    Ok(answer.by(tables.edition(), &used))
}

fn sample<'a>(tables: &Tables<'a>, row: &Row) -> Result<Sample<'a>, CannotTell> {
    let (_, risk) = tables.need(tables.grades("risk"), "risk")?;
    let (control_source, control) = tables.need(tables.conditional("control"), "control")?;
    let mut case = Circumstances::new();
    if let Some(land) = row.choice("land") {
        case = case.with("land", land);
    }
    // Only what depends on pH needs one: the optional items do not.
    let ph = ph_of(row);
    if let Ok(ph) = &ph {
        case.set("ph", Circumstance::Number(*ph));
    }
    let mut sample = Sample { items: Vec::new(), missing: Vec::new(), used: Vec::new() };
    for (at, id) in SCREENING.iter().enumerate() {
        let (source, body) = tables.need(tables.conditional(id), id)?;
        let mut used = false;
        for one in &body.item {
            let Some(cell) = row.cell(&one.key) else {
                sample.missing.extend((at == 0).then_some(&one.name));
                continue;
            };
            let screening = match strictest(body, &one.key, &case) {
                Ok(found) => tables.need(found, &one.key)?,
                Err(keys) if keys.iter().any(|key| key == "ph") => {
                    return Err(ph.err().unwrap_or_else(|| lacks(&keys)));
                }
                Err(keys) => return Err(lacks(&keys)),
            };
            let control = strictest(control, &one.key, &case).map_err(|keys| lacks(&keys))?;
            let values = Values { screening, control };
            let (answer, span) = compared(one, cell, values, risk)?;
            sample.items.push((one, answer, span));
            used = true;
        }
        if used {
            sample.used.push(source);
        }
    }
    sample.used.push(control_source);
    Ok(sample)
}

fn compared(
    one: &Item,
    cell: &Cell,
    values: Values,
    grades: &[crate::schema::general::Grade],
) -> Result<(ItemAnswer, Span), CannotTell> {
    item(&one.key, &one.name, one.unit, cell, values, None, grades).ok_or_else(|| not_an_amount(&one.name))
}

/// The strictest of the rows that hold: on paddy-upland rotation two do.
fn strictest(body: &Conditional, key: &str, case: &Circumstances) -> Result<Option<Decimal>, Vec<String>> {
    let mut found: Option<Decimal> = None;
    let mut unknown = Vec::new();
    for row in body.row.iter().filter(|row| row.item == key) {
        match case.hold(&row.when) {
            Holds::Yes => found = row.max.map(|max| found.map_or(max, |have| have.min(max))).or(found),
            Holds::No => {}
            Holds::Unknown(keys) => unknown.extend(keys),
        }
    }
    if unknown.is_empty() { Ok(found) } else { Err(unknown) }
}

fn lacks(keys: &[String]) -> CannotTell {
    let keys = keys.join(", ");
    CannotTell::new("missing", format!("缺少：{keys}"), format!("missing: {keys}"))
}
