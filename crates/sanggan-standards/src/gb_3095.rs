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

use crate::edition::{Basis, EditionId, Sourced, Text};
use crate::law::{GB_3095, HJ_663, Loaded, nearest};
use crate::schema::{LimitRow, Limits, TableForm};
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
    /// How the exceedance multiple is rounded.
    pub multiple_rounding: Rounding,
    /// The edition it comes from.
    pub edition: EditionId,
    /// Title of the standard.
    pub title: Text,
    /// The day from which the edition holds.
    pub from: jiff::civil::Date,
    /// The last day on which it holds.
    pub to: Option<jiff::civil::Date>,
    /// Clause, source, status.
    pub sourced: Sourced,
}

impl Limit {
    /// The limit as a binary number, for drawing lines.
    pub fn value_f64(&self) -> f64 {
        crate::to_f64(self.value)
    }

    /// Compares a concentration, in the limit's unit, after rounding it.
    pub fn judge(&self, concentration: f64) -> LimitVerdict {
        let Some(value) = self
            .rounding
            .apply_f64(concentration)
            .filter(|value| !value.is_sign_negative() || value.is_zero())
        else {
            return LimitVerdict::NotJudged(Unjudged::NotAConcentration { value: concentration.to_string() });
        };
        if value <= self.value {
            return LimitVerdict::Met { value };
        }
        let by = value - self.value;
        LimitVerdict::Exceeded { value, by, multiple: self.multiple_rounding.apply(by / self.value) }
    }
}

impl LimitVerdict {
    /// Whether the limit is met; `None` = cannot tell.
    pub fn meets(&self) -> Option<bool> {
        match self {
            LimitVerdict::Met { .. } => Some(true),
            LimitVerdict::Exceeded { .. } => Some(false),
            LimitVerdict::NotJudged(_) => None,
        }
    }
}

/// At which state of the air an edition states the concentrations of gases.
#[derive(Debug, Clone, PartialEq)]
pub struct GasState {
    /// Kelvin.
    pub temperature_k: f64,
    /// Hectopascal.
    pub pressure_hpa: f64,
    /// For what it does not hold.
    pub note: Text,
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
        self.limit_in(self.pick(GB_3095, basis)?, parameter, averaging, zone, basis)
    }

    /// Every ambient limit of the edition for a zone, in the standard's order.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held.
    pub fn air_limits(&self, zone: ZoneClass, basis: Basis<'_>) -> Result<Vec<Limit>, Unjudged> {
        let loaded = self.pick(GB_3095, basis)?;
        let multiple = self.multiple_rounding(basis);
        let tables = loaded.limits();
        Ok(tables
            .flat_map(|(table, body)| {
                body.row.iter().filter_map(move |row| limit(loaded, table, body, row, zone, multiple))
            })
            .collect())
    }

    /// At which state of the air the edition states the concentrations of gases.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held.
    pub fn air_gas_state(&self, basis: Basis<'_>) -> Result<Option<GasState>, Unjudged> {
        let state = self.pick(GB_3095, basis)?.reference_state.as_ref();
        Ok(state.map(|state| GasState {
            temperature_k: state.temperature_k,
            pressure_hpa: state.pressure_hpa,
            note: state.note.clone(),
        }))
    }

    pub(crate) fn limit_in(
        &self,
        loaded: &Loaded,
        parameter: &ParameterCode,
        averaging: Averaging,
        zone: ZoneClass,
        basis: Basis<'_>,
    ) -> Result<Limit, Unjudged> {
        let multiple = self.multiple_rounding(basis);
        let found = loaded.limits().find_map(|(table, body)| {
            let row = body
                .row
                .iter()
                .find(|row| row.parameter == *parameter && row.averaging == averaging.name())?;
            limit(loaded, table, body, row, zone, multiple)
        });
        found.ok_or_else(|| Unjudged::NoLimit {
            edition: loaded.edition.id.to_string(),
            parameter: parameter.to_string(),
            averaging: averaging.name(),
        })
    }

    /// The digits of an exceedance multiple are HJ 663's; its nearest edition gives them.
    fn multiple_rounding(&self, basis: Basis<'_>) -> Rounding {
        let editions: Vec<&Loaded> =
            self.loaded.iter().filter(|one| one.edition.standard == HJ_663 && one.edition.by_date).collect();
        let digits =
            nearest(&editions, basis.day()).and_then(Loaded::annual).map(|(_, body)| body.multiple_digits);
        digits.map_or(Rounding::None, Rounding::HalfEven)
    }
}

fn limit(
    loaded: &Loaded,
    table: &TableForm,
    body: &Limits,
    row: &LimitRow,
    zone: ZoneClass,
    multiple_rounding: Rounding,
) -> Option<Limit> {
    let edition = &loaded.edition;
    Some(Limit {
        parameter: row.parameter.clone(),
        averaging: Averaging::from_name(&row.averaging)?,
        zone,
        value: match zone {
            ZoneClass::First => row.first,
            ZoneClass::Second => row.second,
        },
        unit: row.unit,
        rounding: body
            .digits
            .get(&row.parameter)
            .map_or(Rounding::None, |&digits| Rounding::HalfEven(digits)),
        multiple_rounding,
        edition: edition.id.clone(),
        title: edition.title.clone(),
        from: edition.from,
        to: edition.to,
        sourced: table.sourced(),
    })
}
