//! Shapes: the formats people exchange them in, whether they are sound, and what the platform draws from them.
//!
//! Knows no file, no network and no law: bytes in, shapes out. Coordinates are WGS-84 degrees, east then north;
//! CGCS2000 differs from it by decimetres and is taken as the same; GCJ-02 is converted.
//!
//! Read first: [`Shape`], [`check::check`], [`read::read`].
//!
//! * GEO-1: bytes from outside never panic and never claim more memory than they have bytes for.

pub mod check;
pub mod crs;
pub mod gcj02;
pub mod geojson;
pub mod measure;
pub mod read;
pub mod tile;
pub mod wkb;
pub mod wkt;

pub use geo_types;

/// A geometry in WGS-84 degrees.
pub type Shape = geo_types::Geometry<f64>;

/// What is wrong, in the languages of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Words {
    /// Both.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Words {
        Words { zh: zh.into(), en: en.into() }
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.en.fmt(f)
    }
}
