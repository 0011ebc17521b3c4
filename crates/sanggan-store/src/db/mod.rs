//! The two databases behind one edge, so that every statement is written once.
//!
//! SQL here is what both understand: `"user"` quoted, booleans as such (`WHERE NOT disabled`), scalar `min`/`max` and
//! `json_*` avoided, columns of the row at hand named with their table in `ON CONFLICT … DO UPDATE`. Placeholders are
//! `?` (in order) or `?3` (by number). Where the two really differ, ask [`Db::dialect`].
//!
//! * DB-1: one write at a time ([`Db::begin`] of SQLite takes the file's write lock, that of PostgreSQL an advisory
//!   lock), so the journal has one order.
//! * DB-2: a text that came from outside is only ever an [`Arg`], never part of a statement.

mod arg;
mod bulk;
pub(crate) mod connect;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod migrated;
mod row;
mod sql;
#[cfg(test)]
mod tests;
mod tx;

use std::borrow::Cow;

#[cfg(test)]
use sqlx::AssertSqlSafe;
use sqlx::{PgPool, SqlitePool};

pub(crate) use arg::{Arg, Kind, args};
pub(crate) use row::{FromColumn, Row};
pub(crate) use tx::Tx;

use crate::StoreError;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL with PostGIS.
    Postgres,
}

/// A pool of connections. Cloning is cheap and gives the same pool.
#[derive(Clone)]
pub(crate) enum Db {
    /// A file.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.dialect())
    }
}

/// A statement.
pub(crate) type Sql = Cow<'static, str>;

/// Makes a database error one of ours.
pub(crate) fn failed(attempt: &'static str) -> impl Fn(sqlx::Error) -> StoreError + Clone {
    move |source| {
        if connect::is_lost(&source) {
            StoreError::Unreachable { attempt, source }
        } else {
            StoreError::Query { attempt, source }
        }
    }
}

impl Db {
    /// Which of the two it is.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Db::Sqlite(_) => Dialect::Sqlite,
            Db::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that writes; waits for the one that is going on. Dropped without
    /// [`Tx::commit`], it is rolled back.
    pub(crate) async fn begin(&self, attempt: &'static str) -> Result<Tx, StoreError> {
        Tx::begin(self, attempt).await
    }

    /// Begins a transaction that only reads, and sees everything as it was at its beginning.
    pub(crate) async fn snapshot(&self, attempt: &'static str) -> Result<Tx, StoreError> {
        Tx::snapshot(self, attempt).await
    }

    /// Runs a statement outside of a transaction; the number of rows it changed.
    #[cfg(test)]
    pub(crate) async fn execute(
        &self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        match self {
            Db::Sqlite(pool) => arg::sqlite(sql, args).execute(pool).await.map(|it| it.rows_affected()),
            Db::Postgres(pool) => arg::postgres(sql, args).execute(pool).await.map(|it| it.rows_affected()),
        }
        .map_err(failed(attempt))
    }

    /// Every row.
    pub(crate) async fn fetch(
        &self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Db::Sqlite(pool) => {
                let rows = arg::sqlite(sql, args).fetch_all(pool).await.map_err(failed(attempt))?;
                rows.into_iter().map(|row| Row::sqlite(attempt, row)).collect()
            }
            Db::Postgres(pool) => {
                let rows = arg::postgres(sql, args).fetch_all(pool).await.map_err(failed(attempt))?;
                rows.into_iter().map(|row| Row::postgres(attempt, row)).collect()
            }
        })
    }

    /// The first row; there being none is an error.
    #[cfg(test)]
    pub(crate) async fn fetch_one(
        &self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Row, StoreError> {
        let row = self.fetch_optional(attempt, sql, args).await?;
        row.ok_or(StoreError::Query { attempt, source: sqlx::Error::RowNotFound })
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional(
        &self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Option<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Db::Sqlite(pool) => {
                let row = arg::sqlite(sql, args).fetch_optional(pool).await.map_err(failed(attempt))?;
                row.map(|row| Row::sqlite(attempt, row))
            }
            Db::Postgres(pool) => {
                let row = arg::postgres(sql, args).fetch_optional(pool).await.map_err(failed(attempt))?;
                row.map(|row| Row::postgres(attempt, row))
            }
        })
    }

    /// The first column of the first row; `None` when there is no row or it is null.
    pub(crate) async fn scalar<T: FromColumn>(
        &self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Option<T>, StoreError> {
        match self.fetch_optional(attempt, sql, args).await? {
            Some(row) => row.first(),
            None => Ok(None),
        }
    }

    /// Runs a script of several statements without arguments (the making of tables).
    #[cfg(test)]
    pub(crate) async fn script(&self, attempt: &'static str, sql: String) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(pool) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(drop),
            Db::Postgres(pool) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(drop),
        }
        .map_err(failed(attempt))
    }

    /// Closes every connection after the running statements.
    pub(crate) async fn close(&self) {
        match self {
            Db::Sqlite(pool) => pool.close().await,
            Db::Postgres(pool) => pool.close().await,
        }
    }
}
