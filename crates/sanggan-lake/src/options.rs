//! How a lake is opened.

use std::path::PathBuf;
use std::sync::Arc;

use sanggan_base::Millis;

/// Tells the lake the time; the only way it learns it.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// How a lake is opened.
#[derive(Debug, Clone)]
pub struct LakeOptions {
    /// Folder of the lake: `hot.sqlite`, and the Delta tables `frames/`, `observations/`, `statistics/`.
    pub folder: PathBuf,
    /// Most rows kept unsealed before `append` asks callers to wait (back-pressure).
    pub hot_rows_max: usize,
    /// Longest time a batch waits for company before it is synced.
    pub commit_delay_ms: u64,
    /// Whether [`crate::Lake::seal`] leaves alone what the statistics have not followed yet.
    ///
    /// `true` in a running platform. `false` where nothing computes statistics (an archive, a benchmark);
    /// [`crate::Lake::touched_since`] is then complete for unsealed commits only.
    pub seal_requires_statistics: bool,
    /// Most bytes `hot.sqlite` may grow to; `None` = as the disk allows.
    pub hot_bytes_max: Option<u64>,
}

impl LakeOptions {
    /// The usual settings for a lake in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> LakeOptions {
        LakeOptions {
            folder: folder.into(),
            hot_rows_max: 2_000_000,
            commit_delay_ms: 2,
            seal_requires_statistics: true,
            hot_bytes_max: None,
        }
    }
}
