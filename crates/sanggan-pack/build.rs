//! Writes the list of the built-in packs' files, so that a file is added by putting it into its folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The files that are read at the top of a pack; others (a notice) stay outside.
const SUFFIXES: [&str; 3] = ["toml", "geojson", "csv"];

fn main() {
    let crate_folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    for pack in ["china", "shuozhou"] {
        let folder = crate_folder.join("../../packs").join(pack);
        let mut list = String::from("&[\n");
        collect(&folder, &folder, &mut list);
        list.push(']');
        std::fs::write(out.join(format!("{pack}.rs")), list).expect("the build folder can be written");
    }
}

/// Adds every file below a folder, in the order of their names.
fn collect(pack: &Path, folder: &Path, list: &mut String) {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("could not read {}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(pack, &path, list);
        } else if path.extension().is_some_and(|suffix| SUFFIXES.iter().any(|known| suffix == *known)) {
            println!("cargo:rerun-if-changed={}", path.display());
            let name = path.strip_prefix(pack).expect("it was found there").display().to_string();
            let name = name.replace('\\', "/");
            writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string())
                .expect("a text");
        }
    }
}
