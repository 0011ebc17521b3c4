//! `kill -9` in the middle of intake, sealing and compaction: every acknowledged frame is there afterwards, once.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sanggan_base::{FrameId, SeriesId};
use sanggan_lake::{FrameQuery, Lake};

use crate::support::{Hands, MARCH, MINUTE, all, frame, key, open, reading};

/// Set for the process that is to be killed: the folder of its lake.
const FOLDER: &str = "SANGGAN_LAKE_CRASH_FOLDER";
/// How often it is killed.
const ROUNDS: &str = "SANGGAN_LAKE_CRASH_ROUNDS";
const SERIES: u32 = 5;
const READINGS: i64 = 3;

/// Not a test of its own: the process that [`every_acknowledged_frame_survives_kill_9`] kills.
#[test]
fn victim() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(live(Path::new(&folder)));
}

async fn live(folder: &Path) {
    let hands = Hands::at(MARCH);
    let lake = open(folder, &hands).await;
    let series: Vec<SeriesId> =
        (0..SERIES).map(|n| lake.series_id(&key(&format!("s{n}"), "a34004")).unwrap()).collect();
    let first = lake.status().last_frame;
    // the harness has begun a line of its own
    say("\nopen");
    let mut tasks = Vec::new();
    for task in 0..4u64 {
        let (lake, series) = (lake.clone(), series.clone());
        tasks.push(tokio::spawn(async move {
            for n in 0.. {
                let (text, packet) = packet(&series, first, task, n);
                let ids = lake.append(vec![packet]).await.unwrap();
                say(&format!("ack {} {text}", ids[0].0));
            }
        }));
    }
    let mut seals = 0u64;
    loop {
        lake.append_statistics(Vec::new(), lake.status().last_seq).await.unwrap();
        lake.seal().await.unwrap();
        say("sealed");
        seals += 1;
        if seals.is_multiple_of(3) {
            lake.compact().await.unwrap();
        }
    }
}

/// A packet whose text says what its readings are; the times of all packets of all lives differ.
fn packet(series: &[SeriesId], first: u64, task: u64, n: u64) -> (String, sanggan_lake::NewFrame) {
    let text = format!("##{first}-{task}-{n}");
    let moment = MARCH + i64::try_from((first + n) * 4 + task).unwrap() * MINUTE;
    let readings =
        (0..READINGS).map(|r| reading(series[usize::try_from(r).unwrap()], moment, moment as f64)).collect();
    (text.clone(), frame(&text, moment, readings))
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_frame_survives_kill_9() {
    let rounds: u64 = std::env::var(ROUNDS).map_or(10, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: HashMap<u64, String> = HashMap::new();
    let (mut during_seal, mut pick) = (0, 0x9e37_79b9_7f4a_7c15u64);
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::victim", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (opened, is_open) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut seen = (Vec::new(), 0);
            for line in lines {
                let Ok(line) = line else { break };
                match line.split_once(' ') {
                    Some(("ack", rest)) => seen.0.push(rest.to_owned()),
                    None if line == "sealed" => seen.1 += 1,
                    None if line == "open" => opened.send(()).unwrap(),
                    _ => {}
                }
            }
            seen
        });
        is_open.recv_timeout(Duration::from_secs(60)).expect("the victim opens its lake");
        // xorshift: another moment every round, the same ones every run
        pick ^= pick << 13;
        pick ^= pick >> 7;
        pick ^= pick << 17;
        std::thread::sleep(Duration::from_millis(20 + pick % 700));
        child.kill().unwrap();
        child.wait().unwrap();
        let (acks, seals) = reader.join().unwrap();
        during_seal += seals;
        assert!(!acks.is_empty() || round > 0, "the victim acknowledged nothing");
        for ack in acks {
            // a line cut off by the kill says nothing
            let Some((id, text)) = ack.split_once(' ') else { continue };
            acknowledged.insert(id.parse().unwrap(), text.to_owned());
        }
        let lake = open(folder.path(), &Hands::at(MARCH)).await;
        check(&lake, &acknowledged, round).await;
        lake.close().await;
    }
    assert!(during_seal > 0, "no seal ran in any round");
    assert!(acknowledged.len() > 50, "only {} frames were acknowledged", acknowledged.len());
    eprintln!("{rounds} kills, {} frames acknowledged, {during_seal} seals: none lost", acknowledged.len());
}

async fn check(lake: &Lake, acknowledged: &HashMap<u64, String>, round: u64) {
    let frames = lake.frames(FrameQuery { limit: usize::MAX, ..FrameQuery::default() }).await.unwrap();
    let ids: Vec<u64> = frames.iter().map(|frame| frame.id.0).collect();
    let counted: Vec<u64> = (1..=lake.status().last_frame).collect();
    assert_eq!(ids, counted, "round {round}: frames are there once each");
    for (id, text) in acknowledged {
        let kept = &frames[usize::try_from(id - 1).unwrap()];
        assert_eq!(kept.bytes, text.as_bytes(), "round {round}: frame {id}");
    }
    let texts: HashSet<&[u8]> = frames.iter().map(|frame| frame.bytes.as_slice()).collect();
    assert_eq!(texts.len(), frames.len(), "round {round}: no packet is stored twice");
    let series: Vec<SeriesId> = (1..=SERIES).map(SeriesId).collect();
    let rows = lake.read_versions(all(&series)).await.unwrap();
    let mut readings: HashMap<FrameId, i64> = HashMap::new();
    for row in &rows {
        *readings.entry(row.frame.unwrap()).or_default() += 1;
        assert_eq!(row.at.0 as f64, row.value);
    }
    assert_eq!(readings.len(), frames.len(), "round {round}: every frame has its readings");
    assert!(readings.values().all(|&count| count == READINGS), "round {round}: each reading is there once");
    let sql = "SELECT count(*), count(DISTINCT frame_id) FROM observation_versions";
    let table = lake.sql(sql, 1).await.unwrap();
    assert_eq!(table.rows[0], [rows.len(), frames.len()], "round {round}: SQL sees the same");
}
