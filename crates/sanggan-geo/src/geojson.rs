//! GeoJSON (RFC 7946), read with the place of every fault and written with limited digits.
use crate::Shape;

/// Digits after the point that [`to_value`] is mostly asked for: about a decimetre.
pub const DIGITS: usize = 6;

/// Why a text is not GeoJSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the GeoJSON: {what} at {place}")]
pub struct GeojsonError {
    /// What was met.
    pub what: String,
    /// Where: a path such as `features[3].geometry.coordinates[0][12]`, or line and column of broken JSON.
    pub place: String,
    /// The feature's number from 0, when it is one feature's fault.
    pub feature: Option<usize>,
}

/// A geometry object, or a Feature's geometry.
pub fn parse_geometry(_value: &serde_json::Value) -> Result<Shape, GeojsonError> {
    todo!()
}

/// The same from text.
pub fn parse_geometry_text(_text: &str) -> Result<Shape, GeojsonError> {
    todo!()
}

/// A geometry object; coordinates rounded to `digits` digits, rings wound as RFC 7946 asks.
pub fn to_value(_shape: &Shape, _digits: usize) -> serde_json::Value {
    todo!()
}

/// The geometry object as text, without the detour over values.
pub fn write(_out: &mut String, _shape: &Shape, _digits: usize) {
    todo!()
}
