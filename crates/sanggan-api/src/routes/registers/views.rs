//! Saved views: a list's filters, order and columns under a name.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sanggan_base::ErrorCode;
use sanggan_store::{NewView, SavedView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::AppState;
use crate::auth::Caller;
use crate::dto::{NewViewBody, ViewRow};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::Opened;
use crate::routes::{Ask, Body};

/// Of which register.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ViewsQuery {
    /// Only of this register.
    register: Option<String>,
}

fn user(caller: &Caller) -> Answer<&str> {
    let user =
        caller.user().ok_or_else(|| Problem::new(ErrorCode::Unauthenticated, "nobody is logged in"))?;
    Ok(&user.name)
}

fn row(view: SavedView, user: &str) -> ViewRow {
    ViewRow {
        id: view.id,
        register: view.register,
        name: view.name,
        query: view.query,
        shared: view.shared,
        own: view.user == user,
    }
}

/// The caller's views, and those that others share.
#[utoipa::path(
    get, path = "/views", operation_id = "listViews", tag = "registers", params(ViewsQuery),
    responses(
        (status = 200, description = "By name", body = Vec<ViewRow>),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody)
    )
)]
pub(crate) async fn list_views(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<ViewsQuery>,
) -> Answer<Json<Vec<ViewRow>>> {
    let user = user(&caller)?;
    let views = state.store().views(user, query.register.as_deref()).await?;
    Ok(Json(views.into_iter().map(|view| row(view, user)).collect()))
}

/// Keeps a view; one of the caller's of the same register and name is replaced.
#[utoipa::path(
    put, path = "/views", operation_id = "keepView", tag = "registers", request_body = NewViewBody,
    responses(
        (status = 200, description = "Kept", body = ViewRow),
        (status = 400, description = "The body cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "The register is not the caller's to see", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody)
    )
)]
pub(crate) async fn keep_view(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<NewViewBody>,
) -> Answer<Json<ViewRow>> {
    let user = user(&caller)?;
    Opened::of(&state, &caller, &body.register)?;
    let NewViewBody { register, name, query, shared } = body;
    let view = state.store().put_view(user, NewView { register, name, query, shared }, state.now()).await?;
    Ok(Json(row(view, user)))
}

/// Removes a view of the caller's.
#[utoipa::path(
    delete, path = "/views/{id}", operation_id = "removeView", tag = "registers",
    params(("id" = i64, Path, description = "The view's number")),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such view of the caller's", body = ProblemBody)
    )
)]
pub(crate) async fn remove_view(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let number = id.parse().map_err(|_| Problem::not_found(format!("there is no view `{id}`")))?;
    state.store().remove_view(user(&caller)?, number, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
