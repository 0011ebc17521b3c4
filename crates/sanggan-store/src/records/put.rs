//! Writing records whole: the row, its links, its words and its bounds.

use std::fmt::Write;

use sanggan_records::{RecordId, Value};

use super::row::Kept;
use super::table::{CORNERS, Table};
use super::words;
use crate::StoreError;
use crate::db::{Arg, Dialect, Tx, args};

/// Rows that go to PostgreSQL in an `INSERT` rather than by `COPY`.
const FEW: usize = 8;
/// Placeholders of one statement at most.
const PLACEHOLDERS: usize = 8_000;
/// Numbers in one `IN (…)`.
const NUMBERS: usize = 1_000;

/// Numbers written into a statement: they are ours, never a text from outside.
pub(crate) fn numbers(ids: impl IntoIterator<Item = i64>) -> String {
    let mut out = String::new();
    for id in ids {
        if !out.is_empty() {
            out.push(',');
        }
        write!(out, "{id}").expect("a string takes everything");
    }
    out
}

/// Takes `count` numbers that the register never used; the first of them.
pub(crate) async fn take_numbers(tx: &mut Tx, table: &Table, count: usize) -> Result<i64, StoreError> {
    const ATTEMPT: &str = "number new records";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let sql = "UPDATE record_register SET next_rid = next_rid + ? WHERE register = ? RETURNING next_rid";
    let next: Option<i64> = tx.scalar(ATTEMPT, sql, args![count, table.id()]).await?;
    next.map(|next| next - count)
        .ok_or_else(|| StoreError::NotFound { kind: "register", key: table.id().to_owned() })
}

/// Writes records; `new`: none of them is there yet, else each is.
pub(crate) async fn put(tx: &mut Tx, table: &Table, kept: &[Kept], new: bool) -> Result<(), StoreError> {
    const ATTEMPT: &str = "write records";
    if kept.is_empty() {
        return Ok(());
    }
    let dialect = tx.dialect();
    let columns = table.written(dialect);
    if new && (dialect == Dialect::Sqlite || kept.len() > FEW) {
        let rows: Vec<Vec<Arg>> = kept.iter().map(|kept| table.row(kept, dialect)).collect();
        tx.insert_many(ATTEMPT, &table.name, &columns, rows).await?;
    } else {
        replace(tx, table, kept, &columns).await?;
    }
    if !new {
        forget(tx, table, kept).await?;
    }
    for (field, _, links) in table.links() {
        // A list, not an iterator: what borrows across an await keeps the future from being sent between threads.
        let mut rows: Vec<Vec<Arg>> = Vec::new();
        for kept in kept {
            let targets: &[RecordId] = match &kept.record.values[field] {
                Value::References(ids) => ids,
                Value::Reference(id) => std::slice::from_ref(id),
                _ => &[],
            };
            for (target, nth) in targets.iter().zip(0i64..) {
                rows.push(args![kept.record.id.0, nth, target.0]);
            }
        }
        tx.insert_many(ATTEMPT, links, &["rid", "nth", "target"], rows).await?;
    }
    if dialect == Dialect::Sqlite {
        beside(tx, table, kept).await?;
    }
    Ok(())
}

/// Writes rows over those of the same numbers.
async fn replace(tx: &mut Tx, table: &Table, kept: &[Kept], columns: &[&str]) -> Result<(), StoreError> {
    let dialect = tx.dialect();
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let set: Vec<String> = quoted[1..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let one = format!("({})", table.placeholders(dialect).join(", "));
    for some in kept.chunks((PLACEHOLDERS / columns.len()).max(1)) {
        let sql = format!(
            "INSERT INTO \"{}\" ({}) VALUES {} ON CONFLICT (rid) DO UPDATE SET {}",
            table.name,
            quoted.join(", "),
            vec![one.as_str(); some.len()].join(", "),
            set.join(", ")
        );
        let args: Vec<Arg> = some.iter().flat_map(|kept| table.row(kept, dialect)).collect();
        tx.execute("write records", sql, args).await?;
    }
    Ok(())
}

/// Removes what stands beside the rows, before it is written anew.
async fn forget(tx: &mut Tx, table: &Table, kept: &[Kept]) -> Result<(), StoreError> {
    const ATTEMPT: &str = "write records anew";
    for some in kept.chunks(NUMBERS) {
        let rids = numbers(some.iter().map(|kept| kept.record.id.0));
        for (_, _, links) in table.links() {
            tx.execute(ATTEMPT, format!("DELETE FROM \"{links}\" WHERE rid IN ({rids})"), args![]).await?;
        }
        if tx.dialect() == Dialect::Sqlite {
            tx.execute(
                ATTEMPT,
                format!("DELETE FROM \"{}\" WHERE rowid IN ({rids})", table.words_name),
                args![],
            )
            .await?;
            if table.geometry.is_some() {
                let sql = format!("DELETE FROM \"{}\" WHERE rid IN ({rids})", table.bounds_name);
                tx.execute(ATTEMPT, sql, args![]).await?;
            }
        }
    }
    Ok(())
}

/// SQLite: words and bounds in tables of their own.
async fn beside(tx: &mut Tx, table: &Table, kept: &[Kept]) -> Result<(), StoreError> {
    const ATTEMPT: &str = "write the search words and bounds of records";
    let document = |kept: &Kept, fields: &[usize]| words::sqlite_document(&table.terms(&kept.record, fields));
    if let Some(public) = &table.public_searched {
        let rows: Vec<Vec<Arg>> = kept
            .iter()
            .map(|kept| args![kept.record.id.0, document(kept, &table.searched), document(kept, public)])
            .collect();
        tx.insert_many(ATTEMPT, &table.words_name, &["rowid", "w", "p"], rows).await?;
    } else {
        let rows: Vec<Vec<Arg>> =
            kept.iter().map(|kept| args![kept.record.id.0, document(kept, &table.searched)]).collect();
        tx.insert_many(ATTEMPT, &table.words_name, &["rowid", "w"], rows).await?;
    }
    if table.geometry.is_some() {
        let rows: Vec<Vec<Arg>> = kept
            .iter()
            .filter_map(|kept| {
                let [west, south, east, north] = table.corners(&kept.record)?;
                Some(args![kept.record.id.0, west, east, south, north])
            })
            .collect();
        let columns = ["rid", CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]];
        tx.insert_many(ATTEMPT, &table.bounds_name, &columns, rows).await?;
    }
    Ok(())
}
