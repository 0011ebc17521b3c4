//! From an index down to the packet it stands on.

use sanggan_base::{Flag, Grain, StatKind};
use serde_json::Value;
use sm3::{Digest, Sm3};

use crate::world::{AIR, Caller, OUTLET, World, moment};

/// An hour of PM2.5: eleven good values whose mean is 40, and one the instrument marked as faulty.
async fn an_hour_of_packets(world: &World) -> Vec<String> {
    let mut packets = Vec::new();
    for slot in 0..12 {
        let at = format!("2020-04-01T10:{:02}", slot * 5);
        // 35, 36, … 45 have the mean 40.
        let (value, flag, mark) =
            if slot == 11 { (985.0, Flag::Fault, "D") } else { (35.0 + f64::from(slot), Flag::Normal, "N") };
        let packet = format!(
            "##0128QN=202004011005{slot:02}000;ST=22;CN=2051;PW=123456;MN=MN-{AIR};Flag=5;\
             CP=&&DataTime=2020040110{:02}00;a34004-Avg={value},a34004-Flag={mark}&&ABCD",
            slot * 5
        );
        world.frame(AIR, "a34004", &at, value, flag, &packet).await;
        packets.push(packet);
    }
    packets
}

fn sm3(text: &str) -> String {
    hex::encode(Sm3::digest(text.as_bytes()))
}

/// The explanation an input points to.
async fn down(caller: &Caller, explanation: &Value, title: &str) -> Value {
    let inputs = explanation["inputs"].as_array().expect("inputs");
    let input = inputs
        .iter()
        .find(|input| input["title"]["en"].as_str().is_some_and(|text| text.contains(title)))
        .unwrap_or_else(|| panic!("{title} in {inputs:#?}"));
    caller.json(input["explain"].as_str().expect("a path")).await
}

#[tokio::test]
async fn an_index_can_be_walked_down_to_the_packet_and_its_hash() {
    let world = World::at("2020-04-01T11:05").await;
    let packets = an_hour_of_packets(&world).await;
    world.follow().await;
    for (of, value) in
        [("a34002", 50.0), ("a21026", 10.0), ("a21004", 20.0), ("a21005", 0.5), ("a05024", 80.0)]
    {
        let hour = "2020-04-01T10:00";
        world.statistic(AIR, of, Grain::Hour, StatKind::Mean, hour, value, true, (12, 9, 0)).await;
    }
    let caller = world.user("vera").await;

    // The list says 57, and where to ask why.
    let hours = caller
        .json(&format!("/api/v1/stations/{AIR}/air/hours?from=2020-04-01T10:00&to=2020-04-01T11:00"))
        .await;
    let hour = &hours[0];
    assert_eq!(
        (&hour["aqi"], &hour["level"], &hour["class"]["zh"], &hour["primary"], &hour["edition"]),
        (&57.into(), &"二级".into(), &"良".into(), &serde_json::json!(["a34004"]), &"HJ 633-2012".into())
    );

    // The index: each pollutant's own, the largest of them, the table it is read from.
    let index = caller.json(hour["explain"].as_str().expect("a path")).await;
    assert_eq!(
        (&index["value"], &index["verdict"]["aqi"], &index["valid"]),
        (&57.0.into(), &57.into(), &true.into())
    );
    assert_eq!(
        (&index["rule"]["standard"], &index["rule"]["edition"]),
        (&serde_json::json!({"zh": "HJ 633", "en": "HJ 633"}), &"HJ 633-2012".into())
    );
    assert_eq!(
        index["rule"]["clause"],
        serde_json::json!({
            "zh": "4.1、4.2、表1；6.2；5.1.3（按实际发布口径）",
            "en": "clauses 4.1 and 4.2, table 1; 6.2; clause 5.1.3 as published"
        })
    );
    for key in ["rounding", "source", "note"] {
        for language in ["zh", "en"] {
            assert!(index["rule"][key][language].as_str().is_some_and(|text| !text.is_empty()), "{key}");
        }
    }
    assert_eq!(index["limits"], serde_json::json!([]));
    let formula = index["formula"].as_str().expect("a formula");
    assert!(formula.contains("(100 − 50) ÷ (75 − 35) × (40 − 35) + 50 = 56.25 → 57"), "{formula}");
    assert!(formula.ends_with("= 57"), "{formula}");
    assert_eq!(index["counts"], serde_json::json!({"used": 6, "required": 6, "excluded": 0}));

    // The hour's mean: eleven values of twelve, and why the twelfth was left out.
    let mean = down(&caller, &index, "PM2.5").await;
    assert_eq!(
        (&mean["value"], &mean["unit"], &mean["valid"]),
        (&40.0.into(), &"µg/m³".into(), &true.into())
    );
    let inputs = mean["inputs"].as_array().expect("inputs");
    assert_eq!(inputs.len(), 11);
    let sum: f64 = inputs.iter().map(|input| input["value"].as_f64().expect("a number")).sum();
    assert!((sum / 11.0 - 40.0).abs() < 1e-9);
    assert_eq!(mean["excluded"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&mean["excluded"][0]["value"], &mean["excluded"][0]["flag"]),
        (&985.0.into(), &"fault".into())
    );
    assert_eq!(mean["excluded"][0]["why_not"]["zh"], "仪器故障（D）");
    assert_eq!(mean["counts"]["excluded"], 1);
    assert!(mean["formula"].as_str().expect("a formula").contains("÷ 11 = 40 µg/m³"), "{}", mean["formula"]);
    assert!(mean["rule"]["text"]["en"].as_str().expect("text").contains("45 minutes"), "{}", mean["rule"]);
    assert!(mean["rule"]["note"].is_null() || !mean["rule"]["note"].as_str().expect("text").contains("变化"));

    // The observation: the packet it came in, whole, but for the password.
    let observation = down(&caller, &mean, "10:15:00").await;
    assert_eq!(observation["value"], 38.0);
    let frame = &observation["frame"];
    assert_eq!(frame["sm3"], sm3(&packets[3]));
    assert_eq!(frame["peer"], "10.0.0.7:4711");
    assert_eq!(frame["password_hidden"], true);
    assert_eq!(frame["text"], packets[3].replace("123456", "••••••").as_str());
    // An operator sees the bytes the hash is of.
    let path = format!("/api/v1/explain/observation/{AIR}/a34004/mean/minute/2020-04-01T10:15");
    let whole = world.user("olga").await.json(&path).await;
    assert_eq!(sm3(whole["frame"]["text"].as_str().expect("text")), sm3(&packets[3]));

    // The public may walk the same way; peer and text are not for it.
    let public = world.anyone().json(&path).await;
    assert_eq!(public["frame"]["sm3"], sm3(&packets[3]));
    assert!(public["frame"]["text"].is_null() && public["frame"]["peer"].is_null());
    world.end().await;
}

#[tokio::test]
async fn a_correction_leaves_the_old_version_in_sight_and_as_of_gives_it_back() {
    let world = World::at("2020-04-01T11:05").await;
    world.frame(AIR, "a34004", "2020-04-01T10:00", 40.0, Flag::Normal, "##first").await;
    world.set_now("2020-04-01T11:30");
    world.frame(AIR, "a34004", "2020-04-01T10:00", 44.0, Flag::Normal, "##second").await;
    world.set_now("2020-04-01T12:00");
    let caller = world.user("vera").await;
    let path = format!("/api/v1/explain/observation/{AIR}/a34004/mean/minute/2020-04-01T10:00");
    let now = caller.json(&path).await;
    assert_eq!((&now["value"], &now["frame"]["sm3"]), (&44.0.into(), &sm3("##second").into()));
    assert_eq!(now["excluded"][0]["value"], 40.0);
    assert_eq!(now["excluded"][0]["why_not"]["en"], "replaced by a newer version");
    let then = caller.json(&format!("{path}?as_of=2020-04-01T11:10:00%2B08:00")).await;
    assert_eq!((&then["value"], &then["frame"]["sm3"]), (&40.0.into(), &sm3("##first").into()));
    world.end().await;
}

#[tokio::test]
async fn a_gap_below_an_index_is_named_and_never_a_pass() {
    let world = World::at("2020-04-01T11:05").await;
    let hour = "2020-04-01T10:00";
    world.statistic(AIR, "a34004", Grain::Hour, StatKind::Mean, hour, 40.0, false, (20, 45, 3)).await;
    let index = world.anyone().json(&format!("/api/v1/explain/aqi-hour/{AIR}/{hour}")).await;
    assert!(index["value"].is_null() && index["verdict"]["aqi"].is_null());
    assert_eq!(index["verdict"]["unjudged"]["zh"], "没有有效监测值");
    let excluded = index["excluded"].as_array().expect("rows");
    assert_eq!(excluded.len(), 6);
    let of = |symbol: &str| {
        let row = excluded
            .iter()
            .find(|row| row["title"]["en"].as_str().is_some_and(|text| text.starts_with(symbol)));
        row.expect(symbol)["why_not"]["en"].as_str().expect("text").to_owned()
    };
    assert_eq!(of("PM2.5"), "too few valid data: 20 of 45");
    assert_eq!(of("CO"), "no data");
    world.end().await;
}

#[tokio::test]
async fn what_if_another_edition_judged() {
    let world = World::at("2020-04-01T11:05").await;
    world.known_hour(AIR, "2020-04-01T10:00").await;
    let path = format!("/api/v1/explain/aqi-hour/{AIR}/2020-04-01T10:00");
    let caller = world.anyone();
    let (own, other) = (caller.json(&path).await, caller.json(&format!("{path}?edition=2026")).await);
    assert_eq!(own["rule"]["edition"], "HJ 633-2012");
    assert_eq!(other["rule"]["edition"], "HJ 633-2026");
    assert_ne!(own["value"], other["value"], "the 2026 breakpoints of PM2.5 are lower");
    world.end().await;
}

#[tokio::test]
async fn a_year_is_walked_down_to_its_days() {
    let world = World::at("2017-01-02T08:00").await;
    let mut day = jiff::civil::date(2016, 1, 1);
    let mut values = Vec::new();
    while day.year() == 2016 {
        let value = 20.0 + f64::from(day.day_of_year() % 50);
        let start = format!("{day}T00:00");
        world.statistic(AIR, "a34004", Grain::Day, StatKind::Mean, &start, value, true, (24, 20, 0)).await;
        values.push(value);
        day = day.tomorrow().expect("a day");
    }
    let mean = values.iter().sum::<f64>() / 366.0;
    let start = "2016-01-01T00:00";
    world.statistic(AIR, "a34004", Grain::Year, StatKind::Mean, start, mean, true, (366, 324, 0)).await;
    let p95 = sanggan_standards::statistics::percentile(&values, 95).expect("a percentile");
    world.statistic(AIR, "a34004", Grain::Year, StatKind::P95, start, p95, true, (366, 324, 0)).await;
    let caller = world.anyone();
    let years = caller.json(&format!("/api/v1/stations/{AIR}/air/years")).await;
    assert_eq!((&years[0]["year"], &years[0]["composite"]), (&2016.into(), &Value::Null));
    let annual = caller.json(years[0]["explain"].as_str().expect("a path")).await;
    assert!(annual["value"].is_null(), "a composite index needs all six pollutants");
    let year = down(&caller, &annual, "PM2.5 mean").await;
    assert_eq!(year["inputs"].as_array().map(Vec::len), Some(366));
    assert!((year["value"].as_f64().expect("a number") - mean).abs() < 1e-9);
    let limits = |figure: &Value| -> Vec<(String, String, f64)> {
        let text = |limit: &Value, key: &str| limit[key].as_str().expect("text").to_owned();
        let rows = figure["limits"].as_array().expect("limits").iter();
        rows.map(|limit| {
            (text(limit, "parameter"), text(limit, "averaging"), limit["value"].as_f64().expect("a number"))
        })
        .collect()
    };
    assert_eq!(limits(&year), [("a34004".to_owned(), "year".to_owned(), 35.0)]);
    let day = caller.json(year["inputs"][0]["explain"].as_str().expect("a path")).await;
    assert_eq!(limits(&day), [("a34004".to_owned(), "day".to_owned(), 75.0)]);
    let percentile = down(&caller, &annual, "95th").await;
    assert_eq!(limits(&percentile), [("a34004".to_owned(), "day".to_owned(), 75.0)]);
    assert!(
        percentile["formula"]
            .as_str()
            .expect("a formula")
            .starts_with("n = 366; k = 1 + (n − 1) × 95% = 347.75")
    );
    let day = down(&caller, &year, "2016-07-01").await;
    assert_eq!(day["title"]["zh"], format!("{AIR} · 细颗粒物 · 平均浓度 · 2016年7月1日").as_str());
    assert_eq!(moment("2016-07-01T00:00").to_string(), "2016-07-01T00:00:00+08:00");
    world.end().await;
}

#[tokio::test]
async fn figures_of_outlets_are_not_for_the_public() {
    let world = World::at("2020-04-01T11:05").await;
    world.frame(OUTLET, "w01018", "2020-04-01T10:00", 61.5, Flag::Normal, "##1").await;
    world
        .statistic(OUTLET, "w01018", Grain::Hour, StatKind::Mean, "2020-04-01T10:00", 61.5, true, (12, 9, 0))
        .await;
    let paths = [
        format!("/api/v1/explain/hour/{OUTLET}/w01018/mean/2020-04-01T10:00"),
        format!("/api/v1/explain/observation/{OUTLET}/w01018/mean/minute/2020-04-01T10:00"),
    ];
    let viewer = world.user("vera").await;
    for path in &paths {
        assert_eq!(world.anyone().problem(path).await.0, 401, "{path}");
        assert_eq!(viewer.json(path).await["value"], 61.5);
    }
    let hour = viewer.json(&paths[0]).await;
    assert_eq!(
        (&hour["limits"][0]["value"], &hour["limits"][0]["clause"]),
        (&50.0.into(), &serde_json::json!({"zh": "表1", "en": "table 1"}))
    );
    // The text of HJ 356 was not at hand: the reader is told.
    assert_eq!(
        (&hour["rule"]["edition"], &hour["rule"]["status"]),
        (&"HJ 356-2019".into(), &"unconfirmed".into())
    );
    assert!(hour["rule"]["note"]["zh"].as_str().is_some_and(|note| note.contains("有待核对")));
    world.end().await;
}
