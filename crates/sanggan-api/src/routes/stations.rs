//! Stations: the list, and one with its devices, series and limits.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::{Cadence, Measure, StationCode};
use sanggan_pack::{Station, StationKind};
use sanggan_standards::Basis;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Ask, devices};
use crate::assess::ZONE;
use crate::dto::{self, LatestValue, LimitLine, Names, SeriesInfo, StationBrief, StationDetail, StationRow};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, assess, paths, words};

/// Which stations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StationQuery {
    /// `air`, `water_outlet`, `gas_outlet`, `surface_water`, `unknown`.
    kind: Option<String>,
}

/// A station in one line.
pub(crate) fn brief(state: &AppState, station: &Station) -> StationBrief {
    let lake = state.lake();
    let last =
        lake.series_of(&station.code).into_iter().filter_map(|(id, _)| lake.latest(id)).map(|o| o.at).max();
    StationBrief {
        code: station.code.to_string(),
        name: Names::from(&station.name),
        kind: station.kind.into(),
        area: Some(station.area.to_string()),
        lon: station.lon,
        lat: station.lat,
        simulated: station.simulated,
        last_at: last.map(|at| at.to_string()),
    }
}

/// Reads a station code of a path.
pub(crate) fn code(text: &str) -> Answer<StationCode> {
    StationCode::parse(text).map_err(|error| Problem::bad_field("station", error.to_string()))
}

/// The latest value of each parameter: the newest, and of several as new the finest.
fn latest(state: &AppState, station: &StationCode) -> BTreeMap<String, LatestValue> {
    let lake = state.lake();
    let mut newest: BTreeMap<String, (sanggan_base::Observation, sanggan_base::SeriesKey)> = BTreeMap::new();
    for (id, key) in lake.series_of(station) {
        if key.measure != Measure::Mean {
            continue;
        }
        let Some(observation) = lake.latest(id) else { continue };
        let better = newest.get(key.parameter.as_str()).is_none_or(|(kept, kept_key)| {
            (kept.at, std::cmp::Reverse(kept_key.cadence)) < (observation.at, std::cmp::Reverse(key.cadence))
        });
        if better {
            newest.insert(key.parameter.to_string(), (observation, key));
        }
    }
    let value = |(observation, key): (sanggan_base::Observation, sanggan_base::SeriesKey)| LatestValue {
        value: observation.value,
        unit: words::unit(state, station, key.parameter.as_str()).symbol().to_owned(),
        at: observation.at.to_string(),
        flag: observation.flag.name().to_owned(),
        cadence: key.cadence.name().to_owned(),
        explain: paths::observation(&key, observation.at),
    };
    newest.into_iter().map(|(code, found)| (code, value(found))).collect()
}

/// Every station with its latest values.
#[utoipa::path(
    get, path = "/stations", operation_id = "listStations", tag = "stations", params(StationQuery),
    responses(
        (status = 200, description = "By code", body = Vec<StationRow>),
        (status = 400, description = "No such kind", body = ProblemBody)
    )
)]
pub(crate) async fn list_stations(
    State(state): State<AppState>,
    Ask(query): Ask<StationQuery>,
) -> Answer<Json<Vec<StationRow>>> {
    let kind = match query.kind.as_deref() {
        None | Some("") => None,
        Some(name) => Some(
            StationKind::from_name(name)
                .ok_or_else(|| Problem::bad_field("kind", format!("`{name}` is no station kind")))?,
        ),
    };
    let registry = state.registry();
    let rows = registry
        .stations()
        .filter(|station| kind.is_none_or(|kind| station.kind == kind))
        .map(|station| StationRow { station: brief(&state, station), latest: latest(&state, &station.code) })
        .collect();
    Ok(Json(rows))
}

/// One station.
#[utoipa::path(
    get, path = "/stations/{code}", operation_id = "getStation", tag = "stations",
    params(("code" = String, Path, description = "Station code")),
    responses(
        (status = 200, description = "The station", body = StationDetail),
        (status = 404, description = "No such station", body = ProblemBody)
    )
)]
pub(crate) async fn get_station(
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<Json<StationDetail>> {
    let code = code(&text)?;
    let registry = state.registry();
    let station =
        registry.station(&code).ok_or_else(|| Problem::not_found(format!("there is no station `{code}`")))?;
    let lake = state.lake();
    let mut series: Vec<SeriesInfo> = lake
        .series_of(&code)
        .into_iter()
        .filter(|(_, key)| key.cadence != Cadence::Computed)
        .map(|(id, key)| {
            let last = lake.latest(id);
            SeriesInfo {
                name: words::parameter(&state, key.parameter.as_str()),
                measure: key.measure.name().to_owned(),
                cadence: key.cadence.name().to_owned(),
                unit: words::unit(&state, &code, key.parameter.as_str()).symbol().to_owned(),
                last_at: last.map(|o| o.at.to_string()),
                last_value: last.map(|o| o.value),
                last_flag: last.map(|o| o.flag.name().to_owned()),
                parameter: key.parameter.to_string(),
            }
        })
        .collect();
    series
        .sort_by(|a, b| (&a.parameter, &a.measure, &a.cadence).cmp(&(&b.parameter, &b.measure, &b.cadence)));
    let statuses = devices::statuses(&state);
    let devices = registry
        .devices_of(&code)
        .iter()
        .map(|device| devices::brief(&state, device, statuses.get(&device.mn)))
        .collect();
    Ok(Json(StationDetail {
        station: brief(&state, station),
        devices,
        series,
        limits: limits(&state, station),
    }))
}

/// The limits that hold for a station today: its own, and for air those of the standard.
pub(crate) fn limits(state: &AppState, station: &Station) -> Vec<LimitLine> {
    let day = state.now().local_date();
    let registry = state.registry();
    let mut lines: Vec<LimitLine> = registry
        .limits(&station.code)
        .iter()
        .filter(|line| line.in_force(day))
        .map(|line| limit_line(line))
        .collect();
    if station.kind == StationKind::Air {
        lines.extend(air_limits(state, day));
    }
    lines
}

/// A declared or permitted limit as the API gives it.
pub(crate) fn limit_line(line: &sanggan_pack::LimitLine) -> LimitLine {
    LimitLine {
        parameter: line.parameter.to_string(),
        value: line.value,
        bound: line.bound.name().to_owned(),
        unit: line.unit.symbol().to_owned(),
        averaging: line.averaging.name().to_owned(),
        label: Names::from(&line.label),
        clause: Names::from(&line.clause),
        standard: Names::from(&line.standard),
        edition: line.edition.clone(),
        from: Some(line.from.to_string()),
        status: line.status.name().to_owned(),
    }
}

/// The ambient limits in force on a day.
pub(crate) fn air_limits(state: &AppState, day: jiff::civil::Date) -> Vec<LimitLine> {
    let basis = Basis::OfDay(day);
    state
        .law()
        .air_limits(ZONE, basis)
        .unwrap_or_default()
        .iter()
        .map(|limit| air_limit(state, basis, limit))
        .collect()
}

/// One ambient limit as the API gives it.
pub(crate) fn air_limit(state: &AppState, basis: Basis<'_>, limit: &sanggan_standards::Limit) -> LimitLine {
    let edition = state.law().edition("GB 3095", basis).ok();
    let symbol = words::symbol(state, limit.parameter.as_str());
    LimitLine {
        parameter: limit.parameter.to_string(),
        value: limit.value_f64(),
        bound: "upper".to_owned(),
        unit: limit.unit.symbol().to_owned(),
        averaging: limit.averaging.name().to_owned(),
        label: Names::new(
            format!("{symbol} {}二级限值", limit.averaging.name_zh()),
            format!("{symbol} {} limit, class 2", limit.averaging.name()),
        ),
        clause: Names::from(&limit.sourced.clause),
        standard: Names::same(edition.map_or("GB 3095", |edition| edition.standard.as_str())),
        edition: limit.edition.to_string(),
        from: edition.map(|edition| edition.from.to_string()),
        status: words::status(limit.sourced.status).to_owned(),
    }
}

/// Whether a code names a station or an area the platform knows.
pub(crate) fn known(state: &AppState, code: &StationCode) -> bool {
    match code.as_str().strip_prefix(assess::AREA_PREFIX) {
        Some(area) => {
            let city = &state.pack().city;
            city.code.as_str() == area || city.area(area).is_some()
        }
        None => state.registry().station(code).is_some(),
    }
}

/// A station or area of a path that the platform knows.
pub(crate) fn known_code(state: &AppState, text: &str) -> Answer<StationCode> {
    let code = code(text)?;
    if known(state, &code) {
        Ok(code)
    } else {
        Err(Problem::not_found(format!("there is no station or area `{code}`")))
    }
}

/// The kind of a station; of an area that of its air.
pub(crate) fn kind_of(state: &AppState, code: &StationCode) -> dto::StationKind {
    match state.registry().station(code) {
        Some(station) => station.kind.into(),
        None if code.as_str().starts_with(assess::AREA_PREFIX) => dto::StationKind::Air,
        None => dto::StationKind::Unknown,
    }
}
