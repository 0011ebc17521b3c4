//! Observations and statistics of some series over some time: hot rows and sealed pages, newest version of each.

use std::sync::Arc;

use sanggan_base::{Grain, Millis, Observation, SeriesId, StatKind};

use crate::answer::ReadQuery;
use crate::error::BoxError;
use crate::hot::memory::{HotObservation, HotStatistic};
use crate::month::{Month, clamp};
use crate::sealed::batch::{self, micros};
use crate::sealed::files::{FileEntry, Sealed};
use crate::sealed::kind::Kind;
use crate::sealed::read::{self, Footers, Wanted};
use crate::shared::Shared;
use crate::statistic::Statistic;

/// A query made ready: series sorted, times in the range that is stored.
struct Ask {
    series: Vec<SeriesId>,
    keys: Vec<i64>,
    from: Millis,
    to: Millis,
    as_of: Millis,
}

impl Ask {
    fn new(query: &ReadQuery) -> Ask {
        let mut series = query.series.clone();
        series.sort_unstable();
        series.dedup();
        let keys = series.iter().map(|series| i64::from(series.0)).collect();
        let as_of = query.as_of.unwrap_or(Millis(i64::MAX));
        Ask { series, keys, from: query.from, to: query.to, as_of }
    }

    fn is_empty(&self) -> bool {
        self.series.is_empty() || self.to <= self.from
    }

    fn holds(&self, at: Millis, recorded_at: Millis) -> bool {
        self.from <= at && at < self.to && recorded_at <= self.as_of
    }

    /// The files that can hold an answer.
    fn files<'s>(&'s self, sealed: &'s Sealed) -> impl Iterator<Item = &'s Arc<FileEntry>> {
        let (first, last) = (Month::of(clamp(self.from)), Month::of(clamp(Millis(self.to.0 - 1))));
        let (from, to, as_of) = (micros(self.from), micros(self.to), micros(self.as_of));
        sealed.files.iter().filter(move |file| {
            let [series, at, recorded_at] = file.ranges;
            (first..=last).contains(&file.month)
                && at.0 < to
                && from <= at.1
                && recorded_at.0 <= as_of
                && self
                    .keys
                    .get(self.keys.partition_point(|&key| key < series.0))
                    .is_some_and(|&key| key <= series.1)
        })
    }
}

pub(crate) fn observations(
    shared: &Shared,
    footers: &Footers,
    query: &ReadQuery,
    every_version: bool,
) -> Result<Vec<Observation>, BoxError> {
    let ask = Ask::new(query);
    if ask.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(SeriesId, HotObservation)> = Vec::new();
    let sealed = {
        let state = shared.state.read();
        for &series in &ask.series {
            let hot = state.hot.observations_of(series).iter();
            rows.extend(hot.filter(|row| ask.holds(row.at, row.recorded_at)).map(|row| (series, *row)));
        }
        Arc::clone(state.sealed(Kind::Observations))
    };
    let folder = shared.folder.join(Kind::Observations.name());
    for file in ask.files(&sealed) {
        read::rows(footers, &folder.join(&file.path), &Wanted { keys: &ask.keys }, |batch| {
            batch::each_observation(&batch, |series, row| {
                if ask.holds(row.at, row.recorded_at) && ask.series.binary_search(&series).is_ok() {
                    rows.push((series, row));
                }
            })?;
            Ok(())
        })?;
    }
    rows.sort_unstable_by_key(|(series, row)| (*series, row.at, row.revision));
    if !every_version {
        keep_last(&mut rows, |(series, row)| (*series, row.at));
    }
    Ok(rows.iter().map(|(series, row)| row.observation(*series)).collect())
}

pub(crate) fn statistics(
    shared: &Shared,
    footers: &Footers,
    query: &ReadQuery,
    grain: Grain,
    kinds: &[StatKind],
) -> Result<Vec<Statistic>, BoxError> {
    let ask = Ask::new(query);
    if ask.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = |row: &HotStatistic| {
        row.grain == grain
            && (kinds.is_empty() || kinds.contains(&row.kind))
            && ask.holds(row.start, row.recorded_at)
    };
    let mut rows: Vec<(SeriesId, HotStatistic)> = Vec::new();
    let sealed = {
        let state = shared.state.read();
        for &series in &ask.series {
            let hot = state.hot.statistics_of(series).iter();
            rows.extend(hot.filter(|row| wanted(row)).map(|row| (series, *row)));
        }
        Arc::clone(state.sealed(Kind::Statistics))
    };
    let folder = shared.folder.join(Kind::Statistics.name());
    for file in ask.files(&sealed) {
        read::rows(footers, &folder.join(&file.path), &Wanted { keys: &ask.keys }, |batch| {
            batch::each_statistic(&batch, |series, row| {
                if wanted(&row) && ask.series.binary_search(&series).is_ok() {
                    rows.push((series, row));
                }
            })?;
            Ok(())
        })?;
    }
    rows.sort_unstable_by_key(|(series, row)| (*series, row.grain, row.kind, row.start, row.revision));
    keep_last(&mut rows, |(series, row)| (*series, row.kind, row.start));
    Ok(rows.iter().map(|(series, row)| row.statistic(*series)).collect())
}

/// Of neighbours with the same key, keeps the last.
fn keep_last<T: Copy, K: PartialEq>(rows: &mut Vec<T>, key: impl Fn(&T) -> K) {
    rows.dedup_by(|next, kept| {
        let same = key(next) == key(kept);
        if same {
            *kept = *next;
        }
        same
    });
}
