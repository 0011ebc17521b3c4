//! What is stored and answered for good packets.

use sanggan_base::Cadence;
use sanggan_hj212::{Cn, Edition, Packet, QnRtn, St, format_qn, format_time};
use sanggan_pack::{Binding, StampConvention};
use sanggan_store::Actor;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packet_is_in_the_lake_when_its_answer_comes() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    for second in 0..20 {
        let answer = logger.ask(&real_time("AIR01", second, 30.0 + second as f64)).await;
        let qn = format_qn(NOW.plus(second * 1000));
        assert_eq!(shown(&answer), format!("9014 {qn}"));
        assert_eq!(platform.frames().await.len() as i64, second + 1, "durable before the answer");
        let rows = platform.rows("air-1", "a34004", Cadence::RealTime).await;
        assert_eq!(rows.len() as i64, second + 1);
    }
    let status = platform.intake.device(&mn("AIR01")).expect("known");
    assert_eq!((status.frames_today, status.values_today, status.connections), (20, 20, 1));
    assert_eq!(status.clock_offset_s, Some(19.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_come_in_the_order_of_the_packets() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let many: Vec<u8> = (0..300).flat_map(|second| real_time("AIR01", second, 1.0)).collect();
    logger.send(&many).await;
    for second in 0..300 {
        let answer = logger.next().await.expect("an answer");
        assert_eq!(shown(&answer), format!("9014 {}", format_qn(NOW.plus(second * 1000))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_answered_that_asks_for_no_answer() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let time = format!("DataTime={}", format_time(NOW));
    let quiet = Packet::new(Edition::Y2017, St::AIR, Cn::REAL_TIME, NOW)
        .device("AIR01", PW)
        .group(time)
        .group("a34004-Rtd=1.5,a34004-Flag=N");
    logger.send(&quiet.encode().expect("it can be written").concat()).await;
    let answer = logger.ask(&real_time("AIR01", 7, 2.0)).await;
    assert_eq!(shown(&answer), format!("9014 {}", format_qn(NOW.plus(7000))), "the second packet's");
    assert_eq!(platform.frames().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heartbeats_and_time_requests_are_answered_as_notices() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let answer = logger.ask(&packet("AIR01", Cn::HEARTBEAT, NOW, &[])).await;
    assert_eq!(answer.message.cn(), Some(Cn::NOTICE_ANSWER));
    let answer = logger.ask(&packet("AIR01", Cn::ASK_TIME, NOW.plus(1), &[])).await;
    assert_eq!(answer.message.cn(), Some(Cn::NOTICE_ANSWER));
    let order = logger.next().await.expect("the time to set");
    assert_eq!((order.message.cn(), order.message.system_time()), (Some(Cn::SET_TIME), Some(NOW)));
    let rows = platform.frame_rows().await;
    assert_eq!(rows, ["control AIR01 []", "control AIR01 []"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_changes_nothing_and_a_conflicting_one_is_a_correction() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    for value in [30.0, 30.0, 31.0, 31.0] {
        let answer = logger.ask(&real_time("AIR01", 0, value)).await;
        assert_eq!(shown(&answer), format!("9014 {}", format_qn(NOW)));
    }
    assert_eq!(
        platform.frame_rows().await,
        ["stored AIR01 []", "duplicate AIR01 []", "stored AIR01 [conflicting_repeat]", "duplicate AIR01 []"]
    );
    let at = NOW.to_string();
    assert_eq!(
        platform.rows("air-1", "a34004", Cadence::RealTime).await,
        [format!("{at} 30 normal"), format!("{at} 31 normal")]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_are_known_after_a_restart() {
    let platform = Platform::new().await;
    let sent = real_time("AIR01", 0, 30.0);
    platform.connect().await.ask(&sent).await;
    let platform = platform.restart().await;
    let status = platform.intake.device(&mn("AIR01")).expect("known");
    assert_eq!((status.last_seen, status.frames_today, status.values_today), (Some(NOW), 1, 1));
    platform.connect().await.ask(&sent).await;
    assert_eq!(platform.frame_rows().await, ["stored AIR01 []", "duplicate AIR01 []"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packet_without_number_is_known_by_its_time() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let time = format_time(NOW);
    let old = |fields: &str| {
        framed(&format!("ST=32;CN=2011;PW={PW};MN=OUT01;Flag=1;CP=&&DataTime={time};{fields}&&"))
    };
    for fields in
        ["011-Rtd=40.0,011-Flag=N", "060-Rtd=1.0,060-Flag=N", "011-Rtd=40.0,011-Flag=N", "060-Rtd=2.0"]
    {
        let answer = logger.ask(&old(fields)).await;
        assert_eq!(answer.message.cn(), Some(Cn::DATA_ANSWER));
    }
    let statuses: Vec<String> =
        platform.frame_rows().await.iter().map(|row| row.replace(" OUT01", "")).collect();
    assert_eq!(statuses, ["stored []", "stored []", "duplicate []", "stored [conflicting_repeat]"]);
    assert_eq!(platform.rows("outlet-1", "w01018", Cadence::RealTime).await, [format!("{NOW} 40 normal")]);
    assert_eq!(platform.versions("outlet-1", "w21003", Cadence::RealTime).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_a_split_packet_share_the_time_whichever_comes_first() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let time = format_time(NOW);
    let part = |qn: i64, number: u8, cp: &str| {
        let qn = format_qn(NOW.plus(qn));
        let header = format!("QN={qn};ST=22;CN=2051;PW={PW};MN=AIR01;Flag=7;PNUM=2;PNO={number}");
        framed(&format!("{header};CP=&&{cp}&&"))
    };
    let first = format!("DataTime={time};a34004-Avg=1.0,a34004-Flag=N");
    for (qn, number, cp) in [
        (1, 1, first.as_str()),
        (1, 2, "a21026-Avg=2.0,a21026-Flag=N"),
        (2, 2, "a21004-Avg=3.0,a21004-Flag=N"),
    ] {
        logger.ask(&part(qn, number, cp)).await;
    }
    assert!(platform.rows("air-1", "a21004", Cadence::Minute).await.is_empty(), "its time is not known yet");
    let platform = platform.restart().await;
    let mut logger = platform.connect().await;
    let second = format!("DataTime={time};a05024-Avg=4.0,a05024-Flag=N");
    logger.ask(&part(2, 1, &second)).await;
    // The table takes gases to be sent in mg/m³ and keeps them in µg/m³.
    for (parameter, value) in [("a34004", 1), ("a21026", 2000), ("a21004", 3000), ("a05024", 4000)] {
        let rows = platform.versions("air-1", parameter, Cadence::Minute).await;
        assert_eq!(rows.len(), 1, "{parameter}");
        assert_eq!((rows[0].at, rows[0].value as i64), (NOW, value), "{parameter}");
        let frame = platform.lake.frame(rows[0].frame.expect("it came in a packet")).await;
        let bytes = frame.expect("readable").expect("there").bytes;
        assert!(String::from_utf8_lossy(&bytes).contains(parameter), "{parameter} leads to its own packet");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_and_stamps_follow_the_device() {
    let platform = Platform::new().await;
    let mut device = device("AIR02", "air-1");
    device.stamp = StampConvention::End;
    device.bindings = vec![
        Binding {
            sent: "PM25".to_owned(),
            parameter: sanggan_base::ParameterCode::parse("a34004").expect("a code"),
            unit: Some(sanggan_base::Unit::MgPerM3),
        },
        Binding {
            sent: "odd".to_owned(),
            parameter: sanggan_base::ParameterCode::parse("a21026").expect("a code"),
            unit: Some(sanggan_base::Unit::KPa),
        },
    ];
    platform.store.put_device(&device, "test", &Actor::System, NOW).await.expect("a device");
    let mut logger = platform.connect().await;
    let time = format!("DataTime={}", format_time(NOW));
    let fields = [time.as_str(), "PM25-Avg=0.0351,PM25-Flag=N", "odd-Avg=7", "zz99-Avg=5,zz99-Flag=N"];
    logger.ask(&packet("AIR02", Cn::HOUR, NOW, &fields)).await;
    let began = NOW.plus(-3_600_000);
    assert_eq!(platform.rows("air-1", "a34004", Cadence::Hour).await, [format!("{began} 35.1 normal")]);
    assert_eq!(platform.rows("air-1", "a21026", Cadence::Hour).await, [format!("{began} 7 invalid")]);
    assert_eq!(platform.rows("air-1", "raw:zz99", Cadence::Hour).await, [format!("{began} 5 normal")]);
    let rows = platform.frame_rows().await;
    assert!(rows[0].contains("unit_mismatch") && rows[0].contains("unknown_parameter"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_gives_no_values() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let time = format!("DataTime={}", format_time(NOW));
    let fields = [time.as_str(), "a34004-Rtd=9.0,a34004-Flag=N"];
    let answer = logger.ask(&packet_with("AIR01", "654321", Cn::REAL_TIME, NOW, &fields)).await;
    assert_eq!(answer.message.cn(), Some(Cn::REQUEST_ANSWER));
    assert_eq!(answer.message.qn_rtn(), Some(QnRtn::BadPassword));
    assert_eq!(platform.frame_rows().await, ["quarantined AIR01 [wrong_password]"]);
    // The device itself is not taken for a repeat of the impostor's packet.
    let answer = logger.ask(&packet("AIR01", Cn::REAL_TIME, NOW, &fields)).await;
    assert_eq!(answer.message.cn(), Some(Cn::DATA_ANSWER));
    assert_eq!(platform.rows("air-1", "a34004", Cadence::RealTime).await, [format!("{NOW} 9 normal")]);
    let status = platform.intake.device(&mn("AIR01")).expect("known");
    assert_eq!(status.defects_last_day.get("wrong_password"), Some(&1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_check_code_is_kept_and_not_answered() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    let mut broken = real_time("AIR01", 0, 30.0);
    let value = broken.windows(6).position(|bytes| bytes == b"Rtd=30").expect("the value");
    broken[value + 5] = b'9';
    logger.send(&broken).await;
    let answer = logger.ask(&real_time("AIR01", 1, 30.0)).await;
    assert_eq!(shown(&answer), format!("9014 {}", format_qn(NOW.plus(1000))));
    let rows = platform.frame_rows().await;
    assert_eq!(rows, ["unreadable AIR01 [crc_mismatch]", "stored AIR01 []"]);
}
