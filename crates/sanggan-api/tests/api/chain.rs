//! From an unknown device to a judged hour on the wall.

use sanggan_base::{Flag, Grain, Mn, StatKind};
use sanggan_lake::{FrameStatus, NewFrame};
use sanggan_store::{QuarantineReason, Sighting};
use serde_json::{Value, json};

use crate::live::next;
use crate::world::{AIR, World, moment};

const UNKNOWN: &str = "88888880000001";

/// A packet of a device nobody admitted yet, as the gateway keeps it.
async fn kept_packet(world: &World) {
    let at = moment("2020-04-01T10:06");
    let segment = format!(
        "QN=20200401100500001;ST=22;CN=2051;PW=654321;MN={UNKNOWN};Flag=5;\
         CP=&&DataTime=20200401100000;a34004-Avg=38.5,a34004-Flag=N&&"
    );
    let frame = NewFrame {
        received_at: at,
        peer: "10.0.0.9:5000".into(),
        mn: Mn::parse(UNKNOWN).ok(),
        cn: Some(2051),
        bytes: sanggan_hj212::frame_segment(segment.as_bytes()),
        defects: "".into(),
        status: FrameStatus::Quarantined,
        readings: Vec::new(),
    };
    world.lake.append(vec![frame]).await.expect("durable");
    let sighting = Sighting {
        mn: Mn::parse(UNKNOWN).expect("a number"),
        first_at: at,
        last_at: at,
        frames: 1,
        peer: "10.0.0.9:5000".to_owned(),
        st: Some("22".to_owned()),
        password: Some("654321".to_owned()),
        sample_frame: segment,
        reason: QuarantineReason::UnknownMn,
    };
    world.store.quarantine_seen(&[sighting]).await.expect("listed");
}

#[tokio::test]
async fn an_admitted_device_brings_the_values_it_sent_before() {
    let world = World::at("2020-04-01T11:05").await;
    kept_packet(&world).await;
    let (viewer, operator) = (world.user("vera").await, world.user("olga").await);
    let list = viewer.json("/api/v1/quarantine").await;
    assert_eq!(
        (&list[0]["mn"], &list[0]["reason"], &list[0]["st"]),
        (&UNKNOWN.into(), &"unknown_mn".into(), &"22".into())
    );
    assert!(!list.to_string().contains("654321"), "the password is not shown");
    let area = world.pack.city.areas[0].code.to_string();
    let station = json!({"code": "new-air", "name": "新站", "kind": "air", "area": area});
    let path = format!("/api/v1/quarantine/{UNKNOWN}/admit");
    for faulty in [
        json!({}),
        json!({"station_code": AIR, "new_station": station}),
        json!({"new_station": {"code": "new air", "name": "x", "kind": "air"}}),
        json!({"new_station": {"code": "new-air", "name": "x", "kind": "air", "area": "999999"}}),
    ] {
        assert_eq!(operator.post(&path, faulty.clone()).await.status(), 400, "{faulty}");
    }
    let admitted = operator.post(&path, json!({"new_station": station})).await;
    assert_eq!(admitted.status(), 200);
    let report: Value = admitted.json().await.expect("JSON");
    assert_eq!(report, json!({"frames_decoded": 1, "readings_stored": 1}));
    assert_eq!(viewer.json("/api/v1/quarantine").await, json!([]));
    let range = "from=2020-04-01T10:00&to=2020-04-01T11:00";
    let series = viewer.json(&format!("/api/v1/stations/new-air/series?parameter=a34004&{range}")).await;
    assert_eq!(series["points"], json!([["2020-04-01T10:00:00+08:00", 38.5, "normal"]]));
    // The value leads to the packet that had waited.
    let explained =
        viewer.json("/api/v1/explain/observation/new-air/a34004/mean/minute/2020-04-01T10:00").await;
    assert_eq!(explained["frame"]["peer"], "10.0.0.9:5000");
    let frame = viewer.json(&format!("/api/v1/frames/{}", explained["frame"]["id"])).await;
    assert_eq!((&frame["status"], &frame["readings"][0]["value"]), (&"quarantined".into(), &38.5.into()));
    assert_eq!(operator.post(&path, json!({"station_code": AIR})).await.status(), 409, "admitted already");
    world.end().await;
}

#[tokio::test]
async fn a_refused_device_stays_listed() {
    let world = World::at("2020-04-01T11:05").await;
    kept_packet(&world).await;
    let operator = world.user("olga").await;
    let path = format!("/api/v1/quarantine/{UNKNOWN}/refuse");
    assert_eq!(operator.send("POST", &path, None).await.status(), 204);
    assert_eq!(operator.json("/api/v1/quarantine").await[0]["refused"], true);
    assert_eq!(operator.send("POST", "/api/v1/quarantine/nobody/refuse", None).await.status(), 404);
    world.end().await;
}

#[tokio::test]
async fn a_judged_hour_is_told_as_it_changes_and_the_area_leads_to_its_stations() {
    let world = World::at("2020-04-01T11:05").await;
    let mut stream = world.anyone().get(&format!("/api/v1/live?station={AIR}")).await;
    let mut text = String::new();
    next(&mut stream, &mut text, "tick").await;
    for (of, value) in
        [("a34002", 50.0), ("a21026", 10.0), ("a21004", 20.0), ("a21005", 0.5), ("a05024", 80.0)]
    {
        let hour = "2020-04-01T10:00";
        world.statistic(AIR, of, Grain::Hour, StatKind::Mean, hour, value, true, (12, 9, 0)).await;
    }
    for slot in 0..12 {
        let at = format!("2020-04-01T10:{:02}", slot * 5);
        world.frame(AIR, "a34004", &at, 40.0, Flag::Normal, &format!("##{slot}")).await;
    }
    world.follow().await;
    // What was judged before the last value came may be told before it.
    let event = loop {
        let event = next(&mut stream, &mut text, "air").await;
        assert_eq!(event["station"], AIR);
        if event["air"]["aqi"] == 57 {
            break event;
        }
    };
    assert_eq!(event["air"]["values"]["a34004"]["iaqi"], 57);
    // A correction changes the judgement, and is told again.
    world.set_now("2020-04-01T11:20");
    for slot in 0..12 {
        let at = format!("2020-04-01T10:{:02}", slot * 5);
        world.frame(AIR, "a34004", &at, 75.0, Flag::Normal, &format!("##c{slot}")).await;
    }
    world.follow().await;
    while next(&mut stream, &mut text, "air").await["air"]["aqi"] != 100 {}

    let area = format!("area:{}", world.pack.city.areas[0].code);
    let path = format!("/api/v1/explain/hour/{area}/a34004/mean/2020-04-01T10:00");
    let mean = world.anyone().json(&path).await;
    assert_eq!((&mean["value"], mean["inputs"].as_array().map(Vec::len)), (&75.0.into(), Some(1)));
    let station = format!("/api/v1/explain/hour/{AIR}/a34004/mean/2020-04-01T10:00");
    assert_eq!(mean["inputs"][0]["explain"], station.as_str());
    assert_eq!(world.anyone().json(&station).await["value"], 75.0);
    world.end().await;
}
