//! Air stations: hour → 8-hour and 24-hour moving means → day → month → year.

use std::collections::BTreeSet;

use sanggan_base::{
    Cadence, Grain, Measure, Millis, ParameterCode, SeriesId, StatKind, StationCode, Unit, time::DAY_MS,
    time::HOUR_MS,
};
use sanggan_standards::{AirRules, Figure, FigureKind, Medium, Pollutant, statistics};

use crate::cascade::{Work, air_periods, computed_key, count, hours_of, periods};
use crate::hour::{self, Observed, sibling};
use crate::known::Known;

/// The moving means a pollutant has: the kind, and over how many hours.
pub(crate) fn moving_means(pollutant: Option<Pollutant>) -> &'static [(StatKind, i64)] {
    match pollutant {
        Some(Pollutant::O3) => &[(StatKind::Mean8h, 8)],
        // SO2: HJ 633-2012 reports an hour above its last breakpoint by the 24-hour mean.
        Some(Pollutant::Pm10 | Pollutant::Pm25 | Pollutant::So2) => &[(StatKind::Mean24h, 24)],
        _ => &[],
    }
}

/// The figures of a month or year: from which daily figure, and which of it.
pub(crate) fn period_figures(
    pollutant: Option<Pollutant>,
    rules: &AirRules,
) -> (StatKind, Vec<(StatKind, Option<u8>)>) {
    let daily = if pollutant == Some(Pollutant::O3) { StatKind::Mda8 } else { StatKind::Mean };
    let percentiles = rules.percentiles.iter().filter(|(one, _)| Some(*one) == pollutant);
    let mut wanted: Vec<(StatKind, Option<u8>)> = percentiles
        .filter_map(|(_, percent)| Some((FigureKind::Percentile(*percent).stat_kind()?, Some(*percent))))
        .collect();
    if daily == StatKind::Mean {
        wanted.push((StatKind::Mean, None));
    }
    (daily, wanted)
}

/// Recomputes a parameter of an air station over the touched hours and whatever stands on them.
pub(crate) fn follow(
    work: &mut Work<'_>,
    observed: &Observed,
    station: &StationCode,
    parameter: &ParameterCode,
    hours: &BTreeSet<Millis>,
) {
    let Some(series) = work.series(station, parameter) else { return };
    let key = computed_key(station, parameter);
    let pollutant = Pollutant::from_code(parameter);
    let direction = work.sites.unit(station, parameter) == Some(Unit::Degree);
    let interval = work.sites.site(station).and_then(|site| site.minute_interval);
    for &start in hours {
        let rules = work.law.air_rules(start.local_date());
        let figure = hour::mean(observed, &key, start, interval, rules.hour_minutes_min, direction);
        work.known.put(series, Grain::Hour, StatKind::Mean, start, figure);
    }
    follow_moving(work, series, pollutant, hours);
    let mut changed = BTreeSet::new();
    for day in periods(hours, Grain::Day) {
        let rules = work.law.air_rules(day.local_date());
        if follow_day(&mut work.known, observed, &key, series, pollutant, direction, day, rules) {
            changed.insert(day);
        }
    }
    if !direction && let Some(&last) = changed.last() {
        let (daily, wanted) = period_figures(pollutant, work.law.air_rules(last.local_date()));
        air_periods(&mut work.known, work.law, series, daily, &wanted, &changed);
    }
}

/// The moving means in which the touched hours lie, up to the last hour there is.
fn follow_moving(
    work: &mut Work<'_>,
    series: SeriesId,
    pollutant: Option<Pollutant>,
    hours: &BTreeSet<Millis>,
) {
    for &(kind, length) in moving_means(pollutant) {
        let ends: BTreeSet<Millis> =
            hours.iter().flat_map(|hour| (0..length).map(|later| hour.plus(later * HOUR_MS))).collect();
        let (Some(&first), Some(&end)) = (ends.first(), ends.last()) else { continue };
        let known_hours = work.known.range(series, Grain::Hour, StatKind::Mean, first, end.plus(HOUR_MS));
        let Some((last, _)) = known_hours.last() else { continue };
        for &at in ends.range(..=last) {
            let rules = work.law.air_rules(at.local_date());
            let required = if length == 8 { rules.mean_8h_hours_min } else { rules.mean_24h_hours_min };
            let from = at.plus((1 - length) * HOUR_MS);
            let (values, excluded) =
                valid_hours(&work.known, series, (0..length).map(|later| from.plus(later * HOUR_MS)));
            work.known.put(series, Grain::Hour, kind, at, statistics::mean(&values, required, excluded));
        }
    }
}

/// The valid means of some hours, and how many were there but are not valid.
fn valid_hours(
    known: &Known,
    series: SeriesId,
    hours: impl Iterator<Item = Millis>,
) -> (Vec<Option<f64>>, u32) {
    let mut excluded = 0;
    let values = hours.map(|start| {
        let figure = known.get(series, Grain::Hour, StatKind::Mean, start)?;
        excluded += u32::from(!figure.valid && 0 < figure.used + figure.excluded);
        figure.value.filter(|_| figure.valid)
    });
    let values = values.collect();
    (values, excluded)
}

/// A day's figures; whether one that months and years stand on changed.
#[expect(clippy::too_many_arguments, reason = "one caller; a struct would only repeat the names")]
fn follow_day(
    known: &mut Known,
    observed: &Observed,
    key: &sanggan_base::SeriesKey,
    series: SeriesId,
    pollutant: Option<Pollutant>,
    direction: bool,
    day: Millis,
    rules: &AirRules,
) -> bool {
    let (values, excluded) = valid_hours(known, series, hours_of(day));
    let had_hours = 0 < excluded || values.iter().any(Option::is_some);
    let ozone = pollutant == Some(Pollutant::O3);
    if !had_hours && let Some((figure, imported)) = sent_day(observed, key, day) {
        // Published daily ozone is the largest 8-hour mean; a logger's daily value is a mean.
        let kind = if ozone && imported { StatKind::Mda8 } else { StatKind::Mean };
        return known.put(series, Grain::Day, kind, day, figure);
    }
    let mean = if direction {
        hour::mean_direction(&values, rules.day_hours_min, excluded)
    } else {
        statistics::mean(&values, rules.day_hours_min, excluded)
    };
    let mut changed = known.put(series, Grain::Day, StatKind::Mean, day, mean);
    if ozone && let Ok(values) = <&[Option<f64>; 24]>::try_from(values.as_slice()) {
        let largest = statistics::largest(values, rules.day_hours_min, excluded);
        known.put(series, Grain::Day, StatKind::MaxHour, day, largest);
        changed |= known.put(series, Grain::Day, StatKind::Mda8, day, statistics::mda8(values, rules));
    }
    changed
}

/// A day value as it was sent or imported, used only for days without any hour; and whether it was imported.
fn sent_day(observed: &Observed, key: &sanggan_base::SeriesKey, day: Millis) -> Option<(Figure, bool)> {
    let rows = observed.within(&sibling(key, Measure::Mean, Cadence::Day), day, day.plus(DAY_MS));
    let row = rows.first()?;
    let (valid, value) = (row.flag.is_valid(), row.flag.is_valid().then_some(row.value));
    let figure = Figure { value, valid, used: u32::from(valid), required: 1, excluded: u32::from(!valid) };
    Some((figure, row.frame.is_none()))
}

/// Recomputes a parameter for which no rule on the least amount of data is known: plain means.
pub(crate) fn follow_plain(
    work: &mut Work<'_>,
    observed: &Observed,
    station: &StationCode,
    parameter: &ParameterCode,
    hours: &BTreeSet<Millis>,
) {
    let Some(series) = work.series(station, parameter) else { return };
    let key = computed_key(station, parameter);
    let interval = work.sites.site(station).and_then(|site| site.minute_interval);
    for &start in hours {
        let minutes_min = work.law.outlet_rules(Medium::Water, start.local_date()).hour_minutes_min;
        let figure = hour::mean(observed, &key, start, interval, minutes_min, false);
        work.known.put(series, Grain::Hour, StatKind::Mean, start, figure);
    }
    let mut changed = BTreeSet::new();
    for day in periods(hours, Grain::Day) {
        let (values, excluded) = valid_hours(&work.known, series, hours_of(day));
        if work.known.put(series, Grain::Day, StatKind::Mean, day, statistics::mean(&values, 1, excluded)) {
            changed.insert(day);
        }
    }
    for grain in [Grain::Month, Grain::Year] {
        for start in periods(&changed, grain) {
            let days = work.known.range(series, Grain::Day, StatKind::Mean, start, start.next(grain));
            let days: Vec<Figure> = days.map(|(_, figure)| figure).collect();
            let values: Vec<Option<f64>> = days.iter().map(|day| day.value.filter(|_| day.valid)).collect();
            let excluded = count(days.iter().filter(|day| !day.valid).count());
            work.known.put(series, grain, StatKind::Mean, start, statistics::mean(&values, 1, excluded));
        }
    }
}
