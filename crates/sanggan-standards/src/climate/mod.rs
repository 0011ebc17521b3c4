//! Greenhouse gases of power plants, coal mines and other combustion.

mod coal_mine;
mod combustion;

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::Rounding;
use crate::assess::{Assessment, Figure};
use crate::edition::Text;
use crate::tables::Tables;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] =
    &[combustion::POWER, combustion::COMBUSTION, coal_mine::COAL_MINE];

/// The standard that keeps the factors all guides share.
const FACTORS: &str = "ghg-factors";

/// Decimals of a mass of gas in the answers. No guide at hand says how to round; nothing is rounded on the way.
const DIGITS: u32 = 2;

/// Mass of carbon dioxide that a mass of carbon becomes.
fn co2_of_carbon(tables: &Tables<'_>) -> Option<Decimal> {
    let (_, molar) = tables.factors("molar")?;
    molar.get("co2", "mass")?.checked_div(molar.get("c", "mass")?)
}

/// A mass of gas as a figure.
fn mass(key: &str, zh: &str, en: &str, value: Decimal, unit: Unit) -> Figure {
    let mut value = Rounding::HalfEven(DIGITS).apply(value);
    value.rescale(DIGITS);
    Figure::new(key, Text::new(zh, en), value, unit)
}
