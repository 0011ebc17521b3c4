//! Tokens for programs.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sanggan_base::ErrorCode;
use sanggan_base::time::DAY_MS;
use sanggan_store::{ApiToken, NewToken, Operation};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Ask, Body};
use crate::auth::Caller;
use crate::dto::{IssuedTokenBody, NewTokenBody, TokenRow, TokenScope};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, when};

/// A token works so long when nobody says how long.
const DEFAULT_MS: i64 = 90 * DAY_MS;

fn row(token: ApiToken) -> TokenRow {
    TokenRow {
        id: token.id,
        user: token.user,
        name: token.name,
        scope: if token.writes { TokenScope::Write } else { TokenScope::Read },
        created_at: token.created_at.to_string(),
        expires_at: token.expires_at.to_string(),
        last_used_at: token.last_used_at.map(|at| at.to_string()),
        revoked_at: token.revoked_at.map(|at| at.to_string()),
    }
}

fn user(caller: &Caller) -> Answer<&str> {
    let user =
        caller.user().ok_or_else(|| Problem::new(ErrorCode::Unauthenticated, "nobody is logged in"))?;
    Ok(&user.name)
}

/// Whose tokens.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TokensQuery {
    /// Those of everybody; for the security administrator.
    #[serde(default)]
    all: bool,
}

/// The caller's tokens, the newest first.
#[utoipa::path(
    get, path = "/tokens", operation_id = "listTokens", tag = "session", params(TokensQuery),
    responses(
        (status = 200, description = "Without their secrets", body = Vec<TokenRow>),
        (status = 403, description = "Everybody's are for the security administrator", body = ProblemBody)
    )
)]
pub(crate) async fn list_tokens(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<TokensQuery>,
) -> Answer<Json<Vec<TokenRow>>> {
    let of = if query.all {
        caller.require(Operation::ChangeUsers)?;
        None
    } else {
        Some(user(&caller)?)
    };
    Ok(Json(state.store().tokens(of).await?.into_iter().map(row).collect()))
}

/// Makes a token in the caller's name. Its secret is in this answer and nowhere else.
#[utoipa::path(
    post, path = "/tokens", operation_id = "createToken", tag = "session", request_body = NewTokenBody,
    responses(
        (status = 201, description = "Made; the secret is shown once", body = IssuedTokenBody),
        (status = 400, description = "A bad name or end", body = ProblemBody),
        (status = 403, description = "A token makes no tokens", body = ProblemBody),
        (status = 409, description = "There are too many", body = ProblemBody)
    )
)]
pub(crate) async fn create_token(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<NewTokenBody>,
) -> Answer<(StatusCode, Json<IssuedTokenBody>)> {
    caller.require_person()?;
    let now = state.now();
    let expires_at = match &body.expires_at {
        Some(text) => when::moment("expires_at", text)?,
        None => now.plus(DEFAULT_MS),
    };
    let new = NewToken { name: body.name, writes: body.scope == TokenScope::Write, expires_at };
    let issued = state.store().create_token(user(&caller)?, new, now).await?;
    Ok((StatusCode::CREATED, Json(IssuedTokenBody { secret: issued.secret, token: row(issued.token) })))
}

/// Revokes a token of the caller's; the security administrator revokes anybody's.
#[utoipa::path(
    delete, path = "/tokens/{id}", operation_id = "revokeToken", tag = "session",
    params(("id" = i64, Path, description = "The token's number")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "No such token of the caller's", body = ProblemBody)
    )
)]
pub(crate) async fn revoke_token(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let number = id.parse().map_err(|_| Problem::not_found(format!("there is no token `{id}`")))?;
    let own = if caller.may(Operation::ChangeUsers) { None } else { Some(user(&caller)?) };
    state.store().revoke_token(number, own, &caller.actor(), state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
