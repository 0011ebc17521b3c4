//! The live stream.

use std::time::Duration;

use reqwest::Response;
use sanggan_base::Flag;
use serde_json::Value;

use crate::world::{AIR, OUTLET, World};

/// The next event of a name, within ten seconds.
pub(crate) async fn next(stream: &mut Response, kept: &mut String, wanted: &str) -> Value {
    let found = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            while let Some(end) = kept.find("\n\n") {
                let event: String = kept.drain(..end + 2).collect();
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::trim)
                        .unwrap_or_default()
                        .to_owned()
                };
                if field("event:") == wanted {
                    return serde_json::from_str(&field("data:")).expect("JSON");
                }
            }
            let chunk = stream.chunk().await.expect("a live connection").expect("not ended");
            kept.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    });
    found.await.unwrap_or_else(|_| panic!("no `{wanted}` in time"))
}

#[tokio::test]
async fn a_durable_value_reaches_a_client_at_once_and_the_public_sees_air_only() {
    let world = World::at("2020-04-01T11:05").await;
    let (anyone, viewer) = (world.anyone(), world.user("vera").await);
    let mut public = anyone.get("/api/v1/live?raw=1").await;
    let mut staff = viewer.get("/api/v1/live").await;
    assert_eq!(public.headers()["content-type"], "text/event-stream");
    let (mut public_text, mut staff_text) = (String::new(), String::new());
    next(&mut public, &mut public_text, "tick").await;
    next(&mut staff, &mut staff_text, "tick").await;
    world.frame(OUTLET, "w01018", "2020-04-01T11:00", 61.5, Flag::Normal, "##0000").await;
    world.frame(AIR, "a34004", "2020-04-01T11:00", 37.25, Flag::Normal, "##0001").await;
    let event = next(&mut public, &mut public_text, "observations").await;
    let row = serde_json::json!({
        "station": AIR, "parameter": "a34004", "measure": "mean", "cadence": "minute",
        "at": "2020-04-01T11:00:00+08:00", "value": 37.25, "flag": "normal"
    });
    assert_eq!(event["rows"], serde_json::json!([row]), "the outlet's value came first and was not sent");
    let mut stations = Vec::new();
    while stations.len() < 2 {
        let event = next(&mut staff, &mut staff_text, "observations").await;
        let rows = event["rows"].as_array().expect("rows").clone();
        stations.extend(rows.into_iter().map(|row| row["station"].as_str().unwrap_or_default().to_owned()));
    }
    stations.sort();
    assert_eq!(stations, [AIR, OUTLET]);
    world.end().await;
}

#[tokio::test]
async fn a_client_hears_of_its_station_only_and_the_newest_of_what_came_together() {
    let world = World::at("2020-04-01T11:05").await;
    let viewer = world.user("vera").await;
    let mut stream = viewer.get(&format!("/api/v1/live?station={OUTLET}")).await;
    let mut text = String::new();
    next(&mut stream, &mut text, "tick").await;
    world.frame(OUTLET, "w01018", "2020-04-01T11:00", 1.0, Flag::Normal, "##0").await;
    let first = next(&mut stream, &mut text, "observations").await;
    assert_eq!(first["rows"][0]["value"], 1.0);
    for value in 2..=9 {
        world.frame(AIR, "a34004", "2020-04-01T11:00", 5.0, Flag::Normal, &format!("##a{value}")).await;
        let at = format!("2020-04-01T11:0{value}");
        world.frame(OUTLET, "w01018", &at, f64::from(value), Flag::Normal, &format!("##o{value}")).await;
    }
    let mut last = 0.0;
    let mut events = 0;
    while last < 9.0 {
        let event = next(&mut stream, &mut text, "observations").await;
        let rows = event["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), 1, "one row a series: {rows:?}");
        assert_eq!(rows[0]["station"], OUTLET);
        let value = rows[0]["value"].as_f64().expect("a number");
        assert!(last < value, "time does not go back");
        last = value;
        events += 1;
    }
    assert!(events < 8, "what came together was sent together, not in {events} events");
    world.end().await;
}

#[tokio::test]
async fn a_stream_ends_with_the_server() {
    let world = World::at("2020-04-01T11:05").await;
    let mut stream = world.anyone().get("/api/v1/live").await;
    let mut text = String::new();
    next(&mut stream, &mut text, "tick").await;
    world.end().await;
    assert_eq!(stream.chunk().await.expect("a clean end"), None);
}
