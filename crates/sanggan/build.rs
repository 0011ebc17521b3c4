//! Writes the list of tests that the built-in coverage may name, so that the installed program can tell whether a claim
//! is true. Only files that the coverage names are read: a change in another file builds nothing anew.

use std::collections::BTreeSet;
use std::path::PathBuf;

#[allow(unreachable_pub, reason = "part of another crate, where it is public")]
#[path = "../sanggan-pack/src/test_names.rs"]
mod test_names;

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let coverage = root.join("packs/shuozhou/coverage.toml");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", root.join("crates/sanggan-pack/src/test_names.rs").display());
    let mut found = Vec::new();
    match std::fs::read_to_string(&coverage) {
        // A missing file would count as changed at every build; its folder does not.
        Err(_) => println!("cargo:rerun-if-changed={}", root.join("packs/shuozhou").display()),
        Ok(text) => {
            println!("cargo:rerun-if-changed={}", coverage.display());
            for file in files(&text) {
                let path = root.join(file);
                if let Ok(source) = std::fs::read_to_string(&path) {
                    println!("cargo:rerun-if-changed={}", path.display());
                    found.extend(
                        test_names::test_names(file, &source).into_iter().map(|name| (file.to_owned(), name)),
                    );
                }
            }
        }
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("tests.rs");
    std::fs::write(out, format!("&{found:?}\n")).expect("the build folder can be written");
}

/// The files that stand before `::` in the text.
fn files(text: &str) -> BTreeSet<&str> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/');
    text.match_indices("::")
        .map(|(at, _)| {
            let begin = text[..at].rfind(|letter| !part(letter)).map_or(0, |before| before + 1);
            &text[begin..at]
        })
        .filter(|file| file.contains('.'))
        .collect()
}
