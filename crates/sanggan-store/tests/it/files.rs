//! Attachments and saved views.

use sanggan_base::{ErrorCode, Millis};
use sanggan_store::{Actor, EventFilter, NewUser, NewView, Role, Store, StoreError};
use sanggan_testkit::{Base, on_both_databases};
use serde_json::json;

use crate::open;

const NOW: Millis = Millis(1_790_000_000_000);
const MOST: u64 = 1_000_000;
/// SM3 of "abc", the example of GB/T 32905-2016, annex A.
const ABC: &str = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

fn li() -> Actor {
    Actor::User("li".to_owned())
}

async fn user(store: &Store, name: &str) {
    let new = NewUser::new(name, Role::Viewer, "river-water");
    store.create_user(new, &Actor::System, NOW).await.expect("makes");
}

/// Names of the files below a folder, in order.
fn files(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("lists") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

async fn a_file_is_kept_once_under_its_hash_and_read_back(base: Base) {
    let store = open(&base).await;
    let files_of = store.attachments();
    let kept = files_of.put(b"abc", MOST, "../照片.jpg", "image/jpeg", &li(), NOW).await.expect("keeps");
    assert_eq!((kept.hash.as_str(), kept.name.as_str(), kept.bytes), (ABC, "照片.jpg", 3));
    assert!(base.folder().join("attachments/66/c7").join(ABC).is_file());
    let mut upload = files_of.begin(MOST).await.expect("begins");
    for byte in [b"a", b"b", b"c"] {
        upload.write(byte).await.expect("takes");
    }
    let again = upload.finish("other.png", "image/png", &Actor::System, NOW.plus(1)).await.expect("keeps");
    assert_eq!(again, kept, "what was brought before stays under its first name");
    let (known, content) = files_of.read(ABC).await.expect("reads");
    assert_eq!((known, content.as_slice()), (kept.clone(), &b"abc"[..]));
    let hashes = [ABC.to_owned(), "0".repeat(64)];
    assert_eq!(files_of.find(&hashes).await.expect("reads"), [kept]);
    let filter = EventFilter { action: Some("attachment.put".to_owned()), ..EventFilter::default() };
    let events = store.events(&filter).await.expect("reads");
    assert_eq!(events.iter().map(|it| it.subject.as_str()).collect::<Vec<_>>(), [ABC]);
    assert_eq!(files(&base.folder().join("attachments")), [ABC], "nothing else is left");
}

async fn a_changed_or_lost_file_is_told_and_bringing_it_again_mends_it(base: Base) {
    let store = open(&base).await;
    let files_of = store.attachments();
    files_of.put(b"abc", MOST, "a", "text/plain", &li(), NOW).await.expect("keeps");
    let path = base.folder().join("attachments/66/c7").join(ABC);
    std::fs::write(&path, "abd").expect("writes");
    assert!(matches!(files_of.read(ABC).await.expect_err("changed"), StoreError::Corrupt { .. }));
    std::fs::remove_file(&path).expect("removes");
    let error = files_of.read(ABC).await.expect_err("lost");
    assert!(matches!(error, StoreError::File { .. }), "{error}");
    files_of.put(b"abc", MOST, "a", "text/plain", &li(), NOW).await.expect("keeps");
    assert_eq!(files_of.read(ABC).await.expect("reads").1, b"abc");
    let error = files_of.read("0").await.expect_err("no such file");
    assert_eq!(error.code(), ErrorCode::NotFound);
}

async fn a_file_too_long_empty_or_broken_off_leaves_nothing(base: Base) {
    let store = open(&base).await;
    let files_of = store.attachments();
    let error = files_of.put(b"abcd", 3, "a", "text/plain", &li(), NOW).await.expect_err("too long");
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (ErrorCode::BadInput, "attachment: it is longer than 3 bytes")
    );
    let error = files_of.put(b"", 3, "a", "text/plain", &li(), NOW).await.expect_err("empty");
    assert_eq!(error.code(), ErrorCode::BadInput);
    let mut upload = files_of.begin(MOST).await.expect("begins");
    upload.write(b"half").await.expect("takes");
    drop(upload);
    assert_eq!(files(&base.folder().join("attachments")), Vec::<String>::new());
    assert!(store.events(&EventFilter::default()).await.expect("reads").is_empty());
}

async fn views_are_ones_own_or_everybodys(base: Base) {
    let store = open(&base).await;
    user(&store, "li").await;
    user(&store, "wang").await;
    let view = |name: &str, shared| NewView {
        register: "rivers".to_owned(),
        name: name.to_owned(),
        query: json!({ "where": ["state:eq:open"], "sort": "-flow" }),
        shared,
    };
    let mine = store.put_view("li", view(" 待办 ", false), NOW).await.expect("keeps");
    assert_eq!((mine.name.as_str(), mine.query["sort"].as_str()), ("待办", Some("-flow")));
    let shared = store.put_view("li", view("all", true), NOW).await.expect("keeps");
    let seen = |views: Vec<sanggan_store::SavedView>| views.into_iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(seen(store.views("li", Some("rivers")).await.expect("reads")), ["all", "待办"]);
    assert_eq!(seen(store.views("wang", None).await.expect("reads")), ["all"]);
    assert_eq!(store.views("li", Some("lakes")).await.expect("reads"), []);

    let mut other = view("待办", true);
    other.query = json!({});
    let replaced = store.put_view("li", other, NOW.plus(1)).await.expect("keeps");
    assert_eq!((replaced.id, replaced.shared, &replaced.query), (mine.id, true, &json!({})));
    let error = store.remove_view("wang", shared.id, NOW).await.expect_err("another's");
    assert_eq!(error.code(), ErrorCode::NotFound);
    store.remove_view("li", shared.id, NOW).await.expect("removes");
    assert_eq!(seen(store.views("wang", None).await.expect("reads")), ["待办"]);
    let long = NewView { query: json!("x".repeat(20_000)), ..view("long", false) };
    for bad in [view(" ", false), view("a\nb", false), view(&"长".repeat(81), false), long] {
        assert_eq!(store.put_view("li", bad, NOW).await.expect_err("refused").code(), ErrorCode::BadInput);
    }
    let filter = EventFilter { subject_kind: Some("view".to_owned()), ..EventFilter::default() };
    let actions: Vec<String> =
        store.events(&filter).await.expect("reads").into_iter().map(|event| event.action).collect();
    assert_eq!(actions, ["view.remove", "view.put", "view.put", "view.put"]);
}

on_both_databases!(
    a_file_is_kept_once_under_its_hash_and_read_back,
    a_changed_or_lost_file_is_told_and_bringing_it_again_mends_it,
    a_file_too_long_empty_or_broken_off_leaves_nothing,
    views_are_ones_own_or_everybodys,
);
