//! From one definition to the next.

use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Test, Value};
use sanggan_store::records::RecordsError;
use sanggan_testkit::Base;
use serde_json::{Value as Json, json};

use crate::common::{World, at, city, enterprises, models_of, only, outfalls, rivers, text};

sanggan_testkit::on_both_databases!(
    what_was_written_goes_along_to_the_next_definition,
    what_would_be_lost_is_refused_and_nothing_happens,
    empty_fields_and_unused_words_may_go,
    a_list_may_grow_and_one_may_become_several,
);

const OUTFALLS: &str = "river-outfalls";

fn field<'j>(def: &'j mut Json, id: &str) -> &'j mut Json {
    let fields = def["fields"].as_array_mut().expect("fields");
    fields.iter_mut().find(|field| field["id"] == id).expect("the field")
}

fn without(def: &mut Json, id: &str) {
    def["fields"].as_array_mut().expect("fields").retain(|field| field["id"] != id);
}

async fn move_to(world: &mut World, def: Json) -> Result<(), RecordsError> {
    let models = models_of(&[rivers(), enterprises(), def]);
    world.store.define(&models, at(20)).await?;
    world.models = models;
    Ok(())
}

async fn seeded(base: &Base) -> World {
    let world = World::new(base).await;
    world.create("rivers", 1, json!({ "code": "R1", "name": "桑干河" })).await.expect("a river");
    world.create("enterprises", 1, json!({ "code": "E1", "name": "电厂" })).await.expect("an enterprise");
    for values in [
        json!({ "code": "O-1", "name": "东", "kind": "mixed", "uses": ["town"], "flow": 3.5, "count": 2, "kept": true,
                "river": "R1", "sources": ["E1"], "surveyed_on": "2026-01-02",
                "place": { "type": "Point", "coordinates": [112.4, 39.3] } }),
        json!({ "code": "O-2", "name": "西", "kind": "mixed", "count": 7 }),
    ] {
        world.create(OUTFALLS, 2, values).await.expect("an outfall");
    }
    world
}

async fn what_was_written_goes_along_to_the_next_definition(base: Base) {
    let mut world = seeded(&base).await;
    let mut def = outfalls();
    def["version"] = json!(2);
    *field(&mut def, "flow") = json!({ "id": "flow_t_d", "was": "flow", "type": "number", "unit": "t/d" });
    *field(&mut def, "count") = json!({ "id": "count", "type": "number" });
    *field(&mut def, "load") =
        json!({ "id": "load", "type": "computed", "formula": "flow_t_d * 2.0", "gives": "number" });
    *field(&mut def, "kind") = json!({ "id": "kind", "type": "text", "searched": true });
    *field(&mut def, "sources") =
        json!({ "id": "givers", "was": "sources", "type": "reference", "to": "enterprises", "many": true });
    def["fields"]
        .as_array_mut()
        .expect("fields")
        .push(json!({ "id": "remark", "type": "text", "searched": true }));
    def["list"] = json!(["code", "name", "kind", "flow_t_d", "count"]);
    def["public"]["when"] = json!("count > 5.0");
    move_to(&mut world, def).await.expect("moves");
    let first = &world.store.records(OUTFALLS, &city(), &Ask::default()).await.expect("answers").records[0];
    for (field, value) in [
        ("flow_t_d", Value::Number(3.5)),
        ("count", Value::Number(2.0)),
        ("load", Value::Number(7.0)),
        ("kind", text("mixed")),
        ("givers", Value::References(vec![sanggan_records::RecordId(1)])),
        ("remark", Value::Null),
    ] {
        assert_eq!(world.value(OUTFALLS, first, field), &value, "{field}");
    }
    assert_eq!(first.version, 1, "nobody changed the record");
    assert_eq!(
        world.codes(OUTFALLS, &Scope::Public, Ask::default()).await,
        ["O-2"],
        "public by the new rule"
    );
    let words = Ask { words: "mixed".to_owned(), ..Ask::default() };
    assert_eq!(world.codes(OUTFALLS, &city(), words).await, ["O-1", "O-2"], "searched now");
    let above = only("count", Test::More(Value::Number(1.5)));
    assert_eq!(world.codes(OUTFALLS, &city(), above).await, ["O-1", "O-2"]);
    let first = first.clone();
    let changed =
        world.change(OUTFALLS, 21, &first, json!({ "flow_t_d": 1, "remark": "改" })).await.expect("changes");
    assert_eq!(world.value(OUTFALLS, &changed, "load"), &Value::Number(2.0));
    let was = world.store.read_record(OUTFALLS, &city(), first.id, Some(at(5))).await.expect("was there");
    assert_eq!(world.value(OUTFALLS, &was, "flow_t_d"), &Value::Number(3.5), "by its earlier name");
    let history = world.store.record_history(OUTFALLS, first.id).await.expect("a history");
    assert_eq!(history.len(), 2);
    assert!(history[1].changes.iter().any(|it| it.field == "flow" && it.after == Value::Number(3.5)));
}

async fn what_would_be_lost_is_refused_and_nothing_happens(base: Base) {
    let mut world = seeded(&base).await;
    let cases: [(&str, fn(&mut Json)); 5] = [
        ("flow", |def| {
            without(def, "flow");
            without(def, "load");
            def["dropped"] = json!(["flow"]);
            def["list"] = json!(["code"]);
        }),
        ("kind", |def| field(def, "kind")["type"] = json!("number")),
        ("values", |def| {
            field(def, "kind")["values"].as_array_mut().expect("values").remove(0);
        }),
        ("lifecycle", |def| {
            let life = &mut def["lifecycle"];
            life["start"] = json!("done");
            life["states"].as_array_mut().expect("states").remove(0);
            life["transitions"] = json!([]);
        }),
        ("unique", |def| def["unique"] = json!([["kind"]])),
    ];
    for (what, change) in cases {
        let mut def = outfalls();
        def["version"] = json!(2);
        change(&mut def);
        match move_to(&mut world, def).await {
            Err(RecordsError::WouldLose { whys }) => {
                assert!(
                    whys.iter().any(|why| why.starts_with("river-outfalls: ") && why.contains(what)),
                    "{whys:?}"
                );
            }
            other => panic!("{what}: {other:?}"),
        }
        let found = world.store.records(OUTFALLS, &city(), &Ask::default()).await.expect("answers").records;
        assert_eq!(world.value(OUTFALLS, &found[0], "flow"), &Value::Number(3.5), "{what}");
    }
    world.store.define(&world.models, at(21)).await.expect("the same as before");
}

async fn empty_fields_and_unused_words_may_go(base: Base) {
    let mut world = seeded(&base).await;
    let mut def = outfalls();
    def["version"] = json!(2);
    for id in ["note", "enterprise", "measured_at"] {
        without(&mut def, id);
    }
    def["dropped"] = json!(["note", "enterprise", "measured_at"]);
    def["enterprise"] = json!(null);
    field(&mut def, "kind")["values"].as_array_mut().expect("values").remove(1);
    move_to(&mut world, def.clone()).await.expect("moves");
    assert_eq!(world.codes(OUTFALLS, &city(), Ask::default()).await, ["O-1", "O-2"]);
    // And one may come back under the same name.
    def["version"] = json!(3);
    def["dropped"] = json!([]);
    def["fields"]
        .as_array_mut()
        .expect("fields")
        .push(json!({ "id": "enterprise", "type": "reference", "to": "enterprises" }));
    move_to(&mut world, def).await.expect("moves");
    let made = world.create(OUTFALLS, 22, json!({ "code": "O-3", "enterprise": "E1" })).await.expect("made");
    assert_eq!(world.value(OUTFALLS, &made, "enterprise"), &Value::Reference(sanggan_records::RecordId(1)));
}

async fn a_list_may_grow_and_one_may_become_several(base: Base) {
    let mut world = seeded(&base).await;
    let mut def = outfalls();
    def["version"] = json!(2);
    field(&mut def, "kind")["many"] = json!(true);
    field(&mut def, "river")["many"] = json!(true);
    def["list"] = json!(["code", "name"]);
    field(&mut def, "uses")["values"]
        .as_array_mut()
        .expect("values")
        .push(json!({ "id": "farm", "name": { "zh": "农业", "en": "Farms" } }));
    def["unique"] = json!([["name"]]);
    def["geometry"] = json!(null);
    move_to(&mut world, def).await.expect("moves");
    let found = world.store.records(OUTFALLS, &city(), &Ask::default()).await.expect("answers").records;
    assert_eq!(world.value(OUTFALLS, &found[0], "kind"), &Value::Texts(vec!["mixed".to_owned()]));
    assert_eq!(
        world.value(OUTFALLS, &found[0], "river"),
        &Value::References(vec![sanggan_records::RecordId(1)])
    );
    let mixed = only("kind", Test::In(vec![text("mixed")]));
    assert_eq!(world.codes(OUTFALLS, &city(), mixed).await, ["O-1", "O-2"]);
    world.change(OUTFALLS, 21, &found[1], json!({ "uses": ["farm"] })).await.expect("the new word");
    match world.change(OUTFALLS, 22, &found[0], json!({ "name": "西" })).await {
        Err(RecordsError::Refused(refusal)) => assert_eq!(refusal.faults[0].code, "unique"),
        other => panic!("{other:?}"),
    }
    match world
        .retire(
            "rivers",
            23,
            &world.store.records("rivers", &city(), &Ask::default()).await.expect("answers").records[0],
        )
        .await
    {
        Err(RecordsError::Referred { total: 1, .. }) => {}
        other => panic!("{other:?}"),
    }
}
