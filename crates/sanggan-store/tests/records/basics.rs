//! One record after another.

use jiff::civil::date;
use sanggan_pack::Pack;
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Bounds, Codes, Due, Models, Record, RecordId, Test, Total, Value};
use sanggan_store::Store;
use sanggan_store::records::RecordsError;
use sanggan_testkit::Base;
use serde_json::json;
use std::sync::Arc;

use crate::common::{World, area, at, city, only, reference, sorted, text};

sanggan_testkit::on_both_databases!(
    a_record_is_made_changed_and_read_back_whole,
    a_stale_version_tells_the_record_as_it_is,
    keys_and_groups_are_unique_until_their_record_is_taken_out,
    references_lead_to_records_that_are_there,
    what_others_refer_to_stays,
    filters_find_what_they_say,
    pages_follow_each_other_in_every_order,
    chinese_words_are_found,
    shapes_are_found_where_they_are,
    scopes_show_their_part,
    what_is_due_comes_in_order,
    the_past_is_what_it_was,
    every_built_in_register_gets_its_table,
);

const OUTFALLS: &str = "river-outfalls";

async fn seeded(base: &Base) -> (World, Vec<Record>) {
    let world = World::new(base).await;
    let river = world.create("rivers", 1, json!({ "code": "R1", "name": "桑干河" })).await.expect("a river");
    world.create("rivers", 1, json!({ "code": "R2", "name": "恢河", "into": "R1" })).await.expect("a river");
    world
        .create("enterprises", 1, json!({ "code": "E1", "name": "神头电厂", "area": "140602" }))
        .await
        .expect("one");
    world.create("enterprises", 1, json!({ "code": "E2", "name": "煤矿" })).await.expect("another");
    let point = |x: f64, y: f64| json!({ "type": "Point", "coordinates": [x, y] });
    let mut out = vec![river];
    for values in [
        json!({ "code": "O-1", "name": "东桑干", "area": "140602", "enterprise": "E1", "kind": "mixed", "uses": ["town", "mine"],
                "flow": 3.5, "count": 2, "kept": true, "surveyed_on": "2026-01-02", "measured_at": "2026-11-23T10:00:00+08:00",
                "river": "R1", "sources": ["E2", "E1"], "place": point(112.4, 39.3), "note": "排污口在桥下", "complainant": "张三" }),
        json!({ "code": "O-2", "name": "西", "area": "140603", "kind": "rain", "flow": 0.25, "kept": false,
                "surveyed_on": "2025-01-02", "river": "R2", "place": point(112.5, 39.4), "note": "W01018 高" }),
        json!({ "code": "O-3", "name": "南", "kind": "rain", "uses": ["mine"], "flow": 12, "count": 7, "river": "R1",
                "sources": ["E2"], "kept": true }),
        json!({ "code": "O-4", "name": "北", "area": "140602", "count": -3,
                "place": { "type": "LineString", "coordinates": [[112.0, 39.0], [113.0, 40.0]] } }),
        json!({ "code": "O-5", "area": "140602", "enterprise": "E2", "flow": 3.5, "surveyed_on": "2026-06-01" }),
    ] {
        out.push(world.create(OUTFALLS, 2, values).await.expect("an outfall"));
    }
    (world, out)
}

async fn a_record_is_made_changed_and_read_back_whole(base: Base) {
    let (world, made) = seeded(&base).await;
    let first = &made[1];
    assert_eq!((first.id, first.version, first.state.as_deref()), (RecordId(1), 1, Some("found")));
    let read = world.store.read_record(OUTFALLS, &city(), first.id, None).await.expect("is there");
    assert_eq!(&read, first);
    assert_eq!(world.value(OUTFALLS, first, "load"), &Value::Number(3.5 * 365.0));
    assert_eq!(
        world.value(OUTFALLS, first, "sources"),
        &Value::References(vec![RecordId(2), RecordId(1)]),
        "in the order given"
    );

    let changed = world
        .change(OUTFALLS, 3, first, json!({ "flow": 4, "uses": [], "sources": ["E1"], "note": null }))
        .await
        .expect("changes");
    assert_eq!(changed.version, 2);
    assert_eq!(world.value(OUTFALLS, &changed, "uses"), &Value::Null);
    assert_eq!(world.store.read_record(OUTFALLS, &city(), first.id, None).await.expect("is there"), changed);
    let same = world.change(OUTFALLS, 4, &changed, json!({ "flow": 4 })).await.expect("nothing to do");
    assert_eq!(same, changed, "no new version for no change");

    let event =
        sanggan_records::Event::Transition { version: 2, transition: "close".to_owned(), values: vec![] };
    let closed = world.store.act(OUTFALLS, Some(first.id), event, world.by(5)).await.expect("closes");
    assert_eq!((closed.state.as_deref(), closed.state_since), (Some("done"), Some(at(5))));

    let history = world.store.record_history(OUTFALLS, first.id).await.expect("a history");
    let actions: Vec<(&str, u32)> = history.iter().map(|it| (it.action.as_str(), it.version)).collect();
    assert_eq!(actions, [("transition:close", 3), ("change", 2), ("create", 1)]);
    assert_eq!((history[1].who.as_str(), history[1].why.as_str()), ("user:ada", "因为"));
    let flow = history[1].changes.iter().find(|change| change.field == "flow").expect("changed");
    assert_eq!((&flow.before, &flow.after), (&Value::Number(3.5), &Value::Number(4.0)));
    assert_eq!(history[0].changes[0].field, "_state");
    assert!(history[2].changes.iter().any(|change| change.field == "code" && change.after == text("O-1")));

    let links = world
        .store
        .links(&[("rivers".to_owned(), RecordId(1)), (OUTFALLS.to_owned(), RecordId(99))])
        .await
        .expect("links");
    assert_eq!(links.len(), 1);
    assert_eq!(links[&("rivers".to_owned(), RecordId(1))].title, "桑干河");
    let seen = [("rivers".to_owned(), city()), (OUTFALLS.to_owned(), city())];
    let related = world.store.related("rivers", RecordId(1), &seen, 1).await.expect("related");
    let groups: Vec<(&str, &str, u64, usize)> = related
        .iter()
        .map(|it| (it.register.as_str(), it.field.as_str(), it.total, it.records.len()))
        .collect();
    assert_eq!(groups, [(OUTFALLS, "river", 2, 1), ("rivers", "into", 1, 1)]);
    let counts = world.store.record_counts(&seen, date(2026, 11, 23)).await.expect("counts");
    assert_eq!(counts[OUTFALLS].count, 5);
}

async fn a_stale_version_tells_the_record_as_it_is(base: Base) {
    let (world, made) = seeded(&base).await;
    let changed = world.change(OUTFALLS, 3, &made[1], json!({ "flow": 4 })).await.expect("changes");
    match world.change(OUTFALLS, 3, &made[1], json!({ "flow": 5 })).await {
        Err(RecordsError::Stale { seen: 1, current, .. }) => assert_eq!(*current, changed),
        other => panic!("{other:?}"),
    }
    let nobody = Record { id: RecordId(77), ..changed };
    assert!(matches!(
        world.change(OUTFALLS, 3, &nobody, json!({ "flow": 5 })).await,
        Err(RecordsError::NoRecord { rid: 77, .. })
    ));
    assert!(matches!(
        world.store.records("no-such", &city(), &Ask::default()).await,
        Err(RecordsError::NoRegister(register)) if register == "no-such"
    ));
}

fn faults(answer: Result<Record, RecordsError>) -> Vec<(String, &'static str, String)> {
    match answer {
        Err(RecordsError::Refused(refusal)) => {
            refusal.faults.into_iter().map(|fault| (fault.field, fault.code, fault.zh)).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn keys_and_groups_are_unique_until_their_record_is_taken_out(base: Base) {
    let (world, made) = seeded(&base).await;
    let found =
        faults(world.create(OUTFALLS, 3, json!({ "code": "O-1", "name": "西", "area": "140603" })).await);
    let codes: Vec<(&str, &str)> = found.iter().map(|(field, code, _)| (field.as_str(), *code)).collect();
    assert_eq!(codes, [("code", "unique"), ("name", "unique")]);
    assert!(found[0].2.contains("东桑干") && found[1].2.contains("编号 2"), "{found:?}");
    let found = faults(world.change(OUTFALLS, 3, &made[2], json!({ "code": "O-3" })).await);
    assert_eq!(found[0].1, "unique");

    let gone = world.retire(OUTFALLS, 4, &made[1]).await.expect("taken out");
    assert!(gone.retired);
    let again = world.create(OUTFALLS, 5, json!({ "code": "O-1" })).await.expect("the key is free");
    assert_eq!(again.id, RecordId(6));
    let back = world.store.restore_record(OUTFALLS, gone.id, gone.version, world.by(6)).await;
    assert_eq!(faults(back)[0].0, "code");
    world.change(OUTFALLS, 7, &again, json!({ "code": "O-9" })).await.expect("gives it up");
    let back =
        world.store.restore_record(OUTFALLS, gone.id, gone.version, world.by(8)).await.expect("comes back");
    assert_eq!((back.retired, back.version), (false, 3));
}

async fn references_lead_to_records_that_are_there(base: Base) {
    let (world, made) = seeded(&base).await;
    let values = vec![(0, text("O-8")), (11, Value::Reference(RecordId(99)))];
    let event = sanggan_records::Event::Create { values, schematic: false, state: None };
    let found = faults(world.store.act(OUTFALLS, None, event, world.by(3)).await);
    assert_eq!((found[0].0.as_str(), found[0].1), ("river", "reference"));
    let event = sanggan_records::Event::Change {
        version: 1,
        values: vec![(12, Value::References(vec![RecordId(1), RecordId(50)]))],
    };
    let found = faults(world.store.act(OUTFALLS, Some(made[1].id), event, world.by(3)).await);
    assert_eq!((found[0].0.as_str(), found[0].1), ("sources", "reference"));
}

async fn what_others_refer_to_stays(base: Base) {
    let (world, made) = seeded(&base).await;
    match world.retire("rivers", 3, &made[0]).await {
        Err(RecordsError::Referred { total: 3, by, .. }) => {
            assert!(
                by.iter().any(|link| link.key == "O-1") && by.iter().any(|link| link.key == "R2"),
                "{by:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    for (register, rid) in [(OUTFALLS, 1), (OUTFALLS, 3), (OUTFALLS, 2), ("rivers", 2), ("rivers", 1)] {
        let record = world.store.read_record(register, &city(), RecordId(rid), None).await.expect("there");
        world.retire(register, 4, &record).await.expect("taken out");
    }
    let found = world.store.restore_record(OUTFALLS, RecordId(1), 2, world.by(5)).await;
    assert_eq!(faults(found)[0].0, "river", "it would refer to a river that is taken out");
}

async fn filters_find_what_they_say(base: Base) {
    let (world, made) = seeded(&base).await;
    let number = Value::Number;
    for (field, test, wanted) in [
        ("kind", Test::In(vec![text("rain")]), "O-2 O-3"),
        ("kind", Test::In(vec![text("rain"), text("mixed")]), "O-1 O-2 O-3"),
        ("kind", Test::NotIn(vec![text("rain")]), "O-1 O-4 O-5"),
        ("kind", Test::Empty(true), "O-4 O-5"),
        ("kind", Test::In(vec![text("rain"), Value::Null]), "O-2 O-3 O-4 O-5"),
        ("uses", Test::In(vec![text("mine")]), "O-1 O-3"),
        ("uses", Test::In(vec![text("town")]), "O-1"),
        ("uses", Test::NotIn(vec![text("town")]), "O-2 O-3 O-4 O-5"),
        ("uses", Test::Empty(false), "O-1 O-3"),
        ("flow", Test::AtLeast(number(3.5)), "O-1 O-3 O-5"),
        ("flow", Test::More(number(3.5)), "O-3"),
        ("flow", Test::Less(number(3.5)), "O-2"),
        ("flow", Test::In(vec![number(3.5)]), "O-1 O-5"),
        ("count", Test::AtMost(Value::Integer(2)), "O-1 O-4"),
        ("kept", Test::In(vec![Value::Boolean(false)]), "O-2"),
        ("surveyed_on", Test::AtLeast(Value::Date(date(2026, 1, 2))), "O-1 O-5"),
        ("surveyed_on", Test::In(vec![Value::Date(date(2025, 1, 2))]), "O-2"),
        ("measured_at", Test::Less(Value::Time(at(11))), "O-1"),
        ("river", Test::In(vec![reference(&made[0])]), "O-1 O-3"),
        ("sources", Test::In(vec![Value::Reference(RecordId(1))]), "O-1"),
        ("sources", Test::In(vec![Value::Reference(RecordId(2))]), "O-1 O-3"),
        ("sources", Test::Empty(true), "O-2 O-4 O-5"),
        ("sources", Test::NotIn(vec![Value::Reference(RecordId(1))]), "O-2 O-3 O-4 O-5"),
        ("place", Test::Empty(true), "O-3 O-5"),
        ("note", Test::Has("桥".to_owned()), "O-1"),
        ("note", Test::Has("w010".to_owned()), "O-2"),
        ("_state", Test::In(vec![text("found")]), "O-1 O-2 O-3 O-4 O-5"),
        ("_schematic", Test::In(vec![Value::Boolean(true)]), ""),
        ("_changed_at", Test::More(Value::Time(at(2))), ""),
    ] {
        let ask = Ask { total: Total::Exact, ..only(field, test.clone()) };
        let total = world.store.records(OUTFALLS, &city(), &ask).await.expect("answers").total;
        let found = world.codes(OUTFALLS, &city(), ask).await;
        assert_eq!(found.join(" "), wanted, "{field} {test:?}");
        assert_eq!(total, Some(found.len() as u64), "{field} {test:?}");
    }
    for (field, test) in [
        ("no_such", Test::Empty(true)),
        ("flow", Test::In(vec![text("x")])),
        ("place", Test::More(number(1.0))),
        ("flow", Test::Has("3".to_owned())),
    ] {
        let error =
            world.store.records(OUTFALLS, &city(), &only(field, test)).await.expect_err("no question");
        assert!(matches!(error, RecordsError::BadAsk { .. }), "{error}");
    }
}

async fn pages_follow_each_other_in_every_order(base: Base) {
    let (world, _) = seeded(&base).await;
    for (order, wanted) in [
        ("flow", "O-2 O-1 O-5 O-3 O-4"),
        ("-flow", "O-3 O-5 O-1 O-2 O-4"),
        ("surveyed_on", "O-2 O-1 O-5 O-3 O-4"),
        ("-code", "O-5 O-4 O-3 O-2 O-1"),
        ("name", "O-1 O-4 O-3 O-2 O-5"),
        ("count", "O-4 O-1 O-3 O-2 O-5"),
        ("kept", "O-2 O-1 O-3 O-4 O-5"),
        ("_state", "O-1 O-2 O-3 O-4 O-5"),
        ("-_changed_at", "O-5 O-4 O-3 O-2 O-1"),
    ] {
        for limit in [1, 2, 5] {
            let ask = Ask { limit, ..sorted(order) };
            assert_eq!(world.codes(OUTFALLS, &city(), ask).await.join(" "), wanted, "{order} by {limit}");
        }
    }
    let mut ask = sorted("kind");
    ask.sort.extend(sorted("-flow").sort);
    ask.limit = 1;
    assert_eq!(world.codes(OUTFALLS, &city(), ask.clone()).await.join(" "), "O-1 O-3 O-2 O-5 O-4");
    let next = world.store.records(OUTFALLS, &city(), &ask).await.expect("a page").next.expect("more");
    for after in ["", "x", "e30", "W10", next.as_str()] {
        let ask = Ask { after: Some(after.to_owned()), ..sorted("flow") };
        let error = world.store.records(OUTFALLS, &city(), &ask).await.expect_err("a mark of another order");
        assert!(error.to_string().contains("begin again"), "{error}");
    }
}

async fn chinese_words_are_found(base: Base) {
    let (world, made) = seeded(&base).await;
    for (words, wanted) in [
        ("桑", "O-1"),
        ("桑干", "O-1"),
        ("干桑", ""),
        ("排污口", "O-1"),
        ("口在", "O-1"),
        ("桑干 桥下", "O-1"),
        ("桑干 西", ""),
        ("o-", "O-1 O-2 O-3 O-4 O-5"),
        ("O-3", "O-3"),
        ("w010", "O-2"),
        ("Ｗ０１０１８", "O-2"),
        ("张三", ""),
    ] {
        let ask = Ask { words: words.to_owned(), ..Ask::default() };
        assert_eq!(world.codes(OUTFALLS, &city(), ask).await.join(" "), wanted, "{words}");
    }
    world.change(OUTFALLS, 3, &made[1], json!({ "name": "恢河口" })).await.expect("changes");
    let words = |words: &str| Ask { words: words.to_owned(), ..Ask::default() };
    assert_eq!(world.codes(OUTFALLS, &city(), words("桑干")).await.join(" "), "");
    assert_eq!(world.codes(OUTFALLS, &city(), words("恢河")).await.join(" "), "O-1");
    assert_eq!(world.codes(OUTFALLS, &Scope::Public, words("恢河")).await.join(" "), "", "no public field");
    assert_eq!(world.codes(OUTFALLS, &Scope::Public, words("O-1")).await.join(" "), "O-1");
}

async fn shapes_are_found_where_they_are(base: Base) {
    let (world, made) = seeded(&base).await;
    let within = |west, south, east, north| Ask {
        bounds: Some(Bounds { west, south, east, north }),
        total: Total::Exact,
        ..Ask::default()
    };
    for (ask, wanted) in [
        (within(112.3, 39.2, 112.45, 39.5), "O-1 O-4"),
        (within(112.4, 39.3, 112.4, 39.3), "O-1"),
        (within(112.0, 39.5, 112.2, 40.0), ""),
        (within(100.0, 30.0, 120.0, 45.0), "O-1 O-2 O-4"),
        (within(112.4000001, 39.3, 112.41, 39.31), ""),
    ] {
        let total = world.store.records(OUTFALLS, &city(), &ask).await.expect("answers").total;
        let found = world.codes(OUTFALLS, &city(), ask.clone()).await;
        assert_eq!((found.join(" ").as_str(), total), (wanted, Some(found.len() as u64)), "{:?}", ask.bounds);
    }
    let gone = json!({ "place": null });
    world.change(OUTFALLS, 3, &made[1], gone).await.expect("changes");
    assert_eq!(world.codes(OUTFALLS, &city(), within(112.4, 39.3, 112.4, 39.3)).await.join(" "), "");
}

async fn scopes_show_their_part(base: Base) {
    let (world, made) = seeded(&base).await;
    let scope = |code: &str| Scope::Areas(vec![area(code)]);
    for (scope, wanted) in [
        (Scope::Nothing, ""),
        (Scope::Public, "O-1 O-3"),
        (scope("140602"), "O-1 O-3 O-4 O-5"),
        (scope("140603"), "O-2 O-3"),
        (city(), "O-1 O-2 O-3 O-4 O-5"),
        (Scope::Enterprise(RecordId(2)), "O-1 O-3 O-5"),
        (Scope::Own(RecordId(2)), "O-5"),
    ] {
        assert_eq!(world.codes(OUTFALLS, &scope, Ask::default()).await.join(" "), wanted, "{scope:?}");
        for record in &made[1..] {
            let seen = world.store.read_record(OUTFALLS, &scope, record.id, None).await.is_ok();
            let Value::Text(code) = world.value(OUTFALLS, record, "code") else { panic!("a code") };
            assert_eq!(seen, wanted.contains(code.as_str()), "{scope:?} {code}");
        }
    }
    assert_eq!(world.codes("enterprises", &Scope::Own(RecordId(1)), Ask::default()).await.join(" "), "E1");
    let error = world.store.records(OUTFALLS, &Scope::Public, &only("flow", Test::Empty(true))).await;
    assert!(matches!(error, Err(RecordsError::BadAsk { .. })));
    let enterprise = Scope::Enterprise(RecordId(2));
    let words = |words: &str| Ask { words: words.to_owned(), ..Ask::default() };
    assert_eq!(
        world.codes(OUTFALLS, &enterprise, words("桥")).await.join(" "),
        "",
        "of another, and not public"
    );
    assert_eq!(world.codes(OUTFALLS, &enterprise, words("O")).await.join(" "), "O-1 O-3 O-5");
}

async fn what_is_due_comes_in_order(base: Base) {
    let (world, made) = seeded(&base).await;
    let today = Some(date(2026, 11, 23));
    let due = |due, today| Ask { due: Some(due), today, ..sorted("_due") };
    // Reviews: O-2 on 2026-01-02; without a day those of O-3 and O-4 the day before they came; O-1 and O-5 next year,
    // but the deadline of their state is thirty days after they came.
    assert_eq!(world.codes(OUTFALLS, &city(), due(Due::Overdue, today)).await.join(" "), "O-2 O-3 O-4");
    assert_eq!(world.codes(OUTFALLS, &city(), due(Due::Within(29), today)).await.join(" "), "O-2 O-3 O-4");
    assert_eq!(
        world.codes(OUTFALLS, &city(), due(Due::Within(60), today)).await.join(" "),
        "O-2 O-3 O-4 O-1 O-5"
    );
    let seen = [(OUTFALLS.to_owned(), city()), ("rivers".to_owned(), city())];
    let list = world.store.due_records(&seen, date(2026, 11, 23), 2).await.expect("due");
    let short: Vec<(&str, String)> =
        list.iter().map(|it| (it.link.key.as_str(), it.due_on.to_string())).collect();
    assert_eq!(short[0], ("O-2", "2026-01-02".to_owned()));
    assert_eq!((short.len(), list[0].area.clone()), (2, Some(area("140603"))));
    world.retire(OUTFALLS, 3, &made[2]).await.expect("taken out");
    assert_eq!(world.codes(OUTFALLS, &city(), due(Due::Overdue, today)).await.join(" "), "O-3 O-4");
    let error = world.store.records(OUTFALLS, &city(), &due(Due::Overdue, None)).await.expect_err("no day");
    assert!(matches!(error, RecordsError::BadAsk { .. }));
}

async fn the_past_is_what_it_was(base: Base) {
    let (world, made) = seeded(&base).await;
    let first =
        world.change(OUTFALLS, 10, &made[1], json!({ "flow": 100, "kind": null })).await.expect("changes");
    world.retire(OUTFALLS, 12, &made[2]).await.expect("taken out");
    world.create(OUTFALLS, 14, json!({ "code": "O-7", "flow": 1 })).await.expect("made");
    let then = |hours| Ask { as_of: Some(at(hours)), total: Total::Exact, ..sorted("-flow") };
    for (hours, wanted) in [
        (1, ""),
        (2, "O-3 O-5 O-1 O-2 O-4"),
        (9, "O-3 O-5 O-1 O-2 O-4"),
        (10, "O-1 O-3 O-5 O-2 O-4"),
        (13, "O-1 O-3 O-5 O-4"),
        (20, "O-1 O-3 O-5 O-7 O-4"),
    ] {
        let total = world.store.records(OUTFALLS, &city(), &then(hours)).await.expect("answers").total;
        let found = world.codes(OUTFALLS, &city(), then(hours)).await;
        assert_eq!((found.join(" ").as_str(), total), (wanted, Some(found.len() as u64)), "{hours}");
    }
    let ask = Ask { as_of: Some(at(9)), ..only("kind", Test::In(vec![text("mixed")])) };
    assert_eq!(world.codes(OUTFALLS, &city(), ask).await, ["O-1"]);
    let was = world.store.read_record(OUTFALLS, &city(), first.id, Some(at(9))).await.expect("was there");
    assert_eq!(was, made[1], "to the last value");
    assert!(world.store.read_record(OUTFALLS, &city(), first.id, Some(at(1))).await.is_err());
}

async fn every_built_in_register_gets_its_table(base: Base) {
    let pack = Pack::embedded().expect("the built-in pack is sound");
    let codes = Arc::new(Codes::of(&pack.parameters, &pack.city));
    let models = Arc::new(Models::new(&pack.registers, &codes).expect("sound"));
    let store = Store::connect(base.url(), base.folder()).await.expect("opens");
    let defined = store.define(&models, at(0)).await.expect("defines");
    assert_eq!(defined.made.len(), models.all().count());
    assert!(!defined.made.is_empty());
    let again = store.define(&models, at(1)).await.expect("defines");
    assert_eq!(again, sanggan_store::records::Defined::default(), "nothing to do");
    for model in models.all() {
        let register = &model.def().id;
        for scope in [city(), Scope::Public, Scope::Enterprise(RecordId(1))] {
            let ask = Ask { words: "水".to_owned(), ..Ask::default() };
            let page = store.records(register, &scope, &ask).await.expect("answers");
            assert!(page.records.is_empty());
        }
    }
}
