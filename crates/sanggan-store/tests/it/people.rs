//! Users, sessions and throttling on real files, with the clock in the test's hand.

use crate::open;
use sanggan_base::{ErrorCode, Millis};
use sanggan_store::{Actor, EventFilter, NewUser, Role, SessionRules, Store, StoreError, UserChange};
use sanggan_testkit::{Base, on_both_databases};

const NOW: Millis = Millis(1_790_000_000_000);
const PEER: &str = "10.1.1.1";
const MINUTE: i64 = 60_000;

fn admin() -> Actor {
    Actor::User("admin".to_owned())
}

fn viewer(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), role: Role::Viewer, password: "river-water".to_owned() }
}

async fn the_first_administrator_is_made_once_and_must_change_the_password(base: Base) {
    let store = open(&base).await;
    let first = store.ensure_first_admin(NOW).await.expect("makes").expect("there was nobody");
    assert_eq!(store.ensure_first_admin(NOW).await.expect("looks"), None);
    let login = store.log_in("admin", &first.password, PEER, NOW).await.expect("logs in");
    assert!(login.user.must_change_password && login.user.role == Role::Admin);

    let error =
        store.change_password("admin", "wrong", "new-password-1", NOW).await.expect_err("old is wrong");
    assert!(matches!(error, StoreError::WrongPassword));
    let error = store.change_password("admin", &first.password, "short", NOW).await.expect_err("too weak");
    assert_eq!(error.code(), ErrorCode::BadInput);
    let same = store.change_password("admin", &first.password, &first.password, NOW).await;
    assert_eq!(same.expect_err("the same").code(), ErrorCode::BadInput);
    store.change_password("admin", &first.password, "new-password-1", NOW).await.expect("changes");
    assert_eq!(store.session(login.token.as_str(), NOW).await.expect("looks"), None, "old sessions end");
    assert!(store.log_in("admin", &first.password, PEER, NOW).await.is_err());
    let login = store.log_in("admin", "new-password-1", PEER, NOW).await.expect("logs in");
    assert!(!login.user.must_change_password);
    assert_eq!(login.user.last_log_in, Some(NOW));
}

async fn neither_password_nor_token_is_in_the_file_or_the_journal(base: Base) {
    let store = open(&base).await;
    store.create_user(viewer("li"), &admin(), NOW).await.expect("makes");
    let login = store.log_in("li", "river-water", PEER, NOW).await.expect("logs in");
    assert_eq!(login.token.as_str().len(), 64);
    assert_eq!(format!("{:?}", login.token), "SessionToken(…)");
    store.close().await;
    let bytes = base.contents();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("session.begin"), "the journal is in what was looked through");
    for secret in ["river-water", login.token.as_str()] {
        assert!(!holds(secret), "{secret} is in the base");
    }
}

async fn sessions_end_when_idle_and_in_any_case(base: Base) {
    let rules = SessionRules { idle_ms: 30 * MINUTE, absolute_ms: 100 * MINUTE };
    let store =
        Store::connect_with(base.url(), base.folder(), rules, Default::default()).await.expect("opens");
    store.create_user(viewer("li"), &admin(), NOW).await.expect("makes");
    let idle = store.log_in("li", "river-water", PEER, NOW).await.expect("logs in").token;
    let busy = store.log_in("li", "river-water", PEER, NOW).await.expect("logs in").token;
    let mut alive = Vec::new();
    for minute in [20, 40, 60, 80, 99, 100] {
        let now = NOW.plus(minute * MINUTE);
        alive.push(store.session(busy.as_str(), now).await.expect("looks").is_some());
    }
    assert_eq!(alive, [true, true, true, true, true, false]);
    assert!(store.session(idle.as_str(), NOW.plus(30 * MINUTE)).await.expect("looks").is_none());
    assert!(store.session("0".repeat(64).as_str(), NOW).await.expect("looks").is_none());
    assert_eq!(store.sweep_sessions(NOW.plus(100 * MINUTE)).await.expect("sweeps"), 2);

    let token = store.log_in("li", "river-water", PEER, NOW).await.expect("logs in").token;
    store.log_out(token.as_str(), NOW).await.expect("logs out");
    store.log_out(token.as_str(), NOW).await.expect("twice is fine");
    assert!(store.session(token.as_str(), NOW).await.expect("looks").is_none());
}

async fn guessing_is_slowed_down_and_a_missing_name_looks_like_a_wrong_password(base: Base) {
    let store = open(&base).await;
    store.create_user(viewer("li"), &admin(), NOW).await.expect("makes");
    for name in ["li", "nobody"] {
        let mut answers = Vec::new();
        for guess in 0..6 {
            let peer = format!("{name}-{guess}");
            let error = store.log_in(name, "guess", &peer, NOW).await.expect_err("wrong");
            answers.push(error.code());
        }
        let mut expected = vec![ErrorCode::Unauthenticated; 5];
        expected.push(ErrorCode::Throttled);
        assert_eq!(answers, expected, "{name}");
    }
    let error = store.log_in("li", "river-water", PEER, NOW).await.expect_err("even the right one waits");
    assert!(matches!(error, StoreError::Throttled { wait_s: 1 }), "{error}");
    store.log_in("li", "river-water", PEER, NOW.plus(1_000)).await.expect("the wait is over");
    store.log_in("li", "river-water", PEER, NOW.plus(1_000)).await.expect("and forgotten");
}

async fn tries_at_the_same_moment_do_not_slip_through_together(base: Base) {
    let store = open(&base).await;
    store.create_user(viewer("li"), &admin(), NOW).await.expect("makes");
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.log_in("li", &format!("guess-{n}"), PEER, NOW).await })
        })
        .collect();
    let mut looked_at = 0;
    for task in tasks {
        let error = task.await.expect("runs").expect_err("all are wrong");
        looked_at += usize::from(matches!(error, StoreError::WrongPassword));
    }
    assert_eq!(looked_at, 5);
}

async fn users_are_made_changed_and_switched_off(base: Base) {
    let store = open(&base).await;
    store.ensure_first_admin(NOW).await.expect("makes");
    for name in ["", "a b", "a/b", &"x".repeat(33)] {
        let error = store.create_user(viewer(name), &admin(), NOW).await.expect_err("no name");
        assert_eq!(error.code(), ErrorCode::BadInput, "{name}");
    }
    let made = store.create_user(viewer("李伟"), &admin(), NOW).await.expect("makes");
    assert!(made.must_change_password);
    let error = store.create_user(viewer("李伟"), &admin(), NOW).await.expect_err("taken");
    assert_eq!(error.code(), ErrorCode::Conflict);

    let token = store.log_in("李伟", "river-water", PEER, NOW).await.expect("logs in").token;
    let promote = UserChange { role: Some(Role::Operator), ..UserChange::default() };
    store.change_user("李伟", promote, &admin(), NOW).await.expect("changes");
    let user = store.session(token.as_str(), NOW).await.expect("looks").expect("still in");
    assert_eq!(user.role, Role::Operator, "holds at once");
    let off = UserChange { disabled: Some(true), ..UserChange::default() };
    store.change_user("李伟", off.clone(), &admin(), NOW).await.expect("changes");
    assert!(store.session(token.as_str(), NOW).await.expect("looks").is_none());
    assert!(matches!(store.log_in("李伟", "river-water", PEER, NOW).await, Err(StoreError::WrongPassword)));

    let error = store.change_user("admin", off, &admin(), NOW).await.expect_err("the last administrator");
    assert_eq!(error.code(), ErrorCode::Conflict);
    let demote = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
    assert_eq!(
        store.change_user("admin", demote, &admin(), NOW).await.expect_err("too").code(),
        ErrorCode::Conflict
    );
    let error =
        store.change_user("nobody", UserChange::default(), &admin(), NOW).await.expect_err("not there");
    assert_eq!(error.code(), ErrorCode::NotFound);

    let names: Vec<(String, Role, bool)> = store
        .users()
        .await
        .expect("reads")
        .into_iter()
        .map(|user| (user.name, user.role, user.disabled))
        .collect();
    assert_eq!(names, [("admin".to_owned(), Role::Admin, false), ("李伟".to_owned(), Role::Operator, true)]);
    let filter = EventFilter { subject: Some("李伟".to_owned()), ..EventFilter::default() };
    let actions: Vec<String> =
        store.events(&filter).await.expect("reads").into_iter().map(|event| event.action).collect();
    assert_eq!(actions, ["user.change", "user.change", "session.begin", "user.create"]);
}

on_both_databases!(
    the_first_administrator_is_made_once_and_must_change_the_password,
    neither_password_nor_token_is_in_the_file_or_the_journal,
    sessions_end_when_idle_and_in_any_case,
    guessing_is_slowed_down_and_a_missing_name_looks_like_a_wrong_password,
    tries_at_the_same_moment_do_not_slip_through_together,
    users_are_made_changed_and_switched_off,
);
