//! River sections, as the river page asks for them.

use sanggan_base::{Grain, StatKind, StationCode};
use sanggan_pack::{Name, Position, Station, StationKind};
use sanggan_store::Actor;
use serde_json::{Value, json};

use crate::world::{World, moment};

const SECTION: &str = "t-section";

async fn with_section(world: &World) {
    let station = Station {
        code: StationCode::parse(SECTION).expect("a code"),
        name: Name { zh: "试断面".to_owned(), en: "test section".to_owned() },
        kind: StationKind::SurfaceWater,
        area: world.pack.city.areas[0].code.clone(),
        lon: Some(112.4),
        lat: Some(39.3),
        position: Position::Schematic,
        simulated: true,
    };
    world
        .store
        .put_station(&station, "test", &Actor::System, moment("2020-04-01T00:00"))
        .await
        .expect("a station");
}

async fn mean(world: &World, of: &str, grain: Grain, start: &str, value: f64) {
    world.statistic(SECTION, of, grain, StatKind::Mean, start, value, true, (24, 0, 0)).await;
}

#[tokio::test]
async fn a_city_without_sections_says_so() {
    let world = World::at("2020-04-02T11:05").await;
    let answer = world.anyone().json("/api/v1/water/sections").await;
    assert_eq!((&answer["sections"], &answer["rivers"]), (&json!([]), &Value::Null));
    with_section(&world).await;
    let answer = world.anyone().json("/api/v1/water/sections").await;
    let section = &answer["sections"][0];
    assert_eq!(
        (&section["code"], &section["answer"], &section["period"]),
        (&SECTION.into(), &Value::Null, &Value::Null)
    );
    world.end().await;
}

#[tokio::test]
async fn a_section_has_the_class_of_its_worst_item_and_shows_what_decided() {
    let world = World::at("2020-04-02T11:05").await;
    with_section(&world).await;
    // pH, dissolved oxygen, permanganate index, ammonia nitrogen (class IV: 1.0 to 1.5), total phosphorus; and one
    // that is no item.
    for (of, value) in [
        ("w01001", 7.8),
        ("w01009", 8.4),
        ("w01019", 3.1),
        ("w21003", 1.24),
        ("w21011", 0.08),
        ("w01003", 12.0),
    ] {
        mean(&world, of, Grain::Day, "2020-04-01T00:00", value).await;
        mean(&world, of, Grain::Month, "2020-03-01T00:00", if of == "w21003" { 0.4 } else { value }).await;
    }
    let caller = world.anyone();
    let answer = caller.json("/api/v1/water/sections").await;
    let section = &answer["sections"][0];
    assert_eq!(
        (&section["period"], &section["complete"], &section["simulated"]),
        (&"2020-04-01".into(), &true.into(), &true.into())
    );
    let judged = &section["answer"];
    assert_eq!(judged["cannot_tell"], Value::Null, "{judged}");
    assert_eq!(judged["class"]["id"], "IV", "{judged}");
    assert!(judged["class"]["colour"].as_str().is_some_and(|colour| colour.starts_with('#')));
    assert!(judged["edition"].as_str().is_some_and(|edition| edition.starts_with("GB 3838")));
    assert!(judged["deciding"][0]["zh"].as_str().is_some_and(|item| item.contains("氨氮")), "{judged}");
    let values = &section["values"];
    assert_eq!((&values["w21003"]["judged"], &values["w01003"]["judged"]), (&true.into(), &false.into()));
    // The door of a number opens for everyone, as that of the air does.
    let path = values["w21003"]["explain"].as_str().expect("a path");
    assert_eq!(caller.json(path).await["value"], 1.24);
    // The month, by its name and as the newest.
    for query in ["period=2020-03", "grain=month"] {
        let answer = caller.json(&format!("/api/v1/water/sections?{query}")).await;
        let section = &answer["sections"][0];
        assert_eq!(
            (&section["period"], &section["answer"]["class"]["id"]),
            (&"2020-03".into(), &"II".into()),
            "{query}: {section}"
        );
    }
    // Without ammonia nitrogen there is no class.
    mean(&world, "w01001", Grain::Day, "2020-04-02T00:00", 7.8).await;
    let running = caller.json("/api/v1/water/sections").await;
    let section = &running["sections"][0];
    assert_eq!(
        (&section["period"], &section["complete"], &section["answer"]["class"]),
        (&"2020-04-02".into(), &false.into(), &Value::Null)
    );
    assert!(section["answer"]["cannot_tell"]["text"]["zh"].is_string());
    for (query, field) in [
        ("period=lately", "period"),
        ("period=2020-13", "period"),
        ("grain=hour", "grain"),
        ("edition=1900", "edition"),
    ] {
        let (status, problem) = caller.problem(&format!("/api/v1/water/sections?{query}")).await;
        assert_eq!((status, &problem["field"]), (400, &field.into()), "{query}");
    }
    world.end().await;
}
