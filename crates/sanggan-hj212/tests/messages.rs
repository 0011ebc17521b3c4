//! Commands, answers, uploads and split messages against the texts the standards print.

use expect_test::{Expect, expect};
use sanggan_base::{Cadence, Flag, Millis};
use sanggan_hj212::{
    Command, DataPoint, Decoded, Edition, ExeRtn, Joined, Key, Packet, QnRtn, Reassembler, ReassemblyLimits,
    St, Suffix, TimeRange, Upload, decode_packet, decode_segment, join, parse_stamp, reply,
};

const MN: &str = "010000A8900016F000169DC0";

fn at(text: &str) -> Millis {
    parse_stamp(text).at.expect("a time")
}

fn segment(packet: &Packet) -> String {
    packet.segments().expect("it fits").join("\n")
}

#[test]
fn commands_are_those_of_annex_c() {
    let id = || "w01018".to_owned();
    let day = TimeRange { begin: at("20160801000000"), end: at("20160801000000") };
    let commands = [
        Command::SetTimeout { over_time: 5, re_count: 3 },
        Command::SetMn { mn: "6970000000001ABCDEFG1234".into() },
        Command::GetTime { pol_id: Some(id()) },
        Command::GetTime { pol_id: None },
        Command::SetTime { pol_id: Some(id()), time: at("20240601085857") },
        Command::SetKey { created: at("20240601085857223"), key: "0000000000000000".into() },
        Command::GetRtdInterval,
        Command::SetRtdInterval { seconds: 30 },
        Command::GetMinInterval,
        Command::SetMinInterval { minutes: 10 },
        Command::SetPassword { password: "654321".into() },
        Command::StartRealTime,
        Command::StopRealTime,
        Command::StartDeviceState,
        Command::StopDeviceState,
        Command::DayHistory(day),
        Command::DeviceDayHistory(day),
        Command::MinuteHistory(day),
        Command::HourHistory(day),
        Command::Calibrate { pol_id: id() },
        Command::SampleNow { pol_id: id() },
        Command::Clean { pol_id: id() },
        Command::Compare { pol_id: id() },
        Command::KeepSample,
        Command::SetCycle { pol_id: id(), start: "000000".into(), hours: 2 },
        Command::GetCycle { pol_id: id() },
        Command::GetSampleTime { pol_id: id() },
        Command::GetIdentity { pol_id: id() },
        Command::GetInfo { pol_id: id(), info_id: "i11001".into(), range: Some(day) },
        Command::SetInfo { pol_id: id(), info_id: "i13004".into(), value: "168.0".into() },
        Command::KeepSampleNow { pol_id: id() },
        Command::StartCheck { pol_id: id() },
    ];
    let mut shown = String::new();
    for command in commands {
        let packet = command.packet(Edition::Y2017, St::WATER_SOURCE, MN, "123456", at("20160801085857223"));
        let bytes = packet.encode().expect("it fits").concat();
        let read = decode_packet(&bytes, None).expect("reads");
        assert!(
            read.whole() && read.defects.is_empty() && read.message.cn() == Some(command.cn()),
            "{read:?}"
        );
        let text = segment(&packet);
        let same = "QN=20160801085857223;ST=32;";
        shown += text.strip_prefix(same).expect("every command has it").replace(MN, "…").as_str();
        shown.push('\n');
    }
    expect![[r#"
        CN=1000;PW=123456;MN=…;Flag=5;CP=&&OverTime=5;ReCount=3&&
        CN=1002;PW=123456;MN=…;Flag=5;CP=&&i23005-Info=6970000000001ABCDEFG1234&&
        CN=1011;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=1011;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=1012;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018;SystemTime=20240601085857&&
        CN=1014;PW=123456;MN=…;Flag=5;CP=&&SKCreateTime=20240601085857223,NewSK=0000000000000000&&
        CN=1061;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=1062;PW=123456;MN=…;Flag=5;CP=&&RtdInterval=30&&
        CN=1063;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=1064;PW=123456;MN=…;Flag=5;CP=&&MinInterval=10&&
        CN=1072;PW=123456;MN=…;Flag=5;CP=&&NewPW=654321&&
        CN=2011;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=2012;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=2021;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=2022;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=2031;PW=123456;MN=…;Flag=5;CP=&&BeginTime=20160801000000;EndTime=20160801000000&&
        CN=2041;PW=123456;MN=…;Flag=5;CP=&&BeginTime=20160801000000;EndTime=20160801000000&&
        CN=2051;PW=123456;MN=…;Flag=5;CP=&&BeginTime=20160801000000;EndTime=20160801000000&&
        CN=2061;PW=123456;MN=…;Flag=5;CP=&&BeginTime=20160801000000;EndTime=20160801000000&&
        CN=3011;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3012;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3013;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3014;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3015;PW=123456;MN=…;Flag=5;CP=&&&&
        CN=3016;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018;CstartTime=000000;CTime=2&&
        CN=3017;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3018;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3019;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3020;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018;InfoId=i11001;BeginTime=20160801000000,EndTime=20160801000000&&
        CN=3021;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018;InfoId=i13004;i13004-Info=168.0&&
        CN=3022;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
        CN=3024;PW=123456;MN=…;Flag=5;CP=&&PolId=w01018&&
    "#]].assert_eq(&shown);
}

fn show_answers(upload: &str, expected: &Expect) {
    let message = decode_segment(upload).expect("reads").message;
    let due = reply::bytes_due(&message);
    let due =
        due.map_or("none".into(), |bytes| String::from_utf8(bytes).expect("text").trim_end().to_owned());
    let others = [
        reply::request(&message, QnRtn::Ready),
        reply::result(&message, ExeRtn::NoData),
        reply::notice(&message),
        reply::data(&message),
    ];
    let others: Vec<String> = others.iter().map(segment).collect();
    expected.assert_eq(&format!("due: {due}\n{}\n", others.join("\n")));
}

#[test]
fn answers_by_edition() {
    show_answers(
        "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20160801085857;w00000-Rtd=1.1,w00000-Flag=N&&",
        &expect![[r#"
            due: ##0087QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&3240
            QN=20160801085857223;ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&QnRtn=1&&
            QN=20160801085857223;ST=91;CN=9012;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&ExeRtn=100&&
            QN=20160801085857223;ST=91;CN=9013;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&
            QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&
        "#]],
    );
    show_answers(
        "QN=20240601085857223;ST=32;CN=9015;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&",
        &expect![[r#"
            due: ##0087QN=20240601085857223;ST=91;CN=9013;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&&&3900
            QN=20240601085857223;ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&QnRtn=1&&
            QN=20240601085857223;ST=91;CN=9012;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&ExeRtn=100&&
            QN=20240601085857223;ST=91;CN=9013;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&&&
            QN=20240601085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&&&
        "#]],
    );
    show_answers(
        "QN=20160823235559979;ST=32;CN=2072;PW=123456;MN=ZG130182201401;Flag=1;CP=&&AlarmTime=20160823235559;B01-Ala=16.00,AlarmType=1&&",
        &expect![[r#"
            due: ##0084ST=91;CN=9014;PW=123456;MN=ZG130182201401;Flag=0;CP=&&QN=20160823235559979;CN=2072&&A441
            ST=91;CN=9011;PW=123456;MN=ZG130182201401;Flag=0;CP=&&QN=20160823235559979;QnRtn=1&&
            ST=91;CN=9012;PW=123456;MN=ZG130182201401;Flag=0;CP=&&QN=20160823235559979;ExeRtn=100&&
            ST=91;CN=9013;PW=123456;MN=ZG130182201401;Flag=0;CP=&&QN=20160823235559979&&
            ST=91;CN=9014;PW=123456;MN=ZG130182201401;Flag=0;CP=&&QN=20160823235559979;CN=2072&&
        "#]],
    );
    show_answers(
        "ST=32;CN=1013;PW=123456;MN=LD130102000147;Flag=1;CP=&&QN=20160824001252000&&",
        &expect![[r#"
            due: ##0076ST=91;CN=9013;PW=123456;MN=LD130102000147;Flag=0;CP=&&QN=20160824001252000&&FE41
            ST=91;CN=9011;PW=123456;MN=LD130102000147;Flag=0;CP=&&QN=20160824001252000;QnRtn=1&&
            ST=91;CN=9012;PW=123456;MN=LD130102000147;Flag=0;CP=&&QN=20160824001252000;ExeRtn=100&&
            ST=91;CN=9013;PW=123456;MN=LD130102000147;Flag=0;CP=&&QN=20160824001252000&&
            ST=91;CN=9014;PW=123456;MN=LD130102000147;Flag=0;CP=&&QN=20160824001252000;CN=1013&&
        "#]],
    );
    show_answers(
        "ST=32;CN=2011;PW=123456;MN=88888880000001;CP=&&DataTime=20160801085857;011-Rtd=1.1&&",
        &expect![[r#"
            due: none
            ST=91;CN=9011;PW=123456;MN=88888880000001;Flag=0;CP=&&QnRtn=1&&
            ST=91;CN=9012;PW=123456;MN=88888880000001;Flag=0;CP=&&ExeRtn=100&&
            ST=91;CN=9013;PW=123456;MN=88888880000001;Flag=0;CP=&&&&
            ST=91;CN=9014;PW=123456;MN=88888880000001;Flag=0;CP=&&CN=2011&&
        "#]],
    );
    show_answers(
        "QN=20160801085857223;ST=91;CN=9013;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&&&",
        &expect![[r#"
            due: none
            QN=20160801085857223;ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&QnRtn=1&&
            QN=20160801085857223;ST=91;CN=9012;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&ExeRtn=100&&
            QN=20160801085857223;ST=91;CN=9013;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&
            QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&
        "#]],
    );
}

#[test]
fn uploads_by_edition() {
    let time = at("20260301080000");
    let hour = Upload::Data {
        cadence: Cadence::Hour,
        time,
        points: vec![DataPoint {
            code: "w01018".into(),
            figures: vec![
                (Suffix::Cou, "63.0".into()),
                (Suffix::Min, "40.1".into()),
                (Suffix::Avg, "40.2".into()),
                (Suffix::Max, "40.3".into()),
            ],
            flag: Flag::Normal,
        }],
    };
    let uploads = [
        hour,
        Upload::DeviceState { time, states: vec![(1, 1), (2, 0)] },
        Upload::DeviceDay { time, hours: vec![(1, 23.5)] },
        Upload::Restart { time, restarted: at("20260301075900") },
        Upload::AskTime,
        Upload::Time(time),
        Upload::RtdInterval(30),
        Upload::MinInterval(10),
        Upload::Heartbeat,
    ];
    let mut shown = String::new();
    for edition in Edition::ALL {
        for upload in &uploads {
            let packet = upload.packet(edition, St::WATER_SOURCE, MN, "123456", at("20260301080001002"));
            let read = decode_packet(&packet.encode().expect("it fits").concat(), None).expect("reads");
            assert!(read.whole(), "{read:?}");
            shown += &segment(&packet).replace(MN, "…");
            shown.push('\n');
        }
    }
    expect![[r#"
        ST=32;CN=2061;PW=123456;MN=…;CP=&&DataTime=20260301080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.2,w01018-Max=40.3,w01018-Flag=N&&
        ST=32;CN=2021;PW=123456;MN=…;CP=&&DataTime=20260301080000;SB1-RS=1;SB2-RS=0&&
        ST=32;CN=2041;PW=123456;MN=…;CP=&&DataTime=20260301080000;SB1-RT=23.5&&
        ST=32;CN=2081;PW=123456;MN=…;CP=&&DataTime=20260301080000;RestartTime=20260301075900&&
        ST=32;CN=1013;PW=123456;MN=…;CP=&&QN=20260301080001002&&
        ST=32;CN=1011;PW=123456;MN=…;CP=&&QN=20260301080001002;SystemTime=20260301080000&&
        ST=32;CN=1061;PW=123456;MN=…;CP=&&QN=20260301080001002;RtdInterval=30&&
        ST=32;CN=1063;PW=123456;MN=…;CP=&&QN=20260301080001002;MinInterval=10&&
        ST=32;CN=9015;PW=123456;MN=…;CP=&&&&
        QN=20260301080001002;ST=32;CN=2061;PW=123456;MN=…;Flag=4;CP=&&DataTime=20260301080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.2,w01018-Max=40.3,w01018-Flag=N&&
        QN=20260301080001002;ST=32;CN=2021;PW=123456;MN=…;Flag=4;CP=&&DataTime=20260301080000;SB1-RS=1;SB2-RS=0&&
        QN=20260301080001002;ST=32;CN=2041;PW=123456;MN=…;Flag=4;CP=&&DataTime=20260301080000;SB1-RT=23.5&&
        QN=20260301080001002;ST=32;CN=2081;PW=123456;MN=…;Flag=4;CP=&&DataTime=20260301080000;RestartTime=20260301075900&&
        QN=20260301080001002;ST=32;CN=1013;PW=123456;MN=…;Flag=4;CP=&&&&
        QN=20260301080001002;ST=32;CN=1011;PW=123456;MN=…;Flag=4;CP=&&SystemTime=20260301080000&&
        QN=20260301080001002;ST=32;CN=1061;PW=123456;MN=…;Flag=4;CP=&&RtdInterval=30&&
        QN=20260301080001002;ST=32;CN=1063;PW=123456;MN=…;Flag=4;CP=&&MinInterval=10&&
        QN=20260301080001002;ST=32;CN=9015;PW=123456;MN=…;Flag=4;CP=&&&&
        QN=20260301080001002;ST=32;CN=2061;PW=123456;MN=…;Flag=8;CP=&&DataTime=20260301080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.2,w01018-Max=40.3,w01018-Flag=N&&
        QN=20260301080001002;ST=32;CN=2021;PW=123456;MN=…;Flag=8;CP=&&DataTime=20260301080000;SB1-RS=1;SB2-RS=0&&
        QN=20260301080001002;ST=32;CN=2041;PW=123456;MN=…;Flag=8;CP=&&DataTime=20260301080000;SB1-RT=23.5&&
        QN=20260301080001002;ST=32;CN=2081;PW=123456;MN=…;Flag=8;CP=&&DataTime=20260301080000;RestartTime=20260301075900&&
        QN=20260301080001002;ST=32;CN=1013;PW=123456;MN=…;Flag=8;CP=&&&&
        QN=20260301080001002;ST=32;CN=1011;PW=123456;MN=…;Flag=8;CP=&&SystemTime=20260301080000&&
        QN=20260301080001002;ST=32;CN=1061;PW=123456;MN=…;Flag=8;CP=&&RtdInterval=30&&
        QN=20260301080001002;ST=32;CN=1063;PW=123456;MN=…;Flag=8;CP=&&MinInterval=10&&
        QN=20260301080001002;ST=32;CN=9015;PW=123456;MN=…;Flag=8;CP=&&&&
    "#]].assert_eq(&shown);
}

#[test]
fn what_breaks_a_packet_is_refused() {
    let packet =
        || Packet::new(Edition::Y2025, St::AIR, sanggan_hj212::Cn::REAL_TIME, Millis(0)).device(MN, "123456");
    let mut shown = String::new();
    for packet in [
        packet().device("a;b", "123456"),
        packet().device(MN, "a&&b"),
        packet().group("a=1;b=2"),
        packet().group("a=1&&"),
        packet().group(""),
        packet().group(format!("a={}", "9".repeat(1000))),
        (0..20).fold(packet(), |packet, _| packet.group(format!("a={}", "9".repeat(700)))),
    ] {
        shown += &format!("{}\n", packet.encode().expect_err("refused"));
    }
    expect![[r#"
        could not write `MN`: `a;b` holds a character that separates fields
        could not write `PW`: `a&&b` holds a character that separates fields
        could not write `CP`: `a=1;b=2` holds a character that separates fields
        could not write `CP`: `a=1&&` holds a character that separates fields
        could not write `CP`: `` holds a character that separates fields
        could not fit a group of 1002 bytes into a data area of 921
        could not number 20 parts; the edition allows 9
    "#]]
    .assert_eq(&shown);
}

#[test]
fn the_encrypted_example_of_2025_as_a_whole_packet() {
    let key = Key::from_text("0000000000000000").expect("16 characters");
    let text = "QN=20240520210700000;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,a01011-Flag=N;a01014-Min=3.20,a01014-Avg=3.20,a01014-Max=3.20,a01014-Flag=N&&";
    let packet = Packet::from_message(&decode_segment(text).expect("reads").message).expect("has ST and CN");
    let bytes = packet.encode_encrypted(&key).expect("it fits").concat();
    assert!(
        bytes.starts_with(b"##0234QN=") && bytes.ends_with(b"g=N&&B541\r\n"),
        "length and code of annex A.2"
    );
    let locked = decode_packet(&bytes, None).expect("the header is plain");
    assert_eq!((locked.encrypted, locked.values().count()), (true, 0));
    assert_eq!(locked.message.mn_text(), Some(MN));
    let open = decode_packet(&bytes, Some(&key)).expect("reads");
    assert_eq!((open.whole(), open.message.text(), open.values().count()), (true, text, 6));
    let wrong = decode_packet(&bytes, Some(&Key::new([1; 16]))).expect("the header is plain");
    assert!(!wrong.trustworthy());
}

/// Parts as in example C.49: the QN counts up, DataTime is the same.
fn part(number: u16, of: u16, qn: &str, mn: &str) -> Decoded {
    let text = format!(
        "QN={qn};ST=32;CN=2061;PW=123456;MN={mn};Flag=6;PNUM={of};PNO={number};CP=&&DataTime=20160801080000;w0000{number}-Avg={number}.5,w0000{number}-Flag=N&&"
    );
    decode_segment(&text).expect("reads")
}

#[test]
fn parts_are_joined_dropped_and_given_up() {
    let mut parts =
        Reassembler::new(ReassemblyLimits { max_open: 2, timeout_ms: 1000, ..ReassemblyLimits::default() });
    let mut dropped = Vec::new();
    let mut take = |parts: &mut Reassembler, decoded: Decoded, now: i64| match parts.accept(
        decoded,
        Millis(now),
        &mut dropped,
    ) {
        Joined::Single(_) => "single".to_owned(),
        Joined::Waiting { have, of } => format!("{have} of {of}"),
        Joined::Repeated => "repeated".to_owned(),
        Joined::Complete(all) => {
            let joined = join(&all).expect("there are parts");
            joined.values().map(|v| format!("{}={} ", v.code, v.value)).collect::<String>()
                + &format!("{:?}", joined.defects)
        }
    };
    let rows = [
        take(&mut parts, part(2, 3, "20160801085857535", "A"), 0),
        take(&mut parts, part(1, 3, "20160801085857534", "A"), 10),
        take(&mut parts, part(1, 3, "20160801085857534", "A"), 20),
        take(&mut parts, part(3, 3, "20160801085857536", "A"), 30),
        take(&mut parts, part(1, 2, "20160801085857534", "B"), 40),
        take(&mut parts, part(1, 2, "20160801085857534", "C"), 50),
        take(&mut parts, part(1, 2, "20160801085857534", "D"), 60),
        take(&mut parts, part(5, 2, "20160801085857534", "D"), 60),
        take(&mut parts, part(1, 1, "20160801085857534", "D"), 60),
    ];
    let dropped: Vec<_> = dropped.iter().map(|open| open.parts[0].message.mn_text()).collect();
    assert_eq!(dropped, [Some("B")]);
    assert!(parts.expire(Millis(1050)).is_empty());
    assert_eq!(parts.expire(Millis(1055)).len(), 1);
    assert_eq!((parts.expire(Millis(9999)).len(), parts.waiting()), (1, 0));
    expect![[r#"
        1 of 3
        2 of 3
        repeated
        w00001=1.5 w00002=2.5 w00003=3.5 [Found { defect: MnNot24Hex, at: 48, len: 1 }]
        1 of 2
        1 of 2
        1 of 2
        single
        single"#]]
    .assert_eq(&rows.join("\n"));
}
