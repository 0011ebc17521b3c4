//! The same files and numbers as GDAL makes: shapefiles, FlatGeobuf, projections. GDAL is the programs of `gdal-bin`
//! on the PATH, which `scripts/install.sh test` puts there.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use sanggan_geo::crs::Crs;
use sanggan_geo::geo_types::{Coord, Point};
use sanggan_geo::read::{Layer, Limits, read};
use sanggan_geo::{Shape, check, wkt};
use tempfile::TempDir;

/// A program of GDAL, or what to do about its absence.
fn gdal(program: &str) -> Command {
    let there = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(
        there.is_ok(),
        "{program} is not there: run `scripts/install.sh test` (apt-get install gdal-bin)"
    );
    Command::new(program)
}

const SOURCE: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"P1","name":"朔城区污水处理厂排口","flow":3.25,"people":1200,"found":"2026-05-06"},"geometry":{"type":"Polygon","coordinates":[[[112.4,39.3],[112.5,39.3],[112.5,39.4],[112.4,39.4],[112.4,39.3]],[[112.42,39.32],[112.42,39.34],[112.44,39.34],[112.42,39.32]]]}},
{"type":"Feature","properties":{"code":"P2","name":"应县","flow":null,"people":7,"found":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[113,39],[113.1,39],[113.1,39.1],[113,39]]],[[[113.2,39],[113.3,39],[113.3,39.1],[113.2,39]]]]}},
{"type":"Feature","properties":{"code":"P3","name":"无位置","flow":0.5,"people":0,"found":"2026-01-02"},"geometry":null}]}"#;

/// Converts the source with `ogr2ogr` and gives the folder.
fn converted(arguments: &[&str], target: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder of its own");
    let source = folder.path().join("source.geojson");
    std::fs::write(&source, SOURCE).expect("the folder takes files");
    let done = gdal("ogr2ogr")
        .args(arguments)
        .arg(folder.path().join(target))
        .arg(&source)
        .output()
        .expect("ogr2ogr starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    folder
}

/// The files of the folder with this stem, in a zip.
fn zipped(folder: &Path, stem: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for ending in ["shp", "shx", "dbf", "prj", "cpg"] {
        if let Ok(bytes) = std::fs::read(folder.join(format!("{stem}.{ending}"))) {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(format!("图层/{stem}.{ending}"), options).expect("memory");
            zip.write_all(&bytes).expect("memory");
        }
    }
    zip.finish().expect("memory").into_inner()
}

/// As text, with six digits.
fn texts(layer: &Layer) -> Vec<String> {
    let shape =
        |shape: &Option<Shape>| shape.as_ref().map_or("-".to_owned(), |shape| wkt::print(&sorted(shape), 6));
    layer
        .features
        .iter()
        .map(|feature| {
            assert_eq!(feature.fault, None);
            let values: Vec<String> = feature.attributes.iter().map(ToString::to_string).collect();
            format!("{} {}", values.join(" "), shape(&feature.shape))
        })
        .collect()
}

/// Rings begin and turn differently from format to format: the same polygons have the same bounds and areas.
fn sorted(shape: &Shape) -> Shape {
    let faults = check::check(shape, check::Kind::Polygon);
    assert_eq!(faults, []);
    let rect = sanggan_geo::measure::bounds(shape).expect("it isn't empty");
    let area = sanggan_geo::measure::area_m2(shape).round();
    Shape::LineString(vec![rect.min(), rect.max(), Coord { x: area, y: 0.0 }].into())
}

fn expected() -> Vec<String> {
    let layer = read(SOURCE.as_bytes(), Limits::default()).expect("the source is sound");
    assert_eq!(layer.columns, ["code", "name", "flow", "people", "found"]);
    texts(&layer)
}

#[test]
fn shapefiles_in_every_encoding_and_projection() {
    let rows: [&[&str]; 4] = [
        &["-lco", "ENCODING=UTF-8"],
        &["-lco", "ENCODING=GBK"],
        // As the offices send them: zone 37 of CGCS2000, in GBK.
        &["-t_srs", "EPSG:4525", "-lco", "ENCODING=GBK"],
        &["-t_srs", "EPSG:3857", "-lco", "ENCODING=UTF-8"],
    ];
    for arguments in rows {
        let arguments = [&["-f", "ESRI Shapefile"], arguments].concat();
        let folder = converted(&arguments, "layer.shp");
        let layer = read(&zipped(folder.path(), "layer"), Limits::default()).expect("GDAL wrote it");
        assert_eq!(layer.columns, ["code", "name", "flow", "people", "found"]);
        assert_eq!(texts(&layer), expected(), "{arguments:?}");
        assert!(layer.crs.is_some());
        // Without the file that names the encoding it is found from the bytes.
        std::fs::remove_file(folder.path().join("layer.cpg")).expect("GDAL wrote it");
        let layer = read(&zipped(folder.path(), "layer"), Limits::default()).expect("GDAL wrote it");
        assert_eq!(texts(&layer), expected(), "{arguments:?} without .cpg");
    }
}

#[test]
fn shapefiles_that_cannot_be_taken() {
    let error = |bytes: &[u8], limits| read(bytes, limits).expect_err("refused").to_string();
    let folder = converted(&["-f", "ESRI Shapefile", "-t_srs", "EPSG:2363"], "layer.shp");
    let bytes = zipped(folder.path(), "layer");
    assert!(error(&bytes, Limits::default()).contains("Xian 1980"), "{}", error(&bytes, Limits::default()));
    std::fs::remove_file(folder.path().join("layer.prj")).expect("GDAL wrote it");
    let bytes = zipped(folder.path(), "layer");
    assert!(error(&bytes, Limits::default()).contains(".prj"), "{}", error(&bytes, Limits::default()));
    assert!(error(&bytes, Limits { bytes: 500, ..Limits::default() }).contains("too big"));
    assert!(error(&bytes, Limits { features: 2, ..Limits::default() }).contains("more than 2 features"));
}

#[test]
fn flatgeobuf_with_and_without_index() {
    for index in ["YES", "NO"] {
        let option = format!("SPATIAL_INDEX={index}");
        let folder = converted(&["-f", "FlatGeobuf", "-lco", &option], "layer.fgb");
        let bytes = std::fs::read(folder.path().join("layer.fgb")).expect("GDAL wrote it");
        let layer = read(&bytes, Limits::default()).expect("GDAL wrote it");
        let mut met = texts(&layer);
        met.sort();
        let mut wanted: Vec<String> = expected().into_iter().take(layer.features.len()).collect();
        wanted.sort();
        // GDAL knows a column of days, and writes their moment.
        let plain = |rows: Vec<String>| rows.join("\n").replace("T00:00:00", "").replace('/', "-");
        assert_eq!(plain(met), plain(wanted), "index {index}");
        assert_eq!(layer.features.len(), 2, "GDAL leaves out what has no place");
    }
}

#[test]
fn damaged_files_never_panic() {
    let fgb = converted(&["-f", "FlatGeobuf"], "layer.fgb");
    let fgb = std::fs::read(fgb.path().join("layer.fgb")).expect("GDAL wrote it");
    let folder = converted(&["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK"], "layer.shp");
    let damaged = |bytes: &[u8], at: usize, byte: u8| {
        let mut bytes = bytes.to_vec();
        bytes[at] = byte;
        bytes
    };
    for at in 0..fgb.len() {
        for byte in [0, 1, 0x7f, 0xff] {
            let _ = read(&damaged(&fgb, at, byte), Limits::default());
        }
        let _ = read(&fgb[..at], Limits::default());
    }
    for ending in ["shp", "dbf", "prj"] {
        let path = folder.path().join(format!("layer.{ending}"));
        let whole = std::fs::read(&path).expect("GDAL wrote it");
        for at in (0..whole.len()).step_by(if ending == "prj" { 7 } else { 1 }) {
            for byte in [0, 0xff] {
                std::fs::write(&path, damaged(&whole, at, byte)).expect("the folder takes files");
                let _ = read(&zipped(folder.path(), "layer"), Limits::default());
            }
        }
        std::fs::write(&path, &whole).expect("the folder takes files");
    }
    let zip = zipped(folder.path(), "layer");
    for at in 0..zip.len() {
        let _ = read(&damaged(&zip, at, 0xff), Limits::default());
    }
}

#[test]
fn projections_agree_with_gdaltransform() {
    for code in (4491..=4554).chain([3857, 32649]) {
        let crs = Crs::from_epsg(code).expect("a known system");
        let middle = match crs {
            Crs::TransverseMercator(projection) => projection.meridian,
            _ => 111.0,
        };
        let places: Vec<Coord<f64>> =
            [(-3.0, 18.0), (-1.5, 39.0), (0.0, 39.33), (0.7, 53.0), (1.5, 40.2), (3.0, 27.5)]
                .map(|(east, north)| Coord { x: middle + east, y: north })
                .to_vec();
        let ours: Vec<Coord<f64>> = places
            .iter()
            .map(|at| match crs.from_wgs84(&Shape::Point(Point(*at))) {
                Shape::Point(point) => point.0,
                other => panic!("a point became {other:?}"),
            })
            .collect();
        for (number, theirs) in
            transformed("EPSG:4490", &format!("EPSG:{code}"), &places).into_iter().enumerate()
        {
            // CGCS2000 and WGS-84 differ by 0.1 mm in shape; some versions of PROJ take them for different.
            let apart = (theirs.x - ours[number].x).hypot(theirs.y - ours[number].y);
            assert!(
                apart < 0.001,
                "EPSG:{code} at {:?}: {:?} and GDAL's {theirs:?}",
                places[number],
                ours[number]
            );
        }
    }
}

/// The places by `gdaltransform`, east first on both sides.
fn transformed(from: &str, to: &str, places: &[Coord<f64>]) -> Vec<Coord<f64>> {
    let mut child = gdal("gdaltransform")
        .args(["-s_srs", from, "-t_srs", to, "-output_xy"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gdaltransform starts");
    let mut input = child.stdin.take().expect("it is piped");
    for at in places {
        writeln!(input, "{} {}", at.x, at.y).expect("gdaltransform reads");
    }
    drop(input);
    let output = child.wait_with_output().expect("gdaltransform ends");
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let mut numbers = line.split_whitespace().map(|number| number.parse::<f64>().expect("a number"));
            Coord { x: numbers.next().expect("x"), y: numbers.next().expect("y") }
        })
        .collect()
}
