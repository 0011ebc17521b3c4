//! Whether a shape is sound.
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
pub enum ShapeFault {}

impl ShapeFault {
    /// A word for programs (`swapped`).
    pub fn code(&self) -> &'static str {
        todo!()
    }

    /// In Chinese.
    pub fn zh(&self) -> String {
        todo!()
    }

    /// In English.
    pub fn en(&self) -> String {
        todo!()
    }
}

/// Every fault of the shape; empty: it is sound.
pub fn check(_shape: &Shape, _kind: Kind) -> Vec<ShapeFault> {
    todo!()
}
