//! Events: one transaction reads the record, asks what follows, and writes it with its journal entry.

use std::sync::Arc;

use sanggan_records::{
    By, Change, Effects, Event, Given, Record, RecordId, Refusal, Wants, Why, canonical, canonical_value,
    changes, due, rights, step,
};
use serde_json::json;

use super::RecordsError;
use super::guard::{self, Found, Step};
use super::put::{put, take_numbers};
use super::row::{Kept, tidy};
use super::table::{Table, Tables};
use crate::db::{Tx, args};
use crate::journal::{self, RecordEntry};
use crate::{Actor, Store};

const ATTEMPT: &str = "change a record";

/// The subject kind of a register's records in the journal.
pub(crate) fn subject_kind(register: &str) -> String {
    format!("register:{register}")
}

/// Who, as the journal knows them.
pub(crate) fn actor(name: &str) -> Actor {
    match name.strip_prefix("user:") {
        Some(user) => Actor::User(user.to_owned()),
        None => Actor::System,
    }
}

/// What happened to a record, about to be written into the journal.
pub(crate) struct Happened<'a> {
    /// `create`, `change`, a transition's id with its kind, …
    pub(crate) action: &'a str,
    pub(crate) before: Option<&'a Record>,
    pub(crate) after: &'a Record,
}

/// Writes what happened into the journal, in order.
pub(crate) async fn tell(
    tx: &mut Tx,
    table: &Table,
    happened: &[Happened<'_>],
    by: By<'_>,
) -> Result<(), RecordsError> {
    let kind = subject_kind(table.id());
    let actor = actor(&by.caller.name).text();
    let entries = happened.iter().map(|it| RecordEntry {
        at: by.now,
        actor: &actor,
        action: format!("record.{}", it.action),
        subject_kind: &kind,
        subject: it.after.id.to_string(),
        version: it.after.version,
        changes: it.before.map(|before| differences(table, before, it.after).to_string()),
        after: canonical(&table.model, it.after),
        why: by.why,
    });
    journal::record_records(tx, entries).await?;
    Ok(())
}

/// What became different, as the journal keeps it.
fn differences(table: &Table, before: &Record, after: &Record) -> serde_json::Value {
    let mut out: Vec<serde_json::Value> = changes(&before.values, &after.values)
        .iter()
        .map(|Change { field, before, after }| {
            json!({
                "field": table.def().fields[*field].id,
                "before": canonical_value(before),
                "after": canonical_value(after),
            })
        })
        .collect();
    if before.state != after.state {
        out.push(json!({ "field": "_state", "before": before.state, "after": after.state }));
    }
    if before.retired != after.retired {
        out.push(json!({ "field": "_retired", "before": before.retired, "after": after.retired }));
    }
    out.into()
}

/// One record as it is; `None`: there is none.
pub(crate) async fn read(tx: &mut Tx, table: &Table, rid: RecordId) -> Result<Option<Kept>, RecordsError> {
    let sql = format!("SELECT {} FROM \"{}\" t WHERE t.rid = ?", table.selected(tx.dialect()), table.name);
    let row = tx.fetch_optional("read a record", sql, args![rid.0]).await?;
    Ok(row.map(|row| table.read(&row)).transpose()?)
}

/// What has to be known of the world for an event: what its values refer to, and what formulas read.
pub(crate) fn wants(table: &Table, before: Option<&Record>, given: &Given, wants: &mut Wants) {
    let mut values = before.map_or_else(|| table.model.blank(), |before| before.values.clone());
    for (field, value) in given {
        if let Some(slot) = values.get_mut(*field) {
            slot.clone_from(value);
        }
    }
    table.model.wants_values(&values, wants);
}

/// Whether nothing at all follows.
pub(crate) fn is_nothing(before: &Record, effects: &Effects) -> bool {
    effects.changes.is_empty()
        && before.state == effects.record.state
        && before.state_since == effects.record.state_since
        && before.retired == effects.record.retired
}

fn given(event: &Event) -> Given {
    match event {
        Event::Create { values, .. } | Event::Change { values, .. } | Event::Transition { values, .. } => {
            values.clone()
        }
        Event::Retire { .. } => Given::new(),
    }
}

impl Store {
    /// One event in a transaction that is going on. What is refused leaves no trace in it.
    async fn act_in(
        tx: &mut Tx,
        tables: &Tables,
        table: &Table,
        rid: Option<RecordId>,
        event: Event,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        let before = match rid {
            None => None,
            Some(rid) => Some(
                read(tx, table, rid)
                    .await?
                    .ok_or_else(|| RecordsError::NoRecord { register: table.id().to_owned(), rid: rid.0 })?,
            ),
        };
        let seen = match &event {
            Event::Change { version, .. } | Event::Transition { version, .. } | Event::Retire { version } => {
                *version
            }
            Event::Create { .. } => 0,
        };
        let moved = matches!(event, Event::Transition { .. });
        let before = before.map(|kept| kept.record);
        let mut wanted = Wants::default();
        wants(table, before.as_ref(), &given(&event), &mut wanted);
        let known = guard::look_up(tx, tables, &wanted).await?;
        let effects = match step(&table.model, before.as_ref(), event, by, &known) {
            Ok(effects) => effects,
            Err(refusal) => {
                return Err(match (refusal.why, before) {
                    (Why::Version, Some(current)) => RecordsError::Stale {
                        register: table.id().to_owned(),
                        seen,
                        current: Box::new(current),
                    },
                    _ => RecordsError::Refused(refusal),
                });
            }
        };
        if let Some(before) = &before
            && is_nothing(before, &effects)
        {
            return Ok(before.clone());
        }
        let mut kept = Kept {
            due_on: effects.due.as_ref().map(|due| due.on),
            public: effects.public,
            record: effects.record,
        };
        tidy(&mut kept.record.values);
        let action = if moved { format!("transition:{}", effects.action) } else { effects.action };
        Store::write_in(tx, tables, table, before.as_ref(), kept, &action, by).await
    }

    /// Writes what follows, once the tables have nothing against it.
    async fn write_in(
        tx: &mut Tx,
        tables: &Tables,
        table: &Table,
        before: Option<&Record>,
        mut kept: Kept,
        action: &str,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        // One that comes back is looked at as a new one.
        let returns = before.is_some_and(|before| before.retired && !kept.record.retired);
        let steps = [Step { before: before.filter(|_| !returns), after: &kept.record }];
        let faults = guard::faults(tx, tables, table, &steps, &Found::default()).await?.remove(0);
        if !faults.is_empty() {
            return Err(RecordsError::Refused(Refusal::of_faults(faults)));
        }
        if kept.record.retired && before.is_some_and(|before| !before.retired) {
            let (total, by) = guard::referring(tx, tables, table, kept.record.id).await?;
            if total > 0 {
                let rid = kept.record.id.0;
                return Err(RecordsError::Referred { register: table.id().to_owned(), rid, total, by });
            }
        }
        if before.is_none() {
            kept.record.id = RecordId(take_numbers(tx, table, 1).await?);
        }
        put(tx, table, std::slice::from_ref(&kept), before.is_none()).await?;
        tell(tx, table, &[Happened { action, before, after: &kept.record }], by).await?;
        Ok(kept.record)
    }

    /// Lets an event happen to a record (`None`: [`Event::Create`]): [`sanggan_records::step`] on the record as it
    /// is, in the transaction that writes what follows.
    ///
    /// # Errors
    /// [`RecordsError::NoRecord`], [`RecordsError::Stale`], [`RecordsError::Refused`], and, when it is taken out,
    /// [`RecordsError::Referred`] while others that are not taken out refer to it.
    pub async fn act(
        &self,
        register: &str,
        rid: Option<RecordId>,
        event: Event,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        let tables = self.tables()?;
        let table = Arc::clone(tables.get(register)?);
        let mut write = self.write(ATTEMPT).await?;
        let record = Store::act_in(&mut write.tx, &tables, &table, rid, event, by).await?;
        write.commit(ATTEMPT).await?;
        Ok(record)
    }

    /// Several events, each by itself: one that does not go leaves the others.
    ///
    /// # Errors
    /// Only when the base fails; what becomes of each record stands in the answer, in the order given.
    pub async fn act_many(
        &self,
        register: &str,
        events: Vec<(RecordId, Event)>,
        by: By<'_>,
    ) -> Result<Vec<Result<Record, RecordsError>>, RecordsError> {
        let tables = self.tables()?;
        let table = Arc::clone(tables.get(register)?);
        let mut write = self.write(ATTEMPT).await?;
        let mut out = Vec::with_capacity(events.len());
        for (rid, event) in events {
            match Store::act_in(&mut write.tx, &tables, &table, Some(rid), event, by).await {
                Err(RecordsError::Store(error)) => return Err(error.into()),
                answer => out.push(answer),
            }
        }
        write.commit(ATTEMPT).await?;
        Ok(out)
    }

    /// Takes a record back into its register.
    ///
    /// # Errors
    /// [`RecordsError::NoRecord`], [`RecordsError::Stale`], [`RecordsError::Refused`] for want of rights, when its key
    /// was given to another, or when what it refers to is taken out.
    pub async fn restore_record(
        &self,
        register: &str,
        rid: RecordId,
        version: u32,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        let tables = self.tables()?;
        let table = Arc::clone(tables.get(register)?);
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let before = read(tx, &table, rid)
            .await?
            .ok_or_else(|| RecordsError::NoRecord { register: register.to_owned(), rid: rid.0 })?;
        // What it needs is the right it was taken out with, asked as if it were in.
        let shown = Record { retired: false, ..before.record.clone() };
        rights::may_retire(by.caller, table.def(), &shown).map_err(RecordsError::Refused)?;
        if before.record.version != version {
            let current = Box::new(before.record);
            return Err(RecordsError::Stale { register: register.to_owned(), seen: version, current });
        }
        if !before.record.retired {
            return Err(RecordsError::Refused(Refusal::new(
                Why::State,
                format!("编号 {rid} 的记录没有移出，无需恢复"),
                format!("record {rid} of `{register}` is not taken out, so it cannot be taken back"),
            )));
        }
        let record = Record {
            version: version.saturating_add(1),
            changed_at: by.now,
            changed_by: by.caller.name.clone(),
            ..shown
        };
        let kept = derived(tx, &tables, &table, record, by.now.local_date()).await?;
        let record = Store::write_in(tx, &tables, &table, Some(&before.record), kept, "restore", by).await?;
        write.commit(ATTEMPT).await?;
        Ok(record)
    }
}

/// A record with what is worked out of it: its computed fields as they are, its due day, whether it is public.
pub(crate) async fn derived(
    tx: &mut Tx,
    tables: &Tables,
    table: &Table,
    record: Record,
    today: jiff::civil::Date,
) -> Result<Kept, RecordsError> {
    let mut wanted = Wants::default();
    table.model.wants_values(&record.values, &mut wanted);
    let known = guard::look_up(tx, tables, &wanted).await?;
    let public = table.model.is_public(&record.values, record.state.as_deref(), &known);
    let due_on = due(&table.model, &record, today).map(|due| due.on);
    Ok(Kept { due_on, public, record })
}
