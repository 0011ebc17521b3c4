//! Checks the definition files of a folder of packs and says how many registers each group has:
//! `cargo run -p sanggan-pack --example check_pack -- packs`

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use sanggan_pack::{Files, Pack, test_names};

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
            uncarried(&pack);
            coverage(&pack, Path::new(&folder).parent().unwrap_or(Path::new(".")))
        }
    }
}

/// Says which rows of the plan's list no definition names.
fn uncarried(pack: &Pack) {
    let named = |id: &String| pack.registers.all().any(|def| def.rows.contains(id));
    let rows: Vec<&str> = pack.plan.iter().filter(|row| !named(&row.id)).map(|row| row.id.as_str()).collect();
    println!(
        "{} of {} rows of the plan's list are named by no definition: {}",
        rows.len(),
        pack.plan.len(),
        rows.join(" ")
    );
}

/// Holds `coverage.toml` against the tests in the checkout beside the packs.
fn coverage(pack: &Pack, root: &Path) -> ExitCode {
    let exists = |path: &str, name: &str| {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        test_names(path, &text).iter().any(|known| known == name)
    };
    match pack.coverage(&exists) {
        Ok(coverage) => {
            println!("{:?}", coverage.totals);
            ExitCode::SUCCESS
        }
        Err(faults) => {
            println!("{faults}");
            ExitCode::FAILURE
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
