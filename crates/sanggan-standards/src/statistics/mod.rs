//! From values to hours, days, months and years: the arithmetic and the rules on the least amount of data.
//!
//! Pure functions; counts of what was used, asked for and left out come with every figure.

pub(crate) mod rules;

use jiff::civil::Date;

use crate::Pollutant;
use crate::edition::{EditionId, Sourced};

/// A computed figure with its counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// `None` when there was nothing to compute from. A value that is not valid is shown, never judged.
    pub value: Option<f64>,
    /// Whether the rule on the least amount of data is met.
    pub valid: bool,
    /// Inputs used.
    pub used: u32,
    /// Inputs the rule asks for.
    pub required: u32,
    /// Inputs left out because of their flag.
    pub excluded: u32,
}

/// What kind of place the rules are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Medium {
    /// Ambient air station (GB 3095 table 4, HJ 663).
    Air,
    /// Flue gas outlet (HJ 75).
    Gas,
    /// Waste water outlet (HJ 356).
    Water,
}

/// When a day is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayRule {
    /// At least so many valid hours.
    Hours(u32),
    /// At least so many percent of the hours with discharge.
    PercentOfDischarge(u32),
}

/// The rules for ambient air on a day, from the data files.
#[derive(Debug, Clone, PartialEq)]
pub struct AirRules {
    /// Minutes an hour must be covered.
    pub hour_minutes_min: u32,
    /// Valid hours a day needs.
    pub day_hours_min: u32,
    /// Valid hours an 8-hour mean needs.
    pub mean_8h_hours_min: u32,
    /// Valid hours a 24-hour moving mean needs.
    pub mean_24h_hours_min: u32,
    /// Valid 8-hour means a day's largest needs.
    pub mda8_windows_min: u32,
    /// The clock hour at which the day's first 8-hour window ends.
    pub mda8_first_end_hour: u32,
    /// A largest 8-hour mean above this is valid however few windows there are (µg/m³).
    pub mda8_exceedance: f64,
    /// Valid days a month needs.
    pub month_days_min: u32,
    /// Valid days a February needs.
    pub february_days_min: u32,
    /// Valid days a year needs.
    pub year_days_min: u32,
    /// The percentiles of daily values that are reported, by pollutant, in percent.
    pub percentiles: Vec<(Pollutant, u8)>,
    /// Share of an area's stations, in percent, that must be valid for the area's mean.
    pub area_stations_percent: u32,
    /// The editions the rules come from.
    pub editions: Vec<EditionId>,
    /// Clause, source and status, one a table.
    pub sourced: Vec<Sourced>,
}

/// The rules for outlets, from the data files.
#[derive(Debug, Clone, PartialEq)]
pub struct OutletRules {
    /// Minutes an hour must be covered.
    pub hour_minutes_min: u32,
    /// When a day is valid.
    pub day: DayRule,
    /// Valid days a month needs, where the standard says so.
    pub month_days_min: Option<u32>,
    /// Valid days a February needs, where the standard says so.
    pub february_days_min: Option<u32>,
    /// The edition the rules come from.
    pub edition: EditionId,
    /// Clause, source and status.
    pub sourced: Sourced,
}

/// An hour from the values of its minutes: valid when `minutes_min` are covered by valid values.
///
/// `values`: (value, valid); `interval_minutes`: how long one value stands for.
pub fn hour_from_minutes(values: &[(f64, bool)], interval_minutes: u32, minutes_min: u32) -> Figure {
    let interval = interval_minutes.max(1);
    let usable =
        || values.iter().filter(|(value, valid)| *valid && value.is_finite()).map(|(value, _)| *value);
    let used = usable().count();
    mean_of(usable(), count(used), minutes_min.div_ceil(interval), count(values.len() - used))
}

/// An hour from momentary values: (minute of the hour 0–59, value, valid). Each `interval_minutes` with a valid value
/// is covered. Counts are of intervals, so that they compare with what the rule asks for.
pub fn hour_from_real_time(values: &[(u8, f64, bool)], interval_minutes: u32, minutes_min: u32) -> Figure {
    let interval = interval_minutes.clamp(1, 60);
    let (mut covered, mut seen) = (0_u64, 0_u64);
    for &(minute, value, valid) in values {
        let bit = 1_u64 << (u32::from(minute.min(59)) / interval);
        seen |= bit;
        if valid && value.is_finite() {
            covered |= bit;
        }
    }
    let usable =
        values.iter().filter(|(_, value, valid)| *valid && value.is_finite()).map(|(_, value, _)| *value);
    let excluded = (seen & !covered).count_ones();
    mean_of(usable, covered.count_ones(), minutes_min.div_ceil(interval), excluded)
}

/// The mean of what is there; valid when at least `required` are. `None` entries are hours or days without a valid
/// value; `excluded` = how many of them were there but invalid.
pub fn mean(values: &[Option<f64>], required: u32, excluded: u32) -> Figure {
    let usable = || values.iter().flatten().copied();
    mean_of(usable(), count(usable().count()), required, excluded)
}

/// The day's largest 8-hour mean from the day's 24 hours (index = clock hour at the beginning of the hour).
///
/// Counts are of 8-hour windows. With too few windows it is valid all the same when it is above the exceedance
/// threshold: more data could only raise it.
pub fn mda8(hours: &[Option<f64>; 24], rules: &AirRules) -> Figure {
    let first_end = rules.mda8_first_end_hour.clamp(8, 24) as usize;
    let windows = (first_end..=24).map(|end| mean(&hours[end - 8..end], rules.mean_8h_hours_min, 0));
    let (mut used, mut excluded, mut value) = (0, 0, None::<f64>);
    for window in windows {
        if window.valid {
            used += 1;
            value = match (value, window.value) {
                (Some(most), Some(next)) => Some(most.max(next)),
                (most, next) => most.or(next),
            };
        } else if 0 < window.used {
            excluded += 1;
        }
    }
    let required = rules.mda8_windows_min;
    let exceeds = value.is_some_and(|value| rules.mda8_exceedance < value);
    Figure { value, valid: required <= used || exceeds, used, required, excluded }
}

/// The largest of what is there; valid when at least `required` are there.
pub fn largest(values: &[Option<f64>], required: u32, excluded: u32) -> Figure {
    let usable = || values.iter().flatten().copied();
    let value =
        usable().fold(None, |so_far: Option<f64>, value| Some(so_far.map_or(value, |most| most.max(value))));
    let used = count(usable().count());
    Figure { value, valid: value.is_some() && required <= used, used, required, excluded }
}

/// The percentile (in percent) of HJ 663-2013 annex A: linear between the two neighbours at `1 + (n − 1)·p`.
pub fn percentile(values: &[f64], percent: u8) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    // Place and remainder in hundredths, so that a place that is whole stays whole.
    let hundredths = last * usize::from(percent.min(100));
    let (place, rest) = (hundredths / 100, hundredths % 100);
    let (below, above) = (sorted[place], sorted[(place + 1).min(last)]);
    Some(below + (above - below) * (rest as f64 / 100.0))
}

/// A month's days: how many it must have by the rule.
pub fn month_days_required(rules: &AirRules, month: Date) -> u32 {
    if month.month() == 2 { rules.february_days_min } else { rules.month_days_min }
}

/// A month from its valid daily values. `percent`: `None` = mean, else the percentile.
pub fn month_from_days(days: &[f64], percent: Option<u8>, excluded: u32, required: u32) -> Figure {
    period_of(days, percent, required, excluded)
}

/// A year from its valid days: valid when the year and every month have enough.
/// `percent`: `None` = mean, else the percentile.
pub fn year_from_days(days: &[(Date, f64)], percent: Option<u8>, excluded: u32, rules: &AirRules) -> Figure {
    let values: Vec<f64> = days.iter().map(|(_, value)| *value).collect();
    let mut by_month = [0_u32; 12];
    for (day, _) in days {
        // A month number is 1 to 12.
        by_month[day.month().unsigned_abs() as usize - 1] += 1;
    }
    let month_min = |at: usize| if at == 1 { rules.february_days_min } else { rules.month_days_min };
    let months = (0..12).all(|at| month_min(at) <= by_month[at]);
    let figure = period_of(&values, percent, rules.year_days_min, excluded);
    Figure { valid: figure.valid && months, ..figure }
}

fn period_of(values: &[f64], percent: Option<u8>, required: u32, excluded: u32) -> Figure {
    let used = count(values.len());
    match percent {
        None => mean_of(values.iter().copied(), used, required, excluded),
        Some(percent) => {
            let value = percentile(values, percent);
            Figure { value, valid: value.is_some() && required <= used, used, required, excluded }
        }
    }
}

fn mean_of(values: impl Iterator<Item = f64>, used: u32, required: u32, excluded: u32) -> Figure {
    let mut number = 0_u32;
    let total = sum(values.inspect(|_| number += 1));
    let value = (0 < number).then(|| total / f64::from(number)).filter(|value| value.is_finite());
    Figure { value, valid: value.is_some() && required <= used, used, required, excluded }
}

/// Neumaier's compensated sum: the error does not grow with the number of values.
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() < value.abs() { (value - next) + total } else { (total - next) + value };
        total = next;
    }
    total + lost
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
