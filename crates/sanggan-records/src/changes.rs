//! What became different in a record, and the form in which the journal keeps one.

use std::fmt::Write;

use sanggan_base::Millis;
use sanggan_pack::{FieldKind, Gives};
use serde_json::{Value as Json, json};

use crate::{Model, Record, RecordId, Value};

/// Digits of a coordinate in the journal: about a tenth of a millimetre.
const DIGITS: usize = 9;

/// One field that became different.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where the field stands in the definition.
    pub field: usize,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// What became different from `before` to `after`; an empty list, an empty text and nothing are the same.
pub fn changes(before: &[Value], after: &[Value]) -> Vec<Change> {
    let length = before.len().max(after.len());
    let at = |values: &[Value], field: usize| values.get(field).cloned().unwrap_or_default();
    (0..length)
        .map(|field| Change { field, before: at(before, field), after: at(after, field) })
        .filter(|change| {
            change.before != change.after && !(change.before.is_empty() && change.after.is_empty())
        })
        .collect()
}

/// The record as the journal keeps it: one line of JSON, keys in fixed order, empty fields left out, references as
/// numbers, moments and days as text. Equal records give equal bytes.
pub fn canonical(model: &Model, record: &Record) -> String {
    let mut line = format!("{{\"rid\":{},\"version\":{}", record.id, record.version);
    let mut put = |key: &str, value: Json| {
        let _ = write!(line, ",{}:{value}", json!(key));
    };
    if let Some(state) = &record.state {
        put("state", json!(state));
    }
    if let Some(since) = record.state_since {
        put("state_since", json!(since.to_string()));
    }
    put("changed_at", json!(record.changed_at.to_string()));
    put("changed_by", json!(record.changed_by));
    if record.schematic {
        put("schematic", json!(true));
    }
    if record.retired {
        put("retired", json!(true));
    }
    line.push_str(",\"values\":{");
    let mut first = true;
    for (field, value) in model.def().fields.iter().zip(&record.values).filter(|(_, value)| !value.is_empty())
    {
        let comma = if std::mem::take(&mut first) { "" } else { "," };
        let _ = write!(line, "{comma}{}:{}", json!(field.id), canonical_value(value));
    }
    line.push_str("}}");
    line
}

/// The value of one field in the same form.
pub fn canonical_value(value: &Value) -> Json {
    match value {
        value if value.is_empty() => Json::Null,
        Value::Null => Json::Null,
        Value::Text(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Integer(number) => json!(number),
        Value::Boolean(yes) => json!(yes),
        Value::Date(day) => json!(day.to_string()),
        Value::Time(moment) => json!(moment.to_string()),
        Value::Texts(texts) => json!(texts),
        Value::Reference(id) => json!(id),
        Value::References(ids) => json!(ids),
        Value::Shape(shape) => sanggan_geo::geojson::to_value(shape, DIGITS),
    }
}

/// A value back from [`canonical_value`]; `None` when it is not of the field's kind.
pub fn from_canonical(model: &Model, field: usize, json: &Json) -> Option<Value> {
    let kind = &model.def().fields.get(field)?.kind;
    if json.is_null() {
        return Some(Value::Null);
    }
    let texts =
        || json.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let day = || json.as_str()?.parse().ok().map(Value::Date);
    Some(match kind {
        FieldKind::Text { .. } | FieldKind::LongText | FieldKind::Area | FieldKind::Station => text(json)?,
        FieldKind::Enum { many: true, .. }
        | FieldKind::Parameter { many: true }
        | FieldKind::Attachment { .. } => Value::Texts(texts()?),
        FieldKind::Enum { .. } | FieldKind::Parameter { .. } => text(json)?,
        FieldKind::Number { .. } => Value::Number(json.as_f64()?),
        FieldKind::Integer { .. } => Value::Integer(json.as_i64()?),
        FieldKind::Boolean => Value::Boolean(json.as_bool()?),
        FieldKind::Date => day()?,
        FieldKind::Time => Value::Time(moment(json)?),
        FieldKind::Reference { many: false, .. } => Value::Reference(RecordId(json.as_i64()?)),
        FieldKind::Reference { many: true, .. } => {
            let ids = json.as_array()?.iter().map(|item| item.as_i64().map(RecordId));
            Value::References(ids.collect::<Option<Vec<_>>>()?)
        }
        FieldKind::Geometry { .. } => {
            Value::Shape(Box::new(sanggan_geo::geojson::parse_geometry(json).ok()?))
        }
        FieldKind::Computed { gives, .. } => match gives {
            Gives::Text => text(json)?,
            Gives::Number => Value::Number(json.as_f64()?),
            Gives::Integer => Value::Integer(json.as_i64()?),
            Gives::Boolean => Value::Boolean(json.as_bool()?),
            Gives::Date => day()?,
        },
    })
}

fn text(json: &Json) -> Option<Value> {
    json.as_str().map(|text| Value::Text(text.to_owned()))
}

fn moment(json: &Json) -> Option<Millis> {
    crate::text::moment(json.as_str()?)
}
