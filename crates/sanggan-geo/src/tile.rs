//! Mapbox vector tiles.
use crate::Shape;
use geo_types::Rect;

/// A tile of the web Mercator pyramid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileId {
    /// Zoom.
    pub z: u8,
    /// From the west.
    pub x: u32,
    /// From the north.
    pub y: u32,
}

/// An attribute in a tile.
#[derive(Debug, Clone, PartialEq)]
pub enum TileValue {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

/// One layer of a tile being made.
pub struct TileLayer {}

impl TileId {
    /// `None` when there is no such tile (zoom above 24, or outside the pyramid).
    pub fn new(_z: u8, _x: u32, _y: u32) -> Option<TileId> {
        todo!()
    }

    /// What it covers with its margin, degrees: ask the store for shapes that touch this.
    pub fn bounds(&self) -> Rect<f64> {
        todo!()
    }
}

impl TileLayer {
    /// An empty layer.
    pub fn new(_name: &str, _tile: TileId) -> TileLayer {
        todo!()
    }

    /// From this on, points of one cell are drawn together as one with `point_count`; call before pushing.
    pub fn cluster(&mut self) {
        todo!()
    }

    /// Adds a feature, clipped, rounded to the tile's grid, left out when nothing of it is in the tile.
    pub fn push(&mut self, _id: u64, _shape: &Shape, _attributes: &[(&str, TileValue)]) {
        todo!()
    }

    /// The bytes of a tile with this layer in it; empty when nothing is.
    pub fn finish(self) -> Vec<u8> {
        todo!()
    }
}
