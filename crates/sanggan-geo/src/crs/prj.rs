//! `.prj` files: WKT 1 as ESRI and GDAL write it.

use super::{Crs, CrsError, TransverseMercator};

/// `NAME["text", 1.0, OTHER[…]]`.
#[derive(Debug, Default)]
struct Node<'a> {
    name: &'a str,
    texts: Vec<&'a str>,
    numbers: Vec<f64>,
    nodes: Vec<Node<'a>>,
}

/// Deeper than any real file.
const DEEPEST: u32 = 16;
/// One degree in radians as files write it, with few digits.
const DEGREE: f64 = 0.017_453_292_5;

impl<'a> Node<'a> {
    fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.nodes.iter().find(|node| node.name.eq_ignore_ascii_case(name))
    }

    fn title(&self) -> &'a str {
        self.texts.first().copied().unwrap_or_default()
    }

    fn parameter(&self, names: &[&str]) -> Option<f64> {
        self.nodes
            .iter()
            .filter(|node| node.name.eq_ignore_ascii_case("PARAMETER"))
            .find(|node| names.iter().any(|name| node.title().eq_ignore_ascii_case(name)))
            .and_then(|node| node.numbers.first().copied())
    }
}

pub(super) fn parse(text: &str) -> Result<Crs, CrsError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let shown: String = text.chars().take(80).collect();
    let (root, _) = node(text, 0).ok_or_else(|| CrsError::unknown(&shown))?;
    match root.name.to_ascii_uppercase().as_str() {
        "GEOGCS" => geographic(&root).map(|_| Crs::Wgs84),
        "PROJCS" => projected(&root),
        _ => Err(CrsError::unknown(&shown)),
    }
}

/// Checks the datum and gives the ellipsoid.
fn geographic(node: &Node<'_>) -> Result<(f64, f64), CrsError> {
    let datum = node.get("DATUM");
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let names = [node.title(), datum.map(Node::title).unwrap_or_default()].map(plain);
    let named = |words: &[&str]| names.iter().any(|name| words.iter().any(|word| name.contains(word)));
    if named(&["beijing1954", "beijing54"]) {
        return Err(CrsError::old_datum(node.title(), "1954 年北京坐标系", "Beijing 1954"));
    }
    if named(&["xian1980", "xian80"]) {
        return Err(CrsError::old_datum(node.title(), "1980 西安坐标系", "Xian 1980"));
    }
    if !named(&["wgs1984", "wgs84", "china2000", "cgcs2000", "chinageodeticcoordinatesystem2000"]) {
        return Err(CrsError::unknown(node.title()));
    }
    let prime = node.get("PRIMEM").and_then(|prime| prime.numbers.first().copied()).unwrap_or(0.0);
    let unit = node.get("UNIT").and_then(|unit| unit.numbers.first().copied()).unwrap_or(DEGREE);
    if prime != 0.0 || (unit - DEGREE).abs() > 1e-9 {
        return Err(CrsError::unknown(node.title()));
    }
    match datum.and_then(|datum| datum.get("SPHEROID")).map(|spheroid| spheroid.numbers.as_slice()) {
        Some([a, inverse, ..]) if (6.3e6..6.4e6).contains(a) && (290.0..310.0).contains(inverse) => {
            Ok((*a, *inverse))
        }
        _ => Err(CrsError::unknown(node.title())),
    }
}

fn projected(root: &Node<'_>) -> Result<Crs, CrsError> {
    let unknown = || CrsError::unknown(root.title());
    let (a, inverse_flattening) = geographic(root.get("GEOGCS").ok_or_else(unknown)?)?;
    let method = root.get("PROJECTION").map(Node::title).unwrap_or_default().to_ascii_lowercase();
    let unit = root.get("UNIT").and_then(|unit| unit.numbers.first().copied()).unwrap_or(1.0);
    if unit != 1.0 {
        return Err(unknown());
    }
    match method.as_str() {
        "transverse_mercator" | "gauss_kruger" => Ok(Crs::TransverseMercator(TransverseMercator {
            a,
            inverse_flattening,
            meridian: root
                .parameter(&["central_meridian", "longitude_of_center", "longitude_of_origin"])
                .ok_or_else(unknown)?,
            latitude: root.parameter(&["latitude_of_origin", "latitude_of_center"]).unwrap_or(0.0),
            scale: root.parameter(&["scale_factor", "scale_factor_at_center"]).unwrap_or(1.0),
            false_easting: root.parameter(&["false_easting"]).unwrap_or(0.0),
            false_northing: root.parameter(&["false_northing"]).unwrap_or(0.0),
        })),
        "mercator_auxiliary_sphere" => Ok(Crs::WebMercator),
        "mercator_1sp" if root.title().to_ascii_lowercase().contains("pseudo") => Ok(Crs::WebMercator),
        _ => Err(unknown()),
    }
}

/// One node and what stands after it.
fn node(text: &str, depth: u32) -> Option<(Node<'_>, &str)> {
    if depth > DEEPEST {
        return None;
    }
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let mut made = Node { name: &text[..end], ..Node::default() };
    let mut rest = text[end..].trim_start().strip_prefix(['[', '('])?.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('"') {
            let end = after.find('"')?;
            made.texts.push(&after[..end]);
            rest = &after[end + 1..];
        } else if rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            let end = rest.find([',', ']', ')'])?;
            made.numbers.push(rest[..end].trim().parse().ok().filter(|number: &f64| number.is_finite())?);
            rest = &rest[end..];
        } else {
            let word = rest.find(|c: char| !c.is_ascii_alphabetic())?;
            if word > 0 && rest[word..].trim_start().starts_with([',', ']', ')']) {
                // `AXIS["E", EAST]`: a bare word says nothing we need.
                rest = &rest[word..];
            } else {
                let (child, after) = node(rest, depth + 1)?;
                made.nodes.push(child);
                rest = after;
            }
        }
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
        } else {
            return Some((made, rest.strip_prefix([']', ')'])?));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESRI_37: &str = r#"PROJCS["CGCS2000_3_Degree_GK_Zone_37",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",37500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",111.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;

    #[test]
    fn files_of_offices() {
        assert_eq!(Crs::from_prj(ESRI_37), Crs::from_epsg(4525));
        let geographic = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
        assert_eq!(Crs::from_prj(geographic), Ok(Crs::Wgs84));
        let with_axes = r#"GEOGCS["China Geodetic Coordinate System 2000", DATUM["China_2000", SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]]], PRIMEM["Greenwich",0], UNIT["degree",0.0174532925199433], AXIS["Latitude",NORTH], AXIS["Longitude",EAST]]"#;
        assert_eq!(Crs::from_prj(with_axes), Ok(Crs::Wgs84));
    }

    #[test]
    fn old_datums_and_broken_files_are_refused_with_a_way_out() {
        let xian = ESRI_37
            .replace("D_China_2000", "D_Xian_1980")
            .replace("China_Geodetic_Coordinate_System_2000", "Xian_1980");
        let error = Crs::from_prj(&xian).expect_err("Xian 1980 is refused");
        assert!(error.why_zh.contains("CGCS2000") && error.why_en.contains("Xian 1980"), "{error}");
        for text in [
            "",
            "PROJCS",
            "PROJCS[",
            "GEOGCS[\"x\"",
            "hello",
            "GEOGCS[\"x\",DATUM[\"Pulkovo_1942\"]]",
            "中文",
        ] {
            assert!(Crs::from_prj(text).is_err(), "{text}");
        }
        for end in 0..ESRI_37.len() {
            assert!(Crs::from_prj(&ESRI_37[..end]).is_err(), "cut at {end}");
        }
    }
}
