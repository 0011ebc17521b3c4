//! OGC API – Features (17-069r4, 18-058r1) at `/ogc`: every register with a geometry is a collection, for desktop GIS
//! programs and for any client of the standard. What a caller sees is what it sees of the register elsewhere.

mod describe;
mod document;
mod html;
mod items;
mod question;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use sanggan_pack::Name;
use sanggan_records::rights;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::Caller;
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, seen};

/// Where it lives.
pub(crate) const BASE: &str = "/ogc";

const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
];

const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
const HTML: &str = "text/html";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";
const SCHEMA: &str = "application/schema+json";

/// Every operation under [`BASE`].
pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_landing))
        .routes(routes!(get_conformance))
        .routes(routes!(get_api))
        .routes(routes!(list_collections))
        .routes(routes!(get_collection))
        .routes(routes!(get_queryables))
        .routes(routes!(items::list_items))
        .routes(routes!(items::get_item))
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Html,
}

impl Form {
    /// By `f`, else by what the client prefers.
    fn of(f: Option<&str>, headers: &HeaderMap) -> Answer<Form> {
        match f {
            Some("json") => return Ok(Form::Json),
            Some("html") => return Ok(Form::Html),
            Some(other) => {
                return Err(Problem::bad_field("f", format!("`{other}` is neither json nor html")));
            }
            None => {}
        }
        let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let html =
            accepted.split(',').map(weight).filter(|(kind, _)| *kind == HTML).map(|(_, weight)| weight);
        let others = accepted.split(',').map(weight).filter(|(kind, _)| kind.contains("json"));
        let html = html.fold(0.0, f64::max);
        Ok(if html > others.map(|(_, weight)| weight).fold(0.0, f64::max) { Form::Html } else { Form::Json })
    }
}

/// A media type of an `Accept` header with its weight.
fn weight(part: &str) -> (&str, f64) {
    let mut pieces = part.split(';').map(str::trim);
    let kind = pieces.next().unwrap_or_default();
    let weight = pieces.find_map(|piece| piece.strip_prefix("q=")).and_then(|text| text.parse().ok());
    (kind, weight.unwrap_or(1.0))
}

/// What every handler here needs of a request.
struct Request {
    state: AppState,
    caller: Caller,
    /// `https://host/ogc`.
    base: String,
    form: Form,
    /// The query without `f`.
    query: Vec<(String, String)>,
}

impl Request {
    fn new(state: AppState, caller: Caller, headers: &HeaderMap, uri: &Uri) -> Answer<Request> {
        let axum::extract::Query(mut query) =
            axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
                .map_err(|rejection| Problem::bad_field("query", rejection.body_text()))?;
        let f = query.iter().position(|(key, _)| key == "f").map(|at| query.remove(at).1);
        let base = format!("{}{BASE}", address(&state, headers));
        Ok(Request { form: Form::of(f.as_deref(), headers)?, state, caller, base, query })
    }

    /// For resources that take no parameter but `f`.
    fn plain(state: AppState, caller: Caller, headers: &HeaderMap, uri: &Uri) -> Answer<Request> {
        let request = Request::new(state, caller, headers, uri)?;
        match request.query.first() {
            None => Ok(request),
            Some((key, _)) => Err(unknown_parameter(key)),
        }
    }

    /// A collection: a register of which the caller sees the shapes.
    fn open(&self, id: &str) -> Answer<Opened> {
        let opened = Opened::of(&self.state, &self.caller, id)?;
        if has_shapes(&opened) {
            return Ok(opened);
        }
        Err(Problem::not_found(format!("the register `{id}` is no collection: you see no shapes of it"))
            .hint("GET /ogc/collections lists the collections"))
    }

    /// Every collection of the caller, by id.
    fn collections(&self) -> Vec<Opened> {
        let who = self.caller.for_records();
        seen(&self.state, &who)
            .into_iter()
            .filter_map(|(id, _)| Opened::of(&self.state, &self.caller, &id).ok())
            .filter(has_shapes)
            .collect()
    }

    fn link(&self, rel: &str, kind: &str, title: &str, path: &str) -> Value {
        json!({ "href": format!("{}{path}", self.base), "rel": rel, "type": kind, "title": title })
    }

    /// The links of a resource to itself, in this form and the other.
    fn own_links(&self, path: &str, json_kind: &str) -> Vec<Value> {
        let (own, other) = match self.form {
            Form::Json => ((json_kind, "json"), (HTML, "html")),
            Form::Html => ((HTML, "html"), (json_kind, "json")),
        };
        let sign = if path.contains('?') { '&' } else { '?' };
        let to = |rel: &str, (kind, f): (&str, &str)| self.link(rel, kind, "", &format!("{path}{sign}f={f}"));
        vec![to("self", own), to("alternate", other)]
    }

    /// The answer in the form asked.
    fn answer(&self, kind: &'static str, body: &Value, page: impl FnOnce() -> String) -> Response {
        let mut response = match self.form {
            Form::Json => ([(header::CONTENT_TYPE, kind)], body.to_string()).into_response(),
            Form::Html => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page()).into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::VARY, header::HeaderValue::from_static("accept, authorization, cookie"));
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        response
    }
}

fn has_shapes(opened: &Opened) -> bool {
    let def = opened.def();
    let place = def.geometry.as_deref().and_then(|field| def.position(field));
    place.is_some_and(|place| !rights::hidden_fields(&opened.who, def, None).contains(&place))
}

fn unknown_parameter(key: &str) -> Problem {
    Problem::bad_field("query", format!("there is no parameter `{key}`"))
}

/// The address the platform is reached at: as set, else the one the request came to.
pub(crate) fn address(state: &AppState, headers: &HeaderMap) -> String {
    match state.settings().public_url.trim_end_matches('/') {
        "" => {
            let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
            format!("{scheme}://{}", text("host").unwrap_or("localhost"))
        }
        url => url.to_owned(),
    }
}

/// Both names, as titles here have no language.
fn title(name: &Name) -> String {
    format!("{} {}", name.zh, name.en)
}

/// The landing page.
#[utoipa::path(
    get, path = "/ogc", operation_id = "getOgcLanding", tag = "ogc",
    params(("f" = Option<String>, Query, description = "`json` or `html`")),
    responses(
        (status = 200, description = "Where everything is", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn get_landing(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::plain(state, caller, &headers, &uri)?;
    let city = title(&request.state.pack().city.name);
    let mut links = request.own_links("", JSON);
    links.extend([
        request.link("service-desc", OPENAPI, "接口说明 API definition", "/api?f=json"),
        request.link("service-doc", HTML, "接口说明 API documentation", "/api?f=html"),
        request.link("conformance", JSON, "符合的标准 Conformance", "/conformance"),
        request.link(
            "http://www.opengis.net/def/rel/ogc/1.0/conformance",
            JSON,
            "符合的标准 Conformance",
            "/conformance",
        ),
        request.link("data", JSON, "台账 Registers", "/collections"),
        request.link("http://www.opengis.net/def/rel/ogc/1.0/data", JSON, "台账 Registers", "/collections"),
    ]);
    let body = json!({
        "title": format!("桑干 Sanggan · {city}"),
        "description": "生态环境台账的空间数据。 The registers of the environment that have a place on the map.",
        "links": links,
    });
    Ok(request.answer(JSON, &body, || html::landing(&request, &body)))
}

/// The standards that are kept to.
#[utoipa::path(
    get, path = "/ogc/conformance", operation_id = "getOgcConformance", tag = "ogc",
    params(("f" = Option<String>, Query, description = "`json` or `html`")),
    responses(
        (status = 200, description = "Conformance classes", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn get_conformance(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::plain(state, caller, &headers, &uri)?;
    let body = json!({ "conformsTo": CONFORMANCE });
    Ok(request.answer(JSON, &body, || html::list(&request, "符合的标准 Conformance", CONFORMANCE)))
}

/// The API as an OpenAPI 3.0 document, with the collections of the caller.
#[utoipa::path(
    get, path = "/ogc/api", operation_id = "getOgcApi", tag = "ogc",
    params(("f" = Option<String>, Query, description = "`json` or `html`")),
    responses(
        (status = 200, description = "An OpenAPI 3.0 document", content_type = "application/vnd.oai.openapi+json;version=3.0", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn get_api(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::plain(state, caller, &headers, &uri)?;
    let body = document::document(&request);
    Ok(request.answer(OPENAPI, &body, || html::api(&request, &body)))
}

/// The collections the caller sees.
#[utoipa::path(
    get, path = "/ogc/collections", operation_id = "listOgcCollections", tag = "ogc",
    params(("f" = Option<String>, Query, description = "`json` or `html`")),
    responses(
        (status = 200, description = "Registers with shapes", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_collections(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::plain(state, caller, &headers, &uri)?;
    let collections = request.collections();
    let extent = describe::extent(&request);
    let body = json!({
        "links": request.own_links("/collections", JSON),
        "crs": sanggan_geo::crs::Crs::answered().collect::<Vec<_>>(),
        "numberMatched": collections.len(),
        "numberReturned": collections.len(),
        "collections": collections.iter().map(|one| describe::collection(&request, one, &extent)).collect::<Vec<_>>(),
    });
    Ok(request.answer(JSON, &body, || html::collections(&request, &collections)))
}

/// One collection.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}", operation_id = "getOgcCollection", tag = "ogc",
    params(
        ("collection" = String, Path, description = "The register's id"),
        ("f" = Option<String>, Query, description = "`json` or `html`")
    ),
    responses(
        (status = 200, description = "The collection", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such collection", body = ProblemBody)
    )
)]
pub(crate) async fn get_collection(
    State(state): State<AppState>,
    caller: Caller,
    Path(collection): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::plain(state, caller, &headers, &uri)?;
    let opened = request.open(&collection)?;
    let body = describe::collection(&request, &opened, &describe::extent(&request));
    Ok(request.answer(JSON, &body, || html::collection(&request, &opened)))
}

/// The properties a collection can be asked by, as a JSON Schema.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/queryables", operation_id = "getOgcQueryables", tag = "ogc",
    params(
        ("collection" = String, Path, description = "The register's id"),
        ("f" = Option<String>, Query, description = "`json` or `html`")
    ),
    responses(
        (status = 200, description = "A JSON Schema", content_type = "application/schema+json", body = Object),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such collection", body = ProblemBody)
    )
)]
pub(crate) async fn get_queryables(
    State(state): State<AppState>,
    caller: Caller,
    Path(collection): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::plain(state, caller, &headers, &uri)?;
    let opened = request.open(&collection)?;
    let body = describe::queryables(&request, &opened);
    Ok(request.answer(SCHEMA, &body, || html::queryables(&request, &opened, &body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_an_answer() {
        let rows = [
            (None, "", Form::Json),
            (None, "*/*", Form::Json),
            (None, "application/geo+json, application/json", Form::Json),
            (None, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Html),
            (None, "application/json, text/html;q=0.5", Form::Json),
            (Some("html"), "application/json", Form::Html),
            (Some("json"), "text/html", Form::Json),
        ];
        for (f, accept, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().expect("a header"));
            assert_eq!(Form::of(f, &headers).expect("known"), expected, "{f:?} {accept}");
        }
        assert!(Form::of(Some("xml"), &HeaderMap::new()).is_err());
    }
}
