use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use sanggan_testkit::{packet, shared_data};
use serde_json::Value;

use crate::{count, json, run, sql};

fn real_time(mn: &str, minute: u32, value: f64) -> Vec<u8> {
    packet(&format!(
        "QN=2026112308{minute:02}00000;ST=32;CN=2011;PW=123456;MN={mn};Flag=4;\
         CP=&&DataTime=2026112308{minute:02}00;w01018-Rtd={value:.1},w01018-Flag=N;w00000-Rtd=12.5,w00000-Flag=N&&"
    ))
}

fn kept(tally: &Value, what: &str) -> u64 {
    tally["kept"][what].as_u64().unwrap_or(0)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("writes");
}

#[test]
fn frames_are_imported_once_however_often_one_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut lines: Vec<Vec<u8>> =
        (0..40).map(|minute| real_time("TEST0001", minute, f64::from(minute))).collect();
    lines.push(b"\r\n".to_vec());
    lines.push(b"this is no packet\r\n".to_vec());
    write(folder, "a.txt", &lines.concat());

    let import = ["import", "frames", "a.txt", "--admit-unknown", "--faults", "faults.csv", "--data", "data"];
    let first = json(folder, &import);
    assert_eq!((first["lines"].as_u64(), first["frames"].as_u64()), (Some(41), Some(41)), "{first}");
    assert_eq!((kept(&first, "stored"), kept(&first, "unreadable")), (40, 1), "{first}");
    assert_eq!((first["values_stored"].as_u64(), first["devices"].as_u64()), (Some(80), Some(1)), "{first}");
    let faults = std::fs::read_to_string(folder.join("faults.csv")).expect("the faults are there");
    assert!(faults.contains("a.txt,42,"), "the line is named: {faults}");

    let stored = || {
        (
            count(folder, "select count(*) from frames"),
            count(folder, "select count(*) from observation_versions"),
        )
    };
    assert_eq!(stored(), (41, 80), "no line is dropped");
    // The same file, then the same lines packed under the same name without the checkpoint.
    assert!(run(folder, &import).stderr.contains("imported before"));
    assert_eq!(stored(), (41, 80));
    std::fs::remove_dir_all(folder.join("data/imports")).expect("there is a checkpoint");
    let again = json(folder, &import);
    assert_eq!((kept(&again, "imported_before"), again["frames"].as_u64()), (41, Some(41)), "{again}");
    assert_eq!(stored(), (41, 80));

    let means = sql(
        folder,
        "select value, used from statistics join series using (series_id) where grain = 'hour' and kind = 'mean' and parameter = 'w01018'",
    );
    assert_eq!(means.len(), 1, "the statistics have followed: {means:?}");
}

#[test]
fn an_interrupted_import_goes_on_after_the_last_durable_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let lines: Vec<Vec<u8>> = (0..50).map(|minute| real_time("TEST0001", minute, 1.0)).collect();
    write(folder, "whole.txt", &lines.concat());
    // As if the program had been killed after 20 lines: they are stored, the checkpoint says so.
    write(folder, "a.txt", &lines[..20].concat());
    json(folder, &["import", "frames", "a.txt", "--data", "data"]);
    std::fs::rename(folder.join("whole.txt"), folder.join("a.txt")).expect("renames");
    let rest = json(folder, &["import", "frames", "a.txt", "--data", "data"]);
    assert_eq!((kept(&rest, "imported_before"), kept(&rest, "quarantined")), (20, 30), "{rest}");
    assert_eq!(count(folder, "select count(*) from frames"), 50);
    assert_eq!(
        count(folder, "select count(*) from observation_versions"),
        0,
        "unknown devices wait in quarantine"
    );
}

#[test]
fn packed_files_are_read_as_plain_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<Vec<u8>> = (0..5).map(|minute| real_time("TEST0001", minute, 1.0)).collect();
    let file = std::fs::File::create(folder.path().join("a.txt.gz")).expect("a file");
    let mut writer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    writer.write_all(&lines.concat()).and_then(|()| writer.finish().map(drop)).expect("writes");
    let tally = json(folder.path(), &["import", "frames", "a.txt.gz", "--data", "data"]);
    assert_eq!(kept(&tally, "quarantined"), 5, "{tally}");
}

const AIR: &str = "date,hour,city,station,aqi,level,primary,pm25,pm10,co,no2,o3_1h,o3_8h,so2\n";

#[test]
fn a_table_with_a_bad_row_is_refused_as_a_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let table = format!(
        "{AIR}20200326,18,c,s,,,,13,30,0.6,18,73,66,10\n20200326,19,c,s,,,,thirteen,30,0.6,18,73,66,10\n"
    );
    write(folder, "a.csv", table.as_bytes());
    let refused = run(folder, &["import", "air", "a.csv", "--data", "data"]);
    assert_eq!(refused.status.code(), Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("a.csv:3: `pm25` is no number: `thirteen`"), "{}", refused.stderr);
    assert_eq!(count(folder, "select count(*) from observation_versions"), 0, "nothing is half imported");

    let tally = json(folder, &["import", "air", "a.csv", "--skip-bad-rows", "--data", "data"]);
    assert_eq!((tally["values"].as_u64(), tally["bad_rows"].as_u64()), (Some(6), Some(1)), "{tally}");
    let rows = sql(
        folder,
        "select parameter, value from observations join series using (series_id) order by parameter",
    );
    let rows: BTreeMap<String, f64> = rows
        .iter()
        .map(|row| (row[0].as_str().expect("a code").to_owned(), row[1].as_f64().expect("a value")))
        .collect();
    assert_eq!((rows["a34004"], rows["a21005"]), (13.0, 0.6));
}

#[test]
fn a_second_table_corrects_only_what_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write(folder, "a.csv", format!("{AIR}20200326,18,c,s,,,,13,30,0.6,18,73,66,10\n").as_bytes());
    json(folder, &["import", "air", "a.csv", "--data", "data"]);
    write(folder, "b.csv", format!("{AIR}20200326,18,c,s,,,,14,30,0.6,18,73,66,10\n").as_bytes());
    let tally = json(folder, &["import", "air", "b.csv", "--data", "data"]);
    let number = |name: &str| tally[name].as_u64();
    assert_eq!(
        (number("values"), number("corrections"), number("values_before")),
        (Some(1), Some(1), Some(5)),
        "{tally}"
    );
    assert_eq!(
        count(folder, "select count(*) from observation_versions"),
        7,
        "the old value stays as a version"
    );
    let now = sql(
        folder,
        "select value from observations join series using (series_id) where parameter = 'a34004'",
    );
    assert_eq!(now[0][0].as_f64(), Some(14.0));
}

#[test]
fn the_recorded_morning_is_stored_line_for_line() {
    let Some(path) = shared_data(env!("CARGO_MANIFEST_DIR"), "hj212-2016-08-24-morning.txt.xz") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let path = path.display().to_string();
    let tally = json(
        folder,
        &["import", "frames", &path, "--admit-unknown", "--faults", "faults.csv", "--data", "data"],
    );
    let number = |name: &str| tally[name].as_u64().unwrap_or_else(|| panic!("no `{name}` in {tally}"));
    assert_eq!(number("lines"), 70_740, "{tally}");
    assert_eq!(count(folder, "select count(*) from frames"), number("frames"), "every packet is kept");
    assert!(number("frames") >= number("lines"), "{tally}");
    let values = count(folder, "select count(*) from observation_versions");
    assert_eq!(values, number("values_stored"), "every value counted is stored: {tally}");
    assert!(number("values") - values < 5_000, "only what says the same again is not stored twice: {tally}");
    assert!(values > 400_000 && number("devices") > 100, "{tally}");
    assert!(count(folder, "select count(*) from statistics") > 0, "the statistics have followed");
}

#[test]
fn published_station_hours_are_imported() {
    let Some(path) = shared_data(env!("CARGO_MANIFEST_DIR"), "air-shuozhou-hourly-2020-spring.csv") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tally = json(folder, &["import", "air", &path.display().to_string(), "--data", "data"]);
    assert_eq!(tally["stations"], 5, "{tally}");
    assert_eq!(
        count(folder, "select count(*) from observation_versions"),
        tally["values"].as_u64().expect("a count"),
        "{tally}"
    );
    let stated = count(folder, "select count(*) from statistics where grain = 'hour' and kind = 'mean'");
    assert!(stated > 1_000, "{stated} hourly means");
}
