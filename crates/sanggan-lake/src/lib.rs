//! The lake: frames as received, observations, statistics. Durable before acknowledged, queryable at once.
//!
//! Knows no protocol, no law and no user. The only crate that names DataFusion, Delta and rusqlite.
//! Public functions that run the engine return boxed futures, so that callers do not compile it again.
//!
//! Read first: [`Lake`], [`NewFrame`], [`ReadQuery`].
//!
//! * LAKE-1: when [`Lake::append`] returns `Ok`, the batch survives `kill -9` and power loss, and is there once.
//! * LAKE-2: nothing stored is ever changed; a correction is a later version (`recorded_at`).
//! * LAKE-3: `recorded_at` never goes backwards, whatever the clock does.
//! * LAKE-4: sealing moves rows, it never loses or doubles one, wherever it is interrupted.

#![allow(missing_docs, unused_variables, unused_imports, clippy::todo)]

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use sanggan_base::{Cadence, Flag, FrameId, Grain, Measure, Millis, Mn, Observation, ParameterCode, Reading, SeriesId, SeriesKey, StatKind, StationCode};

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a lake is opened.
#[derive(Debug, Clone)]
pub struct LakeOptions {
    /// Folder of the lake: `hot.sqlite`, and the Delta tables `frames/`, `observations/`, `statistics/`.
    pub folder: PathBuf,
    /// Most rows kept unsealed before `append` asks callers to wait (back-pressure).
    pub hot_rows_max: usize,
    /// Longest time a batch waits for company before it is synced.
    pub commit_delay_ms: u64,
}

/// What became of a packet on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum FrameStatus {
    /// Decoded; its readings are stored.
    Stored = 0,
    /// Decoded; the device is not admitted yet, so only the packet is kept.
    Quarantined = 1,
    /// The same packet had been stored before.
    Duplicate = 2,
    /// Nothing usable could be decoded; the bytes are kept.
    Unreadable = 3,
    /// Decoded; carries no readings (heartbeat, answer, notice).
    Control = 4,
}

/// A packet about to be stored, with what was decoded from it.
#[derive(Debug, Clone)]
pub struct NewFrame {
    pub received_at: Millis,
    /// `ip:port` of the sender, or `file:NAME:LINE` of an import.
    pub peer: Arc<str>,
    pub mn: Option<Mn>,
    /// Command number (2011, 2051, …) when it could be read.
    pub cn: Option<u16>,
    /// The packet from `##` to CR LF, exactly as received.
    pub bytes: Vec<u8>,
    /// Codes of the defects the decoder tolerated, comma separated, sorted; empty when none.
    pub defects: Arc<str>,
    pub status: FrameStatus,
    pub readings: Vec<Reading>,
}

/// A packet as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub id: FrameId,
    pub received_at: Millis,
    pub peer: String,
    pub mn: Option<Mn>,
    pub cn: Option<u16>,
    pub bytes: Vec<u8>,
    /// SM3 of `bytes`, 64 hex digits.
    pub sm3: String,
    pub defects: String,
    pub status: FrameStatus,
}

/// One statistic about to be stored. Key: (series, grain, kind, start).
#[derive(Debug, Clone, PartialEq)]
pub struct NewStatistic {
    /// A series of cadence `Computed`.
    pub series: SeriesId,
    pub grain: Grain,
    pub kind: StatKind,
    pub start: Millis,
    /// `None` when nothing could be computed at all. A value with `valid == false` is shown but never judged.
    pub value: Option<f64>,
    /// Whether the validity rule of the standard is met.
    pub valid: bool,
    /// Inputs that were used.
    pub used: u32,
    /// Inputs the validity rule asks for.
    pub required: u32,
    /// Inputs left out (invalid flag).
    pub excluded: u32,
}

/// One statistic as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    pub series: SeriesId,
    pub grain: Grain,
    pub kind: StatKind,
    pub start: Millis,
    pub value: Option<f64>,
    pub valid: bool,
    pub used: u32,
    pub required: u32,
    pub excluded: u32,
    pub recorded_at: Millis,
}

/// A durable batch, as sent on the live bus.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Grows by one a commit; survives restarts.
    pub seq: u64,
    pub recorded_at: Millis,
    pub frames: Vec<CommittedFrame>,
    pub observations: Vec<Observation>,
}

#[derive(Debug, Clone)]
pub struct CommittedFrame {
    pub id: FrameId,
    pub received_at: Millis,
    pub mn: Option<Mn>,
    pub cn: Option<u16>,
    pub status: FrameStatus,
    pub defects: Arc<str>,
}

/// Which observations or statistics to read. Empty `series` means none, not all.
#[derive(Debug, Clone)]
pub struct ReadQuery {
    pub series: Vec<SeriesId>,
    /// Inclusive.
    pub from: Millis,
    /// Exclusive.
    pub to: Millis,
    /// What was known at this moment; `None` = now.
    pub as_of: Option<Millis>,
}

#[derive(Debug, Clone, Default)]
pub struct FrameQuery {
    pub mn: Option<Mn>,
    pub status: Option<FrameStatus>,
    /// Only frames with at least one defect.
    pub only_defective: bool,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
    /// Frames with a greater id only (paging, ascending). With `newest_first`: smaller ids only.
    pub after: Option<FrameId>,
    pub newest_first: bool,
    pub limit: usize,
}

/// The answer of a SQL question.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether rows were cut off at the limit.
    pub truncated: bool,
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct LakeStatus {
    pub hot_frames: u64,
    pub hot_observations: u64,
    pub hot_statistics: u64,
    pub sealed_frames: u64,
    pub sealed_observations: u64,
    pub sealed_statistics: u64,
    pub sealed_files: u64,
    pub sealed_bytes: u64,
    pub series: u32,
    pub last_seq: u64,
    pub last_frame: u64,
}

#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct SealReport {
    pub frames: u64,
    pub observations: u64,
    pub statistics: u64,
    pub files: u64,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    #[error("could not open the lake in `{path}`")]
    Open { path: PathBuf, #[source] source: Box<dyn std::error::Error + Send + Sync> },
    /// The disk is full or fails: nothing of the batch was acknowledged; trying again later may succeed.
    #[error("could not make a batch of {frames} frames durable")]
    Commit { frames: usize, #[source] source: Box<dyn std::error::Error + Send + Sync> },
    #[error("could not run the query")]
    Query { #[source] source: Box<dyn std::error::Error + Send + Sync> },
    #[error("only SELECT may be asked of the catalog")]
    NotReadOnly,
    #[error("could not seal {table}")]
    Seal { table: &'static str, #[source] source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the lake is closed")]
    Closed,
}

/// A handle to the lake; clones share it.
#[derive(Clone)]
pub struct Lake { /* Arc<Inner> */ }

/// Tells the lake the time; the only way it learns it.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

impl Lake {
    /// Opens or creates the lake, finishes an interrupted seal and loads the unsealed rows.
    pub fn open(options: LakeOptions, clock: Clock) -> BoxFuture<'static, Result<Lake, LakeError>> { todo!() }

    /// The id of a series, made when it is new. Durable before it returns. Cheap when known.
    pub fn series_id(&self, key: &SeriesKey) -> Result<SeriesId, LakeError> { todo!() }
    /// The id of a series if there is one.
    pub fn find_series(&self, key: &SeriesKey) -> Option<SeriesId> { todo!() }
    pub fn series_key(&self, id: SeriesId) -> Option<SeriesKey> { todo!() }
    /// All series of a station.
    pub fn series_of(&self, station: &StationCode) -> Vec<(SeriesId, SeriesKey)> { todo!() }

    /// Makes frames and their readings durable (group commit across callers), then publishes them on the bus.
    /// The ids answer the frames in order. Waits while the hot store is at its limit.
    pub fn append(&self, frames: Vec<NewFrame>) -> BoxFuture<'_, Result<Vec<FrameId>, LakeError>> { todo!() }
    /// Readings that came in no packet (table imports, corrections by hand). `source` is kept beside them.
    pub fn append_readings(&self, source: Arc<str>, readings: Vec<Reading>) -> BoxFuture<'_, Result<(), LakeError>> { todo!() }
    /// Readings decoded later from a packet that is already stored (an admitted device).
    pub fn append_late_readings(&self, readings: Vec<(FrameId, Reading)>) -> BoxFuture<'_, Result<(), LakeError>> { todo!() }
    /// Stores statistics and, in the same transaction, how far the statistics have followed the commits.
    pub fn append_statistics(&self, rows: Vec<NewStatistic>, followed_seq: u64) -> BoxFuture<'_, Result<(), LakeError>> { todo!() }
    /// How far the statistics have followed the commits (0 at first).
    pub fn statistics_followed(&self) -> u64 { todo!() }
    /// Which (series, local hour starts) commits after `seq` touched, for catching up after a restart.
    /// Rows the statistics have not followed are never sealed away, so the answer is complete.
    pub fn touched_since(&self, seq: u64) -> BoxFuture<'_, Result<Vec<(SeriesId, Millis)>, LakeError>> { todo!() }

    /// The live bus. A receiver that falls behind gets `Lagged` and must catch up with `touched_since`.
    pub fn subscribe(&self) -> tokio::sync::broadcast::Receiver<Arc<Committed>> { todo!() }

    /// The latest observation of a series, from memory.
    pub fn latest(&self, series: SeriesId) -> Option<Observation> { todo!() }
    /// The latest observation of every series, from memory.
    pub fn latest_all(&self) -> Vec<Observation> { todo!() }

    /// Observations sorted by (series, at), one (the newest version known at `as_of`) a key.
    pub fn read(&self, query: ReadQuery) -> BoxFuture<'_, Result<Vec<Observation>, LakeError>> { todo!() }
    /// Every version of every observation the query names, sorted by (series, at, recorded_at).
    pub fn read_versions(&self, query: ReadQuery) -> BoxFuture<'_, Result<Vec<Observation>, LakeError>> { todo!() }
    /// Statistics sorted by (series, grain, kind, start); empty `kinds` = all kinds of that grain.
    pub fn read_statistics(&self, query: ReadQuery, grain: Grain, kinds: Vec<StatKind>) -> BoxFuture<'_, Result<Vec<Statistic>, LakeError>> { todo!() }
    pub fn frame(&self, id: FrameId) -> BoxFuture<'_, Result<Option<Frame>, LakeError>> { todo!() }
    pub fn frames(&self, query: FrameQuery) -> BoxFuture<'_, Result<Vec<Frame>, LakeError>> { todo!() }
    /// A SELECT over the catalog: `frames`, `observations` (current versions), `observation_versions`,
    /// `statistics`, `series`. At most `limit` rows.
    pub fn sql(&self, query: &str, limit: usize) -> BoxFuture<'_, Result<Table, LakeError>> { todo!() }

    /// Moves what the statistics have followed into Parquet files of the Delta tables, exactly once.
    pub fn seal(&self) -> BoxFuture<'_, Result<SealReport, LakeError>> { todo!() }
    /// Rewrites months that have many small files into one sorted file each.
    pub fn compact(&self) -> BoxFuture<'_, Result<u64, LakeError>> { todo!() }
    pub fn status(&self) -> LakeStatus { todo!() }
    /// Stops taking batches and waits for the one under way.
    pub fn close(&self) -> BoxFuture<'_, ()> { todo!() }
}
