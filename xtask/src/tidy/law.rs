//! The law: every data file reads, no edition leaves a gap, and every rule has its cases.

use std::path::{Path, PathBuf};

use sanggan_standards::{Law, assessments};

use super::text;

/// Where the national data files lie; the packs keep local law beside.
const DATA: &str = "crates/sanggan-standards/data";

/// Where the cases lie, a file a rule.
const CASES: &str = "crates/sanggan-standards/cases/assess";

/// What the cases of a rule show; `#! <part>: none, <reason>` where there can be none.
const PARTS: [&str; 5] =
    ["worked example", "at the limit", "just above", "too little data", "outside the dates"];

pub(crate) fn check(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    let read = |prefix: &str| -> Vec<(String, String)> {
        let below = files.iter().filter_map(|path| {
            let shown = path.to_string_lossy();
            let name = shown.strip_prefix(prefix)?.strip_prefix('/')?;
            name.ends_with(".toml").then(|| (name.to_owned(), text(root, path)))
        });
        below.collect()
    };
    let mut law = read(DATA);
    for pack in packs(root) {
        let local = read(&format!("{pack}/law"));
        law.retain(|(name, _)| local.iter().all(|(own, _)| own != name));
        law.extend(local);
    }
    let borrowed: Vec<(&str, &str)> = law.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    if let Err(error) = Law::load(&borrowed) {
        let mut line = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            line.push_str(&format!(": {}", error.to_string().trim().replace('\n', " ")));
            cause = error.source();
        }
        faults.push(format!("the law: {line}"));
    }
    for rule in assessments() {
        let name = format!("{CASES}/{}.cases", rule.id);
        let cases = text(root, Path::new(&name));
        if cases.is_empty() {
            faults.push(format!("{name} is missing: a rule has its cases"));
            continue;
        }
        faults.extend(
            PARTS
                .into_iter()
                .filter(|part| !has_part(&cases, part))
                .map(|part| format!("{name} shows no `#! {part}`")),
        );
    }
    faults
}

fn packs(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root.join("packs"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| format!("packs/{}", entry.file_name().to_string_lossy()))
        .collect();
    names.sort();
    names
}

/// Whether the part is there with a row, or says why it has none.
fn has_part(cases: &str, part: &str) -> bool {
    let mut inside = false;
    for line in cases.lines() {
        if let Some(title) = line.strip_prefix("#!") {
            inside = title.trim().starts_with(part);
            if inside && title.contains(": none, ") {
                return true;
            }
        } else if inside && !line.starts_with('#') && line.contains("=>") {
            return true;
        }
    }
    false
}
