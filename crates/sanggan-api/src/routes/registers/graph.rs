//! The graph of waters and pipes: what lies upstream and downstream, and how far.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use sanggan_records::graph::{Graph, GraphNode, Look, NodeKey, Way};
use sanggan_records::rights::Scope;
use sanggan_records::{Ask as Question, RecordId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::records::number;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{GraphAnswer, GraphFound, RecordLink};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, resolve, seen};
use crate::routes::Ask;

/// Records read at once while the graph is made.
const PAGE: u32 = 1_000;

/// The graph as it was when the journal had this many entries.
#[derive(Debug, Default)]
pub(crate) struct GraphCache(tokio::sync::Mutex<Option<(u64, Arc<Graph>)>>);

impl GraphCache {
    /// The graph as it is.
    async fn get(&self, state: &AppState) -> Answer<Arc<Graph>> {
        let size = state.store().journal_head().await?.size;
        let mut kept = self.0.lock().await;
        if let Some((of, graph)) = &*kept
            && *of == size
        {
            return Ok(Arc::clone(graph));
        }
        let graph = Arc::new(Graph::new(nodes(state).await?));
        *kept = Some((size, Arc::clone(&graph)));
        Ok(graph)
    }
}

async fn nodes(state: &AppState) -> Answer<Vec<GraphNode>> {
    let mut nodes = Vec::new();
    for model in state.models().all().filter(|model| model.def().graph.is_some()) {
        let mut ask = Question { limit: PAGE, ..Question::default() };
        loop {
            let page = state.store().records(&model.def().id, &Scope::Areas(Vec::new()), &ask).await?;
            nodes.extend(page.records.iter().filter_map(|record| GraphNode::of(model, record)));
            match page.next {
                Some(next) => ask.after = Some(next),
                None => break,
            }
        }
    }
    Ok(nodes)
}

/// Where to look.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GraphQuery {
    /// `up` or `down`.
    direction: String,
    /// Kinds of nodes, with commas between (`outlet,source`); all without it.
    kinds: Option<String>,
    /// Nothing known to be farther than this, km.
    limit_km: Option<f64>,
}

/// What lies upstream or downstream of a record, the nearest first. Distances that cannot be told are null.
#[utoipa::path(
    get, path = "/graph/{register}/{rid}", operation_id = "getGraph", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number"),
        GraphQuery
    ),
    responses(
        (status = 200, description = "The nearest first", body = GraphAnswer),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such record, or it is no part of the graph", body = ProblemBody)
    )
)]
pub(crate) async fn get_graph(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    Ask(query): Ask<GraphQuery>,
) -> Answer<Json<GraphAnswer>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let rid = number(&rid)?;
    state.store().read_record(opened.id(), &opened.scope, rid, None).await?;
    let way = match query.direction.as_str() {
        "up" => Way::Up,
        "down" => Way::Down,
        other => return Err(Problem::bad_field("direction", format!("`{other}` is neither up nor down"))),
    };
    if query.limit_km.is_some_and(|km| !km.is_finite() || km < 0.0) {
        return Err(Problem::bad_field("limit_km", "it is not a distance"));
    }
    let kinds = query.kinds.as_deref().unwrap_or_default();
    let kinds = kinds.split(',').filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
    let graph = state.graph().get(&state).await?;
    let of = NodeKey { register: opened.id().to_owned(), id: rid };
    if !graph.has(&of) {
        return Err(Problem::not_found(format!("records of `{register}` are no part of the graph")));
    }
    let found = graph.look(&of, way, &Look { kinds, limit_km: query.limit_km });
    let named: Vec<NodeKey> =
        found.iter().flat_map(|one| one.via.iter().chain([&one.node])).cloned().collect();
    let links = visible(&state, &opened, &named).await?;
    let found = found
        .iter()
        .filter_map(|one| {
            Some(GraphFound {
                record: links.get(&one.node)?.clone(),
                kind: one.kind.clone(),
                km: one.km,
                certain: one.certain,
                hops: one.hops,
                via: one.via.iter().filter_map(|node| links.get(node).cloned()).collect(),
            })
        })
        .collect();
    let loops = graph.loops();
    let in_loop = loops.iter().any(|round| round.contains(&of));
    Ok(Json(GraphAnswer { found, in_loop }))
}

/// Links to those of the nodes that the caller may see.
async fn visible(
    state: &AppState,
    opened: &Opened,
    nodes: &[NodeKey],
) -> Answer<HashMap<NodeKey, RecordLink>> {
    let scopes: HashMap<String, Scope> = seen(state, &opened.who).into_iter().collect();
    let mut of: HashMap<&str, Vec<RecordId>> = HashMap::new();
    for node in nodes {
        of.entry(node.register.as_str()).or_default().push(node.id);
    }
    let mut places = Vec::new();
    for (register, mut ids) in of {
        let Some(scope) = scopes.get(register) else { continue };
        ids.sort();
        ids.dedup();
        for ids in ids.chunks(PAGE as usize) {
            let records = state.store().read_records(register, scope, ids).await?;
            places.extend(records.into_iter().map(|record| (register.to_owned(), record.id)));
        }
    }
    let links = state.store().links(&places).await?;
    Ok(links
        .into_iter()
        .map(|((register, id), link)| (NodeKey { register, id }, resolve::link(&link)))
        .collect())
}
