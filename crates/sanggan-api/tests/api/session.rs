//! Logging in, staying so, and what a foreign page cannot do.

use reqwest::StatusCode;
use sanggan_store::{Actor, NewUser, Role};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn a_log_in_sets_a_cookie_that_scripts_cannot_read_and_a_log_out_ends_it() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    assert_eq!(caller.json("/api/v1/session").await, json!({"user": null}));
    let answer = caller.post("/api/v1/session", json!({"name": "vera", "password": PASSWORD})).await;
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.starts_with("sanggan_session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let user = json!({"user": {
        "name": "vera", "role": "viewer", "must_change_password": false,
        "full_name": "", "areas": [], "departments": [], "enterprise": null,
    }});
    assert_eq!(answer.json::<Value>().await.expect("JSON"), user);
    assert_eq!(caller.json("/api/v1/session").await, user);
    assert_eq!(caller.get("/api/v1/stations").await.status(), StatusCode::OK);
    assert_eq!(caller.send("DELETE", "/api/v1/session", None).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(caller.json("/api/v1/session").await, json!({"user": null}));
    assert_eq!(caller.problem("/api/v1/stations").await.0, 401);
    world.end().await;
}

#[tokio::test]
async fn wrong_passwords_are_refused_and_soon_throttled() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    let mut seen = Vec::new();
    let mut wait = None;
    for _ in 0..8 {
        let answer = caller.post("/api/v1/session", json!({"name": "vera", "password": "wrong"})).await;
        seen.push(answer.status().as_u16());
        if let Some(after) = answer.headers().get("retry-after") {
            wait = after.to_str().ok().and_then(|text| text.parse::<u64>().ok());
            let problem: Value = answer.json().await.expect("a problem document");
            assert_eq!(problem["code"], "throttled");
            break;
        }
    }
    assert_eq!(seen[0], 401);
    assert_eq!(seen.last(), Some(&429), "{seen:?}");
    assert!(wait.is_some_and(|seconds| seconds >= 1));
    // The right password does not help before the wait is over.
    let answer = caller.post("/api/v1/session", json!({"name": "vera", "password": PASSWORD})).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    world.set_now("2020-04-01T12:30");
    let answer = caller.post("/api/v1/session", json!({"name": "vera", "password": PASSWORD})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    world.end().await;
}

#[tokio::test]
async fn a_request_that_changes_something_needs_the_header() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.user("ada").await;
    let body = json!({"name": "eve", "role": "operator", "password": "long enough 77"});
    let answer = caller.post_without_header("/api/v1/users", body.clone()).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(answer.text().await.expect("a body").contains("X-Sanggan"));
    let names = |rows: Value| -> Vec<String> {
        rows.as_array()
            .expect("rows")
            .iter()
            .map(|row| row["name"].as_str().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(names(caller.json("/api/v1/users").await), ["ada", "olga", "vera"]);
    assert_eq!(caller.post("/api/v1/users", body).await.status(), StatusCode::CREATED);
    assert_eq!(names(caller.json("/api/v1/users").await), ["ada", "eve", "olga", "vera"]);
    world.end().await;
}

#[tokio::test]
async fn a_first_password_opens_nothing_until_it_is_changed() {
    let world = World::at("2020-04-01T11:05").await;
    let new = NewUser::new("nora", Role::SecurityAdmin, "first password 1");
    world
        .store
        .create_user(new, &Actor::System, crate::world::moment("2020-04-01T11:05"))
        .await
        .expect("a user");
    let caller = world.anyone();
    let answer =
        caller.post("/api/v1/session", json!({"name": "nora", "password": "first password 1"})).await;
    assert_eq!(answer.json::<Value>().await.expect("JSON")["user"]["must_change_password"], true);
    assert_eq!(caller.problem("/api/v1/users").await.0, 403);
    assert_eq!(caller.get("/api/v1/overview").await.status(), StatusCode::OK);
    let wrong = json!({"old": "first password 2", "new": PASSWORD});
    assert_eq!(caller.post("/api/v1/session/password", wrong).await.status(), StatusCode::UNAUTHORIZED);
    let weak = json!({"old": "first password 1", "new": "1"});
    assert_eq!(caller.post("/api/v1/session/password", weak).await.status(), StatusCode::BAD_REQUEST);
    let right = json!({"old": "first password 1", "new": PASSWORD});
    assert_eq!(caller.post("/api/v1/session/password", right).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(caller.json("/api/v1/session").await["user"]["must_change_password"], false);
    assert_eq!(caller.get("/api/v1/users").await.status(), StatusCode::OK);
    world.end().await;
}
