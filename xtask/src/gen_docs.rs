//! What is generated from the program: the OpenAPI document and the reference pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// (file, arguments of the binary whose standard output it is)
const GENERATED: &[(&str, &[&str])] = &[
    ("openapi/sanggan-v1.json", &["api", "describe"]),
    ("docs/reference/config.md", &["config", "reference"]),
    ("docs/reference/defects.md", &["frames", "defects"]),
];

/// (folder that holds generated pages and nothing else, arguments of the binary that prints them: one JSON object, path
/// to text)
const PAGES: &[(&str, &[&str])] = &[
    ("docs/reference/law", &["standards", "reference"]),
    ("docs/reference/registers", &["registers", "reference"]),
];

/// Writes each file, or with `check` tells which differ from what the program prints now.
pub(crate) fn run(root: &Path, check: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (file, arguments) in GENERATED {
        match output(root, arguments) {
            Err(fault) => faults.push(fault),
            Ok(text) => faults.extend(settle(root, file, &text, check)),
        }
    }
    for (folder, arguments) in PAGES {
        faults.extend(pages(root, folder, arguments, check));
    }
    faults
}

/// Settles every page of a folder, and takes out those that are no longer printed.
fn pages(root: &Path, folder: &str, arguments: &[&str], check: bool) -> Vec<String> {
    let pages = output(root, arguments).and_then(|text| {
        serde_json::from_str::<BTreeMap<String, String>>(&text)
            .map_err(|error| format!("pages of {folder}: {error}"))
    });
    let pages = match pages {
        Err(fault) => return vec![fault],
        Ok(pages) => pages,
    };
    let mut faults: Vec<String> =
        pages.iter().filter_map(|(file, text)| settle(root, file, text, check)).collect();
    for file in files(&root.join(folder)) {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if pages.contains_key(&name) {
            continue;
        }
        if check {
            faults.push(format!("{name} is of something that is no more: run `cargo xtask gen`"));
        } else if let Err(error) = std::fs::remove_file(&file) {
            faults.push(format!("could not remove {name}: {error}"));
        }
    }
    faults
}

/// Writes one file, or with `check` says whether it differs.
fn settle(root: &Path, file: &str, text: &str, check: bool) -> Option<String> {
    let path = root.join(file);
    if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return None;
    }
    if check {
        return Some(format!("{file} is out of date: run `cargo xtask gen`"));
    }
    if let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    std::fs::write(&path, text).err().map(|error| format!("could not write {file}: {error}"))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Runs the binary that was built beside this task. Calling cargo from here would hand it this task's own `CARGO_…`
/// variables, and build scripts that watch them (ring's does) would have everything above them compiled again.
fn output(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let shown = arguments.join(" ");
    let binary = std::env::current_exe()
        .ok()
        .and_then(|task| task.parent().map(|folder| folder.join("sanggan")))
        .filter(|binary| binary.is_file())
        .ok_or("the binary is not built: run `cargo build --workspace` first")?;
    let output = Command::new(&binary)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("could not run `sanggan {shown}`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`sanggan {shown}` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("`sanggan {shown}` printed no UTF-8: {error}"))
}
