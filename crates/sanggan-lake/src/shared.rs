//! What the writer thread and all readers share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::{Notify, broadcast};

use crate::frame::Committed;
use crate::hot::memory::Hot;
use crate::sealed::files::Sealed;
use crate::sealed::kind::Kind;
use crate::series::SeriesTable;

/// One consistent view: a row is either in `hot` or in exactly one file of `sealed`.
pub(crate) struct State {
    pub(crate) hot: Hot,
    /// By [`Kind::index`].
    pub(crate) sealed: [Arc<Sealed>; 3],
    /// Source 1 is the first.
    pub(crate) sources: Vec<Arc<str>>,
}

impl State {
    pub(crate) fn sealed(&self, kind: Kind) -> &Arc<Sealed> {
        &self.sealed[kind.index()]
    }
}

/// Everything but the means to write.
pub(crate) struct Shared {
    pub(crate) folder: PathBuf,
    pub(crate) state: RwLock<State>,
    pub(crate) series: RwLock<SeriesTable>,
    pub(crate) bus: broadcast::Sender<Arc<Committed>>,
    hot_rows: AtomicU64,
    /// Rung when rows left the hot store or the lake was closed.
    pub(crate) room: Notify,
}

impl Shared {
    pub(crate) fn new(folder: PathBuf, state: State, series: SeriesTable) -> Shared {
        let (bus, _) = broadcast::channel(1024);
        let shared = Shared {
            folder,
            series: RwLock::new(series),
            bus,
            hot_rows: AtomicU64::new(0),
            room: Notify::new(),
            state: RwLock::new(state),
        };
        shared.count_hot_rows(&shared.state.read().hot);
        shared
    }

    /// Frames and observations not sealed yet.
    pub(crate) fn hot_rows(&self) -> u64 {
        self.hot_rows.load(Ordering::Relaxed)
    }

    pub(crate) fn count_hot_rows(&self, hot: &Hot) {
        let rows = hot.observation_count + hot.frame_count;
        if rows < self.hot_rows.swap(rows, Ordering::Relaxed) {
            self.room.notify_waiters();
        }
    }
}
