//! What the lake manages: durable intake, latest of all series, month and year queries, memory.
//!
//! `cargo bench -p sanggan-lake --bench lake [-- FOLDER]`. Sizes are the constants below times `BENCH_SCALE`
//! (default 1). With `FOLDER`, the large table stays there and is used again, so that another engine can be run
//! over the very same Parquet files: `FOLDER/observations/month=*/part=main/*.parquet`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sanggan_base::{
    Cadence, Flag, Grain, Measure, Millis, ParameterCode, Reading, SeriesId, SeriesKey, StationCode,
};
use sanggan_lake::{FrameStatus, Lake, LakeOptions, NewFrame, ReadQuery};

/// Values appended through `append`, acknowledged after the sync.
const INTAKE_VALUES: usize = 2_000_000;
/// Readings in a packet: a logger with ten parameters, mean, minimum and maximum each.
const VALUES_PER_FRAME: usize = 30;
/// Packets in one call of `append`.
const FRAMES_PER_CALL: usize = 20;
/// Tasks that append at the same time.
const TASKS: [usize; 3] = [1, 16, 256];
/// Series in the latest-of-all figure.
const LATEST_SERIES: usize = 100_000;
/// The large table: series, months, minutes between values. 2,500 × 12 × 4,380 = 131 million rows.
const LARGE_SERIES: usize = 2_500;
const LARGE_MONTHS: usize = 12;
const LARGE_STEP_MINUTES: i64 = 10;
/// Runs of each query; the median counts.
const RUNS: usize = 5;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let scale: f64 = std::env::var("BENCH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let kept = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(scale, kept)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark talks to its terminal")]
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{error} ({:?})", error.source());
    ExitCode::FAILURE
}

#[expect(clippy::print_stdout, reason = "the table is the result")]
fn row(what: &str, figure: &str) {
    println!("| {what:<62} | {figure:>34} |");
}

async fn run(scale: f64, kept: Option<PathBuf>) -> Outcome {
    let scratch = tempfile::tempdir()?;
    for tasks in TASKS {
        intake(&scratch.path().join(format!("intake-{tasks}")), tasks, scaled(INTAKE_VALUES, scale)).await?;
    }
    latest(&scratch.path().join("latest"), scaled(LATEST_SERIES, scale)).await?;
    let large = kept.unwrap_or_else(|| scratch.path().join("large"));
    queries(&large, scaled(LARGE_SERIES, scale)).await
}

fn scaled(size: usize, scale: f64) -> usize {
    ((size as f64 * scale) as usize).max(1)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is its own binary and reads the wall clock")]
async fn open(folder: &Path) -> Result<Lake, Box<dyn std::error::Error>> {
    let options = LakeOptions {
        hot_rows_max: 100_000_000,
        seal_requires_statistics: false,
        ..LakeOptions::new(folder)
    };
    let clock = Arc::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    });
    Ok(Lake::open(options, clock).await?)
}

fn make_series(lake: &Lake, count: usize) -> Result<Vec<SeriesId>, Box<dyn std::error::Error>> {
    let mut keys = Vec::with_capacity(count);
    for n in 0..count {
        keys.push(SeriesKey {
            station: StationCode::parse(&format!("station-{}", n / 10))?,
            parameter: ParameterCode::parse(&format!("a{:05}", n % 10))?,
            measure: Measure::Mean,
            cadence: Cadence::Minute,
        });
    }
    Ok(lake.series_ids(&keys)?)
}

/// 2025-01-01T00:00:00+08:00.
const START: Millis = Millis(1_735_660_800_000);

/// A daily course with noise, to one decimal, as an instrument sends it.
fn value(series: usize, step: i64) -> f64 {
    let mut noise = (series as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (step as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    noise ^= noise >> 29;
    let noise = (noise.wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f64 / (1 << 24) as f64;
    let course = 40.0 + 25.0 * (step as f64 / 144.0 * std::f64::consts::TAU).sin() + 20.0 * noise;
    (course * 10.0).round() / 10.0
}

async fn intake(folder: &Path, tasks: usize, values: usize) -> Outcome {
    let lake = open(folder).await?;
    let ids = make_series(&lake, tasks * VALUES_PER_FRAME)?;
    let calls = values / (VALUES_PER_FRAME * FRAMES_PER_CALL * tasks);
    let started = Instant::now();
    let mut handles = Vec::new();
    for (task, ids) in ids.chunks(VALUES_PER_FRAME).enumerate() {
        let (lake, ids) = (lake.clone(), ids.to_vec());
        handles.push(tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            for call in 0..calls.max(1) {
                let frames =
                    (0..FRAMES_PER_CALL).map(|n| packet(task, &ids, (call * FRAMES_PER_CALL + n) as i64));
                let begun = Instant::now();
                lake.append(frames.collect()).await?;
                longest = longest.max(begun.elapsed());
            }
            Ok::<Duration, sanggan_lake::LakeError>(longest)
        }));
    }
    let mut longest = Duration::ZERO;
    for handle in handles {
        longest = longest.max(handle.await??);
    }
    let took = started.elapsed().as_secs_f64();
    let status = lake.status();
    let rate = status.hot_observations as f64 / took / 1000.0;
    row(
        &format!("durable intake, {tasks} tasks × {FRAMES_PER_CALL} packets × {VALUES_PER_FRAME} values"),
        &format!("{rate:.0} k values/s, longest {:.0} ms", longest.as_secs_f64() * 1000.0),
    );
    row("  values, syncs", &format!("{}, {}", status.hot_observations, status.last_seq));
    let begun = Instant::now();
    let report = lake.seal().await?;
    let sealing = report.observations as f64 / begun.elapsed().as_secs_f64() / 1000.0;
    row("  sealing them with their packets", &format!("{sealing:.0} k values/s"));
    lake.close().await;
    Ok(())
}

fn packet(task: usize, ids: &[SeriesId], step: i64) -> NewFrame {
    let at = START.plus(step * 60_000);
    let readings = ids.iter().map(|&series| Reading {
        series,
        at,
        value: value(series.0 as usize, step),
        flag: Flag::Normal,
    });
    let mut bytes =
        format!("##0700QN={step:017};ST=22;CN=2051;PW=123456;MN=task{task:010};CP=&&").into_bytes();
    bytes.resize(700, b'x');
    NewFrame {
        received_at: at,
        peer: "192.0.2.1:40000".into(),
        mn: None,
        cn: Some(2051),
        bytes,
        defects: "".into(),
        status: FrameStatus::Stored,
        readings: readings.collect(),
    }
}

async fn latest(folder: &Path, count: usize) -> Outcome {
    let lake = open(folder).await?;
    let ids = make_series(&lake, count)?;
    let rows = ids.iter().map(|&series| Reading { series, at: START, value: 1.0, flag: Flag::Normal });
    lake.append_readings("bench".into(), rows.collect()).await?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let all = lake.latest_all();
        times.push(begun.elapsed());
        assert_eq!(all.len(), count);
    }
    row(&format!("latest value of all of {count} series"), &format!("{:.2} ms", median(times)));
    lake.close().await;
    Ok(())
}

/// Fills the large table unless it is there.
async fn fill(lake: &Lake, count: usize) -> Outcome {
    let ids = make_series(lake, count)?;
    let mut from = START;
    for _ in 0..LARGE_MONTHS {
        let to = from.next(Grain::Month);
        let step = LARGE_STEP_MINUTES * 60_000;
        let steps = (to.0 - from.0) / step;
        let before = (from.0 - START.0) / step;
        let rows = ids.iter().flat_map(|&series| {
            (0..steps).map(move |n| Reading {
                series,
                at: from.plus(n * step),
                value: value(series.0 as usize, before + n),
                flag: Flag::Normal,
            })
        });
        lake.bulk_load(rows.collect()).await?;
        from = to;
    }
    Ok(())
}

async fn queries(folder: &Path, count: usize) -> Outcome {
    let mut lake = open(folder).await?;
    if lake.status().sealed_observations == 0 {
        let begun = Instant::now();
        fill(&lake, count).await?;
        row("writing the large table", &format!("{:.1} s", begun.elapsed().as_secs_f64()));
        lake.close().await;
        lake = open(folder).await?;
    }
    let status = lake.status();
    row("rows of the large table", &format!("{:.1} million", status.sealed_observations as f64 / 1e6));
    row(
        "bytes a row",
        &format!("{:.2}", status.sealed_bytes as f64 / status.sealed_observations.max(1) as f64),
    );
    row("resident memory after opening", &format!("{} MB", resident_mb()));

    let series = SeriesId(u32::try_from(count / 2)?.max(1));
    let day = ReadQuery {
        series: vec![series],
        from: START.plus(40 * 86_400_000),
        to: START.plus(41 * 86_400_000),
        as_of: None,
    };
    timed("read: one series, one day", || lake.read(day.clone())).await?;
    let year = ReadQuery { from: START, to: START.next(Grain::Year), ..day };
    timed("read: one series, a year", || lake.read(year.clone())).await?;
    let all = [
        (
            "SQL: one series, one day",
            format!(
                "SELECT at, value FROM observations WHERE series_id = {} AND at >= '2025-02-10' AND at < '2025-02-11'",
                series.0
            ),
        ),
        (
            "SQL: one series, a year, hourly means",
            format!(
                "SELECT date_trunc('hour', at) AS hour, avg(value) FROM observations WHERE series_id = {} \
                 GROUP BY 1 ORDER BY 1",
                series.0
            ),
        ),
        (
            "SQL: all series, daily mean and max, one month",
            "SELECT series_id, date_trunc('day', at) AS day, avg(value), max(value) FROM observations \
             WHERE month = '2025-06' GROUP BY 1, 2"
                .to_owned(),
        ),
        (
            "SQL: the same, by time only",
            "SELECT series_id, date_trunc('day', at) AS day, avg(value), max(value) FROM observations \
             WHERE at >= '2025-06-01' AND at < '2025-07-01' GROUP BY 1, 2"
                .to_owned(),
        ),
        (
            "SQL: exceedances a series, the year",
            "SELECT series_id, count(*) FROM observations WHERE value > 75 GROUP BY 1".to_owned(),
        ),
        ("SQL: rows", "SELECT count(*) FROM observations".to_owned()),
    ];
    for (what, sql) in all {
        timed(what, || lake.sql(&sql, 1_000_000)).await?;
    }
    row("resident memory after the queries", &format!("{} MB", resident_mb()));
    lake.close().await;
    Ok(())
}

async fn timed<T, F>(what: &str, ask: impl Fn() -> F) -> Outcome
where
    F: Future<Output = Result<T, sanggan_lake::LakeError>>,
{
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        ask().await?;
        times.push(begun.elapsed());
    }
    row(what, &format!("{:.1} ms", median(times)));
    Ok(())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// Memory of this process that is in RAM, from `/proc`; 0 where there is none.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
    kilobytes / 1024
}
