//! Programs with tokens, and what they cannot do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{Caller, World};

async fn token(caller: &Caller, scope: &str) -> (String, i64) {
    let answer = caller.post("/api/v1/tokens", json!({"name": "QGIS", "scope": scope})).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body: Value = answer.json().await.expect("JSON");
    (body["secret"].as_str().expect("a secret").to_owned(), body["id"].as_i64().expect("a number"))
}

#[tokio::test]
async fn a_reading_token_reads_in_its_users_name_and_changes_nothing() {
    let world = World::at("2020-04-01T11:05").await;
    let olga = world.user("olga").await;
    let (secret, id) = token(&olga, "read").await;
    assert!(secret.starts_with("sgt_"), "{secret}");
    let bearer = world.program(&format!("Bearer {secret}"));
    assert_eq!(bearer.json("/api/v1/session").await["user"]["name"], "olga");
    assert_eq!(bearer.get("/api/v1/devices").await.status(), StatusCode::OK);
    // As a desktop GIS sends it: the user's name, and the token for the password.
    let basic = |name: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")));
    assert_eq!(world.program(&basic("olga", &secret)).get("/api/v1/devices").await.status(), StatusCode::OK);
    assert_eq!(world.program(&basic("vera", &secret)).problem("/api/v1/devices").await.0, 401);
    // A proxy's password in front is none of ours.
    assert_eq!(
        world.program(&basic("olga", "river-water")).get("/api/v1/overview").await.status(),
        StatusCode::OK
    );

    // SQL only asks; everything else that is no GET is refused, whatever its user may.
    let ask = json!({"query": "SELECT 1 AS one"});
    assert_eq!(bearer.post_without_header("/api/v1/sql", ask).await.status(), StatusCode::OK);
    let document = sanggan_api::openapi();
    for (method, path, id) in sanggan_api::openapi_operations(&document) {
        if method == "GET" || ["askSql", "assessRows"].contains(&id.as_str()) {
            continue;
        }
        let path = path.replace(['{', '}'], "");
        let answer = bearer.send(method.as_str(), &path, Some(json!({}))).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{id}");
    }
    let kept = olga.json("/api/v1/tokens").await;
    assert_eq!((kept[0]["id"].as_i64(), &kept[0]["scope"]), (Some(id), &json!("read")));
    assert!(kept[0]["last_used_at"].is_string() && kept[0].get("secret").is_none(), "{kept}");

    assert_eq!(
        olga.send("DELETE", &format!("/api/v1/tokens/{id}"), None).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(bearer.problem("/api/v1/devices").await.0, 401);
    world.end().await;
}

#[tokio::test]
async fn a_writing_token_needs_no_header_makes_no_tokens_and_ends_when_it_says() {
    let world = World::at("2020-04-01T11:05").await;
    let ada = world.user("ada").await;
    let (secret, _) = token(&ada, "write").await;
    let bearer = world.program(&format!("Bearer {secret}"));
    let body = json!({"name": "eve", "role": "viewer", "password": "long enough 77"});
    assert_eq!(bearer.post_without_header("/api/v1/users", body.clone()).await.status(), StatusCode::CREATED);
    let again = json!({"name": "QGIS", "scope": "write"});
    assert_eq!(bearer.post("/api/v1/tokens", again).await.status(), StatusCode::FORBIDDEN);
    let password = json!({"old": "x", "new": "y"});
    assert_eq!(bearer.post("/api/v1/session/password", password).await.status(), StatusCode::FORBIDDEN);
    // A browser may send a Basic password by itself, so it does not stand for the header.
    let basic = world.program(&format!("Basic {}", STANDARD.encode(format!("ada:{secret}"))));
    let answer = basic.post_without_header("/api/v1/users", body).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    world.set_now("2020-07-01T11:05");
    assert_eq!(bearer.problem("/api/v1/users").await.0, 401, "after 90 days");
    world.end().await;
}

#[tokio::test]
async fn the_security_administrator_sees_and_revokes_everybodys_tokens_and_others_only_their_own() {
    let world = World::at("2020-04-01T11:05").await;
    let (olga, ada) = (world.user("olga").await, world.user("ada").await);
    let (_, id) = token(&olga, "read").await;
    assert_eq!(olga.get("/api/v1/tokens?all=true").await.status(), StatusCode::FORBIDDEN);
    let vera = world.user("vera").await;
    assert_eq!(vera.json("/api/v1/tokens").await, json!([]));
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(vera.send("DELETE", &path, None).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ada.json("/api/v1/tokens?all=true").await[0]["user"], "olga");
    assert_eq!(ada.send("DELETE", &path, None).await.status(), StatusCode::NO_CONTENT);
    assert!(olga.json("/api/v1/tokens").await[0]["revoked_at"].is_string());
    // Guesses are soon told to wait.
    let thief = world.program("Bearer sgt_guess");
    let mut last = 0;
    for _ in 0..8 {
        last = thief.get("/api/v1/devices").await.status().as_u16();
    }
    assert_eq!(last, 429);
    world.end().await;
}
