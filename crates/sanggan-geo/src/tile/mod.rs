//! Mapbox vector tiles (specification 2.1): features of a tile, clipped, rounded to its grid and encoded.

mod clip;

use std::collections::{BTreeMap, HashMap};

use geo::Simplify;
use geo_types::{Coord, Geometry, LineString, Polygon, Rect};
use geozero::mvt::tile::{Feature, GeomType, Layer, Value};
use geozero::mvt::{Message, Tile};

use crate::Shape;
use clip::Frame;

/// Units of the grid along one side of a tile.
pub const EXTENT: u32 = 4096;
/// Units drawn beyond each side, so that strokes and symbols on the seam are whole.
pub const MARGIN: u32 = 64;
/// The deepest zoom there are tiles of.
pub const DEEPEST: u8 = 24;
/// Points nearer than this to the simpler line are left out, units of the grid (a sixteenth of a pixel is two).
const TOLERANCE: f64 = 1.0;
/// Units of one side of the cells in which points are drawn as one.
const CELL: i32 = 256;

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

impl TileId {
    /// `None` when there is no such tile (zoom above [`DEEPEST`], or outside the pyramid).
    pub fn new(z: u8, x: u32, y: u32) -> Option<TileId> {
        (z <= DEEPEST && x < 1 << z && y < 1 << z).then_some(TileId { z, x, y })
    }

    /// What it covers with its margin, degrees: ask the store for shapes that touch this.
    pub fn bounds(&self) -> Rect<f64> {
        let margin = f64::from(MARGIN) / f64::from(EXTENT);
        let degrees = |x: f64, y: f64| {
            let tiles = f64::from(1u32 << self.z);
            let longitude = x / tiles * 360.0 - 180.0;
            let latitude = ((1.0 - 2.0 * y / tiles) * std::f64::consts::PI).sinh().atan().to_degrees();
            Coord { x: longitude.clamp(-180.0, 180.0), y: latitude }
        };
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        Rect::new(degrees(x - margin, y + 1.0 + margin), degrees(x + 1.0 + margin, y - margin))
    }

    /// Where a place lies on the tile's grid, from its north-west corner; y grows southwards.
    fn on_grid(&self, at: Coord<f64>) -> Coord<f64> {
        let tiles = f64::from(1u32 << self.z);
        let latitude = at.y.clamp(-85.051_13, 85.051_13).to_radians();
        let x = (at.x + 180.0) / 360.0 * tiles;
        let y = (1.0 - latitude.tan().asinh() / std::f64::consts::PI) / 2.0 * tiles;
        Coord {
            x: (x - f64::from(self.x)) * f64::from(EXTENT),
            y: (y - f64::from(self.y)) * f64::from(EXTENT),
        }
    }
}

/// One layer of a tile being made.
pub struct TileLayer {
    tile: TileId,
    layer: Layer,
    keys: HashMap<String, u32>,
    values: HashMap<ValueKey, u32>,
    /// Points by cell, when they are clustered.
    cells: Option<BTreeMap<(i32, i32), Cell>>,
}

/// What makes two values the same.
#[derive(PartialEq, Eq, Hash)]
enum ValueKey {
    Text(String),
    Number(u64),
    Integer(i64),
    Boolean(bool),
}

/// The points of one cell.
struct Cell {
    count: i64,
    sum: Coord<f64>,
    /// The only one, as long as there is one.
    first: Feature,
}

impl TileLayer {
    /// An empty layer.
    pub fn new(name: &str, tile: TileId) -> TileLayer {
        let layer = Layer { version: 2, name: name.to_owned(), extent: Some(EXTENT), ..Layer::default() };
        TileLayer { tile, layer, keys: HashMap::new(), values: HashMap::new(), cells: None }
    }

    /// From now on points of one cell (a sixteenth of the tile's side) are drawn together as one feature without id
    /// that has `point_count` and nothing else; a point alone in its cell stays what it is.
    pub fn cluster(&mut self) {
        self.cells = Some(BTreeMap::new());
    }

    /// Adds a feature, clipped, rounded to the tile's grid, left out when nothing of it is in the tile. Of a
    /// collection every member becomes a feature with the same number.
    pub fn push(&mut self, id: u64, shape: &Shape, attributes: &[(&str, TileValue)]) {
        match shape {
            Geometry::Point(point) => self.points(id, [point.0].into_iter(), attributes),
            Geometry::MultiPoint(points) => self.points(id, points.iter().map(|point| point.0), attributes),
            Geometry::Line(line) => {
                self.lines(id, [&LineString(vec![line.start, line.end])].into_iter(), attributes);
            }
            Geometry::LineString(line) => self.lines(id, [line].into_iter(), attributes),
            Geometry::MultiLineString(lines) => self.lines(id, lines.iter(), attributes),
            Geometry::Polygon(polygon) => self.polygons(id, [polygon].into_iter(), attributes),
            Geometry::MultiPolygon(polygons) => self.polygons(id, polygons.iter(), attributes),
            Geometry::GeometryCollection(members) => {
                members.iter().for_each(|member| self.push(id, member, attributes));
            }
            Geometry::Rect(rect) => self.polygons(id, [&rect.to_polygon()].into_iter(), attributes),
            Geometry::Triangle(triangle) => {
                self.polygons(id, [&triangle.to_polygon()].into_iter(), attributes)
            }
        }
    }

    /// The bytes of a tile with this layer in it; empty when nothing is. The bytes of several layers of one tile, put
    /// one after the other, are a tile of them all.
    pub fn finish(mut self) -> Vec<u8> {
        for cell in self.cells.take().unwrap_or_default().into_values() {
            if cell.count == 1 {
                self.layer.features.push(cell.first);
                continue;
            }
            let middle = rounded(cell.sum / cell.count as f64);
            let tags = self.tags(&[("point_count", TileValue::Integer(cell.count))]);
            self.layer.features.push(Feature {
                id: None,
                tags,
                r#type: Some(GeomType::Point.into()),
                geometry: Pen::default().points(&[middle]),
            });
        }
        if self.layer.features.is_empty() {
            return Vec::new();
        }
        Tile { layers: vec![self.layer] }.encode_to_vec()
    }

    fn add(&mut self, id: u64, kind: GeomType, geometry: Vec<u32>, attributes: &[(&str, TileValue)]) {
        if geometry.is_empty() {
            return;
        }
        let tags = self.tags(attributes);
        self.layer.features.push(Feature { id: Some(id), tags, r#type: Some(kind.into()), geometry });
    }

    fn points(
        &mut self,
        id: u64,
        points: impl Iterator<Item = Coord<f64>>,
        attributes: &[(&str, TileValue)],
    ) {
        let tile = self.tile;
        let here = points.map(|at| tile.on_grid(at));
        if self.cells.is_some() {
            // Points in the margin belong to the neighbour's cells.
            for at in here.filter(|at| Frame::new(0.0, f64::from(EXTENT)).holds(*at)) {
                self.gather(id, at, attributes);
            }
            return;
        }
        let points: Vec<(i32, i32)> = here.filter(|at| frame().holds(*at)).map(rounded).collect();
        self.add(id, GeomType::Point, Pen::default().points(&points), attributes);
    }

    fn gather(&mut self, id: u64, at: Coord<f64>, attributes: &[(&str, TileValue)]) {
        let (x, y) = rounded(at);
        let key = (x.div_euclid(CELL), y.div_euclid(CELL));
        if let Some(cell) = self.cells.as_mut().and_then(|cells| cells.get_mut(&key)) {
            cell.count += 1;
            cell.sum = cell.sum + at;
            return;
        }
        let first = Feature {
            id: Some(id),
            tags: self.tags(attributes),
            r#type: Some(GeomType::Point.into()),
            geometry: Pen::default().points(&[(x, y)]),
        };
        self.cells.get_or_insert_default().insert(key, Cell { count: 1, sum: at, first });
    }

    fn lines<'a>(
        &mut self,
        id: u64,
        lines: impl Iterator<Item = &'a LineString<f64>>,
        attributes: &[(&str, TileValue)],
    ) {
        let mut pen = Pen::default();
        for line in lines {
            let on_grid: Vec<Coord<f64>> = line.coords().map(|at| self.tile.on_grid(*at)).collect();
            for piece in frame().line(&on_grid) {
                let points = grid_points(&LineString(piece).simplify(TOLERANCE));
                if points.len() >= 2 {
                    pen.line(&points);
                }
            }
        }
        self.add(id, GeomType::Linestring, pen.commands, attributes);
    }

    fn polygons<'a>(
        &mut self,
        id: u64,
        polygons: impl Iterator<Item = &'a Polygon<f64>>,
        attributes: &[(&str, TileValue)],
    ) {
        let mut pen = Pen::default();
        for polygon in polygons {
            let Some(exterior) = self.ring(polygon.exterior(), true) else {
                continue;
            };
            pen.ring(&exterior);
            for hole in polygon.interiors() {
                if let Some(hole) = self.ring(hole, false) {
                    pen.ring(&hole);
                }
            }
        }
        self.add(id, GeomType::Polygon, pen.commands, attributes);
    }

    /// The ring on the grid without its last point, wound as the specification asks; `None` when nothing is left.
    fn ring(&self, ring: &LineString<f64>, exterior: bool) -> Option<Vec<(i32, i32)>> {
        let on_grid: Vec<Coord<f64>> = ring.coords().map(|at| self.tile.on_grid(*at)).collect();
        let clipped = LineString(frame().ring(&on_grid));
        let simpler = clipped.simplify(TOLERANCE);
        let mut points = grid_points(if simpler.0.len() < 4 { &clipped } else { &simpler });
        if points.first() == points.last() {
            points.pop();
        }
        let area = doubled_area(&points);
        if points.len() < 3 || area == 0 {
            return None;
        }
        // With y downwards an outline of positive area turns with the clock.
        if (area > 0) != exterior {
            points.reverse();
        }
        Some(points)
    }

    fn tags(&mut self, attributes: &[(&str, TileValue)]) -> Vec<u32> {
        let mut tags = Vec::with_capacity(2 * attributes.len());
        for (name, value) in attributes {
            let key = match self.keys.get(*name) {
                Some(key) => *key,
                None => {
                    let key = self.keys.len() as u32;
                    self.keys.insert((*name).to_owned(), key);
                    self.layer.keys.push((*name).to_owned());
                    key
                }
            };
            let (same, encoded) = encoded(value);
            let next = self.values.len() as u32;
            let value = *self.values.entry(same).or_insert(next);
            if value == next {
                self.layer.values.push(encoded);
            }
            tags.extend([key, value]);
        }
        tags
    }
}

fn frame() -> Frame {
    Frame::new(-f64::from(MARGIN), f64::from(EXTENT + MARGIN))
}

fn encoded(value: &TileValue) -> (ValueKey, Value) {
    match value {
        TileValue::Text(text) => {
            (ValueKey::Text(text.clone()), Value { string_value: Some(text.clone()), ..Value::default() })
        }
        TileValue::Number(number) => {
            (ValueKey::Number(number.to_bits()), Value { double_value: Some(*number), ..Value::default() })
        }
        TileValue::Integer(number) => {
            (ValueKey::Integer(*number), Value { sint_value: Some(*number), ..Value::default() })
        }
        TileValue::Boolean(is) => {
            (ValueKey::Boolean(*is), Value { bool_value: Some(*is), ..Value::default() })
        }
    }
}

fn rounded(at: Coord<f64>) -> (i32, i32) {
    // Clipped before: never beyond the margin.
    (at.x.round() as i32, at.y.round() as i32)
}

/// The points on the grid, none twice in a row.
fn grid_points(line: &LineString<f64>) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = line.coords().map(|at| rounded(*at)).collect();
    points.dedup();
    points
}

fn doubled_area(points: &[(i32, i32)]) -> i64 {
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
        .sum()
}

/// Writes the commands of a geometry: every point relative to the one before.
#[derive(Default)]
struct Pen {
    at: (i32, i32),
    commands: Vec<u32>,
}

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE: u32 = 7;

impl Pen {
    fn command(&mut self, command: u32, count: usize) {
        self.commands.push(command | (count as u32) << 3);
    }

    fn go(&mut self, to: (i32, i32)) {
        for step in [to.0 - self.at.0, to.1 - self.at.1] {
            self.commands.push(((step << 1) ^ (step >> 31)).cast_unsigned());
        }
        self.at = to;
    }

    fn points(mut self, points: &[(i32, i32)]) -> Vec<u32> {
        if !points.is_empty() {
            self.command(MOVE_TO, points.len());
            points.iter().for_each(|point| self.go(*point));
        }
        self.commands
    }

    fn line(&mut self, points: &[(i32, i32)]) {
        self.command(MOVE_TO, 1);
        self.go(points[0]);
        self.command(LINE_TO, points.len() - 1);
        points[1..].iter().for_each(|point| self.go(*point));
    }

    fn ring(&mut self, points: &[(i32, i32)]) {
        self.line(points);
        self.command(CLOSE, 1);
    }
}

#[cfg(test)]
mod tests;
