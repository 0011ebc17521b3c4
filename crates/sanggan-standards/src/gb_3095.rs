//! GB 3095/limits
//!
//! # What it decides
//! Which concentration limit holds for a pollutant, an averaging time and a zone class on a day, and whether a
//! concentration meets it.
//!
//! # What it leaves undecided
//! Days on which no edition held nationwide, parameters and averaging times without a limit, values that are no
//! concentration. How many data a mean needs is [`crate::statistics`]' business.
//!
//! # Source
//! GB 3095-2012 tables 1 and 2, its 2018 amendment, GB 3095-2026 tables 1 and 2, clauses 4.2 to 4.4.
//! Numbers: `data/gb-3095/`.

use rust_decimal::Decimal;
use sanggan_base::{ParameterCode, Unit};

use crate::edition::{Basis, EditionId, Sourced};
use crate::{Averaging, Law, Rounding, Unjudged};

/// The class of an ambient air zone (环境空气功能区).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ZoneClass {
    /// 一类区: nature reserves and the like; first-grade limits.
    First,
    /// 二类区: where people live and work; second-grade limits.
    Second,
}

/// One limit in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub parameter: ParameterCode,
    /// Over which time.
    pub averaging: Averaging,
    /// For which zone.
    pub zone: ZoneClass,
    /// The limit; meeting it exactly is allowed.
    pub value: Decimal,
    /// Its unit.
    pub unit: Unit,
    /// How a concentration is rounded before it is compared.
    pub rounding: Rounding,
    /// The edition it comes from.
    pub edition: EditionId,
    /// Clause, source, status.
    pub sourced: Sourced,
}

impl Limit {
    /// The limit as a binary number, for drawing lines.
    pub fn value_f64(&self) -> f64 {
        use rust_decimal::prelude::ToPrimitive;
        self.value.to_f64().unwrap_or(f64::NAN)
    }

    /// Compares a concentration, in the limit's unit, after rounding it.
    pub fn judge(&self, concentration: f64) -> LimitVerdict {
        todo!()
    }
}

/// What comparing with a limit gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitVerdict {
    /// At or below.
    Met {
        /// The rounded concentration.
        value: Decimal,
    },
    /// Above.
    Exceeded {
        /// The rounded concentration.
        value: Decimal,
        /// How far above, in the limit's unit.
        by: Decimal,
        /// The exceedance multiple (超标倍数) (C−S)/S, to two decimals.
        multiple: Decimal,
    },
    /// Cannot tell.
    NotJudged(Unjudged),
}

impl Law {
    /// The ambient limit for a parameter, averaging time and zone.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held, or the edition has no such limit.
    pub fn air_limit(
        &self,
        parameter: &ParameterCode,
        averaging: Averaging,
        zone: ZoneClass,
        basis: Basis<'_>,
    ) -> Result<Limit, Unjudged> {
        todo!()
    }

    /// Every ambient limit of the edition for a zone, in the standard's order.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held.
    pub fn air_limits(&self, zone: ZoneClass, basis: Basis<'_>) -> Result<Vec<Limit>, Unjudged> {
        todo!()
    }
}
