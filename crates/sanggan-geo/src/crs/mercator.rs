//! The projections: web Mercator, and transverse Mercator by Krüger's series.
//!
//! Krüger 1912 with the coefficients of Karney, "Transverse Mercator with an accuracy of a few nanometers" (2011), to
//! the fourth order of n: below a micrometre anywhere in a zone of six degrees.

use geo_types::Coord;

/// Radius of the sphere of web Mercator, m.
const RADIUS: f64 = 6_378_137.0;
/// Nearer to a pole web Mercator is cut off.
const NORTHMOST: f64 = 89.99;
/// CGCS2000: semi-major axis and inverse flattening (GB/T 28588-2012).
const CGCS2000: (f64, f64) = (6_378_137.0, 298.257_222_101);
/// WGS-84.
const WGS84: (f64, f64) = (6_378_137.0, 298.257_223_563);

pub(super) fn to_web(at: Coord<f64>) -> Coord<f64> {
    let latitude = at.y.clamp(-NORTHMOST, NORTHMOST).to_radians();
    Coord { x: RADIUS * at.x.to_radians(), y: RADIUS * latitude.tan().asinh() }
}

pub(super) fn from_web(at: Coord<f64>) -> Coord<f64> {
    Coord { x: (at.x / RADIUS).to_degrees(), y: (at.y / RADIUS).sinh().atan().to_degrees() }
}

/// A transverse Mercator projection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransverseMercator {
    /// Semi-major axis, m.
    pub a: f64,
    /// Inverse flattening.
    pub inverse_flattening: f64,
    /// Longitude of the middle meridian, degrees.
    pub meridian: f64,
    /// Latitude of the origin, degrees.
    pub latitude: f64,
    /// Scale on the middle meridian.
    pub scale: f64,
    /// Added to eastings, m.
    pub false_easting: f64,
    /// Added to northings, m.
    pub false_northing: f64,
}

/// What the series needs of the ellipsoid.
struct Series {
    eccentricity: f64,
    /// Radius of the rectifying sphere, m.
    radius: f64,
    alpha: [f64; 4],
    beta: [f64; 4],
}

impl TransverseMercator {
    /// A Gauss-Krüger zone on CGCS2000; with its number before the easting when given.
    pub fn gauss_kruger(meridian: f64, zone: Option<u32>) -> TransverseMercator {
        TransverseMercator {
            a: CGCS2000.0,
            inverse_flattening: CGCS2000.1,
            meridian,
            latitude: 0.0,
            scale: 1.0,
            false_easting: 500_000.0 + f64::from(zone.unwrap_or(0)) * 1e6,
            false_northing: 0.0,
        }
    }

    /// A UTM zone of the northern half on WGS-84.
    pub fn utm_north(zone: u32) -> TransverseMercator {
        TransverseMercator {
            a: WGS84.0,
            inverse_flattening: WGS84.1,
            meridian: f64::from(zone) * 6.0 - 183.0,
            latitude: 0.0,
            scale: 0.9996,
            false_easting: 500_000.0,
            false_northing: 0.0,
        }
    }

    /// From degrees to metres.
    pub fn forward(&self, at: Coord<f64>) -> Coord<f64> {
        let series = self.series();
        let (xi, eta) = self.on_sphere(&series, at);
        let (origin, _) = self.on_sphere(&series, Coord { x: self.meridian, y: self.latitude });
        let scale = self.scale * series.radius;
        Coord { x: self.false_easting + scale * eta, y: self.false_northing + scale * (xi - origin) }
    }

    /// From metres to degrees.
    pub fn inverse(&self, at: Coord<f64>) -> Coord<f64> {
        let series = self.series();
        let (origin, _) = self.on_sphere(&series, Coord { x: self.meridian, y: self.latitude });
        let scale = self.scale * series.radius;
        let xi = (at.y - self.false_northing) / scale + origin;
        let eta = (at.x - self.false_easting) / scale;
        let (mut xi_sphere, mut eta_sphere) = (xi, eta);
        for (order, beta) in (1..).map(|order| 2.0 * f64::from(order)).zip(series.beta) {
            xi_sphere -= beta * (order * xi).sin() * (order * eta).cosh();
            eta_sphere -= beta * (order * xi).cos() * (order * eta).sinh();
        }
        let conformal = xi_sphere.sin() / eta_sphere.sinh().hypot(xi_sphere.cos());
        let longitude = eta_sphere.sinh().atan2(xi_sphere.cos());
        Coord {
            x: self.meridian + longitude.to_degrees(),
            y: geodetic(conformal, series.eccentricity).atan().to_degrees(),
        }
    }

    fn series(&self) -> Series {
        let flattening = 1.0 / self.inverse_flattening;
        let n = flattening / (2.0 - flattening);
        let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
        Series {
            eccentricity: (flattening * (2.0 - flattening)).sqrt(),
            radius: self.a / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0),
            alpha: [
                n / 2.0 - n2 * 2.0 / 3.0 + n3 * 5.0 / 16.0 + n4 * 41.0 / 180.0,
                n2 * 13.0 / 48.0 - n3 * 3.0 / 5.0 + n4 * 557.0 / 1440.0,
                n3 * 61.0 / 240.0 - n4 * 103.0 / 140.0,
                n4 * 49561.0 / 161_280.0,
            ],
            beta: [
                n / 2.0 - n2 * 2.0 / 3.0 + n3 * 37.0 / 96.0 - n4 / 360.0,
                n2 / 48.0 + n3 / 15.0 - n4 * 437.0 / 1440.0,
                n3 * 17.0 / 480.0 - n4 * 37.0 / 840.0,
                n4 * 4397.0 / 161_280.0,
            ],
        }
    }

    /// Northing and easting on the rectifying sphere of radius 1.
    fn on_sphere(&self, series: &Series, at: Coord<f64>) -> (f64, f64) {
        let longitude = (at.x - self.meridian).to_radians();
        let tau = at.y.to_radians().tan();
        let sigma = (series.eccentricity * (series.eccentricity * tau / tau.hypot(1.0)).atanh()).sinh();
        let conformal = tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0);
        let xi = conformal.atan2(longitude.cos());
        let eta = (longitude.sin() / conformal.hypot(longitude.cos())).asinh();
        let (mut north, mut east) = (xi, eta);
        for (order, alpha) in (1..).map(|order| 2.0 * f64::from(order)).zip(series.alpha) {
            north += alpha * (order * xi).sin() * (order * eta).cosh();
            east += alpha * (order * xi).cos() * (order * eta).sinh();
        }
        (north, east)
    }
}

/// The tangent of the latitude whose conformal latitude has this tangent (Newton's way, Karney's eq. 19 to 21).
fn geodetic(conformal: f64, eccentricity: f64) -> f64 {
    let rest = 1.0 - eccentricity * eccentricity;
    let mut tau = conformal / rest;
    for _ in 0..6 {
        let sigma = (eccentricity * (eccentricity * tau / tau.hypot(1.0)).atanh()).sinh();
        let met = tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0);
        let step = (conformal - met) / conformal_slope(met, tau, rest);
        tau += step;
        if step.abs() < 1e-14 * tau.abs().max(1.0) {
            break;
        }
    }
    tau
}

fn conformal_slope(met: f64, tau: f64, rest: f64) -> f64 {
    met.hypot(1.0) * rest * tau.hypot(1.0) / (1.0 + rest * tau * tau)
}
