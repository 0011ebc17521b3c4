//! Every operation × every role, with no uncovered entry.

use std::collections::BTreeSet;

use sanggan_api::auth::{OPERATIONS, operation};
use sanggan_records::RecordId;
use sanggan_store::{Details, Role, rights};
use serde_json::json;

use crate::world::{AIR, World};

#[test]
fn every_operation_stands_in_the_rights_table_once_and_every_row_is_an_operation() {
    let document = sanggan_api::openapi();
    let operations = sanggan_api::openapi_operations(&document);
    let ids: Vec<&str> = operations.iter().map(|(_, _, id)| id.as_str()).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "operation ids are distinct");
    assert!(!distinct.contains(""), "every operation has an id");
    let covered: BTreeSet<&str> = OPERATIONS.iter().map(|(id, _)| *id).collect();
    assert_eq!(covered.len(), OPERATIONS.len(), "no operation stands in the table twice");
    let uncovered: Vec<_> = distinct.difference(&covered).collect();
    let stale: Vec<_> = covered.difference(&distinct).collect();
    assert!(uncovered.is_empty(), "not in the rights table: {uncovered:?}");
    assert!(stale.is_empty(), "in the rights table, and no operation: {stale:?}");
}

#[tokio::test]
async fn the_gate_does_what_the_table_says_for_every_operation_and_role() {
    let world = World::at("2020-04-01T11:05").await;
    let document = sanggan_api::openapi();
    let mut operations = sanggan_api::openapi_operations(&document);
    // Logging out ends the session the others need.
    operations.sort_by_key(|(_, _, id)| id == "logOut");
    world.make("otto", Role::Officer, Details::default()).await;
    let enterprise = Details { enterprise: Some(RecordId(1)), ..Details::default() };
    world.make("erna", Role::Enterprise, enterprise).await;
    world.make("sami", Role::SystemAdmin, Details::default()).await;
    world.make("audi", Role::AuditAdmin, Details::default()).await;
    let roles = [
        (None, ""),
        (Some(Role::Viewer), "vera"),
        (Some(Role::Officer), "otto"),
        (Some(Role::Operator), "olga"),
        (Some(Role::Enterprise), "erna"),
        (Some(Role::SystemAdmin), "sami"),
        (Some(Role::SecurityAdmin), "ada"),
        (Some(Role::AuditAdmin), "audi"),
    ];
    assert_eq!(roles.len(), Role::ALL.len() + 1, "every role, and nobody");
    let mut wrong = Vec::new();
    for (role, name) in roles {
        let caller = if role.is_some() { world.user(name).await } else { world.anyone() };
        for (method, path, id) in &operations {
            let row = operation(id).expect("in the table");
            let path = path
                .replace("{code}", AIR)
                .replace("{station}", AIR)
                .replace("{grain}", "hour")
                .replace("{mn}", "nobody")
                .replace("{name}", "nobody")
                .replace("{parameter}", "a34004")
                .replace("{kind}", "mean")
                .replace("{measure}", "mean")
                .replace("{cadence}", "minute")
                .replace("{start}", "2020-04-01T10:00")
                .replace("{at}", "2020-04-01T10:00")
                .replace("{date}", "2020-04-01")
                .replace("{year}", "2020")
                .replace("{standard}", "gb-3095")
                .replace("{edition}", "2012")
                .replace("{id}", "1")
                .replace("{seq}", "1")
                .replace("{level}", "0")
                .replace("{index}", "0");
            // A body no operation can use: what is allowed fails later, what is not is refused before.
            let body =
                (method.as_str() != "GET" && method.as_str() != "DELETE").then(|| json!({"no": "such"}));
            let status = caller.send(method.as_str(), &path, body).await.status().as_u16();
            let refused = matches!(status, 401 | 403);
            if refused == rights::allowed(role, row) {
                wrong.push(format!("{id} as {role:?}: {status}"));
            }
            assert_ne!(status, 500, "{id}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    world.end().await;
}
