//! What holds for every path: problems, headers, the app's files, health, the document.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn an_unknown_api_path_is_a_problem_and_any_other_the_app() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    for path in ["/api/v1/nothing", "/api/", "/api/v2/city", "/api/v1/stations/x/y/z"] {
        let (status, problem) = caller.problem(path).await;
        assert_eq!(
            (status, &problem["code"], &problem["status"]),
            (404, &"not_found".into(), &404.into()),
            "{path}"
        );
    }
    for path in ["/", "/stations/t-air", "/stations/sz.001", "/explain?path=x"] {
        let answer = caller.get(path).await;
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-cache");
        assert!(answer.text().await.expect("a body").contains("<title>index</title>"));
    }
    for path in ["/assets/gone.js", "/favicon.ico"] {
        assert_eq!(caller.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let refused = caller.post("/api/v1/city", Value::Null).await;
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    world.end().await;
}

#[tokio::test]
async fn files_named_after_their_content_are_kept_and_compressed() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    let answer = caller.get_with("/assets/app-1a2b.js", ("accept-encoding", "gzip")).await;
    let headers = answer.headers().clone();
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["content-encoding"], "gzip");
    assert!(answer.bytes().await.expect("a body").len() < 1_000);
    let tag = headers["etag"].to_str().expect("text");
    let again = caller.get_with("/assets/app-1a2b.js", ("if-none-match", tag)).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    world.end().await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    for path in ["/", "/api/v1/city", "/api/v1/nothing", "/healthz"] {
        let answer = caller.get(path).await;
        let policy = answer.headers()["content-security-policy"].to_str().expect("text");
        assert!(
            policy.contains("default-src 'self'") && policy.contains("worker-src 'self' blob:"),
            "{path}"
        );
        assert!(!policy.contains("http"), "no outside host: {policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["x-frame-options"], "DENY");
    }
    world.end().await;
}

#[tokio::test]
async fn health_says_whether_lake_and_store_work() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.anyone();
    let health = caller.json("/healthz").await;
    assert_eq!(
        (&health["status"], &health["lake"], &health["store"]),
        (&"ok".into(), &true.into(), &true.into())
    );
    world.lake.close().await;
    let mut answer = caller.get("/healthz").await;
    for _ in 0..50 {
        if answer.status() != StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = caller.get("/healthz").await;
    }
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["lake"], false);
    world.end().await;
}

#[tokio::test]
async fn the_document_describes_every_operation_with_its_answer() {
    let world = World::at("2020-04-01T11:05").await;
    let document = world.anyone().json("/api/openapi.json").await;
    assert_eq!(document, serde_json::from_str::<Value>(&sanggan_api::openapi_json()).expect("JSON"));
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for name in
        ["Overview", "AirNow", "Explanation", "ProblemBody", "LiveObservations", "LiveAir", "FrameDetail"]
    {
        assert!(schemas.contains_key(name), "{name} in {:?}", schemas.keys());
    }
    // No reference leads nowhere.
    let text = document.to_string();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().expect("a name");
        assert!(schemas.contains_key(name), "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_faulty_time_names_its_field() {
    let world = World::at("2020-04-01T11:05").await;
    let caller = world.user("vera").await;
    let rows = [
        ("/api/v1/stations/t-air/series?parameter=a34004&from=soon", "from"),
        ("/api/v1/stations/t-air/series?parameter=a34004&from=2020-04-02&to=2020-04-01", "to"),
        ("/api/v1/stations/t-air/series?parameter=a34004&cadence=yearly", "cadence"),
        ("/api/v1/stations/t-air/series?parameter=a%2034004", "parameter"),
        ("/api/v1/stations/t-air/series", "query"),
        ("/api/v1/stations/t-air/statistics?parameter=a34004&grain=week", "grain"),
        ("/api/v1/stations/t-air/air/hours?from=2000-01-01&to=2020-01-01", "from"),
        ("/api/v1/stations/t-air/air/days?edition=1999", "edition"),
        ("/api/v1/frames?status=lost", "status"),
        ("/api/v1/frames?limit=0", "limit"),
        ("/api/v1/frames/abc", "id"),
        ("/api/v1/explain/hour/t-air/a34004/mean/2020-04-01T10:30", "start"),
        ("/api/v1/explain/annual/t-air/next", "year"),
    ];
    for (path, field) in rows {
        let (status, problem) = caller.problem(path).await;
        assert_eq!((status, &problem["field"]), (400, &field.into()), "{path}: {problem}");
    }
    world.end().await;
}
