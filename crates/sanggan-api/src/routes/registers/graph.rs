//! The graph of waters and pipes: what lies upstream and downstream, and how far.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use sanggan_records::RecordId;
use sanggan_records::graph::{Graph, GraphNode, Look, NodeKey, Way};
use sanggan_records::rights::{self, Scope};
use serde::Deserialize;
use utoipa::IntoParams;

use super::records::number;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{GraphAnswer, GraphFound, RecordLink};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::cached::each;
use crate::registers::{Opened, resolve, seen};
use crate::routes::Ask;

/// Records looked for at once.
const PAGE: usize = 1_000;

async fn graph(state: &AppState) -> Answer<Graph> {
    let mut nodes = Vec::new();
    for model in state.models().all().filter(|model| model.def().graph.is_some()) {
        each(state, model, |record| nodes.extend(GraphNode::of(model, &record))).await?;
    }
    Ok(Graph::new(nodes))
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
    let graph = state.graph().get(&state, graph).await?;
    let of = NodeKey { register: opened.id().to_owned(), id: rid };
    if !graph.has(&of) {
        return Err(Problem::not_found(format!("records of `{register}` are no part of the graph")));
    }
    let found = graph.look(&of, way, &Look { kinds, limit_km: query.limit_km });
    let named: Vec<NodeKey> =
        found.iter().flat_map(|one| one.via.iter().chain([&one.node])).cloned().collect();
    let links = visible(&state, &opened.who, &named).await?;
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
pub(crate) async fn visible(
    state: &AppState,
    who: &rights::Caller,
    nodes: &[NodeKey],
) -> Answer<HashMap<NodeKey, RecordLink>> {
    let scopes: HashMap<String, Scope> = seen(state, who).into_iter().collect();
    let mut of: HashMap<&str, Vec<RecordId>> = HashMap::new();
    for node in nodes {
        of.entry(node.register.as_str()).or_default().push(node.id);
    }
    let mut places = Vec::new();
    for (register, mut ids) in of {
        let Some(scope) = scopes.get(register) else { continue };
        ids.sort();
        ids.dedup();
        for ids in ids.chunks(PAGE) {
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
