//! The value of one field of one record.

use jiff::civil::Date;
use sanggan_base::Millis;
use sanggan_geo::Shape;

use crate::RecordId;

/// A value. Which kind a field holds, its definition says.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing is known.
    #[default]
    Null,
    /// Text; also the id of an enumeration's value, a parameter, area or station code.
    Text(String),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// A moment.
    Time(Millis),
    /// Several texts: enumeration values, parameters, hashes of attachments.
    Texts(Vec<String>),
    /// A record of the register the field leads to.
    Reference(RecordId),
    /// Several of them.
    References(Vec<RecordId>),
    /// A shape, WGS-84.
    Shape(Box<Shape>),
}

impl Value {
    /// Whether nothing is known: null, an empty text or an empty list.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::Texts(texts) => texts.is_empty(),
            Value::References(ids) => ids.is_empty(),
            _ => false,
        }
    }
}
