//! Records that a pack brings: put in once, never over what a person changed or took out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use futures::stream;
use sanggan_base::Millis;
use sanggan_pack::{FieldKind, Seed};
use sanggan_records::rights::{Caller, Scope};
use sanggan_records::{Ask, By, Condition, Model, Models, Test, Value};
use sanggan_sheets::Form;
use sanggan_store::Store;
use sanggan_store::records::RecordsError;
use sanggan_store::records::{ImportMatch, ImportMode, ImportPlan, ImportRow};

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
    #[error("could not put in the records of {file}")]
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
    for seed in in_order(models, seeds) {
        let Some(model) = models.get(&seed.register) else { continue };
        let made = one(store, model, seed, now).await?;
        if made > 0 {
            *seeded.made.entry(seed.register.clone()).or_default() += made;
        }
    }
    Ok(seeded)
}

/// The files so that what others refer to comes first; where registers refer to each other in a circle, by name.
fn in_order<'s>(models: &Models, seeds: &'s [Seed]) -> Vec<&'s Seed> {
    let mut left: BTreeSet<&str> = seeds.iter().map(|seed| seed.register.as_str()).collect();
    let mut ordered: Vec<&str> = Vec::new();
    while !left.is_empty() {
        let waits = |register: &str| {
            models.get(register).is_some_and(|model| {
                model.def().fields.iter().any(|field| match &field.kind {
                    FieldKind::Reference { to, .. } => to != register && left.contains(to.as_str()),
                    _ => false,
                })
            })
        };
        let Some(next) =
            left.iter().copied().find(|register| !waits(register)).or_else(|| left.first().copied())
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

async fn one(store: &Store, model: &Arc<Model>, seed: &Seed, now: Millis) -> Result<u64, SeedError> {
    let file = || seed.file.clone();
    let rows = rows(store, model, seed).map_err(|source| SeedError::Read { file: file(), source })?;
    let failed = |source| SeedError::Store { file: file(), source };
    let def = model.def();
    let key = model.position(&def.key);
    let key_of = |row: &ImportRow| {
        let value = row.values.iter().find(|(nth, _)| Some(*nth) == key).map(|(_, value)| value.clone());
        match value {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    };
    let keys: Vec<String> = rows.iter().filter_map(&key_of).collect();
    let mut there: HashSet<String> = HashSet::new();
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
                there.insert(text.clone());
            }
        }
    }
    let fresh: Vec<ImportRow> =
        rows.into_iter().filter(|row| key_of(row).is_none_or(|key| !there.contains(&key))).collect();
    if fresh.is_empty() {
        return Ok(0);
    }
    let plan = ImportPlan {
        existing: ImportMatch::Create,
        mode: ImportMode::AllOrNothing,
        schematic: seed.demo,
        faults: FAULTS,
    };
    let caller = Caller::system();
    let by = By { caller: &caller, now, why: &seed.file };
    let rows = stream::iter([fresh]);
    let done = store.import_records(&def.id, rows, plan, &|_| {}, by).await.map_err(failed)?;
    if done.written {
        return Ok(done.created);
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
