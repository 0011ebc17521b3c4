use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sanggan_testkit::{Wire, packet};

use crate::{json, serve, sql};

const MN: &str = "KILL0001";

/// The packet with this number: its QN, its time and its value are its own.
fn numbered(number: u64) -> (String, Vec<u8>) {
    let second = number % 60;
    let minute = number / 60 % 60;
    let hour = number / 3600 % 24;
    let stamp = format!("20261120{hour:02}{minute:02}{second:02}");
    let qn = format!("{stamp}{:03}", number % 1000);
    let segment = format!(
        "QN={qn};ST=32;CN=2011;PW=123456;MN={MN};Flag=5;CP=&&DataTime={stamp};w01018-Rtd={number}.5,w01018-Flag=N&&"
    );
    (qn, packet(&segment))
}

/// Sends packets without waiting, kills the server in the middle, and gives what was acknowledged.
fn killed_in_the_middle(folder: &std::path::Path, first: u64, acknowledged_min: usize) -> Vec<String> {
    let (mut program, _, gateway) = serve(folder);
    let mut wire = Wire::connect(gateway).expect("the gateway answers");
    let mut sender = wire.sender().expect("a second handle");
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let sending = std::thread::spawn(move || {
        let mut number = first;
        while !told.load(Ordering::Relaxed) {
            if sender.write_all(&numbered(number).1).is_err() {
                break;
            }
            number += 1;
        }
        number - first
    });
    let mut acknowledged = Vec::new();
    let until = Instant::now() + Duration::from_secs(60);
    while acknowledged.len() < acknowledged_min {
        assert!(Instant::now() < until, "only {} answers; it said:\n{}", acknowledged.len(), program.said());
        acknowledged.extend(wire.answered(Duration::from_millis(500)).expect("the server lives"));
    }
    program.kill();
    stop.store(true, Ordering::Relaxed);
    // What was on its way when it was killed counts as acknowledged too.
    while let Some(more) = wire.answered(Duration::from_millis(200)) {
        if more.is_empty() {
            break;
        }
        acknowledged.extend(more);
    }
    let sent = sending.join().expect("the sender ends");
    assert!(sent as usize > acknowledged.len(), "it was killed in the middle: {sent} sent");
    acknowledged
}

#[test]
fn every_acknowledged_frame_is_there_once_after_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // The device is admitted by an import, as an operator would.
    std::fs::write(folder.join("first.txt"), numbered(0).1).expect("writes");
    json(folder, &["import", "frames", "first.txt", "--admit-unknown", "--data", "data"]);

    let mut acknowledged = killed_in_the_middle(folder, 1, 1_500);
    // The second run begins with the memory of the first, and packets of its own.
    acknowledged.extend(killed_in_the_middle(folder, 40_000, 1_500));

    let mut stored: BTreeMap<String, u64> = BTreeMap::new();
    for row in sql(folder, &format!("select bytes from frames where mn = '{MN}'")) {
        let text = row[0].as_str().expect("the packet as text");
        let qn = text.split("QN=").nth(1).map(|rest| rest[..17].to_owned()).expect("a QN");
        *stored.entry(qn).or_default() += 1;
    }
    let mut versions: BTreeMap<String, u64> = BTreeMap::new();
    let query =
        "select value from observation_versions join series using (series_id) where parameter = 'w01018'";
    for row in sql(folder, query) {
        *versions.entry(row[0].to_string()).or_default() += 1;
    }
    for qn in &acknowledged {
        let times = stored.get(qn).copied().unwrap_or(0);
        assert_eq!(times, 1, "frame {qn} was acknowledged and is there {times} times");
    }
    assert!(versions.values().all(|&times| times == 1), "no value is there twice");
    assert!(
        versions.len() >= acknowledged.len(),
        "{} values of {} frames",
        versions.len(),
        acknowledged.len()
    );
}
