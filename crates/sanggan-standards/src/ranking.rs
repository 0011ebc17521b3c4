//! Ranking/composite
//!
//! # What it decides
//! The composite index (环境空气质量综合指数) of a month, quarter, half-year or year, each pollutant's part, and the
//! main pollutant.
//!
//! # What it leaves undecided
//! Periods in which one of the six figures is missing, and days before the first edition.
//!
//! # Source
//! 城市环境空气质量排名技术规定 (环办监测〔2018〕19号). The reading for 2026 and after is unconfirmed.
//! Numbers: `data/ranking/`.

use rust_decimal::Decimal;

use crate::edition::{Basis, EditionId, Sourced, Status};
use crate::gb_3095::ZoneClass;
use crate::hj_663::{AnnualInput, FigureKind};
use crate::law::RANKING;
use crate::{Averaging, Law, Pollutant, Rounding, Unjudged};

/// One pollutant's part of the composite index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositePart {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Which figure.
    pub kind: FigureKind,
    /// The rounded concentration.
    pub concentration: Decimal,
    /// The limit it is divided by.
    pub limit: Decimal,
    /// Its weight (1 in the 2018 rule).
    pub weight: Decimal,
    /// The single index C/S, rounded.
    pub index: Decimal,
}

/// The composite index of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeResult {
    /// The edition that judged.
    pub edition: EditionId,
    /// Whether the edition is confirmed.
    pub status: Status,
    /// The index.
    pub value: Decimal,
    /// The parts, in the standard's order.
    pub parts: Vec<CompositePart>,
    /// The pollutants with the largest part.
    pub main: Vec<Pollutant>,
    /// The sum with its numbers filled in.
    pub formula: String,
    /// Whether every figure had enough data.
    pub valid: bool,
    /// Clause, source, rounding.
    pub sourced: Sourced,
}

impl Law {
    /// The composite index from the period's figures (means; CO P95; O3 P90).
    ///
    /// # Errors
    /// [`Unjudged`] when a figure is missing or no edition held.
    pub fn composite(&self, inputs: &[AnnualInput], basis: Basis<'_>) -> Result<CompositeResult, Unjudged> {
        let loaded = self.pick(RANKING, basis)?;
        let unknown = || Unjudged::NoSuchEdition { standard: RANKING, edition: loaded.edition.name.clone() };
        let (table, body) = loaded.composite().ok_or_else(unknown)?;
        let limits = self.by_id(&body.limits_of).ok_or_else(unknown)?;
        let zone = if body.zone == "first" { ZoneClass::First } else { ZoneClass::Second };
        let index_rounding = Rounding::HalfEven(body.index_digits);
        let (mut parts, mut sum, mut valid) = (Vec::with_capacity(body.row.len()), Decimal::ZERO, true);
        for row in &body.row {
            let parsed = Pollutant::from_code(&row.parameter)
                .zip(FigureKind::from_name(&row.figure))
                .zip(Averaging::from_name(&row.limit));
            let ((pollutant, kind), averaging) = parsed.ok_or_else(unknown)?;
            let input = inputs.iter().find(|input| input.pollutant == pollutant && input.kind == kind);
            let given =
                input.and_then(|input| input.value).ok_or_else(|| Unjudged::missing(pollutant, averaging))?;
            valid &= input.is_some_and(|input| input.valid);
            let digits = body.digits.get(&row.parameter).copied().filter(|_| body.round_concentrations);
            let rounding = digits.map_or(Rounding::None, Rounding::HalfEven);
            let limit = self.limit_in(limits, &row.parameter, averaging, zone, basis)?.value;
            let concentration = rounding
                .apply_f64(given)
                .filter(|concentration| Decimal::ZERO <= *concentration)
                .ok_or_else(|| Unjudged::NotAConcentration { value: given.to_string() })?;
            let exact = row.weight * concentration / limit;
            let index = index_rounding.apply(exact);
            sum += if body.round_parts { index } else { exact };
            parts.push(CompositePart { pollutant, kind, concentration, limit, weight: row.weight, index });
        }
        let mut value = index_rounding.apply(sum);
        // 6 is shown as 6.00.
        value.rescale(body.index_digits);
        let largest = parts.iter().map(|part| part.weight * part.concentration / part.limit).max();
        let main = parts
            .iter()
            .filter(|part| Some(part.weight * part.concentration / part.limit) == largest)
            .map(|part| part.pollutant)
            .collect();
        Ok(CompositeResult {
            edition: loaded.edition.id.clone(),
            status: loaded.edition.status,
            value,
            formula: formula(&parts, value),
            parts,
            main,
            valid,
            sourced: table.sourced(),
        })
    }
}

/// The place of each value in ascending order; equal values share a place and the next is left out (1, 1, 3).
pub fn places(values: &[Decimal]) -> Vec<u32> {
    let place =
        |value: &Decimal| 1 + crate::statistics::count(values.iter().filter(|other| *other < value).count());
    values.iter().map(place).collect()
}

/// The rate of change R = (now − then) ÷ then in percent; negative is better. `None` when there was nothing then.
pub fn change(now: Decimal, then: Decimal, rounding: Rounding) -> Option<Decimal> {
    let share = (now - then).checked_div(then)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(rounding.apply(share))
}

fn formula(parts: &[CompositePart], value: Decimal) -> String {
    let term = |part: &CompositePart| {
        let ratio = format!(
            "{} {} ÷ {}",
            part.pollutant.symbol(),
            part.concentration.normalize(),
            part.limit.normalize()
        );
        if part.weight == Decimal::ONE { ratio } else { format!("{} × {ratio}", part.weight) }
    };
    format!("{} = {value}", parts.iter().map(term).collect::<Vec<_>>().join(" + "))
}
