//! The live stream's operation; the work is in [`crate::live`].

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use sanggan_base::ErrorCode;
use sanggan_store::Operation;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Ask;
use crate::AppState;
use crate::auth::Caller;
use crate::live::{self, Filter};
use crate::problem::{Answer, Problem, ProblemBody};

/// What to follow.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// Only this station, or `area:CODE`.
    station: Option<String>,
    /// `1`: every durable batch at once, not gathered twice a second.
    raw: Option<String>,
}

/// Live events: `observations`, `air`, `device`, `tick` (15 s), `resync` (read again).
#[utoipa::path(
    get, path = "/live", operation_id = "followLive", tag = "public", params(LiveQuery),
    responses(
        (status = 200, description = "Server-sent events; see LiveObservations, LiveAir, LiveDevice, LiveTick",
         body = String, content_type = "text/event-stream"),
        (status = 503, description = "Too many clients", body = ProblemBody)
    )
)]
pub(crate) async fn follow_live(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<LiveQuery>,
) -> Answer<impl IntoResponse> {
    let permit = Arc::clone(&state.inner.live_seats).try_acquire_owned().map_err(|_| {
        Problem::new(ErrorCode::Unavailable, "too many clients follow the live stream").retry_after(10)
    })?;
    let filter = Filter {
        station: query.station,
        raw: query.raw.is_some_and(|raw| matches!(raw.as_str(), "1" | "true")),
        public_only: !caller.may(Operation::FollowLive),
    };
    let headers = [("cache-control", "no-store"), ("x-accel-buffering", "no")];
    Ok((headers, live::open(state, caller, filter, permit)))
}
