//! Several records changed alike.

use axum::Json;
use axum::extract::{Path, State};
use sanggan_records::{By, Event, RecordId};

use super::records::given;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{BulkBody, BulkDone, BulkResult, FieldFault};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, refuse};
use crate::routes::Body;

/// Most records of one request.
const RECORDS_MAX: usize = 1_000;

/// Sets the same values on several records, or takes each over the same transition. Each goes by itself.
#[utoipa::path(
    post, path = "/registers/{register}/bulk", operation_id = "changeRecords", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    request_body = BulkBody,
    responses(
        (status = 200, description = "What became of each", body = BulkDone),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody)
    )
)]
pub(crate) async fn change_records(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    Body(body): Body<BulkBody>,
) -> Answer<Json<BulkDone>> {
    let opened = Opened::of(&state, &caller, &register)?;
    if body.rids.len() > RECORDS_MAX {
        return Err(Problem::bad_field("rids", format!("more than {RECORDS_MAX} records at once")));
    }
    if body.transition.is_none() && body.values.is_empty() {
        return Err(Problem::bad_field("values", "neither a transition nor values to set"));
    }
    let rids: Vec<RecordId> = body.rids.iter().map(|rid| RecordId(*rid)).collect();
    let found = state.store().read_records(opened.id(), &opened.scope, &rids).await?;
    let values = given(&state, &opened, &body.values).await?;
    let mut faults: Vec<Option<Vec<FieldFault>>> = vec![None; rids.len()];
    let (mut events, mut places) = (Vec::new(), Vec::new());
    for (nth, rid) in rids.iter().enumerate() {
        let Some(before) = found.iter().find(|record| record.id == *rid) else {
            faults[nth] = Some(vec![whole("not_found", "没有这条记录", "there is no such record")]);
            continue;
        };
        if rids[..nth].contains(rid) {
            faults[nth] = Some(vec![whole("twice", "这条记录列了两次", "the record is named twice")]);
            continue;
        }
        let (version, values) = (before.version, values.clone());
        let event = match &body.transition {
            Some(transition) => Event::Transition { version, transition: transition.clone(), values },
            None => Event::Change { version, values },
        };
        events.push((*rid, event));
        places.push(nth);
    }
    let by = By { caller: &opened.who, now: state.now(), why: &body.why };
    let done = state.store().act_many(opened.id(), events, by).await?;
    for (nth, result) in places.into_iter().zip(done) {
        faults[nth] = result.err().map(|error| refuse::of_error(&error));
    }
    let results: Vec<BulkResult> = body
        .rids
        .iter()
        .zip(faults)
        .map(|(&rid, faults)| BulkResult { rid, ok: faults.is_none(), faults: faults.unwrap_or_default() })
        .collect();
    Ok(Json(BulkDone { changed: results.iter().filter(|result| result.ok).count(), results }))
}

fn whole(code: &str, zh: &str, en: &str) -> FieldFault {
    FieldFault { field: String::new(), code: code.to_owned(), zh: zh.to_owned(), en: en.to_owned() }
}
