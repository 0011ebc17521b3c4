//! Users, sessions and throttling on real files, with the clock in the test's hand.

use crate::open;
use sanggan_base::{AreaCode, ErrorCode, Millis};
use sanggan_records::RecordId;
use sanggan_store::{
    Actor, Details, EventFilter, NewToken, NewUser, OutsideUser, Role, SessionRules, Store, StoreError,
    UserChange,
};
use sanggan_testkit::{Base, on_both_databases};

const NOW: Millis = Millis(1_790_000_000_000);
const PEER: &str = "10.1.1.1";
const MINUTE: i64 = 60_000;

fn admin() -> Actor {
    Actor::User("admin".to_owned())
}

fn viewer(name: &str) -> NewUser {
    NewUser::new(name, Role::Viewer, "river-water")
}

/// A security administrator `admin`, made as the program does, with this password.
async fn with_admin(store: &Store) {
    let new = NewUser::new("admin", Role::SecurityAdmin, "river-water");
    store.create_user(new, &Actor::System, NOW).await.expect("makes");
}

async fn the_first_administrators_are_made_once_and_must_change_the_password(base: Base) {
    let store = open(&base).await;
    let first = store.ensure_first_admins(NOW).await.expect("makes");
    let offices: Vec<_> = first.iter().map(|first| (first.name.as_str(), first.role)).collect();
    assert_eq!(
        offices,
        [
            ("system-admin", Role::SystemAdmin),
            ("security-admin", Role::SecurityAdmin),
            ("audit-admin", Role::AuditAdmin)
        ]
    );
    assert_eq!(store.ensure_first_admins(NOW).await.expect("looks"), []);
    for first in &first {
        let login = store.log_in(&first.name, &first.password, PEER, NOW).await.expect("logs in");
        assert!(login.user.must_change_password && login.user.role == first.role);
    }
    with_admin(&store).await;
    let first = "river-water".to_owned();
    let login = store.log_in("admin", &first, PEER, NOW).await.expect("logs in");

    let error =
        store.change_password("admin", "wrong", "new-password-1", NOW).await.expect_err("old is wrong");
    assert!(matches!(error, StoreError::WrongPassword));
    let error = store.change_password("admin", &first, "short", NOW).await.expect_err("too weak");
    assert_eq!(error.code(), ErrorCode::BadInput);
    let same = store.change_password("admin", &first, &first, NOW).await;
    assert_eq!(same.expect_err("the same").code(), ErrorCode::BadInput);
    store.change_password("admin", &first, "new-password-1", NOW).await.expect("changes");
    assert_eq!(store.session(login.token.as_str(), NOW).await.expect("looks"), None, "old sessions end");
    assert!(store.log_in("admin", &first, PEER, NOW).await.is_err());
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
    with_admin(&store).await;
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
    assert_eq!(
        names,
        [("admin".to_owned(), Role::SecurityAdmin, false), ("李伟".to_owned(), Role::Operator, true)]
    );
    let filter = EventFilter { subject: Some("李伟".to_owned()), ..EventFilter::default() };
    let actions: Vec<String> =
        store.events(&filter).await.expect("reads").into_iter().map(|event| event.action).collect();
    assert_eq!(actions, ["user.change", "user.change", "session.begin", "user.create"]);
}

async fn nobody_changes_their_own_rights_and_a_role_takes_away_what_it_has_no_use_for(base: Base) {
    let store = open(&base).await;
    with_admin(&store).await;
    let area = |code: &str| AreaCode::parse(code).expect("a code");
    let mut new = NewUser::new("li", Role::Officer, "river-water");
    new.details.areas = vec![area("140622"), area("140602"), area("140602")];
    new.details.departments = vec!["water".to_owned()];
    let made = store.create_user(new, &admin(), NOW).await.expect("makes");
    assert_eq!(made.details.areas, [area("140602"), area("140622")], "in order, once each");
    let read = store.users().await.expect("reads").into_iter().find(|user| user.name == "li");
    assert_eq!(read.as_ref(), Some(&made));

    for change in [
        UserChange { role: Some(Role::Operator), ..UserChange::default() },
        UserChange { areas: Some(Vec::new()), ..UserChange::default() },
        UserChange { departments: Some(Vec::new()), ..UserChange::default() },
        UserChange { enterprise: Some(None), ..UserChange::default() },
        UserChange { disabled: Some(false), ..UserChange::default() },
        UserChange { password: Some("river-water-2".to_owned()), ..UserChange::default() },
    ] {
        let error = store.change_user("admin", change, &admin(), NOW).await.expect_err("one's own");
        assert!(error.to_string().contains("their own rights"), "{error}");
    }
    let named = UserChange { full_name: Some("李伟".to_owned()), ..UserChange::default() };
    let user = store.change_user("admin", named, &admin(), NOW).await.expect("a name is no right");
    assert_eq!(user.details.full_name, "李伟");

    let no_use = UserChange {
        role: Some(Role::Enterprise),
        areas: Some(vec![area("140602")]),
        enterprise: Some(Some(RecordId(7))),
        ..UserChange::default()
    };
    assert_eq!(
        store.change_user("li", no_use, &admin(), NOW).await.expect_err("areas").code(),
        ErrorCode::BadInput
    );
    let none = UserChange { role: Some(Role::Enterprise), ..UserChange::default() };
    assert_eq!(
        store.change_user("li", none, &admin(), NOW).await.expect_err("whose").code(),
        ErrorCode::BadInput
    );
    let moved = UserChange {
        role: Some(Role::Enterprise),
        enterprise: Some(Some(RecordId(7))),
        ..UserChange::default()
    };
    let user = store.change_user("li", moved, &admin(), NOW).await.expect("moves");
    assert_eq!((user.details.areas.len(), user.details.departments.len()), (0, 0));
    assert_eq!(user.details.enterprise, Some(RecordId(7)));
    let audit = UserChange { role: Some(Role::AuditAdmin), ..UserChange::default() };
    let user = store.change_user("li", audit, &admin(), NOW).await.expect("moves");
    assert_eq!(user.details.enterprise, None);
}

async fn a_token_asks_for_its_user_until_it_ends_is_revoked_or_the_user_is_disabled(base: Base) {
    let store = open(&base).await;
    with_admin(&store).await;
    store.create_user(viewer("li"), &admin(), NOW).await.expect("makes");
    let new = |name: &str, minutes: i64| NewToken {
        name: name.to_owned(),
        writes: false,
        expires_at: NOW.plus(minutes * MINUTE),
    };
    for (name, minutes) in [("", 5), ("a\nb", 5), ("late", 0), ("late", 367 * 24 * 60)] {
        let error = store.create_token("li", new(name, minutes), NOW).await.expect_err("refused");
        assert_eq!(error.code(), ErrorCode::BadInput, "{name} {minutes}");
    }
    let issued = store.create_token("li", new("QGIS", 60), NOW).await.expect("makes");
    let secret = issued.secret.clone();
    assert!(secret.starts_with("sgt_") && secret.len() == 68);
    assert!(!format!("{issued:?}").contains(&secret));
    let (user, token) = store.token_user(&secret, None, PEER, NOW).await.expect("is of somebody");
    assert_eq!((user.name.as_str(), token.writes, token.last_used_at), ("li", false, None));
    assert_eq!(store.tokens(Some("li")).await.expect("reads")[0].last_used_at, Some(NOW));
    assert!(store.token_user(&secret, Some("li"), PEER, NOW).await.is_ok());
    let error = store.token_user(&secret, Some("admin"), PEER, NOW).await.expect_err("another's");
    assert!(matches!(error, StoreError::WrongPassword));
    assert!(store.token_user(&secret, None, PEER, NOW.plus(60 * MINUTE)).await.is_err(), "it has ended");

    let off = |disabled: bool| UserChange { disabled: Some(disabled), ..UserChange::default() };
    store.change_user("li", off(true), &admin(), NOW).await.expect("changes");
    assert!(store.live_token(&secret, None, NOW).await.expect("looks").is_none());
    store.change_user("li", off(false), &admin(), NOW).await.expect("changes");
    assert!(store.live_token(&secret, None, NOW).await.expect("looks").is_some());

    let id = issued.token.id;
    let error = store.revoke_token(id, Some("admin"), &admin(), NOW).await.expect_err("another's");
    assert_eq!(error.code(), ErrorCode::NotFound);
    store.revoke_token(id, None, &admin(), NOW).await.expect("revokes");
    store.revoke_token(id, Some("li"), &admin(), NOW).await.expect("twice is fine");
    assert!(store.live_token(&secret, None, NOW).await.expect("looks").is_none());

    let mut codes = Vec::new();
    for guess in 0..7 {
        let error =
            store.token_user(&format!("sgt_{guess}"), None, "10.2.2.2", NOW).await.expect_err("wrong");
        codes.push(error.code());
    }
    assert_eq!(codes[0], ErrorCode::Unauthenticated);
    assert_eq!(codes[6], ErrorCode::Throttled);
    let good = store.create_token("li", new("script", 5), NOW).await.expect("makes").secret;
    assert!(store.token_user(&good, None, "10.2.2.2", NOW).await.is_ok(), "a right one is not held up");
    store.close().await;
    let bytes = base.contents();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "only its hash is kept");
}

async fn someone_a_provider_vouches_for_is_made_once_and_follows_its_word(base: Base) {
    let store = open(&base).await;
    with_admin(&store).await;
    let outside = |subject: &str, name: &str, role: Role| OutsideUser {
        issuer: "https://id.example".to_owned(),
        subject: subject.to_owned(),
        name: name.to_owned(),
        role,
        details: Details { full_name: "王芳".to_owned(), ..Details::default() },
    };
    let begun = store.log_in_outside(outside("1", "wang fang@x", Role::Viewer), PEER, NOW).await.expect("in");
    assert_eq!((begun.user.name.as_str(), begun.user.role), ("wang-fang-x", Role::Viewer));
    assert!(!begun.user.must_change_password);
    assert!(store.session(begun.token.as_str(), NOW).await.expect("looks").is_some());
    assert!(store.log_in("wang-fang-x", "", PEER, NOW).await.is_err(), "there is no password to know");
    let begun = store.log_in_outside(outside("1", "other", Role::Operator), PEER, NOW).await.expect("in");
    assert_eq!((begun.user.name.as_str(), begun.user.role), ("wang-fang-x", Role::Operator));
    let error = store.log_in_outside(outside("2", "admin", Role::Viewer), PEER, NOW).await;
    assert_eq!(error.expect_err("the name is taken").code(), ErrorCode::Conflict);
    let off = UserChange { disabled: Some(true), ..UserChange::default() };
    store.change_user("wang-fang-x", off, &admin(), NOW).await.expect("changes");
    let error = store.log_in_outside(outside("1", "x", Role::Operator), PEER, NOW).await;
    assert!(matches!(error, Err(StoreError::WrongPassword)));
}

on_both_databases!(
    the_first_administrators_are_made_once_and_must_change_the_password,
    neither_password_nor_token_is_in_the_file_or_the_journal,
    sessions_end_when_idle_and_in_any_case,
    guessing_is_slowed_down_and_a_missing_name_looks_like_a_wrong_password,
    tries_at_the_same_moment_do_not_slip_through_together,
    users_are_made_changed_and_switched_off,
    nobody_changes_their_own_rights_and_a_role_takes_away_what_it_has_no_use_for,
    a_token_asks_for_its_user_until_it_ends_is_revoked_or_the_user_is_disabled,
    someone_a_provider_vouches_for_is_made_once_and_follows_its_word,
);
