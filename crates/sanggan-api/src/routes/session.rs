//! Logging in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use sanggan_base::ErrorCode;
use sanggan_store::User;

use super::Body;
use crate::AppState;
use crate::auth::{Caller, set_cookie};
use crate::dto::{LogIn, PasswordChange, RoleName, Session, SessionUser};
use crate::problem::{Answer, Problem, ProblemBody};

impl From<sanggan_store::Role> for RoleName {
    fn from(role: sanggan_store::Role) -> RoleName {
        match role {
            sanggan_store::Role::Admin => RoleName::Admin,
            sanggan_store::Role::Operator => RoleName::Operator,
            sanggan_store::Role::Viewer => RoleName::Viewer,
        }
    }
}

impl From<RoleName> for sanggan_store::Role {
    fn from(role: RoleName) -> sanggan_store::Role {
        match role {
            RoleName::Admin => sanggan_store::Role::Admin,
            RoleName::Operator => sanggan_store::Role::Operator,
            RoleName::Viewer => sanggan_store::Role::Viewer,
        }
    }
}

fn of_user(user: &User) -> Session {
    Session {
        user: Some(SessionUser {
            name: user.name.clone(),
            role: user.role.into(),
            must_change_password: user.must_change_password,
        }),
    }
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
    if let Some(old) = caller.token() {
        state.store().log_out(old, state.now()).await?;
    }
    let cookie = set_cookie(Some(begun.token.as_str()), state.settings().secure_cookie)
        .ok_or_else(|| Problem::new(ErrorCode::Internal, "the session token is no header text"))?;
    let headers = HeaderMap::from_iter([(header::SET_COOKIE, cookie)]);
    Ok((headers, Json(of_user(&begun.user))))
}

/// Who is logged in here.
#[utoipa::path(
    get, path = "/session", operation_id = "getSession", tag = "session",
    responses((status = 200, description = "The session", body = Session))
)]
pub(crate) async fn get_session(caller: Caller) -> Json<Session> {
    Json(caller.user().map_or(Session { user: None }, of_user))
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
    if let Some(token) = caller.token() {
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
    let Some(user) = caller.user() else {
        return Err(Problem::new(ErrorCode::Unauthenticated, "nobody is logged in"));
    };
    state.store().change_password(&user.name, &body.old, &body.new, state.now()).await?;
    // The old session may have ended with the old password: begin another at once.
    let begun = state.store().log_in(&user.name, &body.new, caller.peer(), state.now()).await?;
    if let Some(old) = caller.token() {
        state.store().log_out(old, state.now()).await?;
    }
    let cookie = set_cookie(Some(begun.token.as_str()), state.settings().secure_cookie);
    let headers = cookie.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect();
    Ok((StatusCode::NO_CONTENT, headers))
}
