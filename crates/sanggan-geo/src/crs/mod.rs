//! Coordinate reference systems the platform reads and answers in.
//!
//! CGCS2000 and WGS-84 differ by less than the plates move in some decades; they are taken as one. Systems on older
//! datums (北京54, 西安80) lie up to hundreds of metres off, by parameters that are not public: they are refused.

mod mercator;
mod prj;

use geo::MapCoords;
use geo_types::Coord;

pub use mercator::TransverseMercator;

use crate::Shape;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crs {
    /// OGC CRS84: WGS-84, longitude first. What the platform keeps.
    Crs84,
    /// EPSG:4326: WGS-84, latitude first.
    Wgs84,
    /// EPSG:4490: CGCS2000, latitude first; the same as WGS-84 here.
    Cgcs2000,
    /// EPSG:3857: web Mercator.
    WebMercator,
    /// Transverse Mercator on CGCS2000 or WGS-84: Gauss-Krüger zones, UTM.
    TransverseMercator(TransverseMercator),
}

/// Why coordinates of a system cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot use the coordinate system {name}: {why_en}")]
pub struct CrsError {
    /// The system as named.
    pub name: String,
    /// Why, and what to do, in Chinese.
    pub why_zh: String,
    /// In English.
    pub why_en: String,
}

impl CrsError {
    /// On a datum whose way to CGCS2000 only the surveying office knows.
    fn old_datum(name: &str, zh: &str, en: &str) -> CrsError {
        CrsError {
            name: name.to_owned(),
            why_zh: format!(
                "{zh}坐标与 2000 国家大地坐标系相差可达百余米，转换参数不公开；请先由测绘部门转换为 CGCS2000（EPSG:4490）再导入"
            ),
            why_en: format!(
                "{en} lies up to hundreds of metres off and the parameters are not public; \
                 have the surveying office convert the data to CGCS2000 (EPSG:4490) first"
            ),
        }
    }

    fn unknown(name: &str) -> CrsError {
        CrsError {
            name: name.to_owned(),
            why_zh: "可用：CRS84、EPSG:4326、EPSG:4490、EPSG:3857、CGCS2000 高斯-克吕格 3 度带与 6 度带（EPSG:4491–4554）、WGS 84 UTM 北半球；请先转换坐标".to_owned(),
            why_en: "known are CRS84, EPSG:4326, EPSG:4490, EPSG:3857, CGCS2000 Gauss-Krüger zones (EPSG:4491 to 4554) \
                     and WGS 84 UTM north; convert the coordinates first"
                .to_owned(),
        }
    }
}

/// The name in the OGC's register of the system the platform keeps.
pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

const ANSWERED: &[(Crs, &str)] = &[
    (Crs::Crs84, CRS84),
    (Crs::Wgs84, "http://www.opengis.net/def/crs/EPSG/0/4326"),
    (Crs::Cgcs2000, "http://www.opengis.net/def/crs/EPSG/0/4490"),
    (Crs::WebMercator, "http://www.opengis.net/def/crs/EPSG/0/3857"),
];

impl Crs {
    /// The URIs of the systems that answers can be had in.
    pub fn answered() -> impl Iterator<Item = &'static str> {
        ANSWERED.iter().map(|(_, uri)| *uri)
    }

    /// By EPSG number.
    pub fn from_epsg(code: u32) -> Result<Crs, CrsError> {
        let name = || format!("EPSG:{code}");
        let gauss = |meridian: u32, zone: Option<u32>| {
            Ok(Crs::TransverseMercator(TransverseMercator::gauss_kruger(f64::from(meridian), zone)))
        };
        match code {
            4326 => Ok(Crs::Wgs84),
            4490 => Ok(Crs::Cgcs2000),
            3857 | 900_913 => Ok(Crs::WebMercator),
            // CGCS2000 / Gauss-Kruger zone 13 to 23, then by middle meridian; 3-degree zone 25 to 45, then the same.
            4491..=4501 => gauss((code - 4491 + 13) * 6 - 3, Some(code - 4491 + 13)),
            4502..=4512 => gauss(75 + (code - 4502) * 6, None),
            4513..=4533 => gauss((code - 4513 + 25) * 3, Some(code - 4513 + 25)),
            4534..=4554 => gauss(75 + (code - 4534) * 3, None),
            32_601..=32_660 => Ok(Crs::TransverseMercator(TransverseMercator::utm_north(code - 32_600))),
            4214 | 2401..=2442 | 21_413..=21_463 => {
                Err(CrsError::old_datum(&name(), "1954 年北京坐标系", "Beijing 1954"))
            }
            4610 | 2327..=2390 => Err(CrsError::old_datum(&name(), "1980 西安坐标系", "Xian 1980")),
            _ => Err(CrsError::unknown(&name())),
        }
    }

    /// By URI, URN or `EPSG:n`, as in `crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84`.
    pub fn from_uri(text: &str) -> Result<Crs, CrsError> {
        let text = text.trim();
        let parts: Vec<&str> = text.split(['/', ':', '#']).filter(|part| !part.is_empty()).collect();
        let last = parts.last().copied().unwrap_or_default();
        let epsg = parts.iter().any(|part| part.eq_ignore_ascii_case("epsg"))
            // `http://www.opengis.net/gml/srs/epsg.xml#4326`
            || text.to_ascii_lowercase().contains("/epsg.xml#");
        match last.parse::<u32>() {
            _ if last.eq_ignore_ascii_case("CRS84") => Ok(Crs::Crs84),
            Ok(code) if epsg => Crs::from_epsg(code),
            _ => Err(CrsError::unknown(text)),
        }
    }

    /// From the text of a `.prj` file (WKT 1).
    pub fn from_prj(text: &str) -> Result<Crs, CrsError> {
        prj::parse(text)
    }

    /// Its URI, when it is one of those the platform answers in.
    pub fn uri(&self) -> Option<&'static str> {
        ANSWERED.iter().find(|(crs, _)| crs == self).map(|(_, uri)| *uri)
    }

    /// Whether its first axis is north: coordinates of answers are swapped for it.
    pub fn north_first(&self) -> bool {
        matches!(self, Crs::Wgs84 | Crs::Cgcs2000)
    }

    /// From coordinates east, north of this system.
    pub fn to_wgs84(&self, shape: &Shape) -> Shape {
        match self {
            Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000 => shape.clone(),
            Crs::WebMercator => shape.map_coords(mercator::from_web),
            Crs::TransverseMercator(projection) => shape.map_coords(|at| projection.inverse(at)),
        }
    }

    /// To coordinates east, north of this system.
    pub fn from_wgs84(&self, shape: &Shape) -> Shape {
        match self {
            Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000 => shape.clone(),
            Crs::WebMercator => shape.map_coords(mercator::to_web),
            Crs::TransverseMercator(projection) => shape.map_coords(|at| projection.forward(at)),
        }
    }

    /// What an answer in this system prints: projected, and the axes swapped where north comes first.
    pub fn answer(&self, shape: &Shape) -> Shape {
        let shape = self.from_wgs84(shape);
        if self.north_first() { swapped(&shape) } else { shape }
    }

    /// What was asked in this system's own order of axes, in WGS-84 east, north.
    pub fn asked(&self, shape: &Shape) -> Shape {
        if self.north_first() { self.to_wgs84(&swapped(shape)) } else { self.to_wgs84(shape) }
    }
}

fn swapped(shape: &Shape) -> Shape {
    shape.map_coords(|at| Coord { x: at.y, y: at.x })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_systems() {
        let rows = [
            ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", Some(Crs::Crs84)),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", Some(Crs::Crs84)),
            ("http://www.opengis.net/def/crs/EPSG/0/4490", Some(Crs::Cgcs2000)),
            ("urn:ogc:def:crs:EPSG::4326", Some(Crs::Wgs84)),
            ("EPSG:3857", Some(Crs::WebMercator)),
            ("http://www.opengis.net/gml/srs/epsg.xml#4326", Some(Crs::Wgs84)),
            ("EPSG:4525", Crs::from_epsg(4525).ok()),
            ("EPSG:4610", None),
            ("EPSG:21419", None),
            ("EPSG:9999999999999", None),
            ("4326", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(Crs::from_uri(text).ok(), expected, "{text}");
        }
        let old = Crs::from_uri("EPSG:2363").expect_err("Xian 1980 is refused");
        assert!(old.why_zh.contains("西安") && old.to_string().contains("Xian 1980"), "{old}");
    }

    #[test]
    fn every_answered_system_is_known_by_its_uri() {
        for uri in Crs::answered() {
            assert_eq!(Crs::from_uri(uri).ok().and_then(|crs| crs.uri()), Some(uri));
        }
    }

    #[test]
    fn the_axes_of_answers() {
        let shape = Shape::Point(geo_types::Point::new(112.4, 39.3));
        assert_eq!(Crs::Cgcs2000.answer(&shape), Shape::Point(geo_types::Point::new(39.3, 112.4)));
        assert_eq!(Crs::Cgcs2000.asked(&Crs::Cgcs2000.answer(&shape)), shape);
        assert_eq!(Crs::Crs84.answer(&shape), shape);
    }
}
