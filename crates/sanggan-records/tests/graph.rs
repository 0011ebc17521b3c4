//! Upstream and downstream, with distances worked out by hand.

mod common;

use common::definition;
use expect_test::expect;
use jiff::civil::date;
use proptest::prelude::*;
use sanggan_base::Millis;
use sanggan_records::graph::{Found, Graph, GraphNode, Into, Look, NodeKey, Way};
use sanggan_records::{Codes, Model, Record, RecordId, Value};
use serde_json::json;
use std::sync::Arc;

fn key(register: &str, id: i64) -> NodeKey {
    NodeKey { register: register.to_owned(), id: RecordId(id) }
}

const SANGGAN: i64 = 1;
const HUI: i64 = 2;
const YUANZI: i64 = 3;
const MAGUAN: i64 = 4;
const KOUQUAN: i64 = 5;
const XIAOYU: i64 = 6;
const CANGTOU: i64 = 7;

fn river(id: i64, into: Option<(i64, Option<f64>)>) -> GraphNode {
    let into = into.map(|(to, at)| Into { to: key("rivers", to), at, length: Some(0.0) });
    GraphNode { key: key("rivers", id), kind: "river".into(), into: into.into_iter().collect(), on: None }
}

fn lies(register: &str, kind: &str, id: i64, on: i64, at: Option<f64>) -> GraphNode {
    GraphNode {
        key: key(register, id),
        kind: kind.into(),
        into: Vec::new(),
        on: Some((key("rivers", on), at)),
    }
}

fn flows(
    register: &str,
    kind: &str,
    id: i64,
    to: NodeKey,
    at: Option<f64>,
    length: Option<f64>,
) -> GraphNode {
    GraphNode { key: key(register, id), kind: kind.into(), into: vec![Into { to, at, length }], on: None }
}

/// The rivers of the plan as its text tells them (恢河 above 桑干河; 源子河, 马关河, 口泉河, 小峪河 into it; 苍头河
/// apart). The chainages are made up for the test; that of 马关河's mouth is left unknown, as in the text.
fn city() -> Vec<GraphNode> {
    vec![
        river(SANGGAN, None),
        river(HUI, Some((SANGGAN, Some(100.0)))),
        river(YUANZI, Some((SANGGAN, Some(80.0)))),
        river(MAGUAN, Some((SANGGAN, None))),
        river(KOUQUAN, Some((SANGGAN, Some(20.0)))),
        river(XIAOYU, Some((SANGGAN, Some(10.0)))),
        river(CANGTOU, None),
        lies("reservoirs", "reservoir", 1, SANGGAN, Some(90.0)),
        lies("sections", "section", 1, SANGGAN, Some(60.0)),
        lies("sections", "section", 2, SANGGAN, Some(5.0)),
        lies("sections", "section", 3, SANGGAN, None),
        // An outfall 8 km up the Hui, at the end of a pipe of 1.5 km from the works, 0.5 km from the factory to it.
        flows("river-outfalls", "outlet", 1, key("rivers", HUI), Some(8.0), Some(0.0)),
        flows("treatment-works", "works", 1, key("river-outfalls", 1), None, Some(1.5)),
        flows("outlets", "source", 1, key("treatment-works", 1), None, Some(0.5)),
        // One on the Kouquan, one on the Maguan, one on the main stem that nobody has measured, one on the Cangtou.
        flows("river-outfalls", "outlet", 2, key("rivers", KOUQUAN), Some(3.0), Some(0.0)),
        flows("river-outfalls", "outlet", 3, key("rivers", MAGUAN), Some(4.0), Some(0.0)),
        flows("river-outfalls", "outlet", 4, key("rivers", SANGGAN), None, Some(0.0)),
        flows("river-outfalls", "outlet", 5, key("rivers", CANGTOU), Some(4.0), Some(0.0)),
        flows("river-outfalls", "outlet", 6, key("rivers", SANGGAN), Some(61.0), None),
    ]
}

fn show(found: &[Found]) -> String {
    found
        .iter()
        .map(|found| {
            let km = found.km.map_or("distance unknown".to_owned(), |km| format!("{km} km"));
            let via: Vec<String> =
                found.via.iter().map(|key| format!("{}:{}", key.register, key.id)).collect();
            format!(
                "{} {}:{} {km}{} hops {} via {}\n",
                found.kind,
                found.node.register,
                found.node.id,
                if found.certain { "" } else { " PERHAPS" },
                found.hops,
                via.join(" ")
            )
        })
        .collect()
}

#[test]
fn who_discharges_above_a_section() {
    let graph = Graph::new(city());
    // Section 1 at 60: the reservoir 90−60 = 30; Yuanzi 80−60 = 20; Hui 100−60 = 40; its outfall 40+8 = 48, the works
    // 48+1.5 = 49.5, the factory 50. Outfall 6 enters 1 km above through a pipe of unknown length. The Kouquan and
    // Xiaoyu enter below; the Maguan, its outfall and outfall 4 may enter above.
    expect![[r#"
        river rivers:3 20 km hops 1 via rivers:1
        reservoir reservoirs:1 30 km hops 0 via rivers:1
        river rivers:2 40 km hops 1 via rivers:1
        outlet river-outfalls:1 48 km hops 2 via rivers:1 rivers:2
        works treatment-works:1 49.5 km hops 3 via rivers:1 rivers:2 river-outfalls:1
        source outlets:1 50 km hops 4 via rivers:1 rivers:2 river-outfalls:1 treatment-works:1
        outlet river-outfalls:6 distance unknown hops 1 via rivers:1
        section sections:3 distance unknown PERHAPS hops 0 via rivers:1
        outlet river-outfalls:4 distance unknown PERHAPS hops 1 via rivers:1
        river rivers:4 distance unknown PERHAPS hops 1 via rivers:1
        outlet river-outfalls:3 distance unknown PERHAPS hops 2 via rivers:1 rivers:4
    "#]]
    .assert_eq(&show(&graph.upstream(&key("sections", 1), &Look::default())));
    let near = Look { kinds: vec!["outlet".into(), "works".into()], limit_km: Some(48.0) };
    expect![[r#"
        outlet river-outfalls:1 48 km hops 2 via rivers:1 rivers:2
        outlet river-outfalls:6 distance unknown hops 1 via rivers:1
        outlet river-outfalls:4 distance unknown PERHAPS hops 1 via rivers:1
        outlet river-outfalls:3 distance unknown PERHAPS hops 2 via rivers:1 rivers:4
    "#]]
    .assert_eq(&show(&graph.upstream(&key("sections", 1), &near)));
}

#[test]
fn what_a_factory_reaches() {
    let graph = Graph::new(city());
    // 0.5 + 1.5 + 8 = 10 km to the mouth of the Hui at 100; then 10 to the reservoir at 90, 40 to section 1, 95 to
    // section 2, 100 to the mouth.
    expect![[r#"
        works treatment-works:1 0.5 km hops 1 via 
        outlet river-outfalls:1 2 km hops 2 via treatment-works:1
        river rivers:2 10 km hops 3 via treatment-works:1 river-outfalls:1
        reservoir reservoirs:1 20 km hops 4 via treatment-works:1 river-outfalls:1 rivers:2 rivers:1
        section sections:1 50 km hops 4 via treatment-works:1 river-outfalls:1 rivers:2 rivers:1
        section sections:2 105 km hops 4 via treatment-works:1 river-outfalls:1 rivers:2 rivers:1
        river rivers:1 110 km hops 4 via treatment-works:1 river-outfalls:1 rivers:2
        section sections:3 distance unknown PERHAPS hops 4 via treatment-works:1 river-outfalls:1 rivers:2 rivers:1
    "#]]
    .assert_eq(&show(&graph.downstream(&key("outlets", 1), &Look::default())));
}

#[test]
fn a_section_whose_place_is_unknown_cannot_be_told_from_either_side() {
    let graph = Graph::new(city());
    let up = graph.upstream(&key("sections", 3), &Look::default());
    assert!(up.iter().all(|found| !found.certain && found.km.is_none()), "{}", show(&up));
    assert_eq!(up.iter().filter(|found| found.kind == "outlet").count(), 5, "all but that on the Cangtou");
    let down = graph.downstream(&key("sections", 3), &Look::default());
    let certain: Vec<&Found> = down.iter().filter(|found| found.certain).collect();
    assert_eq!(certain.len(), 1, "the mouth of its river and nothing else");
    assert_eq!((&certain[0].node, certain[0].km), (&key("rivers", SANGGAN), None));
}

#[test]
fn a_river_receives_all_that_enters_it() {
    let graph = Graph::new(city());
    let outlets = Look { kinds: vec!["outlet".into()], limit_km: None };
    expect![[r#"
        outlet river-outfalls:2 23 km hops 2 via rivers:5
        outlet river-outfalls:1 108 km hops 2 via rivers:2
        outlet river-outfalls:4 distance unknown hops 1 via 
        outlet river-outfalls:6 distance unknown hops 1 via 
        outlet river-outfalls:3 distance unknown hops 2 via rivers:4
    "#]]
    .assert_eq(&show(&graph.upstream(&key("rivers", SANGGAN), &outlets)));
}

#[test]
fn water_taken_out_and_led_back_is_followed() {
    let mut nodes = city();
    // An intake at 70 leads into a factory's outfall at 50: the reach between is passed by the pipe too (3 km).
    nodes.push(GraphNode {
        key: key("intakes", 1),
        kind: "intake".into(),
        into: vec![Into { to: key("rivers", SANGGAN), at: Some(50.0), length: Some(3.0) }],
        on: Some((key("rivers", SANGGAN), Some(70.0))),
    });
    let graph = Graph::new(nodes);
    let down = graph.downstream(&key("reservoirs", 1), &Look::default());
    let km = |to: &NodeKey| down.iter().find(|found| &found.node == to).and_then(|found| found.km);
    assert_eq!(km(&key("intakes", 1)), Some(20.0));
    assert_eq!(km(&key("sections", 1)), Some(30.0));
    assert_eq!(km(&key("sections", 2)), Some(20.0 + 3.0 + 45.0), "the pipe is shorter than the river, 85 km");
}

#[test]
fn circles_are_told_and_not_run_around() {
    let nodes = vec![
        river(1, Some((2, Some(5.0)))),
        river(2, Some((1, Some(5.0)))),
        flows("outlets", "outlet", 1, key("rivers", 1), Some(1.0), Some(0.0)),
        flows("outlets", "outlet", 2, key("outlets", 2), None, Some(0.0)),
        flows("outlets", "outlet", 3, key("rivers", 9), Some(1.0), Some(0.0)),
    ];
    let graph = Graph::new(nodes);
    assert_eq!(graph.loops(), [vec![key("outlets", 2)], vec![key("rivers", 1), key("rivers", 2)]]);
    assert_eq!(graph.loose(), [(key("outlets", 3), key("rivers", 9))]);
    let down = graph.downstream(&key("outlets", 1), &Look::default());
    assert_eq!(
        down.iter().map(|found| found.km).collect::<Vec<_>>(),
        [Some(1.0), Some(6.0)],
        "each river once"
    );
    assert_eq!(graph.upstream(&key("outlets", 99), &Look::default()), []);
}

#[test]
fn nodes_come_from_records() {
    let def = definition(json!({ "id": "river-outfalls", "fields": [
            { "id": "code", "type": "text" },
            { "id": "river", "type": "reference", "to": "rivers" },
            { "id": "chainage_km", "type": "number" },
            { "id": "pipe_km", "type": "number" }
        ],
        "graph": { "node": "outlet", "into": "river", "into_at": "chainage_km", "on": null, "on_at": null, "length": "pipe_km" }
    }));
    let model = Model::new(&Arc::new(def), &Arc::new(Codes::default())).expect("sound");
    let mut record = Record {
        id: RecordId(3),
        version: 1,
        state: None,
        state_since: None,
        changed_at: Millis::start_of(date(2026, 11, 23)),
        changed_by: "system".into(),
        schematic: false,
        retired: false,
        values: vec![Value::Null, Value::Reference(RecordId(5)), Value::Number(12.5), Value::Null],
    };
    let node = GraphNode::of(&model, &record).expect("a node");
    assert_eq!(node, flows("river-outfalls", "outlet", 3, key("rivers", 5), Some(12.5), None));
    record.retired = true;
    assert_eq!(GraphNode::of(&model, &record), None);
}

/// The rivers as the city's own file has them: the plan names what flows into what and gives no chainage, so every
/// distance is unknown, and of 七里河, 浑河 and 苍头河 it does not say where they go.
#[test]
fn the_rivers_of_the_plan() {
    let pack = sanggan_pack::Pack::embedded().expect("sound");
    let codes = Arc::new(Codes::of(&pack.parameters, &pack.city));
    let model = Model::new(pack.registers.get("rivers").expect("a register"), &codes).expect("sound");
    let seed = pack.seeds.iter().find(|seed| seed.register == "rivers" && !seed.demo).expect("a file");
    let mut reader = csv::Reader::from_reader(seed.csv.as_bytes());
    let columns: Vec<Option<usize>> =
        reader.headers().expect("a header").iter().map(|field| model.position(field)).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("sound")).collect();
    let mut known = sanggan_records::Known::default();
    for (id, row) in (1..).zip(&rows) {
        known.add_record("rivers", RecordId(id), &row[0]);
    }
    let nodes = (1..).zip(&rows).map(|(id, row)| {
        let mut values = model.blank();
        for (cell, field) in row.iter().zip(&columns).filter_map(|(cell, field)| Some((cell, (*field)?))) {
            values[field] = model.read_text(field, cell, &known).expect("sound");
        }
        let record = Record {
            id: RecordId(id),
            version: 1,
            state: None,
            state_since: None,
            changed_at: Millis(0),
            changed_by: "system".into(),
            schematic: false,
            retired: false,
            values,
        };
        GraphNode::of(&model, &record).expect("a river")
    });
    let graph = Graph::new(nodes);
    assert_eq!((graph.loops(), graph.loose()), (Vec::new(), &[][..]));
    let id = |name: &str| (1..).zip(&rows).find(|(_, row)| &row[1] == name).map(|(id, _)| key("rivers", id));
    let above = graph.upstream(&id("桑干河").expect("the main stem"), &Look::default());
    assert!(above.iter().all(|found| found.certain && found.km.is_none()), "{}", show(&above));
    for name in ["恢河", "源子河", "黄水河", "马关河", "口泉河", "小峪河"] {
        assert!(
            above.iter().any(|found| Some(&found.node) == id(name).as_ref()),
            "{name} flows into the main stem"
        );
    }
    for name in ["七里河", "浑河", "苍头河"] {
        assert!(
            above.iter().all(|found| Some(&found.node) != id(name).as_ref()),
            "{name}: the plan does not say so"
        );
    }
}

fn any_nodes() -> impl Strategy<Value = Vec<GraphNode>> {
    let at = || proptest::option::of((0u32..50).prop_map(f64::from));
    let river = (1i64..6, proptest::option::of((1i64..6, at()))).prop_map(|(id, into)| river(id, into));
    let outlet = (1i64..12, 1i64..6, at(), at())
        .prop_map(|(id, to, at, length)| flows("outlets", "outlet", id, key("rivers", to), at, length));
    let section = (1i64..6, 1i64..6, at()).prop_map(|(id, on, at)| lies("sections", "section", id, on, at));
    let all = (
        proptest::collection::vec(river, 1..6),
        proptest::collection::vec(outlet, 0..12),
        proptest::collection::vec(section, 0..6),
    );
    all.prop_map(|(rivers, outlets, sections)| {
        let mut seen = std::collections::HashSet::new();
        rivers
            .into_iter()
            .chain(outlets)
            .chain(sections)
            .filter(|node| seen.insert(node.key.clone()))
            .collect()
    })
}

proptest! {
    #[test]
    fn up_and_down_agree(nodes in any_nodes()) {
        let keys: Vec<NodeKey> = nodes.iter().map(|node| node.key.clone()).collect();
        let graph = Graph::new(nodes);
        for from in &keys {
            for found in graph.look(from, Way::Down, &Look::default()) {
                prop_assert_ne!(&found.node, from);
                let back = graph.upstream(&found.node, &Look::default());
                let back = back.iter().find(|other| &other.node == from);
                prop_assert!(back.is_some(), "{:?} is below {:?}, which is not above it", found.node, from);
                let back = back.expect("just looked");
                prop_assert_eq!(back.certain, found.certain, "{:?} {:?}", from, found);
                prop_assert_eq!(back.km, found.km, "{:?} {:?}", from, found);
            }
        }
    }
}
