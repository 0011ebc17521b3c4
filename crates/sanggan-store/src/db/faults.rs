//! A server that goes away, and addresses that lead nowhere.

use std::error::Error;

use sanggan_base::{ErrorCode, Millis};
use sanggan_testkit::Postgres;

use super::args;
use crate::{Store, StoreError};

const NOW: Millis = Millis(1_790_000_000_000);

/// The error and everything below it.
fn chain(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        told.push_str(": ");
        told.push_str(&error.to_string());
        next = error.source();
    }
    told
}

#[tokio::test]
async fn a_server_lost_in_the_middle_is_told_and_found_again() {
    let server = Postgres::of_its_own();
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::connect(&server.fresh_database(), folder.path()).await.expect("opens");
    store.ensure_first_admins(NOW).await.expect("makes");

    // Between two statements of one change.
    let mut write = store.write("change something").await.expect("begins");
    write.tx.execute("change something", "DELETE FROM \"user\"", args![]).await.expect("goes");
    server.stop();
    let error =
        write.tx.execute("change something", "DELETE FROM session", args![]).await.expect_err("no server");
    assert!(matches!(error, StoreError::Unreachable { .. }), "{}", chain(&error));
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert_eq!(
        error.to_string(),
        "could not change something: the database is not reached; once it runs again, so does this"
    );
    let error = write.commit("change something").await.expect_err("no server");
    assert_eq!(error.code(), ErrorCode::Unavailable, "{}", chain(&error));

    // While it is away, reading and writing.
    let error = store.users().await.expect_err("no server");
    assert!(matches!(error, StoreError::Unreachable { attempt: "read the users", .. }), "{}", chain(&error));
    let error = store.sweep_sessions(NOW).await.expect_err("no server");
    assert_eq!(error.code(), ErrorCode::Unavailable, "{}", chain(&error));

    // The same store goes on when it is back; nothing of the broken change is there.
    server.start();
    assert_eq!(store.users().await.expect("reads").len(), 3);
    store.sweep_sessions(NOW).await.expect("writes");
    assert_eq!(store.ensure_first_admins(NOW).await.expect("looks"), []);
    assert_eq!(store.journal_head().await.expect("reads").size, 3);

    // And also when every idle connection broke unseen.
    server.stop();
    server.start();
    for _ in 0..20 {
        store.sweep_sessions(NOW).await.expect("writes");
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_told_without_its_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Postgres::shared();
    let there = server.url("nowhere").replace("postgres@", "postgres:geheim@");
    for (url, code) in [
        (there.as_str(), ErrorCode::Unavailable),
        ("postgres://li:geheim@127.0.0.1:1/sanggan", ErrorCode::Unavailable),
        ("postgres://li:geheim@db:port/sanggan", ErrorCode::BadInput),
        ("postgres://li:geheim@db/sanggan?sslmode=geheim-ish", ErrorCode::BadInput),
        ("mysql://li:geheim@db/sanggan", ErrorCode::BadInput),
        ("", ErrorCode::BadInput),
    ] {
        let error = Store::connect(url, folder.path()).await.expect_err("leads nowhere");
        let told = format!("{} {error:?}", chain(&error));
        assert_eq!(error.code(), code, "{url}: {told}");
        assert!(!told.contains("geheim@") && !told.contains(":geheim"), "{told}");
    }
}
