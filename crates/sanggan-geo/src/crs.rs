//! Coordinate reference systems the platform reads and answers in.
use crate::Shape;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crs {
    /// OGC CRS84: WGS-84, longitude first. What the platform keeps.
    Crs84,
    /// EPSG:4326: WGS-84, latitude first.
    Wgs84,
    /// EPSG:4490: CGCS2000, latitude first; the same as WGS-84 here.
    Cgcs2000,
    /// EPSG:3857: web Mercator.
    WebMercator,
    /// Transverse Mercator on CGCS2000 or WGS-84: Gauss-Krüger zones, UTM.
    TransverseMercator(TransverseMercator),
}

/// A transverse Mercator projection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransverseMercator {
    /// Semi-major axis, m.
    pub a: f64,
    /// Inverse flattening.
    pub inverse_flattening: f64,
    /// Longitude of the middle meridian, degrees.
    pub meridian: f64,
    /// Latitude of the origin, degrees.
    pub latitude: f64,
    /// Scale on the middle meridian.
    pub scale: f64,
    /// Added to eastings, m.
    pub false_easting: f64,
    /// Added to northings, m.
    pub false_northing: f64,
}

/// Why coordinates of a system cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot use the coordinate system {name}: {why_en}")]
pub struct CrsError {
    /// The system as named.
    pub name: String,
    /// Why, and what to do, in Chinese.
    pub why_zh: String,
    /// In English.
    pub why_en: String,
}

impl Crs {
    /// By EPSG number.
    pub fn from_epsg(_code: u32) -> Result<Crs, CrsError> {
        todo!()
    }

    /// By URI, URN or `EPSG:n`, as in `crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84`.
    pub fn from_uri(_text: &str) -> Result<Crs, CrsError> {
        todo!()
    }

    /// From the text of a `.prj` file (WKT 1).
    pub fn from_prj(_text: &str) -> Result<Crs, CrsError> {
        todo!()
    }

    /// Its URI, when it is one of those the platform answers in.
    pub fn uri(&self) -> Option<&'static str> {
        todo!()
    }

    /// Whether its first axis is north: coordinates of answers are swapped for it.
    pub fn north_first(&self) -> bool {
        todo!()
    }

    /// From coordinates east, north of this system.
    pub fn to_wgs84(&self, _shape: &Shape) -> Shape {
        todo!()
    }

    /// To coordinates east, north of this system.
    pub fn from_wgs84(&self, _shape: &Shape) -> Shape {
        todo!()
    }
}
