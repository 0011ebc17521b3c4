//! `sanggan registers`: what the definition files say of registers.

use std::collections::BTreeMap;

use sanggan_pack::{Pack, reference};

use crate::cli::RegistersVerb;
use crate::exit::Failure;
use crate::output;

/// Where the reference pages lie.
const FOLDER: &str = "docs/reference/registers";

/// Runs one verb.
pub(crate) fn run(pack: &Pack, verb: &RegistersVerb) -> Result<(), Failure> {
    match verb {
        RegistersVerb::Reference => {
            let pages = reference::pages(&pack.registers, &pack.plan).into_iter();
            let pages: BTreeMap<String, String> =
                pages.map(|(file, text)| (format!("{FOLDER}/{file}"), text)).collect();
            output::json(&pages)
        }
    }
}
