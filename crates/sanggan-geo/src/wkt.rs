//! WKT as people write it.
use crate::Shape;

/// Why a text is not a geometry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the WKT geometry: {what} at character {at}")]
pub struct WktError {
    /// What was met.
    pub what: String,
    /// Where, from 1.
    pub at: usize,
}

/// Reads `POINT (112.4 39.3)` and the other simple geometries; `SRID=4326;` before it is allowed.
pub fn parse(_text: &str) -> Result<Shape, WktError> {
    todo!()
}

/// Prints with at most `digits` digits after the point.
pub fn print(_shape: &Shape, _digits: usize) -> String {
    todo!()
}
