//! Whether a pack can be worked with as a whole: every formula and pattern compiles, and every record that its
//! registers begin with reads, refers to records there are, and is complete.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanggan_pack::{Pack, PackFault, Seed};

use crate::{Codes, Known, Model, Models, RecordId, Value};

/// Columns of a file of records that are no fields.
const STATE: &str = "_state";
const SCHEMATIC: &str = "_schematic";

/// Everything in a pack's registers and their records that cannot be worked with, with file and line.
pub fn faults_of(pack: &Pack) -> Vec<PackFault> {
    let codes = Arc::new(Codes::of(&pack.parameters, &pack.city));
    let models = match Models::new(&pack.registers, &codes) {
        Ok(models) => models,
        Err(faults) => {
            let told =
                faults.into_iter().map(|fault| pack.registers.fault(&fault.register, &fault.key, fault.what));
            return told.collect();
        }
    };
    let mut faults = Vec::new();
    let tables: Vec<(&Seed, Table)> =
        pack.seeds.iter().filter_map(|seed| Some((seed, Table::read(seed, &mut faults)?))).collect();
    // A real record may not lead to one that only the demonstration has.
    let real = known(pack, &models, &tables, false, &mut Vec::new());
    let all = known(pack, &models, &tables, true, &mut faults);
    for (seed, table) in &tables {
        if let Some(model) = models.get(&seed.register) {
            rows(model, seed, table, if seed.demo { &all } else { &real }, &mut faults);
        }
    }
    faults
}

/// A file of records, cut into cells.
struct Table {
    columns: Vec<String>,
    /// (line, cells)
    rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    fn read(seed: &Seed, faults: &mut Vec<PackFault>) -> Option<Table> {
        let text = seed.csv.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let columns: Vec<String> =
            reader.headers().ok()?.iter().map(|column| column.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, |position| position.line() as usize);
                    if record.len() != columns.len() {
                        let what = format!("has {} cells, the header has {}", record.len(), columns.len());
                        faults.push(at(seed, line, "", what));
                    }
                    rows.push((line, record.iter().map(str::to_owned).collect()));
                }
                Err(error) => faults.push(at(seed, 0, "", error.to_string())),
            }
        }
        Some(Table { columns, rows })
    }
}

fn at(seed: &Seed, line: usize, key: &str, what: impl Into<String>) -> PackFault {
    let line = (line > 0).then_some(line);
    PackFault { file: seed.file.clone(), line, key: key.to_owned(), what: what.into() }
}

/// The records there will be, each under its key; a key twice is a fault.
fn known(
    pack: &Pack,
    models: &Models,
    tables: &[(&Seed, Table)],
    demo: bool,
    faults: &mut Vec<PackFault>,
) -> Known {
    let mut known = Known::default();
    let sets = [Some(&pack.stations), pack.demo.as_ref()];
    for station in sets.into_iter().flatten().flat_map(|set| &set.stations) {
        known.add_station(station.code.as_str());
    }
    let mut seen: BTreeMap<(&str, String), String> = BTreeMap::new();
    let mut next = 0;
    for (seed, table) in tables.iter().filter(|(seed, _)| demo || !seed.demo) {
        let Some(model) = models.get(&seed.register) else { continue };
        let Some(column) = table.columns.iter().position(|column| *column == model.def().key) else {
            continue;
        };
        for (line, cells) in &table.rows {
            let key = cells.get(column).map(|cell| cell.trim()).unwrap_or_default();
            if key.is_empty() {
                continue; // a fault of its row
            }
            next += 1;
            known.add_record(&seed.register, RecordId(next), key);
            let place = format!("{}:{line}", seed.file);
            if let Some(other) = seen.insert((&seed.register, key.to_owned()), place) {
                faults.push(at(seed, *line, &model.def().key, format!("`{key}` is in {other} already")));
            }
        }
    }
    known
}

/// Reads and checks every row.
fn rows(model: &Model, seed: &Seed, table: &Table, known: &Known, faults: &mut Vec<PackFault>) {
    let states = model.def().lifecycle.as_ref();
    for (line, cells) in &table.rows {
        let mut values: Vec<Value> = model.blank();
        let mut state = states.map(|lifecycle| lifecycle.start.clone());
        let mut readable = true;
        for (column, cell) in table.columns.iter().zip(cells) {
            let cell = cell.trim();
            let mut wrong = |what: String| {
                faults.push(at(seed, *line, column, what));
                readable = false;
            };
            if column == SCHEMATIC {
                if !["", "true", "false"].contains(&cell) {
                    wrong(format!("`{cell}` is neither true nor false"));
                }
            } else if column == STATE {
                let is_state = |id: &str| {
                    states.is_some_and(|lifecycle| lifecycle.states.iter().any(|state| state.id == id))
                };
                if is_state(cell) {
                    state = Some(cell.to_owned());
                } else if !cell.is_empty() {
                    wrong(format!("there is no state `{cell}`"));
                }
            } else if let Some(field) = model.position(column) {
                match model.read_text(field, cell, known) {
                    Ok(value) => values[field] = value,
                    Err(fault) => wrong(fault.en),
                }
            }
        }
        if readable {
            model.compute(&mut values, state.as_deref(), known);
            let wrong = model.check(&values, state.as_deref(), known);
            faults.extend(wrong.into_iter().map(|fault| at(seed, *line, &fault.field, fault.en)));
        }
    }
}
