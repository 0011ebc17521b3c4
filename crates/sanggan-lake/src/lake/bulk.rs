//! Main rows written straight into sealed files, past the hot store.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanggan_base::{Millis, Observation, Reading, SeriesId};
use tokio::sync::oneshot;

use super::Inner;
use crate::error::{BoxError, LakeError};
use crate::hot::extent::Tag;
use crate::hot::memory::HotObservation;
use crate::hot::writer::Job;
use crate::month::{Month, clamp};
use crate::sealed::batch;
use crate::sealed::delta::Change;
use crate::sealed::files::{FileEntry, Sealed};
use crate::sealed::kind::Kind;
use crate::sealed::write::FileWriter;

pub(super) async fn load(inner: &Arc<Inner>, rows: Vec<Reading>) -> Result<(), LakeError> {
    let outcome = try_load(inner, rows).await;
    outcome.map_err(|source| LakeError::Seal { table: Kind::Observations.name(), source })
}

async fn try_load(inner: &Arc<Inner>, rows: Vec<Reading>) -> Result<(), BoxError> {
    let (Some(first), Some(last)) = (rows.first().copied(), rows.last().copied()) else { return Ok(()) };
    let month = Month::of(first.at);
    let series_count = inner.shared.series.read().len();
    if first.series.0 == 0 || last.series.0 > series_count {
        return Err("a series was not made".into());
    }
    if !rows.is_sorted_by(|a, b| (a.series, a.at) < (b.series, b.at)) {
        return Err("the rows are not sorted by series and time".into());
    }
    let now = (inner.clock)();
    let mut newest: BTreeMap<SeriesId, Reading> = BTreeMap::new();
    for row in &rows {
        if clamp(row.at) != row.at || Month::of(row.at) != month {
            return Err("the rows lie in different months".into());
        }
        newest.insert(row.series, *row);
    }
    let mut sealing = inner.sealing.lock().await;
    let tag = Tag::observation(month);
    let (reply, answer) = oneshot::channel();
    inner.send(Job::Extents { wanted: newest.keys().map(|&series| (series, tag)).collect(), reply })?;
    if answer.await?.iter().any(Option::is_some) {
        return Err("the month holds rows of these series already".into());
    }
    // first, so that a row appended from now on cannot become a second main row of its key
    advance(inner, newest.values().map(|row| (row.series, tag, row.at)).collect(), Vec::new()).await?;
    let log = &mut sealing.logs[Kind::Observations.index()];
    // loading moves no commit, so the name says "commit 0"; the version in it keeps it unique
    let name = log.file_name(0, 0);
    let folder = log.folder().to_owned();
    let entry = tokio::task::spawn_blocking(move || write(&folder, month, &name, &rows, now)).await??;
    let files = [Arc::new(entry)];
    if let Err(error) = log.commit(Change { adds: &files, removes: &[], seq: None, now }).await {
        let _ = std::fs::remove_file(log.folder().join(&files[0].path));
        return Err(error);
    }
    {
        let mut state = inner.shared.state.write();
        let before = state.sealed(Kind::Observations);
        let mut all: Vec<Arc<FileEntry>> = before.files.clone();
        all.extend(files);
        let seq = before.seq;
        state.sealed[Kind::Observations.index()] = Arc::new(Sealed { files: all, seq });
    }
    let latest = newest
        .values()
        .map(|row| Observation {
            series: row.series,
            at: row.at,
            value: row.value,
            flag: row.flag,
            recorded_at: now,
            frame: None,
        })
        .collect();
    advance(inner, Vec::new(), latest).await
}

async fn advance(
    inner: &Inner,
    rows: Vec<(SeriesId, Tag, Millis)>,
    latest: Vec<Observation>,
) -> Result<(), BoxError> {
    let (reply, done) = oneshot::channel();
    inner.send(Job::Advance { rows, latest, reply })?;
    done.await??;
    Ok(())
}

fn write(
    folder: &std::path::Path,
    month: Month,
    name: &str,
    rows: &[Reading],
    now: Millis,
) -> Result<FileEntry, BoxError> {
    let mut writer = FileWriter::create(folder, Kind::Observations, month, false, name)?;
    for chunk in rows.chunks(64 * 1024) {
        let chunk: Vec<(SeriesId, HotObservation)> = chunk
            .iter()
            .map(|row| {
                let row_of = HotObservation {
                    at: row.at,
                    value: row.value,
                    recorded_at: now,
                    frame: 0,
                    revision: 0,
                    seq: 0,
                    source: 0,
                    flag: row.flag,
                };
                (row.series, row_of)
            })
            .collect();
        writer.write(&batch::observations(&chunk, |_| None)?)?;
    }
    writer.finish()
}
