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
    todo!()
}

/// An hour from momentary values: (minute of the hour 0–59, value, valid). A minute counts as covered when it or,
/// for devices that send every `interval_minutes`, its interval has a valid value.
pub fn hour_from_real_time(values: &[(u8, f64, bool)], interval_minutes: u32, minutes_min: u32) -> Figure {
    todo!()
}

/// The mean of what is there; valid when at least `required` are. `None` entries are hours or days without a valid
/// value; `excluded` = how many of them were there but invalid.
pub fn mean(values: &[Option<f64>], required: u32, excluded: u32) -> Figure {
    todo!()
}

/// The day's largest 8-hour mean from the day's 24 hours (index = clock hour at the beginning of the hour).
pub fn mda8(hours: &[Option<f64>; 24], rules: &AirRules) -> Figure {
    todo!()
}

/// The largest of what is there; valid when at least `required` are there.
pub fn largest(values: &[Option<f64>], required: u32, excluded: u32) -> Figure {
    todo!()
}

/// The percentile (in percent) of HJ 663-2013 annex A: linear between the two neighbours at `1 + (n − 1)·p`.
pub fn percentile(values: &[f64], percent: u8) -> Option<f64> {
    todo!()
}

/// A month's days: how many it must have by the rule.
pub fn month_days_required(rules: &AirRules, month: Date) -> u32 {
    todo!()
}

/// A year from its valid days: valid when the year and every month have enough.
/// `percent`: `None` = mean, else the percentile.
pub fn year_from_days(days: &[(Date, f64)], percent: Option<u8>, excluded: u32, rules: &AirRules) -> Figure {
    todo!()
}
