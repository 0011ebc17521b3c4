//! The values of a record as cells of a table.

use sanggan_geo::wkt;
use sanggan_lake::{Cell, ColumnKind};
use sanggan_pack::{Field, FieldKind, Gives, Name};
use sanggan_records::{Links, Value};

/// Digits of coordinates: about a decimetre.
pub(crate) const DIGITS: usize = 6;

/// In which words a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// 中文。
    Zh,
    /// English.
    En,
    /// Ids, as the API uses them.
    Id,
}

impl Words {
    fn of(self, id: &str, name: &Name) -> String {
        match self {
            Words::Zh => name.zh.clone(),
            Words::En => name.en.clone(),
            Words::Id => id.to_owned(),
        }
    }

    /// The heading of a field, with its unit.
    pub(crate) fn heading(self, field: &Field) -> String {
        let name = self.of(&field.id, &field.name);
        let unit = match &field.kind {
            FieldKind::Number { unit, .. }
            | FieldKind::Integer { unit, .. }
            | FieldKind::Computed { unit, .. } => unit.as_str(),
            _ => "",
        };
        match (self, unit) {
            (Words::Id, _) | (_, "") => name,
            (Words::Zh, unit) => format!("{name}（{unit}）"),
            (Words::En, unit) => format!("{name} ({unit})"),
        }
    }
}

/// The value as text: what an import of the same table reads back.
pub(crate) fn text(field: &Field, value: &Value, links: &Links, words: Words) -> String {
    let label = |id: &str| match &field.kind {
        FieldKind::Enum { values, .. } => values
            .iter()
            .find(|value| value.id == id)
            .map_or_else(|| id.to_owned(), |value| words.of(&value.id, &value.name)),
        _ => id.to_owned(),
    };
    let key = |id: &sanggan_records::RecordId| match &field.kind {
        FieldKind::Reference { to, .. } => {
            links.records.get(&(to.clone(), *id)).map_or_else(|| id.to_string(), |link| link.key.clone())
        }
        _ => id.to_string(),
    };
    match value {
        Value::Null => String::new(),
        Value::Text(text) => label(text),
        Value::Number(number) => number.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(yes) => match (words, yes) {
            (Words::Zh, true) => "是".to_owned(),
            (Words::Zh, false) => "否".to_owned(),
            (_, yes) => yes.to_string(),
        },
        Value::Date(date) => date.to_string(),
        Value::Time(at) => at.to_string(),
        Value::Texts(texts) => texts.iter().map(|text| label(text)).collect::<Vec<_>>().join(";"),
        Value::Reference(id) => key(id),
        Value::References(ids) => ids.iter().map(key).collect::<Vec<_>>().join(";"),
        Value::Shape(shape) => wkt::print(shape, DIGITS),
    }
}

/// The kind of a field's column in SQL and Parquet.
pub(crate) fn kind(field: &Field) -> ColumnKind {
    match &field.kind {
        FieldKind::Number { .. } | FieldKind::Computed { gives: Gives::Number, .. } => ColumnKind::Number,
        FieldKind::Integer { .. } | FieldKind::Computed { gives: Gives::Integer, .. } => ColumnKind::Integer,
        FieldKind::Boolean | FieldKind::Computed { gives: Gives::Boolean, .. } => ColumnKind::Boolean,
        FieldKind::Date | FieldKind::Computed { gives: Gives::Date, .. } => ColumnKind::Date,
        FieldKind::Time => ColumnKind::Time,
        _ => ColumnKind::Text,
    }
}

/// The value as a cell of its column: enumerations by id, references by key, shapes as WKT.
pub(crate) fn cell(field: &Field, value: &Value, links: &Links) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Number(number) => Cell::Number(*number),
        Value::Integer(number) => Cell::Integer(*number),
        Value::Boolean(yes) => Cell::Boolean(*yes),
        Value::Date(date) => Cell::Date(*date),
        Value::Time(at) => Cell::Time(*at),
        value if value.is_empty() => Cell::Null,
        value => Cell::Text(text(field, value, links, Words::Id)),
    }
}
