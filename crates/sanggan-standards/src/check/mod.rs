//! What a data file must satisfy beyond its form.

mod general;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use sanggan_base::ParameterCode;

use crate::edition::{Edition, Text};
use crate::law::{Law, LawError, Loaded};
use crate::schema::general::Circumstance;
use crate::schema::{Content, TableForm};
use crate::{Averaging, Pollutant};

/// Checks one file.
pub(crate) fn file(
    name: &str,
    edition: &Edition,
    circumstances: &[Circumstance],
    tables: &[TableForm],
) -> Result<(), LawError> {
    if edition.to.is_some_and(|to| to < edition.from) {
        return Err(LawError::check(name, "to", "the edition ends before it begins"));
    }
    if edition.phased_from.is_some_and(|phased| edition.from <= phased) {
        return Err(LawError::check(name, "phased_from", "it lies after `from`"));
    }
    text(name, "title", &edition.title)?;
    general::circumstances(circumstances).map_err(|(key, why)| LawError::check(name, key, why))?;
    let mut ids = BTreeSet::new();
    for table in tables {
        let id = &table.id;
        if !ids.insert(id) {
            return Err(LawError::check(name, format!("table `{id}`"), "there are two of this id"));
        }
        let read = [("clause", &table.clause), ("source", &table.source), ("rounding", &table.rounding)];
        for (key, text) in read.into_iter().chain(table.note.iter().map(|note| ("note", note))) {
            self::text(name, &format!("table `{id}`, {key}"), text)?;
        }
        general::content(&table.content, circumstances)
            .map_err(|(key, why)| LawError::check(name, format!("table `{id}`, {key}"), why))?;
        content(table).map_err(|(key, why)| LawError::check(name, format!("table `{id}`, {key}"), why))?;
    }
    Ok(())
}

/// Refuses a text that is empty in one of the languages.
pub(crate) fn text(name: &str, key: &str, text: &Text) -> Result<(), LawError> {
    both_languages(key, text).map_err(|(key, why)| LawError::check(name, key, why))
}

fn both_languages(key: &str, text: &Text) -> Result<(), Fault> {
    match [("zh", &text.zh), ("en", &text.en)].into_iter().find(|(_, text)| text.trim().is_empty()) {
        Some((language, _)) => Err(fault(format!("{key}.{language}"), "it is empty")),
        None => Ok(()),
    }
}

type Fault = (String, String);

fn fault(key: impl Into<String>, why: impl Into<String>) -> Fault {
    (key.into(), why.into())
}

fn content(table: &TableForm) -> Result<(), Fault> {
    match &table.content {
        Content::Limits(limits) => {
            let mut seen = BTreeSet::new();
            for (code, name) in &limits.name {
                both_languages(code.as_str(), name)?;
            }
            for row in &limits.row {
                let key = format!("{} {}", row.parameter, row.averaging);
                averaging(&key, &row.averaging)?;
                digits(&limits.digits, &row.parameter)?;
                if !seen.insert(key.clone()) {
                    return Err(fault(key, "there are two such rows"));
                }
                if Pollutant::from_code(&row.parameter).is_some_and(|basic| basic.unit() != row.unit) {
                    return Err(fault(
                        key,
                        "it is not in the unit in which the platform keeps this pollutant",
                    ));
                }
                if row.first <= Decimal::ZERO || row.second < row.first {
                    return Err(fault(
                        key,
                        "a first-grade limit is above 0 and not above the second-grade one",
                    ));
                }
            }
        }
        Content::Breakpoints(table) => {
            ascending("index", &table.index)?;
            for row in &table.row {
                let key = format!("{} {}", row.parameter, row.averaging);
                averaging(&key, &row.averaging)?;
                if pollutant(&row.parameter)?.unit() != row.unit {
                    return Err(fault(
                        key,
                        "it is not in the unit in which the platform keeps this pollutant",
                    ));
                }
                digits(&table.digits, &row.parameter)?;
                ascending(&key, &row.concentration)?;
                let short = row.concentration.len() < table.index.len();
                if row.concentration.len() > table.index.len() || short != row.above.is_some() {
                    return Err(fault(key, "a row ends with the index, or early and says what is `above`"));
                }
            }
        }
        Content::Report(report) => {
            for row in &report.row {
                let key = format!("{} {}", row.parameter, row.averaging);
                pollutant(&row.parameter)?;
                averaging(&key, &row.averaging)?;
                averaging(&key, &row.breakpoints)?;
            }
        }
        Content::Classes(classes) => {
            for (row, next) in classes.row.iter().zip(classes.row.iter().skip(1)) {
                if row.to < row.from || row.to + 1 != next.from {
                    return Err(fault(format!("from = {}", next.from), "the classes leave a gap or overlap"));
                }
            }
            for row in &classes.row {
                for (key, text) in [
                    ("level", &row.level),
                    ("name", &row.name),
                    ("colour_name", &row.colour_name),
                    ("effect", &row.effect),
                    ("advice", &row.advice),
                ] {
                    both_languages(key, text)?;
                }
                let hex = row.colour.strip_prefix('#').unwrap_or("");
                if hex.len() != 6 || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
                    return Err(fault("colour", format!("`{}` is not #rrggbb", row.colour)));
                }
            }
        }
        Content::Texts(texts) => {
            for row in &texts.row {
                pollutant(&row.parameter)?;
                both_languages(row.parameter.as_str(), &row.text)?;
            }
        }
        Content::Annual(annual) => {
            if annual.percentile != "linear" {
                return Err(fault("percentile", format!("no such method: `{}`", annual.percentile)));
            }
            for row in &annual.row {
                pollutant(&row.parameter)?;
                digits(&annual.digits, &row.parameter)?;
                averaging(row.parameter.as_str(), &row.limit)?;
                figure(&row.figure)?;
            }
        }
        Content::Composite(composite) => {
            if !matches!(composite.zone.as_str(), "first" | "second") {
                return Err(fault("zone", format!("no such zone: `{}`", composite.zone)));
            }
            for row in &composite.row {
                pollutant(&row.parameter)?;
                digits(&composite.digits, &row.parameter)?;
                averaging(row.parameter.as_str(), &row.limit)?;
                figure(&row.figure)?;
                if row.weight <= Decimal::ZERO {
                    return Err(fault(row.parameter.as_str(), "a weight is above 0"));
                }
            }
        }
        Content::Values(values) => {
            if let Some((key, value)) =
                values.value.iter().find(|(_, value)| !value.is_finite() || **value < 0.0)
            {
                return Err(fault(key.as_str(), format!("`{value}` is no threshold")));
            }
            for (key, name) in &values.name {
                both_languages(key, name)?;
                if !values.value.contains_key(key) {
                    return Err(fault(key.as_str(), "there is a name and no value"));
                }
            }
        }
        // The general kinds are checked in `general`.
        _ => {}
    }
    Ok(())
}

fn averaging(key: &str, name: &str) -> Result<Averaging, Fault> {
    Averaging::from_name(name).ok_or_else(|| fault(key, format!("no such averaging time: `{name}`")))
}

fn pollutant(code: &ParameterCode) -> Result<Pollutant, Fault> {
    Pollutant::from_code(code).ok_or_else(|| fault(code.as_str(), "not one of the six basic pollutants"))
}

fn digits(digits: &BTreeMap<ParameterCode, u32>, code: &ParameterCode) -> Result<u32, Fault> {
    let found = digits.get(code).copied().filter(|&count| count <= 6);
    found.ok_or_else(|| {
        fault(format!("digits.{code}"), "the rounding of this parameter is missing or above 6 digits")
    })
}

fn figure(name: &str) -> Result<(), Fault> {
    match crate::FigureKind::from_name(name) {
        Some(_) => Ok(()),
        None => Err(fault("figure", format!("no such figure: `{name}`"))),
    }
}

fn ascending<T: PartialOrd>(key: &str, values: &[T]) -> Result<(), Fault> {
    let sorted = values.len() > 1 && values.windows(2).all(|pair| pair[0] < pair[1]);
    if sorted { Ok(()) } else { Err(fault(key, "the numbers do not ascend")) }
}

/// Checks that the editions of a standard follow each other without gap or overlap.
pub(crate) fn dates(loaded: &[Loaded]) -> Result<(), LawError> {
    let by_date: Vec<&Edition> =
        loaded.iter().map(|one| &one.edition).filter(|edition| edition.by_date).collect();
    for pair in by_date.windows(2) {
        let (one, next) = (pair[0], pair[1]);
        if one.standard != next.standard {
            continue;
        }
        if one.to.and_then(|to| to.tomorrow().ok()) != Some(next.from) {
            return Err(LawError::check(
                &one.file,
                "to",
                format!("it is not the day before `{}` begins", next.file),
            ));
        }
        if one.replaced_by.as_deref() != Some(next.name.as_str()) {
            return Err(LawError::check(
                &one.file,
                "replaced_by",
                format!("the next edition is `{}`", next.name),
            ));
        }
    }
    for one in loaded {
        if let Some((table, body)) = one.composite() {
            let limits = Law::find(loaded, &body.limits_of);
            for row in &body.row {
                let mut tables = limits.into_iter().flat_map(Loaded::limits);
                let there = tables.any(|(_, table)| {
                    table
                        .row
                        .iter()
                        .any(|limit| limit.parameter == row.parameter && limit.averaging == row.limit)
                });
                if !there {
                    let key = format!("table `{}`, {} {}", table.id, row.parameter, row.limit);
                    return Err(LawError::check(
                        &one.edition.file,
                        key,
                        format!("`{}` has no such limit", body.limits_of),
                    ));
                }
            }
        }
    }
    Ok(())
}
