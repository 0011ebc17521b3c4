//! Every operation on a record × every role × every place, department and enterprise.

mod common;

use std::fmt::Write;

use common::{definition, known, map, model, outfalls};
use expect_test::expect_file;
use proptest::prelude::*;
use sanggan_base::{AreaCode, Millis};
use sanggan_pack::RegisterDef;
use sanggan_records::rights::{
    Caller, Role, Scope, hidden_fields, may_ask, may_change, may_create, may_import, may_retire, may_see,
    may_transition, scope, search_fields, writable_fields,
};
use sanggan_records::{
    Ask, Bounds, By, Condition, Due, Event, Links, Record, RecordId, Sort, Test, Value, Why, step,
};
use serde_json::json;

fn roles() -> impl Iterator<Item = Option<Role>> {
    std::iter::once(None).chain(Role::ALL.iter().copied().map(Some))
}

fn who(role: Option<Role>, areas: &[&str], departments: &[&str], enterprise: Option<i64>) -> Caller {
    Caller {
        role,
        areas: areas.iter().map(|code| AreaCode::parse(code).expect("a code")).collect(),
        departments: departments.iter().map(|&id| id.to_owned()).collect(),
        enterprise: enterprise.map(RecordId),
        name: "user:x".to_owned(),
    }
}

fn record_of(def: &RegisterDef, area: Option<&str>, enterprise: Option<i64>) -> Record {
    let mut values = vec![Value::Null; def.fields.len()];
    if let (Some(area), Some(at)) = (area, def.position("area")) {
        values[at] = Value::Text(area.to_owned());
    }
    if let (Some(id), Some(at)) = (enterprise, def.position("enterprise")) {
        values[at] = Value::Reference(RecordId(id));
    }
    Record {
        id: RecordId(7),
        version: 1,
        state: Some("found".to_owned()),
        state_since: Some(Millis(0)),
        changed_at: Millis(0),
        changed_by: "system".to_owned(),
        schematic: false,
        retired: false,
        values,
    }
}

/// The roles to which areas, departments or an enterprise say something are shown with each; a new operation or role
/// changes the table, and a person looks at the change.
#[test]
fn every_operation_for_every_role() {
    let def = outfalls();
    let mut table = String::from(
        "role            area   department  enterprise | see  public  create  change  retire  measure  close  import  reads  writes\n",
    );
    for role in roles() {
        for (area_name, area) in [("own", Some("140602")), ("other", Some("140603")), ("none", None)] {
            for (department_name, departments) in
                [("own", &["water"][..]), ("reader", &["petitions"]), ("other", &["air"]), ("all", &[])]
            {
                for (enterprise_name, enterprise) in [("own", Some(1)), ("other", Some(2)), ("none", None)] {
                    let caller =
                        who(role, &["140602"], departments, (role == Some(Role::Enterprise)).then_some(1));
                    let record = record_of(&def, area, enterprise);
                    let mark = |ok: bool| if ok { "yes" } else { "-" };
                    let fields = def.fields.len();
                    let line = format!(
                        "{:15} {:6} {:11} {:10} | {:4} {:7} {:7} {:7} {:7} {:8} {:6} {:7} {:6} {}",
                        role.map_or("(not logged in)", Role::name),
                        area_name,
                        department_name,
                        enterprise_name,
                        mark(may_see(&caller, &def, &record, false)),
                        mark(may_see(&caller, &def, &record, true)),
                        mark(may_create(&caller, &def).is_ok()),
                        mark(may_change(&caller, &def, &record).is_ok()),
                        mark(may_retire(&caller, &def, &record).is_ok()),
                        mark(may_transition(&caller, &def, &record, "measure").is_ok()),
                        mark(may_transition(&caller, &def, &record, "close").is_ok()),
                        mark(may_import(&caller, &def).is_ok()),
                        fields - hidden_fields(&caller, &def, Some(&record)).len(),
                        writable_fields(&caller, &def, Some(&record)).len(),
                    );
                    writeln!(table, "{}", line.trim_end()).expect("writing to a string");
                }
            }
        }
    }
    assert_eq!(table.lines().count(), 1 + 8 * 3 * 4 * 3, "no combination is left out");
    expect_file!["rights.txt"].assert_eq(&table);
}

#[test]
fn a_register_without_an_area_belongs_to_the_city() {
    let def = definition(json!({ "id": "lists", "fields": [{ "id": "code", "type": "text" }] }));
    let record = record_of(&def, None, None);
    let county = who(Some(Role::Officer), &["140602"], &["water"], None);
    let bureau = who(Some(Role::Officer), &[], &["water"], None);
    assert!(may_see(&county, &def, &record, false), "seen by all");
    assert!(may_create(&county, &def).is_err() && may_change(&county, &def, &record).is_err());
    assert!(may_create(&bureau, &def).is_ok() && may_change(&bureau, &def, &record).is_ok());
    assert_eq!(scope(&county, &def), Scope::Areas(Vec::new()));
    assert_eq!(scope(&who(Some(Role::Enterprise), &[], &[], Some(1)), &def), Scope::Nothing);
}

#[test]
fn the_register_of_enterprises_belongs_to_each() {
    let def = definition(json!({ "id": "enterprises", "fields": [
        { "id": "code", "type": "text" }, { "id": "phone", "type": "text", "enterprise_writes": true } ] }));
    let record = record_of(&def, None, None);
    let own = who(Some(Role::Enterprise), &[], &[], Some(7));
    let other = who(Some(Role::Enterprise), &[], &[], Some(8));
    assert!(may_see(&own, &def, &record, false) && may_change(&own, &def, &record).is_ok());
    assert_eq!(writable_fields(&own, &def, Some(&record)), [1]);
    assert!(!may_see(&other, &def, &record, false) && may_change(&other, &def, &record).is_err());
    assert!(may_create(&own, &def).is_err(), "an enterprise is not made by itself");
}

#[test]
fn no_question_tells_what_may_not_be_read() {
    let def = outfalls();
    let by = |field: &str| Ask {
        conditions: vec![Condition { field: field.to_owned(), test: Test::Empty(false) }],
        ..Ask::default()
    };
    let sort = |field: &str| Ask {
        sort: vec![Sort { field: field.to_owned(), descending: false }],
        ..Ask::default()
    };
    let nobody = Caller::public();
    assert_eq!(may_ask(&nobody, &def, &by("kind")).expect("public"), Scope::Public);
    assert_eq!(may_ask(&nobody, &def, &by("flow")).expect_err("not public").why, Why::Rights);
    assert_eq!(may_ask(&nobody, &def, &sort("flow")).expect_err("not public").why, Why::Rights);
    let water = who(Some(Role::Officer), &[], &["water"], None);
    assert!(may_ask(&water, &def, &by("flow")).is_ok());
    assert!(may_ask(&water, &def, &by("complainant")).is_err());
    assert!(may_ask(&water, &def, &sort("complainant")).is_err());
    let petitions = who(Some(Role::Officer), &[], &["petitions"], None);
    assert!(may_ask(&petitions, &def, &by("complainant")).is_ok());

    let own = who(Some(Role::Enterprise), &[], &[], Some(1));
    assert_eq!(may_ask(&own, &def, &by("kind")).expect("public"), Scope::Enterprise(RecordId(1)));
    assert_eq!(may_ask(&own, &def, &by("flow")).expect("its own"), Scope::Own(RecordId(1)));
    let words = Ask { words: "x".into(), ..Ask::default() };
    assert_eq!(may_ask(&own, &def, &words).expect("its own"), Scope::Own(RecordId(1)));
    let due = Ask { due: Some(Due::Overdue), ..Ask::default() };
    assert_eq!(may_ask(&own, &def, &due).expect("its own"), Scope::Own(RecordId(1)));

    assert!(may_ask(&nobody, &def, &due).is_err(), "who is late is not public");

    let names = |caller: &Caller| -> Vec<String> {
        search_fields(caller, &def).into_iter().map(|at| def.fields[at].id.clone()).collect()
    };
    assert_eq!(names(&nobody), ["code"]);
    assert_eq!(names(&water), ["code"]);
    assert_eq!(names(&petitions), ["code", "complainant"]);
    assert_eq!(names(&who(Some(Role::AuditAdmin), &[], &[], None)), Vec::<String>::new());

    let mut secret = outfalls();
    let place = secret.position("place").expect("a field");
    secret.fields[place].readers = vec!["radiation".into()];
    let bounds = Some(Bounds { west: 112.0, south: 39.0, east: 113.0, north: 40.0 });
    let ask = Ask { bounds, ..Ask::default() };
    assert!(may_ask(&water, &secret, &ask).is_err(), "a rectangle tells a place as well as the place does");
    assert!(may_ask(&water, &def, &ask).is_ok());
}

fn any_caller() -> impl Strategy<Value = Caller> {
    let role = proptest::sample::select(roles().collect::<Vec<_>>());
    let areas = proptest::sample::subsequence(vec!["140602", "140603"], 0..=2);
    let departments = proptest::sample::subsequence(vec!["water", "petitions", "air"], 0..=3);
    (role, areas, departments, proptest::option::of(1i64..3))
        .prop_map(|(role, areas, departments, enterprise)| who(role, &areas, &departments, enterprise))
}

fn any_record() -> impl Strategy<Value = Record> {
    let areas = proptest::sample::select(vec![None, Some("140602"), Some("140603")]);
    (areas, proptest::option::of(1i64..3))
        .prop_map(|(area, enterprise)| record_of(&outfalls(), area, enterprise))
}

proptest! {
    #[test]
    fn what_is_hidden_is_not_shown(caller in any_caller(), record in any_record()) {
        let model = model();
        let hidden = hidden_fields(&caller, model.def(), Some(&record));
        let shown = model.to_json(&record.values, &Links::default(), &hidden);
        for (at, field) in model.def().fields.iter().enumerate() {
            prop_assert_eq!(shown.contains_key(&field.id), !hidden.contains(&at));
        }
        let secret = shown.contains_key("complainant");
        let reads = matches!(caller.role, Some(Role::Officer | Role::Viewer | Role::Operator));
        prop_assert!(!secret || reads, "an identity reaches no one else");
    }

    #[test]
    fn what_is_out_of_sight_does_not_change(caller in any_caller(), record in any_record()) {
        let def = outfalls();
        if !may_see(&caller, &def, &record, false) {
            prop_assert!(may_change(&caller, &def, &record).is_err());
            prop_assert!(may_retire(&caller, &def, &record).is_err());
            prop_assert!(may_transition(&caller, &def, &record, "measure").is_err());
            prop_assert!(may_transition(&caller, &def, &record, "close").is_err());
            prop_assert_eq!(writable_fields(&caller, &def, Some(&record)), Vec::<usize>::new());
        }
        if scope(&caller, &def) == Scope::Nothing {
            prop_assert!(may_create(&caller, &def).is_err() && may_import(&caller, &def).is_err());
            prop_assert_eq!(hidden_fields(&caller, &def, Some(&record)).len(), def.fields.len());
        }
    }

    #[test]
    fn what_is_hidden_is_not_written(caller in any_caller(), record in any_record()) {
        let def = outfalls();
        let hidden = hidden_fields(&caller, &def, Some(&record));
        for field in writable_fields(&caller, &def, Some(&record)) {
            prop_assert!(!hidden.contains(&field));
        }
    }

    #[test]
    fn a_step_agrees_with_the_rights(caller in any_caller(), record in any_record(), flow in 0.0..100.0) {
        let model = model();
        let mut record = record;
        record.values[0] = Value::Text("P-1".to_owned());
        let values = model.read_json(&map(json!({ "flow": flow })), &known()).expect("sound");
        let may = may_change(&caller, model.def(), &record).is_ok();
        let by = By { caller: &caller, now: Millis(0), why: "" };
        let done = step(&model, Some(&record), Event::Change { version: 1, values }, by, &known());
        prop_assert_eq!(done.is_ok(), may);
    }
}
