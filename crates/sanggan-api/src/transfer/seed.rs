//! Records that a pack brings: put in once, never over what a person changed or took out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use futures::stream;
use sanggan_base::Millis;
use sanggan_pack::{FieldKind, Seed};
use sanggan_records::rights::{Caller, Scope};
use sanggan_records::{Ask, By, Condition, Model, Models, Test, Value};
use sanggan_sheets::Form;
use sanggan_store::Store;
use sanggan_store::records::RecordsError;
use sanggan_store::records::{ImportDone, ImportMatch, ImportMode, ImportPlan, ImportRow};

use super::read::{Content, Met, ReadError, RowReader};

/// Keys looked for at once.
const KEYS: usize = 200;
/// Faults told of one file.
const FAULTS: usize = 20;

/// Says which file of records a pack brings cannot be put in, and why.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It cannot be read.
    #[error("could not read {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: ReadError,
    },
    /// Some of its rows are faulty.
    #[error("could not put in the records of {file}: {}", faults.join("; "))]
    Faults {
        /// The file.
        file: String,
        /// Line, field and fault of the first.
        faults: Vec<String>,
    },
    /// The store failed.
    #[error("could not put in the records of {file}: {source}")]
    Store {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: RecordsError,
    },
}

/// What was put in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Records made, by register.
    pub made: BTreeMap<String, u64>,
}

/// Puts in the records of `seeds` whose keys the registers have never had.
///
/// # Errors
/// [`SeedError`]; the files before it are in.
pub async fn seed(
    store: &Store,
    models: &Arc<Models>,
    seeds: &[Seed],
    now: Millis,
) -> Result<Seeded, SeedError> {
    let mut seeded = Seeded::default();
    let files = in_order(models, seeds);
    let mut done: HashSet<&str> = HashSet::new();
    let mut later: Vec<(&Seed, Vec<usize>)> = Vec::new();
    for (nth, seed) in files.iter().enumerate() {
        let Some(model) = models.get(&seed.register) else { continue };
        let circle = in_circle(model, seeds, &done);
        let made = one(store, model, seed, &circle, now).await?;
        if made > 0 {
            *seeded.made.entry(seed.register.clone()).or_default() += made;
        }
        if !circle.is_empty() {
            later.push((seed, circle));
        }
        if files.get(nth + 1).is_none_or(|next| next.register != seed.register) {
            done.insert(&seed.register);
        }
    }
    for (seed, fields) in later {
        if let Some(model) = models.get(&seed.register) {
            refer(store, model, seed, &fields, now).await?;
        }
    }
    Ok(seeded)
}

/// The fields of a register that refer to registers whose files come later: they are filled when all are in.
fn in_circle(model: &Model, seeds: &[Seed], done: &HashSet<&str>) -> Vec<usize> {
    let def = model.def();
    let waits = |field: &sanggan_pack::Field| match &field.kind {
        FieldKind::Reference { to, .. } => {
            *to != def.id && !done.contains(to.as_str()) && seeds.iter().any(|seed| seed.register == *to)
        }
        _ => false,
    };
    let fields = def.fields.iter().enumerate().filter(|(_, field)| waits(field) && !field.required);
    fields.map(|(nth, _)| nth).collect()
}

/// The files so that what others refer to comes first. Where registers refer to each other in a circle, the one that
/// most others wait for is begun with, of those that can be without what they wait for.
fn in_order<'s>(models: &Models, seeds: &'s [Seed]) -> Vec<&'s Seed> {
    let mut left: BTreeSet<&str> = seeds.iter().map(|seed| seed.register.as_str()).collect();
    let mut ordered: Vec<&str> = Vec::new();
    while !left.is_empty() {
        // What a register waits for, or what it cannot be without.
        let waits = |register: &str, needed: bool| -> Vec<&str> {
            let fields = models.get(register).map(|model| model.def().fields.as_slice()).unwrap_or_default();
            let to = fields.iter().filter_map(|field| match &field.kind {
                FieldKind::Reference { to, .. } if !needed || field.required => {
                    left.get(to.as_str()).copied()
                }
                _ => None,
            });
            to.filter(|to| *to != register).collect()
        };
        let free = left.iter().copied().find(|register| waits(register, false).is_empty());
        let asked_for =
            |register: &str| left.iter().filter(|other| waits(other, false).contains(&register)).count();
        let able = left.iter().copied().filter(|register| waits(register, true).is_empty());
        let Some(next) = free
            .or_else(|| able.max_by_key(|register| asked_for(register)))
            .or_else(|| left.first().copied())
        else {
            break;
        };
        left.remove(next);
        ordered.push(next);
    }
    let of = |register: &&str| {
        let register = (*register).to_owned();
        // What is real before what is made for the demonstration.
        let mut files: Vec<&Seed> = seeds.iter().filter(|seed| seed.register == register).collect();
        files.sort_by_key(|seed| seed.demo);
        files
    };
    ordered.iter().flat_map(of).collect()
}

/// Puts in the rows whose keys were never there, without what stands in the fields of `later`.
async fn one(
    store: &Store,
    model: &Arc<Model>,
    seed: &Seed,
    later: &[usize],
    now: Millis,
) -> Result<u64, SeedError> {
    let rows =
        rows(store, model, seed).map_err(|source| SeedError::Read { file: seed.file.clone(), source })?;
    let there = versions(store, model, seed, &rows).await?;
    let mut fresh: Vec<ImportRow> = rows
        .into_iter()
        .filter(|row| key_of(model, row).is_none_or(|key| !there.contains_key(&key)))
        .collect();
    fresh.iter_mut().for_each(|row| row.keys.retain(|(nth, _)| !later.contains(nth)));
    write(store, model, seed, fresh, ImportMatch::Create, now).await.map(|done| done.created)
}

/// Fills the fields of `fields` in the records of a file that nobody has changed since it was put in.
async fn refer(
    store: &Store,
    model: &Arc<Model>,
    seed: &Seed,
    fields: &[usize],
    now: Millis,
) -> Result<(), SeedError> {
    let rows =
        rows(store, model, seed).map_err(|source| SeedError::Read { file: seed.file.clone(), source })?;
    let there = versions(store, model, seed, &rows).await?;
    let key = model.position(&model.def().key);
    let mut left: Vec<ImportRow> = Vec::new();
    for mut row in rows {
        let new = key_of(model, &row).is_some_and(|text| there.get(&text) == Some(&1));
        row.keys.retain(|(nth, keys)| fields.contains(nth) && !keys.is_empty());
        if new && !row.keys.is_empty() {
            row.values.retain(|(nth, _)| Some(*nth) == key);
            row.state = None;
            left.push(row);
        }
    }
    write(store, model, seed, left, ImportMatch::Upsert, now).await.map(|_| ())
}

fn key_of(model: &Model, row: &ImportRow) -> Option<String> {
    let key = model.position(&model.def().key);
    match row.values.iter().find(|(nth, _)| Some(*nth) == key) {
        Some((_, Value::Text(text))) => Some(text.clone()),
        _ => None,
    }
}

/// The versions of the records with the keys of these rows, taken out or not.
async fn versions(
    store: &Store,
    model: &Model,
    seed: &Seed,
    rows: &[ImportRow],
) -> Result<HashMap<String, u32>, SeedError> {
    let def = model.def();
    let key = model.position(&def.key);
    let failed = |source| SeedError::Store { file: seed.file.clone(), source };
    let keys: Vec<String> = rows.iter().filter_map(|row| key_of(model, row)).collect();
    let mut there = HashMap::new();
    for keys in keys.chunks(KEYS) {
        let ask = Ask {
            conditions: vec![Condition {
                field: def.key.clone(),
                test: Test::In(keys.iter().cloned().map(Value::Text).collect()),
            }],
            retired: true,
            limit: KEYS as u32,
            ..Ask::default()
        };
        let page = store.records(&def.id, &Scope::Areas(Vec::new()), &ask).await.map_err(failed)?;
        for record in page.records {
            if let Some(Value::Text(text)) = key.and_then(|nth| record.values.get(nth)) {
                there.insert(text.clone(), record.version);
            }
        }
    }
    Ok(there)
}

/// Writes all rows or none.
async fn write(
    store: &Store,
    model: &Model,
    seed: &Seed,
    rows: Vec<ImportRow>,
    existing: ImportMatch,
    now: Millis,
) -> Result<ImportDone, SeedError> {
    if rows.is_empty() {
        return Ok(ImportDone::default());
    }
    let file = || seed.file.clone();
    let failed = |source| SeedError::Store { file: file(), source };
    let plan = ImportPlan { existing, mode: ImportMode::AllOrNothing, schematic: seed.demo, faults: FAULTS };
    let caller = Caller::system();
    let by = By { caller: &caller, now, why: &seed.file };
    let rows = stream::iter([rows]);
    let done = store.import_records(&model.def().id, rows, plan, &|_| {}, by).await.map_err(failed)?;
    if done.written {
        return Ok(done);
    }
    let faults = done
        .faults
        .iter()
        .map(|fault| format!("line {}: {} `{}`: {}", fault.line, fault.field, fault.value, fault.en));
    Err(SeedError::Faults { file: file(), faults: faults.collect() })
}

fn rows(store: &Store, model: &Arc<Model>, seed: &Seed) -> Result<Vec<ImportRow>, ReadError> {
    let registry = store.registry();
    let (mut reader, mut rows) = (None, Vec::new());
    let none = BTreeMap::new();
    let content = Content::Table { form: Form::Csv, bytes: seed.csv.clone().into_bytes(), sheet: None };
    content.walk(|met| {
        match met {
            Met::Headings(headings) => {
                reader = Some(RowReader::new(model, Arc::clone(&registry), headings, &none, false)?);
            }
            Met::Row(raw) => rows.extend(reader.as_ref().map(|reader| reader.row(&raw))),
            Met::Bad { line, en, .. } => {
                return Err(ReadError::Row { line, what: en });
            }
        }
        Ok(())
    })?;
    Ok(rows)
}
