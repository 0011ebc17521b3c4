//! One file a resource; here they are put together.

pub(crate) mod air;
pub(crate) mod air_periods;
pub(crate) mod assessments;
pub(crate) mod city;
pub(crate) mod devices;
pub(crate) mod explain;
mod fields;
pub(crate) mod frames;
pub(crate) mod journal;
pub(crate) mod live;
pub(crate) mod outlets;
pub(crate) mod provider;
pub(crate) mod quarantine;
pub(crate) mod registers;
pub(crate) mod series;
pub(crate) mod session;
pub(crate) mod standards;
pub(crate) mod stations;
pub(crate) mod system;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod water;

use std::time::Instant;

use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use serde::de::DeserializeOwned;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::{API_BASE, AppState, Document};

/// Every operation of the API.
pub(crate) fn api() -> OpenApiRouter<AppState> {
    let operations = OpenApiRouter::new()
        .routes(routes!(session::log_in, session::get_session, session::log_out))
        .routes(routes!(session::change_password))
        .routes(routes!(provider::get_log_in_ways))
        .routes(routes!(provider::start_provider_log_in))
        .routes(routes!(provider::end_provider_log_in))
        .routes(routes!(city::get_city))
        .routes(routes!(city::get_map_outline))
        .routes(routes!(city::get_overview))
        .routes(routes!(city::get_classes))
        .routes(routes!(live::follow_live))
        .routes(routes!(stations::list_stations))
        .routes(routes!(stations::get_station))
        .routes(routes!(series::get_series))
        .routes(routes!(series::get_statistics))
        .routes(routes!(air::list_air_hours))
        .routes(routes!(air::list_air_days))
        .routes(routes!(air::list_air_years))
        .routes(routes!(air_periods::get_air_what_if))
        .routes(routes!(air_periods::list_air_ranking))
        .routes(routes!(air_periods::get_air_trend))
        .routes(routes!(air_periods::list_air_exceedances))
        .routes(routes!(water::list_river_sections))
        .routes(routes!(standards::list_standards))
        .routes(routes!(standards::compare_standard))
        .routes(routes!(standards::get_standard_edition))
        .routes(routes!(assessments::list_assessments))
        .routes(routes!(assessments::get_assessment, assessments::assess_rows))
        .routes(routes!(outlets::get_outlet_now))
        .routes(routes!(devices::list_devices))
        .routes(routes!(devices::get_device))
        .routes(routes!(devices::list_defects))
        .routes(routes!(quarantine::list_quarantine))
        .routes(routes!(quarantine::admit_device))
        .routes(routes!(quarantine::refuse_device))
        .routes(routes!(frames::list_frames))
        .routes(routes!(frames::get_frame))
        .routes(routes!(system::ask_sql))
        .routes(routes!(system::get_status))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::change_user))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(journal::list_journal))
        .routes(routes!(journal::get_journal_entry))
        .routes(routes!(journal::get_journal_proof))
        .routes(routes!(journal::get_journal_consistency))
        .routes(routes!(journal::get_journal_checkpoint))
        .routes(routes!(journal::get_journal_key))
        .routes(routes!(journal::get_journal_tile))
        .routes(routes!(explain::explain_aqi_hour))
        .routes(routes!(explain::explain_aqi_day))
        .routes(routes!(explain::explain_annual))
        .routes(routes!(explain::explain_observation))
        .routes(routes!(explain::explain_statistic));
    let operations = operations.merge(registers::operations()).merge(registers::uploads());
    OpenApiRouter::with_openapi(Document::openapi())
        .nest(API_BASE, operations)
        .merge(crate::ogc::operations())
}

/// Paths for machines, outside the API.
pub(crate) fn plain(state: &AppState) -> axum::Router<AppState> {
    let router = axum::Router::new()
        .route("/healthz", get(system::healthz))
        .route("/api/openapi.json", get(system::openapi_json));
    if state.metrics().is_some() { router.route("/metrics", get(system::metrics)) } else { router }
}

/// Counts and times every request, by operation.
pub(crate) async fn observe(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let path = matched.map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().as_str().to_owned();
    let started = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    let took = started.elapsed();
    metrics::counter!("sanggan_http_requests_total", "method" => method.clone(), "path" => path.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("sanggan_http_seconds", "path" => path.clone()).record(took.as_secs_f64());
    tracing::debug!(
        method,
        path,
        status = response.status().as_u16(),
        took_us = took.as_micros() as u64,
        "answered"
    );
    response
}

/// The query of a request; a faulty one becomes a problem.
pub(crate) struct Ask<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(query) => Ok(Ask(query.0)),
            Err(rejection) => Err(Problem::bad_field("query", rejection.body_text())),
        }
    }
}

/// The JSON body of a request; a faulty one becomes a problem.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(body) => Ok(Body(body.0)),
            Err(rejection) => Err(Problem::bad_field("body", rejection.body_text())),
        }
    }
}

/// A JSON body read by hand, outside the extractors; a faulty one becomes the same problem.
pub(crate) fn read_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    match axum::Json::<T>::from_bytes(bytes) {
        Ok(body) => Ok(body.0),
        Err(rejection) => Err(Problem::bad_field("body", rejection.body_text())),
    }
}
