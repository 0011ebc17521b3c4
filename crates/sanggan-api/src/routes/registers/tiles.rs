//! Registers as vector tiles.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanggan_pack::FieldKind;
use sanggan_records::rights::{self, Scope};
use sanggan_records::{Ask, Bounds};
use serde_json::{Value, json};

use crate::AppState;
use crate::auth::Caller;
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::Opened;

/// The deepest zoom tiles are made for; clients enlarge these further.
const DEEPEST: u8 = 18;

/// What of a register is drawn for the caller, and with which fields.
fn drawn<'o>(opened: &'o Opened) -> Answer<(Scope, Vec<&'o str>)> {
    let def = opened.def();
    let place = def.geometry.as_deref().and_then(|field| def.position(field));
    let hidden = rights::hidden_fields(&opened.who, def, None);
    let Some(place) = place.filter(|place| !hidden.contains(place)) else {
        return Err(Problem::not_found(format!(
            "the register `{}` has no map: you see no shapes of it",
            def.id
        )));
    };
    let bounds = Some(Bounds { west: -180.0, south: -90.0, east: 180.0, north: 90.0 });
    let scope = rights::may_ask(&opened.who, def, &Ask { bounds, ..Ask::default() })?;
    // An enterprise sees of others only what is public, and one tile holds both.
    let public =
        |id: &str| def.public.as_ref().is_some_and(|public| public.fields.iter().any(|field| field == id));
    let open = matches!(scope, Scope::Enterprise(_) | Scope::Public);
    let fields = def.fields.iter().enumerate().filter(|(nth, field)| {
        let plain = match &field.kind {
            FieldKind::Geometry { .. } | FieldKind::Attachment { .. } | FieldKind::LongText => false,
            FieldKind::Enum { many, .. }
            | FieldKind::Reference { many, .. }
            | FieldKind::Parameter { many } => !many,
            _ => true,
        };
        let seen = !hidden.contains(nth) && (!open || public(&field.id));
        *nth != place && plain && seen && def.list.contains(&field.id)
    });
    Ok((scope, fields.map(|(_, field)| field.id.as_str()).collect()))
}

/// A vector tile of a register's shapes.
#[utoipa::path(
    get, path = "/tiles/{register}/{z}/{x}/{y}", operation_id = "getRecordTile", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("z" = String, Path, description = "Zoom"),
        ("x" = String, Path, description = "Column, from the west"),
        ("y" = String, Path, description = "Row, from the north, with `.mvt` after it")
    ),
    responses(
        (status = 200, description = "A Mapbox vector tile", content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>),
        (status = 204, description = "Nothing is in the tile"),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 403, description = "Not the caller's to see", body = ProblemBody),
        (status = 404, description = "No such register or tile", body = ProblemBody)
    )
)]
pub(crate) async fn get_record_tile(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, z, x, y)): Path<(String, String, String, String)>,
) -> Answer<Response> {
    let opened = Opened::of(&state, &caller, &register)?;
    let (scope, fields) = drawn(&opened)?;
    let none = || Problem::not_found(format!("there is no tile {z}/{x}/{y}"));
    let row = y.strip_suffix(".mvt").unwrap_or(&y);
    let tile = (z.parse::<u8>().ok(), x.parse::<u32>().ok(), row.parse::<u32>().ok());
    let (Some(zoom), Some(column), Some(row)) = tile else { return Err(none()) };
    if zoom > DEEPEST {
        return Err(none());
    }
    let bytes = state
        .store()
        .record_tile(opened.id(), (zoom, column, row), &scope, &fields)
        .await?
        .ok_or_else(none)?;
    if bytes.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(([(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")], bytes).into_response())
}

/// What a map needs to draw a register's tiles (TileJSON 3.0).
#[utoipa::path(
    get, path = "/tiles/{register}", operation_id = "getRecordTileJson", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    responses(
        (status = 200, description = "TileJSON", body = Object),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 403, description = "Not the caller's to see", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody)
    )
)]
pub(crate) async fn get_record_tile_json(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    headers: HeaderMap,
) -> Answer<Json<Value>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let (_, fields) = drawn(&opened)?;
    let def = opened.def();
    let mut described: serde_json::Map<String, Value> =
        ["rid", "state", "schematic", "title"].map(|own| (own.to_owned(), json!(own))).into_iter().collect();
    for id in fields {
        if let Some(field) = def.field(id) {
            described.insert(id.to_owned(), json!(format!("{} {}", field.name.zh, field.name.en)));
        }
    }
    let address = crate::ogc::address(&state, &headers);
    Ok(Json(json!({
        "tilejson": "3.0.0",
        "name": format!("{} {}", def.name.zh, def.name.en),
        "tiles": [format!("{address}{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt", crate::API_BASE, def.id)],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "vector_layers": [{ "id": def.id, "fields": described }],
    })))
}
