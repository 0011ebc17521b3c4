//! What happened to a record, what refers to it, and the sign that leads to it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sanggan_pack::{FieldKind, RegisterDef};
use sanggan_records::Value;
use sanggan_records::rights::{self, Scope};

use super::records::number;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{FieldChange, Names, RecordEvent, RecordHistory, RelatedGroup, RelatedRecords};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, own, resolve, seen};

/// Records shown of each group of related ones.
const EACH: u32 = 20;

/// What happened to a record, the newest first. Fields the caller does not see are left out.
#[utoipa::path(
    get, path = "/registers/{register}/records/{rid}/history", operation_id = "getRecordHistory", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number")
    ),
    responses(
        (status = 200, description = "The newest first", body = RecordHistory),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such record", body = ProblemBody)
    )
)]
pub(crate) async fn get_record_history(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
) -> Answer<Json<RecordHistory>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let rid = number(&rid)?;
    // Who changed a record and why is no part of what is public of it.
    let record = state.store().read_record(opened.id(), &own(&opened.scope), rid, None).await?;
    let hidden = rights::hidden_fields(&opened.who, opened.def(), Some(&record));
    let events = state.store().record_history(opened.id(), rid).await?;
    // Everything the changes name, looked up at once.
    let mut shown = Vec::new();
    for event in &events {
        for change in &event.changes {
            if let Some(nth) = opened.model.position(&change.field) {
                for value in [&change.before, &change.after] {
                    let mut one = record.clone();
                    one.values = opened.model.blank();
                    one.values[nth] = value.clone();
                    shown.push(one);
                }
            }
        }
    }
    let links = resolve::links(state.store(), &opened.model, &shown).await?;
    let show = |field: &str, value: &Value| match (opened.model.position(field), value) {
        (Some(nth), value) => opened.model.value_json(nth, value, &links),
        (None, Value::Text(text)) => text.clone().into(),
        (None, Value::Boolean(yes)) => (*yes).into(),
        (None, _) => serde_json::Value::Null,
    };
    let events = events
        .into_iter()
        .map(|event| {
            let state = event.changes.iter().find(|change| change.field == "_state");
            let state = state.and_then(|change| show("_state", &change.after).as_str().map(str::to_owned));
            let visible = event.changes.iter().filter(|change| {
                opened.model.position(&change.field).is_none_or(|nth| !hidden.contains(&nth))
            });
            let changes = visible.map(|change| FieldChange {
                field: change.field.clone(),
                before: show(&change.field, &change.before),
                after: show(&change.field, &change.after),
            });
            RecordEvent {
                seq: event.seq,
                at: event.at.to_string(),
                who: event.who.clone(),
                action: event.action.clone(),
                why: event.why.clone(),
                version: event.version,
                state,
                changes: changes.collect(),
            }
        })
        .collect();
    Ok(Json(RecordHistory { events }))
}

/// Records that refer to a record, by register and field.
#[utoipa::path(
    get, path = "/registers/{register}/records/{rid}/related", operation_id = "listRelatedRecords", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number")
    ),
    responses(
        (status = 200, description = "By register and field", body = RelatedRecords),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such record", body = ProblemBody)
    )
)]
pub(crate) async fn list_related_records(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
) -> Answer<Json<RelatedRecords>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let rid = number(&rid)?;
    state.store().read_record(opened.id(), &opened.scope, rid, None).await?;
    let registers = state.models().registers();
    let mut seen = seen(&state, &opened.who);
    // A reference that the caller may not read must not be found from its other end.
    for (id, scope) in &mut seen {
        if matches!(scope, Scope::Enterprise(_))
            && registers.get(id).is_some_and(|def| !refers_in_public(def, opened.id()))
        {
            *scope = own(scope);
        }
    }
    let groups = state.store().related(opened.id(), rid, &seen, EACH).await?;
    let groups = groups
        .into_iter()
        .filter_map(|group| {
            let def = registers.get(&group.register)?;
            let nth = def.position(&group.field)?;
            if rights::hidden_fields(&opened.who, def, None).contains(&nth) {
                return None;
            }
            Some(RelatedGroup {
                name: Names::from(&def.name),
                field_name: Names::from(&def.fields[nth].name),
                register: group.register,
                field: group.field,
                total: group.total,
                records: group.records.iter().map(resolve::link).collect(),
            })
        })
        .collect();
    Ok(Json(RelatedRecords { groups }))
}

/// Whether every field that refers to `register` is public.
fn refers_in_public(def: &RegisterDef, register: &str) -> bool {
    let mut fields = def
        .fields
        .iter()
        .filter(|field| matches!(&field.kind, FieldKind::Reference { to, .. } if to == register));
    fields.all(|field| def.public.as_ref().is_some_and(|public| public.fields.contains(&field.id)))
}

/// A QR code that leads to the record's page, for its sign.
#[utoipa::path(
    get, path = "/registers/{register}/records/{rid}/qr.svg", operation_id = "getRecordSign", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number")
    ),
    responses(
        (status = 200, description = "An SVG picture", content_type = "image/svg+xml", body = String),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such record", body = ProblemBody)
    )
)]
pub(crate) async fn get_record_sign(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    headers: axum::http::HeaderMap,
) -> Answer<Response> {
    let opened = Opened::of(&state, &caller, &register)?;
    let rid = number(&rid)?;
    state.store().read_record(opened.id(), &opened.scope, rid, None).await?;
    let base = match state.settings().public_url.trim_end_matches('/') {
        "" => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
            format!("http://{host}")
        }
        url => url.to_owned(),
    };
    let text = format!("{base}/registers/{}/{rid}", opened.id());
    let code = qrcode::QrCode::new(text.as_bytes())
        .map_err(|error| Problem::internal("could not draw the code", &error))?;
    let picture = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}
