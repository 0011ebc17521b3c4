//! Air over months and years, for the assessment pages. Public, as the air of a day is.

use axum::Json;
use axum::extract::State;
use sanggan_base::{Millis, StatKind, StationCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::air::air_place;
use super::{Ask, fields};
use crate::auth::Caller;
use crate::dto::{AirExceedance, RankingRow, Trend, WhatIf};
use crate::evaluate::not_too_many;
use crate::period::{self, AirEdition, Span, TrendGrain};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, assess, when};

/// Longest period of one place.
const PLACE_DAYS_MAX: i64 = 10 * 366;
/// Longest period of every place.
const ALL_DAYS_MAX: i64 = 3 * 366;
/// Longest trend.
const TREND_DAYS_MAX: i64 = 100 * 366;

/// Which period of which place, by which editions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhatIfQuery {
    /// Station code, or `area:CODE`; left out: the city.
    code: Option<String>,
    /// First day; left out: a year before `to`.
    from: Option<String>,
    /// The first day after it; left out: tomorrow.
    to: Option<String>,
    /// Names parted by commas (`2012,2026-final`); left out: every edition of the index.
    editions: Option<String>,
    /// As the statistics were at this time.
    as_of: Option<String>,
}

/// A period of every place, or of one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// Only this station or `area:CODE`; left out: the city, its counties and every air station.
    code: Option<String>,
    /// First day; left out: a year before `to`.
    from: Option<String>,
    /// The first day after it; left out: tomorrow.
    to: Option<String>,
    /// Judge by this edition (`2012`, `2026`, `2026-final`) in place of the one of the day.
    edition: Option<String>,
    /// As the statistics were at this time.
    as_of: Option<String>,
}

/// Which period is ranked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RankingQuery {
    /// First day; left out: a year before `to`.
    from: Option<String>,
    /// The first day after it; left out: tomorrow. Only days that are over count.
    to: Option<String>,
    /// Rank by this edition in place of the one of the last day.
    edition: Option<String>,
    /// As the statistics were at this time.
    as_of: Option<String>,
}

/// Which figure is followed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrendQuery {
    /// Station code, or `area:CODE`; left out: the city.
    code: Option<String>,
    /// Parameter code.
    parameter: String,
    /// `mean`, `p90`, `p95`, …; left out: the figure the composite index takes.
    kind: Option<String>,
    /// What one point stands for: `month`, `year` (default).
    grain: Option<String>,
    /// First day; left out: everything there is.
    from: Option<String>,
    /// The first day after it; left out: now.
    to: Option<String>,
    /// As the statistics were at this time.
    as_of: Option<String>,
}

fn place(state: &AppState, caller: &Caller, code: Option<&str>) -> Answer<StationCode> {
    match fields::given(code) {
        Some(code) => air_place(state, caller, code),
        None => city(state),
    }
}

fn city(state: &AppState) -> Answer<StationCode> {
    assess::area_station(state.pack().city.code.as_str())
        .ok_or_else(|| Problem::not_found("the city's code is no station code"))
}

fn span(state: &AppState, from: Option<&str>, to: Option<&str>, days_max: i64) -> Answer<Span> {
    let (from, to) = (fields::given(from), fields::given(to));
    Ok(Span::of(when::range(from, to, state.now(), 365, days_max)?))
}

fn edition(state: &AppState, name: Option<&str>) -> Answer<Option<AirEdition>> {
    let today = state.now().local_date();
    fields::given(name).map(|name| AirEdition::called(state.law(), "edition", name, today)).transpose()
}

/// A period under several editions side by side.
#[utoipa::path(
    get, path = "/air/whatif", operation_id = "getAirWhatIf", tag = "public", params(WhatIfQuery),
    responses(
        (status = 200, description = "Figures and days by edition", body = WhatIf),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn get_air_what_if(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<WhatIfQuery>,
) -> Answer<Json<WhatIf>> {
    let place = place(&state, &caller, query.code.as_deref())?;
    let span = span(&state, query.from.as_deref(), query.to.as_deref(), PLACE_DAYS_MAX)?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let names = query.editions.as_deref().unwrap_or_default().split(',').map(str::trim);
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    not_too_many(&names)?;
    let today = state.now().local_date();
    let editions = if names.is_empty() {
        AirEdition::all(state.law())
    } else {
        let called = |name: &&str| AirEdition::called(state.law(), "editions", name, today);
        names.iter().map(called).collect::<Answer<Vec<_>>>()?
    };
    Ok(Json(period::what_if(&state, &place, span, &editions, as_of).await?))
}

/// Counties and stations by the composite index.
#[utoipa::path(
    get, path = "/air/ranking", operation_id = "listAirRanking", tag = "public", params(RankingQuery),
    responses(
        (status = 200, description = "Areas, then stations, each best first", body = Vec<RankingRow>),
        (status = 400, description = "A field is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_air_ranking(
    State(state): State<AppState>,
    Ask(query): Ask<RankingQuery>,
) -> Answer<Json<Vec<RankingRow>>> {
    let span = span(&state, query.from.as_deref(), query.to.as_deref(), ALL_DAYS_MAX)?;
    let edition = edition(&state, query.edition.as_deref())?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    Ok(Json(period::ranked(&state, span, edition, as_of).await?))
}

/// Whether a figure rises or falls over the months or years.
#[utoipa::path(
    get, path = "/air/trend", operation_id = "getAirTrend", tag = "public", params(TrendQuery),
    responses(
        (status = 200, description = "The points and the tests", body = Trend),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn get_air_trend(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<TrendQuery>,
) -> Answer<Json<Trend>> {
    let place = place(&state, &caller, query.code.as_deref())?;
    let parameter = fields::parameter(&query.parameter)?;
    let kind = fields::word("kind", query.kind.as_deref(), StatKind::from_name)?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let (from, to) = (fields::given(query.from.as_deref()), fields::given(query.to.as_deref()));
    let span: (Millis, Millis) = match from {
        None if to.is_none() => (Millis(0), state.now().plus(1)),
        _ => {
            let range = when::range(from, to, state.now(), TREND_DAYS_MAX, TREND_DAYS_MAX)?;
            (range.from, range.to)
        }
    };
    let grain =
        fields::word("grain", query.grain.as_deref(), TrendGrain::from_name)?.unwrap_or(TrendGrain::Year);
    Ok(Json(period::trend(&state, &place, &parameter, kind, grain, span, as_of).await?))
}

/// Days above the standard, the worst first.
#[utoipa::path(
    get, path = "/air/exceedances", operation_id = "listAirExceedances", tag = "public", params(PeriodQuery),
    responses(
        (status = 200, description = "The worst first", body = Vec<AirExceedance>),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn list_air_exceedances(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<PeriodQuery>,
) -> Answer<Json<Vec<AirExceedance>>> {
    let (places, days_max) = match fields::given(query.code.as_deref()) {
        Some(code) => (vec![air_place(&state, &caller, code)?], PLACE_DAYS_MAX),
        None => (std::iter::once(city(&state)?).chain(period::places(&state)).collect(), ALL_DAYS_MAX),
    };
    let span = span(&state, query.from.as_deref(), query.to.as_deref(), days_max)?;
    let edition = edition(&state, query.edition.as_deref())?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    Ok(Json(period::exceedances(&state, &places, span, edition, as_of).await?))
}
