//! The follower over a real lake: cascade, corrections, restarts, loads, areas. One binary: the engine is costly to link.

#![expect(clippy::print_stdout, reason = "the bulk test says how long it took")]

mod outlets;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sanggan_base::{
    Cadence, Flag, Grain, Measure, Millis, ParameterCode, Reading, SeriesId, SeriesKey, StatKind,
    StationCode, time::HOUR_MS, time::MINUTE_MS,
};
use sanggan_jobs::{
    AreaSites, FollowOptions, Housekeeper, HousekeepingOptions, Site, Sites, StatisticsFollower,
};
use sanggan_lake::{Lake, LakeOptions, ReadQuery, Statistic};
use sanggan_pack::{Pack, StationKind};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A lake in a folder of its own, a clock that is set, and places.
struct Bench {
    folder: tempfile::TempDir,
    now: Arc<AtomicI64>,
    sites: watch::Sender<Arc<Sites>>,
    lake: Lake,
}

fn station(code: &str) -> StationCode {
    StationCode::parse(code).expect("a code")
}

fn at(text: &str) -> Millis {
    Millis::from_local(text.parse().expect("a time")).expect("in range")
}

impl Bench {
    async fn open(places: &[(&str, StationKind)], area: &[&str]) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Arc::new(AtomicI64::new(at("2021-06-15T12:30").0));
        let parameters = Arc::new(Pack::embedded().expect("the built-in pack").parameters);
        let place =
            |&(code, kind): &(&str, StationKind)| (station(code), Site { kind, minute_interval: Some(10) });
        let areas = vec![AreaSites {
            station: station("area:140600"),
            members: area.iter().map(|code| station(code)).collect(),
        }];
        let sites = Sites::new(places.iter().map(place), areas, parameters);
        let lake = Bench::lake(&folder, &now).await;
        Bench { folder, now, sites: watch::Sender::new(Arc::new(sites)), lake }
    }

    async fn lake(folder: &tempfile::TempDir, now: &Arc<AtomicI64>) -> Lake {
        let clock = Arc::clone(now);
        let clock = Arc::new(move || Millis(clock.load(Ordering::SeqCst)));
        Lake::open(LakeOptions::new(folder.path()), clock).await.expect("the lake opens")
    }

    /// The program ends without warning and starts again.
    async fn restart(self) -> Bench {
        let Bench { folder, now, sites, lake } = self;
        lake.close().await;
        drop(lake);
        let lake = Bench::lake(&folder, &now).await;
        Bench { folder, now, sites, lake }
    }

    fn follower(&self) -> StatisticsFollower {
        let clock = Arc::clone(&self.now);
        let options = FollowOptions { debounce: Duration::from_millis(20), ..FollowOptions::default() };
        let clock = Arc::new(move || Millis(clock.load(Ordering::SeqCst)));
        StatisticsFollower::new(self.lake.clone(), self.sites.subscribe(), clock, options)
    }

    fn set_clock(&self, text: &str) {
        self.now.store(at(text).0, Ordering::SeqCst);
    }

    fn series(&self, code: &str, parameter: &str, measure: Measure, cadence: Cadence) -> SeriesId {
        let parameter = ParameterCode::parse(parameter).expect("a code");
        let key = SeriesKey { station: station(code), parameter, measure, cadence };
        self.lake.series_id(&key).expect("a series")
    }

    /// Values every `step` from `from` on.
    async fn put(&self, series: SeriesId, from: &str, step: i64, values: impl IntoIterator<Item = f64>) {
        let reading = |(index, value)| Reading {
            series,
            at: at(from).plus(index as i64 * step),
            value,
            flag: Flag::Normal,
        };
        let readings = values.into_iter().enumerate().map(reading).collect();
        self.lake.append_readings("test".into(), readings).await.expect("stored");
    }

    async fn flagged(&self, series: SeriesId, from: &str, step: i64, count: usize, flag: Flag) {
        let reading = |index| Reading { series, at: at(from).plus(index as i64 * step), value: 999.0, flag };
        let readings = (0..count).map(reading).collect();
        self.lake.append_readings("test".into(), readings).await.expect("stored");
    }

    async fn catch_up(&self) -> usize {
        self.follower().catch_up().await.expect("the statistics follow").rows
    }

    async fn rows(&self, code: &str, parameter: &str, grain: Grain, kind: StatKind) -> Vec<Statistic> {
        let parameter = ParameterCode::parse(parameter).expect("a code");
        let key = SeriesKey {
            station: station(code),
            parameter,
            measure: Measure::Mean,
            cadence: Cadence::Computed,
        };
        let Some(series) = self.lake.find_series(&key) else { return Vec::new() };
        let query = ReadQuery {
            series: vec![series],
            from: at("2000-01-01T00:00"),
            to: at("2040-01-01T00:00"),
            as_of: None,
        };
        self.lake.read_statistics(query, grain, vec![kind]).await.expect("readable")
    }

    /// `value valid used/required -excluded` of the figure that begins at `start`.
    async fn figure(&self, code: &str, parameter: &str, grain: Grain, kind: StatKind, start: &str) -> String {
        let rows = self.rows(code, parameter, grain, kind).await;
        let Some(row) = rows.iter().find(|row| row.start == at(start)) else { return "nothing".to_owned() };
        let value = row.value.map_or("none".to_owned(), |value| format!("{}", (value * 1e4).round() / 1e4));
        let valid = if row.valid { "valid" } else { "invalid" };
        format!("{value} {valid} {}/{} -{}", row.used, row.required, row.excluded)
    }
}

const PM25: &str = "a34004";
const O3: &str = "a05024";

#[tokio::test(flavor = "multi_thread")]
async fn minutes_become_hours_days_months_and_years() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let minutes = bench.series("a1", PM25, Measure::Mean, Cadence::Minute);
    // Twenty hours of 10-minute values, each hour its own number; the twenty-first has 40 minutes only.
    for hour in 0..20 {
        let begin = format!("2021-06-01T{hour:02}:00");
        bench.put(minutes, &begin, 10 * MINUTE_MS, [f64::from(hour); 6]).await;
    }
    bench.put(minutes, "2021-06-01T20:00", 10 * MINUTE_MS, [80.0; 4]).await;
    bench.flagged(minutes, "2021-06-01T20:40", 10 * MINUTE_MS, 2, Flag::Calibration).await;
    assert!(0 < bench.catch_up().await);
    let hour = |start: &'static str| bench.figure("a1", PM25, Grain::Hour, StatKind::Mean, start);
    assert_eq!(hour("2021-06-01T07:00").await, "7 valid 6/5 -0");
    assert_eq!(hour("2021-06-01T20:00").await, "80 invalid 4/5 -2");
    assert_eq!(
        bench.figure("a1", PM25, Grain::Day, StatKind::Mean, "2021-06-01T00:00").await,
        "9.5 valid 20/20 -1"
    );
    assert_eq!(
        bench.figure("a1", PM25, Grain::Hour, StatKind::Mean24h, "2021-06-01T19:00").await,
        "9.5 valid 20/20 -0"
    );
    assert_eq!(
        bench.figure("a1", PM25, Grain::Month, StatKind::Mean, "2021-06-01T00:00").await,
        "9.5 invalid 1/27 -0"
    );
    assert_eq!(
        bench.figure("a1", PM25, Grain::Year, StatKind::P95, "2021-01-01T00:00").await,
        "9.5 invalid 1/324 -0"
    );
    // Nothing new came in: nothing is computed and nothing stored.
    assert_eq!(bench.catch_up().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_correction_recomputes_what_stands_on_it_and_keeps_the_old() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &["a1"]).await;
    let hours = bench.series("a1", PM25, Measure::Mean, Cadence::Hour);
    bench.put(hours, "2021-05-01T00:00", HOUR_MS, [30.0; 24 * 31]).await;
    bench.catch_up().await;
    let month = || bench.figure("a1", PM25, Grain::Month, StatKind::Mean, "2021-05-01T00:00");
    assert_eq!(month().await, "30 valid 31/27 -0");
    let before = Millis(bench.now.load(Ordering::SeqCst));
    bench.set_clock("2021-06-15T13:00");
    bench.put(hours, "2021-05-10T05:00", HOUR_MS, [30.0 + 24.0 * 31.0]).await;
    // The hour, its day, month and year with their percentiles, 24 moving means; the same again for the area.
    let rows = bench.catch_up().await;
    assert_eq!(
        bench.figure("a1", PM25, Grain::Hour, StatKind::Mean, "2021-05-10T05:00").await,
        "774 valid 1/1 -0"
    );
    assert_eq!(
        bench.figure("a1", PM25, Grain::Day, StatKind::Mean, "2021-05-10T00:00").await,
        "61 valid 24/20 -0"
    );
    assert_eq!(
        bench.figure("a1", PM25, Grain::Day, StatKind::Mean, "2021-05-11T00:00").await,
        "30 valid 24/20 -0"
    );
    assert_eq!(month().await, "31 valid 31/27 -0");
    assert_eq!(
        bench.figure("area:140600", PM25, Grain::Month, StatKind::Mean, "2021-05-01T00:00").await,
        "31 valid 31/27 -0"
    );
    // 1 hour + 24 moving + 1 day + month mean + year mean; the 95th percentiles of 31 days stay at 30.
    assert_eq!(rows, 2 * (1 + 24 + 1 + 2));
    let key = SeriesKey {
        station: station("a1"),
        parameter: ParameterCode::parse(PM25).expect("a code"),
        measure: Measure::Mean,
        cadence: Cadence::Computed,
    };
    let series = vec![bench.lake.find_series(&key).expect("computed")];
    let (from, to) = (at("2021-05-01T00:00"), at("2021-06-01T00:00"));
    let query = ReadQuery { series, from, to, as_of: Some(before) };
    let old = bench.lake.read_statistics(query, Grain::Month, vec![StatKind::Mean]).await.expect("readable");
    assert_eq!(old.first().and_then(|row| row.value), Some(30.0), "the figure as it was known before");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_source_of_an_hour_wins() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let minutes = bench.series("a1", PM25, Measure::Mean, Cadence::Minute);
    let hours = bench.series("a1", PM25, Measure::Mean, Cadence::Hour);
    let moments = bench.series("a1", PM25, Measure::Mean, Cadence::RealTime);
    let hour = |start: &'static str| bench.figure("a1", PM25, Grain::Hour, StatKind::Mean, start);
    // Minutes that cover the hour come before what the device sent for the hour.
    bench.put(minutes, "2021-06-02T00:00", 10 * MINUTE_MS, [10.0; 6]).await;
    bench.put(hours, "2021-06-02T00:00", HOUR_MS, [11.0, 21.0, 31.0]).await;
    // Too few minutes: the device's hour.
    bench.put(minutes, "2021-06-02T01:00", 10 * MINUTE_MS, [20.0; 3]).await;
    // Only momentary values, each minute.
    bench.put(moments, "2021-06-02T03:00", MINUTE_MS, (0..60).map(f64::from)).await;
    // Only invalid ones.
    bench.flagged(minutes, "2021-06-02T04:00", 10 * MINUTE_MS, 6, Flag::Fault).await;
    bench.catch_up().await;
    assert_eq!(hour("2021-06-02T00:00").await, "10 valid 6/5 -0");
    assert_eq!(hour("2021-06-02T01:00").await, "21 valid 1/1 -0");
    assert_eq!(hour("2021-06-02T02:00").await, "31 valid 1/1 -0");
    assert_eq!(hour("2021-06-02T03:00").await, "29.5 valid 60/45 -0");
    assert_eq!(hour("2021-06-02T04:00").await, "none invalid 0/5 -6");
    assert_eq!(hour("2021-06-02T05:00").await, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn ozone_has_eight_hour_means_and_their_largest() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let hours = bench.series("a1", O3, Measure::Mean, Cadence::Hour);
    let day: Vec<f64> = (0..24).map(|hour| if (10..18).contains(&hour) { 180.0 } else { 60.0 }).collect();
    bench.put(hours, "2021-06-01T00:00", HOUR_MS, day).await;
    bench.catch_up().await;
    let eight = |start: &'static str| bench.figure("a1", O3, Grain::Hour, StatKind::Mean8h, start);
    assert_eq!(eight("2021-06-01T04:00").await, "60 invalid 5/6 -0");
    assert_eq!(eight("2021-06-01T05:00").await, "60 valid 6/6 -0");
    assert_eq!(eight("2021-06-01T17:00").await, "180 valid 8/6 -0");
    assert_eq!(eight("2021-06-01T18:00").await, "165 valid 8/6 -0");
    assert_eq!(eight("2021-06-02T00:00").await, "nothing", "no hour, no moving mean");
    let day = |kind| bench.figure("a1", O3, Grain::Day, kind, "2021-06-01T00:00");
    assert_eq!(day(StatKind::Mda8).await, "180 valid 17/14 -0");
    assert_eq!(day(StatKind::MaxHour).await, "180 valid 24/20 -0");
    assert_eq!(day(StatKind::Mean).await, "100 valid 24/20 -0");
    assert_eq!(
        bench.figure("a1", O3, Grain::Month, StatKind::P90, "2021-06-01T00:00").await,
        "180 invalid 1/27 -0"
    );
    assert_eq!(bench.figure("a1", O3, Grain::Month, StatKind::Mean, "2021-06-01T00:00").await, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_are_compacted_without_waiting_for_the_time() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let hours = bench.series("a1", PM25, Measure::Mean, Cadence::Hour);
    for hour in 0..6 {
        bench.put(hours, &format!("2021-04-01T0{hour}:00"), HOUR_MS, [12.0]).await;
        bench.catch_up().await;
        bench.lake.seal().await.expect("sealed");
    }
    let before = bench.lake.status().sealed_files;
    let options = HousekeepingOptions {
        look_every: Duration::from_millis(10),
        compact_files: before,
        ..HousekeepingOptions::default()
    };
    let stop = CancellationToken::new();
    let running = tokio::spawn(Housekeeper::new(bench.lake.clone(), options).run(stop.clone()));
    for _ in 0..500 {
        if bench.lake.status().sealed_files < before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.expect("stopped");
    assert!(bench.lake.status().sealed_files < before);
    assert_eq!(bench.lake.status().sealed_observations, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_the_mean_of_enough_of_its_stations() {
    let codes = ["a1", "a2", "a3", "a4"];
    let places: Vec<(&str, StationKind)> = codes.iter().map(|&code| (code, StationKind::Air)).collect();
    let bench = Bench::open(&places, &codes).await;
    for (index, code) in codes.iter().enumerate() {
        let series = bench.series(code, PM25, Measure::Mean, Cadence::Hour);
        // The fourth station measures ten hours only.
        let count = if index == 3 { 10 } else { 24 };
        bench.put(series, "2021-06-01T00:00", HOUR_MS, vec![10.0 * (index + 1) as f64; count]).await;
    }
    bench.catch_up().await;
    let hour = |start: &'static str| bench.figure("area:140600", PM25, Grain::Hour, StatKind::Mean, start);
    assert_eq!(hour("2021-06-01T00:00").await, "25 valid 4/3 -0");
    assert_eq!(hour("2021-06-01T12:00").await, "20 valid 3/3 -0");
    assert_eq!(
        bench.figure("area:140600", PM25, Grain::Day, StatKind::Mean, "2021-06-01T00:00").await,
        "20 valid 3/3 -1"
    );
    // Two of four are too few.
    let third = bench.series("a3", PM25, Measure::Mean, Cadence::Hour);
    bench.flagged(third, "2021-06-01T12:00", HOUR_MS, 1, Flag::Invalid).await;
    bench.catch_up().await;
    assert_eq!(hour("2021-06-01T12:00").await, "15 invalid 2/3 -1");
}

#[tokio::test(flavor = "multi_thread")]
async fn directions_are_averaged_about_the_circle() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let minutes = bench.series("a1", "a01008", Measure::Mean, Cadence::Minute);
    bench
        .put(
            minutes,
            "2021-06-01T00:00",
            10 * MINUTE_MS,
            [340.0, 20.0, 350.0, 10.0, 30.0, 330.0].map(|d| d + 10.0),
        )
        .await;
    bench.catch_up().await;
    assert_eq!(
        bench.figure("a1", "a01008", Grain::Hour, StatKind::Mean, "2021-06-01T00:00").await,
        "10 valid 6/5 -0"
    );
}

/// Waits, without a fixed time, until a figure is what it should be.
async fn becomes(bench: &Bench, what: (&str, &str, Grain, StatKind, &str), want: &str) {
    let (code, parameter, grain, kind, start) = what;
    let mut got = String::new();
    for _ in 0..500 {
        got = bench.figure(code, parameter, grain, kind, start).await;
        if got == want {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("want {want}, got {got}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_the_bus_and_waits_for_the_hour_to_end() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let follower = bench.follower();
    let (mut changes, stop) = (follower.changes(), CancellationToken::new());
    let running = tokio::spawn(follower.run(stop.clone()));
    let minutes = bench.series("a1", PM25, Measure::Mean, Cadence::Minute);
    bench.set_clock("2021-06-15T12:59");
    bench.put(minutes, "2021-06-15T11:00", 10 * MINUTE_MS, [20.0; 6]).await;
    bench.put(minutes, "2021-06-15T12:00", 10 * MINUTE_MS, [30.0; 5]).await;
    becomes(&bench, ("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T11:00"), "20 valid 6/5 -0").await;
    let changed = changes.recv().await.expect("told");
    assert!(
        changed.periods.iter().any(|one| one.grain == Grain::Hour && one.start == at("2021-06-15T11:00"))
    );
    let running_hour = || bench.figure("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T12:00");
    assert_eq!(running_hour().await, "nothing", "an hour that has not ended is no hour yet");
    // All commits are followed all the same, so that the lake may seal.
    for _ in 0..500 {
        if bench.lake.touched_since(bench.lake.statistics_followed()).await.expect("readable").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(bench.lake.touched_since(bench.lake.statistics_followed()).await.expect("readable").is_empty());
    bench.set_clock("2021-06-15T13:01");
    becomes(&bench, ("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T12:00"), "30 valid 5/5 -0").await;
    stop.cancel();
    running.await.expect("it stops when told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_catches_up_also_on_hours_that_were_open() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let minutes = bench.series("a1", PM25, Measure::Mean, Cadence::Minute);
    let (follower, stop) = (bench.follower(), CancellationToken::new());
    let running = tokio::spawn(follower.run(stop.clone()));
    bench.set_clock("2021-06-15T12:50");
    bench.put(minutes, "2021-06-15T11:00", 10 * MINUTE_MS, [20.0; 6]).await;
    bench.put(minutes, "2021-06-15T12:00", 10 * MINUTE_MS, [30.0; 5]).await;
    becomes(&bench, ("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T11:00"), "20 valid 6/5 -0").await;
    stop.cancel();
    running.await.expect("stopped");
    // The program is down; later values come in before the follower runs again.
    let bench = bench.restart().await;
    bench.set_clock("2021-06-15T16:00");
    bench.put(minutes, "2021-06-15T15:00", 10 * MINUTE_MS, [50.0; 5]).await;
    let (follower, stop) = (bench.follower(), CancellationToken::new());
    let running = tokio::spawn(follower.run(stop.clone()));
    becomes(&bench, ("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T12:00"), "30 valid 5/5 -0").await;
    bench.set_clock("2021-06-15T16:01");
    becomes(&bench, ("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T15:00"), "50 valid 5/5 -0").await;
    stop.cancel();
    running.await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_left_open_is_finished_however_long_the_platform_was_down() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let minutes = bench.series("a1", PM25, Measure::Mean, Cadence::Minute);
    // A tool computes the running hour from what is there.
    bench.set_clock("2021-06-15T12:11");
    bench.put(minutes, "2021-06-15T12:00", 10 * MINUTE_MS, [20.0; 1]).await;
    bench.catch_up().await;
    let hour = ("a1", PM25, Grain::Hour, StatKind::Mean, "2021-06-15T12:00");
    becomes(&bench, hour, "20 invalid 1/5 -0").await;
    // The follower hears the rest of the hour, but not its end.
    let (follower, stop) = (bench.follower(), CancellationToken::new());
    let running = tokio::spawn(follower.run(stop.clone()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.put(minutes, "2021-06-15T12:10", 10 * MINUTE_MS, [20.0, 20.0, 20.0, 20.0]).await;
    bench.set_clock("2021-06-15T12:59");
    for _ in 0..500 {
        if bench.lake.statistics_followed() == bench.lake.status().last_seq {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.expect("stopped");
    becomes(&bench, hour, "20 invalid 1/5 -0").await;
    let bench = bench.restart().await;
    bench.set_clock("2021-06-25T08:00");
    bench.catch_up().await;
    becomes(&bench, hour, "20 valid 5/5 -0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_during_a_recomputation_is_followed_after_it() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let hours = bench.series("a1", PM25, Measure::Mean, Cadence::Hour);
    let (follower, stop) = (bench.follower(), CancellationToken::new());
    let running = tokio::spawn(follower.run(stop.clone()));
    let begin = at("2021-05-01T00:00");
    for hour in 0..400 {
        let one = Reading { series: hours, at: begin.plus(hour * HOUR_MS), value: 7.0, flag: Flag::Normal };
        bench.lake.append_readings("test".into(), vec![one]).await.expect("stored");
    }
    let last = bench.lake.status().last_seq;
    for _ in 0..1000 {
        if bench.lake.statistics_followed() == last {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.expect("stopped");
    let rows = bench.rows("a1", PM25, Grain::Hour, StatKind::Mean).await;
    assert_eq!(rows.iter().filter(|row| row.valid && row.value == Some(7.0)).count(), 400);
    let days = bench.rows("a1", PM25, Grain::Day, StatKind::Mean).await;
    assert_eq!(days.iter().filter(|row| row.used == 24).count(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_followed_before_a_restart_is_followed_after_it() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let hours = bench.series("a1", PM25, Measure::Mean, Cadence::Hour);
    bench.put(hours, "2021-04-01T00:00", HOUR_MS, [12.0; 48]).await;
    let bench = bench.restart().await;
    assert!(0 < bench.catch_up().await);
    assert_eq!(
        bench.figure("a1", PM25, Grain::Day, StatKind::Mean, "2021-04-02T00:00").await,
        "12 valid 24/20 -0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn housekeeping_seals_what_was_followed_and_the_figures_stay() {
    let bench = Bench::open(&[("a1", StationKind::Air)], &[]).await;
    let hours = bench.series("a1", PM25, Measure::Mean, Cadence::Hour);
    bench.put(hours, "2021-04-01T00:00", HOUR_MS, [12.0; 24 * 30]).await;
    bench.catch_up().await;
    let options = HousekeepingOptions {
        look_every: Duration::from_millis(10),
        seal_rows: 1,
        compact_every: Duration::from_millis(1),
        ..HousekeepingOptions::default()
    };
    let stop = CancellationToken::new();
    let running = tokio::spawn(Housekeeper::new(bench.lake.clone(), options).run(stop.clone()));
    for _ in 0..500 {
        if bench.lake.status().hot_observations == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.expect("stopped");
    assert_eq!(bench.lake.status().sealed_observations, 24 * 30);
    let month = || bench.figure("a1", PM25, Grain::Month, StatKind::Mean, "2021-04-01T00:00");
    assert_eq!(month().await, "12 valid 30/27 -0");
    // A correction of a sealed hour.
    bench.put(hours, "2021-04-10T05:00", HOUR_MS, [12.0 + 24.0 * 30.0]).await;
    bench.catch_up().await;
    assert_eq!(month().await, "13 valid 30/27 -0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_stations_is_followed_in_bulk() {
    const STATIONS: usize = 10;
    let codes: Vec<String> = (0..STATIONS).map(|index| format!("b{index}")).collect();
    let names: Vec<&str> = codes.iter().map(String::as_str).collect();
    let places: Vec<(&str, StationKind)> = names.iter().map(|&code| (code, StationKind::Air)).collect();
    let bench = Bench::open(&places, &names).await;
    let pollutants = ["a21026", "a21004", "a21005", O3, "a34002", PM25];
    let hours = 365 * 24;
    for code in &names {
        for parameter in pollutants {
            let series = bench.series(code, parameter, Measure::Mean, Cadence::Hour);
            bench
                .put(series, "2019-01-01T00:00", HOUR_MS, (0..hours).map(|hour| f64::from(hour % 100)))
                .await;
        }
    }
    let begun = std::time::Instant::now();
    let done = bench.follower().catch_up().await.expect("followed");
    println!(
        "{} hours of series, {} figures in {:.1} s ({:.0} hours/s)",
        done.hours,
        done.rows,
        begun.elapsed().as_secs_f64(),
        done.hours as f64 / begun.elapsed().as_secs_f64()
    );
    assert_eq!(done.hours, STATIONS * pollutants.len() * hours as usize);
    let figure = bench.figure("b3", PM25, Grain::Year, StatKind::Mean, "2019-01-01T00:00").await;
    assert!(figure.ends_with("valid 365/324 -0"), "{figure}");
    let area = bench.figure("area:140600", O3, Grain::Year, StatKind::P90, "2019-01-01T00:00").await;
    assert!(area.ends_with("valid 365/324 -0"), "{area}");
    assert_eq!(bench.lake.touched_since(bench.lake.statistics_followed()).await.expect("readable"), []);
}
