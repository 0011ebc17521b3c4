//! A small register that has every kind of field, and the people who work with it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use sanggan_base::{AreaCode, Millis};
use sanggan_pack::{Name, RegisterDef};
use sanggan_records::rights::{Caller, Role};
use sanggan_records::{By, Codes, Event, Known, Model, Record, RecordId, Value, step};
use serde_json::{Map, Value as Json, json};

pub(crate) const HASH: &str = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

/// A definition in the short form of files, with what files may leave out filled in.
pub(crate) fn definition(short: Json) -> RegisterDef {
    let mut whole = json!({
        "version": 1, "name": { "zh": "入河排污口", "en": "River outfalls" }, "about": { "zh": "…", "en": "…" },
        "rows": [], "group": "water", "department": "water", "sources": [], "key": "code", "title": "code",
        "area": null, "enterprise": null, "geometry": null, "list": ["code"], "unique": [], "public": null,
        "review": null, "lifecycle": null, "graph": null, "chain": null, "zone": null,
    });
    for (key, value) in short.as_object().expect("a definition") {
        whole[key] = value.clone();
    }
    for field in whole["fields"].as_array_mut().expect("fields") {
        let kind = field["type"].as_str().expect("a type").to_owned();
        let mut filled = json!({
            "name": { "zh": field["id"], "en": field["id"] }, "help": null, "required": false, "required_when": null,
            "readers": [], "enterprise_writes": false, "searched": false, "section": null, "source": null,
            "many": false, "unit": "", "min": null, "max": null, "digits": null, "max_length": null, "pattern": null,
            "photo": false, "shape": "any",
        });
        for (key, value) in field.as_object().expect("a field") {
            filled[key] = value.clone();
        }
        if matches!(kind.as_str(), "point" | "line" | "polygon") {
            filled["shape"] = json!(kind);
            filled["type"] = json!("geometry");
        }
        *field = filled;
    }
    serde_json::from_value(whole).expect("a definition")
}

pub(crate) fn outfalls() -> RegisterDef {
    definition(json!({
        "id": "river-outfalls", "area": "area", "enterprise": "enterprise", "geometry": "place",
        "public": { "fields": ["code", "kind", "place"], "when": "kept == true" },
        "review": { "every": { "months": 12, "days": 0 }, "field": "surveyed_on" },
        "fields": [
            { "id": "code", "type": "text", "required": true, "max_length": 20, "pattern": "[A-Z0-9-]+", "searched": true },
            { "id": "area", "type": "area" },
            { "id": "enterprise", "type": "reference", "to": "enterprises" },
            { "id": "kind", "type": "enum", "values": [
                { "id": "mixed", "name": { "zh": "混合", "en": "Mixed" } },
                { "id": "rain", "name": { "zh": "雨水（清、污）", "en": "Rain" } } ] },
            { "id": "uses", "type": "enum", "many": true, "values": [
                { "id": "town", "name": { "zh": "城镇", "en": "Town" } },
                { "id": "mine", "name": { "zh": "矿井", "en": "Mine" } } ] },
            { "id": "flow", "type": "number", "unit": "t/d", "min": 0.0, "max": 1000000.0,
              "required_when": "kind == 'mixed' && count > 0", "enterprise_writes": true },
            { "id": "count", "type": "integer", "min": 0, "max": 99, "enterprise_writes": true },
            { "id": "kept", "type": "boolean" },
            { "id": "surveyed_on", "type": "date" },
            { "id": "measured_at", "type": "time" },
            { "id": "river", "type": "reference", "to": "rivers" },
            { "id": "sources", "type": "reference", "to": "enterprises", "many": true },
            { "id": "parameters", "type": "parameter", "many": true },
            { "id": "main_parameter", "type": "parameter" },
            { "id": "station", "type": "station" },
            { "id": "photos", "type": "attachment", "photo": true },
            { "id": "place", "type": "point" },
            { "id": "note", "type": "long_text" },
            { "id": "complainant", "type": "text", "readers": ["petitions"], "searched": true },
            { "id": "load", "type": "computed", "formula": "flow * 365.0", "gives": "number" },
            { "id": "heavy", "type": "computed", "formula": "load > 1000.0", "gives": "boolean" }
        ],
        "lifecycle": {
            "start": "found",
            "states": [
                { "id": "found", "name": { "zh": "已排查", "en": "Found" }, "final": false, "deadline": { "months": 0, "days": 30 } },
                { "id": "measured", "name": { "zh": "已监测", "en": "Measured" }, "final": false, "deadline": null },
                { "id": "done", "name": { "zh": "销号", "en": "Closed" }, "final": true, "deadline": null }
            ],
            "transitions": [
                { "id": "measure", "name": { "zh": "监测", "en": "Measure" }, "from": ["found"], "to": "measured",
                  "departments": [], "enterprise": true, "requires": ["flow"], "evidence": ["photos"], "when": null, "reason": false },
                { "id": "close", "name": { "zh": "销号", "en": "Close" }, "from": ["measured"], "to": "done",
                  "departments": ["petitions"], "enterprise": false, "requires": [], "evidence": [],
                  "when": "flow <= 100.0 && surveyed_on <= today", "reason": true }
            ]
        }
    }))
}

pub(crate) fn codes() -> Arc<Codes> {
    let name = |zh: &str, en: &str| Name { zh: zh.to_owned(), en: en.to_owned() };
    let mut codes = Codes::default();
    codes.areas.insert("140602".to_owned(), name("朔城区", "Shuocheng"));
    codes.areas.insert("140603".to_owned(), name("平鲁区", "Pinglu"));
    codes.parameters.insert("w01018".to_owned(), name("化学需氧量", "Chemical oxygen demand"));
    codes.parameters.insert("w21003".to_owned(), name("氨氮", "Ammonia nitrogen"));
    codes.parameter_words.insert("cod".to_owned(), "w01018".to_owned());
    codes.parameter_words.insert("氨氮".to_owned(), "w21003".to_owned());
    Arc::new(codes)
}

pub(crate) fn model() -> Model {
    Model::new(&Arc::new(outfalls()), &codes()).expect("a sound definition")
}

pub(crate) fn known() -> Known {
    let mut known = Known::default();
    known.add_record("rivers", RecordId(5), "sanggan");
    known.add_record("enterprises", RecordId(1), "E-1");
    known.add_record("enterprises", RecordId(2), "E-2");
    known.add_attachment(HASH);
    known.add_station("S-1");
    known
}

pub(crate) fn now() -> Millis {
    Millis::start_of(jiff::civil::date(2026, 11, 23)).plus(10 * 3_600_000)
}

pub(crate) fn caller(role: Role) -> Caller {
    Caller { role: Some(role), name: format!("user:{}", role.name()), ..Caller::public() }
}

pub(crate) fn officer(area: &str, department: &str) -> Caller {
    Caller {
        areas: vec![AreaCode::parse(area).expect("a code")],
        departments: vec![department.to_owned()],
        ..caller(Role::Officer)
    }
}

pub(crate) fn enterprise(id: i64) -> Caller {
    Caller { enterprise: Some(RecordId(id)), ..caller(Role::Enterprise) }
}

pub(crate) fn map(json: Json) -> Map<String, Json> {
    json.as_object().expect("an object").clone()
}

/// A record made by the whole city's people.
pub(crate) fn record(model: &Model, values: Json) -> Record {
    let given = model.read_json(&map(values), &known()).expect("sound values");
    let caller = caller(Role::Operator);
    let by = By { caller: &caller, now: now(), why: "" };
    let event = Event::Create { values: given, schematic: false, state: None };
    Record { id: RecordId(7), ..step(model, None, event, by, &known()).expect("a record").record }
}

pub(crate) fn at<'r>(model: &Model, record: &'r Record, field: &str) -> &'r Value {
    &record.values[model.position(field).expect("a field")]
}
