//! The store's handle.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sanggan_base::Millis;
use tokio::sync::{MutexGuard, Semaphore, watch};

use crate::db::{Db, Tx, args};
use crate::records::Tables;
use crate::throttle::Throttle;
use crate::{Registry, SessionRules, StoreError, ThrottleRules, journal, registry};

/// Passwords hashed at one time: each takes memory and a whole core.
const HASHING_AT_ONCE: usize = 2;

/// The registers in one SQLite file or one PostgreSQL database. Cloning it is cheap and gives the same store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    db: Db,
    pub(crate) data: PathBuf,
    /// Whose turn it is to write; since when the database was found out of reach.
    writing: tokio::sync::Mutex<Option<Instant>>,
    registry: watch::Sender<Arc<Registry>>,
    pub(crate) records: watch::Sender<Option<Arc<Tables>>>,
    pub(crate) sessions: SessionRules,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) hashing: Semaphore,
}

/// The one write that is going on.
pub(crate) struct Write<'s> {
    store: &'s Store,
    pub(crate) tx: Tx,
    _turn: MutexGuard<'s, Option<Instant>>,
}

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
        let db = Db::open_file(path).await?;
        db.migrate(&path.display().to_string()).await?;
        let data = path.parent().unwrap_or(Path::new("")).to_owned();
        Store::on(db, data, sessions, throttle).await
    }

    /// Opens the store at an address: `sqlite:<file>`, or `postgres://<user>:<password>@<host>:<port>/<database>`, whose
    /// database has to be there. Files that are no tables lie in the folder `data` (of SQLite: beside its file).
    /// Another program may change the same store; the registry of this one follows with its next change.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`], [`StoreError::Open`], [`StoreError::Connect`], [`StoreError::Migrate`].
    pub async fn connect(url: &str, data: &Path) -> Result<Store, StoreError> {
        Store::connect_with(url, data, SessionRules::default(), ThrottleRules::default()).await
    }

    /// [`Store::connect`] with other rules for log-ins.
    ///
    /// # Errors
    /// As [`Store::connect`].
    pub async fn connect_with(
        url: &str,
        data: &Path,
        sessions: SessionRules,
        throttle: ThrottleRules,
    ) -> Result<Store, StoreError> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return Store::open_with(Path::new(file), sessions, throttle).await;
        }
        let (db, place) = Db::connect_server(url).await?;
        db.migrate(&place).await?;
        Store::on(db, data.to_owned(), sessions, throttle).await
    }

    async fn on(
        db: Db,
        data: PathBuf,
        sessions: SessionRules,
        throttle: ThrottleRules,
    ) -> Result<Store, StoreError> {
        const ATTEMPT: &str = "read the registry";
        let store = Store {
            inner: Arc::new(Inner {
                db,
                data,
                writing: tokio::sync::Mutex::new(None),
                registry: watch::Sender::new(Arc::default()),
                records: watch::Sender::new(None),
                sessions,
                throttle: Mutex::new(Throttle::new(throttle)),
                hashing: Semaphore::new(HASHING_AT_ONCE),
            }),
        };
        let mut write = store.write(ATTEMPT).await?;
        journal::catch_up(&mut write.tx).await?;
        write.commit_and_tell(ATTEMPT).await?;
        Ok(store)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The registry as it is now. Cheap; ask for each frame, or hold it and follow [`Store::watch_registry`].
    pub fn registry(&self) -> Arc<Registry> {
        self.inner.registry.borrow().clone()
    }

    /// Follows the registry: tells of each change, holds the newest.
    pub fn watch_registry(&self) -> watch::Receiver<Arc<Registry>> {
        self.inner.registry.subscribe()
    }

    /// Removes ended sessions. For a schedule; correctness does not depend on it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep_sessions(&self, now: Millis) -> Result<u64, StoreError> {
        const ATTEMPT: &str = "remove ended sessions";
        let mut write = self.write(ATTEMPT).await?;
        let sql = "DELETE FROM session WHERE ends_at <= ? OR used_at <= ?";
        let used_until = now.0.saturating_sub(self.inner.sessions.idle_ms);
        let removed = write.tx.execute(ATTEMPT, sql, args![now, used_until]).await?;
        write.commit(ATTEMPT).await?;
        Ok(removed)
    }

    /// Closes the file, or the connections, after the running operations.
    pub async fn close(&self) {
        self.inner.db.close().await;
    }

    /// Begins a write; waits for the one that is going on.
    pub(crate) async fn write(&self, attempt: &'static str) -> Result<Write<'_>, StoreError> {
        let asked = Instant::now();
        let mut turn = self.inner.writing.lock().await;
        // One that waited finds out with the one before it, or a queue would time out one after the other.
        if turn.is_some_and(|lost| lost > asked) {
            return Err(StoreError::Unreachable { attempt, source: sqlx::Error::PoolTimedOut });
        }
        let tx = self.inner.db.begin(attempt).await;
        *turn = matches!(tx, Err(StoreError::Unreachable { .. })).then(Instant::now);
        let tx = tx?;
        Ok(Write { store: self, tx, _turn: turn })
    }
}

impl Write<'_> {
    /// Makes the changes last.
    pub(crate) async fn commit(self, attempt: &'static str) -> Result<(), StoreError> {
        self.tx.commit(attempt).await
    }

    /// Makes the changes last and gives every reader the registry as it is now.
    pub(crate) async fn commit_and_tell(mut self, attempt: &'static str) -> Result<(), StoreError> {
        let mut registry = registry::read(&mut self.tx).await?;
        registry.version = self.store.inner.registry.borrow().version + 1;
        self.tx.commit(attempt).await?;
        self.store.inner.registry.send_replace(Arc::new(registry));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sanggan_testkit::Postgres;

    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    /// Nothing answers at this address any more, so each try takes the whole wait; those that queue behind it do not.
    #[tokio::test]
    async fn many_that_wait_to_write_learn_together_that_the_server_is_away() {
        let server = Postgres::of_its_own();
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::connect(&server.fresh_database(), folder.path()).await.expect("opens");
        // The turn is taken until all have asked, as by a long write.
        let turn = store.write("test").await.expect("begins");
        let asked: Vec<_> = (0..50)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.sweep_sessions(NOW).await })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        server.stop();
        drop(turn);
        for task in asked {
            let error = task.await.expect("runs").expect_err("no server");
            assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        }
        server.start();
        store.sweep_sessions(NOW).await.expect("writes");
    }
}
