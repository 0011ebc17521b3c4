//! The whole program on a PostgreSQL database.

use std::time::{Duration, Instant};

use sanggan_testkit::{Postgres, Program};

use crate::{BINARY, START};

/// The status of `/healthz`, once it is `wanted`.
async fn health(client: &reqwest::Client, url: &str, wanted: u16) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let status = client.get(url).send().await.expect("the server answers").status().as_u16();
        if status == wanted {
            return;
        }
        assert!(Instant::now() < end, "{url} stays {status}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn it_serves_from_postgresql_outlives_its_restart_and_shows_no_password() {
    let server = Postgres::of_its_own();
    let folder = tempfile::tempdir().expect("a folder");
    let url = server.fresh_database().replace("postgres@", "postgres:geheim@");
    let settings = format!(
        "version = 1\n[store]\nurl = \"{url}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[gateway]\nlisten = \"127.0.0.1:0\"\n"
    );
    std::fs::write(folder.path().join("sanggan.toml"), settings).expect("writes");
    let shown = Program::run(BINARY, folder.path(), &["config", "show", "--config", "sanggan.toml"]);
    assert!(shown.status.success() && shown.stdout.contains(":***@"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("geheim"), "{}", shown.stdout);

    let arguments = ["serve", "--data", "data", "--config", "sanggan.toml", "--format", "json"];
    let mut program = Program::start(BINARY, folder.path(), &arguments);
    let ready = program.event("ready", START);
    let health_url = format!("http://{}/healthz", ready["http"].as_str().expect("an address"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::new();
        health(&client, &health_url, 200).await;
        server.stop();
        health(&client, &health_url, 503).await;
        server.start();
        health(&client, &health_url, 200).await;
    });
    assert!(program.stop(Duration::from_secs(60)).success(), "{}", program.said());
    assert!(!program.said().contains("geheim"), "{}", program.said());
    assert!(!folder.path().join("data/store.sqlite").exists(), "the registers are elsewhere");
    assert_eq!(server.sql("test_0", "SELECT count(*) FROM \"user\" WHERE role LIKE '%_admin'"), "3");

    // An address that leads nowhere ends the program with what to do, without the password.
    let arguments = ["serve", "--data", "data", "--set", "store.url=postgres://li:geheim@%2Fnowhere/sanggan"];
    let ran = Program::run(BINARY, folder.path(), &arguments);
    assert!(!ran.status.success());
    assert!(
        ran.stderr.contains("could not connect to the store `postgres://li@/nowhere:5432/sanggan`"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("geheim"), "{}", ran.stderr);
}
