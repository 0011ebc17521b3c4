//! Mass balances along custody chains, worked out by hand.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::definition;
use expect_test::expect;
use jiff::civil::date;
use proptest::prelude::*;
use sanggan_base::Millis;
use sanggan_records::chain::{Balance, Finding, Follow, HandOver, Holder, Micro, balance, trace};
use sanggan_records::graph::NodeKey;
use sanggan_records::{Codes, Model, Record, RecordId, Value};
use serde_json::json;

fn firm(id: i64) -> Holder {
    Holder::Record(NodeKey { register: "enterprises".into(), id: RecordId(id) })
}

fn manifest(id: i64) -> NodeKey {
    NodeKey { register: "manifests".into(), id: RecordId(id) }
}

fn tonnes(number: f64) -> Option<Micro> {
    Micro::of(number)
}

/// A manifest of waste oil sent on a day of March and received the day after.
fn sent(id: i64, from: i64, to: i64, day: i8, amount: f64, received: f64) -> HandOver {
    HandOver {
        record: manifest(id),
        from: firm(from),
        to: firm(to),
        what: "900-214-08".into(),
        sent: tonnes(amount),
        received: tonnes(received),
        sent_on: Some(date(2026, 3, day)),
        received_on: Some(date(2026, 3, day + 1)),
    }
}

const GARAGE: i64 = 1;
const DEPOT: i64 = 2;
const REFINERY: i64 = 3;

fn march(hands: &[HandOver]) -> Balance {
    balance(&BTreeMap::new(), hands, date(2026, 3, 1), date(2026, 3, 31))
}

fn show(balance: &Balance) -> String {
    let name = |holder: &Holder| match holder {
        Holder::Record(key) => ["", "garage", "depot", "refinery"][key.id.0 as usize].to_owned(),
        other => format!("{other:?}"),
    };
    let or = |amount: &Option<Micro>| amount.map_or("?".to_owned(), |amount| amount.to_string());
    let lines = balance.lines.iter().map(|line| {
        format!(
            "{} {}: opening {} in {} out {} stock {} under way {}\n",
            name(&line.holder),
            line.what,
            or(&line.opening),
            line.came,
            line.went,
            or(&line.stock),
            line.under_way
        )
    });
    let findings = balance.findings.iter().map(|finding| match finding {
        Finding::Difference { record, sent, received, difference, .. } => {
            format!("{}: sent {sent}, received {received}, difference {difference}\n", record.id)
        }
        Finding::NegativeStock { holder, on, stock, record, .. } => {
            format!("{}: {} would hold {stock}, first on {on}\n", record.id, name(holder))
        }
        other => format!("{other:?}\n"),
    });
    lines.chain(findings).collect()
}

#[test]
fn sums_are_exact() {
    // 0.1 + 0.2 = 0.3, ten thousand times 0.0001 = 1.
    let hands: Vec<HandOver> =
        [0.1, 0.2].iter().zip(1..).map(|(&t, id)| sent(id, GARAGE, DEPOT, 5, t, t)).collect();
    assert_eq!(march(&hands).lines[1].stock, tonnes(0.3));
    let many: Vec<HandOver> = (0..10_000).map(|id| sent(id, GARAGE, DEPOT, 5, 0.0001, 0.0001)).collect();
    assert_eq!(march(&many).lines[1].stock, Some(Micro(Micro::ONE)));
    assert_eq!(Micro(-1_500_000).to_string(), "-1.5");
    assert_eq!(Micro(-1).to_string(), "-0.000001");
    assert_eq!(Micro::of(f64::INFINITY), None);
}

#[test]
fn a_month_of_waste_oil() {
    let hands = [
        sent(1, GARAGE, DEPOT, 2, 1.5, 1.5),
        sent(2, GARAGE, DEPOT, 9, 2.0, 1.9),
        sent(3, DEPOT, REFINERY, 20, 3.0, 3.0),
        HandOver { received: None, received_on: None, ..sent(4, DEPOT, REFINERY, 30, 0.25, 0.0) },
        HandOver {
            sent_on: Some(date(2026, 4, 2)),
            received_on: Some(date(2026, 4, 3)),
            ..sent(5, GARAGE, DEPOT, 1, 9.0, 9.0)
        },
    ];
    // The depot received 1.5 + 1.9 = 3.4, gave 3 + 0.25, holds 0.15. What the garage holds nobody counted.
    expect![[r#"
        garage 900-214-08: opening ? in 0 out 3.5 stock ? under way 0
        depot 900-214-08: opening 0 in 3.4 out 3.25 stock 0.15 under way 0
        refinery 900-214-08: opening 0 in 3 out 0 stock 3 under way 0.25
        2: sent 2, received 1.9, difference -0.1
    "#]]
    .assert_eq(&show(&march(&hands)));
}

#[test]
fn more_given_than_ever_held_is_found_on_its_day() {
    let hands = [
        sent(1, GARAGE, DEPOT, 2, 1.0, 1.0),
        sent(2, DEPOT, REFINERY, 5, 3.0, 3.0),
        sent(3, GARAGE, DEPOT, 10, 5.0, 5.0),
    ];
    // On 5 March the depot has 1 and gives 3; on the 11th it holds 3 again: the end alone would not show it.
    expect![[r#"
        garage 900-214-08: opening ? in 0 out 6 stock ? under way 0
        depot 900-214-08: opening 0 in 6 out 3 stock 3 under way 0
        refinery 900-214-08: opening 0 in 3 out 0 stock 3 under way 0
        2: depot would hold -2, first on 2026-03-05
    "#]]
    .assert_eq(&show(&march(&hands)));
    let counted = BTreeMap::from([((firm(DEPOT), "900-214-08".to_owned()), Micro(2 * Micro::ONE))]);
    let balance = balance(&counted, &hands, date(2026, 3, 6), date(2026, 3, 31));
    assert_eq!(balance.findings, [], "two counted beforehand are enough");
    let depot = &balance.lines[1];
    assert_eq!((depot.opening, depot.came, depot.went), (tonnes(0.0), Micro(5 * Micro::ONE), Micro(0)));
    assert_eq!(depot.stock, tonnes(5.0));
}

#[test]
fn what_is_missing_or_impossible_is_told() {
    let back = HandOver { received_on: Some(date(2026, 3, 1)), ..sent(1, GARAGE, DEPOT, 5, 1.0, 1.0) };
    let own = sent(2, DEPOT, DEPOT, 5, 1.0, 1.0);
    let unweighed = HandOver { received: None, ..sent(3, GARAGE, DEPOT, 5, 1.0, 1.0) };
    let away = HandOver { to: Holder::Outside, ..sent(4, GARAGE, DEPOT, 5, 1.0, 1.0) };
    let balance = march(&[back, own, unweighed, away]);
    assert_eq!(
        balance.findings,
        [
            Finding::ArrivedBeforeSent { record: manifest(1) },
            Finding::ToItself { record: manifest(2) },
            Finding::Unknown { record: manifest(3) },
        ]
    );
    let depot = balance.lines.iter().find(|line| line.holder == firm(DEPOT)).expect("a line");
    assert_eq!(
        (depot.stock, depot.came),
        (None, Micro(Micro::ONE)),
        "one amount is not known, so the stock is not"
    );
    assert_eq!(balance.lines.len(), 2, "the outside holds no account");
}

#[test]
fn a_lot_is_followed_both_ways() {
    let hands = [
        sent(1, GARAGE, DEPOT, 2, 1.5, 1.5),
        sent(2, 4, DEPOT, 3, 2.0, 2.0),
        sent(3, DEPOT, REFINERY, 20, 3.0, 3.0),
        sent(4, DEPOT, REFINERY, 1, 1.0, 1.0),
        sent(5, REFINERY, 5, 25, 0.5, 0.5),
        HandOver { what: "900-052-31".into(), ..sent(6, DEPOT, REFINERY, 21, 1.0, 1.0) },
        sent(7, REFINERY, DEPOT, 26, 0.1, 0.1),
    ];
    let follow = |lot: i64, way| -> Vec<String> {
        trace(&hands, &manifest(lot), way)
            .into_iter()
            .map(|trace| {
                format!(
                    "{} step {} at most {}",
                    trace.record.id,
                    trace.step,
                    trace.at_most.unwrap_or_default()
                )
            })
            .collect()
    };
    // Lot 1 arrives on the 3rd: not in what left on the 1st, nor in other waste; and back to the depot at last.
    assert_eq!(
        follow(1, Follow::Forwards),
        ["3 step 1 at most 1.5", "5 step 2 at most 0.5", "7 step 2 at most 0.1"]
    );
    assert_eq!(
        follow(5, Follow::Backwards),
        ["3 step 1 at most 0.5", "4 step 1 at most 0.5", "1 step 2 at most 0.5", "2 step 2 at most 0.5"]
    );
    assert_eq!(follow(99, Follow::Forwards), Vec::<String>::new());
}

#[test]
fn hand_overs_come_from_records() {
    let def = definition(json!({ "id": "manifests", "fields": [
            { "id": "code", "type": "text" },
            { "id": "generator", "type": "reference", "to": "enterprises" },
            { "id": "receiver", "type": "text" },
            { "id": "waste_code", "type": "text" },
            { "id": "sent", "type": "number" },
            { "id": "received", "type": "number" },
            { "id": "sent_on", "type": "date" },
            { "id": "received_on", "type": "time" }
        ],
        "chain": { "from": "generator", "to": "receiver", "by": null, "what": "waste_code", "sent": "sent",
                   "received": "received", "sent_on": "sent_on", "received_on": "received_on" }
    }));
    let model = Model::new(&Arc::new(def), &Arc::new(Codes::default())).expect("sound");
    let day = date(2026, 3, 2);
    let record = Record {
        id: RecordId(8),
        version: 1,
        state: None,
        state_since: None,
        changed_at: Millis(0),
        changed_by: "system".into(),
        schematic: false,
        retired: false,
        values: vec![
            Value::Null,
            Value::Reference(RecordId(1)),
            Value::Text("某处置公司".into()),
            Value::Text("900-214-08".into()),
            Value::Number(1.25),
            Value::Null,
            Value::Date(day),
            Value::Time(Millis::start_of(day).plus(90_000_000)),
        ],
    };
    assert_eq!(
        HandOver::of(&model, &record),
        Some(HandOver {
            record: manifest(8),
            from: firm(1),
            to: Holder::Named { name: "某处置公司".into() },
            what: "900-214-08".into(),
            sent: tonnes(1.25),
            received: None,
            sent_on: Some(day),
            received_on: Some(date(2026, 3, 3)),
        })
    );
}

fn any_hands() -> impl Strategy<Value = Vec<HandOver>> {
    let one = (1i64..6, 1i64..6, 1i8..27, 1u32..1000, 0u32..3).prop_map(|(from, to, day, grams, lost)| {
        let amount = f64::from(grams) / 1000.0;
        sent(0, from, to, day, amount, amount - f64::from(lost.min(grams)) / 1000.0)
    });
    proptest::collection::vec(one, 0..30).prop_map(|hands| {
        let number = |(id, hand): (i64, HandOver)| HandOver { record: manifest(id), ..hand };
        (1..).zip(hands).map(number).collect()
    })
}

proptest! {
    #[test]
    fn nothing_comes_from_nowhere(hands in any_hands()) {
        let balance = march(&hands);
        let sum = |pick: fn(&sanggan_records::chain::Line) -> Micro| -> i64 {
            balance.lines.iter().map(|line| pick(line).0).sum()
        };
        let lost: i64 = balance
            .findings
            .iter()
            .map(|finding| match finding {
                Finding::Difference { record, difference, .. } => {
                    let own = hands.iter().any(|hand| &hand.record == record && hand.from == hand.to);
                    if own { 0 } else { difference.0 }
                }
                _ => 0,
            })
            .sum();
        prop_assert_eq!(sum(|line| line.came), sum(|line| line.went) + lost);
        for line in &balance.lines {
            if let (Some(opening), Some(stock)) = (line.opening, line.stock) {
                prop_assert_eq!(stock.0, opening.0 + line.came.0 - line.went.0);
            }
        }
    }

    #[test]
    fn a_trace_ends_and_agrees_both_ways(hands in any_hands()) {
        for hand in &hands {
            for found in trace(&hands, &hand.record, Follow::Forwards) {
                let back = trace(&hands, &found.record, Follow::Backwards);
                prop_assert!(back.iter().any(|other| other.record == hand.record));
            }
        }
    }
}
