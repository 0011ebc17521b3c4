//! `sanggan coverage`: the rows of the city's plan and what carries them.

use sanggan_pack::{CoverageState, Pack};

use crate::cli::{Format, Lang};
use crate::exit::Failure;
use crate::output;

/// (file, name) of every test in the files that the built-in `coverage.toml` names, found when the program was built.
const TESTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/tests.rs"));

/// The rows as JSON, for the edge; `None` when the pack says nothing of a plan, or claims what isn't there.
pub(crate) fn value(pack: &Pack) -> Option<serde_json::Value> {
    match pack.coverage(&|file, name| TESTS.contains(&(file, name))) {
        Ok(coverage) => serde_json::to_value(coverage).ok(),
        Err(faults) => {
            tracing::warn!(error = %faults, "what carries the plan is not shown");
            None
        }
    }
}

/// Prints the rows; fails when one claims what isn't there.
pub(crate) fn run(pack: &Pack, lang: Lang, format: Format) -> Result<(), Failure> {
    let coverage = pack.coverage(&|file, name| TESTS.contains(&(file, name)))?;
    if format == Format::Json {
        return output::json(&coverage);
    }
    let rows: Vec<Vec<String>> = coverage
        .rows
        .iter()
        .map(|row| {
            let state = match row.state {
                CoverageState::Working => lang.say("可用", "working"),
                CoverageState::Partial => lang.say("部分", "partial"),
                CoverageState::Planned => lang.say("计划", "planned"),
            };
            let reason = row.reason.as_ref().map_or("", |reason| lang.say(&reason.zh, &reason.en));
            vec![
                row.row.id.clone(),
                state.to_owned(),
                lang.say(&row.row.name.zh, &row.row.name.en).to_owned(),
                row.definition.join(", "),
                row.page.clone().unwrap_or_default(),
                reason.to_owned(),
            ]
        })
        .collect();
    output::text(&output::table(&["row", "state", "name", "definition", "page", "reason"], &rows))?;
    let totals = coverage.totals;
    output::note(&format!(
        "{} rows: {} working, {} partial, {} planned",
        totals.rows, totals.working, totals.partial, totals.planned
    ));
    Ok(())
}
