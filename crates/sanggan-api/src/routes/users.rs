//! Users, for the security administrator.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sanggan_store::{Details, NewUser, User, UserChange};

use super::Body;
use crate::AppState;
use crate::accounts::{self, refused};
use crate::auth::Caller;
use crate::dto::{NewUserBody, UserPatch, UserRow};
use crate::problem::{Answer, ProblemBody};

async fn row(state: &AppState, user: User) -> Answer<UserRow> {
    let enterprise = accounts::enterprise(state, &user).await?;
    let Details { full_name, phone, areas, departments, enterprise: _ } = user.details;
    Ok(UserRow {
        name: user.name,
        role: user.role.into(),
        disabled: user.disabled,
        must_change_password: user.must_change_password,
        full_name,
        phone,
        areas: areas.iter().map(|area| area.as_str().to_owned()).collect(),
        departments,
        enterprise,
        created_at: user.created_at.to_string(),
        last_log_in: user.last_log_in.map(|at| at.to_string()),
    })
}

/// Every user.
#[utoipa::path(
    get, path = "/users", operation_id = "listUsers", tag = "system",
    responses((status = 200, description = "By name", body = Vec<UserRow>))
)]
pub(crate) async fn list_users(State(state): State<AppState>) -> Answer<Json<Vec<UserRow>>> {
    let mut rows = Vec::new();
    for user in state.store().users().await? {
        rows.push(row(&state, user).await?);
    }
    Ok(Json(rows))
}

/// Makes a user.
#[utoipa::path(
    post, path = "/users", operation_id = "createUser", tag = "system", request_body = NewUserBody,
    responses(
        (status = 201, description = "Made", body = UserRow),
        (status = 400, description = "Bad name, weak password, or what the role has no use for", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody)
    )
)]
pub(crate) async fn create_user(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<NewUserBody>,
) -> Answer<(StatusCode, Json<UserRow>)> {
    let enterprise = match body.enterprise.as_deref().filter(|key| !key.is_empty()) {
        Some(key) => {
            Some(accounts::enterprise_of_key(state.store(), key).await.map_err(refused("enterprise"))?)
        }
        None => None,
    };
    let details = Details {
        full_name: body.full_name,
        phone: body.phone,
        areas: accounts::areas(state.pack(), &body.areas).map_err(refused("areas"))?,
        departments: accounts::departments(state.pack(), &body.departments)
            .map_err(refused("departments"))?,
        enterprise,
    };
    let new = NewUser { name: body.name, role: body.role.into(), password: body.password, details };
    let user = state.store().create_user(new, &caller.actor(), state.now()).await?;
    Ok((StatusCode::CREATED, Json(row(&state, user).await?)))
}

/// Changes a user's role and the part of the registers they work in, bars or admits them, or gives them a new first
/// password. Nobody changes their own rights.
#[utoipa::path(
    patch, path = "/users/{name}", operation_id = "changeUser", tag = "system", request_body = UserPatch,
    params(("name" = String, Path, description = "The log-in name")),
    responses(
        (status = 200, description = "Changed", body = UserRow),
        (status = 400, description = "What the role has no use for", body = ProblemBody),
        (status = 404, description = "No such user", body = ProblemBody),
        (status = 409, description = "Somebody must stay security administrator, or it is oneself", body = ProblemBody)
    )
)]
pub(crate) async fn change_user(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(body): Body<UserPatch>,
) -> Answer<Json<UserRow>> {
    let enterprise = match body.enterprise.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(key) => {
            Some(Some(accounts::enterprise_of_key(state.store(), key).await.map_err(refused("enterprise"))?))
        }
    };
    let pack = state.pack();
    let areas =
        body.areas.map(|codes| accounts::areas(pack, &codes)).transpose().map_err(refused("areas"))?;
    let departments = body.departments.map(|ids| accounts::departments(pack, &ids)).transpose();
    let change = UserChange {
        role: body.role.map(Into::into),
        disabled: body.disabled,
        password: body.password,
        full_name: body.full_name,
        phone: body.phone,
        areas,
        departments: departments.map_err(refused("departments"))?,
        enterprise,
    };
    let user = state.store().change_user(&name, change, &caller.actor(), state.now()).await?;
    Ok(Json(row(&state, user).await?))
}
