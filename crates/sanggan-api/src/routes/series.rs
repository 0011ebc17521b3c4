//! Values and statistics of a station over time.

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::{Cadence, Grain, Measure, SeriesKey, StatKind};
use sanggan_lake::ReadQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Ask, fields, stations};
use crate::dto::{SeriesData, SeriesPoint, StatisticData, StatisticPoint};
use crate::problem::{Answer, ProblemBody};
use crate::{AppState, assess, paths, when, words};

/// Longest range of values.
const SERIES_DAYS_MAX: i64 = 3_700;
/// Longest range of statistics: everything that was ever computed.
const STATISTICS_DAYS_MAX: i64 = 200 * 366;

/// Which values.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesQuery {
    /// Parameter code.
    parameter: String,
    /// `mean` (default), `min`, `max`, `total`, `converted_mean`, …
    measure: Option<String>,
    /// `real_time`, `minute` (default), `hour`, `day`.
    cadence: Option<String>,
    /// Inclusive; left out: one day before `to`.
    from: Option<String>,
    /// Exclusive; left out: now.
    to: Option<String>,
    /// What was known at this moment; left out: now.
    as_of: Option<String>,
}

/// Which statistics.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatisticQuery {
    /// Parameter code.
    parameter: String,
    /// `mean` (default), `mean_8h`, `mda8`, `p95`, `load`, `flow_weighted_mean`, …
    kind: Option<String>,
    /// `hour` (default), `day`, `month`, `year`.
    grain: Option<String>,
    /// Inclusive; left out: a range that suits the grain.
    from: Option<String>,
    /// Exclusive; left out: now.
    to: Option<String>,
    /// What was known at this moment; left out: now.
    as_of: Option<String>,
}

/// Values of one series.
#[utoipa::path(
    get, path = "/stations/{code}/series", operation_id = "getSeries", tag = "stations",
    params(("code" = String, Path, description = "Station code"), SeriesQuery),
    responses(
        (status = 200, description = "Ascending in time", body = SeriesData),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn get_series(
    State(state): State<AppState>,
    Path(code): Path<String>,
    Ask(query): Ask<SeriesQuery>,
) -> Answer<Json<SeriesData>> {
    let station = stations::known_code(&state, &code)?;
    let key = SeriesKey {
        station,
        parameter: fields::parameter(&query.parameter)?,
        measure: fields::word("measure", query.measure.as_deref(), Measure::from_name)?
            .unwrap_or(Measure::Mean),
        cadence: fields::word("cadence", query.cadence.as_deref(), Cadence::from_name)?
            .unwrap_or(Cadence::Minute),
    };
    let range = when::range(query.from.as_deref(), query.to.as_deref(), state.now(), 1, SERIES_DAYS_MAX)?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let unit = words::unit(&state, &key.station, key.parameter.as_str()).symbol().to_owned();
    let Some(series) = state.lake().find_series(&key) else {
        return Ok(Json(SeriesData { unit, points: Vec::new(), truncated: false }));
    };
    let read = ReadQuery { series: vec![series], from: range.from, to: range.to, as_of };
    let mut found = state.lake().read(read).await?;
    let most = state.settings().series_points_max;
    let truncated = found.len() > most;
    found.truncate(most);
    let points =
        found.into_iter().map(|o| SeriesPoint(o.at.to_string(), o.value, o.flag.name().to_owned())).collect();
    Ok(Json(SeriesData { unit, points, truncated }))
}

/// Computed hours, days, months or years.
#[utoipa::path(
    get, path = "/stations/{code}/statistics", operation_id = "getStatistics", tag = "stations",
    params(("code" = String, Path, description = "Station code, or `area:CODE`"), StatisticQuery),
    responses(
        (status = 200, description = "Ascending in time", body = StatisticData),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn get_statistics(
    State(state): State<AppState>,
    Path(code): Path<String>,
    Ask(query): Ask<StatisticQuery>,
) -> Answer<Json<StatisticData>> {
    let station = stations::known_code(&state, &code)?;
    let parameter = fields::parameter(&query.parameter)?;
    let kind = fields::word("kind", query.kind.as_deref(), StatKind::from_name)?.unwrap_or(StatKind::Mean);
    let grain = fields::word("grain", query.grain.as_deref(), Grain::from_name)?.unwrap_or(Grain::Hour);
    let default_days = match grain {
        Grain::Hour => 2,
        Grain::Day => 62,
        Grain::Month => 800,
        Grain::Year => 4_000,
    };
    let range = when::range(
        query.from.as_deref(),
        query.to.as_deref(),
        state.now(),
        default_days,
        STATISTICS_DAYS_MAX,
    )?;
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let unit = statistic_unit(&state, &station, parameter.as_str(), kind);
    let Some(series) = assess::computed(&state, &station, &parameter) else {
        return Ok(Json(StatisticData { unit, points: Vec::new(), truncated: false }));
    };
    let read = ReadQuery { series: vec![series], from: range.from, to: range.to, as_of };
    let mut rows = state.lake().read_statistics(read, grain, vec![kind]).await?;
    let most = state.settings().series_points_max;
    let truncated = rows.len() > most;
    rows.truncate(most);
    let points = rows
        .into_iter()
        .map(|row| StatisticPoint {
            start: row.start.to_string(),
            value: row.value,
            valid: row.valid,
            used: row.used,
            required: row.required,
            excluded: row.excluded,
            explain: paths::statistic(grain, &station, parameter.as_str(), kind, row.start),
        })
        .collect();
    Ok(Json(StatisticData { unit, points, truncated }))
}

/// The unit of a statistic: a load is in kg and a volume in m³ whatever the parameter's unit.
pub(crate) fn statistic_unit(
    state: &AppState,
    station: &sanggan_base::StationCode,
    parameter: &str,
    kind: StatKind,
) -> String {
    match kind {
        StatKind::Load => sanggan_base::Unit::Kg,
        StatKind::Volume => sanggan_base::Unit::M3,
        _ => words::unit(state, station, parameter),
    }
    .symbol()
    .to_owned()
}
