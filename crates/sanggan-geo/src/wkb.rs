//! WKB as databases keep it: plain (SQLite), EWKB (PostGIS), and the geometry blob of a GeoPackage.
//!
//! Formats: OGC 06-103r4 §8 (WKB), PostGIS EWKB, OGC 12-128r18 §2.1.3 (GeoPackage).

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use crate::Shape;
use crate::measure::bounds;

/// Why bytes are not a geometry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the WKB geometry: {what} at byte {at}")]
pub struct WkbError {
    /// What was met.
    pub what: String,
    /// Where.
    pub at: usize,
}

const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE_STRING: u32 = 5;
const MULTI_POLYGON: u32 = 6;
const COLLECTION: u32 = 7;
/// EWKB's flags in the type.
const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;
const SRID: u32 = 4326;
/// Collections in collections deeper than this are refused.
const DEEPEST: u32 = 16;

/// Plain WKB, little-endian.
pub fn encode(shape: &Shape) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, shape, None);
    out
}

/// PostGIS EWKB with SRID 4326.
pub fn encode_ewkb(shape: &Shape) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, shape, Some(SRID));
    out
}

/// WKB, ISO WKB or EWKB; heights and measures are dropped, and so is the SRID.
pub fn decode(bytes: &[u8]) -> Result<Shape, WkbError> {
    let mut reader = Reader { bytes, at: 0 };
    let shape = reader.geometry(0)?;
    if reader.at < bytes.len() {
        return Err(reader.fault(format!("{} bytes too many", bytes.len() - reader.at)));
    }
    Ok(shape)
}

/// The geometry blob of a GeoPackage (header with bounds, SRS 4326, then WKB).
pub fn encode_gpkg(shape: &Shape) -> Vec<u8> {
    let mut out = b"GP\0".to_vec();
    let rect = bounds(shape);
    // Bit 0: little-endian; bits 1–3: which bounds follow (1: west, east, south, north); bit 4: empty.
    out.push(if rect.is_some() { 0b0000_0011 } else { 0b0001_0001 });
    out.extend_from_slice(&SRID.to_le_bytes());
    if let Some(rect) = rect {
        for number in [rect.min().x, rect.max().x, rect.min().y, rect.max().y] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
    put(&mut out, shape, None);
    out
}

/// From a GeoPackage's blob: the shape (`None`: the blob says "empty") and the number of its SRS. The coordinates are
/// as they stand; see [`crate::crs::Crs::from_epsg`] to bring them to WGS-84.
pub fn decode_gpkg(bytes: &[u8]) -> Result<(Option<Shape>, i32), WkbError> {
    let fault = |what: &str, at: usize| WkbError { what: what.to_owned(), at };
    let [b'G', b'P', _version, flags, rest @ ..] = bytes else {
        return Err(fault("no GeoPackage header", 0));
    };
    let Some((srs, rest)) = rest.split_first_chunk::<4>() else {
        return Err(fault("the GeoPackage header ends", 4));
    };
    let srs = if flags & 1 == 1 { i32::from_le_bytes(*srs) } else { i32::from_be_bytes(*srs) };
    if flags & 0b0010_0000 != 0 {
        return Err(fault("an extended GeoPackage geometry", 3));
    }
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(fault("an unknown kind of bounds", 3)),
    };
    let Some(wkb) = rest.get(envelope..) else {
        return Err(fault("the bounds end", 8));
    };
    if flags & 0b0001_0000 != 0 {
        return Ok((None, srs));
    }
    let shape = decode(wkb).map_err(|error| WkbError { at: error.at + 8 + envelope, ..error })?;
    Ok((Some(shape), srs))
}

fn put(out: &mut Vec<u8>, shape: &Shape, srid: Option<u32>) {
    match shape {
        Geometry::Point(point) => {
            head(out, POINT, srid);
            coordinate(out, point.0);
        }
        Geometry::Line(line) => put(out, &Geometry::LineString(LineString(vec![line.start, line.end])), srid),
        Geometry::LineString(line) => {
            head(out, LINE_STRING, srid);
            coordinates(out, line);
        }
        Geometry::Polygon(polygon) => {
            head(out, POLYGON, srid);
            rings(out, polygon);
        }
        Geometry::MultiPoint(points) => {
            head(out, MULTI_POINT, srid);
            count(out, points.0.len());
            for point in points {
                head(out, POINT, None);
                coordinate(out, point.0);
            }
        }
        Geometry::MultiLineString(lines) => {
            head(out, MULTI_LINE_STRING, srid);
            count(out, lines.0.len());
            for line in lines {
                head(out, LINE_STRING, None);
                coordinates(out, line);
            }
        }
        Geometry::MultiPolygon(polygons) => {
            head(out, MULTI_POLYGON, srid);
            count(out, polygons.0.len());
            for polygon in polygons {
                head(out, POLYGON, None);
                rings(out, polygon);
            }
        }
        Geometry::GeometryCollection(members) => {
            head(out, COLLECTION, srid);
            count(out, members.0.len());
            for member in members {
                put(out, member, None);
            }
        }
        Geometry::Rect(rect) => put(out, &Geometry::Polygon(rect.to_polygon()), srid),
        Geometry::Triangle(triangle) => put(out, &Geometry::Polygon(triangle.to_polygon()), srid),
    }
}

fn head(out: &mut Vec<u8>, kind: u32, srid: Option<u32>) {
    out.push(1);
    match srid {
        None => out.extend_from_slice(&kind.to_le_bytes()),
        Some(srid) => {
            out.extend_from_slice(&(kind | HAS_SRID).to_le_bytes());
            out.extend_from_slice(&srid.to_le_bytes());
        }
    }
}

fn count(out: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("a shape of the platform has fewer than 2^32 parts");
    out.extend_from_slice(&count.to_le_bytes());
}

fn coordinate(out: &mut Vec<u8>, at: Coord<f64>) {
    out.extend_from_slice(&at.x.to_le_bytes());
    out.extend_from_slice(&at.y.to_le_bytes());
}

fn coordinates(out: &mut Vec<u8>, line: &LineString<f64>) {
    count(out, line.0.len());
    for at in line.coords() {
        coordinate(out, *at);
    }
}

fn rings(out: &mut Vec<u8>, polygon: &Polygon<f64>) {
    if polygon.exterior().0.is_empty() {
        count(out, 0);
        return;
    }
    count(out, 1 + polygon.interiors().len());
    coordinates(out, polygon.exterior());
    for ring in polygon.interiors() {
        coordinates(out, ring);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Byte order and numbers per coordinate of one geometry.
#[derive(Clone, Copy)]
struct Layout {
    little: bool,
    dimensions: usize,
}

impl Reader<'_> {
    fn fault(&self, what: impl Into<String>) -> WkbError {
        WkbError { what: what.into(), at: self.at }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], WkbError> {
        match self.bytes[self.at..].first_chunk::<N>() {
            Some(chunk) => {
                self.at += N;
                Ok(*chunk)
            }
            None => Err(self.fault("the geometry ends too early")),
        }
    }

    fn u32(&mut self, little: bool) -> Result<u32, WkbError> {
        let bytes = self.take::<4>()?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self, little: bool) -> Result<f64, WkbError> {
        let bytes = self.take::<8>()?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// A number of parts that each take at least `least` bytes: never more than there can be.
    fn count(&mut self, little: bool, least: usize) -> Result<usize, WkbError> {
        let count = self.u32(little)? as usize;
        if count.saturating_mul(least) > self.bytes.len() - self.at {
            return Err(self.fault(format!("{count} parts are announced, the bytes end before")));
        }
        Ok(count)
    }

    /// The kind of the geometry that begins here, and how its numbers are laid out.
    fn head(&mut self) -> Result<(u32, Layout), WkbError> {
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            [other] => return Err(self.fault(format!("the byte order {other}"))),
        };
        let word = self.u32(little)?;
        let iso = (word & !(HAS_Z | HAS_M | HAS_SRID)) / 1000;
        let kind = (word & !(HAS_Z | HAS_M | HAS_SRID)) % 1000;
        if iso > 3 {
            return Err(self.fault(format!("the geometry type {word}")));
        }
        let z = word & HAS_Z != 0 || iso == 1 || iso == 3;
        let m = word & HAS_M != 0 || iso == 2 || iso == 3;
        if word & HAS_SRID != 0 {
            self.u32(little)?;
        }
        Ok((kind, Layout { little, dimensions: 2 + usize::from(z) + usize::from(m) }))
    }

    fn coordinate(&mut self, layout: Layout) -> Result<Coord<f64>, WkbError> {
        let x = self.f64(layout.little)?;
        let y = self.f64(layout.little)?;
        for _ in 2..layout.dimensions {
            self.f64(layout.little)?;
        }
        Ok(Coord { x, y })
    }

    fn line(&mut self, layout: Layout) -> Result<LineString<f64>, WkbError> {
        let count = self.count(layout.little, 8 * layout.dimensions)?;
        (0..count).map(|_| self.coordinate(layout)).collect()
    }

    fn polygon(&mut self, layout: Layout) -> Result<Polygon<f64>, WkbError> {
        let count = self.count(layout.little, 4)?;
        let mut rings = (0..count).map(|_| self.line(layout)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let exterior = rings.next().unwrap_or_else(LineString::empty);
        Ok(Polygon::new(exterior, rings.collect()))
    }

    /// Members of a "multi" geometry, each with its own head.
    fn members<T>(
        &mut self,
        layout: Layout,
        kind: u32,
        read: impl Fn(&mut Self, Layout) -> Result<T, WkbError>,
    ) -> Result<Vec<T>, WkbError> {
        let count = self.count(layout.little, 9)?;
        let mut members = Vec::with_capacity(count);
        for _ in 0..count {
            let (met, layout) = self.head()?;
            if met != kind {
                return Err(self.fault(format!("a member of type {met} where {kind} belongs")));
            }
            members.push(read(self, layout)?);
        }
        Ok(members)
    }

    fn geometry(&mut self, depth: u32) -> Result<Shape, WkbError> {
        let (kind, layout) = self.head()?;
        Ok(match kind {
            POINT => {
                let at = self.coordinate(layout)?;
                // POINT EMPTY has no other way to be said in WKB.
                if at.x.is_nan() && at.y.is_nan() {
                    Geometry::MultiPoint(MultiPoint(Vec::new()))
                } else {
                    Geometry::Point(Point(at))
                }
            }
            LINE_STRING => Geometry::LineString(self.line(layout)?),
            POLYGON => Geometry::Polygon(self.polygon(layout)?),
            MULTI_POINT => {
                let read = |this: &mut Self, layout| this.coordinate(layout).map(Point);
                Geometry::MultiPoint(MultiPoint(self.members(layout, POINT, read)?))
            }
            MULTI_LINE_STRING => {
                Geometry::MultiLineString(MultiLineString(self.members(layout, LINE_STRING, Self::line)?))
            }
            MULTI_POLYGON => {
                Geometry::MultiPolygon(MultiPolygon(self.members(layout, POLYGON, Self::polygon)?))
            }
            COLLECTION if depth >= DEEPEST => {
                return Err(self.fault(format!("collections in collections {DEEPEST} deep")));
            }
            COLLECTION => {
                let count = self.count(layout.little, 9)?;
                let members = (0..count).map(|_| self.geometry(depth + 1)).collect::<Result<Vec<_>, _>>()?;
                Geometry::GeometryCollection(GeometryCollection(members))
            }
            8..=17 => return Err(self.fault("a curve or surface; only points, lines and polygons are taken")),
            other => return Err(self.fault(format!("the geometry type {other}"))),
        })
    }
}
