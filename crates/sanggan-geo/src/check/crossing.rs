//! Where edges of polygons cross: segments from west to east, each against those that it overlaps.

use std::collections::BTreeSet;

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{CoordinatePosition, coordinate_position::CoordPos};
use geo_types::{Coord, Line, LineString, Polygon};

use super::ShapeFault;

/// Pairs of segments looked at before the shape is called too tangled.
const MOST_PAIRS: usize = 50_000_000;

#[derive(Clone, Copy)]
struct Segment {
    line: Line<f64>,
    polygon: usize,
    ring: usize,
    /// Its number in the ring, and how many the ring has.
    number: usize,
    of: usize,
}

impl Segment {
    fn west(&self) -> f64 {
        self.line.start.x.min(self.line.end.x)
    }

    fn east(&self) -> f64 {
        self.line.start.x.max(self.line.end.x)
    }

    fn south(&self) -> f64 {
        self.line.start.y.min(self.line.end.y)
    }

    fn north(&self) -> f64 {
        self.line.start.y.max(self.line.end.y)
    }

    fn adjacent(&self, other: &Segment) -> bool {
        let apart = self.number.abs_diff(other.number);
        apart == 1 || apart + 1 == self.of
    }
}

/// The faults of edges, at most one of each kind.
pub(super) fn find(polygons: &[&Polygon<f64>]) -> Vec<ShapeFault> {
    let mut segments = Vec::new();
    for (polygon, shape) in polygons.iter().enumerate() {
        for (ring, line) in Some(shape.exterior()).into_iter().chain(shape.interiors()).enumerate() {
            add(&mut segments, line, polygon, ring);
        }
    }
    segments.sort_by(|a, b| a.west().total_cmp(&b.west()));
    let mut faults = crossings(&segments);
    if faults.is_empty() {
        faults.extend(polygons.iter().find_map(|polygon| hole_outside(polygon)));
    }
    faults
}

fn add(segments: &mut Vec<Segment>, line: &LineString<f64>, polygon: usize, ring: usize) {
    let start = segments.len();
    for line in line.lines().filter(|line| line.start != line.end) {
        segments.push(Segment { line, polygon, ring, number: segments.len() - start, of: 0 });
    }
    let of = segments.len() - start;
    segments[start..].iter_mut().for_each(|segment| segment.of = of);
}

fn crossings(segments: &[Segment]) -> Vec<ShapeFault> {
    let mut faults: Vec<ShapeFault> = Vec::new();
    let mut active: Vec<usize> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut pairs = 0;
    for (index, segment) in segments.iter().enumerate() {
        active.retain(|other| segments[*other].east() >= segment.west());
        pairs += active.len();
        if pairs > MOST_PAIRS {
            return vec![ShapeFault::TooManyPoints { points: segments.len() }];
        }
        for other in &active {
            let other = &segments[*other];
            if other.north() < segment.south() || other.south() > segment.north() {
                continue;
            }
            if let Some(fault) = meet(segment, other)
                && seen.insert(fault.code())
            {
                faults.push(fault);
            }
        }
        if seen.len() == 2 {
            break;
        }
        active.push(index);
    }
    faults
}

/// What is wrong when two edges meet, if they do and it is.
fn meet(a: &Segment, b: &Segment) -> Option<ShapeFault> {
    let met = line_intersection(a.line, b.line)?;
    let (at, proper, along) = match met {
        LineIntersection::SinglePoint { intersection, is_proper } => (intersection, is_proper, false),
        LineIntersection::Collinear { intersection } => (intersection.start, false, true),
    };
    if a.polygon != b.polygon {
        return proper.then_some(ShapeFault::EdgesCross { at });
    }
    if a.ring != b.ring {
        return (proper || along).then_some(ShapeFault::EdgesCross { at });
    }
    let allowed = a.adjacent(b) && !along;
    (!allowed).then_some(ShapeFault::SelfCrossing { at })
}

fn hole_outside(polygon: &Polygon<f64>) -> Option<ShapeFault> {
    if polygon.interiors().is_empty() {
        return None;
    }
    // Edges don't cross, so that one point off the edge tells for the whole hole.
    let filled = Polygon::new(polygon.exterior().clone(), Vec::new());
    let position = |at: &Coord<f64>| filled.coordinate_position(at);
    polygon.interiors().iter().find_map(|ring| {
        let at = ring.coords().find(|at| position(at) != CoordPos::OnBoundary)?;
        (position(at) == CoordPos::Outside).then_some(ShapeFault::HoleOutside { at: *at })
    })
}
