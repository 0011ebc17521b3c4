//! Unknown devices, shared numbers, wrong clocks, states.

use std::time::Duration;

use sanggan_base::{AreaCode, Cadence, StationCode};
use sanggan_gateway::DeviceState;
use sanggan_hj212::{Cn, format_time};
use sanggan_pack::{Name, StationKind};
use sanggan_store::{Actor, Admission, NewStation, QuarantineReason};

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_device_waits_and_its_packets_are_read_when_it_is_let_in() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    for second in [0, 1, 1] {
        let answer = logger.ask(&real_time("NEW01", second, 10.0 + second as f64)).await;
        assert_eq!(answer.message.cn(), Some(Cn::DATA_ANSWER), "it is durable, so it is answered");
    }
    // Somebody else's packet under the same number is not read later.
    let time = format!("DataTime={}", format_time(NOW));
    logger
        .ask(&packet_with("NEW01", "666666", Cn::REAL_TIME, NOW.plus(9000), &[&time, "a34004-Rtd=99"]))
        .await;
    logger.ask(&real_time("NEW01", 2, 12.0)).await;
    let waiting = || async { !platform.store.quarantine(false).await.expect("the list").is_empty() };
    until("the quarantine list names it", waiting).await;
    let row = &platform.store.quarantine(false).await.expect("the list")[0];
    assert_eq!((row.mn.as_str(), row.reason), ("NEW01", QuarantineReason::UnknownMn));
    assert_eq!(platform.intake.device(&mn("NEW01")).map(|d| d.state), Some(DeviceState::Quarantined));
    assert!(platform.rows("new-1", "a34004", Cadence::RealTime).await.is_empty());

    let admission = Admission::New(NewStation {
        code: StationCode::parse("new-1").expect("a code"),
        name: Name { zh: "新站".to_owned(), en: "New".to_owned() },
        kind: StationKind::Air,
        area: AreaCode::parse("140602").expect("a code"),
        lon: None,
        lat: None,
    });
    let report =
        platform.intake.admit(&mn("NEW01"), admission, None, &Actor::System).await.expect("admitted");
    assert_eq!((report.frames_decoded, report.readings_stored), (3, 3));
    assert_eq!(report.device.password.as_deref(), Some(PW));
    logger.ask(&real_time("NEW01", 3, 13.0)).await;
    logger.ask(&real_time("NEW01", 2, 12.0)).await;
    let values: Vec<f64> =
        platform.versions("new-1", "a34004", Cadence::RealTime).await.iter().map(|o| o.value).collect();
    assert_eq!(values, [10.0, 11.0, 12.0, 13.0]);
    let frames = platform.frames().await;
    let late = platform.versions("new-1", "a34004", Cadence::RealTime).await[0].frame;
    assert_eq!(late, Some(frames[0].id), "the value leads to the packet it came in");
    assert_eq!(platform.intake.device(&mn("NEW01")).map(|d| d.state), Some(DeviceState::Online));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admission_that_cannot_store_what_was_kept_says_so() {
    let platform = Platform::new().await;
    platform.connect().await.ask(&real_time("NEW03", 0, 1.0)).await;
    platform.lake.close().await;
    let at = Admission::At(StationCode::parse("outlet-1").expect("a code"));
    let admitted = platform.intake.admit(&mn("NEW03"), at, None, &Actor::System).await;
    assert!(admitted.is_err(), "{admitted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_packet_is_lost_between_quarantine_and_admission() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    logger.ask(&real_time("NEW02", 0, 1.0)).await;
    let sender = tokio::spawn(async move {
        for second in 1..200 {
            logger.ask(&real_time("NEW02", second, 1.0)).await;
        }
    });
    let at = Admission::At(StationCode::parse("air-1").expect("a code"));
    platform.intake.admit(&mn("NEW02"), at, None, &Actor::System).await.expect("admitted");
    sender.await.expect("all answered");
    let rows = platform.versions("air-1", "a34004", Cadence::RealTime).await;
    assert_eq!(rows.len(), 200, "each packet's value is there once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_device_is_cut_off() {
    let platform = Platform::new().await;
    platform.connect().await.ask(&real_time("BAD01", 0, 1.0)).await;
    until("the list names it", || async {
        !platform.store.quarantine(false).await.expect("the list").is_empty()
    })
    .await;
    platform.store.refuse(&mn("BAD01"), "not ours", &Actor::System, NOW).await.expect("refused");
    let mut logger = platform.connect().await;
    logger.send(&real_time("BAD01", 1, 1.0)).await;
    assert!(logger.next().await.is_none(), "closed without an answer");
    assert_eq!(platform.frames().await.len(), 1);
    assert!(platform.intake.devices_snapshot().iter().all(|device| device.mn.as_str() != "BAD01"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_device_does_not_cut_off_others_behind_the_same_logger() {
    let platform = Platform::new().await;
    platform.connect().await.ask(&real_time("BAD01", 0, 1.0)).await;
    until("the list names it", || async {
        !platform.store.quarantine(false).await.expect("the list").is_empty()
    })
    .await;
    platform.store.refuse(&mn("BAD01"), "not ours", &Actor::System, NOW).await.expect("refused");
    let mut gatherer = platform.connect().await;
    for second in 1..4 {
        gatherer.ask(&real_time("AIR01", second, 1.0)).await;
        gatherer.send(&real_time("BAD01", second, 1.0)).await;
    }
    gatherer.ask(&real_time("OUT01", 9, 1.0)).await;
    let rows = platform.frame_rows().await;
    let of = |mn: &str| rows.iter().filter(|row| row.contains(mn)).count();
    assert_eq!((of("AIR01"), of("OUT01"), of("BAD01")), (3, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_devices_with_one_number_are_noticed() {
    let platform = Platform::new().await;
    let mut first = Logger::connect(platform.gateway.local_addr(), "127.0.0.2").await;
    let mut second = Logger::connect(platform.gateway.local_addr(), "127.0.0.3").await;
    for turn in 0..3 {
        first.ask(&real_time("AIR01", 10 * turn, 30.0)).await;
        second.ask(&real_time("AIR01", 10 * turn + 3, 80.0)).await;
    }
    assert!(platform.intake.device(&mn("AIR01")).expect("known").shared_mn);
    let rows = platform.frame_rows().await;
    assert_eq!(rows.last().map(String::as_str), Some("stored AIR01 [shared_mn]"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_reconnects_does_not_share_its_number() {
    let platform = Platform::new().await;
    let mut half_open = Vec::new();
    for turn in 0..6 {
        let mut logger = platform.connect().await;
        logger.ask(&real_time("AIR01", turn, 30.0)).await;
        logger.ask(&real_time("AIR01", turn, 30.0)).await;
        half_open.push(logger);
    }
    assert!(!platform.intake.device(&mn("AIR01")).expect("known").shared_mn);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_a_wrong_clock_are_kept_and_not_used() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let clock = platform_clock();
    let day = 86_400_000;
    let times = [-(i64::from(clock.behind_days) + 1) * day, -day, (i64::from(clock.ahead_s) + 60) * 1000];
    for (number, offset) in times.into_iter().enumerate() {
        let time = format!("DataTime={}", format_time(NOW.plus(offset)));
        let qn = NOW.plus(number as i64);
        logger.ask(&packet("AIR01", Cn::REAL_TIME, qn, &[&time, "a34004-Rtd=5,a34004-Flag=N"])).await;
    }
    let rows = platform.versions("air-1", "a34004", Cadence::RealTime).await;
    let flags: Vec<&str> = rows.iter().map(|o| o.flag.name()).collect();
    assert_eq!(flags, ["clock_suspect", "normal", "clock_suspect"]);
    let defects: Vec<String> = platform.frame_rows().await;
    assert_eq!(defects, ["stored AIR01 [clock_suspect]", "stored AIR01 []", "stored AIR01 [clock_suspect]"]);
}

fn platform_clock() -> sanggan_pack::ClockRule {
    sanggan_pack::Pack::embedded().expect("the built-in pack").defaults.clock
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platforms_clock_may_jump() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    platform.set_clock(NOW.plus(-3_600_000));
    logger.ask(&real_time("AIR01", -3600, 2.0)).await;
    platform.set_clock(NOW.plus(7_200_000));
    logger.ask(&real_time("AIR01", 7200, 3.0)).await;
    let mut recorded: Vec<_> =
        platform.versions("air-1", "a34004", Cadence::RealTime).await.iter().map(|o| o.recorded_at).collect();
    assert_eq!(recorded.len(), 3);
    recorded.sort_unstable();
    assert!(recorded[0] >= NOW, "recording never goes back: {recorded:?}");
    let status = platform.intake.device(&mn("AIR01")).expect("known");
    assert_eq!(status.last_seen, Some(NOW.plus(7_200_000)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_years_ahead_leaves_no_trace_in_the_health_of_devices() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    platform.set_clock(NOW.plus(3_650 * 86_400_000));
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    platform.set_clock(NOW);
    logger.ask(&real_time("AIR01", 1, 2.0)).await;
    let status = platform.intake.device(&mn("AIR01")).expect("known");
    assert_eq!((status.last_seen, status.frames_today), (Some(NOW), 1));
    // A restart reads the packets of before; the test's clock shows NOW again.
    let platform = platform.restart().await;
    assert_eq!(platform.intake.device(&mn("AIR01")).expect("known").last_seen, Some(NOW));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_packet_with_another_password_does_not_make_a_device_look_alive() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let broken = |pw: &str| {
        let mut bytes = packet_with("AIR01", pw, Cn::REAL_TIME, NOW, &["a34004-Rtd=1.0"]);
        let crc = bytes.len() - 6;
        let wrong = if &bytes[crc..crc + 4] == b"0000" { b"0001" } else { b"0000" };
        bytes[crc..crc + 4].copy_from_slice(wrong);
        bytes
    };
    let seen = || platform.intake.device(&mn("AIR01")).expect("registered").last_seen;
    logger.send(&broken("guess")).await;
    until("it is kept", || async { platform.frames().await.len() == 1 }).await;
    assert_eq!(seen(), None);
    logger.send(&broken(PW)).await;
    until("it is kept", || async { platform.frames().await.len() == 2 }).await;
    assert_eq!(seen(), Some(NOW));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_device_becomes_late_and_then_offline() {
    let platform = Platform::new().await;
    let mut events = platform.intake.subscribe();
    let never = platform.intake.device(&mn("OUT01")).expect("registered");
    assert_eq!((never.state, never.last_seen), (DeviceState::Never, None));
    platform.connect().await.ask(&real_time("AIR01", 0, 1.0)).await;
    let rule = sanggan_pack::Pack::embedded().expect("the built-in pack").defaults;
    let rule = rule.kind(StationKind::Air).clone();
    let mut states = Vec::new();
    for seconds in [0, rule.late_after_s + 1, rule.offline_after_s + 1] {
        platform.set_clock(NOW.plus(i64::from(seconds) * 1000));
        let event = tokio::time::timeout(PATIENCE, events.recv()).await.expect("in time").expect("an event");
        assert_eq!(event.mn.as_str(), "AIR01");
        states.push(event.state);
    }
    assert_eq!(states, [DeviceState::Online, DeviceState::Late, DeviceState::Offline]);
    assert!(tokio::time::timeout(Duration::from_millis(80), events.recv()).await.is_err(), "told once");
}
