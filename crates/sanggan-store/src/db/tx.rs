//! A transaction.

use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};

use super::{Arg, Db, Dialect, FromColumn, Row, Sql, arg, bulk, failed};
use crate::StoreError;

/// Key of the advisory lock that lets one write at a time into a PostgreSQL database: "sanggan" in ASCII.
const WRITE_LOCK: i64 = 0x0073_616e_6767_616e;

/// A transaction of either database; rolled back when dropped without [`Tx::commit`]. After a failed statement
/// nothing more goes in it (PostgreSQL would refuse): give the error on.
pub(crate) enum Tx {
    /// Of a file.
    Sqlite(Transaction<'static, Sqlite>),
    /// Of a server.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) async fn begin(db: &Db, attempt: &'static str) -> Result<Tx, StoreError> {
        match db {
            Db::Sqlite(pool) => {
                Ok(Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed(attempt))?))
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await.map_err(failed(attempt))?;
                // Each reference is checked by a query of its own, whose plan is worth keeping.
                sqlx::query("SELECT pg_advisory_xact_lock($1), set_config('plan_cache_mode', 'auto', true)")
                    .bind(WRITE_LOCK)
                    .execute(&mut *tx)
                    .await
                    .map_err(failed(attempt))?;
                Ok(Tx::Postgres(tx))
            }
        }
    }

    pub(super) async fn snapshot(db: &Db, attempt: &'static str) -> Result<Tx, StoreError> {
        match db {
            Db::Sqlite(pool) => pool.begin_with("BEGIN").await.map(Tx::Sqlite),
            Db::Postgres(pool) => {
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map(Tx::Postgres)
            }
        }
        .map_err(failed(attempt))
    }

    /// Which of the two it is.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Tx::Sqlite(_) => Dialect::Sqlite,
            Tx::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Makes the changes last.
    pub(crate) async fn commit(self, attempt: &'static str) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
        .map_err(failed(attempt))
    }

    /// Undoes the changes now (dropping does it too, a little later).
    pub(crate) async fn rollback(self, attempt: &'static str) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => tx.rollback().await,
            Tx::Postgres(tx) => tx.rollback().await,
        }
        .map_err(failed(attempt))
    }

    /// Runs a statement; the number of rows it changed.
    pub(crate) async fn execute(
        &mut self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        match self {
            Tx::Sqlite(tx) => arg::sqlite(sql, args).execute(&mut **tx).await.map(|it| it.rows_affected()),
            Tx::Postgres(tx) => {
                arg::postgres(sql, args).execute(&mut **tx).await.map(|it| it.rows_affected())
            }
        }
        .map_err(failed(attempt))
    }

    /// Every row.
    pub(crate) async fn fetch(
        &mut self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Tx::Sqlite(tx) => {
                let rows = arg::sqlite(sql, args).fetch_all(&mut **tx).await.map_err(failed(attempt))?;
                rows.into_iter().map(|row| Row::sqlite(attempt, row)).collect()
            }
            Tx::Postgres(tx) => {
                let rows = arg::postgres(sql, args).fetch_all(&mut **tx).await.map_err(failed(attempt))?;
                rows.into_iter().map(|row| Row::postgres(attempt, row)).collect()
            }
        })
    }

    /// The first row; there being none is an error.
    pub(crate) async fn fetch_one(
        &mut self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Row, StoreError> {
        let row = self.fetch_optional(attempt, sql, args).await?;
        row.ok_or(StoreError::Query { attempt, source: sqlx::Error::RowNotFound })
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional(
        &mut self,
        attempt: &'static str,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Option<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Tx::Sqlite(tx) => {
                let row = arg::sqlite(sql, args).fetch_optional(&mut **tx).await.map_err(failed(attempt))?;
                row.map(|row| Row::sqlite(attempt, row))
            }
            Tx::Postgres(tx) => {
                let row =
                    arg::postgres(sql, args).fetch_optional(&mut **tx).await.map_err(failed(attempt))?;
                row.map(|row| Row::postgres(attempt, row))
            }
        })
    }

    /// The first column of the first row; `None` when there is no row or it is null.
    pub(crate) async fn scalar<T: FromColumn>(
        &mut self,
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
    pub(crate) async fn script(&mut self, attempt: &'static str, sql: String) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop),
            Tx::Postgres(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop),
        }
        .map_err(failed(attempt))
    }

    /// Adds rows, each with one value for each column: in statements of many rows to SQLite, with `COPY` to
    /// PostgreSQL. `table` and `columns` are names of ours (they are quoted). The number of rows added.
    pub(crate) async fn insert_many(
        &mut self,
        attempt: &'static str,
        table: &str,
        columns: &[&str],
        rows: impl IntoIterator<Item = Vec<Arg>>,
    ) -> Result<u64, StoreError> {
        match self {
            Tx::Sqlite(tx) => bulk::sqlite(tx, table, columns, rows.into_iter()).await,
            Tx::Postgres(tx) => bulk::postgres(tx, table, columns, rows.into_iter()).await,
        }
        .map_err(failed(attempt))
    }
}
