//! Registers over HTTP: from the definition to a record's history, tables and layers in and out, chains and places.

use reqwest::multipart::{Form, Part};
use sanggan_base::{Grain, StatKind};
use serde_json::{Value, json};

use crate::world::{Caller, OUTLET, World};

pub(crate) const OUTFALLS: &str = "/api/v1/registers/river-outfalls";

pub(crate) async fn world() -> World {
    World::with("2026-11-23T10:00", true, sanggan_api::ApiSettings::default()).await
}

/// Status and JSON of a request.
pub(crate) async fn ask(caller: &Caller, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = caller.send(method, path, Some(body)).await;
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

pub(crate) async fn made(caller: &Caller, register: &str, values: Value) -> Value {
    let path = format!("/api/v1/registers/{register}/records");
    let (status, row) = ask(caller, "POST", &path, json!({"values": values, "why": "test"})).await;
    assert_eq!(status, 201, "{row}");
    row
}

pub(crate) async fn outfall(caller: &Caller, code: &str) -> Value {
    let values =
        json!({"code": code, "name": format!("{code} 排口"), "kind": "industrial", "area": "140603"});
    made(caller, "river-outfalls", values).await
}

/// The fields at fault.
fn at_fault(problem: &Value) -> Vec<&str> {
    let faults = problem["faults"].as_array().into_iter().flatten();
    faults.filter_map(|fault| fault["field"].as_str()).collect()
}

#[tokio::test]
async fn a_record_is_made_changed_and_taken_through_its_states_with_every_step_in_its_history() {
    let world = world().await;
    let olga = world.user("olga").await;
    let register = olga.json(OUTFALLS).await;
    assert_eq!((&register["key"], &register["may"]["create"]), (&json!("code"), &json!(true)));

    let (status, problem) = ask(
        &olga,
        "POST",
        &format!("{OUTFALLS}/records"),
        json!({"values": {"code": "PL-1", "kind": "ocean", "pipe_km": -1, "no_such": 1, "river": "nowhere"}}),
    )
    .await;
    assert_eq!(status, 422);
    let mut fields = at_fault(&problem);
    fields.sort_unstable();
    assert_eq!(fields, ["kind", "no_such", "pipe_km", "river"], "{problem}");
    let checked = olga
        .post(&format!("{OUTFALLS}/check"), json!({"values": {"code": "PL-1", "flow_m3_d": 100, "cod": 20}}))
        .await;
    let checked: Value = checked.json().await.expect("JSON");
    assert_eq!(checked["computed"]["cod_t_a"], json!(0.73), "100 m³/d × 20 mg/L × 365 d");
    assert!(checked["required"].as_array().is_some_and(|fields| fields.contains(&json!("name"))));
    assert!(at_fault(&checked).contains(&"kind"), "{checked}");

    let row = outfall(&olga, "PL-1").await;
    let path = format!("{OUTFALLS}/records/{}", row["rid"]);
    assert_eq!((&row["state"], &row["version"]), (&json!("found"), &json!(1)));
    let (status, twice) = ask(
        &olga,
        "POST",
        &format!("{OUTFALLS}/records"),
        json!({"values": {
            "code": "PL-1", "name": "又一个", "kind": "industrial", "area": "140603"}}),
    )
    .await;
    assert_eq!((status, at_fault(&twice)), (422, vec!["code"]), "{twice}");

    let measured = json!({"version": 1, "values": {"flow_m3_d": 100}, "why": "现场"});
    let (status, missing) = ask(&olga, "POST", &format!("{path}/transitions/measure"), measured).await;
    assert_eq!((status, at_fault(&missing)), (422, vec!["measured_on"]), "{missing}");
    let measured =
        json!({"version": 1, "values": {"flow_m3_d": 100, "measured_on": "2026-11-20"}, "why": "现场"});
    let (status, row) = ask(&olga, "POST", &format!("{path}/transitions/measure"), measured.clone()).await;
    assert_eq!((status, &row["state"], &row["version"]), (200, &json!("measured"), &json!(2)), "{row}");
    let (status, again) = ask(&olga, "POST", &format!("{path}/transitions/measure"), measured).await;
    assert_eq!(status, 409, "the version has gone on: {again}");
    assert_eq!(again["current"]["version"], 2, "the record as it is comes with it");

    let changed = json!({"version": 2, "values": {"name": "改名"}, "why": "更正"});
    let (status, _) = ask(&olga, "PATCH", &path, changed).await;
    assert_eq!(status, 200);
    let history = olga.json(&format!("{path}/history")).await;
    let events = history["events"].as_array().expect("events");
    let told: Vec<(&str, &str)> = events
        .iter()
        .map(|event| (event["who"].as_str().expect("who"), event["why"].as_str().expect("why")))
        .collect();
    assert_eq!(told, [("user:olga", "更正"), ("user:olga", "现场"), ("user:olga", "test")]);
    assert_eq!(events[0]["changes"][0], json!({"field": "name", "before": "PL-1 排口", "after": "改名"}));

    world.set_now("2026-11-25T10:00");
    let olga = world.user("olga").await;
    let (status, _) =
        ask(&olga, "PATCH", &path, json!({"version": 3, "values": {"name": "第三个名字"}, "why": ""})).await;
    assert_eq!(status, 200);
    let then = olga.json(&format!("{path}?as_of=2026-11-24")).await;
    assert_eq!((&then["values"]["name"], &then["version"]), (&json!("改名"), &json!(3)));
    let list = olga.json(&format!("{OUTFALLS}/records?as_of=2026-11-24&where=name:has:改名")).await;
    assert_eq!(list["records"].as_array().map(Vec::len), Some(1), "{list}");
    let list = olga.json(&format!("{OUTFALLS}/records?words=三个")).await;
    assert_eq!(list["records"][0]["values"]["code"], "PL-1", "two characters are found");

    let (status, _) = ask(&olga, "DELETE", &path, json!({"version": 4, "why": "重复"})).await;
    assert_eq!(status, 200);
    assert_eq!(olga.json(&format!("{OUTFALLS}/records")).await["records"], json!([]));
    let (status, back) =
        ask(&olga, "POST", &format!("{path}/restore"), json!({"version": 5, "why": "误删"})).await;
    assert_eq!((status, &back["retired"]), (200, &json!(false)), "{back}");
    world.end().await;
}

#[tokio::test]
async fn lists_filter_sort_page_and_change_in_bulk() {
    let world = world().await;
    let olga = world.user("olga").await;
    let mut rids = Vec::new();
    for nth in 0..25 {
        let row = outfall(&olga, &format!("K-{nth:02}")).await;
        rids.push(row["rid"].clone());
    }
    let mut path = format!("{OUTFALLS}/records?sort=-code&limit=10&total=true");
    let (mut codes, mut pages) = (Vec::new(), 0);
    loop {
        let page = olga.json(&path).await;
        assert_eq!(page["total"], 25);
        pages += 1;
        for row in page["records"].as_array().expect("records") {
            codes.push(row["values"]["code"].as_str().expect("a code").to_owned());
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{OUTFALLS}/records?sort=-code&limit=10&total=true&after={next}");
    }
    let wanted: Vec<String> = (0..25).rev().map(|nth| format!("K-{nth:02}")).collect();
    assert_eq!((pages, codes), (3, wanted));
    let some = olga.json(&format!("{OUTFALLS}/records?where=code:in:K-03|K-04|X&where=area:eq:140603")).await;
    assert_eq!(some["records"].as_array().map(Vec::len), Some(2));
    for (query, field) in [
        ("where=nothing:eq:1", "where"),
        ("where=code:like:K", "where"),
        ("sort=nothing", "sort"),
        ("bbox=1,2,3", "bbox"),
        ("due=soon", "due"),
        ("limit=0", "limit"),
        ("unknown=1", "query"),
        ("as_of=tomorrow", "as_of"),
    ] {
        let (status, problem) = olga.problem(&format!("{OUTFALLS}/records?{query}")).await;
        assert_eq!((status, problem["field"].as_str()), (400, Some(field)), "{query}: {problem}");
    }
    let body = json!({"rids": [rids[0], rids[1], rids[1], 999], "values": {"town": "井坪镇"}, "why": "补录"});
    let (status, done) = ask(&olga, "POST", &format!("{OUTFALLS}/bulk"), body).await;
    let ok: Vec<&Value> = done["results"].as_array().expect("results").iter().map(|one| &one["ok"]).collect();
    assert_eq!(
        (status, &done["changed"], ok),
        (200, &json!(2), vec![&json!(true), &json!(true), &json!(false), &json!(false)])
    );
    let view = json!({"register": "river-outfalls", "name": "我的", "query": {"where": ["area:eq:140603"]}, "shared": true});
    let (status, kept) = ask(&olga, "PUT", "/api/v1/views", view).await;
    assert_eq!(status, 200, "{kept}");
    assert_eq!(olga.json("/api/v1/views?register=river-outfalls").await[0]["name"], "我的");
    let due = olga.json("/api/v1/due?within=366").await;
    assert_eq!(
        due["rows"].as_array().map(Vec::len),
        Some(25),
        "every outfall found has a deadline to be measured"
    );
    world.end().await;
}

/// Imports a file and waits for what became of it.
async fn import(caller: &Caller, register: &str, file: Vec<u8>, options: Value) -> Value {
    let form =
        Form::new().part("file", Part::bytes(file).file_name("table")).text("options", options.to_string());
    let answer = caller.upload(&format!("/api/v1/registers/{register}/imports"), form).await;
    let status = answer.status().as_u16();
    let begun: Value = answer.json().await.expect("JSON");
    assert_eq!(status, 202, "{begun}");
    loop {
        let told = caller.json(&format!("/api/v1/imports/{}", begun["id"])).await;
        if told["state"] != "running" {
            return told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn count(caller: &Caller) -> u64 {
    let page = caller.json(&format!("{OUTFALLS}/records?limit=1&total=true")).await;
    page["total"].as_u64().expect("a total")
}

/// The headings of the fields the imports fill, as an export has them.
async fn headings(caller: &Caller) -> String {
    let register = caller.json(OUTFALLS).await;
    let name = |id: &str| {
        let fields = register["fields"].as_array().expect("fields");
        let field = fields.iter().find(|field| field["id"] == id).expect(id);
        field["name"]["zh"].as_str().expect("a name").to_owned()
    };
    ["code", "name", "kind", "area", "place", "river"].map(name).join(",") + "\n"
}

#[tokio::test]
async fn tables_come_in_dry_whole_or_in_part_and_every_bad_row_is_told() {
    let world = world().await;
    let olga = world.user("olga").await;
    let head = headings(&olga).await;
    made(&olga, "rivers", json!({"code": "sanggan", "name": "桑干河"})).await;
    let rows = "A-1,一号,工业排污口,平鲁区,\"112.3,39.5\",sanggan\n\
        A-2,二号,海洋,平鲁区,\"112.3,39.5\",\n\
        A-3,三号,工业排污口,平鲁区,\"39.5,112.3\",\n\
        A-4,四号,工业排污口,平鲁区,\"112.3,39.5\",nowhere\n\
        A-1,又是一号,工业排污口,平鲁区,,\n\
        =HYPERLINK(1),公式,工业排污口,平鲁区,,\n";
    let text = format!("{head}{rows}");
    let table = text.into_bytes();
    let tried = import(&olga, "river-outfalls", table.clone(), json!({"mode": "dry_run"})).await;
    assert_eq!(
        (&tried["state"], &tried["read"], &tried["written"]),
        (&json!("done"), &json!(6), &json!(false)),
        "{tried}"
    );
    let lines: Vec<(u64, &str)> = tried["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| (fault["line"].as_u64().expect("a line"), fault["field"].as_str().expect("a field")))
        .collect();
    assert_eq!(lines, [(3, "kind"), (4, "place"), (5, "river"), (6, "code")], "{tried}");
    assert_eq!(count(&olga).await, 0);
    let whole = import(&olga, "river-outfalls", table.clone(), json!({"mode": "all_or_nothing"})).await;
    assert_eq!((&whole["state"], &whole["written"]), (&json!("refused"), &json!(false)), "{whole}");
    assert_eq!(count(&olga).await, 0);
    let good = import(&olga, "river-outfalls", table, json!({"mode": "good_rows"})).await;
    assert_eq!((&good["created"], &good["bad"]), (&json!(2), &json!(4)), "{good}");
    assert_eq!(count(&olga).await, 2);
    let faults =
        olga.get(&format!("/api/v1/imports/{}/faults.csv", good["id"])).await.text().await.expect("CSV");
    assert_eq!(faults.lines().count(), 5, "{faults}");
    let row = olga.json(&format!("{OUTFALLS}/records?where=code:eq:A-1")).await;
    assert_eq!(row["records"][0]["values"]["river"]["title"], "桑干河");
    let again = format!("{head}A-1,改了名,工业排污口,平鲁区,,\n");
    let options = json!({"mode": "all_or_nothing", "match": "upsert"});
    let again = import(&olga, "river-outfalls", again.into_bytes(), options).await;
    assert_eq!((&again["changed"], &again["created"]), (&json!(1), &json!(0)), "{again}");
    // 一号 in GB 18030, as older office programs write it.
    let gbk = b"code,name,kind,area\nG-1,\xd2\xbb\xba\xc5,industrial,140603\n".to_vec();
    let told = import(&olga, "river-outfalls", gbk, json!({"mode": "all_or_nothing"})).await;
    assert_eq!(told["created"], 1, "{told}");
    let row = olga.json(&format!("{OUTFALLS}/records?where=code:eq:G-1")).await;
    assert_eq!(row["records"][0]["values"]["name"], "一号");
    // A cell that looks like a formula goes out so that no spreadsheet runs it.
    let csv = olga.get(&format!("{OUTFALLS}/export?format=csv")).await.text().await.expect("CSV");
    assert!(csv.contains("'=HYPERLINK(1)") && csv.contains("改了名"), "{csv}");
    world.end().await;
}

#[tokio::test]
async fn files_that_are_none_are_refused_and_nothing_is_written() {
    let world = world().await;
    let olga = world.user("olga").await;
    for (what, bytes, options) in [
        ("a workbook that is none", b"PK\x03\x04 and then nothing".to_vec(), json!({})),
        ("an empty file", Vec::new(), json!({})),
        ("broken GeoJSON", b"{\"type\": \"FeatureCollection\", \"features\": [".to_vec(), json!({})),
        ("no column that fits", b"a,b\n1,2\n".to_vec(), json!({})),
        ("a mapping to nothing", b"a,b\n1,2\n".to_vec(), json!({"mapping": {"a": "nothing"}})),
        ("a base that is no GeoPackage", b"SQLite format 3\0 and then nothing".to_vec(), json!({})),
    ] {
        let mut options = options;
        options["mode"] = json!("good_rows");
        let told = import(&olga, "river-outfalls", bytes, options).await;
        assert_eq!(told["state"], "failed", "{what}: {told}");
        assert!(told["error"].as_str().is_some_and(|error| !error.is_empty()), "{what}: {told}");
        assert_eq!(told["written"], false);
    }
    assert_eq!(count(&olga).await, 0);
    world.end().await;
}

#[tokio::test]
async fn layers_come_in_and_lists_go_out_in_every_form_and_come_back_the_same() {
    let world = world().await;
    let olga = world.user("olga").await;
    let ring = |points: &str| format!("{{\"type\":\"Polygon\",\"coordinates\":[[{points}]]}}");
    let square = ring("[112.40,39.30],[112.42,39.30],[112.42,39.32],[112.40,39.32],[112.40,39.30]");
    let crossed = ring("[112.40,39.30],[112.42,39.32],[112.42,39.30],[112.40,39.32],[112.40,39.30]");
    let open = ring("[112.40,39.30],[112.42,39.30],[112.42,39.32],[112.40,39.32]");
    let feature = |code: &str, shape: &str| {
        format!(
            "{{\"type\":\"Feature\",\"geometry\":{shape},\"properties\":{{\"code\":\"{code}\",\"name\":\"{code}\",\
             \"kind\":\"built_up\",\"valid_from\":\"2026-01-01\"}}}}"
        )
    };
    let layer = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{},{},{}]}}",
        feature("Z-1", &square),
        feature("Z-2", &crossed),
        feature("Z-3", &open)
    );
    let told = import(&olga, "zones", layer.into_bytes(), json!({"mode": "good_rows"})).await;
    assert_eq!((&told["created"], &told["bad"]), (&json!(1), &json!(2)), "{told}");
    let lines: Vec<u64> = told["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .filter_map(|fault| fault["line"].as_u64())
        .collect();
    assert_eq!(lines, [2, 3], "{told}");

    let zones = "/api/v1/registers/zones";
    let inside = olga.json(&format!("{zones}/records?bbox=112.41,39.31,112.5,39.4")).await;
    assert_eq!(inside["records"].as_array().map(Vec::len), Some(1));
    let outside = olga.json(&format!("{zones}/records?bbox=113.41,39.31,113.5,39.4")).await;
    assert_eq!(outside["records"].as_array().map(Vec::len), Some(0));
    let before = inside["records"][0]["values"].clone();
    for form in ["csv", "xlsx", "geojson", "gpkg"] {
        let file = olga.get(&format!("{zones}/export?format={form}")).await;
        assert_eq!(file.status().as_u16(), 200, "{form}");
        let bytes = file.bytes().await.expect("bytes").to_vec();
        let told = import(&olga, "zones", bytes, json!({"mode": "all_or_nothing", "match": "upsert"})).await;
        assert_eq!((&told["state"], &told["bad"]), (&json!("done"), &json!(0)), "{form}: {told}");
        let after = olga.json(&format!("{zones}/records")).await;
        assert_eq!(after["records"].as_array().map(Vec::len), Some(1), "{form}");
        assert_eq!(after["records"][0]["values"], before, "{form}");
    }
    let parquet = olga.get(&format!("{zones}/export?format=parquet")).await.bytes().await.expect("bytes");
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let (status, problem) = olga.problem(&format!("{zones}/export?format=dbf")).await;
    assert_eq!((status, problem["field"].as_str()), (400, Some("format")));
    world.end().await;
}

#[tokio::test]
async fn rules_of_place_and_season_answer_for_a_point_and_a_day() {
    let world = world().await;
    let olga = world.user("olga").await;
    let square = json!({"type": "Polygon", "coordinates":
        [[[112.40, 39.30], [112.42, 39.30], [112.42, 39.32], [112.40, 39.32], [112.40, 39.30]]]});
    let zone = made(
        &olga,
        "zones",
        json!({"code": "RR", "name": "环路内", "kind": "ring_road",
        "valid_from": "2026-01-01", "outline": square, "decided_by": "市政府", "document": "通告"}),
    )
    .await;
    let at = |day: &str| format!("/api/v1/zones/at?lon=112.41&lat=39.31&day={day}");
    assert_eq!(olga.json(&at("2026-06-01")).await["zones"], json!([]), "drawn, not in force");
    let path = format!("/api/v1/registers/zones/records/{}/transitions/adopt", zone["rid"]);
    let (status, adopted) = ask(&olga, "POST", &path, json!({"version": 1, "why": "发布"})).await;
    assert_eq!(status, 200, "{adopted}");
    let held = olga.json(&at("2026-06-01")).await;
    assert_eq!(
        (&held["zones"][0]["kind"], &held["zones"][0]["from"]),
        (&json!("ring_road"), &json!("2026-01-01"))
    );
    assert_eq!(olga.json(&at("2025-06-01")).await["zones"], json!([]), "before its first day");
    let (status, _) = olga.problem("/api/v1/zones/at?lon=412&lat=39").await;
    assert_eq!(status, 400);

    made(
        &olga,
        "seasons",
        json!({"code": "H-2026", "kind": "heating", "year": 2026,
        "starts_on": "2026-11-01", "ends_on": "2027-03-31", "decided_by": "市政府"}),
    )
    .await;
    let season = async |day: &str| {
        let calendar = olga.json(&format!("/api/v1/calendar?day={day}")).await;
        calendar["seasons"][0].clone()
    };
    assert_eq!(season("2026-12-24").await["held"], true);
    assert_eq!(season("2027-01-24").await["held"], true);
    let unknown = season("2028-12-24").await;
    assert_eq!((&unknown["held"], &unknown["missing_year"]), (&Value::Null, &json!(2028)), "cannot be told");
    world.end().await;
}

#[tokio::test]
async fn who_discharges_above_a_section_and_how_far() {
    let world = world().await;
    let olga = world.user("olga").await;
    made(&olga, "rivers", json!({"code": "main", "name": "干流"})).await;
    made(&olga, "rivers", json!({"code": "side", "name": "支流", "flows_into": "main", "mouth_km": 30}))
        .await;
    let section = made(
        &olga,
        "sections",
        json!({"code": "S", "name": "断面", "river": "main", "chainage_km": 10,
        "area": "140603", "level": "national", "body": "river", "target_class": "iii"}),
    )
    .await;
    for (code, river, km) in [
        ("above", "main", json!(25)),
        ("below", "main", json!(5)),
        ("side", "side", json!(4)),
        ("somewhere", "main", Value::Null),
    ] {
        made(
            &olga,
            "river-outfalls",
            json!({"code": code, "name": code, "kind": "industrial", "area": "140603",
            "river": river, "chainage_km": km, "pipe_km": 0}),
        )
        .await;
    }
    let answer =
        olga.json(&format!("/api/v1/graph/sections/{}?direction=up&kinds=outlet", section["rid"])).await;
    let found: Vec<(String, Value, Value)> = answer["found"]
        .as_array()
        .expect("found")
        .iter()
        .map(|one| {
            (
                one["record"]["key"].as_str().expect("a key").to_owned(),
                one["km"].clone(),
                one["certain"].clone(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("above".to_owned(), json!(15.0), json!(true)),
            ("side".to_owned(), json!(24.0), json!(true)),
            ("somewhere".to_owned(), Value::Null, json!(false)),
        ],
        "{answer}"
    );
    world.end().await;
}

#[tokio::test]
async fn one_answer_tells_everything_about_an_enterprise() {
    let world = world().await;
    let olga = world.user("olga").await;
    let code = "91140600MA0K000000";
    let sheet = olga.json("/api/v1/registers/enterprises").await;
    let mut values = json!({"name": "示例煤业", "area": "140603"});
    values[sheet["key"].as_str().expect("a key")] = json!(code);
    for field in sheet["fields"].as_array().expect("fields").iter().filter(|field| field["required"] == true)
    {
        let id = field["id"].as_str().expect("an id");
        if values[id].is_null() {
            values[id] = match field["type"].as_str() {
                Some("enum") => field["values"][0]["id"].clone(),
                Some("number" | "integer") => field["min"].as_f64().map_or(json!(1), |min| json!(min)),
                Some("date") => json!("2026-01-01"),
                _ => json!("1"),
            };
        }
    }
    let enterprise = made(&olga, "enterprises", values).await;
    let outlet = json!({"code": format!("{code}-DW001"), "number": "DW001", "name": "总排口", "enterprise": code,
        "area": "140603", "medium": "water", "station": OUTLET});
    let sheet = olga.json("/api/v1/registers/outlets").await;
    let mut values = outlet;
    for field in sheet["fields"].as_array().expect("fields").iter().filter(|field| field["required"] == true)
    {
        let id = field["id"].as_str().expect("an id");
        if values[id].is_null() {
            values[id] = if field["type"] == "enum" { field["values"][0]["id"].clone() } else { json!("1") };
        }
    }
    made(&olga, "outlets", values).await;
    let (hour, mean) = (Grain::Hour, StatKind::Mean);
    for (start, value) in [("2026-11-22T08:00", 60.0), ("2026-11-22T09:00", 40.0)] {
        world.statistic(OUTLET, "w01018", hour, mean, start, value, true, (60, 45, 0)).await;
    }
    let file = olga.json(&format!("/api/v1/enterprises/{}/file", enterprise["rid"])).await;
    assert_eq!(file["enterprise"]["values"]["name"], "示例煤业");
    assert_eq!(file["sections"][0]["register"], "outlets");
    let station = &file["stations"][0];
    assert_eq!(
        (&station["station"]["code"], &station["devices"][0]["mn"]),
        (&json!(OUTLET), &json!("MN-t-outlet"))
    );
    let over = &station["over"][0];
    assert_eq!(
        (&over["limit"], &over["judged"], &over["over"]),
        (&json!(50.0), &json!(2), &json!(1)),
        "one of two hours was above 50 mg/L: {station}"
    );
    let related =
        olga.json(&format!("/api/v1/registers/enterprises/records/{}/related", enterprise["rid"])).await;
    assert_eq!(related["groups"][0]["register"], "outlets");
    let answer = olga
        .post("/api/v1/sql", json!({"query": "SELECT o.name, o.enterprise FROM outlets o JOIN enterprises e ON o.area = e.area"}))
        .await;
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["rows"], json!([["总排口", code]]), "registers stand in the SQL catalog: {answer}");
    world.end().await;
}

#[tokio::test]
async fn files_of_records_are_kept_by_hash_and_a_sign_leads_to_its_record() {
    let world = world().await;
    let olga = world.user("olga").await;
    let form = || {
        Form::new().part(
            "file",
            Part::bytes(b"abc".to_vec()).file_name("照片.jpg").mime_str("image/jpeg").expect("a type"),
        )
    };
    let kept: Value = olga.upload("/api/v1/attachments", form()).await.json().await.expect("JSON");
    let hash = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
    assert_eq!(kept["hash"], hash, "SM3 of abc, the example of GB/T 32905");
    let row = made(
        &olga,
        "river-outfalls",
        json!({"code": "P", "name": "P", "kind": "industrial", "area": "140603",
        "photos": [hash]}),
    )
    .await;
    assert_eq!(row["values"]["photos"][0]["name"], "照片.jpg");
    let back = olga.get(&format!("/api/v1/attachments/{hash}")).await;
    assert_eq!(back.headers()["content-type"], "image/jpeg");
    assert_eq!(back.bytes().await.expect("bytes").as_ref(), b"abc");
    let (status, none) = ask(
        &olga,
        "POST",
        &format!("{OUTFALLS}/records"),
        json!({"values": {"code": "Q", "name": "Q",
        "kind": "industrial", "area": "140603", "photos": ["0".repeat(64)]}}),
    )
    .await;
    assert_eq!((status, at_fault(&none)), (422, vec!["photos"]), "{none}");
    let sign = olga.get(&format!("{OUTFALLS}/records/{}/qr.svg", row["rid"])).await;
    assert_eq!(sign.headers()["content-type"], "image/svg+xml");
    assert!(sign.text().await.expect("SVG").contains("<svg"));
    world.end().await;
}
