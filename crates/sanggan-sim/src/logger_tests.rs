use super::*;
use crate::fault::{Schedule, ScheduledFault, ValueFault};
use crate::profile::Profiles;
use crate::site::SiteKind;
use sanggan_base::{ParameterCode, StationCode};

const MORNING: i64 = 1_795_399_200_000; // 2026-11-23T10:00:00+08:00

fn water(faults: Vec<ScheduledFault>) -> (Arc<Site>, Arc<World>) {
    let profiles = Profiles::built_in();
    let levels = [("w00000", 300.0), ("w01018", 20.0), ("w21003", 0.8), ("w01001", 7.2)]
        .map(|(code, level)| (ParameterCode::parse(code).expect("a code"), level));
    let code = StationCode::parse("w-1").expect("a code");
    let site = Site::new(code, SiteKind::Water, &levels, faults, &profiles);
    (Arc::new(site), Arc::new(World::new(42, profiles)))
}

fn spec(edition: Edition) -> LoggerSpec {
    let channel =
        |position: usize, sent: &str, digits| Channel { position, sent: sent.into(), digits, units: None };
    LoggerSpec {
        mn: Mn::parse("140600000000000000000001").expect("an MN"),
        password: "123456".into(),
        edition,
        st: "32".into(),
        channels: vec![
            channel(0, "w00000", 2),
            channel(1, "w01018", 1),
            channel(2, "w21003", 3),
            channel(3, "w01001", 2),
        ],
        timing: Timing { real_time_ms: 10_000, minute_ms: 600_000, answer_ms: 5_000, resend_max: 2 },
        wants_answer: true,
        stamps_end: false,
        key: None,
        notice: None,
        wire_faults: WireFaults::default(),
    }
}

fn logger(spec: LoggerSpec) -> Logger {
    let (site, world) = water(Vec::new());
    let mut logger = Logger::new(spec, site, world, Millis(MORNING));
    logger.connected(Millis(MORNING));
    logger
}

fn sent(steps: &[Step]) -> Vec<String> {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Send(bytes) | Step::Trickle(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Step::Reconnect => None,
        })
        .collect()
}

fn answer_to(packet: &str) -> Vec<u8> {
    let qn = packet.split("QN=").nth(1).and_then(|rest| rest.split(';').next()).expect("a QN");
    packet::frame(
        format!("QN={qn};ST=91;CN=9014;PW=123456;MN=140600000000000000000001;Flag=4;CP=&&&&").as_bytes(),
    )
}

#[test]
fn an_unanswered_packet_is_sent_again_and_then_the_link_is_dropped() {
    let mut logger = logger(spec(Edition::V2017));
    let start = logger.wake_at();
    let first = sent(&logger.poll(start));
    assert_eq!(first.len(), 1, "one packet at a time while answers are wanted");
    for i in 1..=2 {
        assert_eq!(sent(&logger.poll(start.plus(5_000 * i))), first);
    }
    assert_eq!(logger.poll(start.plus(15_000)), vec![Step::Reconnect]);
    logger.disconnected();
    logger.connected(start.plus(16_000));
    assert_eq!(sent(&logger.poll(start.plus(16_000))), first, "what was not answered is kept");
    logger.received(start.plus(16_100), &answer_to(&first[0]));
    assert_ne!(sent(&logger.poll(start.plus(16_100))), first);
}

#[test]
fn the_three_editions_write_their_own_flag_and_only_2025_says_resent() {
    for (edition, flag, resent) in [
        (Edition::V2005, "Flag=1;", false),
        (Edition::V2017, "Flag=5;", false),
        (Edition::V2025, "Flag=9;", true),
    ] {
        let mut logger = logger(spec(edition));
        let start = logger.wake_at();
        let packet = sent(&logger.poll(start)).remove(0);
        assert!(packet.contains(flag), "{packet}");
        logger.disconnected();
        logger.connected(start.plus(1_000));
        let again = sent(&logger.poll(start.plus(1_000))).remove(0);
        assert_eq!(again.contains("RF=1;"), resent, "{again}");
    }
}

#[test]
fn an_hour_brings_its_real_time_minute_and_hour_packets() {
    let mut logger = logger(LoggerSpec { wants_answer: false, ..spec(Edition::V2017) });
    let mut counts = std::collections::BTreeMap::new();
    for second in 0..3_700 {
        for packet in sent(&logger.poll(Millis(MORNING + second * 1000))) {
            let cn = packet.split("CN=").nth(1).map(|rest| rest[..4].to_owned()).expect("a CN");
            *counts.entry(cn).or_insert(0) += 1;
        }
    }
    let counts: Vec<(String, i32)> = counts.into_iter().collect();
    assert_eq!(counts, [("2011".into(), 370), ("2051".into(), 6), ("2061".into(), 1)]);
}

#[test]
fn the_stamp_is_the_beginning_unless_the_device_stamps_the_end() {
    for (stamps_end, expected) in [(false, "DataTime=20261123100000;"), (true, "DataTime=20261123101000;")] {
        let mut logger = logger(LoggerSpec { wants_answer: false, stamps_end, ..spec(Edition::V2017) });
        let due = Millis(MORNING + 660_000);
        let minute =
            sent(&logger.poll(due)).into_iter().find(|p| p.contains("CN=2051")).expect("minute data");
        assert!(minute.contains(expected), "{minute}");
    }
}

#[test]
fn each_wire_fault_breaks_what_it_says() {
    let written = |fault| {
        let spec = LoggerSpec { wire_faults: WireFaults(vec![(fault, 1)]), ..spec(Edition::V2017) };
        let mut logger = logger(spec);
        let start = logger.wake_at();
        logger.poll(start)
    };
    let text = |fault| sent(&written(fault)).remove(0);
    let good = |packet: &str| packet::frame(packet[6..packet.len() - 6].as_bytes()) == packet.as_bytes();
    assert!(!good(&text(WireFault::BadCrc)));
    assert!(!good(&text(WireFault::WrongLength)));
    assert!(good(&text(WireFault::MissingQn)) && !text(WireFault::MissingQn).contains("QN="));
    assert!(text(WireFault::TrailingSemicolon).contains(";&&"));
    assert!(text(WireFault::ClockReset).contains("DataTime=20000101000000;"));
    for (fault, defect) in [
        (WireFault::BadCrc, "crc_mismatch"),
        (WireFault::WrongLength, "length_mismatch"),
        (WireFault::MissingQn, "missing_qn"),
        (WireFault::DoubledDataTime, "doubled_time"),
        (WireFault::TrailingSemicolon, "trailing_separator"),
    ] {
        let packet = text(fault);
        let decoded = sanggan_hj212::decode_packet(packet.as_bytes(), None).expect("a packet");
        let codes: Vec<&str> = decoded.defects.iter().map(|found| found.defect.code()).collect();
        assert_eq!(codes, [defect], "{packet}");
    }
    let doubled = written(WireFault::Duplicate);
    assert_eq!((doubled.len(), &doubled[0]), (2, &doubled[1]));
    assert_eq!(written(WireFault::Reconnect).last(), Some(&Step::Reconnect));
    assert!(matches!(written(WireFault::Trickle)[0], Step::Trickle(_)));
}

#[test]
fn long_data_is_split_and_each_part_is_answered_for_itself() {
    let mut spec = spec(Edition::V2017);
    spec.channels = (0..30)
        .map(|i| Channel { position: i % 4, sent: format!("w9{i:04}"), digits: 3, units: None })
        .collect();
    let mut logger = logger(spec);
    let start = logger.wake_at();
    let first = sent(&logger.poll(start)).remove(0);
    assert!(first.contains("Flag=7;PNUM=2;PNO=1;"), "{first}");
    let qn = first[9..26].to_owned();
    let answer = |number: u16| {
        packet::frame(
            format!("QN={qn};ST=91;CN=9014;PW=1;MN=1;Flag=6;PNUM=2;PNO={number};CP=&&&&").as_bytes(),
        )
    };
    logger.received(start, &answer(2));
    assert!(logger.poll(start).is_empty(), "the answer to part 2 is none to part 1");
    logger.received(start, &answer(1));
    let second = sent(&logger.poll(start)).remove(0);
    assert!(second.contains(&format!("QN={qn};")) && second.contains("PNO=2;"), "{second}");
    assert!(packet::frame(second[6..second.len() - 6].as_bytes()) == second.as_bytes());
}

#[test]
fn commands_are_answered_and_obeyed() {
    let mut logger = logger(LoggerSpec { wants_answer: false, ..spec(Edition::V2017) });
    let now = Millis(MORNING + 30_000);
    logger.poll(now);
    let command = |cn: u16, cp: &str| {
        packet::frame(format!("QN=20261123100000001;ST=32;CN={cn};PW=1;MN=1;Flag=5;CP=&&{cp}&&").as_bytes())
    };
    logger.received(now, &command(1062, "RtdInterval=30"));
    let replies = sent(&logger.poll(now)).join("\n");
    assert!(
        replies.contains("CN=9011") && replies.contains("CN=9012") && replies.contains("ExeRtn=1"),
        "{replies}"
    );
    assert_eq!(logger.spec.timing.real_time_ms, 30_000);
    logger.received(now, &command(2051, "BeginTime=20261123090000,EndTime=20261123093000"));
    let history = sent(&logger.poll(now));
    let minutes = history.iter().filter(|packet| packet.contains("CN=2051")).count();
    assert_eq!(minutes, 4, "09:00, 09:10, 09:20, 09:30");
    assert!(history.last().is_some_and(|packet| packet.contains("CN=9012")));
}

#[test]
fn value_faults_show_in_samples_and_periods() {
    let always = Schedule { every_ms: 86_400_000, for_ms: 86_400_000, offset_ms: 0, chance: 1.0 };
    let fault = |fault| ScheduledFault { parameter: None, fault, schedule: always };
    let at = Millis(MORNING);
    let (plain, world) = water(Vec::new());
    let usual = world.sample(&plain, at)[1].value;
    let (site, _) = water(vec![fault(ValueFault::Exceedance { factor: 3.0 })]);
    assert!(world.sample(&site, at)[1].value > 2.0 * usual);
    let (site, _) = water(vec![fault(ValueFault::Mark(Flag::Maintenance))]);
    assert_eq!(world.period(&site, at, 600_000, 10)[1].flag, Flag::Maintenance);
    let (site, _) = water(vec![fault(ValueFault::Silent)]);
    assert!(world.period(&site, at, 600_000, 10).is_empty());
    let (site, _) = water(vec![fault(ValueFault::Stuck)]);
    assert_eq!(world.sample(&site, at)[1].value, world.sample(&site, at.plus(3_600_000))[1].value);
}

#[test]
fn totals_are_the_flow_times_the_time() {
    let (site, world) = water(Vec::new());
    let hour = world.period(&site, Millis(MORNING), 3_600_000, 12);
    let volume = hour[0].mean * 3.6; // L/s over 3600 s, in m³
    assert!((hour[0].total - volume).abs() < 1e-6 * volume, "{} m³ for {volume}", hour[0].total);
    let mass = hour[1].mean * volume / 1000.0; // mg/L = g/m³, in kg; the two vary little within the hour
    assert!((hour[1].total / mass - 1.0).abs() < 0.02, "{} kg for {mass}", hour[1].total);
}

#[test]
fn the_platforms_codec_reads_what_loggers_write_in_every_edition() {
    for edition in [Edition::V2005, Edition::V2017, Edition::V2025] {
        let mut logger = logger(LoggerSpec { wants_answer: false, ..spec(edition) });
        let mut seen = 0;
        for second in 0..3_700 {
            for packet in sent(&logger.poll(Millis(MORNING + second * 1000))) {
                let decoded = sanggan_hj212::decode_packet(packet.as_bytes(), None).expect("a packet");
                assert!(decoded.whole(), "{packet}");
                assert!(decoded.defects.is_empty(), "{:?} in {packet}", decoded.defects);
                assert!(decoded.values().count() >= 4, "{packet}");
                seen += 1;
            }
        }
        assert_eq!(seen, 377);
    }
}

#[test]
fn an_encrypted_packet_is_read_with_its_key_only() {
    let key = *b"0123456789abcdef";
    let spec = LoggerSpec { key: Some(key), ..spec(Edition::V2025) };
    let mut logger = logger(spec);
    let start = logger.wake_at();
    let Step::Send(packet) = logger.poll(start).remove(0) else { panic!("bytes are sent") };
    let read = |key| sanggan_hj212::decode_packet(&packet, key).expect("a packet");
    let key = sanggan_hj212::Key::new(key);
    let with = read(Some(&key));
    assert!(with.encrypted && with.trustworthy(), "{:?}", with.defects);
    assert_eq!(with.values().count(), 4);
    assert_eq!(read(None).values().count(), 0);
}
