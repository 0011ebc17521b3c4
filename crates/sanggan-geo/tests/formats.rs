//! What is written is read back the same, and nothing from outside makes a reader panic.

use proptest::prelude::*;
use sanggan_geo::geo_types::{
    Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};
use sanggan_geo::read::{Limits, read};
use sanggan_geo::{Shape, check, crs::Crs, gcj02, geojson, measure, tile, wkb, wkt};

fn place() -> impl Strategy<Value = Coord<f64>> {
    // Six digits, as people write them, so that texts come back exactly.
    (73_000_000..135_000_000i64, 4_000_000..53_000_000i64)
        .prop_map(|(x, y)| Coord { x: x as f64 / 1e6, y: y as f64 / 1e6 })
}

fn line() -> impl Strategy<Value = LineString<f64>> {
    prop::collection::vec(place(), 2..12).prop_map(LineString)
}

/// A star around a place: never crosses itself.
fn polygon() -> impl Strategy<Value = Polygon<f64>> {
    (place(), prop::collection::vec(1..100i64, 3..12)).prop_map(|(centre, radii)| {
        let corners = radii.len() as f64;
        let round = |value: f64| (value * 1e6).round() / 1e6;
        let ring = radii.iter().enumerate().map(|(number, radius)| {
            let angle = number as f64 / corners * std::f64::consts::TAU;
            let radius = *radius as f64 / 1000.0;
            Coord { x: round(centre.x + radius * angle.cos()), y: round(centre.y + radius * angle.sin()) }
        });
        Polygon::new(ring.collect(), Vec::new())
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        place().prop_map(|at| Geometry::Point(Point(at))),
        line().prop_map(Geometry::LineString),
        polygon().prop_map(Geometry::Polygon),
        prop::collection::vec(place().prop_map(Point), 1..5)
            .prop_map(|points| Geometry::MultiPoint(MultiPoint(points))),
        prop::collection::vec(line(), 1..4)
            .prop_map(|lines| Geometry::MultiLineString(MultiLineString(lines))),
        prop::collection::vec(polygon(), 1..4).prop_map(|all| Geometry::MultiPolygon(MultiPolygon(all))),
    ]
}

proptest! {
    #[test]
    fn every_format_gives_back_what_it_took(shape in shape()) {
        prop_assert_eq!(wkb::decode(&wkb::encode(&shape)).expect("just written"), shape.clone());
        prop_assert_eq!(wkb::decode(&wkb::encode_ewkb(&shape)).expect("just written"), shape.clone());
        prop_assert_eq!(wkb::decode_gpkg(&wkb::encode_gpkg(&shape)).expect("just written"), (Some(shape.clone()), 4326));
        prop_assert_eq!(wkt::parse(&wkt::print(&shape, 6)).expect("just written"), shape.clone());
        // GeoJSON winds rings its own way, and then no more.
        let value = geojson::to_value(&shape, 6);
        let read = geojson::parse_geometry(&value).expect("just written");
        prop_assert_eq!(measure::bounds(&read), measure::bounds(&shape));
        prop_assert!((measure::area_m2(&read) - measure::area_m2(&shape)).abs() < 1e-3);
        prop_assert_eq!(geojson::to_value(&read, 6), value);
    }

    #[test]
    fn sound_shapes_have_no_faults(polygon in polygon(), line in line(), at in place()) {
        prop_assert_eq!(check::check(&Geometry::Polygon(polygon), check::Kind::Polygon), []);
        prop_assert_eq!(check::check(&Geometry::LineString(line), check::Kind::Line), []);
        prop_assert_eq!(check::check(&Geometry::Point(Point(at)), check::Kind::Point), []);
    }

    #[test]
    fn coordinates_come_back_from_every_system(at in place(), zone in 4491u32..=4554) {
        let shape = Geometry::Point(Point(at));
        let near = |other: Shape, metres: f64| measure::distance_m(&shape, &other).is_some_and(|way| way < metres);
        prop_assert!(near(gcj02::to_wgs84(&gcj02::from_wgs84(&shape)), 0.1));
        prop_assert!(near(Crs::WebMercator.to_wgs84(&Crs::WebMercator.from_wgs84(&shape)), 1e-6));
        let crs = Crs::from_epsg(zone).expect("a zone of CGCS2000");
        let Crs::TransverseMercator(projection) = crs else { panic!("a transverse Mercator") };
        if (projection.meridian - at.x).abs() < 6.0 {
            prop_assert!(near(crs.to_wgs84(&crs.from_wgs84(&shape)), 1e-5));
        }
    }

    #[test]
    fn tiles_take_any_shape(shape in shape(), z in 0u8..=24, x in any::<u32>(), y in any::<u32>()) {
        let side = 1u32 << z;
        let tile = tile::TileId::new(z, x % side, y % side).expect("within the pyramid");
        let mut layer = tile::TileLayer::new("any", tile);
        layer.push(1, &shape, &[]);
        // What touches the tile's bounds is drawn, when it is a point.
        let inside = |rect: measure_rect::Rect| matches!(&shape, Geometry::Point(point) if rect.contains(*point));
        let bounds = tile.bounds();
        let drawn = !layer.finish().is_empty();
        if inside(measure_rect::Rect(bounds)) {
            prop_assert!(drawn);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = wkb::decode(&bytes);
        let _ = wkb::decode_gpkg(&bytes);
        let _ = read(&bytes, Limits::default());
        let mut named = b"fgb\x03fgb\x00".to_vec();
        named.extend(&bytes);
        let _ = read(&named, Limits::default());
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", json in r#"[\[\]{}:,"a-z0-9.\-]{0,200}"#) {
        let _ = wkt::parse(&text);
        let _ = wkt::parse(&format!("POLYGON (({text}"));
        let _ = geojson::parse_geometry_text(&text);
        let _ = geojson::parse_geometry_text(&json);
        let _ = read(json.as_bytes(), Limits::default());
        let _ = Crs::from_prj(&text);
        let _ = Crs::from_uri(&text);
    }

    #[test]
    fn broken_wkb_of_true_shapes_never_panics(shape in shape(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = wkb::encode_ewkb(&shape);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = wkb::decode(&bytes) {
            // Whatever came out of it can be looked at as well.
            let _ = check::check(&read, check::Kind::Any);
            let _ = geojson::to_value(&read, 6);
            let _ = measure::anchor(&read);
        }
        let _ = wkb::decode(&bytes[..at]);
    }
}

/// Tiles and points.
mod measure_rect {
    use sanggan_geo::geo_types;

    pub(super) struct Rect(pub(super) geo_types::Rect<f64>);

    impl Rect {
        pub(super) fn contains(&self, point: geo_types::Point<f64>) -> bool {
            let margin = 1e-9;
            (self.0.min().x + margin..self.0.max().x - margin).contains(&point.x())
                && (self.0.min().y + margin..self.0.max().y - margin).contains(&point.y())
        }
    }
}

#[test]
fn rows_of_wkt() {
    let rows = [
        ("POINT (112.4 39.3)", "POINT (112.4 39.3)"),
        ("point(112.4 39.3)", "POINT (112.4 39.3)"),
        ("SRID=4326;POINT(112.4 39.3)", "POINT (112.4 39.3)"),
        ("POINT Z (112.4 39.3 1090)", "POINT (112.4 39.3)"),
        ("POINTZ(112.4 39.3 1090)", "POINT (112.4 39.3)"),
        ("POINT ZM (112.4 39.3 1090 1)", "POINT (112.4 39.3)"),
        ("MULTIPOINT (1 2, 3 4)", "MULTIPOINT ((1 2), (3 4))"),
        ("MULTIPOINT ((1 2), (3 4))", "MULTIPOINT ((1 2), (3 4))"),
        (
            "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1))",
            "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1))",
        ),
        (
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
        ),
        ("LINESTRING EMPTY", "LINESTRING EMPTY"),
        ("POINT EMPTY", "MULTIPOINT EMPTY"),
        ("POINT (1e2 -.5)", "POINT (100 -0.5)"),
        ("", "no geometry; it begins like `POINT (112.4 39.3)` at character 1"),
        ("POINT", "no `(` at character 6"),
        ("POINT (112.4)", "no number at character 13"),
        ("POINT (112.4 39.3) x", "something after the geometry at character 20"),
        ("SRID=4490;POINT (1 2)", "an SRID other than 4326 at character 5"),
        ("CIRCLE (1 2)", "the geometry type CIRCLE at character 1"),
        ("POLYGON ((0 0, 1 0, 1 1))", "a ring whose last point is not its first at character 25"),
        ("点 (1 2)", "no geometry; it begins like `POINT (112.4 39.3)` at character 1"),
    ];
    for (text, expected) in rows {
        let met = match wkt::parse(text) {
            Ok(shape) => wkt::print(&shape, 6),
            Err(error) => error.to_string().trim_start_matches("cannot read the WKT geometry: ").to_owned(),
        };
        assert_eq!(met, expected, "{text}");
    }
    assert!(wkt::parse("POINT (1").expect_err("it is cut").zh().starts_with("无法读取 WKT 图形：第 "));
}

#[test]
fn rows_of_geojson() {
    let deep = format!("{}{}", r#"{"type":"GeometryCollection","geometries":["#.repeat(40), "]}".repeat(40));
    let rows = [
        (
            r#"{"type":"Point","coordinates":[112.4,39.3,1090]}"#,
            r#"{"type":"Point","coordinates":[112.4,39.3]}"#,
        ),
        (
            r#"{"type":"Point","coordinates":[112.123456789,39]}"#,
            r#"{"type":"Point","coordinates":[112.123457,39]}"#,
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}"#,
            r#"{"type":"Point","coordinates":[1,2]}"#,
        ),
        // Wound with the clock: turned.
        (
            r#"{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[0,0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[0,0]]]}"#,
        ),
        (r#"{"type":"Point","coordinates":["112",39]}"#, "a position that is not two numbers at coordinates"),
        (
            r#"{"type":"LineString","coordinates":[[1,2],[3]]}"#,
            "a position of fewer than two numbers at coordinates[1]",
        ),
        (
            r#"{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1]]]}"#,
            "a ring whose last position is not its first at coordinates[0]",
        ),
        (r#"{"type":"Ponit","coordinates":[1,2]}"#, "the geometry type `Ponit` at $"),
        (r#"{"coordinates":[1,2]}"#, "a geometry without `type` at $"),
        (r#"{"type":"Point"}"#, "no list at coordinates"),
        ("[1,2]", "no geometry object at $"),
        (
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"Point","coordinates":[]}]}"#,
            "a position of fewer than two numbers at geometries[1].coordinates",
        ),
        ("{", "EOF while parsing an object at line 1 column 1"),
    ];
    let met = |text: &str| match geojson::parse_geometry_text(text) {
        Ok(shape) => {
            let mut out = String::new();
            geojson::write(&mut out, &shape, geojson::DIGITS);
            out
        }
        Err(error) => error.to_string().trim_start_matches("cannot read the GeoJSON: ").to_owned(),
    };
    for (text, expected) in rows {
        assert_eq!(met(text), expected, "{text}");
    }
    assert!(met(&deep).contains("collections in collections 16 deep"), "{}", met(&deep));
}

#[test]
fn announced_sizes_claim_no_memory() {
    // A line of four thousand million points in thirteen bytes.
    let mut bytes = vec![1, 2, 0, 0, 0];
    bytes.extend(u32::MAX.to_le_bytes());
    bytes.extend([0; 4]);
    let error = wkb::decode(&bytes).expect_err("the points are missing");
    assert_eq!(
        error.to_string(),
        "cannot read the WKB geometry: 4294967295 parts are announced, the bytes end before at byte 9"
    );
    for (kind, what) in [(8u32, "curve"), (99, "type 99")] {
        let mut bytes = vec![1];
        bytes.extend(kind.to_le_bytes());
        assert!(wkb::decode(&bytes).expect_err("not taken").to_string().contains(what));
    }
}

#[test]
fn a_collection_is_written_feature_by_feature() {
    let mut writer = geojson::FeatureWriter::new(Vec::new(), 6).expect("memory takes everything");
    for number in 0..3 {
        let shape = Geometry::Point(Point::new(112.0 + f64::from(number), 39.0));
        let properties = serde_json::json!({ "名称": format!("\"{number}\"") });
        let properties = properties.as_object().expect("an object");
        writer.feature(Some(&number.into()), (number != 1).then_some(&shape), properties).expect("memory");
    }
    let members = serde_json::json!({ "numberReturned": 3 });
    let bytes = writer.finish(members.as_object().expect("an object")).expect("memory");
    let value: serde_json::Value = serde_json::from_slice(&bytes).expect("it is JSON");
    assert_eq!(value["numberReturned"], 3);
    assert_eq!(value["features"][1]["geometry"], serde_json::Value::Null);
    let layer = read(&bytes, Limits::default()).expect("it is GeoJSON");
    assert_eq!((layer.features.len(), layer.columns.as_slice()), (3, ["名称".to_owned()].as_slice()));
    assert_eq!(layer.features[2].attributes[0], "\"2\"");
}
