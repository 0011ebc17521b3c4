//! The one thread that writes `hot.sqlite`: it collects what callers bring, syncs once, and answers all of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use sanggan_base::{FrameId, Millis, Observation, Reading, SeriesId, SeriesKey};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::extent::{Extents, Tag};
use super::log::{self, Counters, signed};
use super::memory::{HotObservation, HotStatistic, supersedes};
use crate::error::{BoxError, LakeError, SharedError};
use crate::frame::{Committed, CommittedFrame, NewFrame};
use crate::month::{MonthCache, clamp};
use crate::options::Clock;
use crate::sealed::kind::Kind;
use crate::shared::Shared;
use crate::statistic::NewStatistic;

/// Rows after which a transaction takes no more company.
const TRANSACTION_ROWS: usize = 50_000;
/// Rows deleted at a time after sealing, so that intake never waits long.
const FORGET_ROWS: usize = 20_000;

/// What a caller wants written, and where the answer goes. A permit is the job's place in the queue until it is done.
pub(crate) enum Job {
    /// Packets with their SM3 and readings.
    Frames { frames: Vec<(NewFrame, [u8; 32])>, reply: Reply<Vec<FrameId>>, _permit: OwnedSemaphorePermit },
    /// Readings of stored packets or of no packet.
    Readings {
        source: Option<Arc<str>>,
        readings: Vec<(Option<FrameId>, Reading)>,
        reply: Reply<()>,
        _permit: OwnedSemaphorePermit,
    },
    /// Statistics, and how far they have followed.
    Statistics { rows: Vec<NewStatistic>, followed: u64, reply: Reply<()>, _permit: OwnedSemaphorePermit },
    /// Ids of series, made where new.
    Series { keys: Vec<SeriesKey>, reply: SyncSender<Result<Vec<SeriesId>, LakeError>> },
    /// Rows of commits up to `seq` are in Parquet files.
    Sealed { kind: Kind, seq: u64, reply: Reply<()> },
    /// Main rows that went straight into Parquet files: how far each series came, and its newest value.
    Advance { rows: Vec<(SeriesId, Tag, Millis)>, latest: Vec<Observation>, reply: Reply<()> },
    /// How far series have come in some months.
    Extents { wanted: Vec<(SeriesId, Tag)>, reply: oneshot::Sender<Vec<Option<Millis>>> },
    /// No more.
    Close { reply: oneshot::Sender<()> },
}

/// Where an answer goes; nobody may be waiting any more.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, LakeError>>;

impl Job {
    fn rows(&self) -> usize {
        match self {
            Job::Frames { frames, .. } => frames.iter().map(|(frame, _)| 1 + frame.readings.len()).sum(),
            Job::Readings { readings, .. } => readings.len(),
            Job::Statistics { rows, .. } => rows.len(),
            Job::Series { keys, .. } => keys.len(),
            Job::Sealed { .. } | Job::Advance { .. } | Job::Extents { .. } | Job::Close { .. } => 0,
        }
    }

    fn joins_transactions(&self) -> bool {
        matches!(
            self,
            Job::Frames { .. } | Job::Readings { .. } | Job::Statistics { .. } | Job::Series { .. }
        )
    }
}

/// The writer's own state; readers see [`Shared`], which changes only after a sync.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) counters: Counters,
    pub(crate) extents: Extents,
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Clock,
    pub(crate) delay: Duration,
    pub(crate) sources: HashMap<Arc<str>, u32>,
    pub(crate) months: MonthCache,
}

/// What one transaction adds to memory once it is durable.
#[derive(Default)]
struct Draft {
    frames: Vec<CommittedFrame>,
    observations: Vec<(SeriesId, HotObservation)>,
    statistics: Vec<(SeriesId, HotStatistic)>,
    series: Vec<SeriesKey>,
    new_series: HashMap<SeriesKey, SeriesId>,
    sources: Vec<Arc<str>>,
}

/// The answer of one job of a transaction, given when it is known to be durable.
enum Answer {
    Frames(Vec<FrameId>),
    Series(Vec<SeriesId>),
    Done,
}

impl Writer {
    /// Runs until closed or until the last handle is gone.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        let mut waiting: Option<Job> = None;
        loop {
            let Some(job) = waiting.take().or_else(|| jobs.recv().ok()) else { return };
            match job {
                Job::Close { reply } => {
                    let _ = reply.send(());
                    return;
                }
                Job::Sealed { kind, seq, reply } => {
                    let outcome = self.forget(kind, seq, jobs, &mut waiting);
                    let _ =
                        reply.send(outcome.map_err(|source| LakeError::Seal { table: kind.name(), source }));
                }
                Job::Advance { rows, latest, reply } => {
                    let outcome = self.advance(&rows, &latest);
                    let _ = reply.send(outcome.map_err(|source| LakeError::Seal {
                        table: Kind::Observations.name(),
                        source: source.into(),
                    }));
                }
                Job::Extents { wanted, reply } => {
                    let known = wanted.iter().map(|&(series, tag)| self.extents.get(series, tag)).collect();
                    let _ = reply.send(known);
                }
                job => {
                    let batch = self.collect(job, jobs, &mut waiting);
                    self.commit(batch);
                }
            }
        }
    }

    /// Waits a little for more jobs to share the sync with.
    fn collect(&self, first: Job, jobs: &Receiver<Job>, waiting: &mut Option<Job>) -> Vec<Job> {
        // a new series is waited for by a blocked thread, so nothing else is waited for with it
        let hurried = matches!(first, Job::Series { .. });
        let until = Instant::now() + if hurried { Duration::ZERO } else { self.delay };
        let mut rows = first.rows();
        let mut batch = vec![first];
        while rows < TRANSACTION_ROWS {
            let next = match jobs.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            if !next.joins_transactions() {
                *waiting = Some(next);
                break;
            }
            let hurried = matches!(next, Job::Series { .. });
            rows += next.rows();
            batch.push(next);
            if hurried {
                break;
            }
        }
        batch
    }

    /// Writes a batch in one transaction; answers everyone in it; tells the bus.
    fn commit(&mut self, batch: Vec<Job>) {
        let started = Instant::now();
        let before = self.counters;
        let mut draft = Draft::default();
        match self.transact(&batch, &mut draft) {
            Ok(answers) => {
                self.extents.keep();
                for (index, text) in draft.sources.iter().enumerate() {
                    let id = self.sources.len() + 1;
                    debug_assert_eq!(self.sources.get(text), None, "source {index} is new");
                    self.sources.insert(Arc::clone(text), u32::try_from(id).unwrap_or(u32::MAX));
                }
                let committed = self.publish(draft, before);
                metrics::histogram!("sanggan_lake_commit_seconds").record(started.elapsed().as_secs_f64());
                for (job, answer) in batch.into_iter().zip(answers) {
                    answer_ok(job, answer);
                }
                if let Some(committed) = committed {
                    // no receiver is no fault: whoever subscribes later catches up
                    let _ = self.shared.bus.send(Arc::new(committed));
                }
            }
            Err(error) => {
                if !self.connection.is_autocommit()
                    && let Err(rollback) = self.connection.execute_batch("ROLLBACK")
                {
                    tracing::error!(error = %rollback, "the hot store would not roll back");
                }
                self.counters = before;
                self.extents.take_back();
                tracing::error!(error = %error, jobs = batch.len(), "a batch could not be made durable");
                metrics::counter!("sanggan_lake_commit_failures_total").increment(1);
                let error = Arc::new(error);
                batch.into_iter().for_each(|job| answer_err(job, &error));
            }
        }
    }

    fn transact(&mut self, batch: &[Job], draft: &mut Draft) -> Result<Vec<Answer>, rusqlite::Error> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let now = (self.clock)().max(self.counters.recorded_at);
        let has_data = batch.iter().any(|job| matches!(job, Job::Frames { .. } | Job::Readings { .. }));
        self.counters.recorded_at = now;
        self.counters.seq += u64::from(has_data);
        let has_statistics = batch.iter().any(|job| matches!(job, Job::Statistics { .. }));
        self.counters.statistic_seq += u64::from(has_statistics);
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch {
            answers.push(match job {
                Job::Frames { frames, .. } => Answer::Frames(self.write_frames(frames, draft)?),
                Job::Readings { source, readings, .. } => {
                    let source = match source {
                        Some(text) => self.source_id(text, draft)?,
                        None => 0,
                    };
                    for (frame, reading) in readings {
                        self.write_reading(reading, frame.map_or(0, |id| id.0), source, draft)?;
                    }
                    Answer::Done
                }
                Job::Statistics { rows, followed, .. } => {
                    for row in rows {
                        self.write_statistic(row, draft)?;
                    }
                    self.counters.followed = self.counters.followed.max(*followed);
                    Answer::Done
                }
                Job::Series { keys, .. } => Answer::Series(self.write_series(keys, draft)?),
                Job::Sealed { .. } | Job::Advance { .. } | Job::Extents { .. } | Job::Close { .. } => {
                    Answer::Done
                }
            });
        }
        let counters = self.counters;
        self.connection.prepare_cached(log::UPDATE_STATE)?.execute(params![
            signed(counters.seq),
            signed(counters.statistic_seq),
            signed(counters.frame),
            counters.revision,
            counters.recorded_at.0,
            signed(counters.followed),
        ])?;
        self.connection.execute_batch("COMMIT")?;
        Ok(answers)
    }

    fn write_frames(
        &mut self,
        frames: &[(NewFrame, [u8; 32])],
        draft: &mut Draft,
    ) -> Result<Vec<FrameId>, rusqlite::Error> {
        let mut ids = Vec::with_capacity(frames.len());
        for (frame, sm3) in frames {
            self.counters.frame += 1;
            let id = self.counters.frame;
            let received_at = clamp(frame.received_at);
            self.connection.prepare_cached(log::INSERT_FRAME)?.execute(params![
                signed(id),
                signed(self.counters.seq),
                self.counters.recorded_at.0,
                received_at.0,
                &*frame.peer,
                frame.mn.as_ref().map(|mn| mn.as_str()),
                frame.cn,
                frame.bytes,
                sm3,
                &*frame.defects,
                frame.status.to_u8(),
            ])?;
            for reading in &frame.readings {
                self.write_reading(reading, id, 0, draft)?;
            }
            draft.frames.push(CommittedFrame {
                id: FrameId(id),
                received_at,
                mn: frame.mn.clone(),
                cn: frame.cn,
                status: frame.status,
                defects: Arc::clone(&frame.defects),
            });
            ids.push(FrameId(id));
        }
        Ok(ids)
    }

    fn write_reading(
        &mut self,
        reading: &Reading,
        frame: u64,
        source: u32,
        draft: &mut Draft,
    ) -> Result<(), rusqlite::Error> {
        let at = clamp(reading.at);
        if self.extents.repeats(reading.series, at, reading.value, reading.flag) {
            return Ok(());
        }
        let main = self.extents.advance(reading.series, Tag::observation(self.months.of(at)), at);
        self.extents.newest(reading.series, at, reading.value, reading.flag);
        let revision = self.revision(main);
        let row = HotObservation {
            at,
            value: reading.value,
            recorded_at: self.counters.recorded_at,
            frame,
            revision,
            seq: self.counters.seq,
            source,
            flag: reading.flag,
        };
        self.connection.prepare_cached(log::INSERT_OBSERVATION)?.execute(params![
            signed(row.seq),
            row.recorded_at.0,
            reading.series.0,
            row.at.0,
            row.value,
            row.flag.to_u8(),
            row.revision,
            signed(row.frame),
            row.source,
        ])?;
        draft.observations.push((reading.series, row));
        Ok(())
    }

    fn write_statistic(&mut self, row: &NewStatistic, draft: &mut Draft) -> Result<(), rusqlite::Error> {
        let start = clamp(row.start);
        let tag = Tag::statistic(self.months.of(start), row.grain, row.kind);
        let main = self.extents.advance(row.series, tag, start);
        let revision = self.revision(main);
        let hot = HotStatistic {
            start,
            value: row.value.filter(|value| !value.is_nan()),
            recorded_at: self.counters.recorded_at,
            revision,
            seq: self.counters.statistic_seq,
            used: row.used,
            required: row.required,
            excluded: row.excluded,
            grain: row.grain,
            kind: row.kind,
            valid: row.valid,
        };
        self.connection.prepare_cached(log::INSERT_STATISTIC)?.execute(params![
            signed(hot.seq),
            hot.recorded_at.0,
            row.series.0,
            hot.grain.to_u8(),
            hot.kind.to_u8(),
            hot.start.0,
            hot.value,
            hot.valid,
            hot.used,
            hot.required,
            hot.excluded,
            hot.revision,
        ])?;
        draft.statistics.push((row.series, hot));
        Ok(())
    }

    /// 0 for a main row, else a number greater than that of every late row before.
    fn revision(&mut self, main: bool) -> i64 {
        if main {
            return 0;
        }
        self.counters.revision += 1;
        self.counters.revision
    }

    fn write_series(
        &mut self,
        keys: &[SeriesKey],
        draft: &mut Draft,
    ) -> Result<Vec<SeriesId>, rusqlite::Error> {
        let mut ids = Vec::with_capacity(keys.len());
        let known = self.shared.series.read();
        for key in keys {
            if let Some(id) = known.id(key).or_else(|| draft.new_series.get(key).copied()) {
                ids.push(id);
                continue;
            }
            let id = SeriesId(known.next().0 + u32::try_from(draft.series.len()).unwrap_or(u32::MAX));
            self.connection.prepare_cached(log::INSERT_SERIES)?.execute(params![
                id.0,
                key.station.as_str(),
                key.parameter.as_str(),
                key.measure.to_u8(),
                key.cadence.to_u8(),
            ])?;
            draft.new_series.insert(key.clone(), id);
            draft.series.push(key.clone());
            ids.push(id);
        }
        Ok(ids)
    }

    fn source_id(&mut self, text: &Arc<str>, draft: &mut Draft) -> Result<u32, rusqlite::Error> {
        if let Some(&id) = self.sources.get(text) {
            return Ok(id);
        }
        let place = match draft.sources.iter().position(|known| known == text) {
            Some(place) => place,
            None => {
                let id = self.sources.len() + draft.sources.len() + 1;
                let id = u32::try_from(id).unwrap_or(u32::MAX);
                self.connection.prepare_cached(log::INSERT_SOURCE)?.execute(params![id, &**text])?;
                draft.sources.push(Arc::clone(text));
                draft.sources.len() - 1
            }
        };
        Ok(u32::try_from(self.sources.len() + place + 1).unwrap_or(u32::MAX))
    }

    /// Shows readers what is durable now; what the bus is to be told.
    fn publish(&self, draft: Draft, before: Counters) -> Option<Committed> {
        if !draft.series.is_empty() {
            let mut series = self.shared.series.write();
            draft.series.into_iter().for_each(|key| series.push(key));
        }
        let now = self.counters;
        let observations = draft.observations.iter().map(|(series, row)| row.observation(*series)).collect();
        {
            let mut state = self.shared.state.write();
            state.sources.extend(draft.sources);
            let hot = &mut state.hot;
            draft.observations.into_iter().for_each(|(series, row)| hot.push_observation(series, row));
            draft.statistics.into_iter().for_each(|(series, row)| hot.push_statistic(series, row));
            hot.frame_count += draft.frames.len() as u64;
            hot.seq = now.seq;
            hot.statistic_seq = now.statistic_seq;
            hot.last_frame = now.frame;
            hot.followed = now.followed;
            self.shared.count_hot_rows(&state.hot);
        }
        metrics::counter!("sanggan_lake_frames_total").increment(draft.frames.len() as u64);
        (now.seq > before.seq).then_some(Committed {
            seq: now.seq,
            recorded_at: now.recorded_at,
            frames: draft.frames,
            observations,
        })
    }

    /// Deletes sealed rows bit by bit, letting intake through in between.
    fn forget(
        &mut self,
        kind: Kind,
        seq: u64,
        jobs: &Receiver<Job>,
        waiting: &mut Option<Job>,
    ) -> Result<(), BoxError> {
        forget_start(&self.connection, kind, seq, &self.extents)?;
        loop {
            if log::forget(&self.connection, kind, seq, FORGET_ROWS)? == 0 {
                return Ok(());
            }
            while waiting.is_none()
                && let Ok(job) = jobs.try_recv()
            {
                if job.joins_transactions() {
                    let batch = self.collect(job, jobs, waiting);
                    self.commit(batch);
                } else {
                    *waiting = Some(job);
                }
            }
        }
    }

    fn advance(
        &mut self,
        rows: &[(SeriesId, Tag, Millis)],
        latest: &[Observation],
    ) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.unchecked_transaction()?;
        for &(series, tag, until) in rows {
            log::keep_extent(&transaction, series, tag, until)?;
        }
        for row in latest {
            log::keep_latest(&transaction, row)?;
        }
        transaction.commit()?;
        for &(series, tag, until) in rows {
            self.extents.advance(series, tag, until);
        }
        let mut state = self.shared.state.write();
        for row in latest {
            self.extents.newest(row.series, row.at, row.value, row.flag);
            state.hot.note_latest(*row);
        }
        self.extents.keep();
        Ok(())
    }
}

/// Keeps, before any row is deleted, what must outlive the rows: extents and latest observations.
///
/// One transaction of its own; doing it again after a crash changes nothing.
pub(crate) fn forget_start(
    connection: &Connection,
    kind: Kind,
    seq: u64,
    extents: &Extents,
) -> Result<(), rusqlite::Error> {
    let transaction = connection.unchecked_transaction()?;
    let mut tags = BTreeSet::new();
    let mut months = MonthCache::default();
    match kind {
        Kind::Frames => {}
        Kind::Observations => {
            let mut latest: HashMap<SeriesId, Observation> = HashMap::new();
            log::each_observation(&transaction, seq, |series, row| {
                tags.insert((series, Tag::observation(months.of(row.at))));
                let row = row.observation(series);
                latest
                    .entry(series)
                    .and_modify(|known| {
                        if supersedes((row.flag, row.at), (known.flag, known.at)) {
                            *known = row
                        }
                    })
                    .or_insert(row);
            })?;
            for row in latest.values() {
                log::keep_latest(&transaction, row)?;
            }
        }
        Kind::Statistics => log::each_statistic(&transaction, seq, |series, row| {
            tags.insert((series, Tag::statistic(months.of(row.start), row.grain, row.kind)));
        })?,
    }
    for (series, tag) in tags {
        if let Some(until) = extents.get(series, tag) {
            log::keep_extent(&transaction, series, tag, until)?;
        }
    }
    transaction.commit()
}

fn answer_ok(job: Job, answer: Answer) {
    // whoever stopped waiting gets no answer; the rows are stored all the same
    match (job, answer) {
        (Job::Frames { reply, .. }, Answer::Frames(ids)) => drop(reply.send(Ok(ids))),
        (Job::Series { reply, .. }, Answer::Series(ids)) => drop(reply.send(Ok(ids))),
        (Job::Readings { reply, .. } | Job::Statistics { reply, .. }, _) => drop(reply.send(Ok(()))),
        _ => {}
    }
}

fn answer_err(job: Job, error: &Arc<rusqlite::Error>) {
    let refused =
        |frames: usize| LakeError::Commit { frames, source: Box::new(SharedError(Arc::clone(error))) };
    match job {
        Job::Frames { reply, frames, .. } => drop(reply.send(Err(refused(frames.len())))),
        Job::Series { reply, .. } => drop(reply.send(Err(refused(0)))),
        Job::Readings { reply, .. } | Job::Statistics { reply, .. } => drop(reply.send(Err(refused(0)))),
        Job::Sealed { .. } | Job::Advance { .. } | Job::Extents { .. } | Job::Close { .. } => {}
    }
}
