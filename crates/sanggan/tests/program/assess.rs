//! `sanggan assess` and `sanggan standards`, as somebody with a spreadsheet uses them.

use std::path::Path;

use crate::{json, run};

const DAYS: &str = "\
城市,日期,SO₂,NO2(mg/m3),CO,臭氧8小时,PM10,PM2.5(μg/m³),备注
朔州,2020-04-01,10,0.010,0.5,20,150,75,限值
朔州,2026-03-01,10,0.010,0.5,20,150,75,新标准
朔州,2020-04-02,10,0.010,0.5,20,-1,75,负值
朔州,2020-04-03,10,0.010,0.5,20,NaN,75,
朔州,2020-04-04,10,0.010
朔州,2012-04-05,10,0.010,0.5,20,150,75,太早
";

/// The rows of a CSV the program wrote, as (heading, cell) lookups.
fn table(text: &str) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn a_table_of_days_comes_back_with_its_answers_and_bad_rows_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("days.csv"), DAYS).expect("a file");
    let ran = run(folder.path(), &["assess", "air-day", "days.csv"]);
    assert!(ran.status.success(), "{}", ran.stderr);
    let rows = table(&ran.stdout);
    assert_eq!(rows.len(), 6, "{}", ran.stdout);
    assert_eq!((rows[0]["评价值"].as_str(), rows[0]["评价类别"].as_str()), ("100", "良"));
    assert_eq!(rows[0]["备注"], "限值", "the table's own columns are kept");
    assert_eq!((rows[1]["评价值"].as_str(), rows[1]["评价类别"].as_str()), ("114", "轻度污染"));
    assert!(rows[0]["依据版本"].contains("HJ 633-2012") && rows[1]["依据版本"].contains("HJ 633-2026"));
    for (at, why) in [(2, "-1"), (3, "NaN"), (4, "cells"), (5, "2012-04-05")] {
        assert_eq!(
            (rows[at]["评价值"].as_str(), rows[at]["评价类别"].as_str()),
            ("", ""),
            "row {at} has no class"
        );
        assert!(rows[at]["不能评价的原因"].contains(why), "{:?}", rows[at]);
    }
    for line in ["days.csv:4: ", "days.csv:5: ", "days.csv:6: "] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
    assert!(ran.stderr.contains("no column is called: 备注; passed over"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("6 rows, 5 answers, 3 of them cannot tell; 3 rows could not be read"),
        "{}",
        ran.stderr
    );
}

#[test]
fn editions_stand_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("days.csv"), DAYS).expect("a file");
    let arguments =
        ["assess", "air-day", "days.csv", "--edition", "2012", "--edition", "2026", "--lang", "en"];
    let ran = run(folder.path(), &arguments);
    assert!(ran.status.success(), "{}", ran.stderr);
    let rows = table(&ran.stdout);
    assert_eq!((rows[0]["value [2012]"].as_str(), rows[0]["value [2026]"].as_str()), ("100", "114"));
    let ran = run(folder.path(), &["assess", "air-day", "days.csv", "--edition", "1999"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.stderr.contains("`air-day` knows no edition `1999`; it knows: 2012, "), "{}", ran.stderr);
}

#[test]
fn a_column_the_table_lacks_is_given_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let table_of = "断面,日期,pH,DO,CODMn,NH3-N,TP\n册田水库,20240603,7.8,8,2,0.1,0.15\n";
    std::fs::write(folder.path().join("water.csv"), table_of).expect("a file");
    let class = |with: &[&str]| {
        let arguments: Vec<&str> =
            ["assess", "water", "water.csv"].into_iter().chain(with.iter().copied()).collect();
        let ran = run(folder.path(), &arguments);
        assert!(ran.status.success(), "{}", ran.stderr);
        table(&ran.stdout)[0]["评价类别"].clone()
    };
    assert_eq!(class(&[]), "", "river and lake limits differ, and nothing says which it is");
    assert_eq!(class(&["--with", "body=river"]), "Ⅲ类");
    assert_eq!(class(&["--with", "body=by_name"]), "Ⅴ类");
    let ran = run(folder.path(), &["assess", "water", "water.csv", "--with", "body"]);
    assert!(ran.stderr.contains("`--with body` has no `=`"), "{}", ran.stderr);
}

#[test]
fn workbooks_parquet_and_gb18030_are_read_and_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let good: String = DAYS.lines().take(3).map(|line| format!("{line}\r\n")).collect();
    std::fs::write(folder.path().join("days.csv"), &good).expect("a file");
    for to in ["days.xlsx", "days.parquet"] {
        let ran = run(folder.path(), &["assess", "air-day", "days.csv", "-o", to]);
        assert!(ran.status.success() && ran.stdout.is_empty(), "{}", ran.stderr);
        // What was written is a table again; its own answer columns are passed over.
        let again = run(folder.path(), &["assess", "air-day", to]);
        assert!(again.status.success(), "{}", again.stderr);
        let rows = table(&again.stdout);
        assert_eq!((rows[0]["评价值*"].as_str(), rows[1]["评价值*"].as_str()), ("100", "114"), "{to}");
    }
    // The same in the encoding of old Excel: the bytes of 日期,PM2.5 … in GB 18030.
    let mut old = Vec::new();
    for line in ["日期,SO2,NO2,CO,O3_8h,PM10,PM2.5", "2020-04-01,10,10,0.5,20,150,75"] {
        old.extend(gb18030(line));
        old.extend(b"\r\n");
    }
    std::fs::write(folder.path().join("old.csv"), old).expect("a file");
    let ran = run(folder.path(), &["assess", "air-day", "old.csv"]);
    assert_eq!(table(&ran.stdout)[0]["评价值"], "100", "{}", ran.stderr);
}

/// 日期 in GB 18030; everything else of the lines above is ASCII.
fn gb18030(line: &str) -> Vec<u8> {
    let day = [0xc8, 0xd5, 0xc6, 0xda];
    match line.strip_prefix("日期") {
        Some(rest) => day.into_iter().chain(rest.bytes()).collect(),
        None => line.bytes().collect(),
    }
}

#[test]
fn what_cannot_be_judged_at_all_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).expect("a file");
    write("other.csv", b"a,b\n1,2\n");
    write("empty.csv", b"");
    write("broken.xlsx", b"PK\x03\x04 nothing");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["assess", "air-day", "other.csv"], 2, "the table lacks these columns"),
        (&["assess", "air-day", "empty.csv"], 2, "the table is empty"),
        (&["assess", "air-day", "broken.xlsx"], 2, "the workbook cannot be read"),
        (&["assess", "air-day", "absent.csv"], 3, "could not open `absent.csv`"),
        (&["assess", "weather", "other.csv"], 2, "there is no assessment `weather`"),
        (&["assess", "air-day", "other.csv", "-o", "x.doc"], 2, "the table lacks these columns"),
    ];
    for (arguments, code, said) in cases {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.status.code(), Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said) && ran.stdout.is_empty(), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn every_evaluator_shows_its_form_and_judges_its_own_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = json(folder.path(), &["assess"]);
    let all = all.as_array().expect("a list");
    assert!(!all.is_empty());
    for one in all {
        let id = one["id"].as_str().expect("an id");
        assert!(one["columns"].as_array().is_some_and(|columns| !columns.is_empty()), "{id}");
        if id == "air-day" || id == "water" {
            let ran = run(folder.path(), &["assess", id, "--lang", "en"]);
            assert!(ran.status.success() && ran.stdout.contains("  → "), "{id}: {}", ran.stderr);
        }
    }
}

#[test]
fn an_officer_corrects_an_edition_in_a_folder_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sanggan-standards/data/hj-633/2012.toml");
    let text = std::fs::read_to_string(data).expect("the data file");
    let own = folder.path().join("law/hj-633");
    std::fs::create_dir_all(&own).expect("a folder");
    std::fs::write(own.join("2012.toml"), &text).expect("a file");
    let checked = run(folder.path(), &["standards", "check", "law"]);
    assert!(checked.status.success() && checked.stdout.starts_with("HJ 633-2012: "), "{}", checked.stderr);
    // The printed copy said 35 where the officer's says 40: the day of 36 µg/m³ is then still excellent.
    let corrected = text.replace("concentration = [0, 35, 75", "concentration = [0, 40, 75");
    assert_ne!(text, corrected, "the breakpoints of PM2.5 are in the file");
    std::fs::write(own.join("2012.toml"), corrected).expect("a file");
    let day = "日期,SO2,NO2,CO,O3_8h,PM10,PM2.5\n2020-04-01,10,10,0.5,20,20,36\n";
    std::fs::write(folder.path().join("day.csv"), day).expect("a file");
    let before = run(folder.path(), &["assess", "air-day", "day.csv"]);
    let after = run(folder.path(), &["assess", "air-day", "day.csv", "--set", "law.folder=law"]);
    assert_eq!(
        (table(&before.stdout)[0]["评价值"].as_str(), table(&after.stdout)[0]["评价值"].as_str()),
        ("52", "45")
    );
    std::fs::write(own.join("2012.toml"), text.replace("status = \"confirmed\"", "status = \"sure\""))
        .expect("a file");
    let broken = run(folder.path(), &["standards", "check", "law"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(broken.stderr.contains("hj-633/2012.toml"), "{}", broken.stderr);
}
