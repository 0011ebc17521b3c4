//! One field of a register.

use sanggan_base::Unit;
use serde::{Deserialize, Serialize};

use crate::Name;

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// What is stored (`mixed`).
    pub id: String,
    /// What is shown.
    pub name: Name,
}

/// What shapes a geometry field takes. A polygon field takes multi-polygons too, a line field multi-lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Geometry {
    /// One point.
    Point,
    /// One line or several.
    Line,
    /// One polygon or several.
    Polygon,
    /// Any of these.
    Any,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text {
        /// Most characters; `None`: 500.
        max_length: Option<usize>,
        /// A regular expression the whole text must match.
        pattern: Option<String>,
    },
    /// Text of several lines, to 20,000 characters.
    LongText,
    /// A number.
    Number {
        /// Its unit as shown (`t/d`); empty for a bare number.
        unit: String,
        /// Least allowed.
        min: Option<f64>,
        /// Most allowed.
        max: Option<f64>,
        /// Digits shown after the point.
        digits: Option<u8>,
    },
    /// A whole number.
    Integer {
        /// Its unit as shown.
        unit: String,
        /// Least allowed.
        min: Option<i64>,
        /// Most allowed.
        max: Option<i64>,
    },
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment.
    Time,
    /// One of a list, or several of it.
    Enum {
        /// The list, in the order shown.
        values: Vec<NamedValue>,
        /// Whether several may be given.
        many: bool,
    },
    /// A record of another register, or several.
    Reference {
        /// That register.
        to: String,
        /// Whether several may be given.
        many: bool,
    },
    /// A parameter of the parameter table (`w01018`), or several.
    Parameter {
        /// Whether several may be given.
        many: bool,
    },
    /// An area of the city, by code.
    Area,
    /// A monitoring station of the platform, by code: the door from a record to its live data.
    Station,
    /// Files, kept by their hash.
    Attachment {
        /// Photographs only, offered with the camera on a phone.
        photo: bool,
    },
    /// A shape on the map, WGS-84 (CGCS2000 is the same within decimetres).
    Geometry {
        /// Which.
        shape: Geometry,
    },
    /// Computed from other fields of the record whenever it is saved.
    Computed {
        /// A CEL expression over the record's fields.
        formula: String,
        /// What it gives: `text`, `number`, `integer`, `boolean` or `date`.
        gives: Gives,
        /// Unit of a number.
        unit: String,
    },
}

/// What a formula gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// `discharge_kind`; the word in the API, in SQL and in column headings of exports. Small letters, digits, `_`.
    pub id: String,
    /// 排放方式.
    pub name: Name,
    /// Explained below the input.
    pub help: Option<Name>,
    /// What it holds.
    #[serde(flatten)]
    pub kind: FieldKind,
    /// Whether a record must have it.
    pub required: bool,
    /// A CEL expression: when it is true the record must have it.
    pub required_when: Option<String>,
    /// Departments that may read it; empty: all who may read the record. Others see that it is hidden.
    pub readers: Vec<String>,
    /// Whether the enterprise a record belongs to may fill it in itself.
    pub enterprise_writes: bool,
    /// Whether the words in it are found by the search of the register.
    pub searched: bool,
    /// The heading above it in the form; fields of one section stand together.
    pub section: Option<Name>,
    /// The standard or clause the field comes from, when it differs from the register's.
    pub source: Option<String>,
    /// The id it had in the version before: its values go on under the new one.
    #[serde(default)]
    pub was: Option<String>,
}

impl Field {
    /// The platform's unit for the number, when the text is one the platform converts.
    pub fn unit(&self) -> Option<Unit> {
        match &self.kind {
            FieldKind::Number { unit, .. } => Unit::parse(unit).ok(),
            _ => None,
        }
    }
}
