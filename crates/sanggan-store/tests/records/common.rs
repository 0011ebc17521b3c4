//! Three small registers that refer to each other, and people who work with them.

use std::sync::Arc;

use jiff::civil::date;
use sanggan_base::{AreaCode, Millis};
use sanggan_pack::{Name, RegisterDef, Registers};
use sanggan_records::rights::{Caller, Role, Scope};
use sanggan_records::{Ask, By, Codes, Condition, Event, Models, Record, RecordId, Sort, Test, Value, Wants};
use sanggan_store::Store;
use sanggan_store::records::RecordsError;
use sanggan_testkit::Base;
use serde_json::{Value as Json, json};

/// A definition in the short form of files, with what files may leave out filled in.
pub(crate) fn definition(short: &Json) -> RegisterDef {
    let mut whole = json!({
        "version": 1, "name": { "zh": short["id"], "en": short["id"] }, "about": { "zh": "…", "en": "…" },
        "rows": [], "group": "water", "department": "water", "sources": [], "key": "code", "title": "name",
        "area": null, "enterprise": null, "geometry": null, "list": ["code", "name"], "unique": [], "public": null,
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

pub(crate) fn rivers() -> Json {
    json!({
        "id": "rivers", "geometry": "course", "public": { "fields": ["code", "name"], "when": null },
        "fields": [
            { "id": "code", "type": "text", "required": true, "searched": true },
            { "id": "name", "type": "text", "searched": true },
            { "id": "into", "type": "reference", "to": "rivers" },
            { "id": "course", "type": "line" },
        ],
    })
}

pub(crate) fn enterprises() -> Json {
    json!({
        "id": "enterprises", "area": "area",
        "fields": [
            { "id": "code", "type": "text", "required": true, "searched": true },
            { "id": "name", "type": "text", "searched": true },
            { "id": "area", "type": "area" },
        ],
    })
}

pub(crate) fn outfalls() -> Json {
    json!({
        "id": "river-outfalls", "area": "area", "enterprise": "enterprise", "geometry": "place",
        "list": ["code", "name", "kind", "flow", "surveyed_on"], "unique": [["name", "area"]],
        "public": { "fields": ["code", "kind", "place"], "when": "kept == true" },
        "review": { "every": { "months": 12, "days": 0 }, "field": "surveyed_on" },
        "fields": [
            { "id": "code", "type": "text", "required": true, "searched": true },
            { "id": "name", "type": "text", "searched": true },
            { "id": "area", "type": "area" },
            { "id": "enterprise", "type": "reference", "to": "enterprises" },
            { "id": "kind", "type": "enum", "values": [
                { "id": "mixed", "name": { "zh": "混合", "en": "Mixed" } },
                { "id": "rain", "name": { "zh": "雨水", "en": "Rain" } } ] },
            { "id": "uses", "type": "enum", "many": true, "values": [
                { "id": "town", "name": { "zh": "城镇", "en": "Town" } },
                { "id": "mine", "name": { "zh": "矿井", "en": "Mine" } } ] },
            { "id": "flow", "type": "number", "unit": "t/d" },
            { "id": "count", "type": "integer" },
            { "id": "kept", "type": "boolean" },
            { "id": "surveyed_on", "type": "date" },
            { "id": "measured_at", "type": "time" },
            { "id": "river", "type": "reference", "to": "rivers" },
            { "id": "sources", "type": "reference", "to": "enterprises", "many": true },
            { "id": "place", "type": "any_shape" },
            { "id": "note", "type": "long_text", "searched": true },
            { "id": "complainant", "type": "text", "readers": ["petitions"], "searched": true },
            { "id": "load", "type": "computed", "formula": "flow * 365.0", "gives": "number" }
        ],
        "lifecycle": {
            "start": "found",
            "states": [
                { "id": "found", "name": { "zh": "已排查", "en": "Found" }, "final": false, "deadline": { "months": 0, "days": 30 } },
                { "id": "done", "name": { "zh": "销号", "en": "Closed" }, "final": true, "deadline": null }
            ],
            "transitions": [
                { "id": "close", "name": { "zh": "销号", "en": "Close" }, "from": ["found"], "to": "done",
                  "departments": [], "enterprise": false, "requires": [], "evidence": [], "when": null, "reason": false }
            ]
        }
    })
}

pub(crate) fn models_of(shorts: &[Json]) -> Arc<Models> {
    let name = |zh: &str, en: &str| Name { zh: zh.to_owned(), en: en.to_owned() };
    let mut codes = Codes::default();
    codes.areas.insert("140602".to_owned(), name("朔城区", "Shuocheng"));
    codes.areas.insert("140603".to_owned(), name("平鲁区", "Pinglu"));
    let mut registers = Registers::default();
    for short in shorts {
        let mut short = short.clone();
        for field in short["fields"].as_array_mut().expect("fields") {
            if field["type"] == "any_shape" {
                field["type"] = json!("geometry");
            }
        }
        let def = definition(&short);
        registers.by_id.insert(def.id.clone(), Arc::new(def));
    }
    Arc::new(Models::new(&Arc::new(registers), &Arc::new(codes)).expect("sound definitions"))
}

pub(crate) fn models() -> Arc<Models> {
    models_of(&[rivers(), enterprises(), outfalls()])
}

/// Hours after the beginning of the tests' day.
pub(crate) fn at(hours: i64) -> Millis {
    Millis(Millis::start_of(date(2026, 11, 23)).0 + hours * 3_600_000)
}

pub(crate) fn operator() -> Caller {
    Caller { role: Some(Role::Operator), name: "user:ada".to_owned(), ..Caller::public() }
}

pub(crate) fn city() -> Scope {
    Scope::Areas(Vec::new())
}

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).expect("a code")
}

/// A store on a base with the three registers.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) models: Arc<Models>,
    pub(crate) caller: Caller,
}

impl World {
    pub(crate) async fn new(base: &Base) -> World {
        World::of(base, models()).await
    }

    pub(crate) async fn of(base: &Base, models: Arc<Models>) -> World {
        let store = Store::connect(base.url(), base.folder()).await.expect("opens");
        store.define(&models, at(0)).await.expect("defines");
        World { store, models, caller: operator() }
    }

    /// Values as a client writes them.
    pub(crate) async fn given(&self, register: &str, values: Json) -> Vec<(usize, Value)> {
        let model = self.models.get(register).expect("a register");
        let values = values.as_object().expect("an object").clone();
        let mut wants = Wants::default();
        model.wants_json(&values, &mut wants);
        let known = self.store.look_up(&wants).await.expect("looks up");
        model.read_json(&values, &known).expect("readable values")
    }

    pub(crate) fn by(&self, hours: i64) -> By<'_> {
        By { caller: &self.caller, now: at(hours), why: "因为" }
    }

    pub(crate) async fn create(
        &self,
        register: &str,
        hours: i64,
        values: Json,
    ) -> Result<Record, RecordsError> {
        let event =
            Event::Create { values: self.given(register, values).await, schematic: false, state: None };
        self.store.act(register, None, event, self.by(hours)).await
    }

    pub(crate) async fn change(
        &self,
        register: &str,
        hours: i64,
        record: &Record,
        values: Json,
    ) -> Result<Record, RecordsError> {
        let values = self.given(register, values).await;
        let event = Event::Change { version: record.version, values };
        self.store.act(register, Some(record.id), event, self.by(hours)).await
    }

    pub(crate) async fn retire(
        &self,
        register: &str,
        hours: i64,
        record: &Record,
    ) -> Result<Record, RecordsError> {
        let event = Event::Retire { version: record.version };
        self.store.act(register, Some(record.id), event, self.by(hours)).await
    }

    pub(crate) fn value<'r>(&self, register: &str, record: &'r Record, field: &str) -> &'r Value {
        let position = self.models.get(register).expect("a register").position(field).expect("a field");
        &record.values[position]
    }

    /// The codes of what an ask finds, in order, across all pages.
    pub(crate) async fn codes(&self, register: &str, scope: &Scope, ask: Ask) -> Vec<String> {
        let mut ask = ask;
        let mut out = Vec::new();
        loop {
            let page = self.store.records(register, scope, &ask).await.expect("answers");
            for record in &page.records {
                match self.value(register, record, "code") {
                    Value::Text(code) => out.push(code.clone()),
                    other => panic!("no code: {other:?}"),
                }
            }
            match page.next {
                Some(next) => ask.after = Some(next),
                None => return out,
            }
        }
    }
}

pub(crate) fn only(field: &str, test: Test) -> Ask {
    Ask { conditions: vec![Condition { field: field.to_owned(), test }], ..Ask::default() }
}

pub(crate) fn sorted(field: &str) -> Ask {
    let (field, descending) = field.strip_prefix('-').map_or((field, false), |field| (field, true));
    Ask { sort: vec![Sort { field: field.to_owned(), descending }], limit: 2, ..Ask::default() }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn reference(record: &Record) -> Value {
    Value::Reference(RecordId(record.id.0))
}
