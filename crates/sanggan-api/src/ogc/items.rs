//! The features of a collection.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use sanggan_geo::crs::Crs;
use sanggan_geo::{Shape, geojson};
use sanggan_pack::{Field, FieldKind};
use sanggan_records::rights;
use sanggan_records::{Links, Page, Record, Value};
use serde_json::{Map, Value as Json, json};

use super::question::{Question, crs};
use super::{Form, GEOJSON, JSON, Request, describe, html, title, unknown_parameter};
use crate::AppState;
use crate::auth::Caller;
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, resolve};
use crate::routes::registers::records::number;
use crate::transfer::cells::{self, Words};

const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// A page of a collection's features.
///
/// Every other parameter that names a queryable property keeps only features whose property equals its value.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/items", operation_id = "listOgcItems", tag = "ogc",
    params(
        ("collection" = String, Path, description = "The register's id"),
        ("limit" = Option<u64>, Query, minimum = 1, description = "Features of a page; 100 without it, 1,000 at most"),
        ("after" = Option<String>, Query, description = "Where the last page ended: taken from its `next` link"),
        ("bbox" = Option<String>, Query, description = "Four numbers, or six with heights"),
        ("bbox-crs" = Option<String>, Query, description = "The system of `bbox`; CRS84 without it"),
        ("crs" = Option<String>, Query, description = "The system of the answer; CRS84 without it"),
        ("datetime" = Option<String>, Query, description = "A moment or an interval in which the record was last changed"),
        ("f" = Option<String>, Query, description = "`json` or `html`")
    ),
    responses(
        (status = 200, description = "A FeatureCollection", content_type = "application/geo+json", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 403, description = "A property asked by is not the caller's to read", body = ProblemBody),
        (status = 404, description = "No such collection", body = ProblemBody)
    )
)]
pub(crate) async fn list_items(
    State(state): State<AppState>,
    caller: Caller,
    Path(collection): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::new(state, caller, &headers, &uri)?;
    let opened = request.open(&collection)?;
    let question = Question::read(&request, &opened).await?;
    let scope = rights::may_ask(&opened.who, opened.def(), &question.ask)?;
    let page = request.state.store().records(opened.id(), &scope, &question.ask).await?;
    let links = resolve::links(request.state.store(), &opened.model, &page.records).await?;
    let response = match request.form {
        Form::Html => {
            let next = page.next.as_deref().map(|after| path(&request, &opened, Some(after), "html"));
            let rows = page.records.iter().map(|record| feature(&opened, record, &links).1).collect();
            html::items(&request, &opened, rows, &page, next.as_deref()).into_response()
        }
        Form::Json => {
            let body = collection_body(&request, &opened, &page, &links, question.crs)?;
            ([(header::CONTENT_TYPE, GEOJSON)], body).into_response()
        }
    };
    Ok(finished(response, question.crs))
}

/// One feature.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/items/{item}", operation_id = "getOgcItem", tag = "ogc",
    params(
        ("collection" = String, Path, description = "The register's id"),
        ("item" = String, Path, description = "The record's number"),
        ("crs" = Option<String>, Query, description = "The system of the answer; CRS84 without it"),
        ("f" = Option<String>, Query, description = "`json` or `html`")
    ),
    responses(
        (status = 200, description = "A Feature", content_type = "application/geo+json", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such feature, or not the caller's to see", body = ProblemBody)
    )
)]
pub(crate) async fn get_item(
    State(state): State<AppState>,
    caller: Caller,
    Path((collection, item)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::new(state, caller, &headers, &uri)?;
    let opened = request.open(&collection)?;
    if let Some((key, _)) = request.query.iter().find(|(key, _)| key != "crs") {
        return Err(unknown_parameter(key));
    }
    let asked = request.query.first().map(|(_, value)| value.as_str());
    let crs = crs("crs", asked)?;
    let record = request.state.store().read_record(opened.id(), &opened.scope, number(&item)?, None).await?;
    if record.retired {
        return Err(Problem::not_found(format!("the record {item} was taken out of `{collection}`"))
            .hint("its history is still there under /api/v1/registers"));
    }
    let links = resolve::links(request.state.store(), &opened.model, std::slice::from_ref(&record)).await?;
    let (shape, properties) = feature(&opened, &record, &links);
    let response = match request.form {
        Form::Html => html::item(&request, &opened, &record, &properties).into_response(),
        Form::Json => {
            let of = format!("/collections/{}", opened.id());
            let path = format!("{of}/items/{}", record.id);
            let mut own = request.own_links(&path, GEOJSON);
            own.push(request.link("collection", JSON, &title(&opened.def().name), &of));
            let body = json!({
                "type": "Feature",
                "id": record.id.0,
                "geometry": shape.map(|shape| geojson::to_value(&crs.answer(&shape), digits(crs))),
                "properties": properties,
                "links": own,
            });
            ([(header::CONTENT_TYPE, GEOJSON)], body.to_string()).into_response()
        }
    };
    Ok(finished(response, crs))
}

/// With the headers that answers with features carry.
fn finished(mut response: Response, crs: Crs) -> Response {
    let headers = response.headers_mut();
    if let Some(value) = crs.uri().and_then(|uri| HeaderValue::from_str(&format!("<{uri}>")).ok()) {
        headers.insert(CONTENT_CRS, value);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization, cookie"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Digits of coordinates: a decimetre or better.
fn digits(crs: Crs) -> usize {
    if matches!(crs, Crs::WebMercator) { 2 } else { 7 }
}

fn collection_body(
    request: &Request,
    opened: &Opened,
    page: &Page,
    links: &Links,
    crs: Crs,
) -> Answer<Vec<u8>> {
    let failed = |error: std::io::Error| Problem::internal("could not write the features", &error);
    let mut writer = geojson::FeatureWriter::new(Vec::new(), digits(crs)).map_err(failed)?;
    for record in &page.records {
        let (shape, properties) = feature(opened, record, links);
        let shape = shape.map(|shape| crs.answer(&shape));
        writer.feature(Some(&record.id.0.into()), shape.as_ref(), &properties).map_err(failed)?;
    }
    let query = query_text(&request.query, None);
    let own = format!("/collections/{}/items{query}", opened.id());
    let mut own_links = request.own_links(&own, GEOJSON);
    if let Some(after) = &page.next {
        let next = path(request, opened, Some(after), "json");
        own_links.push(json!({ "href": next, "rel": "next", "type": GEOJSON, "title": "下一页 Next page" }));
    }
    own_links.push(request.link(
        "collection",
        JSON,
        &title(&opened.def().name),
        &format!("/collections/{}", opened.id()),
    ));
    let mut members = Map::new();
    members.insert("links".to_owned(), own_links.into());
    members.insert("numberReturned".to_owned(), page.records.len().into());
    if let Some(total) = page.total {
        members.insert("numberMatched".to_owned(), total.into());
    }
    members.insert("timeStamp".to_owned(), request.state.now().to_string().into());
    writer.finish(&members).map_err(failed)
}

/// The address of a page with the same question.
fn path(request: &Request, opened: &Opened, after: Option<&str>, f: &str) -> String {
    let query = query_text(&request.query, after);
    let sign = if query.is_empty() { '?' } else { '&' };
    format!("{}/collections/{}/items{query}{sign}f={f}", request.base, opened.id())
}

/// The query again, with another `after`.
fn query_text(query: &[(String, String)], after: Option<&str>) -> String {
    let kept = query.iter().filter(|(key, _)| after.is_none() || key != "after");
    let kept =
        kept.map(|(key, value)| (key.as_str(), value.as_str())).chain(after.map(|after| ("after", after)));
    let mut text = String::new();
    for (key, value) in kept {
        text.push(if text.is_empty() { '?' } else { '&' });
        escape(&mut text, key);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

/// Percent-encodes everything but what may always stand in a query.
fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:,/".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// The shape and the properties that the caller may see of a record.
fn feature(opened: &Opened, record: &Record, links: &Links) -> (Option<Shape>, Map<String, Json>) {
    let def = opened.def();
    let hidden = rights::hidden_fields(&opened.who, def, Some(record));
    let mut properties = Map::new();
    for nth in describe::properties(opened) {
        let field = &def.fields[nth];
        let value =
            if hidden.contains(&nth) { Json::Null } else { property(field, &record.values[nth], links) };
        properties.insert(field.id.clone(), value);
    }
    if def.lifecycle.is_some() {
        properties.insert("state".to_owned(), record.state.clone().into());
    }
    properties.insert("schematic".to_owned(), record.schematic.into());
    properties.insert("changed_at".to_owned(), record.changed_at.to_string().into());
    let place = def.geometry.as_deref().and_then(|field| def.position(field));
    let shape = place.filter(|place| !hidden.contains(place)).and_then(|place| match &record.values[place] {
        Value::Shape(shape) => Some((**shape).clone()),
        _ => None,
    });
    (shape, properties)
}

/// Numbers stay numbers; a reference is the key of what it leads to, a file its address.
fn property(field: &Field, value: &Value, links: &Links) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Number(number) => json!(number),
        Value::Integer(number) => json!(number),
        Value::Boolean(yes) => json!(yes),
        Value::Texts(hashes) if matches!(field.kind, FieldKind::Attachment { .. }) => {
            hashes.iter().map(|hash| format!("{}/attachments/{hash}", crate::API_BASE)).collect()
        }
        Value::Texts(texts) => texts.clone().into(),
        Value::References(ids) => {
            let key = |id| cells::text(field, &Value::Reference(id), links, Words::Id);
            ids.iter().map(|id| key(*id)).collect()
        }
        other => cells::text(field, other, links, Words::Id).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_the_next_page() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let query = [pair("name", "桑干 河"), pair("bbox", "112,39,113,40"), pair("after", "old")];
        assert_eq!(
            query_text(&query, Some("a+b=")),
            "?name=%E6%A1%91%E5%B9%B2%20%E6%B2%B3&bbox=112,39,113,40&after=a%2Bb%3D"
        );
        assert!(query_text(&query, None).ends_with("&after=old"));
        assert_eq!(query_text(&[], None), "");
    }
}
