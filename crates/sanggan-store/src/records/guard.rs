//! What only the tables can tell of a record: that it refers to what is there, is unique, and is not referred to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sanggan_records::{Fault, Known, Link, Record, RecordId, Value, Wants};

use super::RecordsError;
use super::put::numbers;
use super::row::text_of;
use super::table::{Column, Table, Tables};
use crate::db::{Arg, Tx, args};

/// Values of one `IN (…)`.
const VALUES: usize = 1_000;

/// What a record was and shall be.
pub(crate) struct Step<'a> {
    /// `None`: it is new, or comes back.
    pub(crate) before: Option<&'a Record>,
    pub(crate) after: &'a Record,
}

/// Looks up what a model wants to know. Records taken out are known by number and not by key.
pub(crate) async fn look_up(tx: &mut Tx, tables: &Tables, wants: &Wants) -> Result<Known, RecordsError> {
    const ATTEMPT: &str = "look up what a record refers to";
    let mut known = Known::default();
    for (register, keys) in &wants.keys {
        for (key, id) in by_key(tx, tables.get(register)?, keys.iter()).await? {
            known.add_record(register, id, &key);
        }
    }
    for (register, ids) in &wants.ids {
        let table = tables.get(register)?;
        let key = table.column(table.key);
        for ids in ids.iter().collect::<Vec<_>>().chunks(VALUES) {
            let ids = numbers(ids.iter().map(|id| id.0));
            let sql = format!("SELECT rid, {key} AS key FROM \"{}\" WHERE rid IN ({ids})", table.name);
            for row in tx.fetch(ATTEMPT, sql, args![]).await? {
                let key: Option<String> = row.optional("key")?;
                known.add_record(register, RecordId(row.int("rid")?), &key.unwrap_or_default());
            }
        }
    }
    let attachments: Vec<&String> = wants.attachments.iter().collect();
    for some in attachments.chunks(VALUES) {
        let sql = format!("SELECT hash FROM attachment WHERE hash IN ({})", vec!["?"; some.len()].join(", "));
        for row in tx.fetch(ATTEMPT, sql, some.iter().map(|hash| Arg::from(*hash)).collect()).await? {
            known.add_attachment(&row.text("hash")?);
        }
    }
    let stations: Vec<&String> = wants.stations.iter().collect();
    for some in stations.chunks(VALUES) {
        let sql = format!("SELECT code FROM station WHERE code IN ({})", vec!["?"; some.len()].join(", "));
        for row in tx.fetch(ATTEMPT, sql, some.iter().map(|code| Arg::from(*code)).collect()).await? {
            known.add_station(&row.text("code")?);
        }
    }
    Ok(known)
}

/// The numbers of records with these keys, not taken out.
pub(crate) async fn by_key(
    tx: &mut Tx,
    table: &Table,
    keys: impl Iterator<Item = &String>,
) -> Result<HashMap<String, RecordId>, RecordsError> {
    let key = table.column(table.key);
    let keys: Vec<&String> = keys.collect();
    let mut found = HashMap::new();
    for some in keys.chunks(VALUES) {
        let these = vec!["?"; some.len()].join(", ");
        let sql = format!(
            "SELECT rid, {key} AS key FROM \"{}\" WHERE NOT retired AND {key} IN ({these})",
            table.name
        );
        let args = some.iter().map(|key| Arg::from(*key)).collect();
        for row in tx.fetch("look up records by key", sql, args).await? {
            found.insert(row.text("key")?, RecordId(row.int("rid")?));
        }
    }
    Ok(found)
}

/// What an import has found out already, in the same transaction.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The keys are unique.
    pub(crate) keys: bool,
    /// Records that are there and not taken out, by register.
    pub(crate) there: HashMap<String, HashSet<RecordId>>,
}

/// Faults of each record, in the order given.
pub(crate) async fn faults(
    tx: &mut Tx,
    tables: &Tables,
    table: &Table,
    steps: &[Step<'_>],
    found: &Found,
) -> Result<Vec<Vec<Fault>>, RecordsError> {
    let mut faults: Vec<Vec<Fault>> = steps.iter().map(|_| Vec::new()).collect();
    references(tx, tables, table, steps, found, &mut faults).await?;
    for group in table.unique.iter().skip(usize::from(found.keys)) {
        unique(tx, table, group, steps, &mut faults).await?;
    }
    Ok(faults)
}

fn ids(value: &Value) -> &[RecordId] {
    match value {
        Value::Reference(id) => std::slice::from_ref(id),
        Value::References(ids) => ids,
        _ => &[],
    }
}

async fn references(
    tx: &mut Tx,
    tables: &Tables,
    table: &Table,
    steps: &[Step<'_>],
    known: &Found,
    faults: &mut [Vec<Fault>],
) -> Result<(), RecordsError> {
    // Only what was not there before: a reference to a record that was taken out may stay.
    let mut wanted: BTreeMap<&str, BTreeSet<RecordId>> = BTreeMap::new();
    let mut each: Vec<(usize, usize, &str, RecordId)> = Vec::new();
    for (nth, step) in steps.iter().enumerate() {
        for (field, column) in table.columns.iter().enumerate() {
            let (Column::Ref(to) | Column::Refs(to, _)) = column else { continue };
            let before = step.before.map(|before| ids(&before.values[field])).unwrap_or_default();
            let known = known.there.get(to);
            let new = |id: &&RecordId| !before.contains(id) && !known.is_some_and(|known| known.contains(id));
            for id in ids(&step.after.values[field]).iter().filter(new) {
                wanted.entry(to).or_default().insert(*id);
                each.push((nth, field, to, *id));
            }
        }
    }
    let mut there: BTreeMap<&str, BTreeSet<RecordId>> = BTreeMap::new();
    for (to, ids) in wanted {
        let target = tables.get(to)?;
        let found = there.entry(to).or_default();
        for some in ids.into_iter().collect::<Vec<_>>().chunks(VALUES) {
            let some = numbers(some.iter().map(|id| id.0));
            let sql = format!("SELECT rid FROM \"{}\" WHERE NOT retired AND rid IN ({some})", target.name);
            for row in tx.fetch("look up what a record refers to", sql, args![]).await? {
                found.insert(RecordId(row.int("rid")?));
            }
        }
    }
    for (nth, field, to, id) in each {
        if !there.get(to).is_some_and(|found| found.contains(&id)) {
            let field = &table.def().fields[field];
            let to = &tables.get(to)?.def().name;
            faults[nth].push(Fault::new(
                &field.id,
                "reference",
                format!("{}：“{}”没有编号为 {id} 的记录，或已移出；请另选一条", field.name.zh, to.zh),
                format!(
                    "{}: `{}` has no record {id}, or it was taken out; choose another",
                    field.name.en, to.en
                ),
            ));
        }
    }
    Ok(())
}

async fn unique(
    tx: &mut Tx,
    table: &Table,
    group: &[usize],
    steps: &[Step<'_>],
    faults: &mut [Vec<Fault>],
) -> Result<(), RecordsError> {
    let dialect = tx.dialect();
    let key = |record: &Record| -> Option<Vec<Arg>> {
        let key: Vec<Arg> =
            group.iter().map(|&field| table.columns[field].arg(&record.values[field])).collect();
        (!key.iter().any(|it| matches!(it, Arg::Null(_) | Arg::Shape(_)))).then_some(key)
    };
    if group.iter().any(|&field| table.columns[field].sql_type(dialect).is_none()) {
        return Ok(());
    }
    // Who has a key now; the records of this batch give theirs up or take them in the order given.
    let mut wanted: Vec<(usize, Vec<Arg>)> = Vec::new();
    for (nth, step) in steps.iter().enumerate() {
        let Some(after) = key(step.after).filter(|_| !step.after.retired) else { continue };
        if step.before.and_then(key).as_ref() != Some(&after) {
            wanted.push((nth, after));
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let one = format!(
        "({})",
        group.iter().map(|&field| table.columns[field].placeholder(dialect)).collect::<Vec<_>>().join(", ")
    );
    let columns = group.iter().map(|&field| table.column(field)).collect::<Vec<_>>().join(", ");
    let mut held: HashMap<String, (RecordId, String)> = HashMap::new();
    for some in wanted.chunks((VALUES / group.len()).max(1)) {
        let these = vec![one.as_str(); some.len()].join(", ");
        let within = if group.len() == 1 {
            format!("{columns} IN ({})", vec![one.as_str(); some.len()].join(", "))
        } else {
            format!("({columns}) IN (VALUES {these})")
        };
        let sql = format!(
            "SELECT {} FROM \"{}\" t WHERE NOT t.retired AND {within}",
            table.selected(dialect),
            table.name
        );
        let args = some.iter().flat_map(|(_, key)| key.clone()).collect();
        for row in tx.fetch("look whether a record is unique", sql, args).await? {
            let other = table.read(&row)?.record;
            if let Some(key) = key(&other) {
                held.insert(format!("{key:?}"), (other.id, table.link(&other).title));
            }
        }
    }
    for (nth, key) in wanted {
        let own = steps[nth].after;
        let word = format!("{key:?}");
        match held.get(&word) {
            Some((other, name)) if *other != own.id || own.id.0 == 0 => {
                faults[nth].push(not_unique(table, group, &own.values, *other, name));
            }
            _ => {
                held.insert(word, (own.id, table.link(own).title));
            }
        }
    }
    Ok(())
}

pub(crate) fn not_unique(
    table: &Table,
    group: &[usize],
    own: &[Value],
    other: RecordId,
    name: &str,
) -> Fault {
    let fields: Vec<_> = group.iter().map(|&field| &table.def().fields[field]).collect();
    let zh = fields.iter().map(|field| field.name.zh.as_str()).collect::<Vec<_>>().join("、");
    let en = fields.iter().map(|field| field.name.en.as_str()).collect::<Vec<_>>().join(", ");
    let value = group.iter().map(|&field| text_of(&own[field])).collect::<Vec<_>>().join(", ");
    let (who_zh, who_en) = if other.0 == 0 {
        (format!("同批的另一条记录（{name}）"), format!("another record of the same batch ({name})"))
    } else {
        (format!("编号 {other} 的记录（{name}）"), format!("record {other} ({name})"))
    };
    let field = fields.first().map(|field| field.id.as_str()).unwrap_or_default();
    Fault::new(
        field,
        "unique",
        format!("{zh}“{value}”已用于{who_zh}，请改用其他值"),
        format!("{en}: `{value}` is that of {who_en} already; give another"),
    )
}

/// How many records that are not taken out refer to one, and the first of them.
pub(crate) async fn referring(
    tx: &mut Tx,
    tables: &Tables,
    table: &Table,
    rid: RecordId,
) -> Result<(u64, Vec<Link>), RecordsError> {
    const ATTEMPT: &str = "look what refers to a record";
    let (mut total, mut first) = (0, Vec::new());
    for (register, field) in tables.leading.get(table.id()).into_iter().flatten() {
        let other = tables.get(register)?;
        let condition = leads(other, *field);
        let others = if register == table.id() { format!(" AND t.rid <> {}", rid.0) } else { String::new() };
        let sql =
            format!("SELECT count(*) FROM \"{}\" t WHERE NOT t.retired AND {condition}{others}", other.name);
        let count: i64 = tx.scalar(ATTEMPT, sql, args![rid.0]).await?.unwrap_or(0);
        total += count.unsigned_abs();
        if count > 0 && first.len() < 5 {
            let sql = format!(
                "SELECT {} FROM \"{}\" t WHERE NOT t.retired AND {condition}{others} ORDER BY t.rid LIMIT 5",
                other.selected(tx.dialect()),
                other.name
            );
            for row in tx.fetch(ATTEMPT, sql, args![rid.0]).await? {
                first.push(other.link(&other.read(&row)?.record));
            }
        }
    }
    first.truncate(5);
    Ok((total, first))
}

/// The condition that a record leads somewhere through a field; one argument, the number there.
pub(crate) fn leads(table: &Table, field: usize) -> String {
    match &table.columns[field] {
        Column::Refs(_, links) => format!("t.rid IN (SELECT rid FROM \"{links}\" WHERE target = ?)"),
        _ => format!("t.{} = ?", table.column(field)),
    }
}
