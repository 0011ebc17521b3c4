//! Whatever happens, in whatever order: both databases answer what a simple model in memory does, for every moment.

use std::collections::BTreeMap;

use futures::stream;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sanggan_records::rights::Scope;
use sanggan_records::{
    Ask, Bounds, Condition, Event, Given, Known, Record, RecordId, Sort, Test, Total, Value, step,
};
use sanggan_store::records::{ImportMatch, ImportMode, ImportPlan, ImportRow, RecordsError};
use sanggan_testkit::Base;

use crate::common::{World, area, at, city, text};

const OUTFALLS: &str = "river-outfalls";

#[derive(Debug, Clone)]
struct Values {
    code: u8,
    name: Option<u8>,
    area: Option<bool>,
    kind: Option<bool>,
    uses: u8,
    flow: Option<i8>,
    river: Option<u8>,
    place: Option<(u8, u8)>,
    kept: Option<bool>,
}

#[derive(Debug, Clone)]
enum Op {
    River(u8),
    RetireRiver(u8),
    Create(Values),
    Change(u8, Values),
    Stale(u8),
    Close(u8),
    Retire(u8),
    Restore(u8),
    Import(Vec<Values>, bool),
}

fn values() -> impl Strategy<Value = Values> {
    let places = proptest::option::of((0..6u8, 0..6u8));
    (
        0..9u8,
        proptest::option::of(0..5u8),
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        0..4u8,
        proptest::option::of(-5..20i8),
        proptest::option::weighted(0.3, 0..3u8),
        places,
        any::<Option<bool>>(),
    )
        .prop_map(|(code, name, area, kind, uses, flow, river, place, kept)| Values {
            code,
            name,
            area,
            kind,
            uses,
            flow,
            river,
            place,
            kept,
        })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => (0..3u8).prop_map(Op::River),
        1 => (0..3u8).prop_map(Op::RetireRiver),
        6 => values().prop_map(Op::Create),
        5 => (0..12u8, values()).prop_map(|(pick, values)| Op::Change(pick, values)),
        1 => (0..12u8).prop_map(Op::Stale),
        2 => (0..12u8).prop_map(Op::Close),
        2 => (0..12u8).prop_map(Op::Retire),
        2 => (0..12u8).prop_map(Op::Restore),
        1 => (proptest::collection::vec(values(), 1..6), any::<bool>()).prop_map(|(rows, upsert)| Op::Import(rows, upsert)),
    ]
}

const NAMES: [&str; 5] = ["桑干河口", "恢河桥", "东 W01", "西", "桑树湾"];

/// The model: every record with everything it was.
#[derive(Default)]
struct Memory {
    rivers: BTreeMap<i64, Vec<Record>>,
    outfalls: BTreeMap<i64, Vec<Record>>,
}

fn last(of: &BTreeMap<i64, Vec<Record>>) -> impl Iterator<Item = &Record> {
    of.values().filter_map(|versions| versions.last())
}

struct Both {
    worlds: [World; 2],
    memory: Memory,
}

impl Both {
    fn field(&self, field: &str) -> usize {
        self.worlds[0].models.get(OUTFALLS).expect("there").position(field).expect("a field")
    }

    fn given(&self, values: &Values) -> Given {
        let or_null = |value: Option<Value>| value.unwrap_or(Value::Null);
        let uses: Vec<String> = ["town", "mine"]
            .iter()
            .enumerate()
            .filter(|(bit, _)| values.uses >> bit & 1 == 1)
            .map(|(_, it)| (*it).to_owned())
            .collect();
        let place = values.place.map(|(x, y)| {
            let point =
                sanggan_geo::geo_types::Point::new(112.0 + f64::from(x) / 10.0, 39.0 + f64::from(y) / 10.0);
            Value::Shape(Box::new(point.into()))
        });
        vec![
            (self.field("code"), text(&format!("O-{}", values.code))),
            (self.field("name"), or_null(values.name.map(|it| text(NAMES[usize::from(it)])))),
            (self.field("area"), or_null(values.area.map(|it| text(if it { "140602" } else { "140603" })))),
            (self.field("kind"), or_null(values.kind.map(|it| text(if it { "mixed" } else { "rain" })))),
            (self.field("uses"), Value::Texts(uses)),
            (self.field("flow"), or_null(values.flow.map(|it| Value::Number(f64::from(it) / 4.0)))),
            (
                self.field("river"),
                or_null(values.river.map(|it| Value::Reference(RecordId(i64::from(it) + 1)))),
            ),
            (self.field("place"), or_null(place)),
            (self.field("kept"), or_null(values.kept.map(Value::Boolean))),
        ]
    }

    /// What the record becomes, if the tables have nothing against it.
    fn wanted(&self, hours: i64, before: Option<&Record>, event: Event) -> Option<Record> {
        let model = self.worlds[0].models.get(OUTFALLS).expect("there");
        let by = self.worlds[0].by(hours);
        let record = step(model, before, event, by, &Known::default()).ok()?.record;
        self.allowed(before, &record).then_some(record)
    }

    fn allowed(&self, before: Option<&Record>, after: &Record) -> bool {
        let others = || last(&self.memory.outfalls).filter(|it| !it.retired && it.id != after.id);
        let [code, name, area, river] = ["code", "name", "area", "river"].map(|it| self.field(it));
        let returns = before.is_some_and(|before| before.retired);
        let twice = others().any(|it| it.values[code] == after.values[code])
            || (after.values[name] != Value::Null
                && after.values[area] != Value::Null
                && others().any(|it| {
                    it.values[name] == after.values[name] && it.values[area] == after.values[area]
                }));
        let leads = match &after.values[river] {
            Value::Reference(id)
                if returns || before.is_none_or(|before| before.values[river] != after.values[river]) =>
            {
                self.memory.rivers.get(&id.0).and_then(|it| it.last()).is_some_and(|it| !it.retired)
            }
            _ => true,
        };
        after.retired || (!twice && leads)
    }

    fn pick(&self, pick: u8) -> Option<Record> {
        let all: Vec<&Record> = last(&self.memory.outfalls).collect();
        (!all.is_empty()).then(|| all[usize::from(pick) % all.len()].clone())
    }

    /// Lets an event happen in both bases; what the model says must come of it.
    async fn act(
        &mut self,
        register: &str,
        hours: i64,
        rid: Option<RecordId>,
        event: Event,
        wanted: Option<Record>,
    ) {
        for world in &self.worlds {
            let done = world.store.act(register, rid, event.clone(), world.by(hours)).await;
            compare(&event, done, wanted.as_ref(), rid.is_none());
        }
        if let Some(mut record) = wanted {
            let of = if register == OUTFALLS { &mut self.memory.outfalls } else { &mut self.memory.rivers };
            let fresh = i64::try_from(of.len()).expect("few") + 1;
            record.id = rid.unwrap_or(RecordId(fresh));
            let versions = of.entry(record.id.0).or_default();
            if versions.last() != Some(&record) {
                versions.push(record);
            }
        }
    }

    async fn happen(&mut self, hours: i64, op: &Op) {
        match op {
            Op::River(nth) => {
                let code = text(&format!("R-{nth}"));
                let event = Event::Create { values: vec![(0, code.clone())], schematic: false, state: None };
                let free = !last(&self.memory.rivers).any(|it| !it.retired && it.values[0] == code);
                let model = self.worlds[0].models.get("rivers").expect("there");
                let made = step(model, None, event.clone(), self.worlds[0].by(hours), &Known::default());
                let wanted = made.ok().map(|it| it.record).filter(|_| free);
                self.act("rivers", hours, None, event, wanted).await;
            }
            Op::RetireRiver(nth) => {
                let rid = i64::from(*nth) + 1;
                let Some(before) = self.memory.rivers.get(&rid).and_then(|it| it.last()).cloned() else {
                    return;
                };
                let river = self.field("river");
                let led = last(&self.memory.outfalls)
                    .any(|it| !it.retired && it.values[river] == Value::Reference(RecordId(rid)));
                let event = Event::Retire { version: before.version };
                let model = self.worlds[0].models.get("rivers").expect("there");
                let gone =
                    step(model, Some(&before), event.clone(), self.worlds[0].by(hours), &Known::default());
                let wanted = gone.ok().map(|it| it.record).filter(|_| !led);
                self.act("rivers", hours, Some(RecordId(rid)), event, wanted).await;
            }
            Op::Create(values) => {
                let event = Event::Create { values: self.given(values), schematic: false, state: None };
                let wanted = self.wanted(hours, None, event.clone());
                self.act(OUTFALLS, hours, None, event, wanted).await;
            }
            Op::Change(pick, _) | Op::Stale(pick) | Op::Close(pick) | Op::Retire(pick) => {
                let Some(before) = self.pick(*pick) else { return };
                let version = before.version;
                let event = match op {
                    Op::Change(_, values) => Event::Change { version, values: self.given(values) },
                    Op::Stale(_) => Event::Change { version: version + 1, values: vec![] },
                    Op::Close(_) => {
                        Event::Transition { version, transition: "close".to_owned(), values: vec![] }
                    }
                    _ => Event::Retire { version },
                };
                let mut wanted = self.wanted(hours, Some(&before), event.clone());
                if let (Some(after), Event::Change { .. }) = (&mut wanted, &event)
                    && after.values == before.values
                {
                    *after = before.clone();
                }
                self.act(OUTFALLS, hours, Some(before.id), event, wanted).await;
            }
            Op::Restore(pick) => {
                let Some(before) = self.pick(*pick) else { return };
                let by = self.worlds[0].by(hours);
                let after = Record {
                    version: before.version + 1,
                    retired: false,
                    changed_at: by.now,
                    changed_by: by.caller.name.clone(),
                    ..before.clone()
                };
                let goes = before.retired && self.allowed(Some(&before), &after);
                for world in &self.worlds {
                    let done = world
                        .store
                        .restore_record(OUTFALLS, before.id, before.version, world.by(hours))
                        .await;
                    assert_eq!(done.ok().as_ref(), goes.then_some(&after), "{before:?}");
                }
                if goes {
                    self.memory.outfalls.entry(after.id.0).or_default().push(after);
                }
            }
            Op::Import(rows, upsert) => self.import(hours, rows, *upsert).await,
        }
    }

    /// Rows of one file: each is what it would be alone, but a key may come once only.
    async fn import(&mut self, hours: i64, rows: &[Values], upsert: bool) {
        let plan = ImportPlan {
            existing: if upsert { ImportMatch::Upsert } else { ImportMatch::Create },
            mode: ImportMode::GoodRows,
            schematic: false,
            faults: 100,
        };
        let mut seen = Vec::new();
        let once: Vec<ImportRow> = rows
            .iter()
            .zip(2u64..)
            .filter(|(row, _)| {
                let new = !seen.contains(&row.code);
                seen.push(row.code);
                new
            })
            .map(|(row, line)| ImportRow {
                line,
                // A name would make what is unique depend on the rows beside it: the tests of imports try that.
                values: self.given(&Values { name: None, ..row.clone() }),
                ..ImportRow::default()
            })
            .collect();
        let mut good = 0;
        let mut expected = Vec::new();
        for row in &once {
            let code = &row.values[0].1;
            let at = self.field("code");
            let before =
                last(&self.memory.outfalls).find(|it| !it.retired && it.values[at] == *code).cloned();
            let before = before.filter(|_| upsert);
            let event = match &before {
                Some(before) => Event::Change { version: before.version, values: row.values.clone() },
                None => Event::Create { values: row.values.clone(), schematic: false, state: None },
            };
            if let Some(mut record) = self.wanted(hours, before.as_ref(), event) {
                good += 1;
                if let Some(before) = &before {
                    if record.values == before.values {
                        continue;
                    }
                } else {
                    let fresh =
                        expected.iter().filter(|(new, _)| *new).count() + self.memory.outfalls.len() + 1;
                    record.id = RecordId(i64::try_from(fresh).expect("few"));
                }
                expected.push((before.is_none(), record));
            }
        }
        for world in &self.worlds {
            let rows = stream::iter(vec![once.clone()]);
            let done = world
                .store
                .import_records(OUTFALLS, rows, plan, &|_| {}, world.by(hours))
                .await
                .expect("imports");
            assert_eq!(done.progress.good, good, "{:?}", done.faults);
        }
        for (_, record) in expected {
            self.memory.outfalls.entry(record.id.0).or_default().push(record);
        }
    }

    /// The records as they were, by the model.
    fn then(&self, moment: Option<i64>) -> Vec<&Record> {
        let until = moment.map(at);
        let was = |versions: &'_ Vec<Record>| {
            versions.iter().rposition(|it| until.is_none_or(|until| it.changed_at <= until))
        };
        self.memory.outfalls.values().filter_map(|versions| Some(&versions[was(versions)?])).collect()
    }

    async fn check(&self, moment: Option<i64>) {
        let [kind, flow, name, uses, place, kept, own_area] =
            ["kind", "flow", "name", "uses", "place", "kept", "area"].map(|it| self.field(it));
        let number = |record: &Record| match record.values[flow] {
            Value::Number(number) => Some(number),
            _ => None,
        };
        let only = |field: &str, test: Test| Ask {
            conditions: vec![Condition { field: field.to_owned(), test }],
            ..Ask::default()
        };
        let sort = |field: &str, descending: bool| Sort { field: field.to_owned(), descending };
        type Fits<'f> = Box<dyn Fn(&Record) -> bool + 'f>;
        let asks: Vec<(Scope, Ask, Fits<'_>)> = vec![
            (city(), Ask::default(), Box::new(|_| true)),
            (city(), Ask { retired: true, ..Ask::default() }, Box::new(|_| true)),
            (
                city(),
                only("kind", Test::In(vec![text("rain")])),
                Box::new(|it| it.values[kind] == text("rain")),
            ),
            (
                city(),
                only("kind", Test::NotIn(vec![text("rain")])),
                Box::new(|it| it.values[kind] != text("rain")),
            ),
            (
                city(),
                only("flow", Test::AtLeast(Value::Number(1.25))),
                Box::new(|it| number(it).is_some_and(|it| it >= 1.25)),
            ),
            (city(), only("flow", Test::Empty(true)), Box::new(|it| number(it).is_none())),
            (
                city(),
                only("uses", Test::In(vec![text("mine")])),
                Box::new(
                    |it| matches!(&it.values[uses], Value::Texts(all) if all.contains(&"mine".to_owned())),
                ),
            ),
            (
                city(),
                only("_state", Test::In(vec![text("done")])),
                Box::new(|it| it.state.as_deref() == Some("done")),
            ),
            (
                city(),
                Ask { words: "桑".to_owned(), ..Ask::default() },
                Box::new(|it| matches!(&it.values[name], Value::Text(name) if name.contains('桑'))),
            ),
            (
                city(),
                Ask { words: "桑干".to_owned(), ..Ask::default() },
                Box::new(|it| matches!(&it.values[name], Value::Text(name) if name.contains("桑干"))),
            ),
            (
                city(),
                Ask {
                    bounds: Some(Bounds { west: 112.05, south: 39.1, east: 112.3, north: 39.45 }),
                    ..Ask::default()
                },
                Box::new(|it| match &it.values[place] {
                    Value::Shape(shape) => match **shape {
                        sanggan_geo::Shape::Point(at) => {
                            at.x() >= 112.05 && at.x() <= 112.3 && at.y() >= 39.1 && at.y() <= 39.45
                        }
                        _ => false,
                    },
                    _ => false,
                }),
            ),
            (Scope::Public, Ask::default(), Box::new(|it| it.values[kept] == Value::Boolean(true))),
            (
                Scope::Areas(vec![area("140602")]),
                Ask::default(),
                Box::new(|it| it.values[own_area] != text("140603")),
            ),
        ];
        let rank = |record: &Record| (number(record).is_none(), (number(record).unwrap_or(0.0) * 4.0) as i64);
        for (scope, ask, fits) in asks {
            let mut wanted: Vec<&Record> =
                self.then(moment).into_iter().filter(|it| (ask.retired || !it.retired) && fits(it)).collect();
            for order in [vec![], vec![sort("flow", false)], vec![sort("flow", true), sort("code", false)]] {
                if scope == Scope::Public && !order.is_empty() {
                    continue;
                }
                match order.as_slice() {
                    [] => wanted.sort_by_key(|it| it.id),
                    [_] => wanted.sort_by_key(|it| (rank(it), it.id)),
                    _ => wanted.sort_by_key(|it| {
                        let (empty, flow) = rank(it);
                        let Value::Text(code) = &it.values[0] else { panic!("a code") };
                        (empty, -flow, code.clone(), std::cmp::Reverse(it.id))
                    }),
                }
                let ask =
                    Ask { sort: order, limit: 3, as_of: moment.map(at), total: Total::Exact, ..ask.clone() };
                for world in &self.worlds {
                    let (found, total) = pages(world, &scope, ask.clone()).await;
                    assert_eq!(
                        found,
                        wanted.iter().map(|it| (*it).clone()).collect::<Vec<_>>(),
                        "{scope:?} {ask:?}"
                    );
                    assert_eq!(total, Some(wanted.len() as u64), "{scope:?} {ask:?}");
                }
            }
        }
    }
}

async fn pages(world: &World, scope: &Scope, mut ask: Ask) -> (Vec<Record>, Option<u64>) {
    let mut out = Vec::new();
    loop {
        let page = world.store.records(OUTFALLS, scope, &ask).await.expect("answers");
        out.extend(page.records);
        match page.next {
            Some(next) => ask.after = Some(next),
            None => return (out, page.total),
        }
    }
}

fn compare(event: &Event, done: Result<Record, RecordsError>, wanted: Option<&Record>, new: bool) {
    match (done, wanted) {
        (Ok(record), Some(wanted)) => {
            let wanted = Record { id: if new { record.id } else { wanted.id }, ..wanted.clone() };
            assert_eq!(record, wanted, "{event:?}");
        }
        (Err(RecordsError::Store(error)), _) => panic!("{error:?} from {event:?}"),
        (Err(_), None) => {}
        (done, wanted) => panic!("{done:?}, wanted {wanted:?}, from {event:?}"),
    }
}

#[test]
fn both_databases_answer_what_memory_does_at_every_moment() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 12,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&proptest::collection::vec(op(), 5..40), |ops| {
            runtime.block_on(async {
                let bases = [Base::sqlite(), Base::postgres()];
                let worlds = [World::new(&bases[0]).await, World::new(&bases[1]).await];
                let mut both = Both { worlds, memory: Memory::default() };
                for (hours, op) in ops.iter().enumerate() {
                    both.happen(i64::try_from(hours).expect("few") + 1, op).await;
                }
                both.check(None).await;
                let end = i64::try_from(ops.len()).expect("few");
                for moment in [1, end / 3, end / 2, end - 1, end] {
                    both.check(Some(moment)).await;
                }
            });
            Ok(())
        })
        .expect("no sequence is answered differently");
}
