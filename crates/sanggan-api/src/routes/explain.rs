//! The explanation operations; the work is in [`crate::explain`].

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::{Cadence, Grain, Measure, SeriesKey, StatKind, StationCode};
use sanggan_store::Operation;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Ask, fields, stations};
use crate::auth::Caller;
use crate::dto::Explanation;
use crate::explain::{self, Asker};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, when};

/// As of when, and by which edition.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExplainQuery {
    /// What was known at this moment; left out: now.
    as_of: Option<String>,
    /// For an index: judge by this edition in place of the one of the day.
    edition: Option<String>,
}

fn place(state: &AppState, caller: &Caller, code: &str) -> Answer<StationCode> {
    // Who may not see a station is not told either whether there is one.
    let station = stations::code(code)?;
    caller.require_station(state, &station, Operation::ReadExplanations)?;
    stations::known_code(state, code)
}

/// A computed hour, day, month or year: its inputs, its rule, what was left out.
#[utoipa::path(
    get, path = "/explain/{grain}/{station}/{parameter}/{kind}/{start}", operation_id = "explainStatistic",
    tag = "explain",
    params(
        ("grain" = String, Path, description = "`hour`, `day`, `month`, `year`"),
        ("station" = String, Path, description = "Station code, or `area:CODE`"),
        ("parameter" = String, Path, description = "Parameter code"),
        ("kind" = String, Path, description = "`mean`, `mean_8h`, `mda8`, `p95`, `load`, …"),
        ("start" = String, Path, description = "`2026-11-23T10:00`, `2026-11-23`, `2026-11` or `2026`"),
        ExplainQuery
    ),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = 400, description = "A part of the path is faulty", body = ProblemBody),
        (status = 404, description = "There is no such figure", body = ProblemBody)
    )
)]
pub(crate) async fn explain_statistic(
    State(state): State<AppState>,
    caller: Caller,
    Path((grain, station, code, kind, start)): Path<(String, String, String, String, String)>,
    Ask(query): Ask<ExplainQuery>,
) -> Answer<Json<Explanation>> {
    let grain = Grain::from_name(&grain)
        .ok_or_else(|| Problem::not_found("a figure is of an `hour`, `day`, `month` or `year`"))?;
    let station = place(&state, &caller, &station)?;
    let code = fields::parameter(&code)?;
    let kind = StatKind::from_name(&kind)
        .ok_or_else(|| Problem::bad_field("kind", "`kind` is no kind of statistic"))?;
    let start = when::period(grain, &start)?;
    let asker = Asker { state: &state, caller: &caller, as_of: fields::as_of(query.as_of.as_deref())? };
    Ok(Json(explain::statistic(&asker, grain, &station, &code, kind, start).await?))
}

/// The index of an hour.
#[utoipa::path(
    get, path = "/explain/aqi-hour/{station}/{start}", operation_id = "explainAqiHour", tag = "explain",
    params(
        ("station" = String, Path, description = "Station code, or `area:CODE`"),
        ("start" = String, Path, description = "Beginning of the hour, `2026-11-23T10:00`"),
        ExplainQuery
    ),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = 404, description = "There are no figures of this hour", body = ProblemBody)
    )
)]
pub(crate) async fn explain_aqi_hour(
    State(state): State<AppState>,
    caller: Caller,
    Path((station, start)): Path<(String, String)>,
    Ask(query): Ask<ExplainQuery>,
) -> Answer<Json<Explanation>> {
    let station = place(&state, &caller, &station)?;
    let start = when::period(Grain::Hour, &start)?;
    let asker = Asker { state: &state, caller: &caller, as_of: fields::as_of(query.as_of.as_deref())? };
    let edition = fields::index_edition(&state, query.edition.as_deref())?;
    Ok(Json(explain::aqi_hour(&asker, &station, start, edition).await?))
}

/// The index of a day.
#[utoipa::path(
    get, path = "/explain/aqi-day/{station}/{date}", operation_id = "explainAqiDay", tag = "explain",
    params(
        ("station" = String, Path, description = "Station code, or `area:CODE`"),
        ("date" = String, Path, description = "`2026-11-23`"),
        ExplainQuery
    ),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = 404, description = "There are no figures of this day", body = ProblemBody)
    )
)]
pub(crate) async fn explain_aqi_day(
    State(state): State<AppState>,
    caller: Caller,
    Path((station, date)): Path<(String, String)>,
    Ask(query): Ask<ExplainQuery>,
) -> Answer<Json<Explanation>> {
    let station = place(&state, &caller, &station)?;
    let date = when::date("date", &date)?;
    let asker = Asker { state: &state, caller: &caller, as_of: fields::as_of(query.as_of.as_deref())? };
    let edition = fields::index_edition(&state, query.edition.as_deref())?;
    Ok(Json(explain::aqi_day(&asker, &station, date, edition).await?))
}

/// The figures of a year and the composite index.
#[utoipa::path(
    get, path = "/explain/annual/{station}/{year}", operation_id = "explainAnnual", tag = "explain",
    params(
        ("station" = String, Path, description = "Station code, or `area:CODE`"),
        ("year" = String, Path, description = "`2026`"),
        ExplainQuery
    ),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = 404, description = "There are no figures of this year", body = ProblemBody)
    )
)]
pub(crate) async fn explain_annual(
    State(state): State<AppState>,
    caller: Caller,
    Path((station, year)): Path<(String, String)>,
    Ask(query): Ask<ExplainQuery>,
) -> Answer<Json<Explanation>> {
    let station = place(&state, &caller, &station)?;
    let year = year
        .parse::<i16>()
        .ok()
        .filter(|year| (1900..=2200).contains(year))
        .ok_or_else(|| Problem::bad_field("year", "`year` is not a year"))?;
    let asker = Asker { state: &state, caller: &caller, as_of: fields::as_of(query.as_of.as_deref())? };
    Ok(Json(explain::annual(&asker, &station, year).await?))
}

/// One observation, down to the packet it came in.
#[utoipa::path(
    get, path = "/explain/observation/{station}/{parameter}/{measure}/{cadence}/{at}",
    operation_id = "explainObservation", tag = "explain",
    params(
        ("station" = String, Path, description = "Station code"),
        ("parameter" = String, Path, description = "Parameter code"),
        ("measure" = String, Path, description = "`mean`, `min`, `max`, `total`, …"),
        ("cadence" = String, Path, description = "`real_time`, `minute`, `hour`, `day`"),
        ("at" = String, Path, description = "`2026-11-23T10:00`"),
        ExplainQuery
    ),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = 404, description = "There is no such observation", body = ProblemBody)
    )
)]
pub(crate) async fn explain_observation(
    State(state): State<AppState>,
    caller: Caller,
    Path((station, code, measure, cadence, at)): Path<(String, String, String, String, String)>,
    Ask(query): Ask<ExplainQuery>,
) -> Answer<Json<Explanation>> {
    let key = SeriesKey {
        station: place(&state, &caller, &station)?,
        parameter: fields::parameter(&code)?,
        measure: Measure::from_name(&measure)
            .ok_or_else(|| Problem::bad_field("measure", "`measure` is no measure"))?,
        cadence: Cadence::from_name(&cadence)
            .ok_or_else(|| Problem::bad_field("cadence", "`cadence` is no cadence"))?,
    };
    let at = when::moment("at", &at)?;
    let asker = Asker { state: &state, caller: &caller, as_of: fields::as_of(query.as_of.as_deref())? };
    Ok(Json(explain::observation(&asker, &key, at).await?))
}
