//! The library of standards as the API gives it: what is in the law, found, compared, and used by what.
//!
//! Holds no number and no name of a standard: everything is read from the law, but for what the platform's own pages
//! rest on (`uses`).

mod compare;
mod search;
mod uses;

use jiff::civil::Date;
use sanggan_standards::{Edition, Law, Sheet, Text, Theme};

pub(crate) use compare::compare;
pub(crate) use search::SearchIndex;
pub(crate) use uses::used_by;

use crate::dto::{EditionBrief, Names, StandardRow, StandardTable, StandardTheme};
use crate::words;

/// A text of the law as it goes over the wire, if there is one.
pub(crate) fn names(text: Option<&Text>) -> Option<Names> {
    text.map(Names::from)
}

/// The editions of a standard, oldest first.
pub(crate) fn editions_of<'a>(law: &'a Law, standard: &str) -> Vec<&'a Edition> {
    law.editions().iter().filter(|edition| edition.standard == standard).collect()
}

/// The number of a standard as it stands in a path.
pub(crate) fn slug_of(edition: &Edition) -> &str {
    edition.slug().split_once('/').map_or(edition.slug(), |(standard, _)| standard)
}

/// The editions of the standard that a path names.
pub(crate) fn by_slug<'a>(law: &'a Law, slug: &str) -> Vec<&'a Edition> {
    law.editions().iter().filter(|edition| slug_of(edition) == slug).collect()
}

/// The edition a client names among those of its standard: by the path's last part, its name or its id.
pub(crate) fn edition_called<'a>(editions: &[&'a Edition], name: &str) -> Option<&'a Edition> {
    let is = |edition: &&&Edition| {
        let slug = edition.slug();
        slug == name
            || slug.split_once('/').is_some_and(|(_, last)| last == name)
            || edition.name == name
            || edition.id.as_str() == name
    };
    editions.iter().find(is).copied()
}

/// One edition in short.
pub(crate) fn edition_brief(edition: &Edition, today: Date) -> EditionBrief {
    EditionBrief {
        id: edition.id.to_string(),
        slug: edition.slug().to_owned(),
        name: edition.name.clone(),
        family: edition.family.clone(),
        from: edition.from.to_string(),
        to: edition.to.map(|day| day.to_string()),
        phased_from: edition.phased_from.map(|day| day.to_string()),
        replaced_by: edition.replaced_by.clone(),
        by_date: edition.by_date,
        status: words::status(edition.status).to_owned(),
        in_force: edition.by_date && edition.holds_on(today),
    }
}

/// A theme.
pub(crate) fn theme(theme: Theme) -> StandardTheme {
    StandardTheme { id: theme.name().to_owned(), label: Names::from(&theme.label()) }
}

/// One table.
pub(crate) fn table(sheet: &Sheet) -> StandardTable {
    let sourced = &sheet.sourced;
    let row = |row: &sanggan_standards::SheetRow| StandardRow {
        cells: row.cells.iter().map(Names::from).collect(),
        colour: row.colour.clone(),
        status: row.status.map(|status| words::status(status).to_owned()),
        note: names(row.note.as_ref()),
    };
    StandardTable {
        id: sheet.id.clone(),
        kind: sheet.kind.to_owned(),
        title: Names::from(&sheet.title),
        formula: names(sheet.formula.as_ref()),
        columns: sheet.columns.iter().map(Names::from).collect(),
        rows: sheet.rows.iter().map(row).collect(),
        clause: Names::from(&sourced.clause),
        source: Names::from(&sourced.source),
        checked_on: sourced.checked_on.to_string(),
        status: words::status(sourced.status).to_owned(),
        rounding: Names::from(&sourced.rounding),
        note: names(sourced.note.as_ref()),
    }
}
