//! The program itself: SQL, status, health, metrics, its own description.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanggan_store::EventFilter;

use super::Body;
use crate::AppState;
use crate::dto::{
    GatewayFigures, Health, LakeFigures, SqlBody, SqlColumn, SqlTable, StatisticsFigures, Status,
};
use crate::problem::{Answer, Problem, ProblemBody};

const SQL_ROWS_DEFAULT: usize = 1_000;
/// How often lake and store are asked whether they work, however many ask us.
const PROBE_EVERY: Duration = Duration::from_millis(500);
/// A lake or store that does not answer within this time does not work.
const PROBE_MAX: Duration = Duration::from_secs(5);
/// Longest question.
const SQL_CHARS_MAX: usize = 20_000;

/// A SELECT over `frames`, `observations`, `observation_versions`, `statistics`, `series`, and over the law: `standards`,
/// `standard_tables`, `standard_cells`, `assessments`, `assessment_columns`. The evaluators are functions (`aqi_day`, `aqi`,
/// `aqi_hour`, `water_class`, `assess`, and `assess_…` for rows judged together).
#[utoipa::path(
    post, path = "/sql", operation_id = "askSql", tag = "system", request_body = SqlBody,
    responses(
        (status = 200, description = "The table", body = SqlTable),
        (status = 400, description = "Not a SELECT, or faulty", body = ProblemBody)
    )
)]
pub(crate) async fn ask_sql(
    State(state): State<AppState>,
    Body(body): Body<SqlBody>,
) -> Answer<Json<SqlTable>> {
    if body.query.chars().count() > SQL_CHARS_MAX {
        return Err(Problem::bad_field(
            "query",
            format!("the query is longer than {SQL_CHARS_MAX} characters"),
        ));
    }
    let most = state.settings().sql_rows_max;
    let limit = body.limit.unwrap_or(SQL_ROWS_DEFAULT).min(most);
    let table = match state.lake().sql(&body.query, limit).await {
        Ok(table) => table,
        // What the engine says about the question is for the one who asked it.
        Err(sanggan_lake::LakeError::Query { source }) => {
            return Err(Problem::bad_field("query", source.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    let columns = table.columns.into_iter().map(|column| SqlColumn { name: column.name, kind: column.kind });
    Ok(Json(SqlTable { columns: columns.collect(), rows: table.rows, truncated: table.truncated }))
}

/// How the program does.
#[utoipa::path(
    get, path = "/status", operation_id = "getStatus", tag = "system",
    responses((status = 200, description = "Lake, gateway, statistics", body = Status))
)]
pub(crate) async fn get_status(State(state): State<AppState>) -> Json<Status> {
    let lake = state.lake().status();
    let followed = state.lake().statistics_followed();
    let gateway = state.intake().map(|intake| {
        let busy = intake.snapshot();
        let listener = state.gateway().map(|gateway| gateway.snapshot());
        GatewayFigures {
            connections: listener.map_or(0, |listener| listener.connections as u64),
            accepted: listener.map_or(0, |listener| listener.accepted),
            refused: listener.map_or(0, |listener| listener.refused),
            frames_last_hour: busy.frames_last_hour,
            values_last_hour: busy.values_last_hour,
        }
    });
    Json(Status {
        gateway,
        statistics: StatisticsFigures {
            followed_seq: followed,
            behind: lake.last_seq.saturating_sub(followed),
        },
        lake: LakeFigures {
            hot_frames: lake.hot_frames,
            hot_observations: lake.hot_observations,
            hot_statistics: lake.hot_statistics,
            sealed_frames: lake.sealed_frames,
            sealed_observations: lake.sealed_observations,
            sealed_statistics: lake.sealed_statistics,
            sealed_files: lake.sealed_files,
            sealed_bytes: lake.sealed_bytes,
            series: lake.series,
            last_seq: lake.last_seq,
            last_frame: lake.last_frame,
        },
        uptime_s: state.uptime_s(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now: state.now().to_string(),
    })
}

/// For load balancers and watchdogs: whether the lake takes batches and the store answers.
pub(crate) async fn healthz(State(state): State<AppState>) -> Response {
    let (lake, store) = probe(&state).await;
    let well = lake && store;
    let health = Health {
        status: if well { "ok" } else { "failing" }.to_owned(),
        lake,
        store,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(health)).into_response()
}

/// Whether the lake takes batches and the store answers; asked at most once a [`PROBE_EVERY`].
async fn probe(state: &AppState) -> (bool, bool) {
    let mut kept = state.inner.health.lock().await;
    if let Some((asked, lake, store)) = *kept
        && asked.elapsed() < PROBE_EVERY
    {
        return (lake, store);
    }
    // Statistics without rows go the whole way of a real batch, the sync included, and leave nothing behind.
    let batch = tokio::time::timeout(PROBE_MAX, state.lake().append_statistics(Vec::new(), 0)).await;
    let filter = EventFilter { limit: 1, ..EventFilter::default() };
    let events = tokio::time::timeout(PROBE_MAX, state.store().events(&filter)).await;
    let (lake, store) = (matches!(batch, Ok(Ok(()))), matches!(events, Ok(Ok(_))));
    *kept = Some((Instant::now(), lake, store));
    (lake, store)
}

/// Prometheus figures.
pub(crate) async fn metrics(State(state): State<AppState>) -> Response {
    match state.metrics() {
        Some(handle) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
                .into_response()
        }
        None => Problem::not_found("this process keeps no metrics").into_response(),
    }
}

/// The OpenAPI document.
pub(crate) async fn openapi_json() -> Response {
    Json(crate::openapi()).into_response()
}
