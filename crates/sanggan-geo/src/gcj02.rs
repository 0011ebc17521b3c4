//! GCJ-02, the shifted coordinates of Chinese maps for the public, to WGS-84 and back.
use crate::Shape;

/// GCJ-02 of WGS-84; outside China untouched.
pub fn from_wgs84(_shape: &Shape) -> Shape {
    todo!()
}

/// WGS-84 of GCJ-02, to less than 0.1 m; outside China untouched.
pub fn to_wgs84(_shape: &Shape) -> Shape {
    todo!()
}
