//! The built-in packs are whole, and what is wrong with a pack is told with file, line and key.

use expect_test::expect;
use sanggan_base::Unit;
use sanggan_pack::{Bound, Files, LimitStatus, Pack, Position, ProtocolEdition, StationKind};

fn embedded() -> Pack {
    Pack::embedded().unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_built_in_city_is_shuozhou() {
    let pack = embedded();
    assert_eq!(pack.city.code.as_str(), "140600");
    let areas: Vec<&str> = pack.city.areas.iter().map(|area| area.code.as_str()).collect();
    assert_eq!(areas, ["140602", "140603", "140681", "140621", "140622", "140623", "140671"]);
    assert_eq!(pack.city.areas.iter().filter(|area| area.administrative).count(), 6);
    assert!(pack.stations.stations.is_empty(), "no real station is built in");
}

#[test]
fn the_outline_lies_where_shuozhou_lies() {
    let outline: serde_json::Value = serde_json::from_str(&embedded().city.outline).expect("JSON");
    let rings = rings(&outline);
    assert_eq!(rings.len(), 6);
    for (code, ring) in &rings {
        assert!(ring.len() > 100, "{code} has {} points", ring.len());
        assert_eq!(ring.first(), ring.last(), "{code} is closed");
        for [lon, lat] in ring {
            assert!((111.8..113.7).contains(lon) && (39.0..40.4).contains(lat), "{code}: {lon} {lat}");
        }
    }
}

type Ring = Vec<[f64; 2]>;

fn rings(outline: &serde_json::Value) -> Vec<(String, Ring)> {
    let features = outline["features"].as_array().expect("features");
    features
        .iter()
        .map(|feature| {
            let code = feature["properties"]["code"].as_str().expect("code").to_owned();
            let ring = serde_json::from_value(feature["geometry"]["coordinates"][0].clone()).expect("places");
            (code, ring)
        })
        .collect()
}

fn holds(ring: &Ring, [x, y]: [f64; 2]) -> bool {
    ring.windows(2).fold(false, |inside, pair| {
        let ([x1, y1], [x2, y2]) = (pair[0], pair[1]);
        let crosses = (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1;
        inside ^ crosses
    })
}

#[test]
fn the_demonstration_is_a_whole_simulated_city() {
    let pack = embedded();
    let demo = pack.demo.as_ref().expect("built in");
    let outline: serde_json::Value = serde_json::from_str(&pack.city.outline).expect("JSON");
    let rings = rings(&outline);
    let of = |kind| demo.stations.iter().filter(|station| station.kind == kind).count();
    assert_eq!((of(StationKind::Air), of(StationKind::WaterOutlet), of(StationKind::GasOutlet)), (14, 8, 8));
    assert_eq!(of(StationKind::SurfaceWater), 6);
    for station in &demo.stations {
        assert!(station.simulated && station.position == Position::Schematic, "{}", station.code);
        assert!(
            station.name.zh.ends_with("（模拟）") && station.name.en.ends_with("(simulated)"),
            "{}",
            station.code
        );
        let place = [station.lon.expect("set"), station.lat.expect("set")];
        if let Some((_, ring)) = rings.iter().find(|(code, _)| code == station.area.as_str()) {
            assert!(holds(ring, place), "{} lies outside its area", station.code);
        } else {
            assert!(
                rings.iter().any(|(_, ring)| holds(ring, place)),
                "{} lies outside the city",
                station.code
            );
        }
        assert!(
            demo.devices.iter().any(|device| device.station == station.code),
            "{} has no device",
            station.code
        );
        assert_eq!(station.kind.is_outlet(), demo.limits.iter().any(|line| line.station == station.code));
        let sim = demo.demo.iter().find(|sim| sim.station == station.code).expect("has a profile");
        for parameter in &sim.parameters {
            let row = pack.parameters.get(parameter.parameter.as_str()).expect("in the table");
            let holds = row.range(station.kind).is_none_or(|range| range.holds(parameter.typical));
            assert!(holds, "{} {}: the usual level is implausible", station.code, parameter.parameter);
        }
    }
    for area in &pack.city.areas {
        assert!(
            demo.stations.iter().any(|station| station.area == area.code && station.kind == StationKind::Air),
            "{} has no air station",
            area.name.zh
        );
    }
    for edition in [ProtocolEdition::V2005, ProtocolEdition::V2017, ProtocolEdition::V2025] {
        assert!(demo.devices.iter().any(|device| device.edition == Some(edition)), "{edition}");
    }
    assert!(demo.devices.iter().all(|device| device.simulated && device.password.is_some()));
}

#[test]
fn usual_levels_of_outlets_keep_their_limits() {
    // Flue gas is compared after conversion to the reference oxygen: C·(21−ref)/(21−measured).
    let pack = embedded();
    let demo = pack.demo.as_ref().expect("built in");
    for line in &demo.limits {
        let sim = demo.demo.iter().find(|sim| sim.station == line.station).expect("has a profile");
        let level =
            |code: &str| sim.parameters.iter().find(|p| p.parameter.as_str() == code).map(|p| p.typical);
        let Some(typical) = level(line.parameter.as_str()) else { continue };
        let compared = match line.reference_oxygen {
            Some(reference) => {
                typical * (21.0 - reference) / (21.0 - level("a19001").expect("a stack measures oxygen"))
            }
            None => typical,
        };
        assert!(
            !line.is_broken_by(compared),
            "{} {}: {compared} against {}",
            line.station,
            line.parameter,
            line.value
        );
    }
}

#[test]
fn a_limit_is_met_at_its_own_value_and_holds_on_its_days() {
    let pack = embedded();
    let demo = pack.demo.expect("built in");
    let ph: Vec<_> = demo
        .limits
        .iter()
        .filter(|line| line.station.as_str() == "sim-w01" && line.parameter.as_str() == "w01001")
        .collect();
    let rows: Vec<String> = ph
        .iter()
        .flat_map(|line| {
            [5.9, 6.0, 9.0, 9.1]
                .map(|v| format!("{} {} {v} {}", line.bound, line.value, line.is_broken_by(v)))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "upper 9 5.9 false",
            "upper 9 6 false",
            "upper 9 9 false",
            "upper 9 9.1 true",
            "lower 6 5.9 true",
            "lower 6 6 false",
            "lower 6 9 false",
            "lower 6 9.1 false"
        ]
    );
    let cod = demo
        .limits
        .iter()
        .find(|line| line.standard.zh == "DB14/1928" && line.parameter.as_str() == "w01018");
    let cod = cod.expect("a sewage plant has the provincial limit");
    assert_eq!(
        (cod.value, cod.unit, cod.bound, cod.status),
        (40.0, Unit::MgPerL, Bound::Upper, LimitStatus::Unconfirmed)
    );
    let day = |text: &str| text.parse().expect("a day");
    assert!(
        !cod.in_force(day("2020-04-30"))
            && cod.in_force(day("2020-05-01"))
            && cod.in_force(day("2026-11-23"))
    );
}

#[test]
fn the_table_has_every_code_of_the_collected_standard() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/standards/10a_hj212_factor_codes.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: the collected factor table is not there ({})", path.display());
        return;
    };
    let plain: String =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let table = embedded().parameters;
    let mut seen = 0;
    for record in csv::Reader::from_reader(plain.as_bytes()).records() {
        let record = record.expect("a row");
        let (code, old, unit) = (&record[0], &record[2], &record[3]);
        let row = table.get(code).unwrap_or_else(|| panic!("{code} is missing"));
        assert_eq!(row.old_code.as_deref(), (old != "--" && !old.is_empty()).then_some(old), "{code}");
        let printed = Unit::parse(unit).unwrap_or_else(|error| panic!("{code}: {error}"));
        let said = [row.printed, row.media.any().map(|medium| medium.sent)];
        assert!(
            said.contains(&Some(printed)),
            "{code}: the standard prints {printed}, the table says {said:?}"
        );
        seen += 1;
    }
    assert!(seen > 180, "only {seen} rows compared");
}

/// The built-in city with one file changed.
fn with(name: &str, change: impl Fn(&str) -> String) -> Files {
    let mut files = Pack::embedded_city_files();
    let text = change(files.get(name).map_or("", String::as_str));
    files.insert(name.to_owned(), text);
    files
}

/// The faults over the national files of stations; registers have tests of their own.
fn faults(files: &Files) -> String {
    let national = [
        ("parameters.toml", include_str!("../../../packs/china/parameters.toml")),
        ("defaults.toml", include_str!("../../../packs/china/defaults.toml")),
        ("limits.toml", include_str!("../../../packs/china/limits.toml")),
    ];
    let national = national.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let mut files = files.clone();
    files.retain(|path, _| !path.contains("registers/") && !path.contains("records/"));
    match Pack::load(&national, &files) {
        Ok(_) => "no fault".to_owned(),
        Err(faults) => faults.to_string(),
    }
}

#[test]
fn an_unchanged_folder_reads_as_the_built_in_one() {
    let folder = Pack::of_city(&Pack::embedded_city_files()).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(folder == embedded());
}

#[test]
fn every_fault_of_every_file_is_told_at_once() {
    let mut files = with("stations.toml", |_| {
        r#"version = 1
[bindings.odd]
w01018 = "mg/m³"
[[station]]
code = "real 1"
name = { zh = "甲", en = "A" }
kind = "water_outlet"
area = "140602"
[[station]]
code = "real-2"
name = { zh = "乙", en = "B" }
kind = "air"
area = "110000"
lon = 390.0
lat = 39.3
limits = ["gb18918-2002-1a", "nothing"]
[[station.device]]
mn = "A;B"
minute_interval = 7
bindings = "odd"
[[station]]
code = "real-2"
name = { zh = "丙", en = "C" }
kind = "water_outlet"
area = "140602"
lon = 112.4
[[station.device]]
mn = "X1"
bindings = "odd"
"#
        .to_owned()
    });
    files.insert("city.toml".to_owned(), files["city.toml"].replace("version = 1", "version = 2"));
    files.insert("limit.toml".to_owned(), String::new());
    expect![[r#"
        could not read the pack: 20 fault(s)
          city/limit.toml: no such file is read; known: city.toml, outline.geojson, limits.toml, stations.toml, demo.toml, plan-rows.toml, coverage.toml, office.toml, lists/*.toml, registers/**/*.toml, records/*.csv, demo/records/*.csv
          city/city.toml: version: is 2; this program reads 1
          city/stations.toml:5: station real 1: not a station code: `real 1` (1 to 64 letters, digits, `-`, `_`, `.`, `:`)
          city/stations.toml:13: station real-2: the city has no area `110000`
          city/stations.toml:14: station real-2: lon and lat are no place
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w01018, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w01017, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w01012, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w21001, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w21003, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w21011, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w01001, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: limit set `gb18918-2002-1a` is for w01001, which does not occur at a station of kind air
          city/stations.toml:16: station real-2: there is no limit set `nothing`
          city/stations.toml:3: station real-2: parameter `w01018` does not occur at a station of kind air
          city/stations.toml:19: station real-2: 7: wanted 1 to 30 minutes that divide the hour
          city/stations.toml:18: station real-2: not a MN: `A;B` (1 to 32 visible ASCII characters without `;`, `=`, `,`, `&`, `#`)
          city/stations.toml:22: station real-2: stands twice
          city/stations.toml:26: station real-2: lon and lat go together
          city/stations.toml:3: station real-2: cannot convert `mg/m³` to `mg/L`: they measure different quantities
    "#]]
    .assert_eq(&(faults(&files) + "\n"));
}

#[test]
fn a_file_of_the_wrong_form_is_told_with_its_line() {
    let rows = [
        faults(&with("city.toml", |text| text.replace("centre =", "center ="))),
        faults(&with("city.toml", |text| text.replace("[112.74, 39.69]", "[39.69, 112.74]"))),
        faults(&with("outline.geojson", |text| text.replace("\"140681\"", "\"140624\""))),
        faults(&with("outline.geojson", |text| text[..900].to_owned())),
        faults(&with("limits.toml", |text| text.replace("from = 2020-05-01", "from = 2020-05-01T10:00:00"))),
        faults(&with("limits.toml", |text| text.replace("unit = \"mg/L\"", "unit = \"mg/stone\""))),
        faults(&with("limits.toml", |text| {
            text.replacen("en = \"municipal sewage works\"", "en = \"\"", 1).replacen(
                "en = \"Permit (simulated)\"",
                "en = \" \"",
                1,
            )
        })),
        faults(&with("demo.toml", |text| text.replace("simulated = true", ""))),
        faults(&{
            let mut files = Pack::embedded_city_files();
            files.remove("city.toml");
            files.remove("demo.toml");
            files
        }),
    ]
    .join("\n");
    expect![[r#"
        could not read the pack: 1 fault(s)
          city/city.toml:7: unknown field `center`, expected one of `version`, `code`, `name`, `centre`, `area`
        could not read the pack: 1 fault(s)
          city/city.toml:7: centre: wanted: [degrees east, degrees north]
        could not read the pack: 1 fault(s)
          city/outline.geojson: features[5]: properties.code `140624` is neither the city nor an area of it
        could not read the pack: 1 fault(s)
          city/outline.geojson: is no JSON: EOF while parsing a list at line 2 column 859
        could not read the pack: 12 fault(s)
          city/limits.toml:11: `2020-05-01T10:00:00` is not a date alone
          city/demo.toml:380: station sim-w01: there is no limit set `db14-1928-2019-wwtp`
          city/demo.toml:396: station sim-w02: there is no limit set `db14-1928-2019-wwtp`
          city/demo.toml:412: station sim-w03: there is no limit set `db14-1928-2019-wwtp`
          city/demo.toml:429: station sim-w04: there is no limit set `db14-1928-2019-wwtp`
          city/demo.toml:447: station sim-w05: there is no limit set `db14-1928-2019-wwtp`
          city/demo.toml:463: station sim-w06: there is no limit set `db14-1928-2019-wwtp`
          city/demo.toml:494: station sim-w08: there is no limit set `sim-permit-chemical-water`
          city/demo.toml:576: station sim-g05: there is no limit set `sim-permit-kiln`
          city/demo.toml:591: station sim-g06: there is no limit set `db14-1929-2019-coal`
          city/demo.toml:608: station sim-g07: there is no limit set `db14-1929-2019-coal`
          city/demo.toml:623: station sim-g08: there is no limit set `db14-1929-2019-coal`
        could not read the pack: 8 fault(s)
          city/limits.toml:16: set db14-1928-2019-wwtp: unknown unit: `mg/stone`
          city/limits.toml:17: set db14-1928-2019-wwtp: unknown unit: `mg/stone`
          city/limits.toml:18: set db14-1928-2019-wwtp: unknown unit: `mg/stone`
          city/limits.toml:19: set db14-1928-2019-wwtp: unknown unit: `mg/stone`
          city/limits.toml:48: set sim-permit-chemical-water: unknown unit: `mg/stone`
          city/limits.toml:49: set sim-permit-chemical-water: unknown unit: `mg/stone`
          city/limits.toml:50: set sim-permit-chemical-water: unknown unit: `mg/stone`
          city/limits.toml:51: set sim-permit-chemical-water: unknown unit: `mg/stone`
        could not read the pack: 2 fault(s)
          city/limits.toml:16: set db14-1928-2019-wwtp: a limit needs a value and a clause in both languages
          city/limits.toml:40: set sim-permit-chemical-water: standard and label may not be empty in either language
        could not read the pack: 1 fault(s)
          city/demo.toml: simulated: must be true in this file
        could not read the pack: 1 fault(s)
          city/city.toml: is not there
    "#]].assert_eq(&(rows + "\n"));
}
