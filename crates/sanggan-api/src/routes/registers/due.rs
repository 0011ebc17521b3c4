//! What is due over all registers.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::AppState;
use crate::auth::Caller;
use crate::dto::{DueList, DueRow, Names};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{resolve, seen_due, today};
use crate::routes::Ask;

/// Records shown at most.
const ROWS_MAX: u32 = 500;

/// How far ahead.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DueQuery {
    /// Days ahead, to 366; 30 when it is left out.
    within: Option<u16>,
}

/// Reviews and deadlines that are overdue or come soon, the longest overdue first.
#[utoipa::path(
    get, path = "/due", operation_id = "listDueRecords", tag = "registers", params(DueQuery),
    responses(
        (status = 200, description = "The longest overdue first", body = DueList),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody)
    )
)]
pub(crate) async fn list_due_records(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<DueQuery>,
) -> Answer<Json<DueList>> {
    let within = query.within.unwrap_or(30);
    if within > 366 {
        return Err(Problem::bad_field("within", format!("`{within}` is more than 366 days")));
    }
    let today = today(state.now());
    let until = today.saturating_add(jiff::Span::new().days(i64::from(within)));
    let seen = seen_due(&state, &caller.for_records());
    let registers = state.models().registers();
    let found = state.store().due_records(&seen, until, ROWS_MAX).await?;
    let rows = found
        .iter()
        .filter_map(|due| {
            let def = registers.get(&due.link.register)?;
            let state = due.state.as_deref().and_then(|id| {
                def.lifecycle
                    .as_ref()?
                    .states
                    .iter()
                    .find(|state| state.id == id)
                    .map(|one| Names::from(&one.name))
            });
            Some(DueRow {
                record: resolve::link(&due.link),
                register_name: Names::from(&def.name),
                department: def.department.clone(),
                due: due.due_on.to_string(),
                overdue: due.due_on < today,
                state,
                area: due.area.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    Ok(Json(DueList { today: today.to_string(), rows, rows_max: ROWS_MAX }))
}
