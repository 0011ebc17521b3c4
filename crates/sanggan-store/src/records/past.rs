//! What happened to records, and what they were.
//!
//! Every journal entry of a record holds the whole of it as it was then; so a record at a moment is its last entry up
//! to that moment, and a register at a moment is its table without what was changed since, and of that the entries.

use jiff::Timestamp;
use sanggan_base::Millis;
use sanggan_records::{Model, Record, RecordId, Value, from_canonical};
use serde_json::Value as Json;

use super::act::{derived, subject_kind};
use super::question::Question;
use super::row::{Kept, tidy};
use super::table::Table;
use super::{FieldChange, RecordEvent, RecordsError};
use crate::db::{Arg, args};
use crate::{Event, Store, StoreError, journal};

const ATTEMPT: &str = "read what records were";
/// Records of one statement.
const AT_ONCE: usize = 500;

/// Records of a register that were something else, and are in the answer as what they were.
pub(crate) struct Apart {
    pub(crate) fitting: Vec<Kept>,
}

/// The records changed since a moment, as they were then, that fit a question.
pub(crate) async fn apart(
    store: &Store,
    table: &Table,
    question: &Question<'_>,
    moment: Millis,
) -> Result<Apart, RecordsError> {
    let sql = format!("SELECT rid FROM \"{}\" WHERE changed_at > ? ORDER BY rid", table.name);
    let rows = store.db().fetch(ATTEMPT, sql, args![moment]).await?;
    let rids = rows.iter().map(|row| row.int("rid").map(RecordId)).collect::<Result<Vec<_>, _>>()?;
    let mut fitting = entries(store, table, &rids, moment).await?;
    fitting.retain(|kept| question.fits(kept));
    Ok(Apart { fitting })
}

/// Records as they were at a moment; those that were not made yet are left out.
pub(crate) async fn at(
    store: &Store,
    table: &Table,
    rids: &[RecordId],
    moment: Millis,
) -> Result<Vec<Kept>, RecordsError> {
    let (same, changed): (Vec<Kept>, Vec<Kept>) =
        store.kept(table, rids).await?.into_iter().partition(|kept| kept.record.changed_at <= moment);
    let changed: Vec<RecordId> = changed.iter().map(|kept| kept.record.id).collect();
    let mut out = same;
    out.extend(entries(store, table, &changed, moment).await?);
    Ok(out)
}

/// The last entries of records up to a moment.
async fn entries(
    store: &Store,
    table: &Table,
    rids: &[RecordId],
    moment: Millis,
) -> Result<Vec<Kept>, RecordsError> {
    let kind = subject_kind(table.id());
    let mut records = Vec::new();
    for some in rids.chunks(AT_ONCE) {
        let these = vec!["?"; some.len()].join(", ");
        let sql = format!(
            "SELECT * FROM event WHERE id IN (SELECT max(id) FROM event WHERE subject_kind = ? AND subject IN ({these}) \
             AND at <= ? GROUP BY subject)"
        );
        let mut args = args![kind.as_str()];
        args.extend(some.iter().map(|id| Arg::from(id.to_string())));
        args.push(Arg::from(moment));
        for row in store.db().fetch(ATTEMPT, sql, args).await? {
            let event = journal::event(&row)?;
            records.push(record(&table.model, &event)?);
        }
    }
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let tables = store.tables()?;
    let mut tx = store.db().snapshot(ATTEMPT).await?;
    let mut out = Vec::with_capacity(records.len());
    for record in records {
        out.push(derived(&mut tx, &tables, table, record, moment.local_date()).await?);
    }
    Ok(out)
}

fn corrupt(event: &Event) -> StoreError {
    let text = event.after.as_ref().map(Json::to_string).unwrap_or_default();
    StoreError::Corrupt { what: "a journal entry of a record", text: format!("{}: {text}", event.id) }
}

/// A record from its journal entry. Fields that have other names since are found by what they were.
fn record(model: &Model, event: &Event) -> Result<Record, StoreError> {
    let after = event.after.as_ref().ok_or_else(|| corrupt(event))?;
    let text = |key: &str| after.get(key).and_then(Json::as_str).map(str::to_owned);
    let moment = |key: &str| {
        let text = after.get(key)?.as_str()?;
        text.parse::<Timestamp>().ok().map(|it| Millis(it.as_millisecond()))
    };
    let mut values = model.blank();
    for (position, (field, slot)) in model.def().fields.iter().zip(&mut values).enumerate() {
        let values = after.get("values");
        let found =
            values.and_then(|values| values.get(&field.id).or_else(|| values.get(field.was.as_deref()?)));
        if let Some(json) = found {
            *slot = value(model, position, json);
        }
    }
    tidy(&mut values);
    Ok(Record {
        id: RecordId(event.subject.parse().map_err(|_| corrupt(event))?),
        version: after
            .get("version")
            .and_then(Json::as_u64)
            .and_then(|it| it.try_into().ok())
            .ok_or_else(|| corrupt(event))?,
        state: text("state"),
        state_since: moment("state_since"),
        changed_at: moment("changed_at").unwrap_or(event.at),
        changed_by: text("changed_by").unwrap_or_else(|| event.actor.clone()),
        schematic: after.get("schematic").and_then(Json::as_bool).unwrap_or(false),
        retired: after.get("retired").and_then(Json::as_bool).unwrap_or(false),
        values,
    })
}

/// A value as the field holds it now: one that was single may be a list since, a word a text.
fn value(model: &Model, field: usize, json: &Json) -> Value {
    from_canonical(model, field, json)
        .or_else(|| from_canonical(model, field, &Json::Array(vec![json.clone()])))
        .unwrap_or(Value::Null)
}

/// A value of a field that is no more.
fn loose(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().map_or(Value::Null, Value::Number), Value::Integer)
        }
        Json::Bool(yes) => Value::Boolean(*yes),
        Json::Array(items) => Value::Texts(
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect(),
        ),
        Json::Null | Json::Object(_) => Value::Null,
    }
}

fn typed(model: &Model, id: &str, json: Option<&Json>) -> Value {
    let json = json.unwrap_or(&Json::Null);
    let position = model
        .position(id)
        .or_else(|| model.def().fields.iter().position(|field| field.was.as_deref() == Some(id)));
    match position {
        Some(position) if !json.is_null() => value(model, position, json),
        _ => loose(json),
    }
}

fn happened(table: &Table, event: Event) -> RecordEvent {
    let model = &table.model;
    let changes = match &event.changes {
        Some(Json::Array(changes)) => changes
            .iter()
            .filter_map(|change| {
                let id = change.get("field")?.as_str()?;
                Some(FieldChange {
                    field: id.to_owned(),
                    before: typed(model, id, change.get("before")),
                    after: typed(model, id, change.get("after")),
                })
            })
            .collect(),
        _ => {
            let values = event.after.as_ref().and_then(|after| after.get("values")).and_then(Json::as_object);
            let mut first: Vec<FieldChange> = values
                .into_iter()
                .flatten()
                .map(|(id, json)| FieldChange {
                    field: id.clone(),
                    before: Value::Null,
                    after: typed(model, id, Some(json)),
                })
                .collect();
            first.sort_by_key(|change| model.position(&change.field).unwrap_or(usize::MAX));
            first
        }
    };
    RecordEvent {
        seq: event.id,
        at: event.at,
        who: event.actor,
        action: event.action.strip_prefix("record.").unwrap_or(&event.action).to_owned(),
        why: event.why,
        version: event.version.and_then(|version| version.try_into().ok()).unwrap_or_default(),
        changes,
    }
}

impl Store {
    /// What happened to a record, the newest first. Who may ask is [`Store::read_record`]'s to say.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn record_history(
        &self,
        register: &str,
        rid: RecordId,
    ) -> Result<Vec<RecordEvent>, RecordsError> {
        let tables = self.tables()?;
        let table = tables.get(register)?;
        let sql = "SELECT * FROM event WHERE subject_kind = ? AND subject = ? ORDER BY id DESC";
        let args = args![subject_kind(register), rid.to_string()];
        let rows = self.db().fetch("read the history of a record", sql, args).await?;
        rows.iter().map(|row| Ok(happened(table, journal::event(row)?))).collect()
    }
}
