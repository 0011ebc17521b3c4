//! The law: dated, sourced tables and one evaluator a file.
//!
//! Knows no clock, no file, no socket and no city. A number of a standard lives in `data/`, never in code;
//! the caller says which day it is or which edition to try.
//!
//! Read first: [`Law`], [`Basis`], [`AqiResult`].
//!
//! * LAW-1: every answer names the edition, clause and rounding it rests on.
//! * LAW-2: "cannot tell" ([`Unjudged`]) is an answer; a missing value never passes.
//! * LAW-3: a value is compared after exact decimal rounding; binary noise never decides.
//! * LAW-4: no input makes this crate panic.

mod check;
mod decimal;
mod edition;
pub mod gb_3095;
pub mod hj_633;
pub mod hj_663;
mod law;
pub mod outlet;
mod pollutant;
pub mod ranking;
mod schema;
pub mod statistics;
mod verdict;

pub use decimal::{Rounding, exact, to_f64};
pub use edition::{Basis, Edition, EditionId, Sourced, Status, Text};
pub use gb_3095::{GasState, Limit, LimitVerdict, ZoneClass};
pub use hj_633::{AirSample, AqiClass, AqiQuick, AqiResult, PollutantIndex, Report, Segment};
pub use hj_663::{AnnualFigure, AnnualInput, AnnualResult, FigureKind};
pub use law::{Law, LawError};
pub use outlet::HourFlow;
pub use pollutant::{Averaging, Pollutant, PollutantSet};
pub use ranking::{CompositePart, CompositeResult};
pub use rust_decimal::Decimal;
pub use statistics::{AirRules, DayRule, Figure, Medium, OutletRules};
pub use verdict::Unjudged;
