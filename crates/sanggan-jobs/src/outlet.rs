//! Outlets: hourly means, volumes and loads → days → months and years.

use std::collections::{BTreeMap, BTreeSet};

use sanggan_base::{Grain, Measure, Millis, ParameterCode, SeriesId, StatKind, StationCode, Unit};
use sanggan_standards::{Figure, HourFlow, Medium, OutletRules, outlet, statistics};

use crate::cascade::{Work, computed_key, count, hours_of, periods};
use crate::hour::{self, Observed, sibling};

/// Recomputes an outlet over the touched hours. All its parameters are touched together, since loads need the flow.
pub(crate) fn follow(
    work: &mut Work<'_>,
    observed: &Observed,
    station: &StationCode,
    medium: Medium,
    flow: &ParameterCode,
    touched: &BTreeMap<ParameterCode, BTreeSet<Millis>>,
) {
    let flow_series = work.series(station, flow);
    if let Some(hours) = touched.get(flow) {
        flow_hours(work, observed, station, medium, flow, hours);
    }
    let mut flow_days = BTreeSet::new();
    // The flow's code is the first of its medium's, so that its days are there when others are weighed by them.
    for (parameter, hours) in touched {
        if parameter != flow {
            concentration_hours(work, observed, station, medium, parameter, flow_series, hours);
        }
        let Some(series) = work.series(station, parameter) else { continue };
        let mut changed = BTreeSet::new();
        for day in periods(hours, Grain::Day) {
            if follow_day(work, station, medium, parameter, series, flow_series, day) {
                changed.insert(day);
            }
        }
        // A later flow of a day weighs the months of all parameters, also where their own days stay as they were.
        if parameter == flow {
            flow_days.clone_from(&changed);
        } else {
            changed.extend(&flow_days);
        }
        follow_periods(work, medium, series, flow_series, &changed);
    }
}

fn nothing() -> Figure {
    Figure { value: None, valid: false, used: 0, required: 0, excluded: 0 }
}

/// Mean flow and volume of each hour.
fn flow_hours(
    work: &mut Work<'_>,
    observed: &Observed,
    station: &StationCode,
    medium: Medium,
    flow: &ParameterCode,
    hours: &BTreeSet<Millis>,
) {
    let Some(series) = work.series(station, flow) else { return };
    let (key, unit) = (computed_key(station, flow), work.sites.unit(station, flow));
    let interval = work.sites.site(station).and_then(|site| site.minute_interval);
    for &start in hours {
        let minutes_min = work.law.outlet_rules(medium, start.local_date()).hour_minutes_min;
        let mean = hour::mean(observed, &key, start, interval, minutes_min, false);
        work.known.put(series, Grain::Hour, StatKind::Mean, start, mean);
        let from_mean = || {
            let value = mean.value.filter(|_| mean.valid).zip(unit);
            value.and_then(|(flow, unit)| outlet::volume_m3(flow, unit, 1.0))
        };
        let one = |value| Figure { value: Some(value), valid: true, used: 1, required: 1, excluded: 0 };
        let volume = if let Some(sent) = hour::sent_total(observed, &key, start, interval) {
            one(sent)
        } else if hour::stood_still(observed, &key, start) {
            Figure { used: 0, required: 0, ..one(0.0) }
        } else if let Some(value) = from_mean() {
            Figure { value: Some(value), ..mean }
        } else {
            Figure { value: None, valid: false, ..mean }
        };
        work.known.put(series, Grain::Hour, StatKind::Volume, start, volume);
    }
}

/// Mean concentration, mean converted to reference oxygen, and load of each hour.
fn concentration_hours(
    work: &mut Work<'_>,
    observed: &Observed,
    station: &StationCode,
    medium: Medium,
    parameter: &ParameterCode,
    flow_series: Option<SeriesId>,
    hours: &BTreeSet<Millis>,
) {
    let Some(series) = work.series(station, parameter) else { return };
    let key = computed_key(station, parameter);
    let converted = sibling(&key, Measure::ConvertedMean, key.cadence);
    let unit = concentration_unit(work, station, parameter);
    let interval = work.sites.site(station).and_then(|site| site.minute_interval);
    for &start in hours {
        let minutes_min = work.law.outlet_rules(medium, start.local_date()).hour_minutes_min;
        let mean = hour::mean(observed, &key, start, interval, minutes_min, false);
        work.known.put(series, Grain::Hour, StatKind::Mean, start, mean);
        let oxygen = hour::mean(observed, &converted, start, interval, minutes_min, false);
        work.known.put(series, Grain::Hour, StatKind::ConvertedMean, start, oxygen);
        let Some(unit) = unit else { continue };
        let volume =
            flow_series.and_then(|flow| work.known.valid(flow, Grain::Hour, StatKind::Volume, start));
        let hour = HourFlow {
            concentration: mean.value.filter(|_| mean.valid),
            volume,
            sent_kg: hour::sent_total(observed, &key, start, interval),
            discharging: volume != Some(0.0),
        };
        let load = outlet::hour_load(&hour, unit).map_or_else(nothing, |kg| Figure {
            value: Some(kg),
            valid: true,
            used: 1,
            required: 1,
            excluded: 0,
        });
        work.known.put(series, Grain::Hour, StatKind::Load, start, load);
    }
}

/// The unit of a parameter that is a concentration by volume, so that it makes a load.
fn concentration_unit(work: &Work<'_>, station: &StationCode, parameter: &ParameterCode) -> Option<Unit> {
    work.sites.unit(station, parameter).filter(|&unit| outlet::load_kg(1.0, unit, 1.0).is_some())
}

/// A day's figures; whether one changed.
fn follow_day(
    work: &mut Work<'_>,
    station: &StationCode,
    medium: Medium,
    parameter: &ParameterCode,
    series: SeriesId,
    flow_series: Option<SeriesId>,
    day: Millis,
) -> bool {
    let rule = work.law.outlet_rules(medium, day.local_date()).day;
    let known = &work.known;
    let hours: Vec<HourFlow> = hours_of(day)
        .map(|start| {
            let volume = flow_series.and_then(|flow| known.valid(flow, Grain::Hour, StatKind::Volume, start));
            HourFlow {
                concentration: known.valid(series, Grain::Hour, StatKind::Mean, start),
                volume,
                sent_kg: known.valid(series, Grain::Hour, StatKind::Load, start),
                discharging: volume != Some(0.0),
            }
        })
        .collect();
    let required = outlet::day_hours_required(&hours, rule);
    let means = |kind| {
        let mut excluded = 0;
        let values: Vec<Option<f64>> = hours_of(day)
            .map(|start| {
                let figure = known.get(series, Grain::Hour, kind, start)?;
                excluded += u32::from(!figure.valid && 0 < figure.used + figure.excluded);
                figure.value.filter(|_| figure.valid)
            })
            .collect();
        statistics::mean(&values, required, excluded)
    };
    let mut figures = vec![(StatKind::Mean, means(StatKind::Mean))];
    if Some(series) == flow_series {
        figures.push((StatKind::Volume, outlet::volume(&hours, rule)));
    } else {
        figures.push((StatKind::ConvertedMean, means(StatKind::ConvertedMean)));
        if let Some(unit) = concentration_unit(work, station, parameter) {
            // Without a single load there is nothing to tell, not a day of standstill.
            let load = outlet::load(&hours, unit, rule);
            figures.push((StatKind::Load, if load.value.is_some() { load } else { nothing() }));
            let weighted = outlet::flow_weighted_mean(&hours, rule);
            figures.push((
                StatKind::FlowWeightedMean,
                if weighted.value.is_some() { weighted } else { nothing() },
            ));
        }
    }
    let mut changed = false;
    for (kind, figure) in figures {
        changed |= work.known.put(series, Grain::Day, kind, day, figure);
    }
    changed
}

/// Months and years over the changed days.
fn follow_periods(
    work: &mut Work<'_>,
    medium: Medium,
    series: SeriesId,
    flow_series: Option<SeriesId>,
    changed: &BTreeSet<Millis>,
) {
    for grain in [Grain::Month, Grain::Year] {
        for start in periods(changed, grain) {
            let end = start.next(grain);
            let rules = work.law.outlet_rules(medium, Millis(end.0 - 1).local_date());
            for kind in [
                StatKind::Mean,
                StatKind::ConvertedMean,
                StatKind::FlowWeightedMean,
                StatKind::Load,
                StatKind::Volume,
            ] {
                let days: Vec<(Millis, Figure)> =
                    work.known.range(series, Grain::Day, kind, start, end).collect();
                let figures: Vec<Figure> = days.iter().map(|(_, figure)| *figure).collect();
                let required = days_required(rules, grain, start, figures.len());
                let figure = match kind {
                    StatKind::Load | StatKind::Volume => outlet::sum_of_days(&figures, required),
                    StatKind::FlowWeightedMean => {
                        let volume =
                            |day| work.known.get(flow_series?, Grain::Day, StatKind::Volume, day)?.value;
                        let weighted: Vec<(Figure, Option<f64>)> =
                            days.iter().map(|(day, figure)| (*figure, volume(*day))).collect();
                        outlet::weighted_mean_of_days(&weighted, required)
                    }
                    _ => {
                        let values: Vec<Option<f64>> =
                            figures.iter().map(|day| day.value.filter(|_| day.valid)).collect();
                        let excluded = count(figures.iter().filter(|day| !day.valid).count());
                        statistics::mean(&values, required, excluded)
                    }
                };
                work.known.put(series, grain, kind, start, figure);
            }
        }
    }
}

/// The days a period must have: by the standard where it says so (months of flue gas), else each day there is.
fn days_required(rules: &OutletRules, grain: Grain, start: Millis, days: usize) -> u32 {
    let by_rule = match (grain, start.local_date().month()) {
        (Grain::Month, 2) => rules.february_days_min,
        (Grain::Month, _) => rules.month_days_min,
        _ => None,
    };
    by_rule.unwrap_or_else(|| count(days).max(1))
}
