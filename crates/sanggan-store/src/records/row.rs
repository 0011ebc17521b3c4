//! A record on its way into its table and out of it.

use jiff::civil::Date;
use sanggan_base::Millis;
use sanggan_geo::{measure, wkb};
use sanggan_records::{Link, Record, RecordId, Value};

use super::table::{Column, Table};
use super::words;
use crate::StoreError;
use crate::db::{Arg, Dialect, Kind, Row, args};

/// A record with what is kept beside it so that it is found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) record: Record,
    /// The day on which it is in time for the last time.
    pub(crate) due_on: Option<Date>,
    /// Whether everybody may read it.
    pub(crate) public: bool,
}

fn corrupt(table: &Table, field: &str, text: impl Into<String>) -> StoreError {
    let text = format!("{}.{field}: {}", table.name, text.into());
    StoreError::Corrupt { what: "a record", text }
}

impl Column {
    /// The value as an argument. A value of another kind is kept as nothing: [`sanggan_records`] lets none through.
    pub(crate) fn arg(&self, value: &Value) -> Arg {
        match (self, value) {
            (Column::Text, Value::Text(text)) if !text.is_empty() => Arg::Text(text.clone()),
            (Column::Int, Value::Integer(number)) => Arg::Int(*number),
            (Column::Real, Value::Number(number)) => Arg::Real(*number),
            #[allow(clippy::cast_precision_loss)]
            (Column::Real, Value::Integer(number)) => Arg::Real(*number as f64),
            (Column::Bool, Value::Boolean(yes)) => Arg::Bool(*yes),
            (Column::Date, Value::Date(day)) => Arg::Text(day.to_string()),
            (Column::Time, Value::Time(moment)) => Arg::Int(moment.0),
            (Column::List, Value::Texts(texts)) if !texts.is_empty() => {
                Arg::Text(serde_json::Value::from(texts.clone()).to_string())
            }
            (Column::Ref(_) | Column::Refs(..), Value::Reference(id)) => Arg::Int(id.0),
            (Column::Shape, Value::Shape(shape)) => Arg::Shape(wkb::encode(shape)),
            _ => Arg::Null(self.kind()),
        }
    }

    fn read(&self, table: &Table, row: &Row, field: &str) -> Result<Value, StoreError> {
        Ok(match self {
            Column::Text => row.optional(field)?.map(Value::Text),
            Column::Int => row.optional(field)?.map(Value::Integer),
            Column::Real => row.optional(field)?.map(Value::Number),
            Column::Bool => row.optional(field)?.map(Value::Boolean),
            Column::Time => row.optional(field)?.map(|at| Value::Time(Millis(at))),
            Column::Ref(_) => row.optional(field)?.map(|id| Value::Reference(RecordId(id))),
            Column::Date => match row.optional::<String>(field)? {
                Some(text) => Some(Value::Date(text.parse().map_err(|_| corrupt(table, field, text))?)),
                None => None,
            },
            Column::List => match row.optional::<String>(field)? {
                Some(text) => {
                    Some(Value::Texts(serde_json::from_str(&text).map_err(|_| corrupt(table, field, text))?))
                }
                None => None,
            },
            Column::Refs(..) => match row.optional::<String>(field)? {
                Some(text) => {
                    let ids: Vec<RecordId> =
                        serde_json::from_str(&text).map_err(|_| corrupt(table, field, text))?;
                    (!ids.is_empty()).then_some(Value::References(ids))
                }
                None => None,
            },
            Column::Shape => match row.shape(field)? {
                Some(bytes) => {
                    let shape =
                        wkb::decode(&bytes).map_err(|error| corrupt(table, field, error.to_string()))?;
                    Some(Value::Shape(Box::new(shape)))
                }
                None => None,
            },
        }
        .unwrap_or(Value::Null))
    }
}

impl Table {
    /// Reads a row of [`Table::selected`].
    pub(crate) fn read(&self, row: &Row) -> Result<Kept, StoreError> {
        let fields = self.def().fields.iter().zip(&self.columns);
        let values =
            fields.map(|(field, column)| column.read(self, row, &field.id)).collect::<Result<Vec<_>, _>>()?;
        let version = row.int("version")?;
        let due: Option<String> = row.optional("_due_on")?;
        Ok(Kept {
            record: Record {
                id: RecordId(row.int("rid")?),
                version: u32::try_from(version).map_err(|_| corrupt(self, "version", version.to_string()))?,
                state: row.optional("state")?,
                state_since: row.optional("state_since")?.map(Millis),
                changed_at: Millis(row.int("changed_at")?),
                changed_by: row.text("changed_by")?,
                schematic: row.bool("schematic")?,
                retired: row.bool("retired")?,
                values,
            },
            due_on: due
                .map(|day| day.parse().map_err(|_| corrupt(self, "_due_on", day.clone())))
                .transpose()?,
            public: row.bool("_public")?,
        })
    }

    /// One row for [`Table::written`].
    pub(crate) fn row(&self, kept: &Kept, dialect: Dialect) -> Vec<Arg> {
        let record = &kept.record;
        let mut out = args![
            record.id.0,
            record.version,
            record.state.as_deref(),
            record.state_since,
            record.changed_at,
            record.changed_by.as_str(),
            record.schematic,
            record.retired,
            kept.due_on.map(|day| day.to_string()),
            kept.public,
        ];
        if self.geometry.is_some() {
            match self.corners(record) {
                Some(corners) => out.extend(corners.map(Arg::Real)),
                None => out.extend([
                    Arg::Null(Kind::Real),
                    Arg::Null(Kind::Real),
                    Arg::Null(Kind::Real),
                    Arg::Null(Kind::Real),
                ]),
            }
        }
        if dialect == Dialect::Postgres {
            out.push(Arg::Text(words::postgres_document(&self.terms(record, &self.searched))));
            if let Some(public) = &self.public_searched {
                out.push(Arg::Text(words::postgres_document(&self.terms(record, public))));
            }
        }
        let fields = self.columns.iter().zip(&record.values);
        out.extend(
            fields.filter(|(it, _)| !matches!(it, Column::Refs(..))).map(|(column, value)| column.arg(value)),
        );
        out
    }

    /// West, south, east, north of a record's shape.
    pub(crate) fn corners(&self, record: &Record) -> Option<[f64; 4]> {
        let Value::Shape(shape) = record.values.get(self.geometry?)? else { return None };
        let bounds = measure::bounds(shape)?;
        Some([bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y])
    }

    /// The search terms of some fields of a record.
    pub(crate) fn terms(&self, record: &Record, fields: &[usize]) -> Vec<String> {
        words::kept(fields.iter().flat_map(|&field| {
            match record.values.get(field) {
                Some(Value::Text(text)) => std::slice::from_ref(text),
                Some(Value::Texts(texts)) => texts.as_slice(),
                _ => &[],
            }
            .iter()
            .map(String::as_str)
        }))
    }

    /// What is shown of a record that another refers to.
    pub(crate) fn link(&self, record: &Record) -> Link {
        let text = |field: usize| record.values.get(field).map(text_of).unwrap_or_default();
        Link { register: self.id().to_owned(), id: record.id, key: text(self.key), title: text(self.title) }
    }
}

/// A value in words, for titles and messages.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Time(moment) => moment.local().to_string(),
        Value::Texts(texts) => texts.join("; "),
        Value::Reference(id) => id.to_string(),
        Value::References(ids) => ids.iter().map(RecordId::to_string).collect::<Vec<_>>().join("; "),
        Value::Shape(_) => String::from("…"),
    }
}

/// Empty lists and texts are nothing, as they are kept: what is read back is what was given.
pub(crate) fn tidy(values: &mut [Value]) {
    for value in values {
        if value.is_empty() {
            *value = Value::Null;
        }
    }
}
