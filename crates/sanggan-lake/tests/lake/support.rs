//! A lake in a temporary folder, a clock to turn, and short ways to make rows.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sanggan_base::{
    Cadence, Flag, Measure, Millis, Mn, Observation, ParameterCode, Reading, SeriesId, SeriesKey, StationCode,
};
use sanggan_lake::{Clock, FrameStatus, Lake, LakeOptions, NewFrame, ReadQuery};

/// 2026-03-01T00:00:00+08:00.
pub(crate) const MARCH: i64 = 1_772_294_400_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A clock that shows what it is set to.
#[derive(Clone)]
pub(crate) struct Hands(pub(crate) Arc<AtomicI64>);

impl Hands {
    pub(crate) fn at(ms: i64) -> Hands {
        Hands(Arc::new(AtomicI64::new(ms)))
    }

    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || Millis(hands.get()))
    }
}

pub(crate) fn options(folder: &Path) -> LakeOptions {
    LakeOptions { commit_delay_ms: 0, ..LakeOptions::new(folder) }
}

pub(crate) async fn open(folder: &Path, hands: &Hands) -> Lake {
    Lake::open(options(folder), hands.clock()).await.unwrap()
}

pub(crate) fn key(station: &str, parameter: &str) -> SeriesKey {
    SeriesKey {
        station: StationCode::parse(station).unwrap(),
        parameter: ParameterCode::parse(parameter).unwrap(),
        measure: Measure::Mean,
        cadence: Cadence::Minute,
    }
}

pub(crate) fn reading(series: SeriesId, at: i64, value: f64) -> Reading {
    Reading { series, at: Millis(at), value, flag: Flag::Normal }
}

pub(crate) fn frame(text: &str, received_at: i64, readings: Vec<Reading>) -> NewFrame {
    NewFrame {
        received_at: Millis(received_at),
        peer: "10.0.0.1:5000".into(),
        mn: Some(Mn::parse("MN0001").unwrap()),
        cn: Some(2051),
        bytes: text.as_bytes().to_vec(),
        defects: "".into(),
        status: FrameStatus::Stored,
        readings,
    }
}

/// Everything of some series.
pub(crate) fn all(series: &[SeriesId]) -> ReadQuery {
    ReadQuery { series: series.to_vec(), from: Millis(i64::MIN), to: Millis(i64::MAX), as_of: None }
}

/// One observation a line: series, time, value, flag.
pub(crate) fn show(rows: &[Observation]) -> String {
    let line = |row: &Observation| format!("{} {} {} {}\n", row.series.0, row.at, row.value, row.flag.name());
    rows.iter().map(line).collect()
}

/// Says that the statistics have followed everything, and seals.
pub(crate) async fn seal_all(lake: &Lake) -> sanggan_lake::SealReport {
    lake.append_statistics(Vec::new(), lake.status().last_seq).await.unwrap();
    lake.seal().await.unwrap()
}

/// Copies a folder, to try what a crash at this moment would leave.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
