//! Users, for the administrator.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sanggan_store::{NewUser, User, UserChange};

use super::Body;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{NewUserBody, UserPatch, UserRow};
use crate::problem::{Answer, ProblemBody};

fn row(user: User) -> UserRow {
    UserRow {
        name: user.name,
        role: user.role.into(),
        disabled: user.disabled,
        must_change_password: user.must_change_password,
        created_at: user.created_at.to_string(),
        last_log_in: user.last_log_in.map(|at| at.to_string()),
    }
}

/// Every user.
#[utoipa::path(
    get, path = "/users", operation_id = "listUsers", tag = "system",
    responses((status = 200, description = "By name", body = Vec<UserRow>))
)]
pub(crate) async fn list_users(State(state): State<AppState>) -> Answer<Json<Vec<UserRow>>> {
    Ok(Json(state.store().users().await?.into_iter().map(row).collect()))
}

/// Makes a user.
#[utoipa::path(
    post, path = "/users", operation_id = "createUser", tag = "system", request_body = NewUserBody,
    responses(
        (status = 201, description = "Made", body = UserRow),
        (status = 400, description = "Bad name or weak password", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody)
    )
)]
pub(crate) async fn create_user(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<NewUserBody>,
) -> Answer<(StatusCode, Json<UserRow>)> {
    let new = NewUser { name: body.name, role: body.role.into(), password: body.password };
    let user = state.store().create_user(new, &caller.actor(), state.now()).await?;
    Ok((StatusCode::CREATED, Json(row(user))))
}

/// Changes a user's role, bars or admits them, or gives them a new first password.
#[utoipa::path(
    patch, path = "/users/{name}", operation_id = "changeUser", tag = "system", request_body = UserPatch,
    params(("name" = String, Path, description = "The log-in name")),
    responses(
        (status = 200, description = "Changed", body = UserRow),
        (status = 404, description = "No such user", body = ProblemBody),
        (status = 409, description = "Somebody must stay administrator", body = ProblemBody)
    )
)]
pub(crate) async fn change_user(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(body): Body<UserPatch>,
) -> Answer<Json<UserRow>> {
    let change =
        UserChange { role: body.role.map(Into::into), disabled: body.disabled, password: body.password };
    Ok(Json(row(state.store().change_user(&name, change, &caller.actor(), state.now()).await?)))
}
