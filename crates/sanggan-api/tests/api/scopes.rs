//! Areas, departments and enterprises over HTTP: nobody sees or changes what is not theirs.

use reqwest::StatusCode;
use sanggan_api::ApiSettings;
use sanggan_base::AreaCode;
use sanggan_records::RecordId;
use sanggan_store::{Details, Role};
use serde_json::{Value, json};

use crate::world::{Caller, World};

/// What only the petitions office may read.
const SECRET: &str = "张保密投诉人";
const RECORDS: &str = "/api/v1/registers/complaints/records";

async fn made(caller: &Caller, register: &str, values: Value) -> i64 {
    let path = format!("/api/v1/registers/{register}/records");
    let answer = caller.post(&path, json!({"values": values, "why": "test"})).await;
    let status = answer.status();
    let body: Value = answer.json().await.expect("JSON");
    assert!(status.is_success(), "{register}: {body}");
    body["rid"].as_i64().unwrap_or_else(|| panic!("a number: {body}"))
}

fn complaint(code: &str, area: &str, enterprise: i64) -> Value {
    json!({
        "code": code, "title": "河水发黑", "channel": "phone", "pollution": "water", "content": "…",
        "received_at": "2020-04-01T10:00:00+08:00", "area": area, "enterprise": enterprise,
        "complainant": SECRET, "complainant_phone": "13900000000",
        "place": {"type": "Point", "coordinates": [112.4, 39.3]},
    })
}

fn keys(list: &Value) -> Vec<&str> {
    let records = list["records"].as_array().expect("records");
    let mut keys: Vec<&str> =
        records.iter().map(|record| record["values"]["code"].as_str().expect("a code")).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn each_sees_and_changes_only_their_own_and_hidden_fields_appear_nowhere() {
    let world = World::with("2020-04-01T11:05", true, ApiSettings::default()).await;
    let olga = world.user("olga").await;
    let code = |nth: usize| world.pack.city.areas[nth].code.clone();
    let (here, there) = (code(0), code(1));
    let first = made(&olga, "enterprises", json!({"code": "91140600DEM0000017", "name": "甲"})).await;
    let second = made(&olga, "enterprises", json!({"code": "91140600DEM000002E", "name": "乙"})).await;
    let near = made(&olga, "complaints", complaint("C-1", here.as_str(), first)).await;
    let far = made(&olga, "complaints", complaint("C-2", there.as_str(), second)).await;

    let of = |areas: &[&AreaCode], departments: &[&str]| Details {
        areas: areas.iter().map(|area| (*area).clone()).collect(),
        departments: departments.iter().map(|id| (*id).to_owned()).collect(),
        ..Details::default()
    };
    world.make("peng", Role::Officer, of(&[&here], &["petitions"])).await;
    world.make("wang", Role::Officer, of(&[&here], &["water"])).await;
    world.make("vivi", Role::Viewer, of(&[&there], &[])).await;
    let own = Details { enterprise: Some(RecordId(first)), ..Details::default() };
    world.make("erna", Role::Enterprise, own).await;

    // Areas.
    let (peng, wang) = (world.user("peng").await, world.user("wang").await);
    let (vivi, erna) = (world.user("vivi").await, world.user("erna").await);
    assert_eq!(keys(&olga.json(RECORDS).await), ["C-1", "C-2"]);
    assert_eq!(keys(&peng.json(RECORDS).await), ["C-1"]);
    assert_eq!(keys(&vivi.json(RECORDS).await), ["C-2"]);
    assert_eq!(keys(&erna.json(RECORDS).await), ["C-1"], "of its own enterprise");
    for (who, rid) in [(&peng, far), (&vivi, near), (&erna, far)] {
        for end in ["", "/history", "/related"] {
            assert_eq!(who.problem(&format!("{RECORDS}/{rid}{end}")).await.0, 404, "{rid}{end}");
        }
    }

    // Departments and areas, changing.
    let change = async |who: &Caller, rid: i64| {
        let version = olga.json(&format!("{RECORDS}/{rid}")).await["version"].clone();
        let body = json!({"version": version, "values": {"title": "河水发黑发臭"}, "why": "核实"});
        who.send("PATCH", &format!("{RECORDS}/{rid}"), Some(body)).await.status().as_u16()
    };
    assert_eq!(change(&peng, near).await, 200, "own area and department");
    assert_eq!(change(&wang, near).await, 403, "own area, another department");
    assert_eq!(change(&peng, far).await, 404, "another area");
    assert_eq!(change(&vivi, far).await, 403, "viewers only read");
    assert_eq!(change(&erna, near).await, 403, "an enterprise does not change what is said of it");
    let moved = json!({"version": 2, "values": {"area": there.as_str()}, "why": "?"});
    let answer = peng.send("PATCH", &format!("{RECORDS}/{near}"), Some(moved)).await;
    assert!(matches!(answer.status().as_u16(), 403 | 422), "out of one's area: {}", answer.status());
    let elsewhere = json!({"values": complaint("C-3", there.as_str(), second), "why": "?"});
    let answer = peng.post(RECORDS, elsewhere).await;
    assert!(matches!(answer.status().as_u16(), 403 | 422), "in another area: {}", answer.status());

    // Hidden fields: who may read them does; nobody else finds them anywhere.
    let text = async |who: &Caller, path: &str| {
        let answer = who.get(path).await;
        let status = answer.status();
        let bytes = answer.bytes().await.expect("a body");
        (status, String::from_utf8_lossy(&bytes).into_owned())
    };
    assert!(text(&peng, &format!("{RECORDS}/{near}")).await.1.contains(SECRET));
    assert!(text(&peng, &format!("{RECORDS}/{near}/history")).await.1.contains(SECRET));
    let public = world.anyone();
    for (who, rid) in [(&wang, near), (&vivi, far), (&erna, near), (&public, near)] {
        for path in [
            RECORDS.to_owned(),
            format!("{RECORDS}/{rid}"),
            format!("{RECORDS}/{rid}/history"),
            format!("{RECORDS}/{rid}/related"),
            format!("/api/v1/registers/enterprises/records/{first}/related"),
            format!("/api/v1/enterprises/{first}/file"),
            "/api/v1/registers/complaints/export?format=csv".to_owned(),
            "/api/v1/registers/complaints/export?format=geojson".to_owned(),
            "/api/v1/registers/complaints/export?format=csv&columns=code,complainant".to_owned(),
            "/api/v1/tiles/complaints/0/0/0.mvt".to_owned(),
            "/ogc/collections/complaints/items?f=json".to_owned(),
            format!("/ogc/collections/complaints/items/{rid}?f=json"),
            "/ogc/collections/complaints/queryables?f=json".to_owned(),
        ] {
            let (_, body) = text(who, &path).await;
            assert!(!body.contains(SECRET) && !body.contains("13900000000"), "{path}");
        }
        for ask in ["where=complainant:has:张", "sort=complainant", "words=张保密"] {
            let (status, body) = text(who, &format!("{RECORDS}?{ask}")).await;
            let found = status.is_success()
                && !serde_json::from_str::<Value>(&body).expect("JSON")["records"]
                    .as_array()
                    .is_none_or(Vec::is_empty);
            assert!(!found, "{ask}: {body}");
        }
    }

    // Administrators have no part in records, nor do questions in SQL lead there.
    world.make("sami", Role::SystemAdmin, Details::default()).await;
    world.make("audi", Role::AuditAdmin, Details::default()).await;
    for name in ["ada", "sami", "audi"] {
        let admin = world.user(name).await;
        assert_eq!(admin.get(RECORDS).await.status(), StatusCode::FORBIDDEN, "{name}");
        assert_eq!(admin.problem(&format!("{RECORDS}/{near}")).await.0, 403, "{name}");
        let sql = admin.post("/api/v1/sql", json!({"query": "SELECT 1"})).await;
        assert_eq!(sql.status(), StatusCode::FORBIDDEN, "{name}");
    }
    // An auditor learns who changed what when, and none of the values.
    let audi = world.user("audi").await;
    let page = audi.json("/api/v1/journal?subject_kind=register:complaints").await;
    let seq = page["entries"][0]["seq"].as_i64().expect("an entry");
    assert_eq!(page["entries"][0]["who"], "user:peng");
    let entry = audi.json(&format!("/api/v1/journal/entry/{seq}")).await;
    assert_eq!(
        (&entry["withheld"], &entry["bytes"], &entry["intact"]),
        (&json!(true), &json!(null), &json!(true))
    );
    assert!(!entry.to_string().contains("发黑发臭"), "{entry}");
    world.end().await;
}
