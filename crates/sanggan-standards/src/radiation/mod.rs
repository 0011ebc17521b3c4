//! Radiation: categories of radioactive sources, electromagnetic fields.
//!
//! Ambient gamma dose rates have no limit of their own in the law at hand, so there is nothing here that judges them.

mod electromagnetic;
mod sources;

use crate::assess::{Assessment, CannotTell, Cell, Column, Row};
use crate::edition::Text;
use crate::{Decimal, Unjudged};

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[sources::CATEGORY, electromagnetic::ELECTROMAGNETIC];

/// A number as measured; what is only known to be below a limit of detection is no number here.
fn number_of(row: &Row, column: &Column) -> Result<Option<Decimal>, CannotTell> {
    match row.cell(&column.key) {
        None => Ok(None),
        Some(Cell::Number(measured)) if !measured.below_detection => Ok(Some(measured.value)),
        Some(_) => Err(CannotTell::new(
            "not_a_value",
            format!("{}：应填数值", column.name.zh),
            format!("{}: a number is needed", column.name.en),
        )),
    }
}

/// So many significant digits, for display only.
fn shown(value: Decimal, digits: u32) -> Decimal {
    value.round_sf(digits).unwrap_or(value).normalize()
}

fn nothing() -> CannotTell {
    Unjudged::NothingMeasured.into()
}

fn named(figures: &[(&str, &str, &str)], key: &str) -> Text {
    let found = figures.iter().find(|(id, ..)| *id == key);
    found.map_or_else(|| Text::same(key), |(_, zh, en)| Text::new(*zh, *en))
}
