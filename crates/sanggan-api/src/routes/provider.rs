//! Logging in through the identity provider.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use sanggan_base::ErrorCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Ask;
use crate::AppState;
use crate::auth::{self, Caller};
use crate::dto::LogInWays;
use crate::oidc::{OidcSettings, Refused};
use crate::problem::{Answer, Problem, ProblemBody};

/// Ties a log-in to the browser it began in.
const COOKIE: &str = "sanggan_provider";
/// Where that cookie goes.
const COOKIE_PATH: &str = "/api/v1/session/oidc";

/// How one may log in, beside name and password.
#[utoipa::path(
    get, path = "/session/ways", operation_id = "getLogInWays", tag = "session",
    responses((status = 200, description = "The identity provider, if there is one", body = LogInWays))
)]
pub(crate) async fn get_log_in_ways(State(state): State<AppState>) -> Json<LogInWays> {
    Json(LogInWays { provider: state.settings().oidc.as_ref().map(|oidc| oidc.label.clone()) })
}

/// Where to go afterwards.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartQuery {
    /// A path of the app.
    next: Option<String>,
}

/// What the provider sends back with the browser.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EndQuery {
    /// The state the log-in began with.
    state: Option<String>,
    /// The code to ask the token with.
    code: Option<String>,
    /// What went wrong at the provider.
    error: Option<String>,
}

fn oidc(state: &AppState) -> Answer<&OidcSettings> {
    state.settings().oidc.as_ref().ok_or_else(|| {
        Problem::not_found("there is no identity provider").hint("the settings `oidc.*` name one")
    })
}

/// Only a path of this app; never another site.
fn own_path(next: Option<String>) -> String {
    let own = |path: &String| {
        path.starts_with('/')
            && !path[1..].starts_with(['/', '\\'])
            && !path.contains(|c: char| c.is_control())
    };
    next.filter(own).unwrap_or_else(|| "/".to_owned())
}

type Redirect = (StatusCode, HeaderMap);

fn to(state: &AppState, place: &str, pending: Option<&str>) -> Answer<Redirect> {
    let secure = if state.settings().secure_cookie { "; Secure" } else { "" };
    let (value, age) = pending.map_or(("", 0), |pending| (pending, 600));
    let cookie =
        format!("{COOKIE}={value}; Path={COOKIE_PATH}; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    let text = |text: &str| {
        HeaderValue::from_str(text)
            .map_err(|_| Problem::new(ErrorCode::Internal, "the address to go on to is no header text"))
    };
    let headers = [
        (header::LOCATION, text(place)?),
        (header::SET_COOKIE, text(&cookie)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::SEE_OTHER, HeaderMap::from_iter(headers)))
}

/// Back to the log-in page, which says why.
fn refused(state: &AppState, why: &Refused) -> Answer<Redirect> {
    tracing::warn!(%why, "a log-in through the identity provider was refused");
    to(state, &format!("/login?problem={}", why.word()), None)
}

/// Sends the browser to the identity provider.
#[utoipa::path(
    get, path = "/session/oidc", operation_id = "startProviderLogIn", tag = "session", params(StartQuery),
    responses(
        (status = 303, description = "To the provider; or back to the log-in page, which says why not"),
        (status = 404, description = "There is no provider", body = ProblemBody)
    )
)]
pub(crate) async fn start_provider_log_in(
    State(state): State<AppState>,
    Ask(query): Ask<StartQuery>,
) -> Answer<Redirect> {
    let settings = oidc(&state)?;
    match state.oidc().begin(settings, own_path(query.next)).await {
        Ok((url, pending)) => to(&state, &url, Some(&pending)),
        Err(why) => refused(&state, &why),
    }
}

/// Where the identity provider sends the browser back to.
#[utoipa::path(
    get, path = "/session/oidc/callback", operation_id = "endProviderLogIn", tag = "session", params(EndQuery),
    responses(
        (status = 303, description = "Logged in, the cookie is set; or back to the log-in page, which says why not"),
        (status = 404, description = "There is no provider", body = ProblemBody)
    )
)]
pub(crate) async fn end_provider_log_in(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Ask(query): Ask<EndQuery>,
) -> Answer<Redirect> {
    let settings = oidc(&state)?;
    if let Some(error) = query.error {
        return refused(&state, &Refused::Provider(error));
    }
    let (Some(pending), Some(code)) = (query.state, query.code) else {
        return refused(&state, &Refused::Stale);
    };
    if auth::cookie(&headers, COOKIE).as_deref() != Some(pending.as_str()) {
        return refused(&state, &Refused::Stale);
    }
    let here = (state.store(), state.pack());
    let (user, next) = match state.oidc().end(settings, here, &pending, &code).await {
        Ok(found) => found,
        Err(why) => return refused(&state, &why),
    };
    let begun = match state.store().log_in_outside(user, caller.peer(), state.now()).await {
        Ok(begun) => begun,
        Err(error) => return refused(&state, &Refused::Account(error.to_string())),
    };
    if let Some(old) = caller.session() {
        state.store().log_out(old, state.now()).await?;
    }
    let (status, mut headers) = to(&state, &next, None)?;
    headers.append(header::SET_COOKIE, super::session::begun_cookie(&state, &begun)?);
    Ok((status, headers))
}
