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
use crate::hj_663::{AnnualInput, FigureKind};
use crate::{Law, Pollutant, Unjudged};

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
        todo!()
    }
}
