//! Values on their way out of an answer.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Row as _, TypeInfo, ValueRef};

use super::arg;
use crate::StoreError;

/// One row of an answer. Its errors tell of the attempt it came from.
pub(crate) struct Row {
    attempt: &'static str,
    inner: Inner,
}

enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A type that a column's value comes as: `i64`, `f64`, `String`, `bool`, `Vec<u8>`.
pub(crate) trait FromColumn: Sized {
    /// `None`: it is null.
    fn from_sqlite<I: ColumnIndex<SqliteRow>>(row: &SqliteRow, at: I) -> Result<Option<Self>, sqlx::Error>;
    /// `None`: it is null.
    fn from_postgres<I: ColumnIndex<PgRow> + Copy>(row: &PgRow, at: I) -> Result<Option<Self>, sqlx::Error>;
}

macro_rules! plain {
    ($($kind:ty),+) => { $(impl FromColumn for $kind {
        fn from_sqlite<I: ColumnIndex<SqliteRow>>(row: &SqliteRow, at: I) -> Result<Option<Self>, sqlx::Error> {
            row.try_get(at)
        }
        fn from_postgres<I: ColumnIndex<PgRow> + Copy>(row: &PgRow, at: I) -> Result<Option<Self>, sqlx::Error> {
            row.try_get(at)
        }
    })+ };
}
plain!(String, bool, Vec<u8>);

impl FromColumn for i64 {
    fn from_sqlite<I: ColumnIndex<SqliteRow>>(row: &SqliteRow, at: I) -> Result<Option<Self>, sqlx::Error> {
        row.try_get(at)
    }

    fn from_postgres<I: ColumnIndex<PgRow> + Copy>(row: &PgRow, at: I) -> Result<Option<Self>, sqlx::Error> {
        let narrow = row.try_get_raw(at)?.type_info().name() == "INT4";
        if narrow { Ok(row.try_get::<Option<i32>, _>(at)?.map(i64::from)) } else { row.try_get(at) }
    }
}

impl FromColumn for f64 {
    fn from_sqlite<I: ColumnIndex<SqliteRow>>(row: &SqliteRow, at: I) -> Result<Option<Self>, sqlx::Error> {
        // A whole number that an expression gave is one too.
        row.try_get_unchecked(at)
    }

    fn from_postgres<I: ColumnIndex<PgRow> + Copy>(row: &PgRow, at: I) -> Result<Option<Self>, sqlx::Error> {
        row.try_get(at)
    }
}

/// A shape as WKB.
struct Wkb(Vec<u8>);

impl sqlx::Type<sqlx::Postgres> for Wkb {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        sqlx::postgres::PgTypeInfo::with_name("geometry")
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for Wkb {
    fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Ok(Wkb(arg::wkb(value.as_bytes()?)))
    }
}

impl Row {
    pub(super) fn sqlite(attempt: &'static str, row: SqliteRow) -> Row {
        Row { attempt, inner: Inner::Sqlite(row) }
    }

    pub(super) fn postgres(attempt: &'static str, row: PgRow) -> Row {
        Row { attempt, inner: Inner::Postgres(row) }
    }

    fn failed(&self) -> impl Fn(sqlx::Error) -> StoreError {
        let attempt = self.attempt;
        move |source| StoreError::Query { attempt, source }
    }

    /// The value of a column, which may be null.
    pub(crate) fn optional<T: FromColumn>(&self, column: &str) -> Result<Option<T>, StoreError> {
        match &self.inner {
            Inner::Sqlite(row) => T::from_sqlite(row, column),
            Inner::Postgres(row) => T::from_postgres(row, column),
        }
        .map_err(self.failed())
    }

    /// The value of a column that is never null.
    pub(crate) fn get<T: FromColumn>(&self, column: &str) -> Result<T, StoreError> {
        self.optional(column)?.ok_or_else(|| self.null(column))
    }

    /// The value of the first column.
    pub(crate) fn first<T: FromColumn>(&self) -> Result<Option<T>, StoreError> {
        match &self.inner {
            Inner::Sqlite(row) => T::from_sqlite(row, 0),
            Inner::Postgres(row) => T::from_postgres(row, 0),
        }
        .map_err(self.failed())
    }

    /// A text column.
    pub(crate) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.get(column)
    }

    /// A column of whole numbers.
    pub(crate) fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// A column of yes and no.
    pub(crate) fn bool(&self, column: &str) -> Result<bool, StoreError> {
        self.get(column)
    }

    /// A shape as WKB; `None`: null.
    pub(crate) fn shape(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.inner {
            Inner::Sqlite(row) => row.try_get(column),
            Inner::Postgres(row) => row.try_get::<Option<Wkb>, _>(column).map(|it| it.map(|wkb| wkb.0)),
        }
        .map_err(self.failed())
    }

    fn null(&self, column: &str) -> StoreError {
        let source = sqlx::error::UnexpectedNullError;
        let source = sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) };
        StoreError::Query { attempt: self.attempt, source }
    }
}
