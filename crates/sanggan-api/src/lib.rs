//! The HTTP edge: REST with its OpenAPI document, live events, explanations, the web app's files.
//!
//! Knows HTTP and who is asking; works out nothing itself that another crate could, and decides no law.
//!
//! Read first: [`Parts`], [`router`], [`auth::OPERATIONS`].
//!
//! * API-1: every operation passes the gate of [`auth`] and stands in its table; a test keeps it whole.
//! * API-2: an error leaves as RFC 9457 problem+json, made in one place; its causes go to the log only.
//! * API-3: every computed figure carries the path of its explanation, and that path answers.
//! * API-4: every answer is bounded; one that was cut says so.

pub mod accounts;
mod assess;
mod assets;
pub mod auth;
pub mod dto;
mod evaluate;
mod explain;
mod headers;
mod library;
mod live;
mod metrics;
mod ogc;
mod oidc;
mod overview;
mod paths;
mod period;
mod problem;
mod problems;
mod registers;
mod routes;
mod sections;
mod state;
pub mod transfer;
mod when;
mod words;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa::openapi::path::PathItem;

pub use dto::Names;
pub use metrics::{Metrics, MetricsError};
pub use oidc::{OidcRule, OidcSettings};
pub use problem::{Problem, ProblemBody};
pub use registers::catalog::attach_registers;
pub use state::{ApiSettings, AppState, JournalSigner, Parts};

/// Where the operations live.
pub const API_BASE: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(title = "Sanggan", description = "Environmental monitoring: from the wire to the wall. \
        Times are ISO 8601 with +08:00, dates YYYY-MM-DD, errors RFC 9457 problem documents."),
    components(schemas(
        problem::ProblemBody,
        dto::LiveObservations,
        dto::LiveAir,
        dto::LiveDevice,
        dto::LiveTick
    )),
    tags(
        (name = "session", description = "Log-in"),
        (name = "public", description = "For everyone"),
        (name = "stations", description = "Stations and their values"),
        (name = "devices", description = "Data loggers and their packets"),
        (name = "registers", description = "Registers and their records"),
        (name = "ogc", description = "Registers with shapes as OGC API – Features, for desktop GIS"),
        (name = "law", description = "The library of standards, and its evaluators for anyone's rows"),
        (name = "explain", description = "How a number came to be"),
        (name = "journal", description = "Who did what, and the proofs that nobody changed it since"),
        (name = "system", description = "The program itself")
    )
)]
struct Document;

/// The OpenAPI document of every operation under `/api/v1`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = routes::api().into_openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    // `info` of the crate that made the document is not ours to publish.
    document.info.license = None;
    document.info.contact = None;
    problems::complete(&mut document);
    document
}

/// The document as the committed file has it: pretty JSON with a line end.
pub fn openapi_json() -> String {
    let mut text = openapi().to_pretty_json().expect("a document of our own types is JSON");
    text.push('\n');
    text
}

/// Every operation of a document: method, path, `operationId`.
pub fn openapi_operations(document: &utoipa::openapi::OpenApi) -> Vec<(Method, String, String)> {
    let of = |path: &str, item: &PathItem| {
        let slots = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ];
        let mut found = Vec::new();
        for (method, operation) in slots {
            if let Some(operation) = operation {
                found.push((method, path.to_owned(), operation.operation_id.clone().unwrap_or_default()));
            }
        }
        found
    };
    document.paths.paths.iter().flat_map(|(path, item)| of(path, item)).collect()
}

/// The whole HTTP side.
pub fn router(state: AppState) -> Router {
    let (api, _) = routes::api().split_for_parts();
    let api = api.route_layer(middleware::from_fn_with_state(state.clone(), auth::gate));
    Router::new()
        .merge(api)
        .merge(routes::plain(&state))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(state.settings().body_bytes_max))
        .layer(CompressionLayer::new().gzip(true))
        .layer(middleware::from_fn(headers::secure))
        .layer(middleware::from_fn(routes::observe))
        .with_state(state)
}

/// Serves until `shutdown` is done; then takes no more, ends open streams and finishes what is under way.
///
/// # Errors
/// What the listener reports.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let closing = state.clone();
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            shutdown.await;
            closing.close();
        })
        .await
}
