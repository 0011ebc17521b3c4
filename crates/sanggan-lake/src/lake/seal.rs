//! Sealing: hot rows to sorted files, one Delta commit a table, and only then out of the hot store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sanggan_base::{Millis, SeriesId};
use tokio::sync::oneshot;

use super::Inner;
use crate::answer::SealReport;
use crate::error::{BoxError, LakeError};
use crate::frame::Frame;
use crate::hot::log;
use crate::hot::memory::{HotObservation, HotStatistic};
use crate::hot::writer::Job;
use crate::month::{Month, MonthCache};
use crate::sealed::batch;
use crate::sealed::delta::{Change, DeltaLog};
use crate::sealed::files::{FileEntry, Sealed};
use crate::sealed::kind::Kind;
use crate::sealed::write::FileWriter;
use crate::shared::Shared;

/// Rows put into one Arrow batch while writing.
const BATCH_ROWS: usize = 64 * 1024;
/// Packets put into one Arrow batch while writing.
const FRAME_BATCH_ROWS: usize = 4 * 1024;

/// What only one task at a time may touch.
pub(super) struct Sealing {
    /// By [`Kind::index`].
    pub(super) logs: Vec<DeltaLog>,
    /// Files that were compacted away, and since when no new reader can open them.
    pub(super) condemned: Vec<(Instant, PathBuf)>,
}

pub(super) async fn seal(inner: &Arc<Inner>) -> Result<SealReport, LakeError> {
    let started = Instant::now();
    let mut sealing = inner.sealing.lock().await;
    let (data_seq, statistic_seq) = {
        let state = inner.shared.state.read();
        let followed = state.hot.followed.min(state.hot.seq);
        let data = if inner.options.seal_requires_statistics { followed } else { state.hot.seq };
        (data, state.hot.statistic_seq)
    };
    let mut report = SealReport::default();
    for kind in Kind::ALL {
        let seq = if kind == Kind::Statistics { statistic_seq } else { data_seq };
        let outcome = seal_table(inner, &mut sealing.logs[kind.index()], kind, seq).await;
        let (rows, files) = outcome.map_err(|error| match error.downcast::<LakeError>() {
            Ok(ours) => *ours,
            Err(source) => LakeError::Seal { table: kind.name(), source },
        })?;
        match kind {
            Kind::Frames => report.frames = rows,
            Kind::Observations => report.observations = rows,
            Kind::Statistics => report.statistics = rows,
        }
        report.files += files;
    }
    metrics::histogram!("sanggan_lake_seal_seconds").record(started.elapsed().as_secs_f64());
    Ok(report)
}

async fn seal_table(inner: &Inner, log: &mut DeltaLog, kind: Kind, seq: u64) -> Result<(u64, u64), BoxError> {
    if seq <= inner.shared.state.read().sealed(kind).seq {
        return Ok((0, 0));
    }
    let first_name = log.file_name(seq, 0);
    let (shared, folder) = (Arc::clone(&inner.shared), log.folder().to_owned());
    let name = move |number: usize| first_name.replacen("-0000", &format!("-{number:04}"), 1);
    let files =
        tokio::task::spawn_blocking(move || write_files(&shared, &folder, kind, seq, &name)).await??;
    if files.is_empty() {
        // nothing of this table in these commits
        return Ok((0, 0));
    }
    let now = (inner.clock)();
    if let Err(error) = log.commit(Change { adds: &files, removes: &[], seq: Some(seq), now }).await {
        for file in &files {
            let _ = std::fs::remove_file(log.folder().join(&file.path));
        }
        return Err(error);
    }
    let rows = files.iter().map(|file| file.rows).sum();
    let count = files.len() as u64;
    show(&inner.shared, kind, files, seq);
    let (reply, done) = oneshot::channel();
    inner.send(Job::Sealed { kind, seq, reply })?;
    done.await.map_err(|_| LakeError::Closed)??;
    Ok((rows, count))
}

/// Lets readers see the rows in the files instead of in memory, in one step.
fn show(shared: &Shared, kind: Kind, files: Vec<Arc<FileEntry>>, seq: u64) {
    let mut state = shared.state.write();
    let before = state.sealed(kind);
    let mut all = before.files.clone();
    let rows: u64 = files.iter().map(|file| file.rows).sum();
    all.extend(files);
    all.sort_by(|a, b| (a.month, a.late, &a.path).cmp(&(b.month, b.late, &b.path)));
    state.sealed[kind.index()] = Arc::new(Sealed { files: all, seq });
    match kind {
        Kind::Frames => state.hot.frame_count -= rows.min(state.hot.frame_count),
        Kind::Observations => state.hot.drop_observations(seq),
        Kind::Statistics => state.hot.drop_statistics(seq),
    }
    shared.count_hot_rows(&state.hot);
}

fn write_files(
    shared: &Shared,
    folder: &Path,
    kind: Kind,
    seq: u64,
    name: &dyn Fn(usize) -> String,
) -> Result<Vec<Arc<FileEntry>>, BoxError> {
    match kind {
        Kind::Frames => write_frames(shared, folder, seq, name),
        Kind::Observations => write_observations(shared, folder, seq, name),
        Kind::Statistics => write_statistics(shared, folder, seq, name),
    }
}

/// Rows of each month and part.
type Parts<T> = BTreeMap<(Month, bool), Vec<(SeriesId, T)>>;

fn write_observations(
    shared: &Shared,
    folder: &Path,
    seq: u64,
    name: &dyn Fn(usize) -> String,
) -> Result<Vec<Arc<FileEntry>>, BoxError> {
    let mut parts: Parts<HotObservation> = BTreeMap::new();
    let sources;
    {
        let state = shared.state.read();
        sources = state.sources.clone();
        let mut months = MonthCache::default();
        for (series, row) in state.hot.observations().filter(|(_, row)| row.seq <= seq) {
            parts.entry((months.of(row.at), row.revision != 0)).or_default().push((series, *row));
        }
    }
    let source = |id: u32| sources.get((id as usize).checked_sub(1)?).map(|text| &**text);
    let mut files = Vec::new();
    for ((month, late), mut rows) in parts {
        rows.sort_unstable_by_key(|(series, row)| (*series, row.at, row.revision));
        let mut writer = FileWriter::create(folder, Kind::Observations, month, late, &name(files.len()))?;
        for chunk in rows.chunks(BATCH_ROWS) {
            writer.write(&batch::observations(chunk, source)?)?;
        }
        files.push(Arc::new(writer.finish()?));
    }
    Ok(files)
}

fn write_statistics(
    shared: &Shared,
    folder: &Path,
    seq: u64,
    name: &dyn Fn(usize) -> String,
) -> Result<Vec<Arc<FileEntry>>, BoxError> {
    let mut parts: Parts<HotStatistic> = BTreeMap::new();
    {
        let state = shared.state.read();
        let mut months = MonthCache::default();
        for (series, row) in state.hot.statistics().filter(|(_, row)| row.seq <= seq) {
            parts.entry((months.of(row.start), row.revision != 0)).or_default().push((series, *row));
        }
    }
    let mut files = Vec::new();
    for ((month, late), mut rows) in parts {
        rows.sort_unstable_by_key(|(series, row)| (*series, row.grain, row.kind, row.start, row.revision));
        let mut writer = FileWriter::create(folder, Kind::Statistics, month, late, &name(files.len()))?;
        for chunk in rows.chunks(BATCH_ROWS) {
            writer.write(&batch::statistics(chunk)?)?;
        }
        files.push(Arc::new(writer.finish()?));
    }
    Ok(files)
}

/// A file being written and the packets not handed to it yet.
type OpenFile = (FileWriter, Vec<(Frame, Millis)>);

fn write_frames(
    shared: &Shared,
    folder: &Path,
    seq: u64,
    name: &dyn Fn(usize) -> String,
) -> Result<Vec<Arc<FileEntry>>, BoxError> {
    let connection = log::open_reader(&shared.folder)?;
    let after = shared.state.read().sealed(Kind::Frames).seq;
    let sql = format!("SELECT {} FROM frame WHERE seq > ?1 AND seq <= ?2 ORDER BY id", log::FRAME_COLUMNS);
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([log::signed(after), log::signed(seq)])?;
    let mut open: BTreeMap<Month, OpenFile> = BTreeMap::new();
    let mut months = MonthCache::default();
    while let Some(row) = rows.next()? {
        let (frame, recorded_at) = log::frame_of(row)?;
        let month = months.of(frame.received_at);
        let number = open.len();
        if let std::collections::btree_map::Entry::Vacant(place) = open.entry(month) {
            let writer = FileWriter::create(folder, Kind::Frames, month, false, &name(number))?;
            place.insert((writer, Vec::new()));
        }
        let Some((writer, waiting)) = open.get_mut(&month) else { continue };
        waiting.push((frame, recorded_at));
        if waiting.len() >= FRAME_BATCH_ROWS {
            writer.write(&batch::frames(waiting)?)?;
            waiting.clear();
        }
    }
    let mut files = Vec::new();
    for (mut writer, waiting) in open.into_values() {
        writer.write(&batch::frames(&waiting)?)?;
        files.push(Arc::new(writer.finish()?));
    }
    Ok(files)
}
