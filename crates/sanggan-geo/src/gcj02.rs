//! GCJ-02, the shifted coordinates of Chinese maps for the public (高德、腾讯), to WGS-84 and back.
//!
//! The formula is the one published in "WGS-84 to GCJ-02 transform" of the on4wp7 project (Codeplex changeset 21483,
//! `EvilTransform.cs`) and used since by coordtransform and eviltransform: an offset from sums of sines, scaled by
//! the radii of the Krasovsky ellipsoid. It isn't official; map services differ from it by less than a metre.

use std::f64::consts::PI;

use geo::MapCoords;
use geo_types::Coord;

use crate::Shape;

/// Semi-major axis of the Krasovsky ellipsoid, m, and the square of its eccentricity.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
/// The rectangle in which map services shift coordinates.
const WEST: f64 = 72.004;
const EAST: f64 = 137.8347;
const SOUTH: f64 = 0.8293;
const NORTH: f64 = 55.8271;
/// Iteration ends when nothing moves by more than this, degrees (0.1 mm).
const CLOSE: f64 = 1e-9;

/// GCJ-02 of WGS-84; outside China untouched.
pub fn from_wgs84(shape: &Shape) -> Shape {
    shape.map_coords(shifted)
}

/// WGS-84 of GCJ-02, to less than 0.1 m; outside China untouched.
pub fn to_wgs84(shape: &Shape) -> Shape {
    shape.map_coords(unshifted)
}

fn inside(at: Coord<f64>) -> bool {
    (WEST..=EAST).contains(&at.x) && (SOUTH..=NORTH).contains(&at.y)
}

fn shifted(at: Coord<f64>) -> Coord<f64> {
    if inside(at) { at + offset(at) } else { at }
}

fn unshifted(target: Coord<f64>) -> Coord<f64> {
    if !inside(target) {
        return target;
    }
    // The offset changes by less than a thousandth of the step, so that each round wins three digits.
    let mut at = target - offset(target);
    for _ in 0..10 {
        let next = target - offset(at);
        let moved = next - at;
        at = next;
        if moved.x.abs() < CLOSE && moved.y.abs() < CLOSE {
            break;
        }
    }
    at
}

fn offset(at: Coord<f64>) -> Coord<f64> {
    let (x, y) = (at.x - 105.0, at.y - 35.0);
    let common = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + common
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + common
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let latitude = at.y.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * latitude.sin().powi(2);
    let root = magic.sqrt();
    let meridian_radius = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (magic * root);
    let normal_radius = AXIS / root;
    Coord {
        x: (east / (normal_radius * latitude.cos())).to_degrees(),
        y: (north / meridian_radius).to_degrees(),
    }
}

#[cfg(test)]
mod tests {
    use geo_types::Point;

    use super::*;

    /// WGS-84 east, north and the GCJ-02 published for it, by the tests of eviltransform and coordtransform.
    const PUBLISHED: &[(f64, f64, f64, f64)] = &[
        (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
        (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
        (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
        (116.404, 39.915, 116.41024449916938, 39.91640428150164),
    ];

    #[test]
    fn published_pairs_are_met_both_ways() {
        for &(x, y, shifted_x, shifted_y) in PUBLISHED {
            let there = shifted(Coord { x, y });
            assert!((there.x - shifted_x).abs() < 1e-9, "{there:?} for {x} {y}");
            assert!((there.y - shifted_y).abs() < 1e-9, "{there:?} for {x} {y}");
            let back = unshifted(Coord { x: shifted_x, y: shifted_y });
            assert!((back.x - x).abs() < 1e-8 && (back.y - y).abs() < 1e-8, "{back:?} for {x} {y}");
        }
    }

    #[test]
    fn outside_china_nothing_moves() {
        let shape = Shape::Point(Point::new(13.4, 52.5));
        assert_eq!(from_wgs84(&shape), shape);
        assert_eq!(to_wgs84(&shape), shape);
    }

    #[test]
    fn the_way_back_is_whole_all_over_shanxi() {
        for x in 0..50 {
            for y in 0..50 {
                let at = Coord { x: 110.0 + 0.1 * f64::from(x), y: 34.5 + 0.13 * f64::from(y) };
                let back = unshifted(shifted(at));
                assert!(
                    (back.x - at.x).abs() < 1e-8 && (back.y - at.y).abs() < 1e-8,
                    "{at:?} came back as {back:?}"
                );
            }
        }
    }
}
