//! HJ 663/annual
//!
//! # What it decides
//! Whether a place's yearly figures (means and percentiles) meet the limits, figure by figure and altogether, with
//! the exceedance multiples.
//!
//! # What it leaves undecided
//! Figures that have too few data, and the whole when a figure is undecided and none exceeds.
//!
//! # Source
//! HJ 663-2013 (试行) clauses 4, 5 and annex A; HJ 663-2026. Numbers: `data/hj-663/`; limits: `data/gb-3095/`.

use rust_decimal::Decimal;
use sanggan_base::{StatKind, Unit};

use crate::edition::{Basis, EditionId, Sourced};
use crate::gb_3095::{Limit, LimitVerdict, ZoneClass};
use crate::{Law, Pollutant, Unjudged};

/// Which yearly figure of a pollutant is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FigureKind {
    /// The year's mean.
    Mean,
    /// A percentile of the daily values (in percent: 90, 95, 98).
    Percentile(u8),
}

impl FigureKind {
    /// The statistic that holds it.
    pub fn stat_kind(self) -> Option<StatKind> {
        match self {
            FigureKind::Mean => Some(StatKind::Mean),
            FigureKind::Percentile(90) => Some(StatKind::P90),
            FigureKind::Percentile(95) => Some(StatKind::P95),
            FigureKind::Percentile(98) => Some(StatKind::P98),
            FigureKind::Percentile(_) => None,
        }
    }

    /// The figure with this name.
    pub fn from_name(name: &str) -> Option<FigureKind> {
        match name {
            "mean" => Some(FigureKind::Mean),
            _ => {
                let percent =
                    name.strip_prefix('p')?.parse().ok().filter(|percent| (1..100).contains(percent))?;
                Some(FigureKind::Percentile(percent))
            }
        }
    }

    /// `mean`, `p95`, …
    pub fn name(self) -> String {
        match self {
            FigureKind::Mean => "mean".to_owned(),
            FigureKind::Percentile(percent) => format!("p{percent}"),
        }
    }
}

/// One yearly statistic given to be judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnualInput {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Which figure.
    pub kind: FigureKind,
    /// The value, unrounded, in ambient units.
    pub value: Option<f64>,
    /// Whether the rule on the least amount of data is met.
    pub valid: bool,
    /// Days used.
    pub used: u32,
    /// Days asked for.
    pub required: u32,
}

/// One yearly figure, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnualFigure {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Which figure.
    pub kind: FigureKind,
    /// The rounded value.
    pub value: Option<Decimal>,
    /// The unit.
    pub unit: Unit,
    /// Whether there were enough data.
    pub valid: bool,
    /// Days used.
    pub used: u32,
    /// Days asked for.
    pub required: u32,
    /// The limit it is held against.
    pub limit: Option<Limit>,
    /// The verdict.
    pub verdict: LimitVerdict,
}

/// A year, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnualResult {
    /// The edition of HJ 663 that judged; absent when none could.
    pub edition: Option<EditionId>,
    /// Every figure the edition asks for, in its order.
    pub figures: Vec<AnnualFigure>,
    /// Whether all meet their limits; `None` = cannot tell.
    pub meets: Option<bool>,
    /// Why not, when the whole is undecided.
    pub unjudged: Option<Unjudged>,
    /// Clause, source, status, rounding.
    pub sourced: Option<Sourced>,
}

impl Law {
    /// Judges yearly figures. For a finished year the basis is its last day.
    pub fn annual(&self, inputs: &[AnnualInput], zone: ZoneClass, basis: Basis<'_>) -> AnnualResult {
        todo!()
    }

    /// The yearly figures the edition asks for, in its order.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held.
    pub fn annual_figures(&self, basis: Basis<'_>) -> Result<Vec<(Pollutant, FigureKind)>, Unjudged> {
        todo!()
    }
}
