//! Records: list, read, make, change, take out.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use sanggan_records::rights;
use sanggan_records::{By, Event, Given, Known, Record, RecordId, Refusal, Wants};
use sanggan_store::records::RecordsError;
use serde_json::{Map, Value};

use crate::AppState;
use crate::auth::Caller;
use crate::dto::{ChangeRecordBody, CheckBody, Checked, NewRecordBody, RecordPage, RecordRow, RetireBody};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::ask::RecordsQuery;
use crate::registers::{Opened, refuse, rows};
use crate::routes::{Ask, Body};

/// A page of a register's records.
#[utoipa::path(
    get, path = "/registers/{register}/records", operation_id = "listRecords", tag = "registers",
    params(("register" = String, Path, description = "The register's id"), RecordsQuery),
    responses(
        (status = 200, description = "A page", body = RecordPage),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 403, description = "A field asked by is not the caller's to read", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody)
    )
)]
pub(crate) async fn list_records(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    uri: Uri,
) -> Answer<Json<RecordPage>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let ask = RecordsQuery::only(&uri)?.ask(&state, &opened).await?;
    let scope = opened.past(rights::may_ask(&opened.who, opened.def(), &ask)?, ask.as_of)?;
    let page = state.store().records(opened.id(), &scope, &ask).await?;
    Ok(Json(RecordPage {
        records: rows::rows(&state, &opened, &page.records).await?,
        next: page.next,
        total: page.total,
    }))
}

/// A day or moment of the past.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AsOfQuery {
    /// The record as it was at the end of this day, or at this moment.
    as_of: Option<String>,
}

/// One record.
#[utoipa::path(
    get, path = "/registers/{register}/records/{rid}", operation_id = "getRecord", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number"),
        AsOfQuery
    ),
    responses(
        (status = 200, description = "The record", body = RecordRow),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such record, or not the caller's to see", body = ProblemBody)
    )
)]
pub(crate) async fn get_record(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    Ask(query): Ask<AsOfQuery>,
) -> Answer<Json<RecordRow>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let as_of = query.as_of.as_deref().map(crate::registers::ask::as_of).transpose()?;
    let scope = opened.past(opened.scope.clone(), as_of)?;
    let record = state.store().read_record(opened.id(), &scope, number(&rid)?, as_of).await?;
    Ok(Json(rows::one(&state, &opened, &record).await?))
}

/// Makes a record.
#[utoipa::path(
    post, path = "/registers/{register}/records", operation_id = "createRecord", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    request_body = NewRecordBody,
    responses(
        (status = 201, description = "The record made", body = RecordRow),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to make", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody),
        (status = 422, description = "Fields are wrong or missing", body = ProblemBody)
    )
)]
pub(crate) async fn create_record(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    Body(body): Body<NewRecordBody>,
) -> Answer<(StatusCode, Json<RecordRow>)> {
    let opened = Opened::of(&state, &caller, &register)?;
    rights::may_create(&opened.who, opened.def())?;
    let values = given(&state, &opened, &body.values).await?;
    let event = Event::Create { values, schematic: false, state: None };
    let by = By { caller: &opened.who, now: state.now(), why: &body.why };
    let record = state.store().act(opened.id(), None, event, by).await?;
    Ok((StatusCode::CREATED, Json(rows::one(&state, &opened, &record).await?)))
}

/// Changes a record; only the values given.
#[utoipa::path(
    patch, path = "/registers/{register}/records/{rid}", operation_id = "changeRecord", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number")
    ),
    request_body = ChangeRecordBody,
    responses(
        (status = 200, description = "The record as it is now", body = RecordRow),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to change", body = ProblemBody),
        (status = 404, description = "No such record", body = ProblemBody),
        (status = 409, description = "Somebody changed it meanwhile; `current` is the record as it is", body = ProblemBody),
        (status = 422, description = "Fields are wrong or missing", body = ProblemBody)
    )
)]
pub(crate) async fn change_record(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    Body(body): Body<ChangeRecordBody>,
) -> Answer<Json<RecordRow>> {
    change(&state, &caller, &register, number(&rid)?, None, body).await
}

/// Takes a record over a transition of its lifecycle.
#[utoipa::path(
    post, path = "/registers/{register}/records/{rid}/transitions/{transition}",
    operation_id = "transitionRecord", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number"),
        ("transition" = String, Path, description = "The transition's id")
    ),
    request_body = ChangeRecordBody,
    responses(
        (status = 200, description = "The record as it is now", body = RecordRow),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to do", body = ProblemBody),
        (status = 404, description = "No such record or transition", body = ProblemBody),
        (status = 409, description = "Its state does not allow it, or somebody changed it meanwhile", body = ProblemBody),
        (status = 422, description = "Something it needs is missing", body = ProblemBody)
    )
)]
pub(crate) async fn transition_record(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid, transition)): Path<(String, String, String)>,
    Body(body): Body<ChangeRecordBody>,
) -> Answer<Json<RecordRow>> {
    change(&state, &caller, &register, number(&rid)?, Some(transition), body).await
}

async fn change(
    state: &AppState,
    caller: &Caller,
    register: &str,
    rid: RecordId,
    transition: Option<String>,
    body: ChangeRecordBody,
) -> Answer<Json<RecordRow>> {
    let opened = Opened::of(state, caller, register)?;
    // Seen first: one that is not the caller's to see is not there, whatever is wrong with the values.
    state.store().read_record(opened.id(), &opened.scope, rid, None).await?;
    let values = given(state, &opened, &body.values).await?;
    let event = match transition {
        Some(transition) => Event::Transition { version: body.version, transition, values },
        None => Event::Change { version: body.version, values },
    };
    let by = By { caller: &opened.who, now: state.now(), why: &body.why };
    done(state, &opened, state.store().act(opened.id(), Some(rid), event, by).await).await
}

/// The record after what was done, or the problem; of a stale change with the record as it is.
async fn done(
    state: &AppState,
    opened: &Opened,
    done: Result<Record, RecordsError>,
) -> Answer<Json<RecordRow>> {
    match done {
        Ok(record) => Ok(Json(rows::one(state, opened, &record).await?)),
        Err(RecordsError::Stale { current, .. }) => Err(stale(state, opened, &current).await?),
        Err(error) => Err(error.into()),
    }
}

/// The values of a body, read.
pub(crate) async fn given(state: &AppState, opened: &Opened, values: &Map<String, Value>) -> Answer<Given> {
    let mut wants = Wants::default();
    opened.model.wants_json(values, &mut wants);
    let known = state.store().look_up(&wants).await?;
    opened.model.read_json(values, &known).map_err(|faults| Refusal::of_faults(faults).into())
}

/// Takes a record out of its register; it stays with its history.
#[utoipa::path(
    delete, path = "/registers/{register}/records/{rid}", operation_id = "retireRecord", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number")
    ),
    request_body = RetireBody,
    responses(
        (status = 200, description = "The record as it is now", body = RecordRow),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to take out", body = ProblemBody),
        (status = 404, description = "No such record", body = ProblemBody),
        (status = 409, description = "Others refer to it, or somebody changed it meanwhile", body = ProblemBody)
    )
)]
pub(crate) async fn retire_record(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    Body(body): Body<RetireBody>,
) -> Answer<Json<RecordRow>> {
    put_away(&state, &caller, &register, number(&rid)?, body, true).await
}

/// Takes a record back into its register.
#[utoipa::path(
    post, path = "/registers/{register}/records/{rid}/restore", operation_id = "restoreRecord", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("rid" = i64, Path, description = "The record's number")
    ),
    request_body = RetireBody,
    responses(
        (status = 200, description = "The record as it is now", body = RecordRow),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to put back", body = ProblemBody),
        (status = 404, description = "No such record", body = ProblemBody),
        (status = 409, description = "Somebody changed it meanwhile", body = ProblemBody),
        (status = 422, description = "Its key was given to another record", body = ProblemBody)
    )
)]
pub(crate) async fn restore_record(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    Body(body): Body<RetireBody>,
) -> Answer<Json<RecordRow>> {
    put_away(&state, &caller, &register, number(&rid)?, body, false).await
}

async fn put_away(
    state: &AppState,
    caller: &Caller,
    register: &str,
    rid: RecordId,
    body: RetireBody,
    out: bool,
) -> Answer<Json<RecordRow>> {
    let opened = Opened::of(state, caller, register)?;
    state.store().read_record(opened.id(), &opened.scope, rid, None).await?;
    let by = By { caller: &opened.who, now: state.now(), why: &body.why };
    let (store, id, version) = (state.store(), opened.id(), body.version);
    let put = if out {
        store.act(id, Some(rid), Event::Retire { version }, by).await
    } else {
        store.restore_record(id, rid, version, by).await
    };
    done(state, &opened, put).await
}

/// Looks at values as a form is filled in; nothing is kept.
#[utoipa::path(
    post, path = "/registers/{register}/check", operation_id = "checkRecord", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    request_body = CheckBody,
    responses(
        (status = 200, description = "What is wrong, and what the computed fields hold", body = Checked),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such register or record", body = ProblemBody)
    )
)]
pub(crate) async fn check_record(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    Body(body): Body<CheckBody>,
) -> Answer<Json<Checked>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let before = match body.rid {
        Some(rid) => Some(state.store().read_record(opened.id(), &opened.scope, RecordId(rid), None).await?),
        None => None,
    };
    let model = &opened.model;
    let mut wants = Wants::default();
    model.wants_json(&body.values, &mut wants);
    if let Some(before) = &before {
        model.wants_values(&before.values, &mut wants);
    }
    let known: Known = state.store().look_up(&wants).await?;
    let (mut values, lifecycle_state) = match &before {
        Some(before) => (before.values.clone(), before.state.clone()),
        None => (model.blank(), model.def().lifecycle.as_ref().map(|lifecycle| lifecycle.start.clone())),
    };
    // Each value by itself, so that one that cannot be read does not hide what is wrong with the others.
    let mut faults = Vec::new();
    for (id, value) in &body.values {
        match model.read_json(&Map::from_iter([(id.clone(), value.clone())]), &known) {
            Ok(given) => given.into_iter().for_each(|(nth, value)| values[nth] = value),
            Err(more) => faults.extend(more),
        }
    }
    let lifecycle_state = lifecycle_state.as_deref();
    model.compute(&mut values, lifecycle_state, &known);
    for fault in model.check(&values, lifecycle_state, &known) {
        if !faults.iter().any(|known| known.field == fault.field) {
            faults.push(fault);
        }
    }
    let hidden = rights::hidden_fields(&opened.who, model.def(), before.as_ref());
    let links = Default::default();
    let computed = model.def().fields.iter().enumerate().filter(|(nth, field)| {
        matches!(field.kind, sanggan_pack::FieldKind::Computed { .. }) && !hidden.contains(nth)
    });
    let computed = computed
        .map(|(nth, field)| (field.id.clone(), model.value_json(nth, &values[nth], &links)))
        .collect();
    let required = model.required(&values, lifecycle_state, &known);
    Ok(Json(Checked {
        faults: refuse::faults(&faults),
        computed,
        required: required.iter().map(|&nth| model.def().fields[nth].id.clone()).collect(),
    }))
}

/// The number a path names.
pub(crate) fn number(text: &str) -> Answer<RecordId> {
    text.parse().map(RecordId).map_err(|_| Problem::not_found(format!("there is no record `{text}`")))
}

/// The problem of a change made from an old version, with the record as it is.
pub(crate) async fn stale(state: &AppState, opened: &Opened, current: &Record) -> Answer<Problem> {
    let row = rows::one(state, opened, current).await?;
    let detail = format!(
        "record {} of the register `{}` is at version {}: somebody changed it meanwhile",
        current.id,
        opened.id(),
        current.version
    );
    let current =
        serde_json::to_value(row).map_err(|error| Problem::internal("could not write the record", &error))?;
    Ok(Problem::new(sanggan_base::ErrorCode::Conflict, detail)
        .hint("look at `current`, then change it from that version")
        .with_current(current))
}
