//! Records as the API shows them.

use jiff::civil::Date;
use sanggan_records::rights;
use sanggan_records::{Links, Record};

use super::{Opened, resolve};
use crate::AppState;
use crate::dto::RecordRow;
use crate::problem::Answer;

/// One record as the caller sees it.
pub(crate) fn row(opened: &Opened, record: &Record, links: &Links, today: Date) -> RecordRow {
    let def = opened.def();
    let hidden = rights::hidden_fields(&opened.who, def, Some(record));
    let due = sanggan_records::due(&opened.model, record, today).map(|due| due.on.to_string());
    RecordRow {
        rid: record.id.0,
        version: record.version,
        state: record.state.clone(),
        state_since: record.state_since.map(|at| at.to_string()),
        changed_at: record.changed_at.to_string(),
        changed_by: opened.who.role.is_some().then(|| record.changed_by.clone()),
        schematic: record.schematic,
        retired: record.retired,
        due,
        hidden: hidden.iter().map(|&nth| def.fields[nth].id.clone()).collect(),
        values: opened.model.to_json(&record.values, links, &hidden),
    }
}

/// Several of them.
pub(crate) async fn rows(state: &AppState, opened: &Opened, records: &[Record]) -> Answer<Vec<RecordRow>> {
    let links = resolve::links(state.store(), &opened.model, records).await?;
    let today = super::today(state.now());
    Ok(records.iter().map(|record| row(opened, record, &links, today)).collect())
}

/// One of them.
pub(crate) async fn one(state: &AppState, opened: &Opened, record: &Record) -> Answer<RecordRow> {
    let links = resolve::links(state.store(), &opened.model, std::slice::from_ref(record)).await?;
    Ok(row(opened, record, &links, super::today(state.now())))
}
