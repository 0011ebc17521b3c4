//! The library of standards: to read, to search, to compare.

use axum::Json;
use axum::extract::{Path, State};
use sanggan_standards::{Edition, Theme};
use sanggan_store::{Operation, Registry};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Ask;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{Names, StandardBrief, StandardComparison, StandardEdition, Standards};
use crate::evaluate::not_too_many;
use crate::library;
use crate::problem::{Answer, Problem, ProblemBody};

/// Longest search.
const SEARCH_CHARS_MAX: usize = 100;

/// What of the library.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LibraryQuery {
    /// Words that number, title, items or notes contain, in either language.
    q: Option<String>,
    /// Only of this theme (`air`, `water`, …).
    theme: Option<String>,
}

/// Every standard with its editions, or those in which something is found.
#[utoipa::path(
    get, path = "/standards", operation_id = "listStandards", tag = "law", params(LibraryQuery),
    responses(
        (status = 200, description = "By theme and number", body = Standards),
        (status = 400, description = "A field is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_standards(
    State(state): State<AppState>,
    caller: Caller,
    Ask(query): Ask<LibraryQuery>,
) -> Answer<Json<Standards>> {
    let asked = query.q.as_deref().map(str::trim).filter(|asked| !asked.is_empty());
    if asked.is_some_and(|asked| asked.chars().count() > SEARCH_CHARS_MAX) {
        return Err(Problem::bad_field("q", format!("longer than {SEARCH_CHARS_MAX} characters")));
    }
    let only = match query.theme.as_deref().filter(|theme| !theme.is_empty()) {
        Some(name) => Some(
            Theme::ALL
                .into_iter()
                .find(|theme| theme.name() == name)
                .ok_or_else(|| Problem::bad_field("theme", format!("there is no theme `{name}`")))?,
        ),
        None => None,
    };
    let law = state.law();
    let registry = registry_for(&state, &caller);
    let (mut themes, mut standards) = (Vec::new(), Vec::new());
    for theme in Theme::ALL {
        let mut of_theme: Vec<&Edition> = law.editions().iter().filter(|one| one.theme == theme).collect();
        if of_theme.is_empty() {
            continue;
        }
        themes.push(library::theme(theme));
        if only.is_some_and(|only| only != theme) {
            continue;
        }
        of_theme.dedup_by(|a, b| a.standard == b.standard);
        for edition in of_theme {
            let found = match asked {
                Some(asked) => match state.search().find(&edition.standard, asked) {
                    Some(found) => found.hits,
                    None => continue,
                },
                None => Vec::new(),
            };
            let mut brief = standard_brief(&state, &edition.standard, registry.as_deref());
            brief.hits = found;
            standards.push(brief);
        }
    }
    Ok(Json(Standards { themes, standards }))
}

/// Whose limits rest on a standard is for those who may see outlets.
fn registry_for(state: &AppState, caller: &Caller) -> Option<std::sync::Arc<Registry>> {
    caller.may(Operation::ReadOutlets).then(|| state.registry())
}

fn standard_brief(state: &AppState, standard: &str, registry: Option<&Registry>) -> StandardBrief {
    let editions = library::editions_of(state.law(), standard);
    let today = state.now().local_date();
    let newest = editions.last();
    StandardBrief {
        standard: standard.to_owned(),
        slug: newest.map_or_else(String::new, |edition| library::slug_of(edition).to_owned()),
        title: newest.map_or_else(|| Names::same(standard), |edition| Names::from(&edition.title)),
        theme: newest.map_or_else(String::new, |edition| edition.theme.name().to_owned()),
        region: newest.and_then(|edition| edition.region.clone()),
        used_by: library::used_by(standard, &editions, registry),
        editions: editions.into_iter().map(|edition| library::edition_brief(edition, today)).collect(),
        hits: Vec::new(),
    }
}

fn editions(state: &AppState, slug: &str) -> Answer<Vec<&'static Edition>> {
    let editions = library::by_slug(state.law(), slug);
    if editions.is_empty() {
        return Err(Problem::not_found(format!("there is no standard `{slug}`"))
            .hint("a standard stands in a path as `gb-3838`; GET /api/v1/standards lists them"));
    }
    Ok(editions)
}

fn called(editions: &[&'static Edition], slug: &str, name: &str) -> Answer<&'static Edition> {
    library::edition_called(editions, name).ok_or_else(|| {
        let known: Vec<&str> = editions.iter().map(|edition| edition.name.as_str()).collect();
        Problem::not_found(format!("`{slug}` has no edition `{name}`"))
            .hint(format!("known: {}", known.join(", ")))
    })
}

/// One edition with its tables.
#[utoipa::path(
    get, path = "/standards/{standard}/{edition}", operation_id = "getStandardEdition", tag = "law",
    params(
        ("standard" = String, Path, description = "As in a slug: `gb-3838`"),
        ("edition" = String, Path, description = "As in a slug: `2002`")
    ),
    responses(
        (status = 200, description = "Every table as in the standard", body = StandardEdition),
        (status = 404, description = "No such standard or edition", body = ProblemBody)
    )
)]
pub(crate) async fn get_standard_edition(
    State(state): State<AppState>,
    caller: Caller,
    Path((standard, edition)): Path<(String, String)>,
) -> Answer<Json<StandardEdition>> {
    let editions = editions(&state, &standard)?;
    let edition = called(&editions, &standard, &edition)?;
    let today = state.now().local_date();
    let registry = registry_for(&state, &caller);
    Ok(Json(StandardEdition {
        edition: library::edition_brief(edition, today),
        standard: edition.standard.clone(),
        title: Names::from(&edition.title),
        theme: edition.theme.name().to_owned(),
        region: edition.region.clone(),
        tables: state.law().sheets(&edition.id).iter().map(library::table).collect(),
        used_by: library::used_by(&edition.standard, &[edition], registry.as_deref()),
        editions: editions.into_iter().map(|edition| library::edition_brief(edition, today)).collect(),
    }))
}

/// Which editions side by side.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareQuery {
    /// Names parted by commas (`2012,2026-final`); left out: all.
    editions: Option<String>,
}

/// Editions of a standard side by side.
#[utoipa::path(
    get, path = "/standards/{standard}/compare", operation_id = "compareStandard", tag = "law",
    params(("standard" = String, Path, description = "As in a slug: `gb-3838`"), CompareQuery),
    responses(
        (status = 200, description = "Tables matched by id, rows by what names them", body = StandardComparison),
        (status = 400, description = "A field is faulty", body = ProblemBody),
        (status = 404, description = "No such standard or edition", body = ProblemBody)
    )
)]
pub(crate) async fn compare_standard(
    State(state): State<AppState>,
    Path(standard): Path<String>,
    Ask(query): Ask<CompareQuery>,
) -> Answer<Json<StandardComparison>> {
    let all = editions(&state, &standard)?;
    let names: Vec<&str> = query
        .editions
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let asked = if names.is_empty() {
        all
    } else {
        names.iter().map(|name| called(&all, &standard, name)).collect::<Answer<Vec<_>>>()?
    };
    not_too_many(&asked)?;
    let today = state.now().local_date();
    Ok(Json(StandardComparison {
        tables: library::compare(state.law(), &asked),
        editions: asked.into_iter().map(|edition| library::edition_brief(edition, today)).collect(),
    }))
}
