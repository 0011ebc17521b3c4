//! Project tasks: `cargo xtask tidy` checks the rules of the house, `cargo xtask gen` writes what is generated.

mod gen_docs;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let root = root();
    match words.as_slice() {
        ["tidy"] => report("tidy", &tidy::run(&root)),
        ["gen"] => report("gen", &gen_docs::run(&root, false)),
        ["gen", "--check"] => report("gen --check", &gen_docs::run(&root, true)),
        _ => {
            eprintln!("usage: cargo xtask tidy | gen [--check]");
            ExitCode::from(2)
        }
    }
}

/// The checkout the task is run in. Asked of cargo at run time: a build cache that several checkouts share may hold a
/// task that was built in another one.
fn root() -> PathBuf {
    let xtask = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    PathBuf::from(xtask).parent().expect("xtask lies one folder below the root").to_path_buf()
}

fn report(task: &str, faults: &[String]) -> ExitCode {
    for fault in faults {
        eprintln!("{task}: {fault}");
    }
    if faults.is_empty() {
        eprintln!("{task}: in order");
        ExitCode::SUCCESS
    } else {
        eprintln!("{task}: {} to mend", faults.len());
        ExitCode::FAILURE
    }
}
