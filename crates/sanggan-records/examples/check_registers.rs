//! Checks a folder of packs wholly: definitions, their formulas and patterns, and the records they begin with:
//! `cargo run -p sanggan-records --example check_registers -- packs`

#![allow(clippy::print_stdout)]

use std::path::Path;
use std::process::ExitCode;

use sanggan_pack::{Files, Pack, PackFaults};

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "packs".to_owned());
    let read = |name: &str| {
        let (pack, mut files) = (Path::new(&folder).join(name), Files::new());
        collect(&pack, &pack, &mut files);
        files
    };
    let checked = Pack::load(&read("china"), &read("shuozhou")).and_then(|pack| {
        let faults = sanggan_records::faults_of(&pack);
        if faults.is_empty() { Ok(pack) } else { Err(PackFaults(faults)) }
    });
    match checked {
        Err(faults) => {
            println!("{faults}");
            ExitCode::FAILURE
        }
        Ok(pack) => {
            let records: usize =
                pack.seeds.iter().map(|seed| seed.csv.lines().count().saturating_sub(1)).sum();
            println!("{} registers, about {records} records; no fault", pack.registers.all().count());
            ExitCode::SUCCESS
        }
    }
}

fn collect(pack: &Path, folder: &Path, files: &mut Files) {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("could not read the folder {}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(pack, &path, files);
        } else if path
            .extension()
            .is_some_and(|suffix| suffix == "toml" || suffix == "geojson" || suffix == "csv")
        {
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()));
            files.insert(path.strip_prefix(pack).expect("found there").display().to_string(), text);
        }
    }
}
