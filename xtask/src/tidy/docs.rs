//! Documents against the tree: the code map names every crate, and every path a document names is there.

use std::path::{Path, PathBuf};

use super::text;

pub(crate) fn check(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = code_map(root);
    for path in files {
        let shown = path.display().to_string();
        let is_doc = shown.ends_with(".md") && (shown.starts_with("docs/") || !shown.contains('/'));
        if is_doc {
            faults.extend(dead_paths(root, &shown, &text(root, path)));
        }
    }
    faults
}

/// Every crate has its line in the code map, and every line its crate.
fn code_map(root: &Path) -> Vec<String> {
    let map = text(root, Path::new("docs/ARCHITECTURE.md"));
    if map.is_empty() {
        return vec!["docs/ARCHITECTURE.md is missing".to_owned()];
    }
    let mut crates: Vec<String> = std::fs::read_dir(root.join("crates"))
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| format!("crates/{}", entry.file_name().to_string_lossy()))
        .collect();
    crates.sort();
    crates
        .iter()
        .filter(|name| !map.contains(&format!("`{name}`")))
        .map(|name| format!("docs/ARCHITECTURE.md: the code map lacks `{name}`"))
        .collect()
}

/// Names in back-ticks that look like a path of the tree, and links to files, must exist.
fn dead_paths(root: &Path, doc: &str, body: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fenced = false;
    for (number, line) in body.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        for name in line.split('`').skip(1).step_by(2).filter(|name| looks_like_path(name)) {
            if !root.join(name.trim_end_matches('/')).exists() {
                faults.push(format!("{doc}:{}: `{name}` is not in the tree", number + 1));
            }
        }
        let folder = Path::new(doc).parent().unwrap_or(Path::new(""));
        for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !root.join(folder).join(target).exists() {
                faults.push(format!("{doc}:{}: the link to {target} leads nowhere", number + 1));
            }
        }
    }
    faults
}

fn looks_like_path(name: &str) -> bool {
    const ROOTS: [&str; 9] =
        ["crates/", "docs/", "packs/", "web/", "xtask/", "openapi/", "scripts/", "benches/", ".ci/"];
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    plain && ROOTS.iter().any(|root| name.starts_with(root)) && !name.starts_with("web/dist")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_gone_and_a_dead_link_are_found() {
        let body = "see `crates/sanggan-base` and `crates/gone`\n[x](gone.md) [y](https://example.org)\n```\n`docs/none`\n```\n";
        let faults = dead_paths(&crate::root(), "docs/x.md", body);
        assert_eq!(
            faults,
            [
                "docs/x.md:1: `crates/gone` is not in the tree",
                "docs/x.md:2: the link to gone.md leads nowhere"
            ]
        );
    }
}
