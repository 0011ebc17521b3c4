//! FlatGeobuf, record by record from the bytes, each verified before it is looked at.

use flatgeobuf::{
    ColumnType, Geometry as Raw, GeometryType, Header, size_prefixed_root_as_feature,
    size_prefixed_root_as_header,
};
use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};
use serde_json::{Number, Value};

use super::{Feature, Layer, Limits, ReadError, convert, too_many};
use crate::crs::Crs;
use crate::{Shape, Words};

const FORMAT: &str = "FlatGeobuf";
const MAGIC: usize = 8;
/// Bytes of one node of the index: a rectangle and an offset.
const NODE: u64 = 40;
/// Collections in collections deeper than this are refused.
const DEEPEST: u32 = 16;

fn broken(zh: &str, en: &str) -> ReadError {
    ReadError::File { format: FORMAT, fault: Words::new(zh, en) }
}

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Layer, ReadError> {
    let (head, mut rest) = prefixed(bytes.get(MAGIC..).unwrap_or_default())
        .ok_or_else(|| broken("文件头不完整", "the header ends too early"))?;
    let header =
        size_prefixed_root_as_header(head).map_err(|_| broken("文件头已损坏", "the header is broken"))?;
    if header.features_count() > limits.features as u64 {
        return Err(too_many(FORMAT, limits));
    }
    rest = usize::try_from(index_bytes(header.features_count(), header.index_node_size()))
        .ok()
        .and_then(|index| rest.get(index..))
        .ok_or_else(|| broken("索引不完整", "the index ends too early"))?;
    let columns: Vec<(String, ColumnType)> = header
        .columns()
        .map(|columns| columns.iter().map(|column| (column.name().to_owned(), column.type_())).collect())
        .unwrap_or_default();
    let mut layer =
        Layer { columns: columns.iter().map(|(name, _)| name.clone()).collect(), ..Layer::default() };
    while !rest.is_empty() {
        if layer.features.len() == limits.features {
            return Err(too_many(FORMAT, limits));
        }
        let number = layer.features.len() + 1;
        let fault = |what: &str| {
            Words::new(
                format!("第 {number} 个要素无法读取（{what}）"),
                format!("feature {number} cannot be read: {what}"),
            )
        };
        let Some((record, after)) = prefixed(rest) else {
            let attributes = vec![Value::Null; columns.len()];
            layer.features.push(Feature {
                shape: None,
                attributes,
                fault: Some(fault("the file ends within it")),
            });
            break;
        };
        rest = after;
        layer.features.push(match size_prefixed_root_as_feature(record) {
            Err(_) => {
                let attributes = vec![Value::Null; columns.len()];
                Feature { shape: None, attributes, fault: Some(fault("its bytes are broken")) }
            }
            Ok(feature) => {
                let attributes = feature.properties().map(|bytes| attributes(bytes.bytes(), &columns));
                let shape =
                    feature.geometry().map(|raw| geometry(&raw, header.geometry_type(), 0)).transpose();
                let what = match (&shape, &attributes) {
                    (Err(what), _) => Some(fault(what)),
                    (_, Some(Err(what))) => Some(fault(what)),
                    _ => None,
                };
                let attributes =
                    attributes.and_then(Result::ok).unwrap_or_else(|| vec![Value::Null; columns.len()]);
                Feature { shape: shape.ok().flatten(), attributes, fault: what }
            }
        });
    }
    if let Some((name, crs)) = system(&header)? {
        layer.crs = Some(name);
        convert(&mut layer, crs);
    }
    Ok(layer)
}

/// A block with its length before it (kept in the block), and what follows.
fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let size = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    // A flat buffer has at least the offset of its root.
    (size >= 8).then_some(())?;
    bytes.split_at_checked(size.checked_add(4)?)
}

/// Bytes of the packed tree before the features.
fn index_bytes(features: u64, node_size: u16) -> u64 {
    if features == 0 || node_size < 2 {
        return 0;
    }
    let mut level = features;
    let mut nodes = features;
    while level > 1 {
        level = level.div_ceil(u64::from(node_size));
        nodes += level;
    }
    // One feature still has a root.
    if features == 1 {
        nodes += 1;
    }
    nodes.saturating_mul(NODE)
}

fn system(header: &Header<'_>) -> Result<Option<(String, Crs)>, ReadError> {
    let Some(crs) = header.crs() else {
        return Ok(None);
    };
    let epsg = crs.org().is_none_or(|org| org.eq_ignore_ascii_case("EPSG"));
    match (u32::try_from(crs.code()), crs.wkt()) {
        (Ok(code), _) if code > 0 && epsg => Ok(Some((format!("EPSG:{code}"), Crs::from_epsg(code)?))),
        (_, Some(wkt)) => Ok(Some((wkt.to_owned(), Crs::from_prj(wkt)?))),
        _ => Ok(None),
    }
}

fn attributes(mut bytes: &[u8], columns: &[(String, ColumnType)]) -> Result<Vec<Value>, &'static str> {
    let mut values = vec![Value::Null; columns.len()];
    while bytes.len() >= 2 {
        let (column, rest) = take::<2>(bytes)?;
        bytes = rest;
        let column = usize::from(u16::from_le_bytes(column));
        let (_, kind) = columns.get(column).ok_or("an attribute without a column")?;
        let (value, rest) = attribute(bytes, *kind)?;
        values[column] = value;
        bytes = rest;
    }
    Ok(values)
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), &'static str> {
    bytes.split_first_chunk::<N>().map(|(first, rest)| (*first, rest)).ok_or("an attribute ends too early")
}

fn attribute(bytes: &[u8], kind: ColumnType) -> Result<(Value, &[u8]), &'static str> {
    macro_rules! whole {
        ($kind:ty) => {{
            let (value, rest) = take(bytes)?;
            (<$kind>::from_le_bytes(value).into(), rest)
        }};
    }
    let real = |value: f64| Number::from_f64(value).map_or(Value::Null, Value::Number);
    Ok(match kind {
        ColumnType::Byte => whole!(i8),
        ColumnType::UByte => whole!(u8),
        ColumnType::Bool => {
            let ([value], rest) = take::<1>(bytes)?;
            (Value::Bool(value != 0), rest)
        }
        ColumnType::Short => whole!(i16),
        ColumnType::UShort => whole!(u16),
        ColumnType::Int => whole!(i32),
        ColumnType::UInt => whole!(u32),
        ColumnType::Long => whole!(i64),
        ColumnType::ULong => whole!(u64),
        ColumnType::Float => {
            let (value, rest) = take(bytes)?;
            (real(f32::from_le_bytes(value).into()), rest)
        }
        ColumnType::Double => {
            let (value, rest) = take(bytes)?;
            (real(f64::from_le_bytes(value)), rest)
        }
        ColumnType::String | ColumnType::DateTime | ColumnType::Json | ColumnType::Binary => {
            let (length, rest) = take(bytes)?;
            let (text, rest) = rest
                .split_at_checked(u32::from_le_bytes(length) as usize)
                .ok_or("an attribute ends too early")?;
            let value = match kind {
                ColumnType::Binary => Value::Null,
                ColumnType::Json => serde_json::from_slice(text).unwrap_or(Value::Null),
                _ => String::from_utf8_lossy(text).into_owned().into(),
            };
            (value, rest)
        }
        _ => return Err("an attribute of an unknown type"),
    })
}

fn geometry(raw: &Raw<'_>, kind: GeometryType, depth: u32) -> Result<Shape, &'static str> {
    if depth > DEEPEST {
        return Err("collections in collections");
    }
    let kind = if kind == GeometryType::Unknown { raw.type_() } else { kind };
    Ok(match kind {
        GeometryType::Point => match coordinates(raw)?.as_slice() {
            [at, ..] => Geometry::Point(Point(*at)),
            [] => Geometry::MultiPoint(MultiPoint(Vec::new())),
        },
        GeometryType::MultiPoint => {
            Geometry::MultiPoint(MultiPoint(coordinates(raw)?.into_iter().map(Point).collect()))
        }
        GeometryType::LineString => Geometry::LineString(LineString(coordinates(raw)?)),
        GeometryType::MultiLineString => Geometry::MultiLineString(MultiLineString(lines(raw)?)),
        GeometryType::Polygon => Geometry::Polygon(polygon(raw)?),
        GeometryType::MultiPolygon => match raw.parts() {
            Some(parts) => Geometry::MultiPolygon(MultiPolygon(
                parts.iter().map(|part| polygon(&part)).collect::<Result<_, _>>()?,
            )),
            None => Geometry::MultiPolygon(MultiPolygon(vec![polygon(raw)?])),
        },
        GeometryType::GeometryCollection => {
            let parts = raw.parts().ok_or("a collection without parts")?;
            Geometry::GeometryCollection(GeometryCollection(
                parts
                    .iter()
                    .map(|part| geometry(&part, GeometryType::Unknown, depth + 1))
                    .collect::<Result<_, _>>()?,
            ))
        }
        _ => return Err("a curve or surface; only points, lines and polygons are taken"),
    })
}

fn coordinates(raw: &Raw<'_>) -> Result<Vec<Coord<f64>>, &'static str> {
    let xy = raw.xy().ok_or("a shape without coordinates")?;
    if xy.len() % 2 != 0 {
        return Err("an odd number of coordinates");
    }
    Ok((0..xy.len() / 2).map(|index| Coord { x: xy.get(2 * index), y: xy.get(2 * index + 1) }).collect())
}

/// The coordinates cut at the ends the shape names.
fn lines(raw: &Raw<'_>) -> Result<Vec<LineString<f64>>, &'static str> {
    let all = coordinates(raw)?;
    let Some(ends) = raw.ends().filter(|ends| !ends.is_empty()) else {
        return Ok(vec![LineString(all)]);
    };
    let mut start = 0;
    let mut lines = Vec::with_capacity(ends.len());
    for end in ends.iter() {
        let end = end as usize;
        lines.push(LineString(all.get(start..end).ok_or("parts that end beyond the coordinates")?.to_vec()));
        start = end;
    }
    Ok(lines)
}

fn polygon(raw: &Raw<'_>) -> Result<Polygon<f64>, &'static str> {
    let mut rings = lines(raw)?.into_iter();
    let exterior = rings.next().unwrap_or_else(LineString::empty);
    Ok(Polygon::new(exterior, rings.collect()))
}
