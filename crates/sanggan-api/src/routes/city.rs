//! What everyone may see first.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sanggan_pack::StationKind;
use sanggan_standards::Basis;
use sanggan_store::Operation;

use crate::AppState;
use crate::auth::Caller;
use crate::dto::{AirClass, AirClasses, Area, City, FeatureCollection, Names, Overview, ParameterInfo};
use crate::overview::{self, Audience};
use crate::problem::{Answer, Problem, ProblemBody};

/// The city, its areas and every parameter.
#[utoipa::path(
    get, path = "/city", operation_id = "getCity", tag = "public",
    responses((status = 200, description = "The city", body = City))
)]
pub(crate) async fn get_city(State(state): State<AppState>) -> Json<City> {
    let pack = state.pack();
    let city = &pack.city;
    let parameters: BTreeMap<String, ParameterInfo> = pack
        .parameters
        .rows()
        .iter()
        .map(|row| {
            let info = ParameterInfo {
                name: Names::from(&row.name),
                symbol: row.symbol.clone(),
                unit: row.unit(StationKind::Unknown).map(|unit| unit.symbol().to_owned()).unwrap_or_default(),
                digits: row.digits(StationKind::Unknown),
            };
            (row.code.to_string(), info)
        })
        .collect();
    Json(City {
        code: city.code.to_string(),
        name: Names::from(&city.name),
        simulated: state.registry().stations().any(|station| station.simulated),
        areas: city
            .areas
            .iter()
            .map(|area| Area { code: area.code.to_string(), name: Names::from(&area.name) })
            .collect(),
        centre: city.centre,
        now: state.now().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        parameters,
    })
}

/// The outlines of the counties.
#[utoipa::path(
    get, path = "/map/outline", operation_id = "getMapOutline", tag = "public",
    responses((status = 200, description = "GeoJSON", content_type = "application/geo+json", body = FeatureCollection))
)]
pub(crate) async fn get_map_outline(State(state): State<AppState>) -> Response {
    let outline = state.pack().city.outline.clone();
    let headers =
        [(header::CONTENT_TYPE, "application/geo+json"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, outline).into_response()
}

/// The first screen.
#[utoipa::path(
    get, path = "/overview", operation_id = "getOverview", tag = "public",
    responses((status = 200, description = "Air now, devices, exceedances", body = Overview))
)]
pub(crate) async fn get_overview(State(state): State<AppState>, caller: Caller) -> Answer<Response> {
    let audience = if caller.may(Operation::ReadOutlets) { Audience::Staff } else { Audience::Public };
    let body = overview::get(&state, audience).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The classes of the air quality index in force today.
#[utoipa::path(
    get, path = "/classes", operation_id = "getClasses", tag = "public",
    responses(
        (status = 200, description = "Best class first", body = AirClasses),
        (status = 404, description = "No edition is in force", body = ProblemBody)
    )
)]
pub(crate) async fn get_classes(State(state): State<AppState>) -> Answer<Json<AirClasses>> {
    let basis = Basis::OfDay(state.now().local_date());
    let none = |why: sanggan_standards::Unjudged| Problem::not_found(why.to_string());
    let edition = state.law().edition("HJ 633", basis).map_err(none)?;
    let classes = state.law().aqi_classes(basis).map_err(none)?;
    let last = classes.len().saturating_sub(1);
    Ok(Json(AirClasses {
        edition: edition.id.to_string(),
        classes: classes
            .iter()
            .enumerate()
            .map(|(index, class)| AirClass {
                level: class.level.zh.clone(),
                class: Names::from(&class.name),
                from: u32::from(class.from),
                to: (index < last).then_some(u32::from(class.to)),
                colour: class.colour.clone(),
                effect: Names::from(&class.effect),
                advice: Names::from(&class.advice),
            })
            .collect(),
    }))
}
