//! `sanggan coverage`: the plan's rows, and claims that do not hold. `sanggan registers check`: definitions that do not.

use std::path::{Path, PathBuf};

use crate::{json, run};

/// The built-in city's folder, laid out for one's own.
fn city(into: &Path) -> PathBuf {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shuozhou");
    let folder = into.join("city");
    copy(&built_in, &folder);
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn every_row_of_the_plan_is_told_once_and_every_claim_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let coverage = json(folder.path(), &["coverage"]);
    let rows = coverage["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 243);
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row["id"], format!("S{:03}", index + 1));
        let works = row["state"] == "working";
        let tested = !row["test"].as_array().expect("tests").is_empty();
        assert!(!works || tested, "{row}");
        assert!(works || !row["reason"]["zh"].as_str().unwrap_or_default().is_empty(), "{row}");
    }
    let totals = &coverage["totals"];
    let sum: u64 = ["working", "partial", "planned"].iter().filter_map(|state| totals[state].as_u64()).sum();
    assert_eq!((totals["rows"].as_u64(), sum), (Some(243), 243));
    let table = run(folder.path(), &["coverage", "--format", "table", "--lang", "en"]);
    assert!(table.status.success(), "{}", table.stderr);
    assert!(table.stdout.lines().count() == 244 && table.stderr.contains("243 rows: "), "{}", table.stderr);
}

#[test]
fn a_claim_that_does_not_hold_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let city = city(folder.path());
    let claim = "version = 1\n[[row]]\nid = \"S001\"\nstate = \"working\"\ndefinition = [\"nothing\"]\n\
                 test = [\"crates/sanggan/tests/program/coverage.rs::nobody_wrote_this\"]\n";
    std::fs::write(city.join("coverage.toml"), claim).expect("written");
    let setting = format!("packs.city={}", city.display());
    let ran = run(folder.path(), &["coverage", "--format", "json", "--set", &setting]);
    assert!(!ran.status.success() && ran.stdout.is_empty(), "{}", ran.stdout);
    for fault in [
        "row.S001.definition: there is no register `nothing`",
        "S243: nothing is said of this row",
        "row.S001.test: there is no test `nobody_wrote_this` in crates/sanggan/tests/program/coverage.rs",
    ] {
        assert!(ran.stderr.contains(fault), "{}", ran.stderr);
    }
}

#[test]
fn definitions_of_a_folder_are_checked_with_the_records_they_begin_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let built_in = json(folder.path(), &["registers", "check"]);
    assert!(built_in["registers"].as_u64() > Some(100), "{built_in}");
    let city = city(folder.path());
    std::fs::create_dir_all(city.join("registers/own")).expect("a folder");
    let definition = "version = 1\nname = { zh = \"井\", en = \"Wells\" }\nabout = { zh = \"井。\", en = \"Wells.\" }\n\
        reason = { zh = \"试\", en = \"To try\" }\ngroup = \"water\"\ndepartment = \"water\"\nsources = [\"a form\"]\n\
        key = \"code\"\ntitle = \"code\"\nlist = [\"code\"]\n[[field]]\nid = \"code\"\n\
        name = { zh = \"编号\", en = \"Code\" }\ntype = \"text\"\npattern = '[A-Z]+'\n";
    let file = city.join("registers/own/own-wells.toml");
    std::fs::write(&file, definition).expect("written");
    std::fs::create_dir_all(city.join("records")).expect("a folder");
    std::fs::write(city.join("records/own-wells.csv"), "code\nA\nb\n").expect("written");
    let setting = format!("packs.city={}", city.display());
    let check = |wanted: &str| {
        let ran = run(folder.path(), &["registers", "check", "--set", &setting]);
        assert!(!ran.status.success() && ran.stderr.contains(wanted), "{}", ran.stderr);
    };
    check("city/records/own-wells.csv:3: code: ");
    std::fs::write(&file, definition.replace("'[A-Z]+'", "'[A-Z'")).expect("written");
    check("city/registers/own/own-wells.toml:15: field.code.pattern: ");
    std::fs::write(&file, definition.replace("type = \"text\"", "type = \"words\"")).expect("written");
    check("city/registers/own/own-wells.toml:14: field.code.type: there is no type `words`");
}
