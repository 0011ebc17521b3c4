//! What may happen to a record, and what is due on it.

mod common;

use common::{HASH, at, caller, enterprise, known, map, model, now, officer, outfalls, record};
use expect_test::expect;
use jiff::civil::date;
use sanggan_base::Millis;
use sanggan_records::rights::{Caller, Role};
use sanggan_records::{
    By, Change, DueKind, Effects, Event, Known, Model, Record, Refusal, Value, Why, canonical, changes, due,
    step,
};
use serde_json::{Value as Json, json};

struct Desk {
    model: Model,
    known: Known,
}

impl Desk {
    fn new() -> Desk {
        Desk { model: model(), known: known() }
    }

    fn given(&self, values: Json) -> sanggan_records::Given {
        self.model.read_json(&map(values), &self.known).expect("sound values")
    }

    fn happen(
        &self,
        before: Option<&Record>,
        event: Event,
        caller: &Caller,
        why: &str,
    ) -> Result<Effects, Refusal> {
        step(&self.model, before, event, By { caller, now: now(), why }, &self.known)
    }

    fn create(&self, caller: &Caller, values: Json) -> Result<Effects, Refusal> {
        self.happen(
            None,
            Event::Create { values: self.given(values), schematic: false, state: None },
            caller,
            "",
        )
    }

    fn change(&self, before: &Record, caller: &Caller, values: Json) -> Result<Effects, Refusal> {
        let event = Event::Change { version: before.version, values: self.given(values) };
        self.happen(Some(before), event, caller, "")
    }

    fn go(
        &self,
        before: &Record,
        way: &str,
        caller: &Caller,
        values: Json,
        why: &str,
    ) -> Result<Effects, Refusal> {
        let values = self.given(values);
        let event = Event::Transition { version: before.version, transition: way.to_owned(), values };
        self.happen(Some(before), event, caller, why)
    }
}

fn refused(result: Result<Effects, Refusal>) -> String {
    let refusal = result.expect_err("it must be refused");
    let fields: Vec<&str> = refusal.faults.iter().map(|fault| fault.field.as_str()).collect();
    format!("{:?} {fields:?} {}", refusal.why, refusal.en)
}

#[test]
fn an_outfall_from_finding_to_closing() {
    let desk = Desk::new();
    let water = officer("140602", "water");
    let made = desk
        .create(&water, json!({ "code": "P-1", "area": "140602", "kind": "rain", "complainant": null }))
        .expect("its own area and department");
    assert_eq!((made.action.as_str(), made.record.version, made.public), ("create", 1, false));
    assert_eq!(made.record.state.as_deref(), Some("found"));
    assert_eq!(made.changes.len(), 3, "code, area, kind");
    assert_eq!(made.due.as_ref().map(|due| (due.kind, due.overdue)), Some((DueKind::Review, true)));

    let made = made.record;
    assert_eq!(
        refused(desk.go(&made, "measure", &water, json!({}), "")),
        r#"Faults ["flow", "photos"] 2 fields are wrong or missing; put them right and send the record again"#
    );
    let measured = desk
        .go(
            &made,
            "measure",
            &water,
            json!({ "flow": 10.0, "photos": [HASH], "surveyed_on": "2026-11-20" }),
            "",
        )
        .expect("everything is there");
    assert_eq!(at(&desk.model, &measured.record, "load"), &Value::Number(3650.0), "computed with it");
    assert_eq!(
        at(&desk.model, &measured.record, "heavy"),
        &Value::Boolean(true),
        "computed from what is computed"
    );
    assert_eq!(
        measured.due.map(|due| (due.on, due.kind, due.overdue)),
        Some((date(2027, 11, 20), DueKind::Review, false))
    );

    let measured = measured.record;
    assert!(refused(desk.go(&measured, "measure", &water, json!({}), "")).starts_with("State"));
    assert!(
        refused(desk.go(&measured, "close", &water, json!({}), "why")).starts_with("Rights"),
        "another department's"
    );
    let petitions = officer("140602", "petitions");
    assert!(refused(desk.go(&measured, "close", &petitions, json!({}), "")).starts_with("Reason"));
    let closed = desk.go(&measured, "close", &petitions, json!({}), "拆除").expect("the condition holds");
    assert_eq!((closed.record.state.as_deref(), closed.due), (Some("done"), None));
}

#[test]
fn a_condition_that_cannot_be_told_refuses_as_one_that_fails_does() {
    let desk = Desk::new();
    let city = caller(Role::Operator);
    let start = json!({ "code": "P-1", "flow": 500.0, "photos": [HASH] });
    let measured =
        desk.go(&record(&desk.model, start), "measure", &city, json!({}), "").expect("sound").record;
    expect!["Condition [] cannot take `close` on record 7 of `river-outfalls`: it must hold that flow at most 100.0 and surveyed_on at most today"]
        .assert_eq(&refused(desk.go(&measured, "close", &city, json!({}), "x")));
    let low = desk.change(&measured, &city, json!({ "flow": 5.0 })).expect("sound").record;
    expect!["Condition [] cannot take `close` on record 7 of `river-outfalls`: it cannot be told whether flow at most 100.0 and surveyed_on at most today; fill in the fields this names"]
        .assert_eq(&refused(desk.go(&low, "close", &city, json!({}), "x")));
}

#[test]
fn required_when_is_asked_only_where_it_can_be_told() {
    let desk = Desk::new();
    let city = caller(Role::Operator);
    assert!(desk.create(&city, json!({ "code": "P-1", "kind": "mixed" })).is_ok(), "count is not known");
    assert_eq!(
        refused(desk.create(&city, json!({ "code": "P-1", "kind": "mixed", "count": 1 }))),
        r#"Faults ["flow"] 1 fields are wrong or missing; put them right and send the record again"#
    );
    assert!(refused(desk.create(&city, json!({ "kind": "rain" }))).starts_with(r#"Faults ["code"]"#));
}

#[test]
fn a_stale_version_and_a_retired_record_are_refused() {
    let desk = Desk::new();
    let city = caller(Role::Operator);
    let made = record(&desk.model, json!({ "code": "P-1" }));
    let stale = Event::Change { version: 9, values: Vec::new() };
    assert!(refused(desk.happen(Some(&made), stale, &city, "")).starts_with("Version"));
    let retire = Event::Retire { version: 1 };
    assert!(refused(desk.happen(Some(&made), retire.clone(), &city, " ")).starts_with("Reason"));
    let gone = desk.happen(Some(&made), retire, &city, "重复登记").expect("with a reason");
    assert!(gone.record.retired && !gone.public && gone.due.is_none());
    assert!(refused(desk.change(&gone.record, &city, json!({}))).starts_with("State"));
    let again = Event::Create { values: Vec::new(), schematic: false, state: None };
    assert!(refused(desk.happen(Some(&made), again, &city, "")).starts_with("Unknown"));
}

#[test]
fn an_enterprise_fills_in_what_is_left_to_it_and_nothing_else() {
    let desk = Desk::new();
    let mine = record(&desk.model, json!({ "code": "P-1", "enterprise": 1, "area": "140602" }));
    let own = enterprise(1);
    let changed =
        desk.change(&mine, &own, json!({ "flow": 2.0, "code": "P-1" })).expect("the code is the same");
    assert_eq!(changed.changes.len(), 3, "flow, load, heavy");
    assert_eq!(
        refused(desk.change(&mine, &own, json!({ "code": "P-2", "enterprise": 2 }))),
        r#"Faults ["code", "enterprise"] 2 fields are wrong or missing; put them right and send the record again"#
    );
    assert!(refused(desk.change(&mine, &enterprise(2), json!({ "flow": 2.0 }))).starts_with("Rights"));
    assert!(
        refused(desk.create(&own, json!({ "code": "P-9", "flow": 1.0 }))).starts_with("Rights"),
        "a code is required"
    );
    let measured = desk
        .go(&mine, "measure", &own, json!({ "flow": 1.0, "photos": [HASH] }), "")
        .expect("it may measure");
    assert_eq!(measured.record.state.as_deref(), Some("measured"));
}

#[test]
fn an_enterprise_makes_records_where_every_required_field_is_left_to_it() {
    let mut def = outfalls();
    def.fields[0].enterprise_writes = true;
    let model = Model::new(&def.into(), &common::codes()).expect("sound");
    let desk = Desk { model, known: known() };
    let made = desk.create(&enterprise(1), json!({ "code": "P-9" })).expect("it fills in the code");
    assert_eq!(at(&desk.model, &made.record, "enterprise"), &Value::Reference(sanggan_records::RecordId(1)));
    assert!(
        refused(desk.create(&enterprise(1), json!({ "code": "P-9", "enterprise": 2 }))).starts_with("Rights")
    );
}

#[test]
fn an_officer_moves_no_record_out_of_its_areas() {
    let desk = Desk::new();
    let water = officer("140602", "water");
    let made = record(&desk.model, json!({ "code": "P-1", "area": "140602" }));
    assert!(
        refused(desk.change(&made, &water, json!({ "area": "140603" }))).starts_with(r#"Rights ["area"]"#)
    );
    assert!(refused(desk.change(&made, &water, json!({ "area": null }))).starts_with("Rights"));
    assert!(refused(desk.create(&water, json!({ "code": "P-2" }))).starts_with(r#"Rights ["area"]"#));
    assert_eq!(
        refused(desk.change(&made, &water, json!({ "complainant": "someone" }))),
        r#"Faults ["complainant"] 1 fields are wrong or missing; put them right and send the record again"#
    );
}

#[test]
fn only_the_city_brings_records_in_with_a_later_state() {
    let desk = Desk::new();
    let event = |state: &str| Event::Create {
        values: desk.given(json!({ "code": "P-1", "area": "140602" })),
        schematic: true,
        state: Some(state.to_owned()),
    };
    let made = desk.happen(None, event("done"), &Caller::system(), "").expect("seeds may").record;
    assert_eq!((made.state.as_deref(), made.schematic), (Some("done"), true));
    assert!(refused(desk.happen(None, event("done"), &officer("140602", "water"), "")).starts_with("State"));
    assert!(refused(desk.happen(None, event("lost"), &Caller::system(), "")).starts_with("State"));
    assert!(
        desk.happen(None, event("found"), &officer("140602", "water"), "").is_ok(),
        "the first state is the first"
    );
}

#[test]
fn what_is_due_is_the_earlier_of_review_and_deadline() {
    let model = model();
    let made = record(&model, json!({ "code": "P-1", "surveyed_on": "2026-02-28" }));
    let seen = |record: &Record, today| {
        due(&model, record, today).map(|due| (due.on.to_string(), due.kind, due.overdue))
    };
    // Thirty days after 23 November come before the end of February.
    assert_eq!(seen(&made, date(2026, 12, 23)), Some(("2026-12-23".into(), DueKind::Deadline, false)));
    assert_eq!(seen(&made, date(2026, 12, 24)), Some(("2026-12-23".into(), DueKind::Deadline, true)));
    let measured = Record { state: Some("measured".into()), ..made.clone() };
    assert_eq!(seen(&measured, date(2027, 2, 28)), Some(("2027-02-28".into(), DueKind::Review, false)));
    let leap = record(&model, json!({ "code": "P-1", "surveyed_on": "2024-02-29" }));
    assert_eq!(
        seen(&leap, date(2025, 2, 28)),
        Some(("2025-02-28".into(), DueKind::Review, false)),
        "a day that is not"
    );
    let never = Record { state: Some("measured".into()), values: model.blank(), ..made };
    assert_eq!(seen(&never, date(2026, 11, 23)), Some(("2026-11-22".into(), DueKind::Review, true)));
}

#[test]
fn only_what_became_different_is_history() {
    let before = [Value::Null, Value::Text("a".into()), Value::Number(1.0), Value::Texts(Vec::new())];
    let after = [Value::Text(String::new()), Value::Text("b".into()), Value::Number(1.0), Value::Null];
    assert_eq!(
        changes(&before, &after),
        [Change { field: 1, before: Value::Text("a".into()), after: Value::Text("b".into()) }]
    );
    assert_eq!(changes(&after, &after), []);
}

#[test]
fn the_journal_keeps_a_record_in_one_form() {
    let model = model();
    let made = record(
        &model,
        json!({ "code": "P-1", "river": "sanggan", "flow": 0.5, "surveyed_on": "2026/1/2", "note": "一\n二",
                "place": "POINT (112.43 39.33)", "uses": ["mine"] }),
    );
    let made = Record { changed_at: Millis(made.changed_at.0), ..made };
    expect![[r#"{"rid":7,"version":1,"state":"found","state_since":"2026-11-23T10:00:00+08:00","changed_at":"2026-11-23T10:00:00+08:00","changed_by":"user:operator","values":{"code":"P-1","uses":["mine"],"flow":0.5,"surveyed_on":"2026-01-02","river":5,"place":{"coordinates":[112.43,39.33],"type":"Point"},"note":"一\n二","load":182.5,"heavy":false}}"#]]
        .assert_eq(&canonical(&model, &made));
}

#[test]
fn a_refusal_says_what_was_tried_on_what() {
    let desk = Desk::new();
    let made = record(&desk.model, json!({ "code": "P-1", "area": "140602" }));
    let refusal = desk.change(&made, &caller(Role::Viewer), json!({})).expect_err("viewers read");
    assert_eq!(refusal.why, Why::Rights);
    expect![["不能修改“入河排污口”的记录 7：查看者只能查看"]].assert_eq(&refusal.zh);
    expect![["cannot change record 7 of `river-outfalls`: viewers only read"]].assert_eq(&refusal.en);
}
