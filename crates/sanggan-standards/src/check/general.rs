//! What the general tables must satisfy beyond their form.

use std::collections::BTreeSet;

use super::{Fault, both_languages, fault};
use crate::schema::Content;
use crate::schema::general::{Band, Circumstance, Condition, Item, LimitCell, When};

/// Checks one table of a general kind; the others pass.
pub(super) fn content(content: &Content, circumstances: &[Circumstance]) -> Result<(), Fault> {
    match content {
        Content::Grades(body) => {
            unique("grade", body.row.iter().map(|grade| grade.id.as_str()))?;
            for grade in &body.row {
                both_languages(&grade.id, &grade.name)?;
                colour(&grade.id, grade.colour.as_deref())?;
            }
            Ok(())
        }
        Content::Graded(body) => {
            items(&body.item)?;
            unique("grade", body.grades.iter().map(String::as_str))?;
            let mut seen = BTreeSet::new();
            for row in &body.row {
                let key = row.item.as_str();
                known_item(&body.item, key)?;
                conditions(key, &row.when, circumstances)?;
                if !seen.insert((key, format!("{:?}", row.when))) {
                    return Err(fault(key, "there are two rows for the same circumstances"));
                }
                if row.limits.len() != body.grades.len() {
                    return Err(fault(key, "a row has one limit a grade"));
                }
                for limit in &row.limits {
                    if let LimitCell::Range(from, to) = limit
                        && to < from
                    {
                        return Err(fault(key, "a range goes up"));
                    }
                }
                let numbers: Vec<_> = row
                    .limits
                    .iter()
                    .filter_map(|limit| match limit {
                        LimitCell::Number(number) => Some(*number),
                        _ => None,
                    })
                    .collect();
                let worse = |pair: &[rust_decimal::Decimal]| match row.bound {
                    crate::Bound::Max => pair[0] <= pair[1],
                    crate::Bound::Min => pair[1] <= pair[0],
                    _ => true,
                };
                if !numbers.windows(2).all(worse) {
                    return Err(fault(key, "a worse grade has a stricter limit than a better one"));
                }
            }
            Ok(())
        }
        Content::Conditional(body) => {
            items(&body.item)?;
            let mut seen = BTreeSet::new();
            for row in &body.row {
                let key = row.item.as_str();
                known_item(&body.item, key)?;
                conditions(key, &row.when, circumstances)?;
                if !seen.insert((key, row.averaging.as_deref(), format!("{:?}", row.when))) {
                    return Err(fault(key, "there are two rows for the same circumstances"));
                }
                if row.max.is_none() && row.min.is_none() && row.word.is_none() {
                    return Err(fault(key, "a row has `max`, `min` or `word`"));
                }
                if row.min.zip(row.max).is_some_and(|(min, max)| max < min) {
                    return Err(fault(key, "`max` is below `min`"));
                }
            }
            Ok(())
        }
        Content::Bands(body) => {
            let mut groups: Vec<(&When, Vec<&Band>)> = Vec::new();
            for band in &body.row {
                both_languages(&band.id, &band.name)?;
                colour(&band.id, band.colour.as_deref())?;
                conditions(&band.id, &band.when, circumstances)?;
                match groups.iter_mut().find(|(when, _)| *when == &band.when) {
                    Some((_, bands)) => bands.push(band),
                    None => groups.push((&band.when, vec![band])),
                }
            }
            groups.iter().try_for_each(|(_, bands)| follow_each_other(bands))
        }
        Content::Factors(body) => {
            unique("column", body.column.iter().map(|column| column.key.as_str()))?;
            let mut seen = BTreeSet::new();
            for row in &body.row {
                let key = row.key.as_str();
                both_languages(key, &row.name)?;
                conditions(key, &row.when, circumstances)?;
                if !seen.insert((key, format!("{:?}", row.when))) {
                    return Err(fault(key, "there are two such rows"));
                }
                if let Some(other) =
                    row.values.keys().find(|name| body.column.iter().all(|column| column.key != **name))
                {
                    return Err(fault(key, format!("there is no column `{other}`")));
                }
            }
            Ok(())
        }
        Content::Scores(body) => {
            unique("question", body.row.iter().map(|score| score.key.as_str()))?;
            for score in &body.row {
                both_languages(&score.key, &score.name)?;
                unique(&score.key, score.option.iter().map(|option| option.id.as_str()))?;
                for option in &score.option {
                    both_languages(&option.id, &option.name)?;
                }
            }
            Ok(())
        }
        Content::List(body) => {
            unique("entry", body.row.iter().map(|row| row.id.as_str()))?;
            for row in &body.row {
                both_languages(&row.id, &row.name)?;
                conditions(&row.id, &row.when, circumstances)?;
                if let Some(parent) = &row.parent
                    && body.row.iter().all(|other| other.id != *parent)
                {
                    return Err(fault(row.id.as_str(), format!("there is no entry `{parent}` above it")));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Checks the circumstances a file declares.
pub(super) fn circumstances(declared: &[Circumstance]) -> Result<(), Fault> {
    unique("circumstance", declared.iter().map(|one| one.key.as_str()))?;
    for one in declared {
        both_languages(&one.key, &one.name)?;
        unique(&one.key, one.choice.iter().map(|choice| choice.id.as_str()))?;
        let kinds = [!one.choice.is_empty(), one.unit.is_some(), one.day];
        if kinds.into_iter().filter(|kind| *kind).count() != 1 {
            return Err(fault(one.key.as_str(), "a circumstance has `choice`, `unit` or `day`, one of them"));
        }
    }
    Ok(())
}

fn items(items: &[Item]) -> Result<(), Fault> {
    unique("item", items.iter().map(|item| item.key.as_str()))?;
    items.iter().try_for_each(|item| both_languages(&item.key, &item.name))
}

fn known_item(items: &[Item], key: &str) -> Result<(), Fault> {
    match items.iter().any(|item| item.key == key) {
        true => Ok(()),
        false => Err(fault(key, "there is no such item in the table")),
    }
}

fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if id.is_empty() || !seen.insert(id) {
            return Err(fault(format!("{what} `{id}`"), "it is empty or there are two of it"));
        }
    }
    Ok(())
}

fn colour(key: &str, colour: Option<&str>) -> Result<(), Fault> {
    let fits = colour.is_none_or(|colour| {
        colour
            .strip_prefix('#')
            .is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()))
    });
    if fits { Ok(()) } else { Err(fault(key, "the colour is not #rrggbb")) }
}

fn conditions(key: &str, when: &When, declared: &[Circumstance]) -> Result<(), Fault> {
    for (name, condition) in when {
        let Some(circumstance) = declared.iter().find(|one| one.key == *name) else {
            return Err(fault(key, format!("the circumstance `{name}` is not declared in the file")));
        };
        let is_choice = |id: &String| circumstance.choice.iter().any(|choice| choice.id == *id);
        let fits = match condition {
            Condition::Is(id) => is_choice(id),
            Condition::OneOf(ids) => !ids.is_empty() && ids.iter().all(is_choice),
            Condition::Within(span) => {
                let numbers =
                    [span.at_least, span.above, span.at_most, span.below].iter().any(Option::is_some);
                let days = span.from.is_some() || span.before.is_some();
                (numbers && circumstance.unit.is_some() && !days) || (days && circumstance.day && !numbers)
            }
        };
        if !fits {
            return Err(fault(key, format!("`{name}` has no such choice or span")));
        }
    }
    Ok(())
}

/// Bands go up or down without gap or overlap: where one ends, not included, the next begins, included, or the other
/// way round.
fn follow_each_other(bands: &[&Band]) -> Result<(), Fault> {
    for band in bands {
        let bounds = |one: bool, other: bool| one && other;
        if bounds(band.at_least.is_some(), band.above.is_some())
            || bounds(band.at_most.is_some(), band.below.is_some())
        {
            return Err(fault(band.id.as_str(), "a band has one lower and one upper bound"));
        }
    }
    for pair in bands.windows(2) {
        let meet = |low: &Band, high: &Band| {
            (low.below.is_some() && low.below == high.at_least)
                || (low.at_most.is_some() && low.at_most == high.above)
        };
        if !meet(pair[0], pair[1]) && !meet(pair[1], pair[0]) {
            return Err(fault(
                pair[1].id.as_str(),
                format!("there is a gap or an overlap with the band `{}`", pair[0].id),
            ));
        }
    }
    Ok(())
}
