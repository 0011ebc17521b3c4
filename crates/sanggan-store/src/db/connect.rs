//! Opening.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Db;
use crate::StoreError;

/// The tables of SQLite, from the first version on.
pub(crate) static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
/// The tables of PostgreSQL, from version 5 on; the numbers of both go together.
pub(crate) static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// Connections that read at one time; writing is done by one at a time.
const CONNECTIONS: u32 = 4;
/// Pages of a file that each connection may hold, as SQLite takes it: negative in KiB. What an import of a million
/// records changes in its indexes lies all over them.
const CACHE: &str = "-131072";
/// Connections to a server, which are waited for rather than computed with.
const SERVER_CONNECTIONS: u32 = 8;
/// How long an operation waits for a connection before it is told that there is none.
const SERVER_WAIT: Duration = Duration::from_secs(10);

impl Db {
    /// Opens or makes a file.
    pub(crate) async fn open_file(path: &Path) -> Result<Db, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("cache_size", CACHE)
            .pragma("temp_store", "MEMORY")
            .busy_timeout(Duration::from_secs(10))
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await;
        pool.map(Db::Sqlite).map_err(|source| StoreError::Open { path: path.to_owned(), source })
    }

    /// Connects to a PostgreSQL database; gives also where it is, without the password.
    pub(crate) async fn connect_server(url: &str) -> Result<(Db, String), StoreError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(StoreError::BadUrl { why: "it begins with neither of these".to_owned() });
        }
        let options = PgConnectOptions::from_str(url)
            .map_err(|source| StoreError::BadUrl { why: source.to_string() })?
            .application_name("sanggan")
            // A filter that finds ten records and one that finds a million are planned as what they are.
            .options([("plan_cache_mode", "force_custom_plan"), ("jit", "off")])
            // The making of all tables is half a megabyte of SQL; whoever wants statements asks the server to log them.
            .disable_statement_logging();
        let place = place(&options);
        let pool = PgPoolOptions::new()
            .max_connections(SERVER_CONNECTIONS)
            .acquire_timeout(SERVER_WAIT)
            .connect_with(options)
            .await;
        match pool {
            Ok(pool) => Ok((Db::Postgres(pool), place)),
            Err(source) => Err(StoreError::Connect { place, source }),
        }
    }

    /// Brings the tables to this program's version.
    pub(crate) async fn migrate(&self, place: &str) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(pool) => SQLITE.run(pool).await,
            Db::Postgres(pool) => POSTGRES.run(pool).await,
        }
        .map_err(|source| StoreError::Migrate { path: place.into(), source: Box::new(source) })
    }
}

/// Where a server is, without the password.
fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("postgres://{}@{host}:{}/{database}", options.get_username(), options.get_port())
}

/// Whether the error means that the server is not reached (any more), rather than that it refused a statement.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        // Class 57P: shut down, crashed, not yet up; class 08: connection exceptions.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
        }
        _ => false,
    }
}
