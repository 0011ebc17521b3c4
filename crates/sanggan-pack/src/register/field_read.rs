//! Reading one `[[field]]`.

use std::collections::BTreeMap;

use super::sheet::{Node, Sheet};
use super::words::{ENUM_ID, FIELD_ID, RESERVED_FIELDS, is_enum_id, is_field_id};
use super::{Field, FieldKind, Geometry, Gives, NamedValue};
use crate::Name;

/// Shared value lists by name.
pub(crate) type Lists = BTreeMap<String, Vec<NamedValue>>;

/// What a field's table says, and what only other parts of the file decide.
pub(super) struct Read {
    pub(super) field: Field,
    /// `searched` as written; its default depends on key, title and list.
    pub(super) searched: Option<bool>,
}

/// The types as a fault lists them.
const TYPES: &str = "text, long_text, number, integer, boolean, date, time, enum, reference, parameter, area, \
                     station, attachment, point, line, polygon, shape, computed";

pub(super) fn field(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>, lists: &Lists) -> Option<Read> {
    let id = node.needed(sheet, "id").unwrap_or_default();
    if !id.is_empty() && !is_field_id(&id) {
        node.fault(sheet, "id", format!("`{id}` is no field id ({FIELD_ID})"));
    } else if RESERVED_FIELDS.contains(&id.as_str()) {
        node.fault(sheet, "id", format!("`{id}` is a word every record has already"));
    }
    let name = node.needed_name(sheet, "name");
    let required = node.boolean(sheet, "required");
    let required_when = node.text(sheet, "required_when");
    if required == Some(true) && required_when.is_some() {
        node.fault(sheet, "required_when", "says nothing beside `required = true`");
    }
    let readers = node.words(sheet, "readers");
    let enterprise_writes = node.boolean(sheet, "enterprise_writes").unwrap_or(false);
    let searched = node.boolean(sheet, "searched");
    let section = node.name(sheet, "section");
    let help = node.name(sheet, "help");
    let source = node.text(sheet, "source");
    let was = node.text(sheet, "was");
    let word = node.needed(sheet, "type");
    let kind = word.and_then(|word| kind(sheet, &mut node, &word, lists));
    let computed = matches!(kind, Some(FieldKind::Computed { .. }));
    if computed && (required.is_some() || required_when.is_some() || enterprise_writes) {
        node.fault(sheet, "type", "a computed field is never required and nobody writes it");
    }
    if kind.is_some() {
        node.end(sheet);
    }
    let (required, kind) = (required.unwrap_or(false), kind?);
    let field = Field {
        id,
        name,
        help,
        kind,
        required,
        required_when,
        readers,
        enterprise_writes,
        searched: false,
        section,
        source,
        was,
    };
    Some(Read { field, searched })
}

fn kind(sheet: &mut Sheet<'_>, node: &mut Node<'_, '_>, word: &str, lists: &Lists) -> Option<FieldKind> {
    let many = |sheet: &mut Sheet<'_>, node: &mut Node<'_, '_>| node.boolean(sheet, "many").unwrap_or(false);
    Some(match word {
        "text" => {
            let max_length = node.small::<u16>(sheet, "max_length").map(usize::from);
            if max_length.is_some_and(|most| most == 0 || most > 2000) {
                node.fault(sheet, "max_length", "wanted: 1 to 2000; longer is `long_text`");
            }
            FieldKind::Text { max_length, pattern: node.text(sheet, "pattern") }
        }
        "long_text" => FieldKind::LongText,
        "number" => {
            let unit = node.text(sheet, "unit").unwrap_or_default();
            let (min, max) = (node.number(sheet, "min"), node.number(sheet, "max"));
            in_order(sheet, node, min, max);
            FieldKind::Number { unit, min, max, digits: digits(sheet, node) }
        }
        "integer" => {
            let unit = node.text(sheet, "unit").unwrap_or_default();
            let (min, max) = (node.integer(sheet, "min"), node.integer(sheet, "max"));
            in_order(sheet, node, min, max);
            FieldKind::Integer { unit, min, max }
        }
        "boolean" => FieldKind::Boolean,
        "date" => FieldKind::Date,
        "time" => FieldKind::Time,
        "enum" => {
            let values = enum_values(sheet, node, lists);
            FieldKind::Enum { values, many: many(sheet, node) }
        }
        "reference" => {
            let to = node.needed(sheet, "to").unwrap_or_default();
            FieldKind::Reference { to, many: many(sheet, node) }
        }
        "parameter" => FieldKind::Parameter { many: many(sheet, node) },
        "area" => FieldKind::Area,
        "station" => FieldKind::Station,
        "attachment" => FieldKind::Attachment { photo: node.boolean(sheet, "photo").unwrap_or(false) },
        "point" => FieldKind::Geometry { shape: Geometry::Point },
        "line" => FieldKind::Geometry { shape: Geometry::Line },
        "polygon" => FieldKind::Geometry { shape: Geometry::Polygon },
        "shape" => FieldKind::Geometry { shape: Geometry::Any },
        "computed" => {
            let formula = node.needed(sheet, "formula").unwrap_or_default();
            let unit = node.text(sheet, "unit").unwrap_or_default();
            let gives = node.needed(sheet, "gives");
            FieldKind::Computed { formula, gives: gives_of(sheet, node, gives.as_deref()), unit }
        }
        other => {
            node.fault(sheet, "type", format!("there is no type `{other}`; known: {TYPES}"));
            return None;
        }
    })
}

fn in_order<T: PartialOrd + std::fmt::Display>(
    sheet: &mut Sheet<'_>,
    node: &Node<'_, '_>,
    min: Option<T>,
    max: Option<T>,
) {
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        node.fault(sheet, "min", format!("min {min} is above max {max}"));
    }
}

fn digits(sheet: &mut Sheet<'_>, node: &mut Node<'_, '_>) -> Option<u8> {
    let digits = node.small::<u8>(sheet, "digits");
    if digits.is_some_and(|digits| digits > 9) {
        node.fault(sheet, "digits", "wanted: 0 to 9");
    }
    digits
}

fn gives_of(sheet: &mut Sheet<'_>, node: &Node<'_, '_>, word: Option<&str>) -> Gives {
    match word {
        Some("text") | None => Gives::Text,
        Some("number") => Gives::Number,
        Some("integer") => Gives::Integer,
        Some("boolean") => Gives::Boolean,
        Some("date") => Gives::Date,
        Some(other) => {
            let what =
                format!("a formula cannot give `{other}`; known: text, number, integer, boolean, date");
            node.fault(sheet, "gives", what);
            Gives::Text
        }
    }
}

fn enum_values(sheet: &mut Sheet<'_>, node: &mut Node<'_, '_>, lists: &Lists) -> Vec<NamedValue> {
    let own = named_values(sheet, node, "values");
    let shared = node.text(sheet, "values_of");
    match (own.is_empty(), shared) {
        (false, Some(_)) => {
            node.fault(sheet, "values_of", "beside `values`; only one of them");
            own
        }
        (false, None) => own,
        (true, Some(name)) => match lists.get(&name) {
            Some(values) => values.clone(),
            None => {
                let known: Vec<&str> = lists.keys().map(String::as_str).collect();
                let what = format!("there is no lists/{name}.toml; known: {}", known.join(", "));
                node.fault(sheet, "values_of", what);
                Vec::new()
            }
        },
        (true, None) => {
            node.fault(sheet, "values", "is missing: an enum needs `values` or `values_of`");
            Vec::new()
        }
    }
}

/// A list of `{ id, zh, en }`.
pub(super) fn named_values(
    sheet: &mut Sheet<'_>,
    node: &mut Node<'_, '_>,
    key: &'static str,
) -> Vec<NamedValue> {
    let mut values: Vec<NamedValue> = Vec::new();
    for mut item in node.tables(sheet, key) {
        let id = item.needed(sheet, "id").unwrap_or_default();
        if !id.is_empty() && !is_enum_id(&id) {
            item.fault(sheet, "id", format!("`{id}` is no id of a value ({ENUM_ID})"));
        }
        let name: Name = item.own_name(sheet);
        if !id.is_empty() && values.iter().any(|value| value.id == id) {
            item.fault(sheet, "id", "stands twice");
        } else {
            values.push(NamedValue { id, name });
        }
        item.end(sheet);
    }
    values
}
