//! Zipped shapefiles: `.shp`, `.dbf`, `.prj` and `.cpg` of one layer.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use geo::{CoordinatePosition, coordinate_position::CoordPos};
use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::Value;
use shapefile::record::polygon::GenericPolygon;
use shapefile::{PolygonRing, ReadableShape, Shape as Raw};
use zip::ZipArchive;

use super::{Feature, Layer, Limits, ReadError, convert, dbf, too_many};
use crate::crs::Crs;
use crate::{Shape, Words};

const FORMAT: &str = "Shapefile";
/// Bytes of the head of a `.shp`, and of the head of each record.
const HEAD: usize = 100;
const RECORD_HEAD: usize = 8;

fn file(zh: impl Into<String>, en: impl Into<String>) -> ReadError {
    ReadError::File { format: FORMAT, fault: Words::new(zh, en) }
}

fn no_zip(error: &zip::result::ZipError) -> ReadError {
    file(format!("zip 压缩包无法打开（{error}）"), format!("the zip cannot be opened: {error}"))
}

/// Whether the zip names a `.shp`.
pub(super) fn is_shapefile(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| {
        archive.file_names_raw().any(|name| name.to_ascii_lowercase().ends_with(b".shp"))
    })
}

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Layer, ReadError> {
    let mut members = Members::open(bytes, limits.bytes)?;
    let shp = members.take("shp")?.unwrap_or_default();
    let dbf = members.take("dbf")?;
    let prj = members.take("prj")?;
    let cpg = members.take("cpg")?;
    let page = cpg.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let table = match dbf {
        Some(bytes) => dbf::read(&bytes, page).map_err(|fault| ReadError::File { format: FORMAT, fault })?,
        None => dbf::Table::default(),
    };
    let mut layer =
        Layer { columns: table.columns, features: features(&shp, table.rows, limits)?, crs: None };
    for feature in &mut layer.features {
        feature.attributes.resize(layer.columns.len(), Value::Null);
    }
    match prj {
        Some(bytes) => {
            let text = GB18030.decode(&bytes).0;
            let crs = Crs::from_prj(&text)?;
            layer.crs = Some(text.trim().to_owned());
            convert(&mut layer, crs);
        }
        None => refuse_metres(&layer)?,
    }
    Ok(layer)
}

/// Without a `.prj`, coordinates outside of degrees are metres of nobody knows which zone.
fn refuse_metres(layer: &Layer) -> Result<(), ReadError> {
    let shapes = layer.features.iter().filter_map(|feature| feature.shape.as_ref());
    let beyond = |shape: &Shape| {
        crate::measure::bounds(shape).is_some_and(|rect| rect.max().x > 180.0 && rect.max().y > 90.0)
    };
    if shapes.clone().next().is_some() && shapes.into_iter().all(beyond) {
        return Err(file(
            "坐标像是投影坐标（米），但压缩包里没有 .prj 文件，无法得知是哪个带；请附上 .prj 或先转换为经纬度",
            "the coordinates look like metres of a projection, and without a .prj nobody can tell which; \
             put the .prj into the zip or convert to longitude and latitude first",
        ));
    }
    Ok(())
}

/// The files of one layer in the zip. Names are compared as bytes: Chinese ones come in GBK as well as UTF-8.
struct Members<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The path of the `.shp` without its ending.
    stem: Vec<u8>,
    left: usize,
}

impl<'a> Members<'a> {
    fn open(bytes: &'a [u8], limit: usize) -> Result<Members<'a>, ReadError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_zip(&error))?;
        let mut stems: Vec<Vec<u8>> = archive
            .file_names_raw()
            .filter(|name| name.to_ascii_lowercase().ends_with(b".shp") && !name.starts_with(b"__MACOSX"))
            .map(|name| name[..name.len() - 4].to_vec())
            .collect();
        match stems.len() {
            0 => Err(file("压缩包里没有 .shp 文件", "there is no .shp in the zip")),
            1 => Ok(Members { archive, stem: stems.remove(0), left: limit }),
            several => {
                let names = stems.iter().take(3).map(|stem| shown(stem)).collect::<Vec<_>>().join("、");
                Err(file(
                    format!("压缩包里有 {several} 个 .shp（{names}…）；请每次只放一个图层"),
                    format!("the zip has {several} .shp ({names}…); put one layer in at a time"),
                ))
            }
        }
    }

    /// The bytes of the layer's file with this ending, never more in all than the limit, whatever the zip says.
    fn take(&mut self, ending: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let wanted = [self.stem.as_slice(), b".", ending.as_bytes()].concat();
        let Some(index) = self.archive.file_names_raw().position(|name| name.eq_ignore_ascii_case(&wanted))
        else {
            return Ok(None);
        };
        let member = self.archive.by_index(index).map_err(|error| no_zip(&error))?;
        let mut bytes = Vec::new();
        let most = self.left as u64 + 1;
        member.take(most).read_to_end(&mut bytes).map_err(|error| {
            file(
                format!(".{ending} 无法解压（{error}）"),
                format!("the .{ending} cannot be unpacked: {error}"),
            )
        })?;
        match self.left.checked_sub(bytes.len()) {
            Some(left) => self.left = left,
            None => {
                return Err(file(
                    "解压后的文件太大；请分成几个文件",
                    "the unpacked files are too big; split the layer into several",
                ));
            }
        }
        Ok(Some(bytes))
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8(name.to_vec()).unwrap_or_else(|_| GB18030.decode(name).0.into_owned())
}

fn features(shp: &[u8], rows: Vec<Option<Vec<Value>>>, limits: Limits) -> Result<Vec<Feature>, ReadError> {
    if !shp.starts_with(&9994u32.to_be_bytes()) || shp.len() < HEAD {
        return Err(file(".shp 文件头不对，文件已损坏", "the .shp does not begin like one; it is broken"));
    }
    let mut rest = &shp[HEAD..];
    let mut rows = rows.into_iter();
    let mut features = Vec::new();
    while let Some(head) = rest.first_chunk::<RECORD_HEAD>() {
        if features.len() == limits.features {
            return Err(too_many(FORMAT, limits));
        }
        let words = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let end = RECORD_HEAD + 2 * words;
        let (record, after) = match rest.get(RECORD_HEAD..end) {
            Some(record) => (Some(record), &rest[end..]),
            None => (None, &[][..]),
        };
        rest = after;
        // A deleted row takes its shape along; rows that are missing leave the shape alone.
        let Some(attributes) = rows.next().unwrap_or(Some(Vec::new())) else {
            continue;
        };
        let number = features.len() + 1;
        let shape = match record.map(shape) {
            Some(Ok(shape)) => Ok(shape),
            Some(Err(what)) => Err(Words::new(
                format!("第 {number} 个要素的图形无法读取（{what}）"),
                format!("the shape of feature {number} cannot be read: {what}"),
            )),
            None => Err(Words::new(
                format!("文件在第 {number} 个要素处中断"),
                format!("the file ends within feature {number}"),
            )),
        };
        let (shape, fault) = match shape {
            Ok(shape) => (shape, None),
            Err(fault) => (None, Some(fault)),
        };
        features.push(Feature { shape, attributes, fault });
    }
    Ok(features)
}

/// The shape of one record.
fn shape(record: &[u8]) -> Result<Option<Shape>, String> {
    plausible(record)?;
    let size = i32::try_from(record.len()).map_err(|error| error.to_string())?;
    let raw = Raw::read_from(&mut Cursor::new(record), size).map_err(|error| error.to_string())?;
    macro_rules! at {
        ($point:expr) => {
            Coord { x: $point.x, y: $point.y }
        };
    }
    macro_rules! points {
        ($points:expr) => {
            $points.iter().map(|point| at!(point)).collect::<Vec<Coord<f64>>>()
        };
    }
    Ok(match raw {
        Raw::NullShape => None,
        Raw::Point(point) => Some(Geometry::Point(Point(at!(point)))),
        Raw::PointM(point) => Some(Geometry::Point(Point(at!(point)))),
        Raw::PointZ(point) => Some(Geometry::Point(Point(at!(point)))),
        Raw::Multipoint(points) => multi_point(points!(points.points())),
        Raw::MultipointM(points) => multi_point(points!(points.points())),
        Raw::MultipointZ(points) => multi_point(points!(points.points())),
        Raw::Polyline(lines) => multi_line(lines.parts().iter().map(|part| points!(part)).collect()),
        Raw::PolylineM(lines) => multi_line(lines.parts().iter().map(|part| points!(part)).collect()),
        Raw::PolylineZ(lines) => multi_line(lines.parts().iter().map(|part| points!(part)).collect()),
        Raw::Polygon(polygon) => multi_polygon(polygon, |point| at!(point)),
        Raw::PolygonM(polygon) => multi_polygon(polygon, |point| at!(point)),
        Raw::PolygonZ(polygon) => multi_polygon(polygon, |point| at!(point)),
        Raw::Multipatch(_) => return Err("a multipatch, which is no plain shape".to_owned()),
    })
}

/// The numbers of parts and points that a record announces must fit into it, before memory is claimed for them.
fn plausible(record: &[u8]) -> Result<(), String> {
    let u32_at =
        |at: usize| record.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u32::from_le_bytes(*bytes));
    let needed = match u32_at(0) {
        // Lines and polygons: parts at 36, points at 40; groups of points: points at 36. M and Z alike.
        Some(3 | 5 | 13 | 15 | 23 | 25 | 31) => u32_at(36)
            .zip(u32_at(40))
            .map(|(parts, points)| 44 + 4 * u64::from(parts) + 16 * u64::from(points)),
        Some(8 | 18 | 28) => u32_at(36).map(|points| 40 + 16 * u64::from(points)),
        Some(_) => Some(4),
        None => None,
    };
    match needed {
        Some(needed) if needed <= record.len() as u64 => Ok(()),
        _ => Err("it announces more than there is".to_owned()),
    }
}

fn multi_point(mut points: Vec<Coord<f64>>) -> Option<Shape> {
    match points.len() {
        0 => None,
        1 => Some(Geometry::Point(Point(points.remove(0)))),
        _ => Some(Geometry::MultiPoint(MultiPoint(points.into_iter().map(Point).collect()))),
    }
}

fn multi_line(mut parts: Vec<Vec<Coord<f64>>>) -> Option<Shape> {
    match parts.len() {
        0 => None,
        1 => Some(Geometry::LineString(LineString(parts.remove(0)))),
        _ => Some(Geometry::MultiLineString(MultiLineString(parts.into_iter().map(LineString).collect()))),
    }
}

/// Rings with the clock are outlines, the others holes of the outline they lie in; without one, outlines themselves.
fn multi_polygon<P>(polygon: GenericPolygon<P>, at: impl Fn(&P) -> Coord<f64>) -> Option<Shape> {
    let mut outer: Vec<Polygon<f64>> = Vec::new();
    let mut inner: Vec<LineString<f64>> = Vec::new();
    for ring in polygon.rings() {
        let line = LineString(ring.points().iter().map(&at).collect());
        match ring {
            PolygonRing::Outer(_) => outer.push(Polygon::new(line, Vec::new())),
            PolygonRing::Inner(_) => inner.push(line),
        }
    }
    for hole in inner {
        let within = |polygon: &&mut Polygon<f64>| {
            hole.coords()
                .map(|at| polygon.coordinate_position(at))
                .find(|position| *position != CoordPos::OnBoundary)
                .is_some_and(|position| position == CoordPos::Inside)
        };
        match outer.iter_mut().find(within) {
            Some(polygon) => polygon.interiors_push(hole),
            None => outer.push(Polygon::new(hole, Vec::new())),
        }
    }
    match outer.len() {
        0 => None,
        1 => Some(Geometry::Polygon(outer.remove(0))),
        _ => Some(Geometry::MultiPolygon(MultiPolygon(outer))),
    }
}
