//! WKB as databases keep it.
use crate::Shape;

/// Why bytes are not a geometry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the WKB geometry: {what} at byte {at}")]
pub struct WkbError {
    /// What was met.
    pub what: String,
    /// Where.
    pub at: usize,
}

/// Plain WKB, little-endian.
pub fn encode(_shape: &Shape) -> Vec<u8> {
    todo!()
}

/// PostGIS EWKB with SRID 4326.
pub fn encode_ewkb(_shape: &Shape) -> Vec<u8> {
    todo!()
}

/// WKB, ISO WKB or EWKB; heights and measures are dropped.
pub fn decode(_bytes: &[u8]) -> Result<Shape, WkbError> {
    todo!()
}

/// The geometry blob of a GeoPackage (header with bounds, SRS 4326, then WKB).
pub fn encode_gpkg(_shape: &Shape) -> Vec<u8> {
    todo!()
}

/// From a GeoPackage's blob: the shape (`None`: the blob says "empty") and the number of its SRS. The coordinates are
/// as they stand; see [`crate::crs::Crs::from_epsg`] to bring them to WGS-84.
pub fn decode_gpkg(_bytes: &[u8]) -> Result<(Option<Shape>, i32), WkbError> {
    todo!()
}
