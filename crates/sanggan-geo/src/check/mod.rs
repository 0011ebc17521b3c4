//! Whether a shape is sound, and in words what is wrong with it.

mod crossing;

use geo::{CoordsIter, HasDimensions};
use geo_types::{Coord, Geometry, LineString, Polygon};

use crate::Shape;

/// What shapes are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One point.
    Point,
    /// One line or several.
    Line,
    /// One polygon or several.
    Polygon,
    /// Any of these.
    Any,
}

/// What is wrong with a shape.
#[derive(Debug, Clone, PartialEq)]
pub enum ShapeFault {
    /// It has no points.
    Empty,
    /// A coordinate is not a number.
    NotANumber,
    /// A coordinate is outside 180° or 90°.
    OutOfRange {
        /// The point.
        at: Coord<f64>,
    },
    /// Everything would lie in China if the numbers of each point changed places.
    Swapped {
        /// The first point.
        at: Coord<f64>,
    },
    /// A point at 0, 0: what programs write for "nothing".
    Zero,
    /// The shape is of another kind than the field takes.
    WrongKind {
        /// What the field takes.
        wanted: Kind,
        /// What came.
        met: &'static str,
    },
    /// A line of fewer than two different points, or a ring of fewer than three.
    TooFewPoints {
        /// Somewhere on it.
        at: Coord<f64>,
    },
    /// The edge crosses or touches itself.
    SelfCrossing {
        /// Where.
        at: Coord<f64>,
    },
    /// Two edges of one shape cross or run along each other.
    EdgesCross {
        /// Where.
        at: Coord<f64>,
    },
    /// A hole lies outside of its polygon.
    HoleOutside {
        /// A point of it.
        at: Coord<f64>,
    },
    /// More points than a shape of a register may have, or edges too tangled to be checked.
    TooManyPoints {
        /// How many.
        points: usize,
    },
}

/// Most points of one shape.
pub const MOST_POINTS: usize = 200_000;

/// China from the Pamir to the Ussuri and from the Spratly Islands to the Amur, degrees.
const CHINA_EAST: std::ops::RangeInclusive<f64> = 73.0..=136.0;
const CHINA_NORTH: std::ops::RangeInclusive<f64> = 3.0..=54.0;

impl ShapeFault {
    /// A word for programs (`swapped`).
    pub fn code(&self) -> &'static str {
        match self {
            ShapeFault::Empty => "empty",
            ShapeFault::NotANumber => "not_a_number",
            ShapeFault::OutOfRange { .. } => "out_of_range",
            ShapeFault::Swapped { .. } => "swapped",
            ShapeFault::Zero => "zero",
            ShapeFault::WrongKind { .. } => "wrong_kind",
            ShapeFault::TooFewPoints { .. } => "too_few_points",
            ShapeFault::SelfCrossing { .. } => "self_crossing",
            ShapeFault::EdgesCross { .. } => "edges_cross",
            ShapeFault::HoleOutside { .. } => "hole_outside",
            ShapeFault::TooManyPoints { .. } => "too_many_points",
        }
    }

    /// In Chinese.
    pub fn zh(&self) -> String {
        match self {
            ShapeFault::Empty => "图形里没有坐标".to_owned(),
            ShapeFault::NotANumber => "坐标里有不是数字的值".to_owned(),
            ShapeFault::OutOfRange { at } => {
                format!("坐标 {} 超出经度 ±180、纬度 ±90 的范围；坐标应为十进制度（先经度后纬度）", place(at))
            }
            ShapeFault::Swapped { at } => {
                format!("经度和纬度是不是写反了？{} 交换之后才落在中国境内；请先写经度再写纬度", place(at))
            }
            ShapeFault::Zero => "坐标是 0, 0，像是没有填写；没有位置请留空".to_owned(),
            ShapeFault::WrongKind { wanted, met } => {
                let wanted = match wanted {
                    Kind::Point => "一个点",
                    Kind::Line => "线",
                    Kind::Polygon => "面",
                    Kind::Any => "点、线或面",
                };
                format!("这里应当是{wanted}，给出的是{}", kind_zh(met))
            }
            ShapeFault::TooFewPoints { at } => {
                format!("{} 处的线不足两个不同的点，或面的边界不足三个不同的点", place(at))
            }
            ShapeFault::SelfCrossing { at } => format!("面的边界在 {} 处与自身相交或相接", place(at)),
            ShapeFault::EdgesCross { at } => format!("两条边界在 {} 处相交或重叠", place(at)),
            ShapeFault::HoleOutside { at } => format!("{} 处的洞在面的外边", place(at)),
            ShapeFault::TooManyPoints { points } => {
                format!("图形有 {points} 个点，太多或太复杂，无法检查（最多 {MOST_POINTS} 个）；请先抽稀简化")
            }
        }
    }

    /// In English.
    pub fn en(&self) -> String {
        match self {
            ShapeFault::Empty => "the shape has no coordinates".to_owned(),
            ShapeFault::NotANumber => "a coordinate is not a number".to_owned(),
            ShapeFault::OutOfRange { at } => format!(
                "{} is outside of longitude ±180, latitude ±90; coordinates are decimal degrees, longitude first",
                place(at)
            ),
            ShapeFault::Swapped { at } => format!(
                "longitude and latitude look swapped: {} lies in China only the other way round; \
                 write the longitude first",
                place(at)
            ),
            ShapeFault::Zero => {
                "the coordinates are 0, 0, which looks like nothing; leave the place empty when it isn't known"
                    .to_owned()
            }
            ShapeFault::WrongKind { wanted, met } => {
                let wanted = match wanted {
                    Kind::Point => "one point",
                    Kind::Line => "lines",
                    Kind::Polygon => "polygons",
                    Kind::Any => "points, lines or polygons",
                };
                format!("{wanted} belong here, this is a {met}")
            }
            ShapeFault::TooFewPoints { at } => format!(
                "the line at {} has fewer than two different points, or the ring fewer than three",
                place(at)
            ),
            ShapeFault::SelfCrossing { at } => format!("the edge crosses or touches itself at {}", place(at)),
            ShapeFault::EdgesCross { at } => format!("two edges cross or overlap at {}", place(at)),
            ShapeFault::HoleOutside { at } => format!("the hole at {} lies outside of its polygon", place(at)),
            ShapeFault::TooManyPoints { points } => format!(
                "the shape has {points} points, too many or too tangled to be checked (at most {MOST_POINTS}); \
                 simplify it first"
            ),
        }
    }
}

fn place(at: &Coord<f64>) -> String {
    let mut text = String::new();
    crate::wkt::number(&mut text, at.x, 6);
    text.push_str(", ");
    crate::wkt::number(&mut text, at.y, 6);
    text
}

fn kind_en(shape: &Shape) -> &'static str {
    match shape {
        Geometry::Point(_) => "point",
        Geometry::Line(_) | Geometry::LineString(_) => "line",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "polygon",
        Geometry::MultiPoint(_) => "group of points",
        Geometry::MultiLineString(_) => "group of lines",
        Geometry::MultiPolygon(_) => "group of polygons",
        Geometry::GeometryCollection(_) => "mixed collection",
    }
}

fn kind_zh(met: &str) -> &'static str {
    match met {
        "point" => "点",
        "line" => "线",
        "polygon" => "面",
        "group of points" => "多个点",
        "group of lines" => "多条线",
        "group of polygons" => "多个面",
        _ => "混合图形",
    }
}

/// Every fault of the shape; empty: it is sound. Rings that aren't closed are the readers' matter
/// ([`crate::wkt`], [`crate::geojson`]): a [`Shape`] has none.
pub fn check(shape: &Shape, kind: Kind) -> Vec<ShapeFault> {
    let points = shape.coords_count();
    if points == 0 || shape.is_empty() {
        return vec![ShapeFault::Empty];
    }
    if points > MOST_POINTS {
        return vec![ShapeFault::TooManyPoints { points }];
    }
    if shape.coords_iter().any(|at| !at.x.is_finite() || !at.y.is_finite()) {
        return vec![ShapeFault::NotANumber];
    }
    let mut faults = Vec::new();
    let fits = match shape {
        Geometry::Point(_) => matches!(kind, Kind::Point | Kind::Any),
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => {
            matches!(kind, Kind::Line | Kind::Any)
        }
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            matches!(kind, Kind::Polygon | Kind::Any)
        }
        Geometry::MultiPoint(_) => kind == Kind::Any,
        Geometry::GeometryCollection(_) => false,
    };
    if !fits {
        faults.push(ShapeFault::WrongKind { wanted: kind, met: kind_en(shape) });
    }
    faults.extend(whereabouts(shape));
    parts(shape, &mut faults);
    faults
}

/// Whether it lies on the Earth, and the right way round.
fn whereabouts(shape: &Shape) -> Option<ShapeFault> {
    let first = shape.coords_iter().next()?;
    let swapped = |at: Coord<f64>| CHINA_NORTH.contains(&at.x) && CHINA_EAST.contains(&at.y);
    if shape.coords_iter().all(swapped) {
        return Some(ShapeFault::Swapped { at: first });
    }
    if let Some(at) = shape.coords_iter().find(|at| at.x.abs() > 180.0 || at.y.abs() > 90.0) {
        return Some(ShapeFault::OutOfRange { at });
    }
    shape.coords_iter().any(|at| at.x == 0.0 && at.y == 0.0).then_some(ShapeFault::Zero)
}

fn parts(shape: &Shape, faults: &mut Vec<ShapeFault>) {
    let polygons: Vec<&Polygon<f64>> = match shape {
        Geometry::LineString(line) => return faults.extend(too_short(line, 2)),
        Geometry::MultiLineString(lines) => {
            return faults.extend(lines.iter().find_map(|line| too_short(line, 2)));
        }
        Geometry::GeometryCollection(members) => {
            return members.iter().for_each(|member| parts(member, faults));
        }
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.iter().collect(),
        _ => return,
    };
    let rings = |polygon: &&Polygon<f64>| -> Option<ShapeFault> {
        Some(polygon.exterior()).into_iter().chain(polygon.interiors()).find_map(|ring| too_short(ring, 3))
    };
    match polygons.iter().find_map(rings) {
        // Of a ring without an inside nothing further can be said.
        Some(fault) => faults.push(fault),
        None => faults.extend(crossing::find(&polygons)),
    }
}

/// A line or ring with fewer different points one after the other than this.
fn too_short(line: &LineString<f64>, least: usize) -> Option<ShapeFault> {
    let first = *line.0.first()?;
    let mut different: Vec<Coord<f64>> = Vec::with_capacity(least);
    for at in line.coords() {
        if !different.contains(at) {
            different.push(*at);
            if different.len() == least {
                return None;
            }
        }
    }
    Some(ShapeFault::TooFewPoints { at: first })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_their_faults() {
        let rows = [
            (Kind::Point, "POINT (112.4 39.3)", ""),
            (Kind::Any, "POINT (112.4 39.3)", ""),
            (Kind::Line, "POINT (112.4 39.3)", "wrong_kind"),
            (Kind::Point, "MULTIPOINT ((112.4 39.3))", "wrong_kind"),
            (Kind::Any, "MULTIPOINT ((112.4 39.3))", ""),
            (Kind::Point, "POINT EMPTY", "empty"),
            (Kind::Any, "GEOMETRYCOLLECTION EMPTY", "empty"),
            (Kind::Any, "POLYGON EMPTY", "empty"),
            (Kind::Any, "GEOMETRYCOLLECTION (POINT (112 39))", "wrong_kind"),
            (Kind::Point, "POINT (39.3 112.4)", "swapped"),
            (Kind::Point, "POINT (39.3 80.4)", "swapped"),
            (Kind::Point, "POINT (0 0)", "zero"),
            (Kind::Point, "POINT (412.4 39.3)", "out_of_range"),
            (Kind::Point, "POINT (37531000 4350000)", "out_of_range"),
            // Somewhere in Europe: not ours to question.
            (Kind::Point, "POINT (13.4 52.5)", ""),
            (Kind::Line, "LINESTRING (112 39, 112 39)", "too_few_points"),
            (Kind::Line, "LINESTRING (112 39, 113 39)", ""),
            // A line may cross itself: a road does.
            (Kind::Line, "LINESTRING (112 39, 113 40, 113 39, 112 40)", ""),
            (Kind::Polygon, "POLYGON ((112 39, 113 39, 113 40, 112 39))", ""),
            (Kind::Polygon, "POLYGON ((112 39, 112 40, 113 40, 112 39))", ""),
            (Kind::Polygon, "POLYGON ((112 39, 113 39, 112 39))", "too_few_points"),
            (Kind::Polygon, "POLYGON ((112 39, 113 39, 112 39, 112 39))", "too_few_points"),
            // The bow tie.
            (Kind::Polygon, "POLYGON ((112 39, 113 40, 113 39, 112 40, 112 39))", "self_crossing"),
            // A spike, out and back the same way.
            (
                Kind::Polygon,
                "POLYGON ((112 39, 113 39, 113 40, 113 42, 113 40, 112 40, 112 39))",
                "self_crossing",
            ),
            // Two squares that touch in one corner, drawn as one ring.
            (Kind::Polygon, "POLYGON ((1 1, 2 1, 2 2, 3 2, 3 3, 2 3, 2 2, 1 2, 1 1))", "self_crossing"),
            // Points given twice are harmless.
            (Kind::Polygon, "POLYGON ((112 39, 113 39, 113 39, 113 40, 112 40, 112 40, 112 39, 112 39))", ""),
            (Kind::Polygon, "POLYGON ((1 1, 5 1, 5 5, 1 5, 1 1), (2 2, 3 2, 3 3, 2 2))", ""),
            // A hole may touch the edge in one point.
            (Kind::Polygon, "POLYGON ((1 1, 5 1, 5 5, 1 5, 1 1), (1 3, 3 2, 3 3, 1 3))", ""),
            (Kind::Polygon, "POLYGON ((1 1, 5 1, 5 5, 1 5, 1 1), (6 6, 7 6, 7 7, 6 6))", "hole_outside"),
            (Kind::Polygon, "POLYGON ((1 1, 5 1, 5 5, 1 5, 1 1), (2 2, 7 2, 7 3, 2 2))", "edges_cross"),
            (Kind::Polygon, "MULTIPOLYGON (((1 1, 3 1, 3 3, 1 1)), ((2 0, 4 0, 2 4, 2 0)))", "edges_cross"),
            // Parts with an edge in common are common, and harm nobody.
            (Kind::Polygon, "MULTIPOLYGON (((1 1, 2 1, 2 2, 1 2, 1 1)), ((2 1, 3 1, 3 2, 2 2, 2 1)))", ""),
        ];
        for (kind, text, expected) in rows {
            let shape = crate::wkt::parse(text).expect("the row is WKT");
            let met: Vec<&str> = check(&shape, kind).iter().map(ShapeFault::code).collect();
            assert_eq!(met.join(" "), expected, "{text}");
        }
        let nan = Shape::Point(geo_types::Point::new(f64::NAN, 39.0));
        assert_eq!(check(&nan, Kind::Point), [ShapeFault::NotANumber]);
    }

    #[test]
    fn the_words_name_the_place() {
        let tie = crate::wkt::parse("POLYGON ((112 39, 113 40, 113 39, 112 40, 112 39))").expect("WKT");
        let faults = check(&tie, Kind::Polygon);
        assert_eq!(faults[0].zh(), "面的边界在 112.5, 39.5 处与自身相交或相接");
        assert_eq!(faults[0].en(), "the edge crosses or touches itself at 112.5, 39.5");
        let swapped = crate::wkt::parse("POINT (39.3 112.4)").expect("WKT");
        assert!(check(&swapped, Kind::Point)[0].en().contains("longitude and latitude look swapped"));
    }

    #[test]
    fn big_rings_are_checked_at_once() {
        let ring = |points: u32| -> Shape {
            let at = |i: u32| {
                let angle = f64::from(i) / f64::from(points) * std::f64::consts::TAU;
                // A jagged circle.
                let radius = 1.0 + 0.001 * f64::from(i % 2);
                Coord { x: 112.0 + radius * angle.cos(), y: 39.0 + radius * angle.sin() }
            };
            let mut ring: Vec<Coord<f64>> = (0..points).map(at).collect();
            ring.push(ring[0]);
            Geometry::Polygon(Polygon::new(LineString(ring), Vec::new()))
        };
        assert_eq!(check(&ring(100_000), Kind::Polygon), []);
        assert_eq!(check(&ring(200_001), Kind::Polygon)[0].code(), "too_many_points");
    }

    #[test]
    fn a_tangle_ends_with_a_fault() {
        // Teeth of a comb as long as the shape: every edge overlaps every other from west to east.
        let mut ring: Vec<Coord<f64>> = (0..20_000u32)
            .map(|i| Coord { x: if i % 2 == 0 { 112.0 } else { 113.0 }, y: 39.0 + f64::from(i) * 1e-5 })
            .collect();
        ring.push(Coord { x: 114.0, y: 39.0 });
        ring.push(ring[0]);
        let shape = Geometry::Polygon(Polygon::new(LineString(ring), Vec::new()));
        let codes: Vec<&str> = check(&shape, Kind::Polygon).iter().map(ShapeFault::code).collect();
        assert!(codes.is_empty() || codes == ["too_many_points"], "{codes:?}");
    }
}
