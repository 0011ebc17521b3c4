//! Registers: the list of them, their definitions, their records and what happens to these.

pub(crate) mod attachments;
pub(crate) mod bulk;
pub(crate) mod chains;
pub(crate) mod due;
pub(crate) mod enterprise;
pub(crate) mod exports;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod imports;
pub(crate) mod places;
pub(crate) mod records;
pub(crate) mod tiles;
pub(crate) mod views;

use axum::Json;
use axum::extract::{Path, State};
use sanggan_records::rights;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::Caller;
use crate::dto::{MayDo, NamedId, Names, RegisterBrief, RegisterIndex, RegisterSheet};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, seen, seen_due, today};

/// Every operation on registers.
pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_registers))
        .routes(routes!(get_coverage))
        .routes(routes!(get_register))
        .routes(routes!(records::list_records, records::create_record))
        .routes(routes!(records::get_record, records::change_record, records::retire_record))
        .routes(routes!(records::restore_record))
        .routes(routes!(records::check_record))
        .routes(routes!(records::transition_record))
        .routes(routes!(history::get_record_history))
        .routes(routes!(history::list_related_records))
        .routes(routes!(history::get_record_sign))
        .routes(routes!(tiles::get_record_tile_json))
        .routes(routes!(tiles::get_record_tile))
        .routes(routes!(bulk::change_records))
        .routes(routes!(exports::export_records))
        .routes(routes!(imports::get_import))
        .routes(routes!(imports::list_import_faults))
        .routes(routes!(views::list_views, views::keep_view))
        .routes(routes!(views::remove_view))
        .routes(routes!(attachments::get_attachment))
        .routes(routes!(due::list_due_records))
        .routes(routes!(enterprise::get_enterprise_file))
        .routes(routes!(graph::get_graph))
        .routes(routes!(chains::get_chain_balance))
        .routes(routes!(chains::trace_chain))
        .routes(routes!(places::list_zones_at))
        .routes(routes!(places::list_derived_zones))
        .routes(routes!(places::get_calendar_day))
}

/// Operations that take files, whose bodies may be long.
pub(crate) fn uploads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(imports::propose_columns))
        .routes(routes!(imports::import_records))
        .routes(routes!(attachments::keep_attachment))
        .layer(imports::body_limit())
}

/// The registers the caller sees, by group.
#[utoipa::path(
    get, path = "/registers", operation_id = "listRegisters", tag = "registers",
    responses((status = 200, description = "By group", body = RegisterIndex))
)]
pub(crate) async fn list_registers(
    State(state): State<AppState>,
    caller: Caller,
) -> Answer<Json<RegisterIndex>> {
    let who = caller.for_records();
    let seen = seen(&state, &who);
    let today = today(state.now());
    let counts = state.store().record_counts(&seen, today).await?;
    let due = state.store().record_counts(&seen_due(&state, &who), today).await?;
    let registers = state.models().registers();
    let office = &registers.office;
    let mut briefs: Vec<RegisterBrief> = seen
        .iter()
        .filter_map(|(id, _)| {
            let def = registers.get(id)?;
            let counts = counts.get(id).copied().unwrap_or_default();
            Some(RegisterBrief {
                id: id.clone(),
                name: Names::from(&def.name),
                about: Names::from(&def.about),
                group: def.group.clone(),
                department: def.department.clone(),
                rows: def.rows.clone(),
                version: def.version,
                count: counts.count,
                overdue: due.get(id).map_or(0, |counts| counts.overdue),
                has_geometry: def.geometry.is_some(),
                is_public: def.public.is_some(),
                can_create: rights::may_create(&who, def).is_ok(),
            })
        })
        .collect();
    let place = |group: &str| office.groups.iter().position(|known| known.id == group);
    briefs.sort_by(|a, b| (place(&a.group), &a.id).cmp(&(place(&b.group), &b.id)));
    let named = |id: &str, name: &sanggan_pack::Name| NamedId { id: id.to_owned(), name: Names::from(name) };
    Ok(Json(RegisterIndex {
        groups: office.groups.iter().map(|group| named(&group.id, &group.name)).collect(),
        departments: office.departments.iter().map(|one| named(&one.id, &one.name)).collect(),
        registers: briefs,
    }))
}

/// A register's definition, and what the caller may do with it.
#[utoipa::path(
    get, path = "/registers/{register}", operation_id = "getRegister", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    responses(
        (status = 200, description = "The definition", body = RegisterSheet),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody)
    )
)]
pub(crate) async fn get_register(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
) -> Answer<Json<RegisterSheet>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let def = opened.def();
    let definition = serde_json::to_value(&**def)
        .map_err(|error| Problem::internal("could not write the definition", &error))?;
    let ids = |positions: Vec<usize>| positions.iter().map(|&nth| def.fields[nth].id.clone()).collect();
    let writable = rights::writable_fields(&opened.who, def, None);
    let create = rights::may_create(&opened.who, def).is_ok();
    let may = MayDo {
        create,
        change: create || !writable.is_empty(),
        import: rights::may_import(&opened.who, def).is_ok(),
        writable: ids(writable),
        hidden: ids(rights::hidden_fields(&opened.who, def, None)),
    };
    Ok(Json(RegisterSheet { definition, may }))
}

/// The rows of the city's plan: what carries each, and what is missing.
#[utoipa::path(
    get, path = "/coverage", operation_id = "getCoverage", tag = "registers",
    responses(
        (status = 200, description = "`rows` and `totals`, as the command `coverage` prints them", body = Object),
        (status = 404, description = "The pack says nothing of a plan", body = ProblemBody)
    )
)]
pub(crate) async fn get_coverage(State(state): State<AppState>) -> Answer<Json<serde_json::Value>> {
    let coverage = state.coverage().cloned();
    coverage.map(Json).ok_or_else(|| Problem::not_found("the city's pack says nothing of its plan"))
}
