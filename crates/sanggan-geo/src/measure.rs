//! What is measured of shapes and made from them. Lengths in metres on the ellipsoid.
use crate::Shape;
use geo_types::{Point, Rect};

/// West, south, east, north; `None` of an empty shape.
pub fn bounds(_shape: &Shape) -> Option<Rect<f64>> {
    todo!()
}

/// The point a label stands on: in the polygon, on the line.
pub fn anchor(_shape: &Shape) -> Option<Point<f64>> {
    todo!()
}

/// Length of the lines, of polygons their outline, m.
pub fn length_m(_shape: &Shape) -> f64 {
    todo!()
}

/// Area of the polygons, m².
pub fn area_m2(_shape: &Shape) -> f64 {
    todo!()
}

/// The shortest way between two shapes, m; 0 when they touch.
pub fn distance_m(_a: &Shape, _b: &Shape) -> Option<f64> {
    todo!()
}

/// Whether the point lies in the polygon or on its edge.
pub fn point_in(_shape: &Shape, _point: Point<f64>) -> bool {
    todo!()
}

/// Whether two shapes have a point in common.
pub fn touches(_a: &Shape, _b: &Shape) -> bool {
    todo!()
}

/// The shape without the points that lie within `metres` of the simpler line.
pub fn simplify(_shape: &Shape, _metres: f64) -> Shape {
    todo!()
}

/// Everything within `metres` of the shape, as a multi-polygon.
pub fn buffer(_shape: &Shape, _metres: f64) -> Shape {
    todo!()
}
