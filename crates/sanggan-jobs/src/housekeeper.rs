//! Housekeeping of the lake: sealing by rows and time, compacting months of small files.

use std::time::Duration;

use sanggan_lake::{Lake, LakeError};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// When the lake is tidied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HousekeepingOptions {
    /// How often to look.
    pub look_every: Duration,
    /// Unsealed rows from which sealing begins at once.
    pub seal_rows: u64,
    /// Longest time rows stay unsealed.
    pub seal_every: Duration,
    /// Time between compactions.
    pub compact_every: Duration,
    /// New files from which compaction does not wait for its time (many seals, or a program that is often restarted).
    pub compact_files: u64,
}

impl Default for HousekeepingOptions {
    fn default() -> HousekeepingOptions {
        HousekeepingOptions {
            look_every: Duration::from_secs(5),
            seal_rows: 1_000_000,
            seal_every: Duration::from_secs(600),
            compact_every: Duration::from_secs(24 * 3600),
            compact_files: 2_000,
        }
    }
}

/// Seals and compacts the lake in the background.
pub struct Housekeeper {
    lake: Lake,
    options: HousekeepingOptions,
}

impl Housekeeper {
    /// A housekeeper of `lake`.
    pub fn new(lake: Lake, options: HousekeepingOptions) -> Housekeeper {
        Housekeeper { lake, options }
    }

    /// Keeps house until stopped. A failure is logged and tried again at the next look.
    pub async fn run(self, stop: CancellationToken) {
        let (mut sealed, mut compacted, mut files_then) = (Instant::now(), Instant::now(), 0);
        let mut tick = tokio::time::interval(self.options.look_every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            let status = self.lake.status();
            let rows = status.hot_frames + status.hot_observations + status.hot_statistics;
            metrics::gauge!("sanggan_lake_hot_rows").set(rows as f64);
            let due = self.options.seal_every <= sealed.elapsed();
            if 0 < rows && (due || self.options.seal_rows <= rows) {
                match self.lake.seal().await {
                    Ok(report) => {
                        sealed = Instant::now();
                        let (frames, observations) = (report.frames, report.observations);
                        let (statistics, files) = (report.statistics, report.files);
                        tracing::info!(frames, observations, statistics, files, "sealed");
                    }
                    Err(error) => failed("seal", &error),
                }
            }
            let crowded = files_then + self.options.compact_files <= self.lake.status().sealed_files;
            if crowded || self.options.compact_every <= compacted.elapsed() {
                match self.lake.compact().await {
                    Ok(files) => {
                        compacted = Instant::now();
                        files_then = self.lake.status().sealed_files;
                        tracing::info!(files, "compacted");
                    }
                    Err(error) => failed("compact", &error),
                }
            }
        }
    }
}

fn failed(what: &'static str, error: &LakeError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(what, error = %error, cause, "housekeeping will try again");
    metrics::counter!("sanggan_housekeeping_failures_total", "what" => what).increment(1);
}
