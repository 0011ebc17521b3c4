//! Values on their way into a statement.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Postgres, Sqlite, Type};

use super::{Sql, sql};

/// The kind of a value, which a null has too: PostgreSQL wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `INTEGER` / `BIGINT`.
    Int,
    /// `REAL` / `DOUBLE PRECISION`.
    Real,
    /// `TEXT`.
    Text,
    /// `BLOB` / `BYTEA`.
    Bytes,
    /// `INTEGER` 0, 1 / `BOOLEAN`.
    Bool,
    /// `BLOB` of WKB / PostGIS `geometry`, SRID 4326.
    Shape,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arg {
    /// Nothing, of a kind.
    Null(Kind),
    /// A whole number; also a moment.
    Int(i64),
    /// A number.
    Real(f64),
    /// A text; also a day.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Yes or no.
    Bool(bool),
    /// A shape as little-endian WKB without SRID.
    Shape(Vec<u8>),
}

/// `args![a, b, c]`: a `Vec<Arg>` of anything that converts. `Option`s become nulls of their kind.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Arg::from($value)),*] };
}
pub(crate) use args;

/// A Rust type that is one kind of value.
pub(crate) trait OfKind {
    const KIND: Kind;
}

macro_rules! of_kind {
    ($($kind:ident: $($from:ty => |$value:ident| $to:expr),+;)+) => { $($(
        impl OfKind for $from { const KIND: Kind = Kind::$kind; }
        impl From<$from> for Arg { fn from($value: $from) -> Arg { Arg::$kind($to) } }
    )+)+ };
}
of_kind! {
    Int: i64 => |it| it, i32 => |it| it.into(), u32 => |it| it.into(), u8 => |it| it.into(),
         sanggan_base::Millis => |it| it.0;
    Real: f64 => |it| it;
    Text: String => |it| it, &str => |it| it.to_owned(), &String => |it| it.clone();
    Bytes: Vec<u8> => |it| it, &[u8] => |it| it.to_owned();
    Bool: bool => |it| it;
}

impl<T: OfKind + Into<Arg>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Arg {
        value.map_or(Arg::Null(T::KIND), Into::into)
    }
}

impl From<&Option<String>> for Arg {
    fn from(value: &Option<String>) -> Arg {
        Arg::from(value.as_deref())
    }
}

pub(super) fn sqlite(sql: Sql, args: Vec<Arg>) -> Query<'static, Sqlite, SqliteArguments> {
    let mut values = SqliteArguments::default();
    let added = args.into_iter().try_for_each(|arg| add_sqlite(&mut values, arg));
    added.expect("plain values encode");
    sqlx::query_with(AssertSqlSafe(sql), values)
}

pub(super) fn add_sqlite(values: &mut SqliteArguments, arg: Arg) -> Result<(), BoxDynError> {
    match arg {
        Arg::Null(_) => values.add(None::<i64>),
        Arg::Int(value) => values.add(value),
        Arg::Real(value) => values.add(value),
        Arg::Text(value) => values.add(value),
        Arg::Bytes(value) | Arg::Shape(value) => values.add(value),
        Arg::Bool(value) => values.add(value),
    }
}

pub(super) fn postgres(sql: Sql, args: Vec<Arg>) -> Query<'static, Postgres, PgArguments> {
    let mut values = PgArguments::default();
    let added = args.into_iter().try_for_each(|arg| match arg {
        Arg::Null(Kind::Int) => values.add(None::<i64>),
        Arg::Null(Kind::Real) => values.add(None::<f64>),
        Arg::Null(Kind::Text) => values.add(None::<String>),
        Arg::Null(Kind::Bytes) => values.add(None::<Vec<u8>>),
        Arg::Null(Kind::Bool) => values.add(None::<bool>),
        Arg::Null(Kind::Shape) => values.add(None::<Ewkb>),
        Arg::Int(value) => values.add(value),
        Arg::Real(value) => values.add(value),
        Arg::Text(value) => values.add(value),
        Arg::Bytes(value) => values.add(value),
        Arg::Bool(value) => values.add(value),
        Arg::Shape(value) => values.add(Ewkb(ewkb(&value))),
    });
    added.expect("plain values encode");
    sqlx::query_with(AssertSqlSafe(sql::numbered(sql)), values)
}

/// WGS-84 in the register of coordinate systems, which PostGIS keeps with each shape.
const SRID: u32 = 4326;
/// The bit of a PostGIS shape's type that says an SRID follows.
const HAS_SRID: u32 = 0x2000_0000;

/// A shape as PostGIS takes it.
struct Ewkb(Vec<u8>);

impl Type<Postgres> for Ewkb {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("geometry")
    }
}

impl Encode<'_, Postgres> for Ewkb {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }
}

/// Puts the SRID into little-endian WKB; what is none stays as it is, and PostGIS will say so.
pub(super) fn ewkb(wkb: &[u8]) -> Vec<u8> {
    let Some((&[1, a, b, c, d], rest)) = wkb.split_first_chunk::<5>() else { return wkb.to_vec() };
    let kind = u32::from_le_bytes([a, b, c, d]) | HAS_SRID;
    let mut out = Vec::with_capacity(wkb.len() + 4);
    out.push(1);
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&SRID.to_le_bytes());
    out.extend_from_slice(rest);
    out
}

/// Takes the SRID out again.
pub(super) fn wkb(ewkb: &[u8]) -> Vec<u8> {
    let Some((&[1, a, b, c, d, _, _, _, _], rest)) = ewkb.split_first_chunk::<9>() else {
        return ewkb.to_vec();
    };
    let kind = u32::from_le_bytes([a, b, c, d]);
    if kind & HAS_SRID == 0 {
        return ewkb.to_vec();
    }
    let mut out = Vec::with_capacity(ewkb.len() - 4);
    out.push(1);
    out.extend_from_slice(&(kind & !HAS_SRID).to_le_bytes());
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_has_the_kind_of_what_is_missing() {
        assert_eq!(
            args![1i64, None::<&str>, Some(2.5), true, "桑干"],
            [
                Arg::Int(1),
                Arg::Null(Kind::Text),
                Arg::Real(2.5),
                Arg::Bool(true),
                Arg::Text("桑干".to_owned())
            ]
        );
    }

    #[test]
    fn the_srid_goes_in_and_comes_out() {
        let point: Vec<u8> =
            [&[1u8, 1, 0, 0, 0][..], &112.4f64.to_le_bytes(), &39.3f64.to_le_bytes()].concat();
        let with = ewkb(&point);
        assert_eq!(with[..9], [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0]);
        assert_eq!(wkb(&with), point);
        assert_eq!(wkb(&point), point, "what has none stays");
        assert_eq!(ewkb(&[9, 9]), [9, 9]);
    }
}
