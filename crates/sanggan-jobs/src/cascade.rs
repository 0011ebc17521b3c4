//! What air stations, outlets and areas share: a piece of work, and the way from days to months and years.

use std::collections::{BTreeSet, HashMap};

use sanggan_base::{
    Cadence, Grain, Measure, Millis, ParameterCode, SeriesId, SeriesKey, StatKind, StationCode,
};
use sanggan_standards::{AirRules, Figure, Law, statistics};

use crate::known::Known;
use crate::sites::Sites;

/// What a piece of work is done with.
pub(crate) struct Work<'a> {
    pub(crate) law: &'a Law,
    pub(crate) sites: &'a Sites,
    pub(crate) computed: &'a HashMap<(StationCode, ParameterCode), SeriesId>,
    pub(crate) known: Known,
}

impl Work<'_> {
    /// The series of a station's computed figures of a parameter.
    pub(crate) fn series(&self, station: &StationCode, parameter: &ParameterCode) -> Option<SeriesId> {
        self.computed.get(&(station.clone(), parameter.clone())).copied()
    }
}

/// The key under which all figures computed of a parameter at a station (or in an area) are kept.
pub(crate) fn computed_key(station: &StationCode, parameter: &ParameterCode) -> SeriesKey {
    let (station, parameter) = (station.clone(), parameter.clone());
    SeriesKey { station, parameter, measure: Measure::Mean, cadence: Cadence::Computed }
}

/// The hours of a local day.
pub(crate) fn hours_of(day: Millis) -> impl Iterator<Item = Millis> {
    (0..24).map(move |hour| day.plus(hour * sanggan_base::time::HOUR_MS))
}

/// The beginnings of the periods of `grain` in which `times` lie.
pub(crate) fn periods(times: &BTreeSet<Millis>, grain: Grain) -> BTreeSet<Millis> {
    times.iter().map(|time| time.floor(grain)).collect()
}

/// Monthly and yearly figures over daily ones, by the rules of ambient air.
///
/// `daily`: the kind of the daily figure; `wanted`: (kind to store, percentile or mean).
pub(crate) fn air_periods(
    known: &mut Known,
    law: &Law,
    series: SeriesId,
    daily: StatKind,
    wanted: &[(StatKind, Option<u8>)],
    changed_days: &BTreeSet<Millis>,
) {
    for grain in [Grain::Month, Grain::Year] {
        for start in periods(changed_days, grain) {
            let days: Vec<(Millis, Figure)> =
                known.range(series, Grain::Day, daily, start, start.next(grain)).collect();
            let valid: Vec<(jiff::civil::Date, f64)> = days
                .iter()
                .filter(|(_, figure)| figure.valid)
                .filter_map(|(day, figure)| Some((day.local_date(), figure.value?)))
                .collect();
            let excluded = count(days.len() - valid.len());
            // The edition at the end of the period judges the whole of it.
            let last = Millis(start.next(grain).0 - 1).local_date();
            let rules: &AirRules = law.air_rules(last);
            for &(kind, percent) in wanted {
                let figure = if grain == Grain::Year {
                    statistics::year_from_days(&valid, percent, excluded, rules)
                } else {
                    let values: Vec<f64> = valid.iter().map(|(_, value)| *value).collect();
                    let required = statistics::month_days_required(rules, start.local_date());
                    statistics::month_from_days(&values, percent, excluded, required)
                };
                known.put(series, grain, kind, start, figure);
            }
        }
    }
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
