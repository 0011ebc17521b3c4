use std::path::Path;
use std::time::{Duration, Instant};

use sanggan_testkit::{Program, packet};
use serde_json::Value;

use crate::{BINARY, START};

const ARGUMENTS: [&str; 10] = [
    "demo",
    "--data",
    "city",
    "--http",
    "127.0.0.1:0",
    "--gateway",
    "127.0.0.1:0",
    "--format",
    "json",
    "--speed",
];

/// Starts a demonstration that prints so many accounts.
fn start(folder: &Path, accounts: usize, more: &[&str]) -> (Program, Vec<Value>, Value) {
    let arguments: Vec<&str> = ARGUMENTS.iter().chain(more).copied().collect();
    let mut program = Program::start(BINARY, folder, &arguments);
    let accounts = (0..accounts).map(|_| program.event("account", START)).collect();
    let ready = program.event("ready", START);
    (program, accounts, ready)
}

/// Asks until `good` says so.
async fn until(client: &reqwest::Client, url: &str, wait: Duration, good: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + wait;
    loop {
        let answer = client.get(url).send().await.expect("the server answers");
        let status = answer.status();
        let value: Value = answer.json().await.expect("JSON");
        if status.is_success() && good(&value) {
            return value;
        }
        assert!(Instant::now() < end, "{url} did not come to it within {wait:?}: {status} {value}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn a_simulated_city_is_up_within_seconds_and_alive() {
    let folder = tempfile::tempdir().expect("a folder");
    let began = Instant::now();
    let (mut program, accounts, ready) = start(folder.path(), 7, &["5", "--history", "2"]);
    let up = began.elapsed();
    assert_eq!(ready["simulated"], true);
    let url = ready["url"].as_str().expect("an address").to_owned();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder().cookie_store(true).build().expect("a client");
        let wait = Duration::from_secs(60);
        let overview = until(&client, &format!("{url}/api/v1/overview"), wait, |overview| {
            overview["city"]["aqi"].is_number()
                && overview["stations"]
                    .as_array()
                    .is_some_and(|stations| stations.iter().any(|s| s["air"]["aqi"].is_number()))
        })
        .await;
        eprintln!("the demonstration was up after {up:?} and had an AQI after {:?}", began.elapsed());
        assert_eq!(overview["simulated"], true, "simulated data is marked");

        let roles: Vec<&str> = accounts.iter().filter_map(|account| account["role"].as_str()).collect();
        assert_eq!(
            roles,
            ["system_admin", "security_admin", "audit_admin", "operator", "officer", "enterprise", "viewer"]
        );
        let operator = accounts.iter().find(|account| account["name"] == "operator").expect("an operator");
        let body = serde_json::json!({ "name": "operator", "password": operator["password"] });
        let session = client
            .post(format!("{url}/api/v1/session"))
            .header("X-Sanggan", "1")
            .json(&body)
            .send()
            .await
            .expect("the server answers");
        assert!(session.status().is_success(), "{}", session.status());
        let session: Value = session.json().await.expect("JSON");
        assert_eq!(session["user"]["must_change_password"], false, "{session}");

        until(&client, &format!("{url}/api/v1/devices"), wait, |devices| {
            devices["summary"]["online"].as_u64().is_some_and(|online| online >= 20)
        })
        .await;
        until(&client, &format!("{url}/api/v1/quarantine"), wait, |waiting| {
            waiting.as_array().is_some_and(|rows| rows.iter().any(|row| row["mn"] == "SIM-UNKNOWN-0001"))
        })
        .await;
    });
    let status = program.stop(Duration::from_secs(30));
    assert!(status.success(), "{status}: {}", program.said());

    // A second start takes the same folder, with new passwords.
    let (mut program, again, _) = start(folder.path(), 7, &["5", "--history", "2"]);
    assert_ne!(again[0]["password"], accounts[0]["password"]);
    assert!(program.stop(Duration::from_secs(30)).success());
}

#[test]
fn a_recording_is_replayed_in_its_own_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |i: u32| {
        let (minute, second, value) = (i / 60, i % 60, 20 + i);
        packet(&format!(
            "ST=32;CN=2011;PW=123456;MN=OLD{:04};CP=&&DataTime=2016082408{minute:02}{second:02};011-Rtd={value}.0,011-Flag=N&&",
            i % 4
        ))
    };
    let lines: Vec<Vec<u8>> = (0..240).map(line).collect();
    std::fs::write(folder.path().join("old.txt"), lines.concat()).expect("writes");
    let (mut program, _, ready) = start(folder.path(), 6, &["1000", "--replay", "old.txt"]);
    assert_eq!(ready["simulated"], false);
    let end = Instant::now() + Duration::from_secs(60);
    while !program.said().contains("the recording is sent: 240 frames") {
        assert!(Instant::now() < end, "{}", program.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(program.stop(Duration::from_secs(30)).success(), "{}", program.said());
    let query = "select count(*), count(distinct station) from observations join series using (series_id) where parameter = 'w01018'";
    let table = crate::json(folder.path(), &["lake", "sql", query, "--data", "city"]);
    assert_eq!(table["rows"][0][0], 240, "{table}");
    assert_eq!(table["rows"][0][1], 4, "{table}");
    let flags = crate::json(
        folder.path(),
        &["lake", "sql", "select count(*) from observations where flag = 'clock_suspect'", "--data", "city"],
    );
    assert_eq!(flags["rows"][0][0], 0, "in the recording's time no clock is wrong: {flags}");
}
