//! The graph of waters and pipes: what lies upstream and downstream of a point, and how far.
//!
//! Every river is a line of places ordered by chainage (km above its mouth). An outlet, a spring or a tributary enters
//! at a place; a section, a reservoir or an intake lies at one, receives everything that enters above it and hands it
//! on below. Where a chainage is not known, a thing is somewhere on its river: whether it is above a point cannot be
//! told, and neither can its distance; it is listed, marked so. Nothing unknown is ever taken for 0.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::Serialize;

use crate::{Model, Record, RecordId, Value};

/// Which record of which register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NodeKey {
    /// The register.
    pub register: String,
    /// The record.
    #[serde(rename = "rid")]
    pub id: RecordId,
}

/// Where water goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Into {
    /// Into what.
    pub to: NodeKey,
    /// Where on that river, km above its mouth.
    pub at: Option<f64>,
    /// How long the way there is, km; `None`: not known.
    pub length: Option<f64>,
}

/// One record of the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphNode {
    /// Which.
    pub key: NodeKey,
    /// What it is: `river`, `section`, `outlet`, ….
    pub kind: String,
    /// Where its water goes.
    pub into: Vec<Into>,
    /// The river it lies on, and where, km above its mouth.
    pub on: Option<(NodeKey, Option<f64>)>,
}

impl GraphNode {
    /// The node that a record is; `None` when its register has no place in the graph or it is retired.
    pub fn of(model: &Model, record: &Record) -> Option<GraphNode> {
        let def = model.def();
        let role = def.graph.as_ref()?;
        if record.retired {
            return None;
        }
        let value = |field: &Option<String>| record.values.get(def.position(field.as_deref()?)?);
        let number = |field: &Option<String>| match value(field) {
            Some(Value::Number(number)) if *number >= 0.0 => Some(*number),
            Some(Value::Integer(number)) if *number >= 0 => Some(*number as f64),
            _ => None,
        };
        let targets = |field: &Option<String>| -> Vec<NodeKey> {
            let to =
                field.as_deref().and_then(|field| def.field(field)).and_then(|field| match &field.kind {
                    sanggan_pack::FieldKind::Reference { to, .. } => Some(to.clone()),
                    _ => None,
                });
            let ids = match value(field) {
                Some(Value::Reference(id)) => std::slice::from_ref(id),
                Some(Value::References(ids)) => ids,
                _ => &[],
            };
            let key = |register: &String| {
                ids.iter().map(|&id| NodeKey { register: register.clone(), id }).collect()
            };
            to.as_ref().map(key).unwrap_or_default()
        };
        // A way that the definition gives no length is no way of its own: an outlet at the bank.
        let length = if role.length.is_some() { number(&role.length) } else { Some(0.0) };
        let into = targets(&role.into);
        let at = if into.len() == 1 { number(&role.into_at) } else { None };
        let on = targets(&role.on);
        Some(GraphNode {
            key: NodeKey { register: def.id.clone(), id: record.id },
            kind: role.node.clone(),
            into: into.into_iter().map(|to| Into { to, at, length }).collect(),
            on: on.into_iter().next().map(|river| (river, number(&role.on_at))),
        })
    }
}

/// Which way to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Where the water comes from.
    Up,
    /// Where it goes.
    Down,
}

/// What to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Only nodes of these kinds; empty: all.
    pub kinds: Vec<String>,
    /// None known to be farther than this, km.
    pub limit_km: Option<f64>,
}

/// Something upstream or downstream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// What.
    pub node: NodeKey,
    /// What it is.
    pub kind: String,
    /// How far along the water; `None`: cannot be told.
    pub km: Option<f64>,
    /// Whether it surely lies that way. Where the place of something on its river is not known, it may lie either way.
    pub certain: bool,
    /// How many waters and pipes lie between.
    pub hops: u32,
    /// Those, beginning next to what was asked for.
    pub via: Vec<NodeKey>,
}

/// A vertex: a record where its own water runs, or a place on a river.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Vertex {
    /// A record; of a river: its mouth.
    Record(usize),
    /// A known place on a river, by its place in the order from the source down.
    At(usize),
    /// Entering a river nobody knows where.
    Entering(usize),
    /// Lying somewhere on a river, as seen from below.
    SeenFromBelow(usize),
    /// The same as seen from above.
    SeenFromAbove(usize),
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    km: Option<f64>,
    certain: bool,
    hops: u32,
}

const ALONG: u32 = 0;

/// The graph.
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<GraphNode>,
    index: HashMap<NodeKey, usize>,
    graph: DiGraph<Vertex, Edge>,
    records: Vec<NodeIndex>,
    /// Nodes that lie at a vertex without being part of the way.
    lying: HashMap<NodeIndex, Vec<usize>>,
    /// Where a node that lies on a river begins to look up and down.
    begins: HashMap<usize, (NodeIndex, NodeIndex)>,
    loose: Vec<(NodeKey, NodeKey)>,
}

impl Graph {
    /// The graph of these nodes.
    pub fn new(nodes: impl IntoIterator<Item = GraphNode>) -> Graph {
        let nodes: Vec<GraphNode> = nodes.into_iter().collect();
        let index: HashMap<NodeKey, usize> =
            nodes.iter().enumerate().map(|(at, node)| (node.key.clone(), at)).collect();
        let mut graph = DiGraph::new();
        let records: Vec<NodeIndex> = (0..nodes.len()).map(|at| graph.add_node(Vertex::Record(at))).collect();
        let mut whole = Graph {
            nodes,
            index,
            graph,
            records,
            lying: HashMap::new(),
            begins: HashMap::new(),
            loose: Vec::new(),
        };
        whole.connect();
        whole
    }

    fn connect(&mut self) {
        // Where something is on each river, and what.
        let mut places: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        let nodes = std::mem::take(&mut self.nodes);
        let index = std::mem::take(&mut self.index);
        let river_of = |key: &NodeKey| index.get(key).copied().filter(|&at| nodes[at].kind == "river");
        for (at, _) in nodes.iter().enumerate().filter(|(_, node)| node.kind == "river") {
            places.entry(at).or_default();
        }
        let spots = nodes.iter().flat_map(|node| {
            node.into.iter().map(|into| (&into.to, into.at)).chain(node.on.iter().map(|(on, at)| (on, *at)))
        });
        for (to, at) in spots {
            if let (Some(river), Some(at)) = (river_of(to), at) {
                places.entry(river).or_default().push(at);
            }
        }
        let mut rivers: HashMap<usize, River> = HashMap::new();
        for (river, mut chainages) in places {
            chainages.sort_by(|a, b| b.total_cmp(a));
            chainages.dedup();
            rivers.insert(river, self.river(river, &chainages));
        }
        for (at, node) in nodes.iter().enumerate() {
            if let Some((river, place)) = &node.on {
                match river_of(river).and_then(|river| rivers.get(&river)) {
                    Some(river) => self.lay(at, river, *place, !node.into.is_empty()),
                    None => self.loose.push((node.key.clone(), river.clone())),
                }
            }
        }
        for (at, node) in nodes.iter().enumerate() {
            for into in &node.into {
                let Some(&to) = index.get(&into.to) else {
                    self.loose.push((node.key.clone(), into.to.clone()));
                    continue;
                };
                let (target, km) = match (rivers.get(&to), nodes[to].on.as_ref()) {
                    (Some(river), _) => match into.at.and_then(|at| river.place(at)) {
                        Some(place) => (place, into.length),
                        None => (river.entering, None),
                    },
                    // What flows to a thing that lies on a river enters the river there.
                    (None, Some((river, place))) => {
                        match river_of(river).and_then(|river| rivers.get(&river)) {
                            Some(river) => match place.and_then(|place| river.place(place)) {
                                Some(place) => (place, into.length),
                                None => (river.entering, None),
                            },
                            None => (self.records[to], into.length),
                        }
                    }
                    (None, None) => (self.records[to], into.length),
                };
                self.graph.add_edge(self.records[at], target, Edge { km, certain: true, hops: 1 });
            }
        }
        self.nodes = nodes;
        self.index = index;
    }

    /// The places of a river, from its source to its mouth.
    fn river(&mut self, river: usize, chainages: &[f64]) -> River {
        let mouth = self.records[river];
        let graph = &mut self.graph;
        let entering = graph.add_node(Vertex::Entering(river));
        let from_below = graph.add_node(Vertex::SeenFromBelow(river));
        let from_above = graph.add_node(Vertex::SeenFromAbove(river));
        let unknown = Edge { km: None, certain: true, hops: ALONG };
        let perhaps = Edge { certain: false, ..unknown };
        let places: Vec<(f64, NodeIndex)> =
            chainages.iter().map(|&chainage| (chainage, graph.add_node(Vertex::At(river)))).collect();
        for pair in places.windows(2) {
            let km = Some(pair[0].0 - pair[1].0);
            graph.add_edge(pair[0].1, pair[1].1, Edge { km, ..unknown });
        }
        if let (Some((_, highest)), Some((lowest_at, lowest))) = (places.first(), places.last()) {
            graph.add_edge(*lowest, mouth, Edge { km: Some(*lowest_at), ..unknown });
            graph.add_edge(*lowest, from_above, perhaps);
            graph.add_edge(entering, *highest, perhaps);
            graph.add_edge(from_below, *highest, perhaps);
        }
        graph.add_edge(entering, mouth, unknown);
        graph.add_edge(from_below, mouth, unknown);
        graph.add_edge(entering, from_above, perhaps);
        graph.add_edge(from_below, from_above, perhaps);
        River { places, entering, from_below, from_above }
    }

    /// Puts a node that lies on a river in its place.
    fn lay(&mut self, node: usize, river: &River, at: Option<f64>, takes: bool) {
        let (up, down) = match at.and_then(|at| river.place(at)) {
            Some(place) => (place, place),
            None => (river.from_above, river.from_below),
        };
        if takes {
            // It takes water out of the river and leads it elsewhere.
            let km = if up == down { Some(0.0) } else { None };
            self.graph.add_edge(down, self.records[node], Edge { km, certain: true, hops: 1 });
        }
        self.begins.insert(node, (up, down));
        self.lying.entry(up).or_default().push(node);
        if up != down {
            self.lying.entry(down).or_default().push(node);
        }
    }

    /// Whether the graph has this record.
    pub fn has(&self, key: &NodeKey) -> bool {
        self.index.contains_key(key)
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// References that lead to no record of the graph: from, to.
    pub fn loose(&self) -> &[(NodeKey, NodeKey)] {
        &self.loose
    }

    /// Circles of records that flow into each other: mistakes to put right. Looking never follows one twice.
    pub fn loops(&self) -> Vec<Vec<NodeKey>> {
        let mut plain = DiGraph::<usize, ()>::new();
        let all: Vec<NodeIndex> = (0..self.nodes.len()).map(|at| plain.add_node(at)).collect();
        for (at, node) in self.nodes.iter().enumerate() {
            for to in node.into.iter().filter_map(|into| self.index.get(&into.to)) {
                plain.add_edge(all[at], all[*to], ());
            }
        }
        let mut loops: Vec<Vec<NodeKey>> = petgraph::algo::tarjan_scc(&plain)
            .into_iter()
            .filter(|part| part.len() > 1 || part.iter().any(|&one| plain.contains_edge(one, one)))
            .map(|part| {
                let mut keys: Vec<NodeKey> =
                    part.iter().map(|&at| self.nodes[plain[at]].key.clone()).collect();
                keys.sort();
                keys
            })
            .collect();
        loops.sort();
        loops
    }

    /// What lies upstream of a record: certain before uncertain, near before far, unknown distances last, by hops.
    pub fn upstream(&self, of: &NodeKey, look: &Look) -> Vec<Found> {
        self.look(of, Way::Up, look)
    }

    /// What lies downstream of it, in the same order.
    pub fn downstream(&self, of: &NodeKey, look: &Look) -> Vec<Found> {
        self.look(of, Way::Down, look)
    }

    /// What lies that way.
    pub fn look(&self, of: &NodeKey, way: Way, look: &Look) -> Vec<Found> {
        let Some(&asked) = self.index.get(of) else { return Vec::new() };
        let direction = match way {
            Way::Up => Direction::Incoming,
            Way::Down => Direction::Outgoing,
        };
        let mut starts = vec![self.records[asked]];
        if let Some(&(up, down)) = self.begins.get(&asked) {
            starts.push(if way == Way::Up { up } else { down });
        }
        let mut best: HashMap<NodeIndex, Step> = HashMap::new();
        let mut from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
        let mut heap: BinaryHeap<Step> = BinaryHeap::new();
        for &start in &starts {
            let step = Step { certain: true, km: Some(0.0), hops: 0, at: start };
            best.insert(start, step);
            heap.push(step);
        }
        let mut found: HashMap<usize, (Step, NodeIndex)> = HashMap::new();
        while let Some(step) = heap.pop() {
            if best.get(&step.at).is_some_and(|known| known > &step) {
                continue;
            }
            if !starts.contains(&step.at) {
                let lying = self.lying.get(&step.at).into_iter().flatten().copied();
                let own = match self.graph[step.at] {
                    Vertex::Record(node) => Some(node),
                    _ => None,
                };
                for node in own.into_iter().chain(lying).filter(|&node| node != asked) {
                    let slot = found.entry(node).or_insert((step, step.at));
                    if step > slot.0 {
                        *slot = (step, step.at);
                    }
                }
            }
            for edge in self.graph.edges_directed(step.at, direction) {
                let to = if way == Way::Up { edge.source() } else { edge.target() };
                let weight = edge.weight();
                let next = Step {
                    certain: step.certain && weight.certain,
                    km: step.km.zip(weight.km).map(|(far, more)| far + more),
                    hops: step.hops + weight.hops,
                    at: to,
                };
                let too_far = next.km.zip(look.limit_km).is_some_and(|(km, limit)| km > limit);
                if !too_far && best.get(&to).is_none_or(|known| next > *known) {
                    best.insert(to, next);
                    from.insert(to, step.at);
                    heap.push(next);
                }
            }
        }
        let mut list: Vec<(Step, Found)> = found
            .into_iter()
            .filter(|(node, _)| look.kinds.is_empty() || look.kinds.contains(&self.nodes[*node].kind))
            .map(|(node, (step, vertex))| {
                let record = &self.nodes[node];
                let found = Found {
                    node: record.key.clone(),
                    kind: record.kind.clone(),
                    km: step.km,
                    certain: step.certain,
                    hops: step.hops,
                    via: self.via(&from, vertex, node, asked),
                };
                (step, found)
            })
            .collect();
        list.sort_by(|(a, found_a), (b, found_b)| b.cmp(a).then_with(|| found_a.node.cmp(&found_b.node)));
        list.into_iter().map(|(_, found)| found).collect()
    }

    /// The records passed on the way from what was asked for to the vertex of what was found.
    fn via(
        &self,
        from: &HashMap<NodeIndex, NodeIndex>,
        vertex: NodeIndex,
        found: usize,
        asked: usize,
    ) -> Vec<NodeKey> {
        let mut passed = Vec::new();
        let mut at = Some(vertex);
        while let Some(vertex) = at {
            let (Vertex::Record(node)
            | Vertex::At(node)
            | Vertex::Entering(node)
            | Vertex::SeenFromBelow(node)
            | Vertex::SeenFromAbove(node)) = self.graph[vertex];
            if node != found && node != asked && passed.last() != Some(&node) {
                passed.push(node);
            }
            at = from.get(&vertex).copied().filter(|_| passed.len() <= self.nodes.len());
        }
        passed.reverse();
        passed.into_iter().map(|node| self.nodes[node].key.clone()).collect()
    }
}

/// The vertices of one river.
struct River {
    places: Vec<(f64, NodeIndex)>,
    entering: NodeIndex,
    from_below: NodeIndex,
    from_above: NodeIndex,
}

impl River {
    fn place(&self, at: f64) -> Option<NodeIndex> {
        let found = self.places.binary_search_by(|(chainage, _)| at.total_cmp(chainage)).ok()?;
        Some(self.places[found].1)
    }
}

/// How a vertex was reached; the greatest is the best: certain, known and near, few hops.
#[derive(Debug, Clone, Copy)]
struct Step {
    certain: bool,
    km: Option<f64>,
    hops: u32,
    at: NodeIndex,
}

impl Ord for Step {
    fn cmp(&self, other: &Step) -> Ordering {
        let far = |step: &Step| step.km.unwrap_or(f64::INFINITY);
        self.certain
            .cmp(&other.certain)
            .then_with(|| far(other).total_cmp(&far(self)))
            .then_with(|| other.hops.cmp(&self.hops))
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Step) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Step) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Step {}
