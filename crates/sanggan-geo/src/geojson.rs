//! GeoJSON (RFC 7946), read with the place of every fault and written with limited digits.

use std::io;

use geo::{Orient, orient::Direction};
use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};
use serde_json::{Map, Value};

use crate::wkt::number;
use crate::{Shape, Words};

/// Digits after the point that [`to_value`] is mostly asked for: about a decimetre.
pub const DIGITS: usize = 6;

/// Collections in collections deeper than this are refused.
const DEEPEST: u32 = 16;

/// Why a text is not GeoJSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the GeoJSON: {what} at {place}")]
pub struct GeojsonError {
    /// What was met.
    pub what: Words,
    /// Where: a path such as `features[3].geometry.coordinates[0][12]`, or line and column of broken JSON.
    pub place: String,
    /// The feature's number from 0, when it is one feature's fault.
    pub feature: Option<usize>,
}

impl GeojsonError {
    /// In Chinese.
    pub fn zh(&self) -> String {
        format!("无法读取 GeoJSON：{} 处{}", self.place, self.what.zh)
    }
}

/// A geometry object, or a Feature's geometry. Heights are dropped.
pub fn parse_geometry(value: &Value) -> Result<Shape, GeojsonError> {
    let read = match value.get("type").and_then(Value::as_str) {
        Some("Feature") => within("geometry", geometry(&value["geometry"], 0)),
        _ => geometry(value, 0),
    };
    read.map_err(|fault| fault.error(None))
}

/// The geometry of a feature; of the one with this number when it stands in a collection.
pub(crate) fn parse_in_feature(value: &Value, feature: Option<usize>) -> Result<Shape, GeojsonError> {
    let read = within("geometry", geometry(value, 0));
    let read = match feature {
        Some(feature) => within(&format!("features[{feature}]"), read),
        None => read,
    };
    read.map_err(|fault| fault.error(feature))
}

/// The same as [`parse_geometry`], from text.
pub fn parse_geometry_text(text: &str) -> Result<Shape, GeojsonError> {
    let value = serde_json::from_str(text).map_err(|error| broken(&error))?;
    parse_geometry(&value)
}

/// What is said of text that isn't JSON.
pub(crate) fn broken(error: &serde_json::Error) -> GeojsonError {
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    let what = Words::new(format!("不是完整的 JSON（{what}）"), what);
    GeojsonError { what, place: format!("line {} column {}", error.line(), error.column()), feature: None }
}

/// A fault on its way out; every level it passes puts its own step before the path.
struct Fault {
    what: Words,
    path: String,
}

impl Fault {
    fn error(self, feature: Option<usize>) -> GeojsonError {
        let path = self.path.trim_start_matches('.');
        let place = if path.is_empty() { "$" } else { path };
        GeojsonError { what: self.what, place: place.to_owned(), feature }
    }
}

fn fault<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { what: Words::new(zh, en), path: String::new() })
}

fn within<T>(member: &str, read: Result<T, Fault>) -> Result<T, Fault> {
    read.map_err(|fault| Fault { path: format!(".{member}{}", fault.path), ..fault })
}

fn geometry(value: &Value, depth: u32) -> Result<Shape, Fault> {
    let Some(object) = value.as_object() else {
        return fault("不是图形对象", "no geometry object");
    };
    let Some(kind) = object.get("type").and_then(Value::as_str) else {
        return fault("图形缺少 `type`", "a geometry without `type`");
    };
    let coordinates = object.get("coordinates");
    let read = match kind {
        "Point" => match coordinates {
            Some(value) => position(value).map(|at| Geometry::Point(Point(at))),
            None => fault("不是数组", "no list"),
        },
        "LineString" => line(coordinates).map(Geometry::LineString),
        "Polygon" => polygon(coordinates).map(Geometry::Polygon),
        "MultiPoint" => list(coordinates, |value| position(value).map(Point))
            .map(|points| Geometry::MultiPoint(MultiPoint(points))),
        "MultiLineString" => list(coordinates, |value| line(Some(value)))
            .map(|lines| Geometry::MultiLineString(MultiLineString(lines))),
        "MultiPolygon" => list(coordinates, |value| polygon(Some(value)))
            .map(|polygons| Geometry::MultiPolygon(MultiPolygon(polygons))),
        "GeometryCollection" if depth >= DEEPEST => {
            return fault(
                format!("图形集合嵌套超过 {DEEPEST} 层"),
                format!("collections in collections {DEEPEST} deep"),
            );
        }
        "GeometryCollection" => {
            let members = list(object.get("geometries"), |member| geometry(member, depth + 1));
            return within("geometries", members)
                .map(|members| Geometry::GeometryCollection(GeometryCollection(members)));
        }
        other => return fault(format!("不认识的图形类型 `{other}`"), format!("the geometry type `{other}`")),
    };
    within("coordinates", read)
}

fn list<T>(value: Option<&Value>, item: impl Fn(&Value) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let Some(values) = value.and_then(Value::as_array) else {
        return fault("不是数组", "no list");
    };
    let read = |(index, value)| {
        item(value).map_err(|fault| Fault { path: format!("[{index}]{}", fault.path), ..fault })
    };
    values.iter().enumerate().map(read).collect()
}

fn position(value: &Value) -> Result<Coord<f64>, Fault> {
    match value.as_array().map(Vec::as_slice) {
        Some([x, y, ..]) => match (x.as_f64(), y.as_f64()) {
            (Some(x), Some(y)) => Ok(Coord { x, y }),
            _ => fault("坐标不是两个数字", "a position that is not two numbers"),
        },
        _ => fault("坐标不足两个数字", "a position of fewer than two numbers"),
    }
}

fn line(value: Option<&Value>) -> Result<LineString<f64>, Fault> {
    list(value, position).map(LineString)
}

fn polygon(value: Option<&Value>) -> Result<Polygon<f64>, Fault> {
    let rings = list(value, |value| {
        let ring = line(Some(value))?;
        if ring.0.first() != ring.0.last() {
            return fault(
                "面的边界没有闭合（末点与首点不同）",
                "a ring whose last position is not its first",
            );
        }
        Ok(ring)
    })?;
    let mut rings = rings.into_iter();
    let exterior = rings.next().unwrap_or_else(LineString::empty);
    Ok(Polygon::new(exterior, rings.collect()))
}

/// A geometry object; coordinates rounded to `digits` digits, rings wound as RFC 7946 asks.
pub fn to_value(shape: &Shape, digits: usize) -> Value {
    let mut text = String::new();
    write(&mut text, shape, digits);
    serde_json::from_str(&text).expect("what was just written is JSON")
}

/// The geometry object as text, without the detour over values.
pub fn write(out: &mut String, shape: &Shape, digits: usize) {
    let position = |out: &mut String, at: &Coord<f64>| {
        out.push('[');
        for (axis, value) in [at.x, at.y].into_iter().enumerate() {
            if axis > 0 {
                out.push(',');
            }
            if value.is_finite() { number(out, value, digits) } else { out.push_str("null") }
        }
        out.push(']');
    };
    let line = |out: &mut String, line: &LineString<f64>| array(out, &line.0, position);
    let polygon = |out: &mut String, one: &Polygon<f64>| ring_list(out, one, line);
    let (kind, member) = match shape {
        Geometry::Point(_) => ("Point", "coordinates"),
        Geometry::Line(_) | Geometry::LineString(_) => ("LineString", "coordinates"),
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => ("Polygon", "coordinates"),
        Geometry::MultiPoint(_) => ("MultiPoint", "coordinates"),
        Geometry::MultiLineString(_) => ("MultiLineString", "coordinates"),
        Geometry::MultiPolygon(_) => ("MultiPolygon", "coordinates"),
        Geometry::GeometryCollection(_) => ("GeometryCollection", "geometries"),
    };
    for text in ["{\"type\":\"", kind, "\",\"", member, "\":"] {
        out.push_str(text);
    }
    match shape {
        Geometry::Point(point) => position(out, &point.0),
        Geometry::Line(segment) => array(out, &[segment.start, segment.end], position),
        Geometry::LineString(path) => line(out, path),
        Geometry::Polygon(one) => polygon(out, one),
        Geometry::MultiPoint(points) => array(out, &points.0, |out, point| position(out, &point.0)),
        Geometry::MultiLineString(lines) => array(out, &lines.0, line),
        Geometry::MultiPolygon(polygons) => array(out, &polygons.0, polygon),
        Geometry::GeometryCollection(members) => {
            array(out, &members.0, |out, member| write(out, member, digits))
        }
        Geometry::Rect(rect) => polygon(out, &rect.to_polygon()),
        Geometry::Triangle(triangle) => polygon(out, &triangle.to_polygon()),
    }
    out.push('}');
}

/// The rings, the outer one against the clock and the inner ones with it.
fn ring_list(out: &mut String, polygon: &Polygon<f64>, line: impl Fn(&mut String, &LineString<f64>)) {
    let polygon = polygon.orient(Direction::Default);
    let rings: Vec<&LineString<f64>> = Some(polygon.exterior())
        .filter(|ring| !ring.0.is_empty())
        .into_iter()
        .chain(polygon.interiors())
        .collect();
    array(out, &rings, |out, ring| line(out, ring));
}

fn array<T>(out: &mut String, items: &[T], item: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, one) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item(out, one);
    }
    out.push(']');
}

/// Writes a FeatureCollection feature by feature, so that none but the current one is in memory.
pub struct FeatureWriter<W> {
    out: W,
    digits: usize,
    features: u64,
    text: String,
}

impl<W: io::Write> FeatureWriter<W> {
    /// Begins the collection.
    pub fn new(mut out: W, digits: usize) -> io::Result<FeatureWriter<W>> {
        out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
        Ok(FeatureWriter { out, digits, features: 0, text: String::new() })
    }

    /// Adds a feature.
    pub fn feature(
        &mut self,
        id: Option<&Value>,
        shape: Option<&Shape>,
        properties: &Map<String, Value>,
    ) -> io::Result<()> {
        self.text.clear();
        if self.features > 0 {
            self.text.push(',');
        }
        self.features += 1;
        self.text.push_str("\n{\"type\":\"Feature\"");
        if let Some(id) = id {
            self.text.push_str(",\"id\":");
            self.text.push_str(&id.to_string());
        }
        self.text.push_str(",\"geometry\":");
        match shape {
            Some(shape) => write(&mut self.text, shape, self.digits),
            None => self.text.push_str("null"),
        }
        self.out.write_all(self.text.as_bytes())?;
        self.out.write_all(b",\"properties\":")?;
        serde_json::to_writer(&mut self.out, properties)?;
        self.out.write_all(b"}")
    }

    /// Ends the collection, with further members such as `numberMatched` after the features.
    pub fn finish(mut self, members: &Map<String, Value>) -> io::Result<W> {
        self.out.write_all(b"\n]")?;
        for (name, value) in members {
            write!(self.out, ",{}:{value}", Value::from(name.as_str()))?;
        }
        self.out.write_all(b"}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}
