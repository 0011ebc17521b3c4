//! Devices that wait for admission.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sanggan_base::{AreaCode, ErrorCode};
use sanggan_pack::Name;
use sanggan_store::{Admission, NewStation, QuarantineReason, QuarantineState};

use super::{Body, frames, stations};
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{AdmitBody, Admitted, QuarantineRow};
use crate::problem::{Answer, Problem, ProblemBody};

/// Devices that wait or were refused, the latest first.
#[utoipa::path(
    get, path = "/quarantine", operation_id = "listQuarantine", tag = "devices",
    responses((status = 200, description = "The latest first", body = Vec<QuarantineRow>))
)]
pub(crate) async fn list_quarantine(State(state): State<AppState>) -> Answer<Json<Vec<QuarantineRow>>> {
    let rows = state.store().quarantine(false).await?;
    let rows = rows
        .into_iter()
        .map(|row| QuarantineRow {
            mn: row.mn.to_string(),
            first_seen: row.first_seen.to_string(),
            last_seen: row.last_seen.to_string(),
            frames: row.frames,
            peer: row.peer,
            sample_frame: Some(row.sample_frame).filter(|text| !text.is_empty()),
            st: row.st,
            reason: match row.reason {
                QuarantineReason::UnknownMn => "unknown_mn",
                QuarantineReason::WrongPassword => "wrong_password",
            }
            .to_owned(),
            refused: row.state == QuarantineState::Refused,
        })
        .collect();
    Ok(Json(rows))
}

/// Admits a device, then decodes and stores what it sent while it waited.
#[utoipa::path(
    post, path = "/quarantine/{mn}/admit", operation_id = "admitDevice", tag = "devices",
    request_body = AdmitBody, params(("mn" = String, Path, description = "The device's number")),
    responses(
        (status = 200, description = "Admitted", body = Admitted),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "Not in quarantine, or no such station", body = ProblemBody),
        (status = 409, description = "Admitted already, or the new station's code is taken", body = ProblemBody)
    )
)]
pub(crate) async fn admit_device(
    State(state): State<AppState>,
    caller: Caller,
    Path(mn): Path<String>,
    Body(body): Body<AdmitBody>,
) -> Answer<Json<Admitted>> {
    let mn = frames::mn(&mn)?;
    let admission = match (body.station_code, body.new_station) {
        (Some(code), None) => Admission::At(stations::code(&code)?),
        (None, Some(new)) => {
            let city = &state.pack().city;
            let area = new.area.unwrap_or_else(|| city.code.to_string());
            let area =
                AreaCode::parse(&area).map_err(|error| Problem::bad_field("area", error.to_string()))?;
            if area != city.code && city.area(area.as_str()).is_none() {
                return Err(Problem::bad_field("area", format!("the city has no area `{area}`")));
            }
            let name = new.name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 100 {
                return Err(Problem::bad_field("name", "the station's name must have 1 to 100 characters"));
            }
            Admission::New(NewStation {
                code: stations::code(&new.code)?,
                name: Name { en: name.clone(), zh: name },
                kind: new.kind.into(),
                area,
                lon: None,
                lat: None,
            })
        }
        _ => {
            return Err(Problem::bad_field("station_code", "give either `station_code` or `new_station`"));
        }
    };
    let Some(intake) = state.intake() else {
        return Err(Problem::new(ErrorCode::Unavailable, "this process runs no gateway"));
    };
    // A second click must not bind an admitted device to another station.
    let listed = state.store().quarantine(true).await?;
    if listed.iter().any(|row| row.mn == mn && row.state == QuarantineState::Admitted) {
        return Err(Problem::new(ErrorCode::Conflict, format!("`{mn}` is admitted already")));
    }
    let report = intake.admit(&mn, admission, body.password, &caller.actor()).await?;
    state.inner.observed();
    Ok(Json(Admitted { frames_decoded: report.frames_decoded, readings_stored: report.readings_stored }))
}

/// Refuses a device: it stays listed, its further packets are not kept.
#[utoipa::path(
    post, path = "/quarantine/{mn}/refuse", operation_id = "refuseDevice", tag = "devices",
    params(("mn" = String, Path, description = "The device's number")),
    responses(
        (status = 204, description = "Refused"),
        (status = 404, description = "Not in quarantine", body = ProblemBody)
    )
)]
pub(crate) async fn refuse_device(
    State(state): State<AppState>,
    caller: Caller,
    Path(mn): Path<String>,
) -> Answer<StatusCode> {
    let mn = frames::mn(&mn)?;
    state.store().refuse(&mn, "refused by an operator", &caller.actor(), state.now()).await?;
    state.inner.observed();
    Ok(StatusCode::NO_CONTENT)
}
