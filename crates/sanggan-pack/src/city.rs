//! One city: its code, names, areas and outline.

use sanggan_base::AreaCode;

use crate::Name;

/// A part of the city that has figures of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// GB/T 2260 code, or a local one for a zone that has none.
    pub code: AreaCode,
    /// Its name.
    pub name: Name,
    /// Whether it is a county-level division of the state (a development zone is not).
    pub administrative: bool,
}

/// The city a platform serves.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    /// GB/T 2260 code.
    pub code: AreaCode,
    /// Its name.
    pub name: Name,
    /// Its parts, in the order in which they are listed.
    pub areas: Vec<Area>,
    /// Longitude and latitude about which the map opens.
    pub centre: [f64; 2],
    /// Outlines of the parts as GeoJSON text; the properties of each are `code`, `name`, `name_en`.
    pub outline: String,
}

impl City {
    /// The area with this code.
    pub fn area(&self, code: &str) -> Option<&Area> {
        self.areas.iter().find(|area| area.code.as_str() == code)
    }
}
