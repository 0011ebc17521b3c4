//! Values from outside, read and refused.

mod common;

use common::{HASH, codes, definition, known, map, model};
use expect_test::expect;
use proptest::prelude::*;
use sanggan_base::Millis;
use sanggan_records::{Links, Model, RecordId, Value, Wants, canonical_value, from_canonical};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// One line for each fault.
fn faults(values: Json) -> String {
    match model().read_json(&map(values), &known()) {
        Ok(given) => format!("read: {given:?}"),
        Err(faults) => faults
            .iter()
            .map(|fault| format!("{} [{}] {} | {}\n", fault.field, fault.code, fault.zh, fault.en))
            .collect(),
    }
}

#[test]
fn a_sound_request_is_read() {
    let model = model();
    let values = map(json!({
        "code": " P-1 ", "area": "140602", "kind": "mixed", "uses": ["town", "mine", "town"], "flow": 3.25,
        "count": 4, "kept": true, "surveyed_on": "2026-01-02", "measured_at": "2026-01-02T08:00:00+08:00",
        "river": "sanggan", "enterprise": 1, "sources": [{ "rid": 1 }, "E-2"], "parameters": ["w01018"],
        "station": "S-1", "photos": [{ "hash": HASH, "name": "a.jpg" }], "note": "", "main_parameter": null,
        "place": { "type": "Point", "coordinates": [112.43, 39.33] }, "load": 5.0
    }));
    let given = model.read_json(&values, &known()).expect("sound");
    let lines: Vec<String> = given
        .iter()
        .map(|(at, value)| format!("{} = {}", model.def().fields[*at].id, canonical_value(value)))
        .collect();
    expect![[r#"
        code = "P-1"
        area = "140602"
        enterprise = 1
        kind = "mixed"
        uses = ["town","mine"]
        flow = 3.25
        count = 4
        kept = true
        surveyed_on = "2026-01-02"
        measured_at = "2026-01-02T08:00:00+08:00"
        river = 5
        sources = [1,2]
        parameters = ["w01018"]
        main_parameter = null
        station = "S-1"
        photos = ["66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"]
        place = {"coordinates":[112.43,39.33],"type":"Point"}
        note = null"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn every_fault_is_named_with_what_is_allowed() {
    expect![[r#"
        area [area] area：没有区域“140700”，可填：140602 朔城区、140603 平鲁区 | area: there is no area `140700`; allowed: 140602 Shuocheng, 140603 Pinglu
        code [pattern] code：“p 1”的格式不对，应符合 [A-Z0-9-]+ | code: `p 1` has the wrong form, it must match [A-Z0-9-]+
        colour [unknown_field] 没有字段“colour” | there is no field `colour`; the definition of the register lists them
        complainant [length] complainant最多 500 个字，现有 501 个 | complainant takes at most 500 characters, these are 501
        count [type] count应为整数，如 12 | count must be a whole number such as 12
        enterprise [reference] enterprise：“enterprises”中没有“#99”，请先登记或改正 | enterprise: `enterprises` has no record `#99`; add it first or correct this
        flow [range] flow应在 0 与 1000000 t/d 之间，现为 -1 | flow must lie between 0 and 1000000 t/d, this is -1
        kept [type] kept应为是或否 | kept must be true or false
        kind [enum] kind：没有选项“sea”，可填：混合、雨水（清、污） | kind: `sea` is not in the list; allowed: mixed, rain
        note [type] note只能是文字，不能含控制字符 | note takes text without control characters
        parameters [parameter] parameters：因子表中没有“w99999”，请填 HJ 524/525 编码（如 w01018） | parameters: the parameter table has no `w99999`; give a code of HJ 524/525 (such as w01018)
        photos [attachment] photos：平台没有附件“00”，请先上传 | photos: there is no attachment `00`; upload it first
        place [geometry] place：这里应当是一个点，给出的是线 | place: one point belong here, this is a line
        river [reference] river：“rivers”中没有“nowhere”，请先登记或改正 | river: `rivers` has no record `nowhere`; add it first or correct this
        station [station] station：平台中没有编码为“S-2”的站点，请填写站点编码 | station: there is no station with the code `S-2`; give the code of one
        surveyed_on [type] surveyed_on应为日期，如 2026-11-23 | surveyed_on must be a day such as 2026-11-23
    "#]]
    .assert_eq(&faults(json!({
        "colour": 1, "code": "p 1", "area": "140700", "kind": "sea", "flow": -1, "count": 1.5, "kept": "maybe",
        "surveyed_on": "2026-02-30", "river": "nowhere", "enterprise": 99, "parameters": ["w99999"], "station": "S-2",
        "photos": ["00"], "place": { "type": "LineString", "coordinates": [[112.0, 39.0], [112.1, 39.1]] },
        "note": "a\u{0}b", "complainant": "x".repeat(501)
    })));
}

#[test]
fn swapped_coordinates_and_broken_shapes_are_refused() {
    expect![[r#"
        place [geometry] place：经度和纬度是不是写反了？39.33, 112.43 交换之后才落在中国境内；请先写经度再写纬度 | place: longitude and latitude look swapped: 39.33, 112.43 lies in China only the other way round; write the longitude first
        place [geometry] place：无法识别的图形（cannot read the WKT geometry: no number at character 14）；可填“经度,纬度”、WKT 或 GeoJSON | place: cannot read the WKT geometry: no number at character 14; give `longitude,latitude`, WKT or GeoJSON
        place [geometry] place：无法识别的图形（cannot read the GeoJSON: no list at coordinates）；可填“经度,纬度”、WKT 或 GeoJSON | place: cannot read the GeoJSON: no list at coordinates; give `longitude,latitude`, WKT or GeoJSON
        place [type] place应为图形（GeoJSON、WKT 或“经度,纬度”） | place must be a shape (GeoJSON, WKT or `longitude,latitude`)
    "#]]
    .assert_eq(&[
        faults(json!({ "place": { "type": "Point", "coordinates": [39.33, 112.43] } })),
        faults(json!({ "place": "POINT (112.43" })),
        faults(json!({ "place": { "type": "Point" } })),
        faults(json!({ "place": 7 })),
    ]
    .concat());
}

#[test]
fn cells_are_read_as_people_write_them() {
    let model = model();
    let rows = [
        ("area", "朔城区"),
        ("area", "pinglu"),
        ("kind", "混合"),
        ("kind", "Rain"),
        ("kind", "雨水(清、污)"),
        ("uses", "城镇、mine"),
        ("flow", "1,234.5 t/d"),
        ("flow", "—"),
        ("count", "7.0"),
        ("kept", "是"),
        ("surveyed_on", "2026年1月2日"),
        ("measured_at", "2026/1/2 8:30"),
        ("river", "sanggan"),
        ("river", "#5"),
        ("sources", "E-1；E-2;E-1"),
        ("parameters", "COD，氨氮"),
        ("main_parameter", "cod"),
        ("station", "S-1"),
        ("photos", HASH),
        ("place", "112.43, 39.33"),
        ("place", "POINT (112.43 39.33)"),
        ("place", r#"{"type":"Point","coordinates":[112.43,39.33]}"#),
        ("note", "/"),
        ("code", "  "),
        ("kept", "也许"),
        ("river", "#6"),
        ("load", "1"),
        ("uses", "城镇、海"),
        ("flow", "约3"),
    ];
    let lines: Vec<String> = rows
        .iter()
        .map(|(field, cell)| {
            let read = model.read_text(model.position(field).expect("a field"), cell, &known());
            match read {
                Ok(value) => format!("{field} {cell} = {}", canonical_value(&value)),
                Err(fault) => format!("{field} {cell}: [{}] {}", fault.code, fault.zh),
            }
        })
        .collect();
    expect![[r#"
        area 朔城区 = "140602"
        area pinglu = "140603"
        kind 混合 = "mixed"
        kind Rain = "rain"
        kind 雨水(清、污) = "rain"
        uses 城镇、mine = ["town","mine"]
        flow 1,234.5 t/d = 1234.5
        flow — = null
        count 7.0 = 7
        kept 是 = true
        surveyed_on 2026年1月2日 = "2026-01-02"
        measured_at 2026/1/2 8:30 = "2026-01-02T08:30:00+08:00"
        river sanggan = 5
        river #5 = 5
        sources E-1；E-2;E-1 = [1,2]
        parameters COD，氨氮 = ["w01018","w21003"]
        main_parameter cod = "w01018"
        station S-1 = "S-1"
        photos 66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0 = ["66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"]
        place 112.43, 39.33 = {"coordinates":[112.43,39.33],"type":"Point"}
        place POINT (112.43 39.33) = {"coordinates":[112.43,39.33],"type":"Point"}
        place {"type":"Point","coordinates":[112.43,39.33]} = {"coordinates":[112.43,39.33],"type":"Point"}
        note / = "/"
        code    = null
        kept 也许: [type] kept应为是或否
        river #6: [reference] river：“rivers”中没有“#6”，请先登记或改正
        load 1: [computed] load由平台计算，不能填写
        uses 城镇、海: [enum] uses：没有选项“城镇、海”，可填：城镇、矿井
        flow 约3: [type] flow应为数字，如 1234.5"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_has_to_be_looked_up_is_told_beforehand() {
    let model = model();
    let mut wants = Wants::default();
    let upper = HASH.to_uppercase();
    model.wants_json(&map(json!({ "river": "sanggan", "sources": [1, { "key": "E-2" }], "photos": [upper], "station": "S-1" })), &mut wants);
    for (field, cell) in [("river", "#9"), ("sources", "E-3；E-4"), ("station", "S-2")] {
        model.wants_text(model.position(field).expect("a field"), cell, &mut wants);
    }
    expect![[r#"
        Wants {
            keys: {
                "enterprises": {
                    "E-2",
                    "E-3",
                    "E-4",
                },
                "rivers": {
                    "sanggan",
                },
            },
            ids: {
                "enterprises": {
                    RecordId(
                        1,
                    ),
                },
                "rivers": {
                    RecordId(
                        9,
                    ),
                },
            },
            attachments: {
                "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
            },
            stations: {
                "S-1",
                "S-2",
            },
        }
    "#]]
    .assert_debug_eq(&wants);
}

#[test]
fn definitions_that_cannot_be_worked_with_say_where() {
    let def = definition(json!({ "id": "wrong", "fields": [
        { "id": "code", "type": "text", "pattern": "[" },
        { "id": "a", "type": "number", "required_when": "b ==" },
        { "id": "c", "type": "computed", "formula": "colour + 1", "gives": "number" },
        { "id": "d", "type": "computed", "formula": "a * 2", "gives": "number" },
        { "id": "e", "type": "computed", "formula": "f", "gives": "number" },
        { "id": "f", "type": "computed", "formula": "e", "gives": "number" },
        { "id": "g", "type": "computed", "formula": "today", "gives": "date" },
        { "id": "h", "type": "computed", "formula": "nonsense(a)", "gives": "number" }
    ] }));
    let faults = Model::new(&Arc::new(def), &codes()).expect_err("full of faults");
    let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "field.code.pattern",
            "field.a.required_when",
            "field.c.formula",
            "field.d.formula",
            "field.g.formula",
            "field.h.formula",
            "field.e.formula"
        ]
    );
}

#[test]
fn formulas_know_days_and_rounding() {
    let formula = |gives: &str, formula: &str| json!({ "id": format!("f{}", formula.len()), "type": "computed", "formula": formula, "gives": gives });
    let def = definition(json!({ "id": "days", "fields": [
        { "id": "code", "type": "text" }, { "id": "day", "type": "date" }, { "id": "other", "type": "date" },
        { "id": "tons", "type": "number" }, { "id": "count", "type": "integer" }, { "id": "kinds", "type": "enum", "many": true,
          "values": [{ "id": "a", "name": { "zh": "a", "en": "a" } }] },
        formula("integer", "days_between(day, other)"),
        formula("date", "plus_months(day, 1)"),
        formula("date", "plus_days(day, count)"),
        formula("integer", "year_of(day)"),
        formula("number", "round(tons / double(count), 2)"),
        formula("boolean", "kinds.exists(kind, kind == 'a')"),
        formula("number", "tons >= 10 ? tons : math.greatest(1.5, 2.5)"),
        formula("boolean", "tons > 1.0 || other == null"),
    ] }));
    let model = Model::new(&Arc::new(def), &codes()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let given = |values: Json| {
        let mut row = model.blank();
        for (at, value) in model.read_json(&map(values), &known()).expect("sound") {
            row[at] = value;
        }
        model.compute(&mut row, None, &known());
        row[6..].iter().map(|value| canonical_value(value).to_string()).collect::<Vec<_>>().join(" ")
    };
    let filled = given(
        json!({ "day": "2026-01-31", "other": "2026-03-01", "tons": 10.0, "count": 3, "kinds": ["a"] }),
    );
    assert_eq!(filled, r#"29 "2026-02-28" "2026-02-03" 2026 3.33 true 10.0 true"#);
    // What cannot be told is nothing, but `||` with one true side is true all the same.
    assert_eq!(given(json!({ "tons": 4.0 })), "null null null null null null 2.5 true");
    assert_eq!(
        given(json!({ "other": "2026-03-01", "count": 0 })),
        "null null null null null null null null"
    );
}

fn value_of(field: usize) -> BoxedStrategy<Value> {
    let model = model();
    let text = |strategy: &'static str| strategy.prop_map(Value::Text).boxed();
    let ids =
        || proptest::sample::subsequence(vec![RecordId(1), RecordId(2)], 1..=2).prop_map(Value::References);
    match model.def().fields[field].id.as_str() {
        "code" => text("[A-Z0-9-]{1,20}"),
        "area" => {
            proptest::sample::select(vec!["140602", "140603"]).prop_map(|c| Value::Text(c.into())).boxed()
        }
        "enterprise" => Just(Value::Reference(RecordId(1))).boxed(),
        "kind" => {
            proptest::sample::select(vec!["mixed", "rain"]).prop_map(|id| Value::Text(id.into())).boxed()
        }
        "uses" => proptest::sample::subsequence(vec!["town".to_owned(), "mine".to_owned()], 1..=2)
            .prop_map(Value::Texts)
            .boxed(),
        "flow" => (0.0..1e6).prop_map(Value::Number).boxed(),
        "count" => (0i64..100).prop_map(Value::Integer).boxed(),
        "kept" => any::<bool>().prop_map(Value::Boolean).boxed(),
        "surveyed_on" => {
            (-40_000i64..60_000).prop_map(|day| Value::Date(Millis(day * 86_400_000).local_date())).boxed()
        }
        "measured_at" => {
            (-4_000_000_000_000i64..4_000_000_000_000).prop_map(|ms| Value::Time(Millis(ms))).boxed()
        }
        "river" => Just(Value::Reference(RecordId(5))).boxed(),
        "sources" => ids().boxed(),
        "parameters" => Just(Value::Texts(vec!["w01018".to_owned()])).boxed(),
        "main_parameter" => Just(Value::Text("w21003".to_owned())).boxed(),
        "station" => Just(Value::Text("S-1".to_owned())).boxed(),
        "photos" => Just(Value::Texts(vec![HASH.to_owned()])).boxed(),
        "place" => (112_000_000i64..113_000_000, 39_000_000i64..40_000_000)
            .prop_map(|(lon, lat)| {
                let point = sanggan_geo::geo_types::Point::new(lon as f64 / 1e6, lat as f64 / 1e6);
                Value::Shape(Box::new(point.into()))
            })
            .boxed(),
        "note" => text("[a-z\u{4e00}-\u{4eff}]([a-z \n]{0,30}[a-z])?"),
        "complainant" => text("[a-z\u{4e00}-\u{4eff}]{1,20}"),
        _ => Just(Value::Null).boxed(),
    }
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    let fields = model().def().fields.len();
    (0..fields)
        .map(|field| proptest::option::weighted(0.8, value_of(field)).prop_map(Option::unwrap_or_default))
        .collect::<Vec<_>>()
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
        proptest::sample::select(vec!["Point", "Polygon", "sanggan", "2026-01-01", "mixed", HASH])
            .prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            proptest::collection::hash_map(
                proptest::sample::select(vec![
                    "type".to_owned(),
                    "coordinates".to_owned(),
                    "rid".to_owned(),
                    "key".to_owned(),
                    "hash".to_owned()
                ]),
                inner,
                0..4
            )
            .prop_map(|map| map.into_iter().collect::<Json>()),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_that_is_sent_panics(field in 0usize..21, json in any_json(), cell in "\\PC{0,60}") {
        let model = model();
        let id = model.def().fields[field].id.clone();
        let values = map(json!({ id: json }));
        let mut wants = Wants::default();
        model.wants_json(&values, &mut wants);
        model.wants_text(field, &cell, &mut wants);
        if let Ok(given) = model.read_json(&values, &known()) {
            for (at, value) in given {
                prop_assert_eq!(from_canonical(&model, at, &canonical_value(&value)).is_some(), true);
            }
        }
        let _ = model.read_text(field, &cell, &known());
    }

    #[test]
    fn every_kind_comes_back_from_json_and_from_the_journal(row in row()) {
        let model = model();
        let json = model.to_json(&row, &Links::default(), &[]);
        let mut back = model.blank();
        for (at, value) in model.read_json(&json, &known()).expect("what was shown is read") {
            back[at] = value;
        }
        prop_assert_eq!(&back, &row);
        for (at, value) in row.iter().enumerate() {
            prop_assert_eq!(from_canonical(&model, at, &canonical_value(value)), Some(value.clone()));
        }
    }
}
