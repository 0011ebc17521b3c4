//! What is generated from the program: the OpenAPI document and the reference pages.

use std::path::Path;
use std::process::Command;

/// (file, arguments of the binary whose standard output it is)
const GENERATED: &[(&str, &[&str])] = &[
    ("openapi/sanggan-v1.json", &["api", "describe"]),
    ("docs/reference/config.md", &["config", "reference"]),
    ("docs/reference/defects.md", &["frames", "defects"]),
];

/// Writes each file, or with `check` tells which differ from what the program prints now.
pub(crate) fn run(root: &Path, check: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (file, arguments) in GENERATED {
        match output(root, arguments) {
            Err(fault) => faults.push(fault),
            Ok(text) if check => {
                if std::fs::read_to_string(root.join(file)).unwrap_or_default() != text {
                    faults.push(format!("{file} is out of date: run `cargo xtask gen`"));
                }
            }
            Ok(text) => {
                let path = root.join(file);
                if let Some(folder) = path.parent() {
                    let _ = std::fs::create_dir_all(folder);
                }
                if let Err(error) = std::fs::write(&path, text) {
                    faults.push(format!("could not write {file}: {error}"));
                }
            }
        }
    }
    faults
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
