//! Which seasons and zones hold, and what belongs to an enterprise.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{definition, known, map};
use expect_test::expect;
use jiff::civil::{Date, date};
use sanggan_base::Millis;
use sanggan_pack::{Group, Name, Office, Pack, RegisterDef, Registers};
use sanggan_records::calendar::{Calendar, Season, Window};
use sanggan_records::enterprise::sections;
use sanggan_records::zones::{Zone, Zones};
use sanggan_records::{Codes, Model, Record, RecordId};
use serde_json::json;

fn window(id: i64, kind: &str, year: i64, from: Date, until: Date, area: Option<&str>) -> Window {
    Window { id: RecordId(id), kind: kind.into(), year, from, until, area: area.map(str::to_owned) }
}

fn calendar() -> Calendar {
    Calendar::new([
        window(1, "heating", 2025, date(2025, 11, 1), date(2026, 3, 31), None),
        window(2, "heating", 2026, date(2026, 11, 1), date(2027, 3, 31), None),
        window(3, "ozone", 2026, date(2026, 5, 1), date(2026, 9, 30), None),
        window(4, "ozone", 2026, date(2026, 4, 15), date(2026, 9, 30), Some("140603")),
    ])
}

#[test]
fn seasons_hold_do_not_or_cannot_be_told() {
    let calendar = calendar();
    let ask = |kind: &str, day: Date, area: Option<&str>| match calendar.in_season(kind, day, area) {
        Season::Held(window) => format!("held by {}", window.id),
        Season::Not => "not".to_owned(),
        Season::CannotTell { year } => format!("cannot tell {year}"),
    };
    assert_eq!(ask("heating", date(2026, 3, 31), None), "held by 1", "the last day belongs to it");
    assert_eq!(ask("heating", date(2026, 4, 1), None), "not");
    assert_eq!(ask("heating", date(2026, 11, 1), None), "held by 2");
    assert_eq!(ask("heating", date(2027, 1, 1), None), "held by 2", "across New Year");
    assert_eq!(ask("heating", date(2027, 4, 1), None), "cannot tell 2027", "next winter is not decided");
    assert_eq!(ask("heating", date(2025, 12, 1), None), "held by 1");
    assert_eq!(
        ask("heating", date(2025, 2, 1), None),
        "cannot tell 2024",
        "the winter before is not recorded"
    );
    assert_eq!(ask("ozone", date(2026, 2, 1), None), "not", "it never runs across New Year");
    assert_eq!(ask("ozone", date(2026, 4, 20), None), "not");
    assert_eq!(ask("ozone", date(2026, 4, 20), Some("140603")), "held by 4", "this area has its own window");
    assert_eq!(ask("ozone", date(2026, 4, 20), Some("140602")), "not");
    assert_eq!(ask("ozone", date(2025, 6, 1), None), "cannot tell 2025");
    assert_eq!(ask("harvest", date(2026, 6, 1), None), "cannot tell 2026");
    assert_eq!(calendar.kinds(), ["heating", "ozone"]);
}

fn given(model: &Model, id: i64, state: Option<&str>, values: serde_json::Value) -> Record {
    let mut row = model.blank();
    for (at, value) in model.read_json(&map(values), &known()).unwrap_or_else(|faults| panic!("{faults:#?}"))
    {
        row[at] = value;
    }
    Record {
        id: RecordId(id),
        version: 1,
        state: state.map(str::to_owned),
        state_since: None,
        changed_at: Millis(0),
        changed_by: "system".into(),
        schematic: false,
        retired: false,
        values: row,
    }
}

fn model_of(def: RegisterDef) -> Model {
    let mut codes = Codes::default();
    let name = Name { zh: "平鲁区".into(), en: "Pinglu".into() };
    codes.areas.insert("140603".into(), name);
    Model::new(&Arc::new(def), &Arc::new(codes)).expect("sound")
}

#[test]
fn windows_come_from_records() {
    let model = model_of(definition(json!({ "id": "seasons", "area": "area", "fields": [
        { "id": "code", "type": "text" },
        { "id": "kind", "type": "enum", "values": [{ "id": "ozone", "name": { "zh": "臭氧高发季", "en": "Ozone" } }] },
        { "id": "year", "type": "integer" }, { "id": "starts_on", "type": "date" }, { "id": "ends_on", "type": "date" },
        { "id": "area", "type": "area" } ] })));
    let values = json!({ "kind": "ozone", "year": 2026, "starts_on": "2026-04-15", "ends_on": "2026-09-30", "area": "140603" });
    let record = given(&model, 4, None, values);
    assert_eq!(
        Window::of(&model, &record),
        Some(window(4, "ozone", 2026, date(2026, 4, 15), date(2026, 9, 30), Some("140603")))
    );
    let backwards =
        json!({ "kind": "ozone", "year": 2026, "starts_on": "2026-09-30", "ends_on": "2026-04-15" });
    assert_eq!(Window::of(&model, &given(&model, 5, None, backwards)), None);
}

fn zones_def() -> RegisterDef {
    let state = |id: &str, last: bool| json!({ "id": id, "name": { "zh": id, "en": id }, "final": last, "deadline": null });
    definition(json!({ "id": "zones", "geometry": "outline", "fields": [
            { "id": "code", "type": "text" },
            { "id": "kind", "type": "text" },
            { "id": "outline", "type": "polygon" },
            { "id": "valid_from", "type": "date" },
            { "id": "valid_until", "type": "date" }
        ],
        "lifecycle": { "start": "drawn", "transitions": [],
            "states": [state("drawn", false), state("in_force", false), state("replaced", true)] },
        "zone": { "kind": "kind", "from": "valid_from", "until": "valid_until", "buffer": null }
    }))
}

#[test]
fn zones_hold_at_a_place_on_a_day() {
    let model = model_of(zones_def());
    let square =
        |west: f64, east: f64| format!("POLYGON (({west} 39, {east} 39, {east} 40, {west} 40, {west} 39))");
    let zone = |id: i64, state: &str, kind: &str, outline: String, from: &str, until: Option<&str>| {
        let values = json!({ "kind": kind, "outline": outline, "valid_from": from, "valid_until": until });
        Zone::of(&model, &given(&model, id, Some(state), values), None)
    };
    let all = [
        zone(1, "in_force", "no_coal", square(112.0, 112.5), "2026-01-01", None),
        zone(2, "replaced", "no_coal", square(112.0, 113.0), "2020-01-01", Some("2025-12-31")),
        zone(3, "drawn", "no_coal", square(112.0, 113.0), "2020-01-01", None),
        zone(4, "in_force", "built_up", square(112.0, 112.4), "2020-01-01", None),
        zone(5, "in_force", "", square(112.7, 113.0), "2020-01-01", None),
    ];
    assert!(all[2].is_none(), "a zone that is only drawn holds nowhere");
    let zones = Zones::new(all.into_iter().flatten());
    let at = |lon: f64, lat: f64, day: Date| -> Vec<String> {
        zones.at(lon, lat, day).into_iter().map(|held| format!("{} {}", held.kind, held.id)).collect()
    };
    assert_eq!(at(112.2, 39.5, date(2026, 6, 1)), ["built_up 4", "no_coal 1"]);
    assert_eq!(at(112.2, 39.5, date(2025, 6, 1)), ["built_up 4", "no_coal 2"], "as it was then");
    assert_eq!(
        at(112.2, 39.5, date(2025, 12, 31)),
        ["built_up 4", "no_coal 2"],
        "the last day belongs to it"
    );
    assert_eq!(at(112.45, 39.5, date(2026, 6, 1)), ["no_coal 1"]);
    assert_eq!(at(112.4, 39.5, date(2026, 6, 1)), ["built_up 4", "no_coal 1"], "the edge is inside");
    assert_eq!(at(112.6, 39.5, date(2026, 6, 1)), Vec::<String>::new());
    assert_eq!(at(112.8, 39.5, date(2026, 6, 1)), ["zones 5"], "named by its register where it has no kind");
    let line = sanggan_geo::wkt::parse("LINESTRING (112.45 39.2, 112.8 39.3)").expect("a line");
    let touched: Vec<i64> = zones.touching(&line, date(2026, 6, 1)).iter().map(|held| held.id.0).collect();
    assert_eq!(touched, [1, 5]);
}

#[test]
fn a_strip_along_a_river_is_derived_from_its_line() {
    let model = model_of(definition(json!({ "id": "riparian-buffers", "fields": [
            { "id": "code", "type": "text" },
            { "id": "river", "type": "reference", "to": "rivers" },
            { "id": "width_m", "type": "number" }
        ],
        "zone": { "kind": null, "from": null, "until": null,
                  "buffer": { "of": "river", "metres": "width_m", "name": { "zh": "缓冲带", "en": "Strip" } } }
    })));
    let record = given(&model, 1, None, json!({ "river": "sanggan", "width_m": 50 }));
    let wanted = Zone::line_of(&model, &record).expect("the river").line;
    assert_eq!((wanted.register.as_str(), wanted.id), ("rivers", RecordId(5)));
    assert_eq!(Zone::of(&model, &record, None), None, "no line, no strip");
    let river = sanggan_geo::wkt::parse("LINESTRING (112 39.5, 113 39.5)").expect("a line");
    let zones = Zones::new(Zone::of(&model, &record, Some(&river)));
    let held = |lat: f64| !zones.at(112.5, lat, date(2026, 6, 1)).is_empty();
    // A metre of latitude is about 1/111,000 of a degree: 45 m and 55 m from the line.
    assert!(held(39.5 + 45.0 / 111_000.0) && held(39.5 - 45.0 / 111_000.0));
    assert!(!held(39.5 + 55.0 / 111_000.0) && !held(39.5 - 55.0 / 111_000.0));
}

#[test]
fn the_enterprise_file_follows_from_the_definitions() {
    let name = |zh: &str| Name { zh: zh.into(), en: zh.into() };
    let enterprise = |id: &str| json!({ "id": id, "type": "reference", "to": "enterprises" });
    let def = |id: &str, group: &str, own: Option<&str>, fields: Vec<serde_json::Value>| {
        let fields: Vec<serde_json::Value> =
            std::iter::once(json!({ "id": "code", "type": "text" })).chain(fields).collect();
        Arc::new(definition(json!({ "id": id, "group": group, "enterprise": own, "fields": fields })))
    };
    let all = [
        def("enterprises", "enterprise", None, vec![enterprise("parent")]),
        def("discharge-permits", "enterprise", Some("enterprise"), vec![enterprise("enterprise")]),
        def("manifests", "waste", Some("generator"), vec![enterprise("receiver"), enterprise("generator")]),
        def("rivers", "water", None, vec![]),
    ];
    let by_id: BTreeMap<_, _> = all.into_iter().map(|def| (def.id.clone(), def)).collect();
    let group = |id: &str| Group { id: id.into(), name: name(id) };
    let office =
        Office { groups: vec![group("waste"), group("enterprise"), group("water")], departments: Vec::new() };
    let registers = Registers { by_id, office, ..Registers::default() };
    let lines: Vec<String> = sections(&registers)
        .iter()
        .flat_map(|section| section.parts.iter().map(move |part| (section, part)))
        .map(|(section, part)| {
            format!("{}: {} by {} own {}", section.group, part.register, part.field, part.own)
        })
        .collect();
    expect![[r#"
        waste: manifests by generator own true
        waste: manifests by receiver own false
        enterprise: discharge-permits by enterprise own true"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn the_built_in_enterprise_file_has_what_the_plan_asks_for() {
    let pack = Pack::embedded().expect("sound");
    let file = sections(&pack.registers);
    let parts: Vec<&str> =
        file.iter().flat_map(|section| &section.parts).map(|part| part.register.as_str()).collect();
    for register in ["discharge-permits", "outlets", "credit-ratings", "manifests", "risk-sources"] {
        if pack.registers.get(register).is_some() {
            assert!(parts.contains(&register), "{register} is missing from the enterprise file");
        }
    }
    assert!(parts.len() >= 10, "permits, outlets, waste, credit, cases …: {parts:?}");
}
