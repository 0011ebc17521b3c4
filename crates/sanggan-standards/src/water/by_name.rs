//! River or lake, told by name: only where a row asks for it.
//!
//! The words are in `data/water-body-names/`. A name is a hint, so what rests on it is unconfirmed.

use super::standard::BODY;
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnChoice, ColumnKind, Row};
use crate::edition::{Basis, Sourced, Text};
use crate::law::Law;
use crate::schema::general::List;
use crate::tables::Tables;

/// The standard that keeps the words.
pub(super) const NAMES: &str = "water-body-names";

/// The choice of `body` that asks for it.
const BY_NAME: &str = "by_name";

/// The column of the kind of water, with the choice to tell it by name.
pub(super) fn offered(mut column: Column) -> Column {
    if let ColumnKind::Choice(choices) = &mut column.kind {
        choices.push(ColumnChoice::new(BY_NAME, "按名称判断", "told by name"));
    }
    column
}

/// What a row says of the kind of water.
pub(super) enum Body<'a> {
    /// Nothing, or the id it gives.
    Given(Option<&'a str>),
    /// Told by name, and by which tables.
    Told(&'static str, Tables<'a>, Vec<Sourced>),
}

/// The kind of water of a row.
///
/// # Errors
/// Asked by name, and there is none.
pub(super) fn body<'a>(law: &'a Law, row: &'a Row, basis: Basis<'_>) -> Result<Body<'a>, CannotTell> {
    let given = row.choice(BODY);
    if given != Some(BY_NAME) {
        return Ok(Body::Given(given));
    }
    let tables = law.tables(NAMES, Assessment::by_day(basis))?;
    let list = |id: &str| tables.need(tables.list(id), id);
    let holds = |list: &List, fits: &dyn Fn(&str) -> bool| list.row.iter().any(|word| fits(&word.id));
    let (is_lake, used) = match (row.text("water_body"), row.text("section")) {
        (Some(name), _) => {
            let (sourced, endings) = list("water_endings")?;
            (holds(endings, &|word| name.ends_with(word)), vec![sourced])
        }
        (None, Some(name)) => {
            let (sourced, words) = list("section_words")?;
            let (passes_sourced, passes) = list("section_passes")?;
            let lake =
                holds(words, &|word| name.contains(word)) && !holds(passes, &|word| name.contains(word));
            (lake, vec![sourced, passes_sourced])
        }
        (None, None) => {
            return Err(CannotTell::new(
                "missing",
                "按名称判断水体类型，需要水体名称或断面名称",
                "to tell the kind of water by name, the water body or the section must have one",
            ));
        }
    };
    Ok(Body::Told(if is_lake { "lake" } else { "river" }, tables, used))
}

impl<'a> Body<'a> {
    /// The id of the kind of water.
    pub(super) fn id(&self) -> Option<&'a str> {
        match self {
            Body::Given(id) => *id,
            Body::Told(id, ..) => Some(id),
        }
    }

    /// The answer, saying by which names the kind of water was told.
    pub(super) fn vouch(&self, mut answer: Answer) -> Answer {
        let Body::Told(id, tables, used) = self else { return answer };
        let (zh, en) = if *id == "lake" { ("湖库", "lake or reservoir") } else { ("河流", "river") };
        answer.steps.push(Text::new(
            format!("水体类型按名称判断为{zh}（未核对）"),
            format!("told by name to be a {en} (unconfirmed)"),
        ));
        answer.by(tables.edition(), &used.iter().collect::<Vec<_>>())
    }
}
