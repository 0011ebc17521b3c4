//! The same answers for people with a browser: plain pages.

use axum::response::Html;
use sanggan_records::{Page, Record};
use serde_json::{Map, Value};

use super::{BASE, Request, describe, title};
use crate::registers::Opened;

const STYLE: &str = "body{font:15px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;margin:2rem auto;max-width:70rem;\
    padding:0 1rem;color:#1f2933;background:#fff}a{color:#0b6b6b}table{border-collapse:collapse;width:100%}\
    th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}\
    .scroll{overflow-x:auto}nav{margin-bottom:1rem}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn link(href: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escaped(href), escaped(text))
}

/// A page; `trail`: paths under the base with their titles, that lead to it.
fn page(request: &Request, heading: &str, trail: &[(&str, &str)], body: &str) -> String {
    let mut nav = link(&format!("{}?f=html", request.base), "OGC API");
    for (path, text) in trail {
        nav.push_str(" / ");
        nav.push_str(&link(&format!("{}{path}?f=html", request.base), text));
    }
    let heading = escaped(heading);
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{heading}</title><style>{STYLE}</style></head>\
         <body><nav>{nav}</nav><main><h1>{heading}</h1>{body}</main></body></html>"
    )
}

pub(super) fn landing(request: &Request, body: &Value) -> String {
    let links = body["links"].as_array().into_iter().flatten();
    let shown = links.filter(|link| link["title"].as_str().is_some_and(|title| !title.is_empty()));
    let mut seen = Vec::new();
    let mut items = String::new();
    for one in shown {
        let (href, text) =
            (one["href"].as_str().unwrap_or_default(), one["title"].as_str().unwrap_or_default());
        if !seen.contains(&href) {
            seen.push(href);
            items.push_str(&format!("<li>{}</li>", link(&as_page(href), text)));
        }
    }
    let about = escaped(body["description"].as_str().unwrap_or_default());
    let heading = body["title"].as_str().unwrap_or_default();
    page(request, heading, &[], &format!("<p>{about}</p><ul>{items}</ul>"))
}

/// The address as a page.
fn as_page(href: &str) -> String {
    match href.split_once("?f=") {
        Some((path, _)) => format!("{path}?f=html"),
        None => format!("{href}?f=html"),
    }
}

pub(super) fn list(request: &Request, heading: &str, rows: &[&str]) -> String {
    let rows: String = rows.iter().map(|row| format!("<li>{}</li>", escaped(row))).collect();
    page(request, heading, &[], &format!("<ul>{rows}</ul>"))
}

pub(super) fn api(request: &Request, document: &Value) -> String {
    let paths = document["paths"].as_object().into_iter().flatten();
    let rows: String = paths
        .map(|(path, item)| {
            let summary = escaped(item["get"]["summary"].as_str().unwrap_or_default());
            let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
            let names: Vec<&str> = parameters.filter_map(|parameter| parameter["name"].as_str()).collect();
            format!(
                "<tr><td>{BASE}{}</td><td>{summary}</td><td>{}</td></tr>",
                escaped(path),
                escaped(&names.join(", "))
            )
        })
        .collect();
    let json = link(&format!("{}/api?f=json", request.base), "OpenAPI 3.0");
    let table = format!(
        "<p>{json}</p><div class=\"scroll\"><table><tr><th>路径 Path</th><th>内容 What</th><th>参数 Parameters</th></tr>{rows}</table></div>"
    );
    page(request, "接口说明 API", &[], &table)
}

pub(super) fn collections(request: &Request, collections: &[Opened]) -> String {
    let row = |opened: &Opened| {
        let def = opened.def();
        let href = format!("{}/collections/{}?f=html", request.base, def.id);
        format!(
            "<tr><td>{}</td><td>{}</td></tr>",
            link(&href, &title(&def.name)),
            escaped(&title(&def.about))
        )
    };
    let rows: String = collections.iter().map(row).collect();
    page(request, "台账 Registers", &[], &format!("<table>{rows}</table>"))
}

pub(super) fn collection(request: &Request, opened: &Opened) -> String {
    let def = opened.def();
    let path = format!("{}/collections/{}", request.base, def.id);
    let body = format!(
        "<p>{}</p><ul><li>{}</li><li>{}</li><li>{}</li></ul>",
        escaped(&title(&def.about)),
        link(&format!("{path}/items?f=html"), "要素 Features"),
        link(&format!("{path}/queryables?f=html"), "可查询的属性 Queryables"),
        link(&format!("/registers/{}", def.id), "台账页面 Register"),
    );
    page(request, &title(&def.name), &[("/collections", "台账 Registers")], &body)
}

pub(super) fn queryables(request: &Request, opened: &Opened, schema: &Value) -> String {
    let rows: String = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, property)| {
            let text = |member: &str| escaped(property[member].as_str().unwrap_or_default());
            let values = property["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let values = escaped(&values.collect::<Vec<_>>().join(", "));
            format!(
                "<tr><td>{}</td><td>{}</td><td>{} {}</td><td>{values}</td></tr>",
                escaped(name),
                text("title"),
                text("type"),
                text("format")
            )
        })
        .collect();
    within(request, opened, "可查询的属性 Queryables", &format!("<table>{rows}</table>"))
}

/// A page below a collection.
fn within(request: &Request, opened: &Opened, heading: &str, body: &str) -> String {
    let path = format!("/collections/{}", opened.id());
    let trail = [("/collections", "台账 Registers"), (path.as_str(), &opened.def().name.zh)];
    page(request, heading, &trail, body)
}

pub(super) fn items(
    request: &Request,
    opened: &Opened,
    rows: Vec<Map<String, Value>>,
    records: &Page,
    next: Option<&str>,
) -> Html<String> {
    let def = opened.def();
    let shown: Vec<usize> = describe::properties(opened)
        .into_iter()
        .filter(|&nth| def.list.contains(&def.fields[nth].id) || def.fields[nth].id == def.key)
        .collect();
    let heads: String =
        shown.iter().map(|&nth| format!("<th>{}</th>", escaped(&title(&def.fields[nth].name)))).collect();
    let mut table = format!("<div class=\"scroll\"><table><tr><th>#</th>{heads}</tr>");
    for (record, properties) in records.records.iter().zip(rows) {
        let href = format!("{}/collections/{}/items/{}?f=html", request.base, def.id, record.id);
        let cells: String = shown
            .iter()
            .map(|&nth| format!("<td>{}</td>", escaped(&plain(properties.get(&def.fields[nth].id)))))
            .collect();
        table.push_str(&format!("<tr><td>{}</td>{cells}</tr>", link(&href, &record.id.to_string())));
    }
    table.push_str("</table></div>");
    let count = records.total.map(|total| format!("<p>{total}</p>")).unwrap_or_default();
    let next = next.map(|href| format!("<p>{}</p>", link(href, "下一页 Next page"))).unwrap_or_default();
    Html(within(request, opened, &title(&def.name), &format!("{count}{table}{next}")))
}

pub(super) fn item(
    request: &Request,
    opened: &Opened,
    record: &Record,
    properties: &Map<String, Value>,
) -> Html<String> {
    let def = opened.def();
    let name = |id: &str| def.field(id).map_or_else(|| id.to_owned(), |field| title(&field.name));
    let rows: String = properties
        .iter()
        .map(|(id, value)| {
            format!("<tr><th>{}</th><td>{}</td></tr>", escaped(&name(id)), escaped(&plain(Some(value))))
        })
        .collect();
    let register = link(&format!("/registers/{}/{}", def.id, record.id), "台账页面 Register");
    let heading = format!("{} {}", title(&def.name), record.id);
    Html(within(request, opened, &heading, &format!("<table>{rows}</table><p>{register}</p>")))
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| plain(Some(item))).collect::<Vec<_>>().join("；")
        }
        Some(other) => other.to_string(),
    }
}
