//! Many rows at once.

use std::fmt::Write;

use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};

use super::{Arg, arg};

/// Placeholders of one statement; SQLite takes 32,766, and larger statements gain nothing.
const PLACEHOLDERS: usize = 4_096;
/// Rows that PostgreSQL gets in an `INSERT`: it knows the statement already, `COPY` is planned each time.
const FEW: usize = 8;
/// Bytes of `COPY` sent in one message.
const COPY_CHUNK: usize = 256 * 1024;

fn quoted(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    quoted.join(", ")
}

pub(super) async fn sqlite(
    tx: &mut Transaction<'static, Sqlite>,
    table: &str,
    columns: &[&str],
    mut rows: impl Iterator<Item = Vec<Arg>>,
) -> Result<u64, sqlx::Error> {
    let per_statement = (PLACEHOLDERS / columns.len().max(1)).max(1);
    let one = format!("({})", vec!["?"; columns.len()].join(", "));
    let head = format!("INSERT INTO \"{table}\" ({}) VALUES ", quoted(columns));
    let mut added = 0;
    loop {
        let mut values = SqliteArguments::default();
        let mut count = 0;
        for row in rows.by_ref().take(per_statement) {
            debug_assert_eq!(row.len(), columns.len(), "one value for each column of {table}");
            for value in row {
                arg::add_sqlite(&mut values, value).map_err(sqlx::Error::Encode)?;
            }
            count += 1;
        }
        if count == 0 {
            return Ok(added);
        }
        let sql = head.clone() + &vec![one.as_str(); count].join(", ");
        added += sqlx::query_with(AssertSqlSafe(sql), values).execute(&mut **tx).await?.rows_affected();
    }
}

pub(super) async fn postgres(
    tx: &mut Transaction<'static, Postgres>,
    table: &str,
    columns: &[&str],
    mut rows: impl Iterator<Item = Vec<Arg>>,
) -> Result<u64, sqlx::Error> {
    let few: Vec<Vec<Arg>> = rows.by_ref().take(FEW + 1).collect();
    if few.is_empty() {
        return Ok(0);
    }
    if few.len() <= FEW {
        let one = format!("({})", vec!["?"; columns.len()].join(", "));
        let all = vec![one.as_str(); few.len()].join(", ");
        let sql = format!("INSERT INTO \"{table}\" ({}) VALUES {all}", quoted(columns));
        let query = arg::postgres(sql.into(), few.concat());
        return query.execute(&mut **tx).await.map(|it| it.rows_affected());
    }
    let rows = few.into_iter().chain(rows);
    let mut copy = tx.copy_in_raw(&format!("COPY \"{table}\" ({}) FROM STDIN", quoted(columns))).await?;
    let mut text = String::with_capacity(COPY_CHUNK + 4096);
    for row in rows {
        debug_assert_eq!(row.len(), columns.len(), "one value for each column of {table}");
        for (nth, value) in row.iter().enumerate() {
            if nth > 0 {
                text.push('\t');
            }
            copy_text(&mut text, value);
        }
        text.push('\n');
        if text.len() >= COPY_CHUNK {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.send(text.as_bytes()).await?;
    copy.finish().await
}

/// A value as the text form of `COPY` writes it.
fn copy_text(out: &mut String, value: &Arg) {
    const HOLDS: &str = "a string takes everything";
    match value {
        Arg::Null(_) => out.push_str("\\N"),
        Arg::Int(value) => write!(out, "{value}").expect(HOLDS),
        Arg::Real(value) => write!(out, "{value}").expect(HOLDS),
        Arg::Bool(value) => out.push(if *value { 't' } else { 'f' }),
        Arg::Bytes(value) => {
            out.push_str("\\\\x");
            out.push_str(&hex::encode(value));
        }
        Arg::Shape(value) => out.push_str(&hex::encode(arg::ewkb(value))),
        Arg::Text(value) => {
            for c in value.chars() {
                match c {
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c => out.push(c),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_value_is_escaped() {
        let mut out = String::new();
        for value in [
            Arg::Text("a\tb\\c\nd\re\\N".to_owned()),
            Arg::Null(super::super::Kind::Text),
            Arg::Real(0.1),
            Arg::Bytes(vec![0, 255]),
            Arg::Bool(false),
        ] {
            copy_text(&mut out, &value);
            out.push('|');
        }
        assert_eq!(out, "a\\tb\\\\c\\nd\\re\\\\N|\\N|0.1|\\\\x00ff|f|");
    }
}
