//! One hour of one series, from what devices sent.

use std::collections::HashMap;

use sanggan_base::{
    Cadence, Flag, Measure, Millis, Observation, SeriesId, SeriesKey, time::HOUR_MS, time::MINUTE_MS,
};
use sanggan_standards::{Figure, statistics};

/// The observations of a piece of work, by series, in order of time.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    ids: HashMap<SeriesKey, SeriesId>,
    rows: HashMap<SeriesId, Vec<Observation>>,
}

impl Observed {
    /// From rows sorted by (series, at).
    pub(crate) fn new(keys: Vec<(SeriesKey, SeriesId)>, rows: Vec<Observation>) -> Observed {
        let mut by_series: HashMap<SeriesId, Vec<Observation>> = HashMap::new();
        for row in rows {
            by_series.entry(row.series).or_default().push(row);
        }
        Observed { ids: keys.into_iter().collect(), rows: by_series }
    }

    /// The rows of a series in [from, to).
    pub(crate) fn within(&self, key: &SeriesKey, from: Millis, to: Millis) -> &[Observation] {
        let rows = self.ids.get(key).and_then(|id| self.rows.get(id)).map_or(&[][..], Vec::as_slice);
        let begin = rows.partition_point(|row| row.at < from);
        let end = rows.partition_point(|row| row.at < to);
        &rows[begin..end.max(begin)]
    }

    /// The rows of a series of the hour.
    pub(crate) fn hour(&self, key: &SeriesKey, hour: Millis) -> &[Observation] {
        self.within(key, hour, hour.plus(HOUR_MS))
    }
}

/// A series of a station: `measure` and `cadence` of the same parameter.
pub(crate) fn sibling(key: &SeriesKey, measure: Measure, cadence: Cadence) -> SeriesKey {
    SeriesKey { measure, cadence, ..key.clone() }
}

/// The hour's mean: from minute values where they cover the hour, else the hour value the device sent, else from
/// momentary values; where none is valid, the first that has a value at all.
///
/// `key` names station, parameter and measure (mean or converted mean).
pub(crate) fn mean(
    observed: &Observed,
    key: &SeriesKey,
    hour: Millis,
    minute_interval: Option<u8>,
    minutes_min: u32,
    direction: bool,
) -> Figure {
    let rows = |cadence| observed.hour(&sibling(key, key.measure, cadence), hour);
    let minutes = || from_minutes(rows(Cadence::Minute), minute_interval, minutes_min, direction);
    let sent = || from_hours(rows(Cadence::Hour));
    let moments = || from_moments(rows(Cadence::RealTime), hour, minutes_min, direction);
    let mut best: Option<Figure> = None;
    for source in [&minutes as &dyn Fn() -> Figure, &sent, &moments] {
        let figure = source();
        if figure.valid {
            return figure;
        }
        let better = match &best {
            None => true,
            Some(best) => {
                (best.value.is_none(), best.excluded == 0) > (figure.value.is_none(), figure.excluded == 0)
            }
        };
        if better {
            best = Some(figure);
        }
    }
    best.unwrap_or(Figure { value: None, valid: false, used: 0, required: 0, excluded: 0 })
}

fn from_minutes(rows: &[Observation], interval: Option<u8>, minutes_min: u32, direction: bool) -> Figure {
    let interval = stands_for(rows, interval);
    let values = |part: fn(f64) -> f64| -> Vec<(f64, bool)> {
        rows.iter().map(|row| (part(row.value), row.flag.is_valid())).collect()
    };
    let figure = |part| statistics::hour_from_minutes(&values(part), interval, minutes_min);
    if direction { about_the_circle(figure) } else { figure(|value| value) }
}

fn from_hours(rows: &[Observation]) -> Figure {
    let valid = rows.iter().rev().find(|row| row.flag.is_valid());
    let used = u32::from(valid.is_some());
    let excluded = u32::from(valid.is_none() && !rows.is_empty());
    Figure { value: valid.map(|row| row.value), valid: valid.is_some(), used, required: 1, excluded }
}

fn from_moments(rows: &[Observation], hour: Millis, minutes_min: u32, direction: bool) -> Figure {
    let interval = spacing(rows);
    let minute = |at: Millis| u8::try_from((at.0 - hour.0) / MINUTE_MS).unwrap_or(59);
    let values = |part: fn(f64) -> f64| -> Vec<(u8, f64, bool)> {
        rows.iter().map(|row| (minute(row.at), part(row.value), row.flag.is_valid())).collect()
    };
    let figure = |part| statistics::hour_from_real_time(&values(part), interval, minutes_min);
    if direction { about_the_circle(figure) } else { figure(|value| value) }
}

/// The mean of directions: of unit vectors, not of numbers (350° and 10° give 0°).
fn about_the_circle(figure: impl Fn(fn(f64) -> f64) -> Figure) -> Figure {
    let (east, north) =
        (figure(|degrees| degrees.to_radians().sin()), figure(|degrees| degrees.to_radians().cos()));
    let value =
        east.value.zip(north.value).map(|(east, north)| east.atan2(north).to_degrees().rem_euclid(360.0));
    Figure { value, ..east }
}

/// How many minutes one of these values stands for: as declared, or less where they come closer together than that
/// (an admitted device is declared with the usual interval, and nobody may have corrected it).
fn stands_for(rows: &[Observation], declared: Option<u8>) -> u32 {
    match declared.map(u32::from) {
        Some(declared) if rows.len() < 3 => declared.max(1),
        Some(declared) => declared.clamp(1, spacing(rows)),
        None => spacing(rows),
    }
}

/// The usual distance of the values in whole minutes, at least one.
fn spacing(rows: &[Observation]) -> u32 {
    let mut gaps: Vec<i64> = rows.windows(2).map(|pair| pair[1].at.0 - pair[0].at.0).collect();
    gaps.sort_unstable();
    let middle = gaps.get(gaps.len() / 2).copied().unwrap_or(MINUTE_MS);
    u32::try_from((middle + MINUTE_MS / 2) / MINUTE_MS).unwrap_or(1).clamp(1, 60)
}

/// The hour's total as the device sent it: its hour value, or its minute values where none is missing.
pub(crate) fn sent_total(
    observed: &Observed,
    key: &SeriesKey,
    hour: Millis,
    interval: Option<u8>,
) -> Option<f64> {
    let sent = from_hours(observed.hour(&sibling(key, Measure::Total, Cadence::Hour), hour));
    if sent.valid {
        return sent.value;
    }
    let minutes = observed.hour(&sibling(key, Measure::Total, Cadence::Minute), hour);
    let interval = stands_for(minutes, interval);
    let whole = minutes.len() as u32 * interval >= 60 && minutes.iter().all(|row| row.flag.is_valid());
    whole.then(|| minutes.iter().map(|row| row.value).sum())
}

/// Whether all that was sent for the hour says that the facility stood still.
pub(crate) fn stood_still(observed: &Observed, key: &SeriesKey, hour: Millis) -> bool {
    let cadences = [Cadence::Minute, Cadence::Hour, Cadence::RealTime];
    let rows =
        || cadences.iter().flat_map(|&cadence| observed.hour(&sibling(key, Measure::Mean, cadence), hour));
    rows().next().is_some() && rows().all(|row| row.flag == Flag::Stopped)
}

/// The mean of directions of several hours.
pub(crate) fn mean_direction(degrees: &[Option<f64>], required: u32, excluded: u32) -> Figure {
    about_the_circle(|part| {
        let parts: Vec<Option<f64>> = degrees.iter().map(|one| one.map(part)).collect();
        statistics::mean(&parts, required, excluded)
    })
}
