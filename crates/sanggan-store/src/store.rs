//! The store's handle.

use std::path::Path;
use std::sync::Arc;

use sanggan_base::Millis;
use tokio::sync::watch;

use crate::{Event, EventFilter, Registry, SessionRules, StoreError, ThrottleRules};

/// The registers on one SQLite file. Cloning it is cheap and gives the same store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {}

impl Store {
    /// Opens or makes the store at `path`, brings its tables to this version and reads the registry.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::Migrate`].
    pub async fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_with(path, SessionRules::default(), ThrottleRules::default()).await
    }

    /// [`Store::open`] with other rules for log-ins.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(
        path: &Path,
        sessions: SessionRules,
        throttle: ThrottleRules,
    ) -> Result<Store, StoreError> {
        let _ = (path, sessions, throttle);
        todo!()
    }

    /// The registry as it is now. Cheap; ask for each frame, or hold it and follow [`Store::watch_registry`].
    pub fn registry(&self) -> Arc<Registry> {
        let _ = &self.inner;
        todo!()
    }

    /// Follows the registry: tells of each change, holds the newest.
    pub fn watch_registry(&self) -> watch::Receiver<Arc<Registry>> {
        todo!()
    }

    /// Entries of the journal, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        let _ = filter;
        todo!()
    }

    /// Removes ended sessions. For a schedule; correctness does not depend on it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep_sessions(&self, now: Millis) -> Result<u64, StoreError> {
        let _ = now;
        todo!()
    }

    /// Closes the file after the running operations.
    pub async fn close(&self) {
        todo!()
    }
}
