//! The OpenAPI 3.0 document of `/ogc`: desktop programs read the parameters of `items` from it.

use sanggan_geo::crs::Crs;
use serde_json::{Map, Value, json};

use super::question::{LIMIT, LIMIT_MAX};
use super::{BASE, GEOJSON, HTML, JSON, OPENAPI, Request, SCHEMA, describe, title};
use crate::registers::Opened;

pub(super) fn document(request: &Request) -> Value {
    let mut paths = Map::new();
    let mut add = |path: &str, id: &str, summary: &str, kind: &str, parameters: Vec<Value>| {
        paths.insert(path.to_owned(), json!({ "get": operation(id, summary, kind, parameters) }));
    };
    let f = || parameter("f", "json / html", json!({ "type": "string", "enum": ["json", "html"] }));
    add("/", "getLandingPage", "首页 Landing page", JSON, vec![f()]);
    add("/conformance", "getConformanceDeclaration", "符合的标准 Conformance", JSON, vec![f()]);
    add("/api", "getApi", "接口说明 This document", OPENAPI, vec![f()]);
    add("/collections", "getCollections", "台账 Registers", JSON, vec![f()]);
    for opened in request.collections() {
        let def = opened.def();
        let (id, name) = (&def.id, title(&def.name));
        let path = format!("/collections/{id}");
        add(&path, &format!("{id}.describe"), &name, JSON, vec![f()]);
        add(&format!("{path}/queryables"), &format!("{id}.queryables"), &name, SCHEMA, vec![f()]);
        let mut parameters = items_parameters();
        parameters.extend(properties(&opened));
        parameters.push(f());
        add(&format!("{path}/items"), &format!("{id}.items"), &name, GEOJSON, parameters);
        let item = json!({
            "name": "featureId", "in": "path", "required": true, "schema": { "type": "string" }
        });
        add(
            &format!("{path}/items/{{featureId}}"),
            &format!("{id}.item"),
            &name,
            GEOJSON,
            vec![item, crs("crs"), f()],
        );
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "桑干 Sanggan · OGC API – Features",
            "description": "生态环境台账的空间数据。 The registers of the environment that have a place on the map.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": request.base.clone(), "description": BASE }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": crate::auth::COOKIE }
            }
        },
    })
}

fn operation(id: &str, summary: &str, kind: &str, parameters: Vec<Value>) -> Value {
    let problem = json!({
        "description": "RFC 9457",
        "content": { "application/problem+json": { "schema": { "type": "object" } } }
    });
    let mut content = Map::new();
    content.insert(kind.to_owned(), json!({ "schema": { "type": "object" } }));
    content.insert(HTML.to_owned(), json!({ "schema": { "type": "string" } }));
    json!({
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": { "200": { "description": summary, "content": content }, "default": problem },
    })
}

fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({
        "name": name, "in": "query", "required": false, "description": description, "schema": schema,
        "style": "form", "explode": false,
    })
}

fn crs(name: &str) -> Value {
    let all: Vec<&str> = Crs::answered().collect();
    parameter(
        name,
        "坐标系 Coordinate reference system",
        json!({ "type": "string", "format": "uri", "enum": all }),
    )
}

fn items_parameters() -> Vec<Value> {
    let numbers = json!({
        "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" }
    });
    vec![
        parameter(
            "limit",
            "每页数量 Features of a page",
            json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT }),
        ),
        parameter(
            "after",
            "上一页末尾，取自 next 链接 Taken from the link `next`",
            json!({ "type": "string" }),
        ),
        parameter("bbox", "范围 Rectangle", numbers),
        crs("bbox-crs"),
        crs("crs"),
        parameter(
            "datetime",
            "最后修改时间 When last changed: a moment or an interval",
            json!({ "type": "string" }),
        ),
    ]
}

fn properties(opened: &Opened) -> Vec<Value> {
    let def = opened.def();
    let fields = describe::filters(opened).into_iter().map(|nth| &def.fields[nth]);
    fields.map(|field| parameter(&field.id, &title(&field.name), describe::schema(field))).collect()
}
