//! Checks the definition files of a folder of packs and says how many registers each group has:
//! `cargo run -p sanggan-pack --example check_pack -- packs`

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use sanggan_pack::{Files, Pack};

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "packs".to_owned());
    let read = |name: &str| {
        let (pack, mut files) = (Path::new(&folder).join(name), Files::new());
        collect(&pack, &pack, &mut files);
        files
    };
    match Pack::load(&read("china"), &read("shuozhou")) {
        Err(faults) => {
            println!("{faults}");
            ExitCode::FAILURE
        }
        Ok(pack) => {
            let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for def in pack.registers.all() {
                groups.entry(&def.group).or_default().push(&def.id);
            }
            for (group, ids) in &groups {
                println!("{group:12} {:3}  {}", ids.len(), ids.join(" "));
            }
            let (all, fields) =
                pack.registers.all().fold((0, 0), |(all, fields), def| (all + 1, fields + def.fields.len()));
            println!("{all} registers, {fields} fields, {} files of records; no fault", pack.seeds.len());
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
