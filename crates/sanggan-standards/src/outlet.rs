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

use crate::statistics::{DayRule, Figure, count, sum};

/// One hour of an outlet's parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourFlow {
    /// The hour's mean concentration, when valid.
    pub concentration: Option<f64>,
    /// The hour's volume in m³, as the device sent it (`Cou` of the flow) or from the mean flow.
    pub volume: Option<f64>,
    /// The mass the device itself sent for the hour, in kg.
    pub sent_kg: Option<f64>,
    /// Whether the outlet discharged in this hour; hours of standstill ask for no data.
    pub discharging: bool,
}

/// The volume in m³ that a mean flow carries in `hours`; `None` when `unit` is no flow.
pub fn volume_m3(flow: f64, unit: Unit, hours: f64) -> Option<f64> {
    let m3_an_hour = unit.convert(flow, Unit::M3PerH).ok()?;
    usable(m3_an_hour * hours)
}

/// The mass in kg that a volume carries; `None` when `unit` is no concentration by volume.
/// mg/L × m³ ÷ 1000 = kg; mg/m³ × m³ ÷ 10⁶ = kg.
pub fn load_kg(concentration: f64, unit: Unit, volume_m3: f64) -> Option<f64> {
    let litres_or_m3 = match unit.convert(concentration, Unit::MgPerL) {
        Ok(mg_per_l) => mg_per_l * volume_m3 * LITRES_A_M3,
        Err(_) => unit.convert(concentration, Unit::MgPerM3).ok()? * volume_m3,
    };
    usable(litres_or_m3 / MG_A_KG)
}

/// The hour's load in kg: the total the device sent when there is one, else concentration × volume.
pub fn hour_load(hour: &HourFlow, unit: Unit) -> Option<f64> {
    match (hour.sent_kg, hour.concentration, hour.volume) {
        (Some(sent), _, _) => usable(sent),
        (None, Some(concentration), Some(volume)) => load_kg(concentration, unit, volume),
        _ => None,
    }
}

/// Σ(C·Q)/ΣQ over the hours that have both; the arithmetic mean when nothing flowed in any of them.
pub fn flow_weighted_mean(hours: &[HourFlow], rule: DayRule) -> Figure {
    let pairs = || hours.iter().filter_map(|hour| Some((hour.concentration?, hour.volume?)));
    let used = pairs().count();
    let volume: f64 = sum(pairs().map(|(_, volume)| volume));
    let value = if 0.0 < volume {
        Some(sum(pairs().map(|(concentration, volume)| concentration * volume)) / volume)
    } else {
        (0 < used).then(|| sum(pairs().map(|(concentration, _)| concentration)) / used as f64)
    };
    figure(value, used, hours, rule)
}

/// The sum of the hours' loads; valid when the rule's share of hours is there. An hour of standstill adds nothing.
pub fn load(hours: &[HourFlow], unit: Unit, rule: DayRule) -> Figure {
    let loads = || hours.iter().filter_map(|hour| hour_load(hour, unit));
    let used = loads().count();
    figure((0 < used).then(|| sum(loads())), used, hours, rule)
}

/// The sum of the hours' volumes.
pub fn volume(hours: &[HourFlow], rule: DayRule) -> Figure {
    let volumes = || hours.iter().filter_map(|hour| hour.volume);
    let used = volumes().count();
    figure((0 < used).then(|| sum(volumes())), used, hours, rule)
}

/// Litres in a cubic metre.
const LITRES_A_M3: f64 = 1e3;
/// Milligrams in a kilogram.
const MG_A_KG: f64 = 1e6;

/// How many valid hours the rule asks of a day with these hours; at least one.
pub fn day_hours_required(hours: &[HourFlow], rule: DayRule) -> u32 {
    match rule {
        DayRule::Hours(hours) => hours,
        DayRule::PercentOfDischarge(percent) => (discharging(hours) * percent).div_ceil(100).max(1),
    }
}

/// The sum of what was measured on the days of a month or year, short days included; valid when at least `required`
/// days are.
pub fn sum_of_days(days: &[Figure], required: u32) -> Figure {
    let values = || days.iter().filter_map(|day| day.value);
    let used = count(days.iter().filter(|day| day.valid).count());
    let value = values().next().is_some().then(|| sum(values())).and_then(usable);
    let excluded = count(days.len()).saturating_sub(used);
    Figure { value, valid: value.is_some() && required <= used, used, required, excluded }
}

/// The mean of the days' flow-weighted means, weighted by their volumes: (mean, volume in m³) of each day.
pub fn weighted_mean_of_days(days: &[(Figure, Option<f64>)], required: u32) -> Figure {
    let pairs =
        || days.iter().filter(|(day, _)| day.valid).filter_map(|(day, volume)| day.value.zip(*volume));
    let volume = sum(pairs().map(|(_, volume)| volume));
    let value =
        (0.0 < volume).then(|| sum(pairs().map(|(mean, volume)| mean * volume)) / volume).and_then(usable);
    let used = count(pairs().count());
    let excluded = count(days.len()).saturating_sub(used);
    Figure { value, valid: value.is_some() && required <= used, used, required, excluded }
}

fn discharging(hours: &[HourFlow]) -> u32 {
    count(hours.iter().filter(|hour| hour.discharging).count())
}

fn figure(value: Option<f64>, used: usize, hours: &[HourFlow], rule: DayRule) -> Figure {
    let required = day_hours_required(hours, rule);
    let used = count(used);
    let excluded = discharging(hours).saturating_sub(used);
    Figure {
        value: value.and_then(usable),
        valid: value.is_some() && required <= used,
        used,
        required,
        excluded,
    }
}

fn usable(value: f64) -> Option<f64> {
    (value.is_finite() && 0.0 <= value).then_some(value)
}
