//! Shapes: the formats people exchange them in, whether they are sound, and what the platform draws from them.
//!
//! Knows no file, no network and no law: bytes in, shapes out. Coordinates are WGS-84 degrees, east then north;
//! CGCS2000 differs from it by decimetres and is taken as the same; GCJ-02 is converted.
//!
//! Read first: [`Shape`].

/// A geometry in WGS-84 degrees.
pub type Shape = geo_types::Geometry<f64>;
