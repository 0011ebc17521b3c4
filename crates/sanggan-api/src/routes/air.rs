//! Judged hours, days and years of an air station, area or city.

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::StationCode;
use sanggan_store::Operation;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Ask, fields, stations};
use crate::auth::Caller;
use crate::dto::{AirDay, AirHour, AnnualSummary};
use crate::problem::{Answer, ProblemBody};
use crate::{AppState, assess, when};

/// Most days of judged hours in one answer.
const HOURS_DAYS_MAX: i64 = 400;
/// Most days of judged days in one answer.
const DAYS_DAYS_MAX: i64 = 20 * 366;

/// Which hours or days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AirQuery {
    /// Inclusive.
    from: Option<String>,
    /// Exclusive; left out: now.
    to: Option<String>,
    /// Judge by this edition (`2012`, `2026`) in place of the one of the day.
    edition: Option<String>,
    /// As the statistics were at this time.
    as_of: Option<String>,
}

/// The station, area or city a request is about, if the caller may see its air.
pub(super) fn air_place(state: &AppState, caller: &Caller, text: &str) -> Answer<StationCode> {
    let code = stations::known_code(state, text)?;
    caller.require_station(state, &code, Operation::ReadStations)?;
    Ok(code)
}

/// Judged hours.
#[utoipa::path(
    get, path = "/stations/{code}/air/hours", operation_id = "listAirHours", tag = "stations",
    params(("code" = String, Path, description = "Station code, or `area:CODE`"), AirQuery),
    responses(
        (status = 200, description = "Ascending in time", body = Vec<AirHour>),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn list_air_hours(
    State(state): State<AppState>,
    caller: Caller,
    Path(code): Path<String>,
    Ask(query): Ask<AirQuery>,
) -> Answer<Json<Vec<AirHour>>> {
    let station = air_place(&state, &caller, &code)?;
    let edition = fields::index_edition(&state, query.edition.as_deref())?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let range = when::range(query.from.as_deref(), query.to.as_deref(), state.now(), 1, HOURS_DAYS_MAX)?;
    Ok(Json(assess::hours(&state, &station, range.from, range.to, edition, as_of).await?))
}

/// Judged days.
#[utoipa::path(
    get, path = "/stations/{code}/air/days", operation_id = "listAirDays", tag = "stations",
    params(("code" = String, Path, description = "Station code, or `area:CODE`"), AirQuery),
    responses(
        (status = 200, description = "Ascending in time", body = Vec<AirDay>),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn list_air_days(
    State(state): State<AppState>,
    caller: Caller,
    Path(code): Path<String>,
    Ask(query): Ask<AirQuery>,
) -> Answer<Json<Vec<AirDay>>> {
    let station = air_place(&state, &caller, &code)?;
    let edition = fields::index_edition(&state, query.edition.as_deref())?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let range = when::range(query.from.as_deref(), query.to.as_deref(), state.now(), 366, DAYS_DAYS_MAX)?;
    Ok(Json(assess::days(&state, &station, range.from, range.to, edition, as_of).await?))
}

/// Judged years, newest first.
#[utoipa::path(
    get, path = "/stations/{code}/air/years", operation_id = "listAirYears", tag = "stations",
    params(("code" = String, Path, description = "Station code, or `area:CODE`")),
    responses(
        (status = 200, description = "Newest first", body = Vec<AnnualSummary>),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn list_air_years(
    State(state): State<AppState>,
    caller: Caller,
    Path(code): Path<String>,
) -> Answer<Json<Vec<AnnualSummary>>> {
    let station = air_place(&state, &caller, &code)?;
    let mut summaries = Vec::new();
    for year in assess::years(&state, &station).await? {
        let judged = assess::year(&state, &station, year, None).await?;
        summaries.push(assess::annual_summary(&state, &station, &judged));
    }
    Ok(Json(summaries))
}
