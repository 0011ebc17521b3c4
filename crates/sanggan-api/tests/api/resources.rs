//! Each resource, as a page asks for it.

use std::time::Duration;

use reqwest::StatusCode;
use sanggan_base::{Flag, Grain, Millis, ParameterCode, StatKind, StationCode, Unit};
use sanggan_pack::{Bound, LimitLine};
use sanggan_store::Actor;
use serde_json::{Value, json};

use crate::world::{AIR, Caller, OUTLET, World};

/// The overview as soon as it is what is waited for: at most six seconds behind the lake.
async fn overview(caller: &Caller, as_wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..60 {
        let overview = caller.json("/api/v1/overview").await;
        if as_wanted(&overview) {
            return overview;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("still the old answer after six seconds: {}", caller.json("/api/v1/overview").await);
}

#[tokio::test]
async fn the_city_is_data() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    let city = caller.json("/api/v1/city").await;
    assert_eq!(city["code"], world.pack.city.code.as_str());
    assert_eq!(city["areas"].as_array().map(Vec::len), Some(world.pack.city.areas.len()));
    assert_eq!(city["parameters"]["a34004"]["symbol"], "PM2.5");
    assert_eq!(city["parameters"]["a34004"]["unit"], "µg/m³");
    assert_eq!(city["now"], "2020-04-01T11:05:00+08:00");
    assert_eq!(city["simulated"], false);
    let outline = caller.json("/api/v1/map/outline").await;
    assert_eq!(outline["type"], "FeatureCollection");
    let classes = caller.json("/api/v1/classes").await;
    assert_eq!(
        (&classes["edition"], classes["classes"].as_array().map(Vec::len)),
        (&"HJ 633-2012".into(), Some(6))
    );
    assert_eq!(
        (&classes["classes"][0]["class"]["zh"], &classes["classes"][5]["to"]),
        (&"优".into(), &Value::Null)
    );
    world.end().await;
}

#[tokio::test]
async fn the_overview_shows_outlets_and_exceedances_to_staff_only() {
    let world = World::at("2020-04-01T11:05").await;
    let city = format!("area:{}", world.pack.city.code);
    let area = world.pack.city.areas[0].code.to_string();
    world.known_hour(AIR, "2020-04-01T10:00").await;
    world.known_hour(&city, "2020-04-01T10:00").await;
    world.known_hour(&format!("area:{area}"), "2020-04-01T10:00").await;
    world
        .statistic(OUTLET, "w01018", Grain::Hour, StatKind::Mean, "2020-04-01T10:00", 61.5, true, (12, 9, 0))
        .await;
    let public = overview(&world.anyone(), |overview| overview["city"]["aqi"] == 57).await;
    assert_eq!(
        (&public["city"]["aqi"], &public["city"]["hour"]),
        (&57.into(), &"2020-04-01T10:00:00+08:00".into())
    );
    assert_eq!(public["city"]["stale"], false);
    assert_eq!(public["city"]["month"]["month"], "2020-04");
    assert_eq!(public["areas"][0]["air"]["aqi"], 57);
    assert_eq!(public["areas"][1]["air"], Value::Null);
    let codes = |overview: &Value| -> Vec<String> {
        let rows = overview["stations"].as_array().expect("stations");
        rows.iter().map(|row| row["code"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(codes(&public), [AIR]);
    assert_eq!(public["exceedances"], json!([]));
    assert_eq!(public["devices"]["total"], 2);
    let vera = world.user("vera").await;
    let staff = overview(&vera, |overview| overview["exceedances"] != json!([])).await;
    assert_eq!(codes(&staff), [AIR, OUTLET]);
    let over = &staff["exceedances"][0];
    assert_eq!(
        (&over["station"], &over["value"], &over["limit"]),
        (&OUTLET.into(), &61.5.into(), &50.0.into())
    );
    assert_eq!(over["clause"], json!({"zh": "GB 18918-2002 表1", "en": "GB 18918-2002 table 1"}));
    assert_eq!(
        over["explain"],
        format!("/api/v1/explain/hour/{OUTLET}/w01018/mean/2020-04-01T10:00").as_str()
    );
    world.end().await;
}

#[tokio::test]
async fn the_overview_is_soon_what_the_lake_holds() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    assert_eq!(caller.json("/api/v1/overview").await["stations"][0]["air"]["aqi"], Value::Null);
    world.known_hour(AIR, "2020-04-01T10:00").await;
    world.frame(AIR, "a34004", "2020-04-01T11:00", 37.0, Flag::Normal, "##1").await;
    overview(&caller, |overview| overview["stations"][0]["air"]["aqi"] == 57).await;
    world.end().await;
}

#[tokio::test]
async fn a_station_has_series_limits_and_devices() {
    let world = World::at("2020-04-01T11:05").await;
    for minute in [0, 5, 10] {
        let at = format!("2020-04-01T10:{minute:02}");
        world.frame(AIR, "a34004", &at, 30.0 + f64::from(minute), Flag::Normal, &format!("##{minute}")).await;
    }
    let caller = world.user("vera").await;
    let rows = caller.json("/api/v1/stations?kind=air").await;
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    let latest = &rows[0]["latest"]["a34004"];
    assert_eq!((&latest["value"], &latest["at"]), (&40.0.into(), &"2020-04-01T10:10:00+08:00".into()));
    let detail = caller.json(&format!("/api/v1/stations/{AIR}")).await;
    assert_eq!((&detail["kind"], &detail["devices"][0]["mn"]), (&"air".into(), &format!("MN-{AIR}").into()));
    assert_eq!(
        (&detail["series"][0]["parameter"], &detail["series"][0]["last_value"]),
        (&"a34004".into(), &40.0.into())
    );
    let year = |line: &&Value| line["parameter"] == "a34004" && line["averaging"] == "year";
    let limit =
        detail["limits"].as_array().expect("limits").iter().find(year).expect("a yearly limit").clone();
    assert_eq!(
        (&limit["value"], &limit["standard"], &limit["bound"]),
        (&35.0.into(), &json!({"zh": "GB 3095", "en": "GB 3095"}), &"upper".into())
    );
    let path =
        format!("/api/v1/stations/{AIR}/series?parameter=a34004&from=2020-04-01T10:00&to=2020-04-01T10:10");
    let series = caller.json(&path).await;
    assert_eq!((&series["unit"], &series["truncated"]), (&"µg/m³".into(), &false.into()));
    assert_eq!(
        series["points"],
        json!([["2020-04-01T10:00:00+08:00", 30.0, "normal"], ["2020-04-01T10:05:00+08:00", 35.0, "normal"]])
    );
    assert_eq!(caller.problem("/api/v1/stations/nowhere").await.0, 404);
    world.end().await;
}

#[tokio::test]
async fn a_long_series_is_cut_and_says_so() {
    let world = World::at("2020-04-01T11:05").await;
    for minute in 0..25 {
        let at = format!("2020-04-01T10:{minute:02}");
        world.frame(AIR, "a34004", &at, f64::from(minute), Flag::Normal, &format!("##{minute}")).await;
    }
    let path = format!("/api/v1/stations/{AIR}/series?parameter=a34004");
    let series = world.user("vera").await.json(&path).await;
    assert_eq!((series["points"].as_array().map(Vec::len), &series["truncated"]), (Some(20), &true.into()));
    world.end().await;
}

#[tokio::test]
async fn statistics_carry_counts_and_the_way_down() {
    let world = World::at("2020-04-01T11:05").await;
    world
        .statistic(OUTLET, "w01018", Grain::Day, StatKind::Load, "2020-04-01T00:00", 12.5, true, (10, 8, 1))
        .await;
    let caller = world.user("vera").await;
    let path = format!("/api/v1/stations/{OUTLET}/statistics?parameter=w01018&kind=load&grain=day");
    let data = caller.json(&path).await;
    let explain = format!("/api/v1/explain/day/{OUTLET}/w01018/load/2020-04-01");
    let point = json!({
        "start": "2020-04-01T00:00:00+08:00", "value": 12.5, "valid": true,
        "used": 10, "required": 8, "excluded": 1, "explain": explain
    });
    assert_eq!((&data["unit"], &data["points"]), (&"kg".into(), &json!([point])));
    let now = caller.json(&format!("/api/v1/outlets/{OUTLET}/now")).await;
    assert_eq!(now["loads"]["today_kg"]["w01018"]["value"], 12.5);
    assert_eq!(caller.problem(&format!("/api/v1/outlets/{AIR}/now")).await.0, 404);
    world.end().await;
}

#[tokio::test]
async fn an_outlet_stands_to_its_limit_in_every_state() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.user("vera").await;
    let path = format!("/api/v1/outlets/{OUTLET}/now");
    let row = |now: Value| {
        let rows = now["rows"].as_array().expect("rows").clone();
        rows.into_iter().find(|row| row["parameter"] == "w01018").expect("COD")
    };
    assert_eq!(caller.json(&path).await["rows"], json!([]), "a limit and no value");
    let near = world.pack.defaults.near_limit_ratio * 50.0;
    let rows = [
        (1, 10.0, Flag::Normal, "ok"),
        (2, near, Flag::Normal, "near"),
        (3, 50.0, Flag::Normal, "near"),
        (4, 50.1, Flag::Normal, "over"),
        (5, 80.0, Flag::Calibration, "invalid"),
        (6, 0.0, Flag::Stopped, "stopped"),
    ];
    for (minute, value, flag, state) in rows {
        world
            .frame(OUTLET, "w01018", &format!("2020-04-01T10:0{minute}"), value, flag, &format!("##{minute}"))
            .await;
        let row = row(caller.json(&path).await);
        assert_eq!((&row["state"], &row["value"]), (&state.into(), &value.into()), "{row}");
        assert_eq!(row["limit"]["value"], 50.0);
    }
    world.end().await;
}

#[tokio::test]
async fn the_strictest_limit_is_shown_and_one_that_is_broken_before_any_other() {
    let world = World::at("2020-04-01T11:05").await;
    let outlet = StationCode::parse(OUTLET).expect("a code");
    let national = LimitLine::clone(&world.store.registry().limits(&outlet)[0]);
    let provincial = LimitLine { value: 40.0, ..national.clone() };
    let ph = |value, bound| LimitLine {
        parameter: ParameterCode::parse("w01001").expect("a code"),
        unit: Unit::None,
        value,
        bound,
        ..national.clone()
    };
    let lines = [national.clone(), provincial, ph(9.0, Bound::Upper), ph(6.0, Bound::Lower)];
    let now = Millis(1);
    world.store.set_limits(&outlet, &lines, "test", &Actor::System, now).await.expect("limits");
    world.frame(OUTLET, "w01018", "2020-04-01T10:01", 45.0, Flag::Normal, "##1").await;
    world.frame(OUTLET, "w01001", "2020-04-01T10:01", 5.9, Flag::Normal, "##2").await;
    let caller = world.user("vera").await;
    let rows = caller.json(&format!("/api/v1/outlets/{OUTLET}/now")).await["rows"].clone();
    let row = |code: &str| {
        let rows = rows.as_array().expect("rows").iter();
        rows.clone().find(|row| row["parameter"] == code).expect("a row").clone()
    };
    let (cod, acid) = (row("w01018"), row("w01001"));
    assert_eq!((&cod["state"], &cod["limit"]["value"]), (&"over".into(), &40.0.into()), "{cod}");
    assert_eq!(cod["ratio"], 1.125);
    assert_eq!((&acid["state"], &acid["limit"]["value"]), (&"over".into(), &6.0.into()), "{acid}");
    assert_eq!((&acid["limit"]["bound"], &acid["ratio"]), (&"lower".into(), &Value::Null));
    world.end().await;
}

#[tokio::test]
async fn packets_are_listed_newest_first_and_decoded_again() {
    let world = World::at("2020-04-01T11:05").await;
    let packet = "##0106QN=20200401100000000;ST=22;CN=2051;PW=123456;MN=MN-t-air;Flag=5;CP=&&DataTime=20200401100000;a34004-Avg=38&&E8C1\r\n";
    for minute in 0..5 {
        world.frame(AIR, "a34004", &format!("2020-04-01T10:0{minute}"), 38.0, Flag::Normal, packet).await;
    }
    let caller = world.user("vera").await;
    let first = caller.json("/api/v1/frames?limit=2&mn=MN-t-air").await;
    let ids = |page: &Value| -> Vec<u64> {
        page["frames"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_u64()).collect()
    };
    let second = caller.json(&format!("/api/v1/frames?limit=2&after={}", first["next"])).await;
    let third = caller.json(&format!("/api/v1/frames?limit=2&after={}", second["next"])).await;
    let all: Vec<u64> = [&first, &second, &third].iter().flat_map(|page| ids(page)).collect();
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by(|a, b| a > b), "{all:?}");
    assert_eq!(third["next"], Value::Null);
    let text = first["frames"][0]["text"].as_str().expect("text");
    assert!(text.contains("PW=••••••;") && !text.contains("123456"), "{text}");
    let frame = caller.json(&format!("/api/v1/frames/{}", all[4])).await;
    assert_eq!((&frame["status"], &frame["cn"]), (&"stored".into(), &2051.into()));
    assert_eq!(frame["decoded"]["header"]["MN"], "MN-t-air");
    assert!(!frame.to_string().contains("123456"), "the password is nowhere");
    assert_eq!(frame["decoded"]["groups"][1]["a34004-Avg"], "38");
    assert_eq!(
        (&frame["readings"][0]["value"], &frame["readings"][0]["station"]),
        (&38.0.into(), &AIR.into())
    );
    assert_eq!(caller.problem("/api/v1/frames/999999").await.0, 404);
    let defects = caller.json("/api/v1/defects").await;
    assert!(defects.as_array().expect("rows").iter().any(|row| row["code"] == "crc_mismatch"));
    world.end().await;
}

#[tokio::test]
async fn devices_and_status() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.user("vera").await;
    let devices = caller.json("/api/v1/devices").await;
    assert_eq!((&devices["summary"]["total"], &devices["devices"][0]["state"]), (&2.into(), &"never".into()));
    let device = caller.json("/api/v1/devices/MN-t-air").await;
    assert_eq!((&device["station"], &device["bindings"]), (&AIR.into(), &json!([])));
    assert_eq!(caller.problem("/api/v1/devices/nobody").await.0, 404);
    let status = caller.json("/api/v1/status").await;
    assert_eq!(status["gateway"]["frames_last_hour"], 0);
    assert!(status["lake"]["last_seq"].is_u64());
    world.end().await;
}

#[tokio::test]
async fn a_question_in_sql_is_answered_and_a_command_is_not() {
    let world = World::at("2020-04-01T11:05").await;
    for minute in 0..3 {
        let at = format!("2020-04-01T10:0{minute}");
        world.frame(AIR, "a34004", &at, 38.0, Flag::Normal, &format!("##{minute}")).await;
    }
    let caller = world.user("olga").await;
    let ask = |query: &str| json!({"query": query, "limit": 2});
    let table = caller.post("/api/v1/sql", ask("SELECT value FROM observations ORDER BY value")).await;
    let table: Value = table.json().await.expect("JSON");
    assert_eq!((&table["columns"][0]["name"], &table["rows"]), (&"value".into(), &json!([[38.0], [38.0]])));
    assert_eq!(table["truncated"], true);
    for query in ["DROP TABLE observations", "SELECT nothing FROM nowhere", ""] {
        let answer = caller.post("/api/v1/sql", ask(query)).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json::<Value>().await.expect("a problem")["field"], "query");
    }
    world.end().await;
}
