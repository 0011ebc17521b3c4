//! The unsealed observations and statistics in memory, by series, and the latest of every series.

use std::collections::HashSet;

use sanggan_base::time::HOUR_MS;
use sanggan_base::{Flag, FrameId, Grain, Millis, Observation, SeriesId, StatKind};

use super::log::Counters;
use crate::statistic::Statistic;

/// One unsealed version of an observation. `frame` 0 and `source` 0 mean none; `revision` 0 means a main row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HotObservation {
    pub(crate) at: Millis,
    pub(crate) value: f64,
    pub(crate) recorded_at: Millis,
    pub(crate) frame: u64,
    pub(crate) revision: i64,
    pub(crate) seq: u64,
    pub(crate) source: u32,
    pub(crate) flag: Flag,
}

impl HotObservation {
    pub(crate) fn observation(&self, series: SeriesId) -> Observation {
        Observation {
            series,
            at: self.at,
            value: self.value,
            flag: self.flag,
            recorded_at: self.recorded_at,
            frame: (self.frame != 0).then_some(FrameId(self.frame)),
        }
    }
}

/// Whether a row takes the place of `known` as the newest of its series: the later moment does, except that one
/// from a clock that cannot be right never hides one that can (it may lie years ahead).
pub(crate) fn supersedes(row: (Flag, Millis), known: (Flag, Millis)) -> bool {
    let rank = |(flag, at): (Flag, Millis)| (flag != Flag::ClockSuspect, at);
    rank(known) <= rank(row)
}

/// One unsealed version of a statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HotStatistic {
    pub(crate) start: Millis,
    pub(crate) value: Option<f64>,
    pub(crate) recorded_at: Millis,
    pub(crate) revision: i64,
    pub(crate) seq: u64,
    pub(crate) used: u32,
    pub(crate) required: u32,
    pub(crate) excluded: u32,
    pub(crate) grain: Grain,
    pub(crate) kind: StatKind,
    pub(crate) valid: bool,
}

impl HotStatistic {
    pub(crate) fn statistic(&self, series: SeriesId) -> Statistic {
        Statistic {
            series,
            grain: self.grain,
            kind: self.kind,
            start: self.start,
            value: self.value,
            valid: self.valid,
            used: self.used,
            required: self.required,
            excluded: self.excluded,
            recorded_at: self.recorded_at,
        }
    }
}

/// Rows of each series in the order they were committed.
#[derive(Debug, Default)]
pub(crate) struct Hot {
    observations: Vec<Vec<HotObservation>>,
    statistics: Vec<Vec<HotStatistic>>,
    latest: Vec<Option<Observation>>,
    pub(crate) observation_count: u64,
    pub(crate) statistic_count: u64,
    pub(crate) frame_count: u64,
    pub(crate) seq: u64,
    pub(crate) statistic_seq: u64,
    pub(crate) last_frame: u64,
    pub(crate) followed: u64,
}

fn slot<T: Default>(list: &mut Vec<T>, series: SeriesId) -> &mut T {
    let index = series.0 as usize;
    if list.len() <= index {
        list.resize_with(index + 1, T::default);
    }
    &mut list[index]
}

impl Hot {
    /// Nothing unsealed yet, but counters that go on.
    pub(crate) fn starting_at(counters: &Counters) -> Hot {
        Hot {
            seq: counters.seq,
            statistic_seq: counters.statistic_seq,
            last_frame: counters.frame,
            followed: counters.followed,
            ..Hot::default()
        }
    }

    pub(crate) fn push_observation(&mut self, series: SeriesId, row: HotObservation) {
        slot(&mut self.observations, series).push(row);
        self.observation_count += 1;
        self.note_latest(row.observation(series));
    }

    pub(crate) fn push_statistic(&mut self, series: SeriesId, row: HotStatistic) {
        slot(&mut self.statistics, series).push(row);
        self.statistic_count += 1;
    }

    /// Takes `row` as the latest of its series if it is; see [`supersedes`].
    pub(crate) fn note_latest(&mut self, row: Observation) {
        let latest = slot(&mut self.latest, row.series);
        if latest.is_none_or(|known| supersedes((row.flag, row.at), (known.flag, known.at))) {
            *latest = Some(row);
        }
    }

    pub(crate) fn latest(&self, series: SeriesId) -> Option<Observation> {
        self.latest.get(series.0 as usize).copied().flatten()
    }

    pub(crate) fn latest_all(&self) -> Vec<Observation> {
        self.latest.iter().copied().flatten().collect()
    }

    pub(crate) fn observations_of(&self, series: SeriesId) -> &[HotObservation] {
        self.observations.get(series.0 as usize).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn statistics_of(&self, series: SeriesId) -> &[HotStatistic] {
        self.statistics.get(series.0 as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// All unsealed observations, by series.
    pub(crate) fn observations(&self) -> impl Iterator<Item = (SeriesId, &HotObservation)> {
        (0u32..)
            .zip(&self.observations)
            .flat_map(|(id, rows)| rows.iter().map(move |row| (SeriesId(id), row)))
    }

    /// All unsealed statistics, by series.
    pub(crate) fn statistics(&self) -> impl Iterator<Item = (SeriesId, &HotStatistic)> {
        (0u32..).zip(&self.statistics).flat_map(|(id, rows)| rows.iter().map(move |row| (SeriesId(id), row)))
    }

    /// Forgets observations of commits up to `seq`: they are sealed now.
    pub(crate) fn drop_observations(&mut self, seq: u64) {
        for rows in &mut self.observations {
            let sealed = rows.partition_point(|row| row.seq <= seq);
            self.observation_count -= sealed as u64;
            drop_front(rows, sealed);
        }
    }

    /// Forgets statistics of commits up to `seq`: they are sealed now.
    pub(crate) fn drop_statistics(&mut self, seq: u64) {
        for rows in &mut self.statistics {
            let sealed = rows.partition_point(|row| row.seq <= seq);
            self.statistic_count -= sealed as u64;
            drop_front(rows, sealed);
        }
    }

    /// (series, hour) pairs that unsealed commits after `seq` touched, sorted.
    pub(crate) fn touched_since(&self, seq: u64) -> Vec<(SeriesId, Millis)> {
        let mut touched = HashSet::new();
        for (id, rows) in (0u32..).zip(&self.observations) {
            let new = rows.partition_point(|row| row.seq <= seq);
            for row in &rows[new..] {
                touched.insert((SeriesId(id), Millis(row.at.0.div_euclid(HOUR_MS) * HOUR_MS)));
            }
        }
        let mut touched: Vec<_> = touched.into_iter().collect();
        touched.sort_unstable();
        touched
    }
}

fn drop_front<T>(rows: &mut Vec<T>, count: usize) {
    if count == rows.len() {
        *rows = Vec::new();
    } else if count > 0 {
        rows.drain(..count);
        rows.shrink_to(rows.len() * 2);
    }
}
