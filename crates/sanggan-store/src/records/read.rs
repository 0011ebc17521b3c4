//! Single records, and what leads to them.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use sanggan_base::{AreaCode, Millis};
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Due, Known, Link, Record, RecordId, Value, Wants};

use super::guard;
use super::past;
use super::put::numbers;
use super::question::Question;
use super::row::Kept;
use super::select;
use super::table::Table;
use super::{Counts, DueRecord, Place, RecordsError, Related, Seen};
use crate::Store;
use crate::db::{Row, args};

const ATTEMPT: &str = "read records";
/// Numbers of one statement.
const AT_ONCE: usize = 1_000;

/// Everything that is seen, taken out or not.
fn all() -> Ask {
    Ask { retired: true, ..Ask::default() }
}

impl Store {
    /// One record, taken out or not; `as_of`: as it was then.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::NoRecord`] (also when the scope does not see it).
    pub async fn read_record(
        &self,
        register: &str,
        scope: &Scope,
        rid: RecordId,
        as_of: Option<Millis>,
    ) -> Result<Record, RecordsError> {
        let none = || RecordsError::NoRecord { register: register.to_owned(), rid: rid.0 };
        let tables = self.tables()?;
        let table = tables.get(register)?;
        let found = match as_of {
            None => self.kept(table, &[rid]).await?.pop(),
            Some(moment) => past::at(self, table, &[rid], moment).await?.pop(),
        };
        let question = Question::new(table, scope, &all())?;
        found.filter(|kept| question.fits(kept)).map(|kept| kept.record).ok_or_else(none)
    }

    /// Several of them, by number; those that are not there, or not seen, are left out.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn read_records(
        &self,
        register: &str,
        scope: &Scope,
        rids: &[RecordId],
    ) -> Result<Vec<Record>, RecordsError> {
        let tables = self.tables()?;
        let table = tables.get(register)?;
        let question = Question::new(table, scope, &all())?;
        let found = self.kept(table, rids).await?;
        Ok(found.into_iter().filter(|kept| question.fits(kept)).map(|kept| kept.record).collect())
    }

    /// Records by number, in the order of their numbers.
    pub(crate) async fn kept(&self, table: &Table, rids: &[RecordId]) -> Result<Vec<Kept>, RecordsError> {
        let mut out = Vec::with_capacity(rids.len());
        for some in rids.chunks(AT_ONCE) {
            let sql = format!(
                "SELECT {} FROM \"{}\" t WHERE t.rid IN ({}) ORDER BY t.rid",
                table.selected(self.db().dialect()),
                table.name,
                numbers(some.iter().map(|id| id.0))
            );
            for row in self.db().fetch(ATTEMPT, sql, args![]).await? {
                out.push(table.read(&row)?);
            }
        }
        Ok(out)
    }

    /// The numbers of the records with these key texts, not taken out.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn find_records(
        &self,
        register: &str,
        keys: &[String],
    ) -> Result<HashMap<String, RecordId>, RecordsError> {
        let tables = self.tables()?;
        let mut tx = self.db().snapshot(ATTEMPT).await?;
        guard::by_key(&mut tx, tables.get(register)?, keys.iter()).await
    }

    /// Looks up what a model wants to know before values can be read or a record checked.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn look_up(&self, wants: &Wants) -> Result<Known, RecordsError> {
        let tables = self.tables()?;
        let mut tx = self.db().snapshot(ATTEMPT).await?;
        guard::look_up(&mut tx, &tables, wants).await
    }

    /// Key and title of records of any registers, for showing what others refer to; those taken out too.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn links(&self, wanted: &[Place]) -> Result<HashMap<Place, Link>, RecordsError> {
        let tables = self.tables()?;
        let mut by_register: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (register, rid) in wanted {
            by_register.entry(register).or_default().push(rid.0);
        }
        let mut out = HashMap::new();
        for (register, mut rids) in by_register {
            let table = tables.get(register)?;
            rids.sort_unstable();
            rids.dedup();
            for some in rids.chunks(AT_ONCE) {
                let sql = format!(
                    "SELECT {} FROM \"{}\" t WHERE t.rid IN ({})",
                    linked(table),
                    table.name,
                    numbers(some.iter().copied())
                );
                for row in self.db().fetch(ATTEMPT, sql, args![]).await? {
                    let link = link(table, &row)?;
                    out.insert((register.to_owned(), link.id), link);
                }
            }
        }
        Ok(out)
    }

    /// What refers to a record, field by field, the first `each` of every group; only of registers in `seen`.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn related(
        &self,
        register: &str,
        rid: RecordId,
        seen: Seen<'_>,
        each: u32,
    ) -> Result<Vec<Related>, RecordsError> {
        let tables = self.tables()?;
        tables.get(register)?;
        let mut out = Vec::new();
        for (other, field) in tables.leading.get(register).into_iter().flatten() {
            let Some((_, scope)) = seen.iter().find(|(name, _)| name == other) else { continue };
            let table = tables.get(other)?;
            let question = Question::new(table, scope, &Ask::default())?;
            let mut base = select::conditions(self.db(), &question, None).await?;
            base.and(guard::leads(table, *field), args![rid.0]);
            let count = format!("SELECT count(*) FROM \"{}\" t WHERE {}", table.name, base.sql());
            let total: i64 = self.db().scalar(ATTEMPT, count, base.args.clone()).await?.unwrap_or(0);
            if total == 0 {
                continue;
            }
            let sql = format!(
                "SELECT {} FROM \"{}\" t WHERE {} ORDER BY t.rid LIMIT {each}",
                linked(table),
                table.name,
                base.sql()
            );
            let rows = self.db().fetch(ATTEMPT, sql, base.args).await?;
            out.push(Related {
                register: other.clone(),
                field: table.def().fields[*field].id.clone(),
                total: total.unsigned_abs(),
                records: rows.iter().map(|row| link(table, row)).collect::<Result<_, _>>()?,
            });
        }
        Ok(out)
    }

    /// How much stands in registers, each within what is seen of it.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn record_counts(
        &self,
        seen: Seen<'_>,
        today: Date,
    ) -> Result<BTreeMap<String, Counts>, RecordsError> {
        let tables = self.tables()?;
        let mut out = BTreeMap::new();
        for (register, scope) in seen {
            let table = tables.get(register)?;
            let mut counted = [0, 0];
            for (slot, due) in counted.iter_mut().zip([None, Some(Due::Overdue)]) {
                let ask = Ask { due, today: Some(today), ..Ask::default() };
                let question = Question::new(table, scope, &ask)?;
                let base = select::conditions(self.db(), &question, None).await?;
                let sql = format!("SELECT count(*) FROM \"{}\" t WHERE {}", table.name, base.sql());
                let count: i64 = self.db().scalar(ATTEMPT, sql, base.args).await?.unwrap_or(0);
                *slot = count.unsigned_abs();
            }
            out.insert(register.clone(), Counts { count: counted[0], overdue: counted[1] });
        }
        Ok(out)
    }

    /// What is due to `until` (that day too) in registers, the longest overdue first.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn due_records(
        &self,
        seen: Seen<'_>,
        until: Date,
        limit: u32,
    ) -> Result<Vec<DueRecord>, RecordsError> {
        let tables = self.tables()?;
        let mut out = Vec::new();
        for (register, scope) in seen {
            let table = tables.get(register)?;
            let ask = Ask { due: Some(Due::Within(0)), today: Some(until), ..Ask::default() };
            let question = Question::new(table, scope, &ask)?;
            let base = select::conditions(self.db(), &question, None).await?;
            let sql = format!(
                "SELECT {} FROM \"{}\" t WHERE {} ORDER BY t._due_on, t.rid LIMIT {limit}",
                table.selected(self.db().dialect()),
                table.name,
                base.sql()
            );
            for row in self.db().fetch(ATTEMPT, sql, base.args).await? {
                let kept = table.read(&row)?;
                let Some(due_on) = kept.due_on else { continue };
                let area = match table.area.map(|field| &kept.record.values[field]) {
                    Some(Value::Text(area)) => AreaCode::parse(area).ok(),
                    _ => None,
                };
                out.push(DueRecord {
                    link: table.link(&kept.record),
                    due_on,
                    state: kept.record.state,
                    area,
                });
            }
        }
        out.sort_by(|a, b| {
            (a.due_on, &a.link.register, a.link.id).cmp(&(b.due_on, &b.link.register, b.link.id))
        });
        out.truncate(limit as usize);
        Ok(out)
    }
}

/// What a `SELECT` of links lists.
fn linked(table: &Table) -> String {
    format!(
        "t.rid, CAST(t.{} AS TEXT) AS link_key, CAST(t.{} AS TEXT) AS link_title",
        table.column(table.key),
        table.column(table.title)
    )
}

fn link(table: &Table, row: &Row) -> Result<Link, RecordsError> {
    Ok(Link {
        register: table.id().to_owned(),
        id: RecordId(row.int("rid")?),
        key: row.optional("link_key")?.unwrap_or_default(),
        title: row.optional("link_title")?.unwrap_or_default(),
    })
}
