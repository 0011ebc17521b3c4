//! Values as the API shows them.

use sanggan_pack::FieldKind;
use serde_json::{Map, Value as Json, json};

use crate::{Links, Model, RecordId, Value};

impl Model {
    /// `values` as the API shows them, without the hidden fields; empty fields are null.
    pub fn to_json(&self, values: &[Value], links: &Links, hidden: &[usize]) -> Map<String, Json> {
        let fields = self.def().fields.iter().zip(values).enumerate();
        fields
            .filter(|(position, _)| !hidden.contains(position))
            .map(|(position, (field, value))| (field.id.clone(), self.value_json(position, value, links)))
            .collect()
    }

    /// The value of one field as the API shows it.
    pub fn value_json(&self, field: usize, value: &Value, links: &Links) -> Json {
        let kind = self.def().fields.get(field).map(|field| &field.kind);
        let to = match kind {
            Some(FieldKind::Reference { to, .. }) => to.as_str(),
            _ => "",
        };
        if value.is_empty() {
            return Json::Null;
        }
        match value {
            Value::Null => Json::Null,
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
            Value::Integer(number) => json!(number),
            Value::Boolean(yes) => json!(yes),
            Value::Date(day) => json!(day.to_string()),
            Value::Time(moment) => json!(moment.to_string()),
            Value::Texts(texts) if matches!(kind, Some(FieldKind::Attachment { .. })) => {
                texts.iter().map(|hash| file(hash, links)).collect()
            }
            Value::Texts(texts) => json!(texts),
            Value::Reference(id) => reference(to, *id, links),
            Value::References(ids) => ids.iter().map(|&id| reference(to, id, links)).collect(),
            Value::Shape(shape) => sanggan_geo::geojson::to_value(shape, sanggan_geo::geojson::DIGITS),
        }
    }
}

/// A record that is referred to; only its number where no more is known of it.
fn reference(to: &str, id: RecordId, links: &Links) -> Json {
    match links.records.get(&(to.to_owned(), id)) {
        Some(link) => json!({ "register": link.register, "rid": id, "key": link.key, "title": link.title }),
        None => json!({ "register": to, "rid": id }),
    }
}

/// A file; only its hash where no more is known of it.
fn file(hash: &str, links: &Links) -> Json {
    match links.attachments.get(hash) {
        Some(info) => json!(info),
        None => json!({ "hash": hash }),
    }
}
