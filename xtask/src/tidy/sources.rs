//! What may not stand in the sources: clocks in pure crates, ignored tests, machine paths, outgrown files.

use std::path::{Path, PathBuf};

use super::layers::Layers;
use super::text;

/// From this length on a source file is worth rooms of its own.
const LINES_MAX: usize = 600;

pub(crate) fn check(root: &Path, files: &[PathBuf], rules: &Layers) -> Vec<String> {
    let mut faults = Vec::new();
    for path in files {
        let shown = path.display().to_string();
        if !is_source(&shown) {
            continue;
        }
        let body = text(root, path);
        if is_code(&shown) {
            faults.extend(length(&shown, body.lines().count(), rules));
        }
        if shown.ends_with(".rs") && !shown.starts_with("xtask/") {
            faults.extend(ignored_tests(&shown, &body));
            faults.extend(impure(&shown, &body, rules));
            faults.extend(opening(&shown, &body));
        }
        if !shown.starts_with("xtask/") {
            faults.extend(machine_paths(&shown, &body));
        }
    }
    faults
}

fn is_source(path: &str) -> bool {
    let generated = path.ends_with(".gen.ts") || path.ends_with("package-lock.json") || path == "Cargo.lock";
    let binary =
        [".png", ".ico", ".woff2", ".xz", ".gz", ".bin", ".geojson"].iter().any(|end| path.ends_with(end));
    !generated && !binary
}

fn is_code(path: &str) -> bool {
    [".rs", ".ts", ".vue", ".mjs"].iter().any(|end| path.ends_with(end))
}

fn length(path: &str, lines: usize, rules: &Layers) -> Option<String> {
    let allowed = rules.ratchet.get(path).copied().unwrap_or(LINES_MAX);
    (lines > allowed)
        .then(|| format!("{path} has {lines} lines (at most {allowed}): give its parts rooms of their own"))
}

fn ignored_tests(path: &str, body: &str) -> Option<String> {
    body.contains("#[ignore").then(|| format!("{path} ignores a test: mend it or delete it"))
}

/// Clocks, files and sockets in pure crates, outside `#[cfg(test)]` and comments.
fn impure(path: &str, body: &str, rules: &Layers) -> Vec<String> {
    let mut parts = path.split('/');
    let (Some("crates"), Some(name), Some("src")) = (parts.next(), parts.next(), parts.next()) else {
        return Vec::new();
    };
    if !rules.is_pure(name) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (number, line) in body.lines().enumerate() {
        if line.trim() == "#[cfg(test)]" {
            break;
        }
        if line.trim_start().starts_with("//") {
            continue;
        }
        for ban in rules.pure_bans.iter().filter(|ban| line.contains(&ban.text)) {
            faults.push(format!("{path}:{}: `{}`: {}", number + 1, ban.text, ban.why));
        }
    }
    faults
}

/// A crate opens with its contract.
fn opening(path: &str, body: &str) -> Option<String> {
    let is_root =
        path.starts_with("crates/") && (path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs"));
    (is_root && !body.starts_with("//!"))
        .then(|| format!("{path} must open with what the crate is and what it does not know"))
}

fn machine_paths(path: &str, body: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in body.lines().enumerate() {
        for banned in ["/root/", "/work/"] {
            if line.contains(banned) {
                faults.push(format!("{path}:{}: names `{banned}`, a path of one machine", number + 1));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Layers {
        Layers::load(&crate::root()).expect("xtask/layers.toml reads")
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found_and_one_in_its_tests_is_not() {
        let body = "let t = Instant::now();\n// Instant::now\n#[cfg(test)]\nlet t = Instant::now();\n";
        let faults = impure("crates/sanggan-standards/src/x.rs", body, &rules());
        assert_eq!(
            faults,
            [
                "crates/sanggan-standards/src/x.rs:1: `Instant::now`: a pure crate has no clock; take the time as an argument"
            ]
        );
        assert!(impure("crates/sanggan-api/src/x.rs", body, &rules()).is_empty());
    }

    #[test]
    fn a_file_that_outgrew_its_room_is_found() {
        assert!(length("a.rs", LINES_MAX, &rules()).is_none());
        assert!(length("a.rs", LINES_MAX + 1, &rules()).is_some());
    }
}
