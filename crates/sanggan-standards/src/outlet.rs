//! Outlets: hourly loads, flow-weighted means, daily and longer sums.
//!
//! # What it decides
//! The mass and volume an outlet discharged in an hour, day, month or year, and the flow-weighted mean concentration.
//!
//! # What it leaves undecided
//! Hours without a valid concentration or flow; they are counted, never filled in. (The substitution rules of HJ 75
//! and HJ 356 apply to reported totals, not to these measured ones.)
//!
//! # Source
//! HJ 212-2017 annex D; HJ 75-2017; HJ 356-2019. Numbers: `data/hj-75/`, `data/hj-356/`.

use sanggan_base::Unit;

use crate::statistics::{DayRule, Figure};

/// Where an hour's load came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadSource {
    /// The device sent the emitted mass (`Cou` of the pollutant).
    SentTotal,
    /// Concentration × volume the device sent (`Cou` of the flow).
    SentVolume,
    /// Concentration × mean flow × one hour.
    MeanFlow,
}

/// One hour of an outlet's parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourFlow {
    /// The hour's mean concentration, when valid.
    pub concentration: Option<f64>,
    /// The hour's volume in m³, when known.
    pub volume: Option<f64>,
    /// The mass the device itself sent for the hour, in kg.
    pub sent_kg: Option<f64>,
    /// Whether the outlet discharged in this hour; hours of standstill ask for no data.
    pub discharging: bool,
}

/// The volume in m³ that a mean flow carries in `hours`; `None` when `unit` is no flow.
pub fn volume_m3(flow: f64, unit: Unit, hours: f64) -> Option<f64> {
    todo!()
}

/// The mass in kg that a volume carries; `None` when `unit` is no concentration by volume.
/// mg/L × m³ ÷ 1000 = kg; mg/m³ × m³ ÷ 10⁶ = kg.
pub fn load_kg(concentration: f64, unit: Unit, volume_m3: f64) -> Option<f64> {
    todo!()
}

/// The hour's load: the sent total when there is one, else concentration × volume.
pub fn hour_load(hour: &HourFlow, unit: Unit) -> Option<f64> {
    todo!()
}

/// Σ(C·Q)/ΣQ over the hours that have both; the arithmetic mean when nothing flowed in any of them.
pub fn flow_weighted_mean(hours: &[HourFlow], rule: DayRule) -> Figure {
    todo!()
}

/// The sum of the hours' loads; valid when the rule's share of hours is there.
pub fn load(hours: &[HourFlow], unit: Unit, rule: DayRule) -> Figure {
    todo!()
}

/// The sum of the hours' volumes.
pub fn volume(hours: &[HourFlow], rule: DayRule) -> Figure {
    todo!()
}
