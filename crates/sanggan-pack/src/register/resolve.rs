//! From checked to resolved: what definitions say about each other, about offices and about the plan's rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::field_read::Lists;
use super::read::{self, Draft};
use super::{FieldKind, Office, Registers};
use crate::fault::PackFault;
use crate::pack::{Files, Seed};

/// The folder of shared value lists.
pub(crate) const LISTS: &str = "lists/";
/// The folder of definitions.
pub(crate) const REGISTERS: &str = "registers/";
/// The folders of records that registers begin with; the second one only for the demonstration.
pub(crate) const RECORDS: [&str; 2] = ["records/", "demo/records/"];
/// Departments and groups.
pub(crate) const OFFICE: &str = "office.toml";

/// Everything about registers in the `national` and `city` files; `rows` are the plan's, empty when there is no list.
pub(crate) fn registers(
    national: &Files,
    city: &Files,
    rows: &BTreeSet<&str>,
    faults: &mut Vec<PackFault>,
) -> (Registers, Vec<Seed>) {
    let before = faults.len();
    let mut office = Office::default();
    let mut lists = Lists::new();
    let folders = [("national", national), ("city", city)];
    for (folder, files) in folders {
        if let Some(text) = files.get(OFFICE) {
            read::office(&format!("{folder}/{OFFICE}"), text, &mut office, faults);
        }
        for (name, path, text) in under(files, LISTS, ".toml") {
            let file = format!("{folder}/{path}");
            let values = read::list(&file, text, faults);
            if lists.insert(name.to_owned(), values).is_some() {
                fault(faults, file, "a list of this name is in another file already");
            }
        }
    }
    let mut files_of: BTreeMap<&str, String> = BTreeMap::new();
    let mut drafts: BTreeMap<&str, Draft> = BTreeMap::new();
    for (folder, files) in folders {
        for (id, path, text) in under(files, REGISTERS, ".toml") {
            let file = format!("{folder}/{path}");
            if let Some(other) = files_of.get(id) {
                fault(faults, file, format!("the register `{id}` is in {other} already"));
                continue;
            }
            if let Some(draft) = read::definition(&file, id, text, &lists, faults) {
                drafts.insert(id, draft);
            }
            files_of.insert(id, file);
        }
    }
    for draft in drafts.values() {
        let check = Across { draft, drafts: &drafts, files_of: &files_of, office: &office, rows, faults };
        check.all();
    }
    let mut seeds = Vec::new();
    for (folder, files) in folders {
        for (demo, records) in [(false, RECORDS[0]), (true, RECORDS[1])] {
            for (register, path, csv) in under(files, records, ".csv") {
                let file = format!("{folder}/{path}");
                let seed = Seed { register: register.to_owned(), file, csv: csv.clone(), demo };
                match drafts.get(register) {
                    Some(draft) => heading(&seed, draft, faults),
                    None if files_of.contains_key(register) => {} // its definition has faults of its own
                    None => fault(faults, seed.file.clone(), format!("there is no register `{register}`")),
                }
                seeds.push(seed);
            }
        }
    }
    faults[before..].sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let mut registers = Registers { office, ..Registers::default() };
    for (id, draft) in drafts {
        registers.lines.insert(id.to_owned(), draft.lines);
        registers.by_id.insert(id.to_owned(), Arc::new(draft.def));
    }
    (registers, seeds)
}

/// The files below a folder with a suffix: (stem, path, text).
fn under<'f>(
    files: &'f Files,
    folder: &'f str,
    suffix: &'f str,
) -> impl Iterator<Item = (&'f str, &'f str, &'f String)> {
    files.iter().filter_map(move |(path, text)| {
        let stem = path.strip_prefix(folder)?.strip_suffix(suffix)?;
        Some((stem.rsplit_once('/').map_or(stem, |(_, stem)| stem), path.as_str(), text))
    })
}

fn fault(faults: &mut Vec<PackFault>, file: String, what: impl Into<String>) {
    faults.push(PackFault { file, line: None, key: String::new(), what: what.into() });
}

/// One definition against everything else.
struct Across<'a> {
    draft: &'a Draft,
    drafts: &'a BTreeMap<&'a str, Draft>,
    files_of: &'a BTreeMap<&'a str, String>,
    office: &'a Office,
    rows: &'a BTreeSet<&'a str>,
    faults: &'a mut Vec<PackFault>,
}

impl Across<'_> {
    fn fault(&mut self, key: &str, what: impl Into<String>) {
        self.faults.push(self.draft.lines.fault(key, what));
    }

    fn all(mut self) {
        let def = &self.draft.def;
        if !def.group.is_empty() && !self.office.groups.iter().any(|group| group.id == def.group) {
            let known = known(self.office.groups.iter().map(|group| &group.id));
            self.fault("group", format!("{OFFICE} has no group `{}`; known: {known}", def.group));
        }
        self.departments("department", std::slice::from_ref(&def.department));
        for field in &def.fields {
            self.departments(&format!("field.{}.readers", field.id), &field.readers);
            if let FieldKind::Reference { to, .. } = &field.kind {
                self.reference(&format!("field.{}.to", field.id), to);
            }
        }
        for way in def.lifecycle.iter().flat_map(|lifecycle| &lifecycle.transitions) {
            self.departments(&format!("lifecycle.transition.{}.departments", way.id), &way.departments);
        }
        for row in def.rows.iter().filter(|row| !self.rows.is_empty() && !self.rows.contains(row.as_str())) {
            self.fault("rows", format!("the plan's list has no row `{row}`"));
        }
        self.roles();
    }

    fn departments(&mut self, key: &str, ids: &[String]) {
        for id in ids {
            if !id.is_empty() && !self.office.departments.iter().any(|department| department.id == *id) {
                let known = known(self.office.departments.iter().map(|department| &department.id));
                self.fault(key, format!("{OFFICE} has no department `{id}`; known: {known}"));
            }
        }
    }

    fn reference(&mut self, key: &str, to: &str) {
        match self.files_of.get(to) {
            None if to.is_empty() => {} // already a fault of reading
            None => self.fault(key, format!("there is no register `{to}`")),
            Some(file) if file.starts_with("city/") && self.draft.lines.file.starts_with("national/") => {
                let what = format!("leads to {file}, which other cities don't have; move one of the two");
                self.fault(key, what);
            }
            Some(_) => {}
        }
    }

    /// The definition a reference field leads to, when its file could be read.
    fn target(&self, field: Option<&String>) -> Option<&Draft> {
        match &self.draft.def.field(field?)?.kind {
            FieldKind::Reference { to, .. } => self.drafts.get(to.as_str()),
            _ => None,
        }
    }

    fn roles(&mut self) {
        let def = &self.draft.def;
        if let Some(role) = &def.graph {
            if let Some(target) = self.target(role.into.as_ref())
                && target.def.graph.is_none()
            {
                let what =
                    format!("leads to `{}`, which has no [graph]: the way would end there", target.def.id);
                self.fault("graph.into", what);
            }
            if let Some(target) = self.target(role.on.as_ref())
                && target.def.graph.as_ref().is_none_or(|graph| graph.node != "river")
            {
                let what = format!("leads to `{}`, whose records are no rivers", target.def.id);
                self.fault("graph.on", what);
            }
        }
        if let Some(buffer) = def.zone.as_ref().and_then(|zone| zone.buffer.as_ref())
            && let Some(target) = self.target(Some(&buffer.of))
            && target.def.geometry.is_none()
        {
            let what =
                format!("leads to `{}`, which has no `geometry` to draw the strip along", target.def.id);
            self.fault("zone.buffer.of", what);
        }
    }
}

fn known<'s>(ids: impl Iterator<Item = &'s String>) -> String {
    let ids: Vec<&str> = ids.map(String::as_str).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

/// The first line of a file of records names fields.
fn heading(seed: &Seed, draft: &Draft, faults: &mut Vec<PackFault>) {
    let first = seed.csv.trim_start_matches('\u{feff}').lines().next().unwrap_or("");
    let columns: Vec<&str> = first.split(',').map(|column| column.trim().trim_matches('"')).collect();
    let mut wrong = |key: &str, what: &str| {
        let (file, key) = (seed.file.clone(), key.to_owned());
        faults.push(PackFault { file, line: Some(1), key, what: what.to_owned() });
    };
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            wrong(column, "the column stands twice");
        } else if ["_state", "_schematic"].contains(column) {
            if *column == "_state" && draft.def.lifecycle.is_none() {
                wrong(column, "the register has no lifecycle");
            }
        } else {
            match draft.def.field(column).map(|field| &field.kind) {
                None => wrong(column, &format!("`{}` has no such field", draft.def.id)),
                Some(FieldKind::Computed { .. }) => wrong(column, "is computed; leave the column out"),
                Some(_) => {}
            }
        }
    }
    if !columns.contains(&draft.def.key.as_str()) {
        wrong(&draft.def.key, "the column of the key is missing");
    }
}
