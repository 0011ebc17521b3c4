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

pub mod air;
pub mod assess;
mod check;
mod circumstances;
mod climate;
mod decimal;
pub mod discharge;
mod ecology;
mod edition;
mod enterprise;
pub mod gb_3095;
mod groundwater;
pub mod hj_633;
pub mod hj_663;
mod law;
pub mod noise;
pub mod outlet;
mod pollutant;
mod radiation;
pub mod ranking;
mod schema;
mod sheet;
mod single_factor;
mod soil;
pub mod statistics;
pub mod tables;
pub mod trend;
mod verdict;
mod waste;
pub mod water;
mod words;

pub use assess::{Answer, Assessment, Binding, CannotTell, Column, Row, assessment, assessments};
pub use circumstances::{Circumstance, Circumstances, Holds};
pub use decimal::{Rounding, exact, to_f64};
pub use edition::{Basis, Edition, EditionId, Sourced, Status, Text, Theme};
pub use gb_3095::{GasState, Limit, LimitVerdict, ZoneClass};
pub use hj_633::{AirSample, AqiClass, AqiQuick, AqiResult, PollutantIndex, Report, Segment};
pub use hj_663::{AnnualFigure, AnnualInput, AnnualResult, FigureKind};
pub use law::{Law, LawError};
pub use outlet::HourFlow;
pub use pollutant::{Averaging, Pollutant, PollutantSet};
pub use ranking::{CompositePart, CompositeResult};
pub use rust_decimal::Decimal;
pub use schema::general::{
    Band, Bands, Bound, Choice, Circumstance as CircumstanceForm, Conditional, ConditionalRow, FactorColumn,
    FactorRow, Factors, Grade, Graded, GradedRow, Item, LimitCell, List, ListRow, Score, ScoreOption, Scores,
    Span, When,
};
pub use sheet::{Sheet, SheetRow};
pub use statistics::{AirRules, DayRule, Figure, Medium, OutletRules};
pub use tables::Tables;
pub use verdict::Unjudged;
