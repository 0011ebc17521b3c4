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
