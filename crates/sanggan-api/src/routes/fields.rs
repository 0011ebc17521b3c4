//! The fields that several requests have, read in one way.

use sanggan_base::{Millis, ParameterCode};
use sanggan_standards::Basis;

use crate::problem::{Answer, Problem};
use crate::{AppState, when};

/// A field that was sent; an empty one is as good as none.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// A parameter code.
pub(super) fn parameter(text: &str) -> Answer<ParameterCode> {
    ParameterCode::parse(text).map_err(|error| Problem::bad_field("parameter", error.to_string()))
}

/// A word of a list, if one was sent.
pub(super) fn word<T>(
    field: &'static str,
    text: Option<&str>,
    find: fn(&str) -> Option<T>,
) -> Answer<Option<T>> {
    given(text)
        .map(|text| {
            find(text).ok_or_else(|| {
                let shown: String = text.chars().take(64).collect();
                Problem::bad_field(field, format!("`{shown}` is no {field}"))
            })
        })
        .transpose()
}

/// As of when.
pub(super) fn as_of(text: Option<&str>) -> Answer<Option<Millis>> {
    given(text).map(|text| when::moment("as_of", text)).transpose()
}

/// The edition of the air quality index that is to judge in place of the one of the day.
pub(super) fn index_edition<'a>(state: &AppState, text: Option<&'a str>) -> Answer<Option<&'a str>> {
    let Some(name) = given(text) else { return Ok(None) };
    match state.law().edition("HJ 633", Basis::Edition(name, state.now().local_date())) {
        Ok(_) => Ok(Some(name)),
        Err(why) => Err(Problem::bad_field("edition", why.to_string())),
    }
}
