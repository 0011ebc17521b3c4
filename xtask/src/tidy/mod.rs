//! The rules of the house, checked against the tree. Each check returns one line a fault.

mod docs;
mod law;
mod layers;
mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs every check.
pub(crate) fn run(root: &Path) -> Vec<String> {
    let files = tracked(root);
    let mut faults = Vec::new();
    match layers::Layers::load(root) {
        Ok(rules) => {
            faults.extend(rules.check_graph(root));
            faults.extend(sources::check(root, &files, &rules));
        }
        Err(fault) => faults.push(fault),
    }
    faults.extend(docs::check(root, &files));
    faults.extend(law::check(root, &files));
    faults
}

/// Files git knows or would add, relative to the root.
fn tracked(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    listed.lines().map(PathBuf::from).filter(|path| root.join(path).is_file()).collect()
}

/// Reads a file as text; what is not text reads as empty.
fn text(root: &Path, path: &Path) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_default()
}
