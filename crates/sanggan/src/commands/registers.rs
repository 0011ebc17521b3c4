//! `sanggan registers`: what the definition files say of registers.

use std::collections::BTreeMap;

use sanggan_pack::{Pack, PackFaults, reference};

use crate::cli::{Format, RegistersVerb};
use crate::exit::Failure;
use crate::output;

/// Where the reference pages lie.
const FOLDER: &str = "docs/reference/registers";

/// Runs one verb.
pub(crate) fn run(pack: &Pack, verb: &RegistersVerb, format: Format) -> Result<(), Failure> {
    match verb {
        RegistersVerb::Check => check(pack, format),
        RegistersVerb::Reference => {
            let pages = reference::pages(&pack.registers, &pack.plan).into_iter();
            let pages: BTreeMap<String, String> =
                pages.map(|(file, text)| (format!("{FOLDER}/{file}"), text)).collect();
            output::json(&pages)
        }
    }
}

#[derive(serde::Serialize)]
struct Checked {
    registers: usize,
    fields: usize,
    files_of_records: usize,
}

fn check(pack: &Pack, format: Format) -> Result<(), Failure> {
    let faults = sanggan_records::faults_of(pack);
    if !faults.is_empty() {
        return Err(PackFaults(faults).into());
    }
    let checked = Checked {
        registers: pack.registers.all().count(),
        fields: pack.registers.all().map(|def| def.fields.len()).sum(),
        files_of_records: pack.seeds.len(),
    };
    match format {
        Format::Json => output::json(&checked),
        Format::Text => output::text(&format!(
            "{} registers with {} fields and {} files of records: no fault\n",
            checked.registers, checked.fields, checked.files_of_records
        )),
    }
}
