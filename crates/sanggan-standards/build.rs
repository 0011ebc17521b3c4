//! Writes the list of the data files, so that an edition is added by putting a file into `data/`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("data");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    for folder in entries(&root).into_iter().filter(|path| path.is_dir()) {
        println!("cargo:rerun-if-changed={}", folder.display());
        files.extend(
            entries(&folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml")),
        );
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).expect("it was found there").display().to_string();
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string()).expect("a text");
    }
    list.push(']');
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("files.rs");
    std::fs::write(out, list).expect("the build folder can be written");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("read {}: {error}", folder.display()));
    read.map(|entry| entry.expect("an entry").path()).collect()
}
