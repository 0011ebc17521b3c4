//! What a collection is: its extent, its systems of coordinates, the properties it is asked by.

use sanggan_geo::crs::{CRS84, Crs};
use sanggan_geo::{measure, read};
use sanggan_pack::{Field, FieldKind, Geometry, Gives};
use sanggan_records::rights;
use serde_json::{Map, Value, json};

use super::{GEOJSON, HTML, JSON, Request, SCHEMA, title};
use crate::registers::Opened;

/// Query parameters that mean something else than a property.
pub(super) const RESERVED: [&str; 7] = ["limit", "after", "bbox", "bbox-crs", "crs", "datetime", "f"];

/// The city's rectangle: west, south, east, north.
pub(super) fn extent(request: &Request) -> Value {
    let outline = request.state.pack().city.outline.as_bytes();
    let shapes = read::read(outline, read::Limits::default()).map(|layer| layer.features).unwrap_or_default();
    let rects = shapes.iter().filter_map(|feature| measure::bounds(feature.shape.as_ref()?));
    let all = rects.reduce(|a, b| {
        let low = (a.min().x.min(b.min().x), a.min().y.min(b.min().y));
        let high = (a.max().x.max(b.max().x), a.max().y.max(b.max().y));
        sanggan_geo::geo_types::Rect::new(low, high)
    });
    match all {
        Some(rect) => json!({
            "spatial": { "bbox": [[rect.min().x, rect.min().y, rect.max().x, rect.max().y]], "crs": CRS84 }
        }),
        None => json!({ "spatial": { "bbox": [[-180.0, -90.0, 180.0, 90.0]], "crs": CRS84 } }),
    }
}

pub(super) fn collection(request: &Request, opened: &Opened, extent: &Value) -> Value {
    let def = opened.def();
    let path = format!("/collections/{}", def.id);
    let mut links = request.own_links(&path, JSON);
    links.extend([
        request.link("items", GEOJSON, &title(&def.name), &format!("{path}/items?f=json")),
        request.link("items", HTML, &title(&def.name), &format!("{path}/items?f=html")),
        request.link(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            SCHEMA,
            "可查询的属性 Queryables",
            &format!("{path}/queryables?f=json"),
        ),
    ]);
    json!({
        "id": def.id,
        "title": title(&def.name),
        "description": title(&def.about),
        "itemType": "feature",
        "extent": extent,
        "crs": Crs::answered().collect::<Vec<_>>(),
        "storageCrs": CRS84,
        "links": links,
    })
}

/// Positions of the fields that are properties: everything the caller may read but the shape.
pub(super) fn properties(opened: &Opened) -> Vec<usize> {
    let def = opened.def();
    let hidden = rights::hidden_fields(&opened.who, def, None);
    let shape = def.geometry.as_deref().and_then(|field| def.position(field));
    (0..def.fields.len()).filter(|nth| Some(*nth) != shape && !hidden.contains(nth)).collect()
}

/// Positions of the fields that a client may filter by.
pub(super) fn filters(opened: &Opened) -> Vec<usize> {
    let fields = &opened.def().fields;
    let fits = |nth: &usize| {
        let field = &fields[*nth];
        let kind = !matches!(field.kind, FieldKind::Geometry { .. } | FieldKind::Attachment { .. });
        kind && !RESERVED.contains(&field.id.as_str())
    };
    properties(opened).into_iter().filter(fits).collect()
}

/// The JSON Schema of the properties a client may filter by.
pub(super) fn queryables(request: &Request, opened: &Opened) -> Value {
    let def = opened.def();
    let mut properties = Map::new();
    for nth in filters(opened) {
        properties.insert(def.fields[nth].id.clone(), schema(&def.fields[nth]));
    }
    if let Some(lifecycle) = &def.lifecycle {
        let states: Vec<&str> = lifecycle.states.iter().map(|state| state.id.as_str()).collect();
        properties
            .insert("state".to_owned(), json!({ "title": "状态 State", "type": "string", "enum": states }));
    }
    properties.insert("schematic".to_owned(), json!({ "title": "示意 Schematic", "type": "boolean" }));
    let shape = def.geometry.as_deref().and_then(|field| def.field(field));
    if let Some(field) = shape {
        let format = match field.kind {
            FieldKind::Geometry { shape: Geometry::Point } => "geometry-point",
            FieldKind::Geometry { shape: Geometry::Line } => "geometry-linestring-or-multilinestring",
            FieldKind::Geometry { shape: Geometry::Polygon } => "geometry-polygon-or-multipolygon",
            _ => "geometry-any",
        };
        properties.insert(
            "geometry".to_owned(),
            json!({ "title": title(&field.name), "x-ogc-role": "primary-geometry", "format": format }),
        );
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{}/collections/{}/queryables", request.base, def.id),
        "type": "object",
        "title": title(&def.name),
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema of one property.
pub(super) fn schema(field: &Field) -> Value {
    let (kind, format) = match &field.kind {
        FieldKind::Number { .. } | FieldKind::Computed { gives: Gives::Number, .. } => ("number", None),
        FieldKind::Integer { .. } | FieldKind::Computed { gives: Gives::Integer, .. } => ("integer", None),
        FieldKind::Boolean | FieldKind::Computed { gives: Gives::Boolean, .. } => ("boolean", None),
        FieldKind::Date | FieldKind::Computed { gives: Gives::Date, .. } => ("string", Some("date")),
        FieldKind::Time => ("string", Some("date-time")),
        _ => ("string", None),
    };
    let mut schema = json!({ "title": title(&field.name), "type": kind });
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    if let FieldKind::Enum { values, .. } = &field.kind {
        schema["enum"] = values.iter().map(|value| value.id.as_str()).collect();
    }
    schema
}
