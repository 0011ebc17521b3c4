//! Surface water for everyone: river sections and their classes.

use axum::Json;
use axum::extract::State;
use sanggan_base::Grain;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Ask, fields};
use crate::dto::RiverSections;
use crate::problem::{Answer, Problem, ProblemBody};
use crate::sections::{self, Period};
use crate::{AppState, when};

/// Which means are judged, and by what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SectionsQuery {
    /// A day, month or year: `2026-11-23`, `2026-11`, `2026`; left out: the newest of each section.
    period: Option<String>,
    /// Of the newest: `day` (default), `month`, `year`.
    grain: Option<String>,
    /// Judge by this edition in place of the one of the day.
    edition: Option<String>,
    /// As the statistics were at this time.
    as_of: Option<String>,
}

/// Every river section with its class.
#[utoipa::path(
    get, path = "/water/sections", operation_id = "listRiverSections", tag = "public", params(SectionsQuery),
    responses(
        (status = 200, description = "By station code", body = RiverSections),
        (status = 400, description = "A field is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_river_sections(
    State(state): State<AppState>,
    Ask(query): Ask<SectionsQuery>,
) -> Answer<Json<RiverSections>> {
    let period = match fields::given(query.period.as_deref()) {
        Some(text) => {
            let grain = match text.len() {
                4 => Grain::Year,
                7 => Grain::Month,
                10 => Grain::Day,
                _ => {
                    return Err(Problem::bad_field("period", "`period` is no day, month or year")
                        .hint("write it as 2026-11-23, 2026-11 or 2026"));
                }
            };
            let start = when::period(grain, text)
                .map_err(|_| Problem::bad_field("period", "`period` is no day, month or year"))?;
            Period::Of(grain, start)
        }
        None => {
            let grain =
                fields::word("grain", query.grain.as_deref(), Grain::from_name)?.unwrap_or(Grain::Day);
            if grain == Grain::Hour {
                return Err(Problem::bad_field("grain", "sections are judged by days, months and years"));
            }
            Period::Newest(grain)
        }
    };
    let as_of = fields::as_of(query.as_of.as_deref())?;
    let edition = fields::given(query.edition.as_deref());
    Ok(Json(sections::sections(&state, period, edition, as_of).await?))
}
