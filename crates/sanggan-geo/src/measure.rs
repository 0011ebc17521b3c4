//! What is measured of shapes and made from them. Lengths in metres on the WGS-84 ellipsoid.

use geo::{
    BoundingRect, Buffer, Coord, Distance, Euclidean, Geodesic, GeodesicArea, HasDimensions, InteriorPoint,
    InterpolatableLine, Intersects, Length, MapCoords, Simplify,
};
use geo_types::{
    Geometry, GeometryCollection, LineString, MultiLineString, MultiPolygon, Point, Polygon, Rect,
};

use crate::Shape;

/// West, south, east, north; `None` of an empty shape.
pub fn bounds(shape: &Shape) -> Option<Rect<f64>> {
    shape.bounding_rect()
}

/// The point a label stands on: in the polygon, halfway along the line. Of several parts, on the largest.
pub fn anchor(shape: &Shape) -> Option<Point<f64>> {
    match shape {
        Geometry::Point(point) => Some(*point),
        Geometry::Line(line) => Some(Point((line.start + line.end) / 2.0)),
        Geometry::LineString(line) => middle(line),
        Geometry::MultiLineString(lines) => longest(lines).and_then(middle),
        Geometry::MultiPoint(points) => points.0.first().copied(),
        Geometry::GeometryCollection(members) => {
            // Areas say more of where something is than lines, lines more than points.
            members.iter().max_by_key(|member| member.dimensions()).and_then(anchor)
        }
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            shape.interior_point()
        }
    }
}

fn longest(lines: &MultiLineString<f64>) -> Option<&LineString<f64>> {
    lines.iter().max_by(|a, b| Euclidean.length(*a).total_cmp(&Euclidean.length(*b)))
}

fn middle(line: &LineString<f64>) -> Option<Point<f64>> {
    line.point_at_ratio_from_start(&Euclidean, 0.5).or_else(|| line.0.first().map(|at| Point(*at)))
}

/// Length of the lines, of polygons their outline, m.
pub fn length_m(shape: &Shape) -> f64 {
    match shape {
        Geometry::Point(_) | Geometry::MultiPoint(_) => 0.0,
        Geometry::Line(line) => Geodesic.length(line),
        Geometry::LineString(line) => Geodesic.length(line),
        Geometry::MultiLineString(lines) => lines.iter().map(|line| Geodesic.length(line)).sum(),
        Geometry::Polygon(polygon) => outline(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().map(outline).sum(),
        Geometry::GeometryCollection(members) => members.iter().map(length_m).sum(),
        Geometry::Rect(rect) => outline(&rect.to_polygon()),
        Geometry::Triangle(triangle) => outline(&triangle.to_polygon()),
    }
}

fn outline(polygon: &Polygon<f64>) -> f64 {
    Geodesic.length(polygon.exterior())
        + polygon.interiors().iter().map(|ring| Geodesic.length(ring)).sum::<f64>()
}

/// Area of the polygons, m².
pub fn area_m2(shape: &Shape) -> f64 {
    match shape {
        Geometry::GeometryCollection(members) => members.iter().map(area_m2).sum(),
        other => other.geodesic_area_signed().abs(),
    }
}

/// The shortest way between two shapes, m; 0 when they touch, `None` when one is empty. Within half a percent to
/// 500 km; between two points exact.
pub fn distance_m(a: &Shape, b: &Shape) -> Option<f64> {
    if let (Geometry::Point(a), Geometry::Point(b)) = (a, b) {
        return Some(Geodesic.distance(*a, *b));
    }
    let (first, second) = (bounds(a)?, bounds(b)?);
    let centre = (first.center() + second.center()) / 2.0;
    let local = Local::new(centre);
    Some(Euclidean.distance(&local.flat(a), &local.flat(b)))
}

/// Whether the point lies in the polygon or on its edge.
pub fn point_in(shape: &Shape, point: Point<f64>) -> bool {
    shape.intersects(&point)
}

/// Whether two shapes have a point in common.
pub fn touches(a: &Shape, b: &Shape) -> bool {
    a.intersects(b)
}

/// The shape without the points that lie within `metres` of the simpler line. Points stay; so do rings that would
/// become less than a triangle.
pub fn simplify(shape: &Shape, metres: f64) -> Shape {
    let Some(rect) = bounds(shape) else {
        return shape.clone();
    };
    let local = Local::new(rect.center());
    let simpler = simplified(&local.flat(shape), metres);
    local.round(&simpler)
}

fn simplified(shape: &Shape, tolerance: f64) -> Shape {
    match shape {
        Geometry::LineString(line) => Geometry::LineString(line.simplify(tolerance)),
        Geometry::MultiLineString(lines) => Geometry::MultiLineString(lines.simplify(tolerance)),
        Geometry::Polygon(polygon) => Geometry::Polygon(simpler_polygon(polygon, tolerance)),
        Geometry::MultiPolygon(polygons) => Geometry::MultiPolygon(
            polygons.iter().map(|polygon| simpler_polygon(polygon, tolerance)).collect(),
        ),
        Geometry::GeometryCollection(members) => Geometry::GeometryCollection(GeometryCollection(
            members.iter().map(|member| simplified(member, tolerance)).collect(),
        )),
        other => other.clone(),
    }
}

fn simpler_polygon(polygon: &Polygon<f64>, tolerance: f64) -> Polygon<f64> {
    let ring = |ring: &LineString<f64>| {
        let simpler = ring.simplify(tolerance);
        if simpler.0.len() < 4 { ring.clone() } else { simpler }
    };
    Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect())
}

/// Everything within `metres` of the shape, as a multi-polygon; empty when the width is not above 0 or the shape is
/// empty. Corners and ends are round.
///
/// Works in a flat projection around each part, so that a river through a whole city keeps its width: parts of lines
/// longer than half a degree are cut into pieces first.
pub fn buffer(shape: &Shape, metres: f64) -> Shape {
    let none = || Geometry::MultiPolygon(MultiPolygon(Vec::new()));
    if !(metres.is_finite() && metres > 0.0) {
        return none();
    }
    let mut pieces = Vec::new();
    parts(shape, &mut pieces);
    let strips: Vec<MultiPolygon<f64>> = pieces
        .iter()
        .filter_map(|piece| {
            let local = Local::new(bounds(piece)?.center());
            let flat: MultiPolygon<f64> = local.flat(piece).buffer(metres);
            match local.round(&Geometry::MultiPolygon(flat)) {
                Geometry::MultiPolygon(polygons) => Some(polygons),
                _ => None,
            }
        })
        .collect();
    match strips.as_slice() {
        [] => none(),
        [one] => Geometry::MultiPolygon(one.clone()),
        several => Geometry::MultiPolygon(geo::unary_union(several)),
    }
}

/// Longest extent of one piece of a line, degrees.
const PIECE: f64 = 0.5;

fn parts(shape: &Shape, out: &mut Vec<Shape>) {
    match shape {
        Geometry::LineString(line) => pieces(line, out),
        Geometry::MultiLineString(lines) => lines.iter().for_each(|line| pieces(line, out)),
        Geometry::MultiPoint(points) => out.extend(points.iter().map(|point| Geometry::Point(*point))),
        Geometry::MultiPolygon(polygons) => {
            out.extend(polygons.iter().map(|one| Geometry::Polygon(one.clone())))
        }
        Geometry::GeometryCollection(members) => members.iter().for_each(|member| parts(member, out)),
        other => out.push(other.clone()),
    }
}

fn pieces(line: &LineString<f64>, out: &mut Vec<Shape>) {
    let mut piece: Vec<Coord<f64>> = Vec::new();
    for at in line.coords() {
        piece.push(*at);
        let first = piece[0];
        if (at.x - first.x).abs().max((at.y - first.y).abs()) > PIECE {
            out.push(Geometry::LineString(LineString(std::mem::replace(&mut piece, vec![*at]))));
        }
    }
    match piece.len() {
        0 => {}
        1 if line.0.len() > 1 => {}
        1 => out.push(Geometry::Point(Point(piece[0]))),
        _ => out.push(Geometry::LineString(LineString(piece))),
    }
}

/// A flat map in metres around a place: lengths of a degree by the ellipsoid there.
struct Local {
    centre: Coord<f64>,
    east: f64,
    north: f64,
}

impl Local {
    fn new(centre: Coord<f64>) -> Local {
        // Radii of curvature of WGS-84 in the meridian and across it.
        const A: f64 = 6_378_137.0;
        const E2: f64 = 0.006_694_379_990_141_3;
        let latitude = centre.y.clamp(-89.0, 89.0).to_radians();
        let w = (1.0 - E2 * latitude.sin().powi(2)).sqrt();
        Local {
            centre,
            east: (A / w * latitude.cos()).to_radians(),
            north: (A * (1.0 - E2) / w.powi(3)).to_radians(),
        }
    }

    fn flat(&self, shape: &Shape) -> Shape {
        shape.map_coords(|at| Coord {
            x: (at.x - self.centre.x) * self.east,
            y: (at.y - self.centre.y) * self.north,
        })
    }

    fn round(&self, shape: &Shape) -> Shape {
        shape.map_coords(|at| Coord {
            x: at.x / self.east + self.centre.x,
            y: at.y / self.north + self.centre.y,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wkt;

    fn shape(text: &str) -> Shape {
        wkt::parse(text).expect("the test's shape is sound")
    }

    #[test]
    fn lengths_and_areas_on_the_ellipsoid() {
        // The meridian from 39° to 40°, by integrating its radius of curvature: 111,025.0 m.
        let line = shape("LINESTRING (112.4 39, 112.4 40)");
        assert!((length_m(&line) - 111_025.05).abs() < 0.1, "{}", length_m(&line));
        let square = shape("POLYGON ((112 39, 113 39, 113 40, 112 40, 112 39))");
        // The ellipsoid between 39° and 40° (authalic latitude), a 360th of the zone; geodesics bulge off parallels.
        assert!((area_m2(&square) / 9_549_520_094.0 - 1.0).abs() < 1e-4, "{}", area_m2(&square));
        assert_eq!(area_m2(&line), 0.0);
        assert!(
            (area_m2(&square) - area_m2(&shape("POLYGON ((112 39, 112 40, 113 40, 113 39, 112 39))"))).abs()
                < 1.0
        );
    }

    #[test]
    fn distances() {
        let line = shape("LINESTRING (112 39, 112 40)");
        let point = shape("POINT (112.01 39.5)");
        let metres = distance_m(&line, &point).expect("neither is empty");
        let exact = distance_m(&shape("POINT (112 39.5)"), &point).expect("neither is empty");
        assert!((metres / exact - 1.0).abs() < 1e-4, "{metres} against {exact}");
        assert_eq!(distance_m(&line, &shape("POINT (112 39.2)")), Some(0.0));
        assert_eq!(distance_m(&line, &shape("MULTIPOINT EMPTY")), None);
    }

    #[test]
    fn a_strip_keeps_its_width_along_a_long_line() {
        let river = shape("LINESTRING (112.1 39.3, 112.5 39.5, 112.9 39.4, 113.3 39.8, 113.6 40.2)");
        let strip = buffer(&river, 1000.0);
        let length = length_m(&river);
        let expected = length * 2000.0 + std::f64::consts::PI * 1e6;
        assert!((area_m2(&strip) / expected - 1.0).abs() < 0.01, "{} against {expected}", area_m2(&strip));
        assert!(point_in(&strip, Point::new(112.5, 39.5)));
        let Geometry::MultiPolygon(polygons) = &strip else { panic!("a strip is a multi-polygon") };
        assert_eq!(polygons.0.len(), 1, "the pieces are one");
        assert_eq!(buffer(&river, 0.0), buffer(&shape("LINESTRING EMPTY"), 10.0));
        let circle = buffer(&shape("POINT (112 39)"), 100.0);
        assert!((area_m2(&circle) / (std::f64::consts::PI * 1e4) - 1.0).abs() < 0.02);
    }

    #[test]
    fn anchors_lie_on_the_shape() {
        for text in [
            "POINT (112 39)",
            "LINESTRING (112 39, 113 39, 113 40)",
            "POLYGON ((112 39, 113 39, 113 40, 112.9 40, 112.9 39.1, 112 39.1, 112 39))",
            "MULTIPOLYGON (((112 39, 113 39, 113 40, 112 39)), ((0 0, 9 0, 9 9, 0 0)))",
            "GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((112 39, 113 39, 113 40, 112 39)))",
        ] {
            let shape = shape(text);
            let anchor = anchor(&shape).expect("no shape is empty");
            assert!(
                distance_m(&shape, &Geometry::Point(anchor)).is_some_and(|metres| metres < 1.0),
                "{text}: {anchor:?}"
            );
        }
        assert_eq!(anchor(&shape("MULTIPOINT EMPTY")), None);
    }

    #[test]
    fn simpler_lines() {
        let line = shape("LINESTRING (112 39, 112.1 39.00001, 112.2 39)");
        assert_eq!(wkt::print(&simplify(&line, 5.0), 6), "LINESTRING (112 39, 112.2 39)");
        assert_eq!(wkt::print(&simplify(&line, 0.5), 6), "LINESTRING (112 39, 112.1 39.00001, 112.2 39)");
        let small = shape("POLYGON ((112 39, 112.00001 39, 112.00001 39.00001, 112 39))");
        assert_eq!(simplify(&small, 1000.0).dimensions(), small.dimensions());
    }
}
