//! The store's handle.

use std::path::Path;
use std::sync::{Arc, Mutex};

use sanggan_base::Millis;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use tokio::sync::{MutexGuard, Semaphore, watch};

use crate::throttle::Throttle;
use crate::{Registry, SessionRules, StoreError, ThrottleRules, registry};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Connections that read at one time; writing is done by one at a time.
const CONNECTIONS: u32 = 4;
/// Passwords hashed at one time: each takes memory and a whole core.
const HASHING_AT_ONCE: usize = 2;

/// The registers on one SQLite file. Cloning it is cheap and gives the same store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) pool: SqlitePool,
    writing: tokio::sync::Mutex<()>,
    registry: watch::Sender<Arc<Registry>>,
    pub(crate) sessions: SessionRules,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) hashing: Semaphore,
}

/// The one write that is going on.
pub(crate) struct Write<'s> {
    store: &'s Store,
    pub(crate) tx: Transaction<'static, Sqlite>,
    _turn: MutexGuard<'s, ()>,
}

/// Makes a database error one of ours.
pub(crate) fn failed(attempt: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| StoreError::Query { attempt, source }
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
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await
            .map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
        MIGRATIONS
            .run(&pool)
            .await
            .map_err(|source| StoreError::Migrate { path: path.to_owned(), source: Box::new(source) })?;
        let store = Store {
            inner: Arc::new(Inner {
                pool,
                writing: tokio::sync::Mutex::new(()),
                registry: watch::Sender::new(Arc::default()),
                sessions,
                throttle: Mutex::new(Throttle::new(throttle)),
                hashing: Semaphore::new(HASHING_AT_ONCE),
            }),
        };
        store.write("read the registry").await?.commit_and_tell("read the registry").await?;
        Ok(store)
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
        let removed = sqlx::query("DELETE FROM session WHERE ends_at <= ?1 OR used_at <= ?2")
            .bind(now.0)
            .bind(now.0.saturating_sub(self.inner.sessions.idle_ms))
            .execute(&mut *write.tx)
            .await
            .map_err(failed(ATTEMPT))?
            .rows_affected();
        write.commit(ATTEMPT).await?;
        Ok(removed)
    }

    /// Closes the file after the running operations.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }

    /// Begins a write; waits for the one that is going on.
    pub(crate) async fn write(&self, attempt: &'static str) -> Result<Write<'_>, StoreError> {
        let turn = self.inner.writing.lock().await;
        let tx = self.inner.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed(attempt))?;
        Ok(Write { store: self, tx, _turn: turn })
    }
}

impl Write<'_> {
    /// Makes the changes last.
    pub(crate) async fn commit(self, attempt: &'static str) -> Result<(), StoreError> {
        self.tx.commit().await.map_err(failed(attempt))
    }

    /// Makes the changes last and gives every reader the registry as it is now.
    pub(crate) async fn commit_and_tell(mut self, attempt: &'static str) -> Result<(), StoreError> {
        let mut registry = registry::read(&mut self.tx).await?;
        registry.version = self.store.inner.registry.borrow().version + 1;
        self.tx.commit().await.map_err(failed(attempt))?;
        self.store.inner.registry.send_replace(Arc::new(registry));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row;
    use sqlx::migrate::Migrate;

    use super::*;

    async fn schema(pool: &SqlitePool) -> Vec<String> {
        sqlx::query(
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS it FROM sqlite_schema ORDER BY 1",
        )
        .fetch_all(pool)
        .await
        .expect("reads")
        .iter()
        .map(|row| row.get("it"))
        .collect()
    }

    /// A limit as version 1 kept it, as the seed brought it.
    async fn old_limit(connection: &mut sqlx::SqliteConnection) {
        sqlx::query(
            "INSERT INTO limit_line (station, parameter, value, bound, unit, averaging, label_zh, label_en, clause,
                 standard, edition, in_force_from, status)
             VALUES ('old-1', 'w01018', 50.5, 'upper', 'mg/L', 'day', '限值', 'Limit', '表1', 'GB 18918', '2002',
                 '2003-07-01', 'unconfirmed')",
        )
        .execute(&mut *connection)
        .await
        .expect("an old limit");
        let origin = serde_json::json!([{
            "station": "old-1", "parameter": "w01018", "value": 50.5, "bound": "upper", "unit": "mg/L",
            "averaging": "day", "label": {"zh": "限值", "en": "Limit"}, "clause": "表1", "standard": "GB 18918",
            "edition": "2002", "from": "2003-07-01", "until": null, "status": "unconfirmed",
            "reference_oxygen": null
        }]);
        sqlx::query("INSERT INTO station_limits (station, origin) VALUES ('old-1', ?1)")
            .bind(origin.to_string())
            .execute(&mut *connection)
            .await
            .expect("what the seed brought");
    }

    /// What there was stands in both languages, and still counts as untouched since the seed.
    async fn limit_is_in_both_languages(store: &Store) {
        let registry = store.registry();
        let lines = registry.limits(&sanggan_base::StationCode::parse("old-1").expect("a code"));
        assert_eq!((lines[0].clause.zh.as_str(), lines[0].clause.en.as_str()), ("表1", "表1"));
        assert_eq!(lines[0].standard, sanggan_pack::Name::same("GB 18918"));
        let origin: String = sqlx::query_scalar("SELECT origin FROM station_limits WHERE station = 'old-1'")
            .fetch_one(&store.inner.pool)
            .await
            .expect("reads");
        let origin: serde_json::Value = serde_json::from_str(&origin).expect("JSON");
        assert_eq!(origin, serde_json::to_value(lines).expect("serialises"));
    }

    #[tokio::test]
    async fn a_base_of_any_earlier_version_becomes_the_same_as_a_fresh_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let fresh = Store::open(&folder.path().join("fresh.sqlite")).await.expect("opens");
        let wanted = schema(&fresh.inner.pool).await;
        let steps: Vec<_> = MIGRATIONS.iter().collect();
        assert!(steps.windows(2).all(|pair| pair[0].version + 1 == pair[1].version), "numbered without gaps");
        for upto in 0..steps.len() {
            let path = folder.path().join(format!("old-{upto}.sqlite"));
            let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let old = SqlitePool::connect_with(options).await.expect("makes");
            let mut connection = old.acquire().await.expect("connects");
            connection.ensure_migrations_table(&MIGRATIONS.table_name).await.expect("makes");
            for step in &steps[..upto] {
                connection.apply(&MIGRATIONS.table_name, step).await.expect("applies");
            }
            if upto > 0 {
                sqlx::query(
                    "INSERT INTO station (code, name_zh, name_en, kind, area, position, simulated)
                     VALUES ('old-1', '旧', 'Old', 'air', '140602', 'surveyed', 0)",
                )
                .execute(&mut *connection)
                .await
                .expect("an old row");
            }
            if (1..4).contains(&upto) {
                old_limit(&mut connection).await;
            }
            drop(connection);
            old.close().await;
            let store = Store::open(&path).await.expect("migrates");
            assert_eq!(schema(&store.inner.pool).await, wanted, "from version {upto}");
            assert_eq!(store.registry().stations().count(), usize::from(upto > 0), "rows survive");
            if (1..4).contains(&upto) {
                limit_is_in_both_languages(&store).await;
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_base_and_a_folder_that_is_not_there_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("text.sqlite");
        std::fs::write(&path, "this is no base, only text; long enough to be looked at as one, though")
            .expect("writes");
        let error = Store::open(&path).await.expect_err("no base");
        assert!(error.to_string().contains("text.sqlite"), "{error}");
        let error = Store::open(&folder.path().join("none/store.sqlite")).await.expect_err("no folder");
        assert!(matches!(error, StoreError::Open { .. }), "{error}");
    }
}
