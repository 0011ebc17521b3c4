//! What judging in SQL costs: hourly rows to daily index, class and primary pollutant, beside the plain mean of the
//! same rows; and water samples to their class.
//!
//! `cargo bench -p sanggan-lake --bench law [-- FOLDER]`. Sizes are the constants below times `BENCH_SCALE` (default 1).
//! With `FOLDER`, the large table stays there and is used again.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use sanggan_base::{
    Cadence, Flag, Grain, Measure, Millis, ParameterCode, Reading, SeriesId, SeriesKey, StationCode,
};
use sanggan_lake::{Lake, LakeOptions};

/// Stations with six pollutants, every hour of a year: 1,903 × 6 × 8,760 = 100 million rows.
const STATIONS: usize = 1_903;
const MONTHS: usize = 12;
/// The six, with a usual level.
const POLLUTANTS: [(&str, f64); 6] = [
    ("a21026", 20.0),
    ("a21004", 35.0),
    ("a21005", 1.0),
    ("a05024", 90.0),
    ("a34002", 80.0),
    ("a34004", 45.0),
];
/// Water samples.
const SAMPLES: usize = 1_000_000;
/// Runs of each query; the median counts.
const RUNS: usize = 5;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let scale: f64 = std::env::var("BENCH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let kept = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let done = tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(scale, kept)));
    match done {
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
fn row(cells: &[&str]) {
    println!("| {:<58} | {} |", cells[0], cells[1..].join(" | "));
}

async fn run(scale: f64, kept: Option<PathBuf>) -> Outcome {
    let scratch = tempfile::tempdir()?;
    let folder = kept.unwrap_or_else(|| scratch.path().join("large"));
    let lake = filled(&folder, scaled(STATIONS, scale)).await?;
    air(&lake).await?;
    water(&lake, scaled(SAMPLES, scale)).await?;
    lake.close().await;
    Ok(())
}

fn scaled(size: usize, scale: f64) -> usize {
    ((size as f64 * scale) as usize).max(1)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is its own binary and reads the wall clock")]
async fn open(folder: &Path) -> Outcome<Lake> {
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

/// 2025-01-01T00:00:00+08:00.
const START: Millis = Millis(1_735_660_800_000);

/// A daily course with noise around the level of the pollutant, to one decimal; one hour in two hundred is missing.
fn value(series: usize, hour: i64) -> Option<f64> {
    let mut noise = (series as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (hour as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    noise ^= noise >> 29;
    let noise = noise.wrapping_mul(0x94d0_49bb_1331_11eb) >> 40;
    if noise.is_multiple_of(200) {
        return None;
    }
    let noise = noise as f64 / (1 << 24) as f64;
    let level = POLLUTANTS[series % POLLUTANTS.len()].1;
    let season = 1.0 + 0.5 * (hour as f64 / 4380.0 * std::f64::consts::PI).cos();
    let course =
        level * season * (0.6 + 0.3 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin() + 0.8 * noise);
    Some((course * 10.0).round() / 10.0)
}

/// The lake with the large table in it, written unless it is there.
async fn filled(folder: &Path, stations: usize) -> Outcome<Lake> {
    let lake = open(folder).await?;
    if lake.status().sealed_observations == 0 {
        let mut keys = Vec::with_capacity(stations * POLLUTANTS.len());
        for station in 0..stations {
            for (parameter, _) in POLLUTANTS {
                keys.push(SeriesKey {
                    station: StationCode::parse(&format!("station-{station}"))?,
                    parameter: ParameterCode::parse(parameter)?,
                    measure: Measure::Mean,
                    cadence: Cadence::Hour,
                });
            }
        }
        let ids: Vec<SeriesId> = lake.series_ids(&keys)?;
        let mut from = START;
        for _ in 0..MONTHS {
            let to = from.next(Grain::Month);
            let hours = (from.0 - START.0) / 3_600_000..(to.0 - START.0) / 3_600_000;
            let rows = ids.iter().enumerate().flat_map(|(number, &series)| {
                hours.clone().filter_map(move |hour| {
                    let at = START.plus(hour * 3_600_000);
                    value(number, hour).map(|value| Reading { series, at, value, flag: Flag::Normal })
                })
            });
            lake.bulk_load(rows.collect()).await?;
            from = to;
        }
        lake.close().await;
    }
    let lake = open(folder).await?;
    row(&["rows", &format!("{:.1} million", lake.status().sealed_observations as f64 / 1e6)]);
    Ok(lake)
}

/// The answers are counted inside the query, so that what is measured is the work and not the handing over.
async fn air(lake: &Lake) -> Outcome {
    let joined = "observations o JOIN series s USING (series_id)";
    let day = "date_trunc('day', o.at) AS day";
    let plain = timed(
        lake,
        "plain mean: GROUP BY series, day",
        None,
        &format!("SELECT count(m), sum(m) FROM (SELECT series_id, {day}, avg(o.value) AS m FROM observations o GROUP BY 1, 2)"),
    )
    .await?;
    timed(
        lake,
        "plain mean: GROUP BY station, parameter, day",
        Some(plain),
        &format!("SELECT count(m), sum(m) FROM (SELECT s.station, s.parameter, {day}, avg(o.value) AS m FROM {joined} GROUP BY 1, 2, 3)"),
    )
    .await?;
    for (what, edition) in [("the edition of the day", ""), ("the edition of 2026", ", '2026'")] {
        timed(
            lake,
            &format!("daily AQI, class, primary by {what}"),
            Some(plain),
            &format!(
                "SELECT count(a['aqi']), count(a['class']), count(a['primary']), avg(a['aqi']) FROM (\
                 SELECT s.station, {day}, aqi_day(o.at, s.parameter, o.value{edition}) AS a FROM {joined} GROUP BY 1, 2)"
            ),
        )
        .await?;
    }
    Ok(())
}

async fn water(lake: &Lake, samples: usize) -> Outcome {
    // one decimal number a column, spread over all classes
    let amount = |step: usize, greatest: f64| format!("((value * {step}) % 1000) * {:.6} / 1000", greatest);
    let items = [
        ("ph", format!("6.5 + {}", amount(7, 2.2))),
        ("do", format!("3 + {}", amount(11, 7.0))),
        ("codmn", amount(13, 12.0)),
        ("cod", amount(17, 45.0)),
        ("bod5", amount(19, 11.0)),
        ("nh3n", amount(23, 2.2)),
        ("tp", amount(29, 0.42)),
        ("fluoride", amount(31, 1.6)),
    ];
    let columns: Vec<String> = items.iter().map(|(key, sql)| format!("{sql} AS {key}")).collect();
    let rows = format!("(SELECT {} FROM generate_series(1, {samples}))", columns.join(", "))
        .replace(" AS do", " AS o2");
    let fields: Vec<String> =
        items.iter().map(|(key, _)| format!("'{key}', {}", if *key == "do" { "o2" } else { key })).collect();
    let fields = fields.join(", ");
    let sums: Vec<String> =
        items.iter().map(|(key, _)| format!("sum({})", if *key == "do" { "o2" } else { key })).collect();
    let plain = timed(
        lake,
        "water samples: the numbers alone",
        None,
        &format!("SELECT {} FROM {rows}", sums.join(", ")),
    )
    .await?;
    for (what, function) in [
        (
            "water samples to class: water_class",
            format!("water_class(DATE '2025-06-01', 'river', named_struct({fields}))"),
        ),
        (
            "water samples to class: assess",
            format!("assess('water', DATE '2025-06-01', named_struct('body', 'river', {fields}))"),
        ),
    ] {
        timed(lake, what, Some(plain), &format!("SELECT count(c['class']), count(DISTINCT c['class']) FROM (SELECT {function} AS c FROM {rows})")).await?;
    }
    Ok(())
}

/// Prints median seconds, processor seconds a run, the ratio to `beside`, and the answer.
async fn timed(lake: &Lake, what: &str, beside: Option<f64>, sql: &str) -> Outcome<f64> {
    let mut times = Vec::new();
    let mut answer = String::new();
    let busy = processor_seconds();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let table = lake.sql(sql, 10).await?;
        times.push(begun.elapsed().as_secs_f64());
        answer = table.rows.first().map(|row| format!("{row:?}")).unwrap_or_default();
    }
    let busy = (processor_seconds() - busy) / RUNS as f64;
    times.sort_unstable_by(f64::total_cmp);
    let median = times[times.len() / 2];
    let ratio = beside.map_or("-".to_owned(), |beside| format!("{:.2}", median / beside));
    row(&[what, &format!("{median:.2} s"), &format!("{busy:.2} s of processors"), &ratio, &answer]);
    Ok(median)
}

/// What this process has used of the processors, from `/proc`; 0 where there is none.
fn processor_seconds() -> f64 {
    let line = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = line.rsplit(')').next().unwrap_or_default();
    let ticks: f64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|one| one.parse::<f64>().ok()).sum();
    ticks / 100.0
}
