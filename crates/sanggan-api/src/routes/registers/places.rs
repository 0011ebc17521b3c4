//! Where and when rules hold: zones at a point on a day, seasons of a day.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use sanggan_base::AreaCode;
use sanggan_geo::geojson;
use sanggan_pack::FieldKind;
use sanggan_records::calendar::{Calendar, SEASONS, Season, Window};
use sanggan_records::graph::NodeKey;
use sanggan_records::zones::{Zone, Zones};
use sanggan_records::{Record, Value};
use serde::Deserialize;
use utoipa::IntoParams;

use super::graph::visible;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{CalendarDay, Names, SeasonRow, ZoneRow, ZonesAt};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::cached::each;
use crate::registers::today;
use crate::routes::Ask;
use crate::transfer::cells::DIGITS;
use crate::when;

/// Where and when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlaceQuery {
    /// Degrees east, WGS-84.
    lon: f64,
    /// Degrees north.
    lat: f64,
    /// The day; today without it.
    day: Option<String>,
}

/// The zones in which a point lies on a day, drawn and derived, of the registers the caller sees.
#[utoipa::path(
    get, path = "/zones/at", operation_id = "listZonesAt", tag = "registers", params(PlaceQuery),
    responses(
        (status = 200, description = "The zones", body = ZonesAt),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_zones_at(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<PlaceQuery>,
) -> Answer<Json<ZonesAt>> {
    if !(-180.0..=180.0).contains(&query.lon) || !(-90.0..=90.0).contains(&query.lat) {
        return Err(Problem::bad_field("lon", "lon and lat are no place on the Earth"));
    }
    let day = match &query.day {
        Some(text) => when::date("day", text)?,
        None => today(state.now()),
    };
    let zones = state.zones().get(&state, zones).await?;
    let holding = zones.at(query.lon, query.lat, day);
    let keys: Vec<NodeKey> =
        holding.iter().map(|one| NodeKey { register: one.register.clone(), id: one.id }).collect();
    let links = visible(&state, &caller.for_records(), &keys).await?;
    let rows = holding.iter().zip(&keys).filter_map(|(one, key)| {
        let model = state.models().get(&one.register)?;
        let def = model.def();
        let kind_field = def.zone.as_ref().and_then(|zone| zone.kind.as_deref()).and_then(|id| def.field(id));
        let kind_name = kind_field.and_then(|field| match &field.kind {
            FieldKind::Enum { values, .. } => {
                values.iter().find(|value| value.id == one.kind).map(|value| Names::from(&value.name))
            }
            _ => None,
        });
        let derived = def.zone.as_ref().and_then(|zone| zone.buffer.as_ref());
        let kind_name = kind_name.or_else(|| derived.map(|rule| Names::from(&rule.name)));
        Some(ZoneRow {
            record: links.get(key)?.clone(),
            register_name: Names::from(&def.name),
            kind: one.kind.clone(),
            kind_name: kind_name.unwrap_or_else(|| Names::from(&def.name)),
            from: one.from.clone(),
            until: one.until.clone(),
            schematic: one.schematic,
            derived: derived.is_some(),
        })
    });
    Ok(Json(ZonesAt { lon: query.lon, lat: query.lat, day: day.to_string(), zones: rows.collect() }))
}

/// Every zone there is.
async fn zones(state: &AppState) -> Answer<Zones> {
    let mut found = Vec::new();
    for model in state.models().all().filter(|model| model.def().zone.is_some()) {
        let mut records: Vec<Record> = Vec::new();
        each(state, model, |record| records.push(record)).await?;
        let mut lines: HashMap<NodeKey, sanggan_geo::Shape> = HashMap::new();
        for record in &records {
            let Some(wanted) = Zone::line_of(model, record) else { continue };
            if lines.contains_key(&wanted.line) {
                continue;
            }
            let Some(line_model) = state.models().get(&wanted.line.register) else { continue };
            let scope = sanggan_records::rights::Scope::Areas(Vec::new());
            let ids = [wanted.line.id];
            let read = state.store().read_records(&wanted.line.register, &scope, &ids).await?;
            let geometry = line_model.def().geometry.as_deref().and_then(|id| line_model.position(id));
            if let (Some(record), Some(nth)) = (read.first(), geometry)
                && let Value::Shape(shape) = &record.values[nth]
            {
                lines.insert(wanted.line, (**shape).clone());
            }
        }
        for record in &records {
            let line = Zone::line_of(model, record).and_then(|wanted| lines.get(&wanted.line));
            found.extend(Zone::of(model, record, line));
        }
    }
    Ok(Zones::new(found))
}

/// The zones derived as strips along lines, as GeoJSON for the map.
#[utoipa::path(
    get, path = "/zones/derived", operation_id = "listDerivedZones", tag = "registers",
    responses((status = 200, description = "A GeoJSON feature collection", body = Object))
)]
pub(crate) async fn list_derived_zones(
    State(state): State<AppState>,
    caller: Caller,
) -> Answer<Json<serde_json::Value>> {
    let zones = state.zones().get(&state, zones).await?;
    let derived: Vec<&Zone> = zones
        .all()
        .iter()
        .filter(|zone| {
            let model = state.models().get(&zone.key.register);
            model.and_then(|model| model.def().zone.as_ref()).is_some_and(|zone| zone.buffer.is_some())
        })
        .collect();
    let keys: Vec<NodeKey> = derived.iter().map(|zone| zone.key.clone()).collect();
    let links = visible(&state, &caller.for_records(), &keys).await?;
    let features: Vec<serde_json::Value> = derived
        .iter()
        .filter_map(|zone| {
            let link = links.get(&zone.key)?;
            Some(serde_json::json!({
                "type": "Feature",
                "geometry": geojson::to_value(&zone.shape, DIGITS),
                "properties": {
                    "register": link.register, "rid": link.rid, "title": link.title,
                    "kind": zone.kind, "schematic": zone.schematic
                }
            }))
        })
        .collect();
    Ok(Json(serde_json::json!({ "type": "FeatureCollection", "features": features })))
}

/// Which day, where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalendarQuery {
    /// The day; today without it.
    day: Option<String>,
    /// An area with windows of its own; the whole city without it.
    area: Option<String>,
}

/// Which seasons hold on a day. A season of which no window of the year is recorded cannot be told.
#[utoipa::path(
    get, path = "/calendar", operation_id = "getCalendarDay", tag = "registers", params(CalendarQuery),
    responses(
        (status = 200, description = "Every kind of season", body = CalendarDay),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn get_calendar_day(
    State(state): State<AppState>,
    Ask(query): Ask<CalendarQuery>,
) -> Answer<Json<CalendarDay>> {
    let day = match &query.day {
        Some(text) => when::date("day", text)?,
        None => today(state.now()),
    };
    let area = query
        .area
        .as_deref()
        .map(|text| AreaCode::parse(text).map_err(|error| Problem::bad_field("area", error.to_string())))
        .transpose()?;
    let Some(model) = state.models().get(SEASONS).cloned() else {
        return Ok(Json(CalendarDay { day: day.to_string(), seasons: Vec::new() }));
    };
    let calendar = state
        .calendar()
        .get(&state, async |state| {
            let mut windows: Vec<Window> = Vec::new();
            each(state, &model, |record| windows.extend(Window::of(&model, &record))).await?;
            Ok(Calendar::new(windows))
        })
        .await?;
    // Every kind the register knows, recorded or not: what cannot be told must be seen.
    let kinds = model.def().field("kind").map(|field| &field.kind);
    let Some(FieldKind::Enum { values, .. }) = kinds else {
        return Ok(Json(CalendarDay { day: day.to_string(), seasons: Vec::new() }));
    };
    let recorded = calendar.kinds();
    let seasons = values
        .iter()
        .filter(|value| recorded.contains(&value.id.as_str()))
        .map(|value| {
            let season = calendar.in_season(&value.id, day, area.as_ref().map(AreaCode::as_str));
            let (held, window, missing) = match &season {
                Season::Held(window) => (Some(true), Some(window), None),
                Season::Not => (Some(false), None, None),
                Season::CannotTell { year } => (None, None, Some(*year)),
            };
            SeasonRow {
                kind: value.id.clone(),
                name: Names::new(&value.name.zh, &value.name.en),
                held,
                from: window.map(|window| window.from.to_string()),
                until: window.map(|window| window.until.to_string()),
                rid: window.map(|window| window.id.0),
                missing_year: missing,
            }
        })
        .collect();
    Ok(Json(CalendarDay { day: day.to_string(), seasons }))
}
