//! Evaluators for anyone's rows: what they read, and their answers.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sanggan_base::ErrorCode;
use sanggan_standards::{Assessment, assessment, assessments};

use super::read_body;
use crate::dto::{AssessmentAnswers, AssessmentBody, AssessmentBrief, AssessmentDetail};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, evaluate, when};

/// Largest body with rows: everyone may send one, so it is smaller than others.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long a request waits for its turn: few are judged at once, so that nobody's spreadsheet slows the wall.
const TURN_MAX: Duration = Duration::from_secs(10);

fn known(id: &str) -> Answer<&'static Assessment> {
    assessment(id).ok_or_else(|| {
        let known: Vec<&str> = assessments().map(|one| one.id).collect();
        Problem::not_found(format!("there is no assessment `{id}`"))
            .hint(format!("known: {}", known.join(", ")))
    })
}

/// Every evaluator.
#[utoipa::path(
    get, path = "/assess", operation_id = "listAssessments", tag = "law",
    responses((status = 200, description = "By theme", body = Vec<AssessmentBrief>))
)]
pub(crate) async fn list_assessments() -> Json<Vec<AssessmentBrief>> {
    Json(assessments().map(evaluate::brief).collect())
}

/// One evaluator with its columns and an example.
#[utoipa::path(
    get, path = "/assess/{id}", operation_id = "getAssessment", tag = "law",
    params(("id" = String, Path, description = "The evaluator's id")),
    responses(
        (status = 200, description = "What it reads and answers", body = AssessmentDetail),
        (status = 404, description = "No such evaluator", body = ProblemBody)
    )
)]
pub(crate) async fn get_assessment(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Answer<Json<AssessmentDetail>> {
    let assessment = known(&id)?;
    Ok(Json(evaluate::detail(state.law(), assessment, state.now().local_date())))
}

/// Judges rows. What is wrong with a row is said in its answer; the others are judged all the same.
#[utoipa::path(
    post, path = "/assess/{id}", operation_id = "assessRows", tag = "law", request_body = AssessmentBody,
    params(("id" = String, Path, description = "The evaluator's id")),
    responses(
        (status = 200, description = "One answer a row or group of rows, and edition", body = AssessmentAnswers),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such evaluator", body = ProblemBody),
        (status = 413, description = "Too many rows", body = ProblemBody),
        (status = 503, description = "Too many are asking; try again", body = ProblemBody)
    )
)]
pub(crate) async fn assess_rows(
    State(state): State<AppState>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer<Response> {
    let assessment = known(&id)?;
    if bytes.len() > BODY_BYTES_MAX {
        return Err(Problem::new(
            ErrorCode::TooLarge,
            format!("the body has {} bytes; at most {BODY_BYTES_MAX} are taken", bytes.len()),
        ));
    }
    let busy = || {
        Problem::new(ErrorCode::Unavailable, "too many assessments are under way")
            .retry_after(TURN_MAX.as_secs())
    };
    let turn = tokio::time::timeout(TURN_MAX, state.assess_turn()).await.map_err(|_| busy())?;
    let today = state.now().local_date();
    let law = state.law();
    // Reading, judging and writing ten thousand rows would hold up every other request of this thread.
    let judged = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let body: AssessmentBody = read_body(&bytes)?;
        let day = body.day.as_deref().map_or(Ok(today), |day| when::date("day", day))?;
        let answers: AssessmentAnswers = evaluate::evaluate(law, assessment, &body, day)?;
        serde_json::to_vec(&answers).map_err(|error| Problem::internal("could not write the answers", &error))
    });
    let json = judged.await.map_err(|error| Problem::internal("could not judge the rows", &error))??;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}
