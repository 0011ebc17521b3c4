//! What of registers the public and enterprises see.

use sanggan_records::RecordId;
use sanggan_store::{Details, Role};
use serde_json::json;

use crate::registers::{OUTFALLS, ask, made, outfall, world};

#[tokio::test]
async fn the_public_reads_what_is_public_and_nothing_else() {
    let world = world().await;
    let (olga, anyone) = (world.user("olga").await, world.anyone());
    outfall(&olga, "SECRET").await;
    made(
        &olga,
        "river-outfalls",
        json!({"code": "OPEN", "name": "公开", "kind": "industrial", "area": "140603",
        "decision": "keep", "contact_phone": "13800000000", "town": "井坪镇"}),
    )
    .await;
    let list = anyone.json(&format!("{OUTFALLS}/records")).await;
    let rows = list["records"].as_array().expect("records");
    assert_eq!(rows.len(), 1, "{list}");
    assert_eq!(rows[0]["values"]["code"], "OPEN");
    let text = list.to_string();
    assert!(!text.contains("13800000000") && !text.contains("井坪镇") && !text.contains("olga"), "{text}");
    let (status, _) = anyone.problem(&format!("{OUTFALLS}/records?where=town:has:井坪")).await;
    assert!(matches!(status, 401 | 403), "a field that is not public is no way to ask");
    let (status, _) = anyone.problem("/api/v1/registers/five-step-problems/records").await;
    assert!(matches!(status, 401 | 403));
    let csv = anyone.get(&format!("{OUTFALLS}/export?format=csv")).await.text().await.expect("CSV");
    assert!(csv.contains("OPEN") && !csv.contains("13800000000") && !csv.contains("井坪镇"), "{csv}");
    for path in ["records?as_of=2026-11-23", "export?format=csv&as_of=2026-11-23"] {
        let (status, _) = anyone.problem(&format!("{OUTFALLS}/{path}")).await;
        assert_eq!(status, 401, "what was public once need not be so any more: {path}");
    }
    let (status, _) = ask(&anyone, "POST", &format!("{OUTFALLS}/records"), json!({"values": {}})).await;
    assert_eq!(status, 401);
    world.end().await;
}

#[tokio::test]
async fn an_enterprise_is_told_what_is_due_of_its_own_records_only() {
    let world = world().await;
    let olga = world.user("olga").await;
    let mut own = None;
    for (code, name) in [("ENT-1", "甲"), ("ENT-2", "乙")] {
        let enterprise = made(&olga, "enterprises", json!({"code": code, "name": name})).await;
        own = own.or(enterprise["rid"].as_i64());
        made(
            &olga,
            "river-outfalls",
            json!({"code": format!("O-{code}"), "name": name, "kind": "industrial",
            "area": "140603", "decision": "keep", "enterprise": code}),
        )
        .await;
    }
    let details = Details { enterprise: own.map(RecordId), ..Details::default() };
    world.make("erna", Role::Enterprise, details).await;
    let erna = world.user("erna").await;
    let list = erna.json(&format!("{OUTFALLS}/records")).await;
    assert_eq!(list["records"].as_array().map(Vec::len), Some(2), "both are public");
    for row in list["records"].as_array().expect("records") {
        let history = erna.get(&format!("{OUTFALLS}/records/{}/history", row["rid"])).await.status().as_u16();
        let own = row["values"]["code"] == "O-ENT-1";
        assert_eq!(history, if own { 200 } else { 404 }, "who changed it and why is not public: {row}");
    }
    let past = erna.json(&format!("{OUTFALLS}/records?as_of=2026-11-23")).await;
    assert_eq!(past["records"].as_array().map(Vec::len), Some(1), "the past of its own only");
    let due = erna.json("/api/v1/due?within=366").await;
    let of: Vec<&str> = due["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["record"]["register"] == "river-outfalls")
        .filter_map(|row| row["record"]["key"].as_str())
        .collect();
    assert_eq!(of, ["O-ENT-1"], "{due}");
    world.set_now("2027-11-23T10:00");
    let index = world.user("erna").await.json("/api/v1/registers").await;
    let outfalls = index["registers"].as_array().expect("registers").iter();
    let outfalls = outfalls.clone().find(|one| one["id"] == "river-outfalls").expect("outfalls");
    assert_eq!((&outfalls["count"], &outfalls["overdue"]), (&json!(2), &json!(1)));
    world.end().await;
}
