//! Rules as explanations show them.

use sanggan_standards::{Edition, Sourced};

use crate::dto::{Names, RuleInfo};
use crate::words;

/// A rule of a standard that has a number.
pub(super) fn of_law(standard: &str, edition: &str, sourced: &Sourced, text: Names) -> RuleInfo {
    of_document(Names::same(standard), edition, sourced, text)
}

/// A rule of a document, by its number or title.
pub(super) fn of_document(standard: Names, edition: &str, sourced: &Sourced, text: Names) -> RuleInfo {
    RuleInfo {
        standard,
        edition: edition.to_owned(),
        clause: Names::from(&sourced.clause),
        rounding: Some(Names::from(&sourced.rounding)),
        status: words::status(sourced.status).to_owned(),
        source: Some(Names::from(&sourced.source)),
        note: sourced.note.as_ref().map(Names::from),
        text,
    }
}

/// A rule of the platform itself, where no standard says anything.
pub(super) fn of_platform(text: Names) -> RuleInfo {
    RuleInfo {
        standard: Names::same("Sanggan"),
        edition: env!("CARGO_PKG_VERSION").to_owned(),
        clause: Names::same(""),
        rounding: None,
        status: "platform".to_owned(),
        source: None,
        note: None,
        text,
    }
}

/// The rule where no edition could judge.
pub(super) fn none(standard: &str, text: Names) -> RuleInfo {
    RuleInfo { standard: Names::same(standard), edition: String::new(), ..of_platform(text) }
}

/// The standard and the title of an edition.
pub(super) fn edition_title(edition: &Edition) -> Names {
    Names::new(
        format!("{}《{}》", edition.id, edition.title.zh),
        format!("{} {}", edition.id, edition.title.en),
    )
}
