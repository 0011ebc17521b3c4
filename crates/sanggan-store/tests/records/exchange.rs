//! Imports, GeoPackages and tiles.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream;
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, RecordId, Value};
use sanggan_store::records::{
    ImportDone, ImportMatch, ImportMode, ImportPlan, ImportRow, RecordsError, RowFault, read_geopackage,
};
use sanggan_testkit::Base;
use serde_json::json;

use crate::common::{World, at, city, text};

sanggan_testkit::on_both_databases!(
    an_import_writes_good_rows_and_tells_of_the_others,
    all_or_nothing_is_one_or_the_other,
    an_upsert_changes_only_what_the_file_says,
    records_of_one_file_may_name_each_other,
    thousands_of_rows_are_the_same_as_one_by_one,
    a_geopackage_goes_out_and_comes_in,
    tiles_show_what_is_seen,
);

const OUTFALLS: &str = "river-outfalls";

const GOOD: ImportPlan =
    ImportPlan { existing: ImportMatch::Create, mode: ImportMode::GoodRows, schematic: false, faults: 10 };

impl World {
    async fn import(&self, register: &str, rows: Vec<ImportRow>, plan: ImportPlan) -> ImportDone {
        let told = AtomicU64::new(0);
        let done = self
            .store
            .import_records(
                register,
                stream::iter(vec![rows]),
                plan,
                &|progress| told.store(progress.read, Ordering::SeqCst),
                self.by(3),
            )
            .await
            .expect("imports");
        assert_eq!(told.into_inner(), done.progress.read);
        assert_eq!(done.progress.read, done.progress.good + done.progress.bad);
        done
    }

    fn row(
        &self,
        register: &str,
        line: u64,
        values: &[(&str, Value)],
        keys: &[(&str, &[&str])],
    ) -> ImportRow {
        let model = self.models.get(register).expect("a register");
        let at = |field: &str| model.position(field).expect("a field");
        ImportRow {
            line,
            values: values.iter().map(|(field, value)| (at(field), value.clone())).collect(),
            keys: keys
                .iter()
                .map(|(field, keys)| (at(field), keys.iter().map(|key| (*key).to_owned()).collect()))
                .collect(),
            ..ImportRow::default()
        }
    }
}

async fn with_rivers(base: &Base) -> World {
    let world = World::new(base).await;
    world.create("rivers", 1, json!({ "code": "R1", "name": "桑干河" })).await.expect("a river");
    world.create("enterprises", 1, json!({ "code": "E1", "name": "电厂" })).await.expect("an enterprise");
    world
}

fn short(done: &ImportDone) -> Vec<(u64, &str, &str)> {
    done.faults.iter().map(|fault| (fault.line, fault.field.as_str(), fault.code.as_str())).collect()
}

fn mixed_rows(world: &World) -> Vec<ImportRow> {
    let mut broken = world.row(OUTFALLS, 7, &[("code", text("O-6"))], &[]);
    broken.faults = vec![RowFault {
        line: 7,
        field: "flow".to_owned(),
        code: "type".to_owned(),
        value: "x".to_owned(),
        zh: "不是数字".to_owned(),
        en: "no number".to_owned(),
    }];
    vec![
        world.row(
            OUTFALLS,
            2,
            &[("code", text("O-1")), ("flow", Value::Number(2.0))],
            &[("river", &["R1"]), ("sources", &["E1"])],
        ),
        world.row(OUTFALLS, 3, &[("code", text("O-2"))], &[("river", &["R9"])]),
        world.row(OUTFALLS, 4, &[("name", text("无编码"))], &[]),
        world.row(OUTFALLS, 5, &[("code", text("O-1"))], &[]),
        world.row(OUTFALLS, 6, &[("code", text("O-5")), ("name", text("同")), ("area", text("140602"))], &[]),
        broken,
        world.row(OUTFALLS, 8, &[("code", text("O-7")), ("name", text("同")), ("area", text("140602"))], &[]),
    ]
}

const MIXED: [(u64, &str, &str); 5] = [
    (3, "river", "reference"),
    (4, "code", "required"),
    (5, "code", "unique"),
    (7, "flow", "type"),
    (8, "name", "unique"),
];

async fn an_import_writes_good_rows_and_tells_of_the_others(base: Base) {
    let world = with_rivers(&base).await;
    let done = world.import(OUTFALLS, mixed_rows(&world), GOOD).await;
    assert_eq!(short(&done), MIXED);
    assert_eq!((done.created, done.changed, done.progress.bad, done.written), (2, 0, 5, true));
    assert_eq!(world.codes(OUTFALLS, &city(), Ask::default()).await, ["O-1", "O-5"]);
    let record = world.store.read_record(OUTFALLS, &city(), RecordId(1), None).await.expect("there");
    assert_eq!(world.value(OUTFALLS, &record, "load"), &Value::Number(730.0), "computed as ever");
    assert_eq!(record.state.as_deref(), Some("found"));
    let words = Ask { words: "O-5".to_owned(), ..Ask::default() };
    assert_eq!(world.codes(OUTFALLS, &city(), words).await, ["O-5"]);
    let history = world.store.record_history(OUTFALLS, RecordId(1)).await.expect("a history");
    assert_eq!((history.len(), history[0].action.as_str(), history[0].version), (1, "import", 1));
}

async fn all_or_nothing_is_one_or_the_other(base: Base) {
    let world = with_rivers(&base).await;
    for mode in [ImportMode::AllOrNothing, ImportMode::DryRun] {
        let done = world.import(OUTFALLS, mixed_rows(&world), ImportPlan { mode, faults: 2, ..GOOD }).await;
        assert_eq!((short(&done), done.progress.bad, done.written), (MIXED[..2].to_vec(), 5, false));
        assert!(world.codes(OUTFALLS, &city(), Ask::default()).await.is_empty());
    }
    let good = vec![mixed_rows(&world).remove(0)];
    let dry = world.import(OUTFALLS, good.clone(), ImportPlan { mode: ImportMode::DryRun, ..GOOD }).await;
    assert_eq!((dry.created, dry.written), (1, false));
    let done = world.import(OUTFALLS, good, ImportPlan { mode: ImportMode::AllOrNothing, ..GOOD }).await;
    assert_eq!((done.created, done.written), (1, true));
    assert_eq!(world.codes(OUTFALLS, &city(), Ask::default()).await, ["O-1"]);
    let mut viewer = World { caller: world.caller.clone(), ..world };
    viewer.caller.role = Some(sanggan_records::rights::Role::Viewer);
    let refused =
        viewer.store.import_records(OUTFALLS, stream::iter(vec![vec![]]), GOOD, &|_| {}, viewer.by(4)).await;
    assert!(matches!(refused, Err(RecordsError::Refused(_))), "{refused:?}");
}

async fn an_upsert_changes_only_what_the_file_says(base: Base) {
    let world = with_rivers(&base).await;
    world.import(OUTFALLS, vec![mixed_rows(&world).remove(0)], GOOD).await;
    let rows = vec![
        world.row(OUTFALLS, 2, &[("code", text("O-1")), ("kind", text("rain")), ("flow", Value::Null)], &[]),
        world.row(OUTFALLS, 3, &[("code", text("O-2")), ("kind", text("mixed"))], &[]),
    ];
    let refused = world.import(OUTFALLS, rows.clone(), GOOD).await;
    assert_eq!(short(&refused), [(2, "code", "unique")]);
    let upsert = ImportPlan { existing: ImportMatch::Upsert, ..GOOD };
    let done = world.import(OUTFALLS, rows.clone(), upsert).await;
    assert_eq!((done.created, done.changed, done.unchanged), (0, 1, 1), "the second row was made before");
    let record = world.store.read_record(OUTFALLS, &city(), RecordId(1), None).await.expect("there");
    assert_eq!(world.value(OUTFALLS, &record, "kind"), &text("rain"));
    assert_eq!(world.value(OUTFALLS, &record, "flow"), &Value::Null);
    assert_eq!(
        world.value(OUTFALLS, &record, "river"),
        &Value::Reference(RecordId(1)),
        "not in the file: stays"
    );
    assert_eq!(record.version, 2);
    let again = world.import(OUTFALLS, rows, upsert).await;
    assert_eq!((again.created, again.changed, again.unchanged), (0, 0, 2));
    let mut closed = world.row(OUTFALLS, 2, &[("code", text("O-1"))], &[]);
    closed.state = Some("done".to_owned());
    assert_eq!(world.import(OUTFALLS, vec![closed], upsert).await.changed, 1);
    let record = world.store.read_record(OUTFALLS, &city(), RecordId(1), None).await.expect("there");
    assert_eq!((record.state.as_deref(), record.state_since, record.version), (Some("done"), Some(at(3)), 3));
}

async fn records_of_one_file_may_name_each_other(base: Base) {
    let world = World::new(&base).await;
    let row = |line, code: &str, into: &[&str]| {
        world.row("rivers", line, &[("code", text(code))], &[("into", into)])
    };
    let rows = vec![
        row(2, "R3", &["R2"]),
        row(3, "R2", &["R1"]),
        row(4, "R1", &[]),
        row(5, "R5", &["R6"]),
        row(6, "R6", &["R5"]),
        row(7, "R7", &["R3"]),
    ];
    let done = world.import("rivers", rows, GOOD).await;
    assert_eq!(short(&done), [(5, "into", "reference"), (6, "into", "reference")], "a circle");
    assert_eq!(done.created, 4);
    let codes = world.codes("rivers", &city(), Ask::default()).await;
    assert_eq!(codes, ["R1", "R2", "R3", "R7"]);
}

async fn thousands_of_rows_are_the_same_as_one_by_one(base: Base) {
    let world = with_rivers(&base).await;
    let point = |nth: u64| {
        #[allow(clippy::cast_precision_loss)]
        let (x, y) = (112.0 + (nth % 50) as f64 / 50.0, 39.0 + (nth / 50) as f64 / 50.0);
        Value::Shape(Box::new(sanggan_geo::geo_types::Point::new(x, y).into()))
    };
    let rows: Vec<ImportRow> = (0..2_500)
        .map(|nth| {
            let code = format!("O-{nth:05}");
            let values = [
                ("code", text(&code)),
                ("name", text(&format!("第{nth}号排污口"))),
                ("note", text("\t\"\\N\\\n东")),
                ("kind", text(if nth % 3 == 0 { "rain" } else { "mixed" })),
                ("uses", Value::Texts(vec!["town".to_owned()])),
                ("surveyed_on", Value::Date(jiff::civil::date(2026, 1, 1))),
                ("place", point(nth)),
                ("kept", Value::Boolean(nth % 2 == 0)),
            ];
            world.row(OUTFALLS, nth + 2, &values, &[("river", &["R1"]), ("sources", &["E1"])])
        })
        .collect();
    let done = world.import(OUTFALLS, rows, GOOD).await;
    assert_eq!((done.created, done.progress.bad), (2_500, 0), "{:?}", done.faults);
    let one = world.store.read_record(OUTFALLS, &city(), RecordId(18), None).await.expect("there");
    assert_eq!(world.value(OUTFALLS, &one, "note"), &text("\t\"\\N\\\n东"), "to the last character");
    assert_eq!(world.value(OUTFALLS, &one, "place"), &point(17));
    assert_eq!(world.value(OUTFALLS, &one, "sources"), &Value::References(vec![RecordId(1)]));
    let words = |words: &str| Ask { words: words.to_owned(), limit: 1_000, ..Ask::default() };
    assert_eq!(world.codes(OUTFALLS, &city(), words("第17号")).await, ["O-00017"]);
    assert_eq!(world.codes(OUTFALLS, &city(), words("排污")).await.len(), 2_500);
    assert_eq!(
        world.codes(OUTFALLS, &Scope::Public, Ask { limit: 1_000, ..Ask::default() }).await.len(),
        1_250
    );
    let made = world.store.record_history(OUTFALLS, RecordId(2_500)).await.expect("a history");
    assert_eq!(made.len(), 1);
    let entry = world.store.journal_entry(made[0].seq).await.expect("reads").expect("is there");
    assert!(entry.is_intact(), "a leaf of the journal's tree");
}

async fn a_geopackage_goes_out_and_comes_in(base: Base) {
    let world = with_rivers(&base).await;
    let place = json!({ "type": "Point", "coordinates": [112.4, 39.3] });
    let values = json!({ "code": "O-1", "name": "东", "flow": 2.5, "kept": true, "surveyed_on": "2026-01-02",
                         "measured_at": "2026-11-23T10:00:00+08:00", "uses": ["town", "mine"], "place": place });
    world.create(OUTFALLS, 2, values).await.expect("made");
    world.create(OUTFALLS, 2, json!({ "code": "O-2" })).await.expect("made");
    let path = base.folder().join("out.gpkg");
    let columns = ["code", "flow", "kept", "surveyed_on", "measured_at", "uses", "place"];
    let written = world
        .store
        .export_geopackage(OUTFALLS, &city(), Ask::default(), &columns, &path)
        .await
        .expect("writes");
    assert_eq!(written, 2);
    let bytes = std::fs::read(&path).expect("a file");
    assert_eq!(&bytes[68..72], b"GPKG", "the mark of a GeoPackage");
    let layers = read_geopackage(&path, 10).await.expect("reads");
    assert_eq!((layers.len(), layers[0].name.as_str()), (1, "river_outfalls"));
    let [first, second] = layers[0].features.as_slice() else { panic!("two features") };
    assert_eq!(first.shape, Some(sanggan_geo::geo_types::Point::new(112.4, 39.3).into()));
    let value =
        |name: &str| first.values.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone());
    assert_eq!(value("flow"), Some(json!(2.5)));
    assert_eq!(value("kept"), Some(json!(1)));
    assert_eq!(value("surveyed_on"), Some(json!("2026-01-02")));
    assert_eq!(value("measured_at"), Some(json!("2026-11-23T02:00:00.000Z")));
    assert_eq!(value("uses"), Some(json!("town; mine")));
    assert_eq!((second.shape.clone(), second.values.iter().any(|(name, _)| name == "flow")), (None, false));
    let ogr = std::process::Command::new("ogrinfo").args(["-so", "-al"]).arg(&path).output();
    match ogr {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("Feature Count: 2") && said.contains("WGS 84"), "{said}");
        }
        Err(_) => eprintln!("skipped: ogrinfo is not there"),
    }
    let error = world.store.export_geopackage(OUTFALLS, &city(), Ask::default(), &["x"], &path).await;
    assert!(matches!(error, Err(RecordsError::BadAsk { .. })));
    std::fs::write(base.folder().join("no.gpkg"), "text").expect("writes");
    let error = read_geopackage(&base.folder().join("no.gpkg"), 10).await.expect_err("no GeoPackage");
    assert!(error.to_string().contains("the GeoPackage"), "{error}");
}

async fn tiles_show_what_is_seen(base: Base) {
    let world = with_rivers(&base).await;
    for (code, kept, x) in [("O-1", true, 112.4001), ("O-2", false, 112.4002)] {
        let place = json!({ "type": "Point", "coordinates": [x, 39.3] });
        let values = json!({ "code": code, "name": "东", "kept": kept, "flow": 1.5, "place": place });
        world.create(OUTFALLS, 2, values).await.expect("made");
    }
    // The tile of zoom 14 with longitude 112.4 and latitude 39.3.
    let near = (14, 13_307, 6_244);
    let tile = |scope: Scope, place, fields: &'static [&'static str]| {
        let store = world.store.clone();
        async move { store.record_tile(OUTFALLS, place, &scope, fields).await }
    };
    let all = tile(city(), near, &["code", "flow"]).await.expect("draws").expect("a tile");
    let public = tile(Scope::Public, near, &["code"]).await.expect("draws").expect("a tile");
    let holds = |tile: &[u8], text: &str| tile.windows(text.len()).any(|window| window == text.as_bytes());
    for (text, in_all, in_public) in [
        ("river-outfalls", true, true),
        ("O-1", true, true),
        ("O-2", true, false),
        ("东", true, false),
        ("flow", true, false),
        ("found", true, true),
    ] {
        assert_eq!((holds(&all, text), holds(&public, text)), (in_all, in_public), "{text}");
    }
    let far = tile(city(), (6, 51, 24), &[]).await.expect("draws").expect("a tile");
    assert!(holds(&far, "point_count"), "together from afar");
    let empty = tile(city(), (14, 0, 0), &[]).await.expect("draws").expect("a tile");
    assert!(empty.is_empty());
    assert_eq!(tile(city(), (3, 8, 0), &[]).await.expect("answers"), None, "no such tile");
    assert!(matches!(tile(Scope::Public, near, &["flow"]).await, Err(RecordsError::BadAsk { .. })));
    assert!(matches!(
        world.store.record_tile("enterprises", near, &city(), &[]).await,
        Err(RecordsError::BadAsk { .. })
    ));
}
