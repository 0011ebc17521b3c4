//! Logging in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use sanggan_base::ErrorCode;
use sanggan_store::{Role, User};

use super::Body;
use crate::auth::{Caller, set_cookie};
use crate::dto::{LogIn, PasswordChange, RoleName, Session, SessionUser};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, accounts};

impl From<Role> for RoleName {
    fn from(role: Role) -> RoleName {
        match role {
            Role::Viewer => RoleName::Viewer,
            Role::Officer => RoleName::Officer,
            Role::Operator => RoleName::Operator,
            Role::Enterprise => RoleName::Enterprise,
            Role::SystemAdmin => RoleName::SystemAdmin,
            Role::SecurityAdmin => RoleName::SecurityAdmin,
            Role::AuditAdmin => RoleName::AuditAdmin,
        }
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Role {
        match role {
            RoleName::Viewer => Role::Viewer,
            RoleName::Officer => Role::Officer,
            RoleName::Operator => Role::Operator,
            RoleName::Enterprise => Role::Enterprise,
            RoleName::SystemAdmin => Role::SystemAdmin,
            RoleName::SecurityAdmin => Role::SecurityAdmin,
            RoleName::AuditAdmin => Role::AuditAdmin,
        }
    }
}

async fn of_user(state: &AppState, user: &User) -> Answer<Session> {
    Ok(Session {
        user: Some(SessionUser {
            name: user.name.clone(),
            role: user.role.into(),
            must_change_password: user.must_change_password,
            full_name: user.details.full_name.clone(),
            areas: user.details.areas.iter().map(|area| area.as_str().to_owned()).collect(),
            departments: user.details.departments.clone(),
            enterprise: accounts::enterprise(state, user).await?,
        }),
    })
}

/// The header that sets the cookie of a session begun.
pub(crate) fn begun_cookie(state: &AppState, begun: &sanggan_store::LogIn) -> Answer<HeaderValue> {
    set_cookie(Some(begun.token.as_str()), state.settings().secure_cookie)
        .ok_or_else(|| Problem::new(ErrorCode::Internal, "the session token is no header text"))
}

/// Begins a session.
#[utoipa::path(
    post, path = "/session", operation_id = "logIn", tag = "session", request_body = LogIn,
    responses(
        (status = 200, description = "Logged in; the cookie is set", body = Session),
        (status = 401, description = "Wrong name or password", body = ProblemBody),
        (status = 429, description = "Too many tries", body = ProblemBody)
    )
)]
pub(crate) async fn log_in(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<LogIn>,
) -> Answer<(HeaderMap, Json<Session>)> {
    let begun = state.store().log_in(&body.name, &body.password, caller.peer(), state.now()).await?;
    if let Some(old) = caller.session() {
        state.store().log_out(old, state.now()).await?;
    }
    let cookie = begun_cookie(&state, &begun)?;
    let headers = HeaderMap::from_iter([(header::SET_COOKIE, cookie)]);
    Ok((headers, Json(of_user(&state, &begun.user).await?)))
}

/// Who is logged in here.
#[utoipa::path(
    get, path = "/session", operation_id = "getSession", tag = "session",
    responses((status = 200, description = "The session", body = Session))
)]
pub(crate) async fn get_session(State(state): State<AppState>, caller: Caller) -> Answer<Json<Session>> {
    match caller.user() {
        Some(user) => Ok(Json(of_user(&state, user).await?)),
        None => Ok(Json(Session { user: None })),
    }
}

/// Ends the session.
#[utoipa::path(
    delete, path = "/session", operation_id = "logOut", tag = "session",
    responses((status = 204, description = "Logged out"))
)]
pub(crate) async fn log_out(
    State(state): State<AppState>,
    caller: Caller,
) -> Answer<(StatusCode, HeaderMap)> {
    if let Some(token) = caller.session() {
        state.store().log_out(token, state.now()).await?;
    }
    let cookie = set_cookie(None, state.settings().secure_cookie);
    let headers = cookie.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect();
    Ok((StatusCode::NO_CONTENT, headers))
}

/// Changes the own password. Other sessions of the user end; this one goes on.
#[utoipa::path(
    post, path = "/session/password", operation_id = "changePassword", tag = "session",
    request_body = PasswordChange,
    responses(
        (status = 204, description = "Changed; the cookie is set anew"),
        (status = 400, description = "The new password is too weak", body = ProblemBody),
        (status = 401, description = "The old password is wrong", body = ProblemBody)
    )
)]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<PasswordChange>,
) -> Answer<(StatusCode, HeaderMap)> {
    caller.require_person()?;
    let Some(user) = caller.user() else {
        return Err(Problem::new(ErrorCode::Unauthenticated, "nobody is logged in"));
    };
    state.store().change_password(&user.name, &body.old, &body.new, state.now()).await?;
    // The old session may have ended with the old password: begin another at once.
    let begun = state.store().log_in(&user.name, &body.new, caller.peer(), state.now()).await?;
    if let Some(old) = caller.session() {
        state.store().log_out(old, state.now()).await?;
    }
    let cookie = set_cookie(Some(begun.token.as_str()), state.settings().secure_cookie);
    let headers = cookie.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect();
    Ok((StatusCode::NO_CONTENT, headers))
}
