//! Packets from files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use sanggan_base::{AreaCode, Cadence};
use sanggan_gateway::{ImportOptions, Kept, Outcome, Recorded};
use sanggan_lake::FrameStatus;

use crate::support::*;

fn records(name: &str, lines: &[Vec<u8>]) -> Vec<Recorded> {
    let record = |(number, line): (usize, &Vec<u8>)| Recorded {
        bytes: line.clone(),
        received_at: None,
        peer: format!("file:{name}:{}", number + 1).into(),
    };
    lines.iter().enumerate().map(record).collect()
}

fn admitting() -> ImportOptions {
    ImportOptions { admit_unknown: Some(AreaCode::parse("140602").expect("a code")) }
}

fn rows(outcomes: &[Outcome]) -> Vec<String> {
    let row = |outcome: &Outcome| {
        let kept = match outcome.kept {
            Kept::As(status, id) => {
                assert!(id.0 > 0, "it has its id");
                status.name()
            }
            Kept::Before => "before",
            Kept::Refused => "refused",
        };
        format!("{kept} {} [{}]", outcome.values, notable(&outcome.defects))
    };
    outcomes.iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_import_changes_nothing_and_another_files_copy_is_a_repeat() {
    let platform = Platform::new().await;
    let mut lines: Vec<Vec<u8>> = (0..200).map(|second| real_time("AIR01", second, 1.0)).collect();
    lines.push(b"no packet at all\r\n".to_vec());
    lines.push(real_time("NEW09", 0, 4.0));
    let first = platform.intake.ingest_recorded(records("a", &lines), ImportOptions::default()).await;
    let first = rows(&first.expect("imported"));
    assert_eq!(first[0], "stored 1 []");
    assert_eq!(first[200..], ["unreadable 0 [no_start]", "quarantined 0 []"]);

    let again = platform.intake.ingest_recorded(records("a", &lines), ImportOptions::default()).await;
    assert!(rows(&again.expect("imported")).iter().all(|row| row == "before 0 []"));
    assert_eq!(platform.frames().await.len(), 202);

    // A restart forgets nothing that matters, however long ago the packet came.
    let platform = platform.restart().await;
    let copy = platform.intake.ingest_recorded(records("b", &lines), admitting()).await.expect("imported");
    let copy = rows(&copy);
    assert!(copy[..200].iter().all(|row| row == "duplicate 0 []"), "{:?}", &copy[..3]);
    assert_eq!(copy[201], "duplicate 0 []", "its values came in with the admission");
    assert_eq!(platform.versions("air-1", "a34004", Cadence::RealTime).await.len(), 200);
    assert_eq!(platform.rows("mn-NEW09", "a34004", Cadence::RealTime).await, [format!("{NOW} 4 normal")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_records_are_judged_by_the_times_around_them() {
    let platform = Platform::new().await;
    let years_ago = -10 * 365 * 86_400;
    let mut lines: Vec<Vec<u8>> =
        (0..100).map(|second| real_time("AIR01", years_ago + second, 1.0)).collect();
    lines.insert(50, real_time("AIR01", years_ago - 16 * 365 * 86_400, 2.0));
    let outcomes = platform.intake.ingest_recorded(records("old", &lines), ImportOptions::default()).await;
    let outcomes = rows(&outcomes.expect("imported"));
    let suspect: Vec<usize> = (0..101).filter(|&row| outcomes[row].contains("clock_suspect")).collect();
    assert_eq!(suspect, [50], "only the one whose clock had been reset");
}

/// The first part of a recorded morning: every packet is accounted for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_recorded_morning_nothing_is_dropped_silently() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/hj212-2016-08-24-morning.txt.xz");
    if !file.exists() {
        eprintln!("skipped: ../shared/data/hj212-2016-08-24-morning.txt.xz is not there");
        return;
    }
    let Ok(unpacked) = Command::new("xzcat").arg(&file).output() else {
        eprintln!("skipped: xzcat is not there");
        return;
    };
    let lines: Vec<Vec<u8>> =
        unpacked.stdout.split_inclusive(|&byte| byte == b'\n').take(3000).map(<[u8]>::to_vec).collect();
    assert_eq!(lines.len(), 3000, "the file is whole");
    let platform = Platform::new().await;
    let mut import = platform.intake.import(admitting());
    let mut outcomes = Vec::new();
    let mut covered = 0;
    for batch in records("morning", &lines).chunks(500) {
        let of_batch = import.ingest(batch.to_vec()).await.expect("imported");
        covered += of_batch.iter().map(|outcome| outcome.record).collect::<BTreeSet<_>>().len();
        outcomes.extend(of_batch);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in &outcomes {
        let Kept::As(status, _) = outcome.kept else { panic!("new: {outcome:?}") };
        *counts.entry(status.name()).or_default() += 1;
        if status == FrameStatus::Stored {
            assert!(outcome.values > 0, "{outcome:?}");
        }
    }
    assert_eq!(covered, lines.len(), "every line has an outcome");
    assert_eq!(platform.frames().await.len(), outcomes.len(), "and every packet is kept");
    assert!(counts.get("stored").copied().unwrap_or(0) > 2000, "{counts:?}");
    assert_eq!(counts.get("quarantined"), None, "{counts:?}");
    let total: usize = outcomes.iter().map(|outcome| outcome.values).sum();
    // The lake keeps a reading that says again what the newest of its series says only once.
    let stored = platform.lake.status().hot_observations as usize;
    assert!((30_000..=total).contains(&stored), "{stored} of {total}");
}
