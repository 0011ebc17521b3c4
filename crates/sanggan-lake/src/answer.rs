//! What callers ask with and what they get.

use sanggan_base::{Millis, SeriesId};

/// Which observations or statistics to read. Empty `series` means none, not all.
#[derive(Debug, Clone)]
pub struct ReadQuery {
    /// The series wanted.
    pub series: Vec<SeriesId>,
    /// Inclusive.
    pub from: Millis,
    /// Exclusive.
    pub to: Millis,
    /// What was known at this moment; `None` = now.
    pub as_of: Option<Millis>,
}

/// The answer of a SQL question.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Table {
    /// Names and types, in order.
    pub columns: Vec<Column>,
    /// One value a column each; times as `2026-11-23T10:00:00+08:00`.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether rows were cut off at the limit.
    pub truncated: bool,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, serde::Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its Arrow type, e.g. `Float64`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// How much the lake holds.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct LakeStatus {
    /// Frames not sealed yet.
    pub hot_frames: u64,
    /// Observations not sealed yet.
    pub hot_observations: u64,
    /// Statistics not sealed yet.
    pub hot_statistics: u64,
    /// Frames in Parquet files.
    pub sealed_frames: u64,
    /// Observation versions in Parquet files.
    pub sealed_observations: u64,
    /// Statistic versions in Parquet files.
    pub sealed_statistics: u64,
    /// Parquet files.
    pub sealed_files: u64,
    /// Bytes of the Parquet files.
    pub sealed_bytes: u64,
    /// Series known.
    pub series: u32,
    /// The last commit (see [`crate::Committed::seq`]).
    pub last_seq: u64,
    /// The last frame's number.
    pub last_frame: u64,
}

/// What [`crate::Lake::seal`] moved.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct SealReport {
    /// Frames moved.
    pub frames: u64,
    /// Observation versions moved.
    pub observations: u64,
    /// Statistic versions moved.
    pub statistics: u64,
    /// Files written.
    pub files: u64,
}
