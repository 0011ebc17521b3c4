//! The real program, whole: each test starts it in a folder of its own on free ports.

mod assess;
mod check;
mod coverage;
mod demo;
mod help;
mod import;
mod journal;
mod kill;
mod postgres;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use sanggan_testkit::{Program, Ran};

/// The program under test.
const BINARY: &str = env!("CARGO_BIN_EXE_sanggan");

/// Long enough for a start on a machine that compiles beside it.
const START: Duration = Duration::from_secs(90);

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    Program::run(BINARY, folder, arguments)
}

/// Runs a command that must succeed and print JSON.
fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let all: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    run(folder, &all).json()
}

/// The rows of a question in SQL on the data folder `data`.
fn sql(folder: &Path, query: &str) -> Vec<Vec<serde_json::Value>> {
    let table = json(folder, &["lake", "sql", query, "--limit", "1000000", "--data", "data"]);
    let rows = table["rows"].as_array().expect("a table has rows");
    rows.iter().map(|row| row.as_array().expect("a row").clone()).collect()
}

/// One number from SQL.
fn count(folder: &Path, query: &str) -> u64 {
    sql(folder, query)[0][0].as_u64().unwrap_or_else(|| panic!("no number: {query}"))
}

/// Starts `serve` on the data folder `data`; gives the program and the addresses of web and gateway.
fn serve(folder: &Path) -> (Program, SocketAddr, SocketAddr) {
    let arguments = [
        "serve",
        "--data",
        "data",
        "--format",
        "json",
        "--set",
        "http.listen=127.0.0.1:0",
        "--set",
        "gateway.listen=127.0.0.1:0",
    ];
    let mut program = Program::start(BINARY, folder, &arguments);
    let ready = program.event("ready", START);
    let address = |name: &str| -> SocketAddr {
        ready[name]
            .as_str()
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("no `{name}` in {ready}"))
    };
    (program, address("http"), address("gateway"))
}
