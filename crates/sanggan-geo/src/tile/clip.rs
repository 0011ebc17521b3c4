//! Cutting lines and rings at the sides of a square.

use geo_types::Coord;

/// A square; both axes from `low` to `high`.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    low: f64,
    high: f64,
}

impl Frame {
    pub(super) fn new(low: f64, high: f64) -> Frame {
        Frame { low, high }
    }

    pub(super) fn holds(&self, at: Coord<f64>) -> bool {
        (self.low..=self.high).contains(&at.x) && (self.low..=self.high).contains(&at.y)
    }

    /// The pieces of the line inside.
    pub(super) fn line(&self, line: &[Coord<f64>]) -> Vec<Vec<Coord<f64>>> {
        let mut pieces: Vec<Vec<Coord<f64>>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let Some((start, end)) = self.segment(pair[0], pair[1]) else {
                open = false;
                continue;
            };
            match pieces.last_mut().filter(|_| open) {
                Some(piece) => piece.push(end),
                None => pieces.push(vec![start, end]),
            }
            open = end == pair[1];
        }
        pieces
    }

    /// The part of a segment inside (Liang and Barsky).
    fn segment(&self, a: Coord<f64>, b: Coord<f64>) -> Option<(Coord<f64>, Coord<f64>)> {
        let step = b - a;
        let (mut enters, mut leaves) = (0.0f64, 1.0f64);
        for (along, inside) in [
            (-step.x, a.x - self.low),
            (step.x, self.high - a.x),
            (-step.y, a.y - self.low),
            (step.y, self.high - a.y),
        ] {
            if along == 0.0 {
                if inside < 0.0 {
                    return None;
                }
            } else if along < 0.0 {
                enters = enters.max(inside / along);
            } else {
                leaves = leaves.min(inside / along);
            }
        }
        if enters > leaves {
            return None;
        }
        let start = if enters > 0.0 { a + step * enters } else { a };
        let end = if leaves < 1.0 { a + step * leaves } else { b };
        Some((start, end))
    }

    /// The ring inside, closed along the sides (Sutherland and Hodgman).
    pub(super) fn ring(&self, ring: &[Coord<f64>]) -> Vec<Coord<f64>> {
        let mut points = ring.to_vec();
        if points.first() == points.last() {
            points.pop();
        }
        let (low, high) = (self.low, self.high);
        points = side(&points, |at| at.x >= low, |a, b| cut_x(a, b, low));
        points = side(&points, |at| at.x <= high, |a, b| cut_x(a, b, high));
        points = side(&points, |at| at.y >= low, |a, b| cut_y(a, b, low));
        points = side(&points, |at| at.y <= high, |a, b| cut_y(a, b, high));
        if let Some(first) = points.first().copied() {
            points.push(first);
        }
        points
    }
}

fn side(
    points: &[Coord<f64>],
    inside: impl Fn(&Coord<f64>) -> bool,
    cut: impl Fn(Coord<f64>, Coord<f64>) -> Coord<f64>,
) -> Vec<Coord<f64>> {
    let mut kept = Vec::with_capacity(points.len());
    let Some(mut before) = points.last().copied() else {
        return kept;
    };
    for &at in points {
        if inside(&at) != inside(&before) {
            kept.push(cut(before, at));
        }
        if inside(&at) {
            kept.push(at);
        }
        before = at;
    }
    kept
}

fn cut_x(a: Coord<f64>, b: Coord<f64>, x: f64) -> Coord<f64> {
    Coord { x, y: a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) }
}

fn cut_y(a: Coord<f64>, b: Coord<f64>, y: f64) -> Coord<f64> {
    Coord { x: a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y), y }
}
