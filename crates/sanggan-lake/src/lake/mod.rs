//! The handle: opening, closing, writing; reading and sealing are in the files beside.

mod bulk;
mod compact;
mod open;
mod seal;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use sanggan_base::{
    FrameId, Grain, Millis, Observation, Reading, SeriesId, SeriesKey, StatKind, StationCode,
};
use tokio::sync::{Semaphore, oneshot};

use crate::answer::{LakeStatus, ReadQuery, SealReport, Table};
use crate::error::{BoxError, LakeError};
use crate::frame::{Committed, Frame, FrameQuery, NewFrame};
use crate::hot::writer::{Job, Reply};
use crate::options::{Clock, LakeOptions};
use crate::query::{catalog, frames, points};
use crate::sealed::kind::Kind;
use crate::sealed::read::Footers;
use crate::shared::Shared;
use crate::statistic::{NewStatistic, Statistic};

/// A boxed future; keeps the engine from being compiled into every caller.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Rows that may wait for the writer before callers wait themselves.
const QUEUED_ROWS: usize = 200_000;

/// A handle to the lake; clones share it.
#[derive(Clone)]
pub struct Lake {
    inner: Arc<Inner>,
}

struct Inner {
    options: LakeOptions,
    clock: Clock,
    shared: Arc<Shared>,
    footers: Arc<Footers>,
    catalog: catalog::Engine,
    queue: Arc<Semaphore>,
    jobs: Mutex<Option<Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    closed: AtomicBool,
    /// Held while the lake is open, so that no second process opens it.
    lock: Mutex<Option<std::fs::File>>,
    /// The Delta logs; one seal or compaction at a time.
    sealing: tokio::sync::Mutex<seal::Sealing>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs.lock().take();
        if let Some(writer) = self.writer.lock().take() {
            // without a sender the writer ends after what is queued
            let _ = writer.join();
        }
    }
}

impl Inner {
    fn send(&self, job: Job) -> Result<(), LakeError> {
        let jobs = self.jobs.lock();
        let sender = jobs.as_ref().ok_or(LakeError::Closed)?;
        sender.send(job).map_err(|_| LakeError::Closed)
    }

    /// Waits for a place in the queue, sends the job, waits for the answer.
    async fn ask<T>(
        &self,
        rows: usize,
        job: impl FnOnce(Reply<T>, tokio::sync::OwnedSemaphorePermit) -> Job,
    ) -> Result<T, LakeError> {
        let places = u32::try_from(rows.clamp(1, QUEUED_ROWS)).unwrap_or(u32::MAX);
        let permit =
            Arc::clone(&self.queue).acquire_many_owned(places).await.map_err(|_| LakeError::Closed)?;
        let (reply, answer) = oneshot::channel();
        self.send(job(reply, permit))?;
        answer.await.map_err(|_| LakeError::Closed)?
    }

    /// Waits while the hot store is at its limit.
    async fn wait_for_room(&self) -> Result<(), LakeError> {
        loop {
            let room = self.shared.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            if self.closed.load(Ordering::Acquire) {
                return Err(LakeError::Closed);
            }
            if self.shared.hot_rows() < self.options.hot_rows_max as u64 {
                return Ok(());
            }
            room.await;
        }
    }
}

impl Lake {
    /// Opens or creates the lake, finishes an interrupted seal and loads the unsealed rows.
    ///
    /// # Errors
    /// [`LakeError::Open`], also when another process has it open.
    pub fn open(options: LakeOptions, clock: Clock) -> BoxFuture<'static, Result<Lake, LakeError>> {
        Box::pin(open::open(options, clock))
    }

    /// The id of a series, made when it is new. Durable before it returns. Cheap when known.
    ///
    /// Blocks the thread for one sync when it is new.
    ///
    /// # Errors
    /// [`LakeError::Commit`], [`LakeError::Closed`].
    pub fn series_id(&self, key: &SeriesKey) -> Result<SeriesId, LakeError> {
        let ids = self.series_ids(std::slice::from_ref(key))?;
        ids.first().copied().ok_or(LakeError::Closed)
    }

    /// The ids of many series with one sync for all that are new; in the order asked.
    ///
    /// # Errors
    /// [`LakeError::Commit`], [`LakeError::Closed`].
    pub fn series_ids(&self, keys: &[SeriesKey]) -> Result<Vec<SeriesId>, LakeError> {
        {
            let known = self.inner.shared.series.read();
            let ids: Option<Vec<SeriesId>> = keys.iter().map(|key| known.id(key)).collect();
            if let Some(ids) = ids {
                return Ok(ids);
            }
        }
        let (reply, answer) = sync_channel(1);
        self.inner.send(Job::Series { keys: keys.to_vec(), reply })?;
        answer.recv().map_err(|_| LakeError::Closed)?
    }

    /// The id of a series if there is one.
    pub fn find_series(&self, key: &SeriesKey) -> Option<SeriesId> {
        self.inner.shared.series.read().id(key)
    }

    /// What a series is.
    pub fn series_key(&self, id: SeriesId) -> Option<SeriesKey> {
        self.inner.shared.series.read().key(id).cloned()
    }

    /// All series of a station.
    pub fn series_of(&self, station: &StationCode) -> Vec<(SeriesId, SeriesKey)> {
        self.inner.shared.series.read().of_station(station)
    }

    /// Makes frames and their readings durable (group commit across callers), then publishes them on the bus.
    /// The ids answer the frames in order. Waits while the hot store is at its limit.
    ///
    /// A reading that says again what is already the newest of its series is not stored as a version.
    ///
    /// # Errors
    /// [`LakeError::Commit`]: nothing of the batch is stored. [`LakeError::Closed`].
    pub fn append(&self, frames: Vec<NewFrame>) -> BoxFuture<'_, Result<Vec<FrameId>, LakeError>> {
        Box::pin(async move {
            if frames.is_empty() {
                return Ok(Vec::new());
            }
            self.inner.wait_for_room().await?;
            let frames: Vec<(NewFrame, [u8; 32])> = frames
                .into_iter()
                .map(|frame| (sm3(&frame.bytes), frame))
                .map(|(sum, frame)| (frame, sum))
                .collect();
            let rows = frames.iter().map(|(frame, _)| 1 + frame.readings.len()).sum();
            self.inner.ask(rows, |reply, permit| Job::Frames { frames, reply, _permit: permit }).await
        })
    }

    /// Readings that came in no packet (table imports, corrections by hand). `source` is kept beside them.
    ///
    /// # Errors
    /// [`LakeError::Commit`], [`LakeError::Closed`].
    pub fn append_readings(
        &self,
        source: Arc<str>,
        readings: Vec<Reading>,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        let readings = readings.into_iter().map(|reading| (None, reading)).collect();
        self.store_readings(Some(source), readings)
    }

    /// Readings decoded later from a packet that is already stored (an admitted device).
    ///
    /// # Errors
    /// [`LakeError::Commit`], [`LakeError::Closed`].
    pub fn append_late_readings(
        &self,
        readings: Vec<(FrameId, Reading)>,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        self.store_readings(
            None,
            readings.into_iter().map(|(frame, reading)| (Some(frame), reading)).collect(),
        )
    }

    fn store_readings(
        &self,
        source: Option<Arc<str>>,
        readings: Vec<(Option<FrameId>, Reading)>,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        Box::pin(async move {
            if readings.is_empty() {
                return Ok(());
            }
            self.inner.wait_for_room().await?;
            let rows = readings.len();
            self.inner
                .ask(rows, |reply, permit| Job::Readings { source, readings, reply, _permit: permit })
                .await
        })
    }

    /// Stores statistics and, in the same transaction, how far the statistics have followed the commits.
    ///
    /// # Errors
    /// [`LakeError::Commit`], [`LakeError::Closed`].
    pub fn append_statistics(
        &self,
        rows: Vec<NewStatistic>,
        followed_seq: u64,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        Box::pin(async move {
            let count = rows.len();
            let job =
                |reply, permit| Job::Statistics { rows, followed: followed_seq, reply, _permit: permit };
            self.inner.ask(count, job).await
        })
    }

    /// How far the statistics have followed the commits (0 at first).
    pub fn statistics_followed(&self) -> u64 {
        self.inner.shared.state.read().hot.followed
    }

    /// Which (series, local hour starts) commits after `seq` touched, for catching up after a restart.
    /// Rows the statistics have not followed are never sealed away, so the answer is complete.
    ///
    /// # Errors
    /// None today; the signature leaves room for a lake whose hot rows are elsewhere.
    pub fn touched_since(&self, seq: u64) -> BoxFuture<'_, Result<Vec<(SeriesId, Millis)>, LakeError>> {
        Box::pin(async move { Ok(self.inner.shared.state.read().hot.touched_since(seq)) })
    }

    /// The live bus. A receiver that falls behind gets `Lagged` and must catch up with `touched_since`.
    pub fn subscribe(&self) -> tokio::sync::broadcast::Receiver<Arc<Committed>> {
        self.inner.shared.bus.subscribe()
    }

    /// The latest observation of a series, from memory.
    pub fn latest(&self, series: SeriesId) -> Option<Observation> {
        self.inner.shared.state.read().hot.latest(series)
    }

    /// The latest observation of every series, from memory.
    pub fn latest_all(&self) -> Vec<Observation> {
        self.inner.shared.state.read().hot.latest_all()
    }

    /// Observations sorted by (series, at), one (the newest version known at `as_of`) a key.
    ///
    /// # Errors
    /// [`LakeError::Query`] when a file cannot be read.
    pub fn read(&self, query: ReadQuery) -> BoxFuture<'_, Result<Vec<Observation>, LakeError>> {
        self.blocking(move |shared, footers| points::observations(shared, footers, &query, false))
    }

    /// Every version of every observation the query names, sorted by (series, at, recorded_at).
    ///
    /// # Errors
    /// [`LakeError::Query`] when a file cannot be read.
    pub fn read_versions(&self, query: ReadQuery) -> BoxFuture<'_, Result<Vec<Observation>, LakeError>> {
        self.blocking(move |shared, footers| points::observations(shared, footers, &query, true))
    }

    /// Statistics sorted by (series, grain, kind, start); empty `kinds` = all kinds of that grain.
    ///
    /// # Errors
    /// [`LakeError::Query`] when a file cannot be read.
    pub fn read_statistics(
        &self,
        query: ReadQuery,
        grain: Grain,
        kinds: Vec<StatKind>,
    ) -> BoxFuture<'_, Result<Vec<Statistic>, LakeError>> {
        self.blocking(move |shared, footers| points::statistics(shared, footers, &query, grain, &kinds))
    }

    /// One packet, with its bytes.
    ///
    /// # Errors
    /// [`LakeError::Query`] when a file cannot be read.
    pub fn frame(&self, id: FrameId) -> BoxFuture<'_, Result<Option<Frame>, LakeError>> {
        self.blocking(move |shared, footers| frames::one(shared, footers, id))
    }

    /// Packets by id, a page at a time.
    ///
    /// # Errors
    /// [`LakeError::Query`] when a file cannot be read.
    pub fn frames(&self, query: FrameQuery) -> BoxFuture<'_, Result<Vec<Frame>, LakeError>> {
        self.blocking(move |shared, footers| frames::list(shared, footers, &query))
    }

    /// Puts a table of somebody else into the catalog.
    ///
    /// # Errors
    /// [`LakeError::Query`] when its name is taken.
    pub fn attach(&self, table: Arc<dyn crate::ExternalTable>) -> Result<(), LakeError> {
        self.inner.catalog.attach(table)
    }

    /// A SELECT over the catalog: `frames`, `observations` (current versions), `observation_versions`,
    /// `statistics` (current), `statistic_versions`, `series`. At most `limit` rows.
    ///
    /// # Errors
    /// [`LakeError::NotReadOnly`], [`LakeError::Query`].
    pub fn sql(&self, query: &str, limit: usize) -> BoxFuture<'_, Result<Table, LakeError>> {
        let query = query.to_owned();
        Box::pin(async move { self.inner.catalog.sql(&self.inner.shared, &query, limit).await })
    }

    /// Moves what the statistics have followed into Parquet files of the Delta tables, exactly once.
    ///
    /// # Errors
    /// [`LakeError::Seal`]: nothing is lost, the rows not moved stay hot. [`LakeError::Closed`].
    pub fn seal(&self) -> BoxFuture<'_, Result<SealReport, LakeError>> {
        self.uncancelled(|inner| async move { seal::seal(&inner).await })
    }

    /// Rewrites months that have many small files into one sorted file each; how many files went.
    ///
    /// # Errors
    /// [`LakeError::Seal`]: the files stay as they were.
    pub fn compact(&self) -> BoxFuture<'_, Result<u64, LakeError>> {
        self.uncancelled(|inner| async move { compact::compact(&inner).await })
    }

    /// Writes main rows straight into sealed files, for archives and benchmarks of sizes that need no intake.
    ///
    /// The rows must be sorted by (series, at), lie in one local month that holds no row of these series yet,
    /// and belong to series that were made. They carry no packet and are not told on the bus.
    ///
    /// # Errors
    /// [`LakeError::Seal`], also when the rows break these conditions; nothing is stored then.
    #[doc(hidden)]
    pub fn bulk_load(&self, rows: Vec<Reading>) -> BoxFuture<'_, Result<(), LakeError>> {
        self.uncancelled(|inner| async move { bulk::load(&inner, rows).await })
    }

    /// How much the lake holds.
    pub fn status(&self) -> LakeStatus {
        let state = self.inner.shared.state.read();
        let rows = |kind: Kind| state.sealed(kind).rows();
        LakeStatus {
            hot_frames: state.hot.frame_count,
            hot_observations: state.hot.observation_count,
            hot_statistics: state.hot.statistic_count,
            sealed_frames: rows(Kind::Frames),
            sealed_observations: rows(Kind::Observations),
            sealed_statistics: rows(Kind::Statistics),
            sealed_files: state.sealed.iter().map(|sealed| sealed.files.len() as u64).sum(),
            sealed_bytes: state.sealed.iter().map(|sealed| sealed.bytes()).sum(),
            series: self.inner.shared.series.read().len(),
            last_seq: state.hot.seq,
            last_frame: state.hot.last_frame,
        }
    }

    /// Stops taking batches and waits for the one under way. Reading goes on working.
    pub fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.inner.closed.store(true, Ordering::Release);
            self.inner.shared.room.notify_waiters();
            let sender = self.inner.jobs.lock().take();
            if let Some(sender) = sender {
                let (reply, done) = oneshot::channel();
                if sender.send(Job::Close { reply }).is_ok() {
                    let _ = done.await;
                }
            }
            let writer = self.inner.writer.lock().take();
            if let Some(writer) = writer {
                let _ = tokio::task::spawn_blocking(move || writer.join()).await;
            }
            self.inner.lock.lock().take();
        })
    }

    /// Runs `work` to its end even when the caller stops waiting: between a Delta commit and what follows it
    /// nothing may be left undone.
    fn uncancelled<T, F>(&self, work: impl FnOnce(Arc<Inner>) -> F) -> BoxFuture<'_, Result<T, LakeError>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, LakeError>> + Send + 'static,
    {
        let work = work(Arc::clone(&self.inner));
        Box::pin(async move { tokio::spawn(work).await.map_err(LakeError::query)? })
    }

    fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared, &Footers) -> Result<T, BoxError> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, LakeError>> {
        let (shared, footers) = (Arc::clone(&self.inner.shared), Arc::clone(&self.inner.footers));
        Box::pin(async move {
            let outcome = tokio::task::spawn_blocking(move || work(&shared, &footers)).await;
            outcome.map_err(LakeError::query)?.map_err(LakeError::query)
        })
    }
}

fn sm3(bytes: &[u8]) -> [u8; 32] {
    use ::sm3::Digest as _;
    ::sm3::Sm3::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use sanggan_base::{Cadence, Flag, Measure, ParameterCode};

    use super::*;

    /// The physical plan of a query over three sealed months, the last with a correction.
    async fn plan(sql: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let options = LakeOptions { seal_requires_statistics: false, ..LakeOptions::new(folder.path()) };
        let lake = Lake::open(options, Arc::new(|| Millis(0))).await.expect("a lake");
        let key = SeriesKey {
            station: StationCode::parse("s").expect("a code"),
            parameter: ParameterCode::parse("a34004").expect("a code"),
            measure: Measure::Mean,
            cadence: Cadence::Minute,
        };
        let series = lake.series_id(&key).expect("an id");
        let reading = |at: &str, value: f64| Reading {
            series,
            at: Millis::from_local(at.parse().expect("a moment")).expect("in range"),
            value,
            flag: Flag::Normal,
        };
        let readings = vec![
            reading("2026-01-10T00:00", 1.0),
            reading("2026-02-10T00:00", 2.0),
            reading("2026-03-10T00:00", 3.0),
        ];
        lake.append_readings("t".into(), readings).await.expect("stored");
        lake.append_readings("t".into(), vec![reading("2026-03-10T00:00", 4.0)]).await.expect("stored");
        lake.seal().await.expect("sealed");
        lake.inner.catalog.explain(&lake.inner.shared, sql).await.expect("a plan")
    }

    #[tokio::test]
    async fn only_the_files_of_the_months_asked_for_are_opened() {
        let files = |plan: &str| plan.matches(".parquet").count();
        let time =
            "SELECT value FROM observations WHERE at >= '2026-02-01' AND at < '2026-03-01' AND series_id = 1";
        let plan_of_time = plan(time).await;
        assert_eq!(files(&plan_of_time), 1, "{plan_of_time}");
        assert!(plan_of_time.contains("pruning_predicate"), "{plan_of_time}");
        let month = plan("SELECT avg(value) FROM observations WHERE month = '2026-01'").await;
        assert_eq!(files(&month), 1, "{month}");
        // decided by the partition alone: rows go straight up, and no late file is joined or read
        assert!(month.contains("UnionExec\n        DataSourceExec"), "{month}");
        assert!(!month.contains("part=late") && !month.contains("Join"), "{month}");
        let corrected = plan("SELECT value FROM observations WHERE month = '2026-03'").await;
        assert!(corrected.contains("LeftAnti") || corrected.contains("RightAnti"), "{corrected}");
    }
}
