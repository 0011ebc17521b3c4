//! The whole of what a platform's definition files say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::{self, FileCheck};
use crate::coverage::{self, Coverage, PlanRow};
use crate::fault::PackFault;
use crate::register::{self, LISTS, OFFICE, RECORDS, REGISTERS};
use crate::resolve::{self, Context, LimitSets};
use crate::{City, Defaults, MonitorSet, PackFaults, ParameterTable, Registers, embedded};

/// The text files of one pack folder: path relative to the folder → text.
pub type Files = BTreeMap<String, String>;

/// Everything the definition files say, checked and resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The parameter table.
    pub parameters: ParameterTable,
    /// Operational settings.
    pub defaults: Defaults,
    /// The city.
    pub city: City,
    /// The city's real stations, when its pack brings some (`stations.toml`).
    pub stations: MonitorSet,
    /// The simulated city (`demo.toml`), when the pack has one.
    pub demo: Option<MonitorSet>,
    /// The registers, with the offices that keep them.
    pub registers: Arc<Registers>,
    /// Records that registers begin with, as files.
    pub seeds: Vec<Seed>,
    /// The list of what the city's plan asks for, when its pack has one (`plan-rows.toml`).
    pub plan: Vec<PlanRow>,
    coverage: Option<String>,
    law: Vec<(String, String)>,
}

/// A file of records that a register begins with: `records/<register>.csv`, `demo/records/<register>.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// The register's id.
    pub register: String,
    /// The file, relative to the pack's folder (`city/records/rivers.csv`).
    pub file: String,
    /// The text: a header of field ids, then one line for each record.
    pub csv: String,
    /// Only for the demonstration: every record is schematic.
    pub demo: bool,
}

/// What carries each row of the plan's list.
const COVERAGE: &str = "coverage.toml";

/// The plan's list.
const PLAN_ROWS: &str = "plan-rows.toml";

/// The folder of a city's own law in its pack.
const LAW_FOLDER: &str = "law/";

impl Pack {
    /// The pack built into the program: `packs/china` with `packs/shuozhou`.
    ///
    /// # Errors
    /// [`PackFaults`]; a test keeps the built-in files free of them.
    pub fn embedded() -> Result<Pack, PackFaults> {
        Pack::load(&embedded::national(), &embedded::city())
    }

    /// The pack of a city folder's `city` files over the built-in national files.
    ///
    /// # Errors
    /// [`PackFaults`] with every fault of every file.
    pub fn of_city(city: &Files) -> Result<Pack, PackFaults> {
        Pack::load(&embedded::national(), city)
    }

    /// The city's own law, (`dustfall/2021.toml`, text), in the form of the national data files. The pack only carries
    /// it: whoever judges reads and checks it.
    pub fn law_files(&self) -> &[(String, String)] {
        &self.law
    }

    /// What carries each row of the plan's list, from `coverage.toml`. `exists` says whether a file has a test of that
    /// name or title.
    ///
    /// # Errors
    /// [`PackFaults`] when a row is told wrongly, twice or not at all, or claims a definition or test there isn't.
    pub fn coverage(&self, exists: &dyn Fn(&str, &str) -> bool) -> Result<Coverage, PackFaults> {
        let file = format!("city/{COVERAGE}");
        for (name, there) in [(PLAN_ROWS, !self.plan.is_empty()), (COVERAGE, self.coverage.is_some())] {
            if !there {
                let (file, what) = (format!("city/{name}"), "is not there".to_owned());
                return Err(PackFaults(vec![PackFault { file, line: None, key: String::new(), what }]));
            }
        }
        let text = self.coverage.as_deref().unwrap_or_default();
        coverage::coverage(&file, text, &self.plan, &self.registers, exists)
    }

    /// The files of the built-in city, to begin one's own folder from.
    pub fn embedded_city_files() -> Files {
        embedded::city()
    }

    /// The pack of `national` files (`parameters.toml`, `defaults.toml`, `limits.toml`) and `city` files
    /// (`city.toml`, `outline.geojson`, and if there are such `limits.toml`, `stations.toml`, `demo.toml`, `plan-rows.toml`,
    /// `coverage.toml`).
    /// What lies under `law/` of the city is its own law ([`Pack::law_files`]). Both may hold `office.toml`,
    /// `lists/*.toml`, `registers/**/*.toml`, `records/*.csv` and `demo/records/*.csv`; a city adds registers, it
    /// changes none.
    /// Other `.toml`, `.geojson` and `.csv` files are faults: a misspelt name would be passed over in silence.
    ///
    /// # Errors
    /// [`PackFaults`] with every fault of every file.
    pub fn load(national: &Files, city: &Files) -> Result<Pack, PackFaults> {
        let mut faults = Vec::new();
        let list = &mut faults;
        known_files(
            national,
            "national",
            &["parameters.toml", "defaults.toml", "limits.toml", "office.toml"],
            list,
        );
        let optional = ["limits.toml", "stations.toml", "demo.toml", PLAN_ROWS, COVERAGE];
        known_files(city, "city", &[&["city.toml", "outline.geojson"][..], &optional[..]].concat(), list);

        let parameters = needed(national, "national/parameters.toml", list)
            .map(|text| check::parameters(FileCheck::new("national/parameters.toml", text, list)))
            .unwrap_or_default();
        let defaults = needed(national, "national/defaults.toml", list)
            .and_then(|text| check::defaults(FileCheck::new("national/defaults.toml", text, list)));
        let mut place = needed(city, "city/city.toml", list)
            .and_then(|text| check::city(FileCheck::new("city/city.toml", text, list)));
        if let (Some(text), Some(place)) = (needed(city, "city/outline.geojson", list), &mut place) {
            check::outline(FileCheck::new("city/outline.geojson", text, list), place);
            place.outline = text.to_owned();
        }
        let mut limits = LimitSets::new();
        for (files, name) in [(national, "national/limits.toml"), (city, "city/limits.toml")] {
            if let Some(text) = files.get("limits.toml") {
                resolve::limits(FileCheck::new(name, text, list), &parameters, &mut limits);
            }
        }
        let context = Context {
            table: &parameters,
            defaults: defaults.as_ref(),
            city: place.as_ref(),
            limits: &limits,
        };
        let stations = city
            .get("stations.toml")
            .map(|text| resolve::monitors(FileCheck::new("city/stations.toml", text, list), &context, false));
        let demo = city
            .get("demo.toml")
            .map(|text| resolve::monitors(FileCheck::new("city/demo.toml", text, list), &context, true));
        let plan = city
            .get(PLAN_ROWS)
            .map(|text| coverage::plan_rows(&format!("city/{PLAN_ROWS}"), text, list))
            .unwrap_or_default();
        let rows: BTreeSet<&str> = plan.iter().map(|row| row.id.as_str()).collect();
        let (registers, seeds) = register::registers(national, city, &rows, list);
        match (defaults, place) {
            (Some(defaults), Some(place)) if faults.is_empty() => {
                let law = files_of_law(city);
                let stations = stations.unwrap_or_default();
                let registers = Arc::new(registers);
                let coverage = city.get(COVERAGE).cloned();
                Ok(Pack {
                    parameters,
                    defaults,
                    city: place,
                    stations,
                    demo,
                    registers,
                    seeds,
                    plan,
                    coverage,
                    law,
                })
            }
            _ => Err(PackFaults(faults)),
        }
    }
}

/// The text of a file that must be there; `path` begins with the name of the folder.
fn needed<'f>(files: &'f Files, path: &str, faults: &mut Vec<PackFault>) -> Option<&'f str> {
    let name = path.split_once('/').map_or(path, |(_, name)| name);
    let text = files.get(name).map(String::as_str);
    if text.is_none() {
        let what = "is not there".to_owned();
        faults.push(PackFault { file: path.to_owned(), line: None, key: String::new(), what });
    }
    text
}

/// Files that are read but not one of these are faults: a misspelt name would be passed over in silence.
fn known_files(files: &Files, folder: &str, known: &[&str], faults: &mut Vec<PackFault>) {
    let below = |path: &str, folder: &str, suffix: &str| path.starts_with(folder) && path.ends_with(suffix);
    for path in files.keys() {
        if folder == "city" && path.starts_with(LAW_FOLDER) {
            continue;
        }
        let of_registers = path == OFFICE
            || below(path, LISTS, ".toml")
            || below(path, REGISTERS, ".toml")
            || RECORDS.iter().any(|records| below(path, records, ".csv"));
        let is_definition = [".toml", ".geojson", ".csv"].iter().any(|suffix| path.ends_with(suffix));
        if is_definition && !of_registers && !known.contains(&path.as_str()) {
            let what = format!(
                "no such file is read; known: {}, {OFFICE}, {LISTS}*.toml, {REGISTERS}**/*.toml, {}*.csv, {}*.csv",
                known.join(", "),
                RECORDS[0],
                RECORDS[1],
            );
            let file = format!("{folder}/{path}");
            faults.push(PackFault { file, line: None, key: String::new(), what });
        }
    }
}

fn files_of_law(city: &Files) -> Vec<(String, String)> {
    let law = city
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(LAW_FOLDER)?.to_owned(), text.clone())));
    law.collect()
}
