//! The journal over HTTP: who reads it, and what everyone may verify with.

use reqwest::StatusCode;
use sanggan_journal::{Checkpoint, HeadKey, verify_consistency, verify_inclusion};
use sanggan_store::{Details, Role};
use serde_json::{Value, json};

use crate::world::World;

fn hash(text: &Value) -> [u8; 32] {
    hex::decode(text.as_str().expect("text")).expect("hexadecimal").try_into().expect("32 bytes")
}

fn hashes(list: &Value) -> Vec<[u8; 32]> {
    list.as_array().expect("a list").iter().map(hash).collect()
}

#[tokio::test]
async fn everyone_gets_the_signed_head_and_an_auditor_the_proofs() {
    let world = World::at("2020-04-01T11:05").await;
    world.make("audi", Role::AuditAdmin, Details::default()).await;
    let anyone = world.anyone();
    let text = async |path: &str| {
        let answer = anyone.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.expect("text")
    };
    let key = HeadKey::from_pem(&text("/api/v1/journal/key").await).expect("a key");
    let earlier = Checkpoint::verified(&text("/api/v1/journal/checkpoint").await, &key).expect("signed");
    assert_eq!(earlier.origin, "sanggan/test");
    let ada = world.user("ada").await;
    let body = json!({"name": "eve", "role": "viewer", "password": "long enough 77"});
    assert_eq!(ada.post("/api/v1/users", body).await.status(), StatusCode::CREATED);
    let head = Checkpoint::verified(&text("/api/v1/journal/checkpoint").await, &key).expect("signed");
    assert!(head.size > earlier.size);

    let audi = world.user("audi").await;
    let from = earlier.size;
    let said = audi.json(&format!("/api/v1/journal/consistency?from={from}&to={}", head.size)).await;
    assert!(verify_consistency(from, &earlier.root, head.size, &head.root, &hashes(&said["proof"])));
    let page = audi.json("/api/v1/journal?action=user.create&limit=2").await;
    let newest = &page["entries"][0];
    assert_eq!((&newest["subject"], &newest["who"]), (&json!("eve"), &json!("user:ada")));
    assert!(page["next"].is_i64(), "{page}");
    let seq = newest["seq"].as_u64().expect("a number");
    let entry = audi.json(&format!("/api/v1/journal/entry/{seq}")).await;
    assert_eq!((&entry["intact"], &entry["withheld"]), (&json!(true), &json!(false)));
    assert_eq!(entry["after"]["role"], "viewer");
    let leaf = sanggan_journal::leaf_hash(entry["bytes"].as_str().expect("bytes").as_bytes());
    assert_eq!(hash(&entry["leaf"]), leaf);
    let said = audi.json(&format!("/api/v1/journal/proof?seq={seq}&size={}", head.size)).await;
    assert!(verify_inclusion(&leaf, seq - 1, head.size, &hashes(&said["proof"]), &head.root));

    let tile = anyone.get("/api/v1/journal/tile/0/0").await.bytes().await.expect("bytes");
    let start = (seq as usize - 1) * 32;
    assert_eq!(tile[start..start + 32], leaf);
    for path in ["tile/0/99", "tile/9/0", "tile/x/0"] {
        assert_eq!(anyone.problem(&format!("/api/v1/journal/{path}")).await.0, 404, "{path}");
    }
    for path in ["proof?seq=0", "proof?seq=5&size=99999", "entry/99999", "entry/x", "consistency?from=99999"]
    {
        assert_eq!(audi.problem(&format!("/api/v1/journal/{path}")).await.0, 404, "{path}");
    }
    assert_eq!(anyone.problem("/api/v1/journal").await.0, 401);
    assert_eq!(ada.problem("/api/v1/journal").await.0, 403);
    world.end().await;
}
