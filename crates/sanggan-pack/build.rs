//! Writes the list of the built-in city's local law, so that a file is added by putting it into its folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let crate_folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let city = crate_folder.join("../../packs/shuozhou");
    println!("cargo:rerun-if-changed={}", city.display());
    let law = city.join("law");
    let mut list = String::from("&[\n");
    for folder in entries(&law) {
        println!("cargo:rerun-if-changed={}", folder.display());
        for file in entries(&folder) {
            println!("cargo:rerun-if-changed={}", file.display());
            let name = file.strip_prefix(&city).expect("it was found there").display().to_string();
            writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string())
                .expect("a text");
        }
    }
    list.push(']');
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("law.rs");
    std::fs::write(out, list).expect("the build folder can be written");
}

/// What lies in a folder, sorted; nothing when it is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
