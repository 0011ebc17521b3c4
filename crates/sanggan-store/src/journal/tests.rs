//! The journal on both databases, held against the plainest way to compute the tree.

use std::time::Instant;

use sanggan_base::Millis;
use sanggan_testkit::{Base, on_both_databases};
use serde_json::json;

use super::entry::{Entry, RecordEntry, record, record_records};
use super::{Actor, EventFilter};
use crate::Store;
use crate::db::args;

const NOW: Millis = Millis(1_790_000_000_000);

async fn open(base: &Base) -> Store {
    Store::connect(base.url(), base.folder()).await.expect("opens")
}

fn entry<'a>(actor: &'a Actor, subject: &'a str, version: u32) -> Entry<'a> {
    Entry {
        at: NOW.plus(version.into()),
        actor,
        action: "record.change",
        subject_kind: "register:rivers",
        subject,
        version: Some(version),
        changes: Some(json!([{ "field": "flow", "before": null, "after": version }])),
        before: None,
        after: Some(json!({ "flow": version, "name": "桑干河" })),
        why: "a \"reason\"\twith \\ and\nlines",
    }
}

/// Writes `count` entries of one batch, of subjects 0 to 6 in turn.
async fn write(store: &Store, count: usize) {
    let actor = Actor::User("li".to_owned());
    let who = actor.text();
    let entries = (0..count).zip(1u32..).map(|(n, version)| {
        let like = entry(&actor, "", version);
        RecordEntry {
            at: like.at,
            actor: &who,
            action: like.action.to_owned(),
            subject_kind: like.subject_kind,
            subject: (n % 7).to_string(),
            version,
            changes: like.changes.map(|changes| changes.to_string()),
            after: like.after.map(|after| after.to_string()).unwrap_or_default(),
            why: like.why,
        }
    });
    let mut write = store.write("test").await.expect("begins");
    record_records(&mut write.tx, entries).await.expect("writes");
    write.commit("test").await.expect("commits");
}

/// RFC 6962, 2.1, word for word.
fn plain_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    use sm3::{Digest, Sm3};
    match leaves.len() {
        0 => Sm3::digest([]).into(),
        1 => leaves[0],
        n => {
            let mut k = 1;
            while k * 2 < n {
                k *= 2;
            }
            let (left, right) = (plain_root(&leaves[..k]), plain_root(&leaves[k..]));
            Sm3::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        }
    }
}

async fn leaves(store: &Store) -> Vec<[u8; 32]> {
    let mut found = Vec::new();
    loop {
        let from = found.len() as i64 + 1;
        let entries = store.journal_range(from, i64::MAX).await.expect("reads");
        if entries.is_empty() {
            return found;
        }
        for (entry, seq) in entries.iter().zip(from..) {
            assert_eq!(entry.event.id, seq);
            assert!(entry.is_intact(), "{}", entry.bytes);
            found.push(entry.leaf);
        }
    }
}

async fn the_tree_is_that_of_the_rfc_whatever_the_batches_were(base: Base) {
    let store = open(&base).await;
    let empty = store.journal_head().await.expect("reads");
    assert_eq!((empty.size, empty.root), (0, plain_root(&[])));
    for count in [1, 1, 253, 1, 1, 300, 0, 211, 2, 1_000] {
        write(&store, count).await;
    }
    let leaves = leaves(&store).await;
    assert_eq!(leaves.len(), 1_770);
    for size in (0..=leaves.len()).filter(|size| *size < 20 || size % 256 < 3 || size % 97 == 0) {
        let head = store.journal_head_at(size as u64).await.expect("reads").expect("has grown so far");
        assert_eq!((head.size, head.root), (size as u64, plain_root(&leaves[..size])), "{size}");
    }
    let head = store.journal_head().await.expect("reads");
    assert_eq!((head.size, head.root), (1_770, plain_root(&leaves)));
    assert_eq!(store.journal_head_at(1_771).await.expect("reads"), None);

    for (index, tile) in leaves.chunks(256).enumerate() {
        let kept = store.journal_tile(0, index as u64).await.expect("reads").expect("is there");
        assert_eq!(kept.hashes, tile, "tile {index}");
    }
    let above: Vec<[u8; 32]> = leaves.chunks_exact(256).map(plain_root).collect();
    let kept = store.journal_tile(1, 0).await.expect("reads").expect("is there");
    assert_eq!(kept.hashes, above);
    for (level, index) in [(0, 7), (1, 1), (2, 0), (200, 0), (0, u64::MAX)] {
        assert_eq!(store.journal_tile(level, index).await.expect("reads"), None);
    }
    let tiles: i64 = store
        .db()
        .scalar("test", "SELECT count(*) FROM journal_tile", args![])
        .await
        .expect("reads")
        .expect("a number");
    assert_eq!(tiles, 6, "only full tiles are kept");
    for sql in ["UPDATE journal_tile SET nth = 9", "DELETE FROM journal_tile"] {
        let error = store.db().execute("test", sql, args![]).await.expect_err("refused");
        let said = std::error::Error::source(&error).expect("the base's words").to_string();
        assert!(said.contains("append-only"), "{said}");
    }
}

async fn proofs_convince_one_who_has_only_heads(base: Base) {
    use sanggan_journal::{verify_consistency, verify_inclusion};
    let store = open(&base).await;
    write(&store, 1_300).await;
    let head = async |size: u64| store.journal_head_at(size).await.expect("reads").expect("is there").root;
    for size in [1u64, 2, 255, 256, 257, 700, 1_024, 1_300] {
        let root = head(size).await;
        for seq in [1, 2, 200, 256, 257, 699, 1_024, 1_300].into_iter().filter(|seq| *seq <= size) {
            let entry = store.journal_entry(seq as i64).await.expect("reads").expect("is there");
            let proof = store.journal_inclusion(seq as i64, size).await.expect("reads").expect("is in it");
            assert!(verify_inclusion(&entry.leaf, seq - 1, size, &proof, &root), "{seq} of {size}");
            assert!(!verify_inclusion(&[7; 32], seq - 1, size, &proof, &root), "another entry");
        }
        let proof = store.journal_consistency(size, 1_300).await.expect("reads").expect("has grown");
        assert!(verify_consistency(size, &root, 1_300, &head(1_300).await, &proof), "{size}");
    }
    for (seq, size) in [(0, 5), (6, 5), (1_301, 1_301), (-1, 3), (1, u64::MAX)] {
        assert_eq!(store.journal_inclusion(seq, size).await.expect("reads"), None);
    }
    assert_eq!(store.journal_consistency(5, 1_301).await.expect("reads"), None);
    assert_eq!(store.journal_consistency(6, 5).await.expect("reads"), None);
}

async fn an_entry_comes_back_as_it_was_written(base: Base) {
    let store = open(&base).await;
    let actor = Actor::System;
    let mut write = store.write("test").await.expect("begins");
    assert_eq!(record(&mut write.tx, entry(&actor, "5", 3)).await.expect("writes"), 1);
    drop(write);
    let mut write = store.write("test").await.expect("begins");
    assert_eq!(
        record(&mut write.tx, entry(&actor, "5", 4)).await.expect("writes"),
        1,
        "undone, so not there"
    );
    write.commit("test").await.expect("commits");
    let kept = store.journal_entry(1).await.expect("reads").expect("is there");
    assert_eq!(
        kept.bytes,
        "{\"seq\":1,\"at\":1790000000004,\"actor\":\"system\",\"action\":\"record.change\",\
         \"subject_kind\":\"register:rivers\",\"subject\":\"5\",\"version\":4,\
         \"changes\":[{\"after\":4,\"before\":null,\"field\":\"flow\"}],\"before\":null,\
         \"after\":{\"flow\":4,\"name\":\"桑干河\"},\"why\":\"a \\\"reason\\\"\\twith \\\\ and\\nlines\"}"
    );
    assert_eq!(kept.leaf, sanggan_journal::leaf_hash(kept.bytes.as_bytes()));
    let event = &kept.event;
    assert_eq!((event.version, event.why.as_str()), (Some(4), "a \"reason\"\twith \\ and\nlines"));
    assert_eq!(store.journal_entry(2).await.expect("reads"), None);
}

async fn a_changed_entry_shows(base: Base) {
    let store = open(&base).await;
    write(&store, 3).await;
    let past = if base.is_postgres() {
        "ALTER TABLE event DISABLE TRIGGER USER"
    } else {
        "DROP TRIGGER event_is_never_changed"
    };
    store.db().execute("test", past, args![]).await.expect("one who owns the base can");
    store.db().execute("test", "UPDATE event SET why = '' WHERE id = 2", args![]).await.expect("changes");
    let intact: Vec<bool> =
        store.journal_range(1, 3).await.expect("reads").iter().map(|entry| entry.is_intact()).collect();
    assert_eq!(intact, [true, false, true]);
}

async fn a_large_batch_goes_quickly_and_one_subject_is_found_among_many(base: Base) {
    const MANY: usize = 70_000;
    let store = open(&base).await;
    let began = Instant::now();
    write(&store, MANY).await;
    let wrote = began.elapsed();
    let actor = Actor::System;
    let mut one = store.write("test").await.expect("begins");
    record(&mut one.tx, entry(&actor, "lonely", 1)).await.expect("writes");
    one.commit("test").await.expect("commits");
    let filter = EventFilter {
        subject_kind: Some("register:rivers".to_owned()),
        subject: Some("lonely".to_owned()),
        ..EventFilter::default()
    };
    let began = Instant::now();
    let found = store.events(&filter).await.expect("reads");
    let (took, head) = (began.elapsed(), Instant::now());
    assert_eq!(found.len(), 1);
    let plan = crate::db::Sql::from(if base.is_postgres() {
        "EXPLAIN SELECT * FROM event WHERE subject_kind = 'register:rivers' ORDER BY id DESC LIMIT 100"
    } else {
        "EXPLAIN QUERY PLAN SELECT * FROM event WHERE subject_kind = 'register:rivers' ORDER BY id DESC LIMIT 100"
    });
    for row in store.db().fetch("test", plan, args![]).await.expect("plans") {
        let step: String = row.get(if base.is_postgres() { "QUERY PLAN" } else { "detail" }).expect("a text");
        assert!(
            !step.contains("Sort") && !step.contains("B-TREE"),
            "the newest of a kind come in order: {step}"
        );
    }
    let root = store.journal_head().await.expect("reads");
    let headed = head.elapsed();
    let leaves = leaves(&store).await;
    assert_eq!((root.size as usize, root.root), (MANY + 1, plain_root(&leaves)), "three levels of tiles");
    assert_eq!(store.journal_tile(2, 0).await.expect("reads").expect("is there").hashes.len(), 1);
    // Generous: other tests run beside this one. Alone it is a hundredth of each.
    let told = format!("wrote in {wrote:?}, history in {took:?}, head in {headed:?}");
    assert!(wrote.as_secs() < 120 && took.as_millis() < 1_000 && headed.as_millis() < 2_000, "{told}");
}

on_both_databases!(
    the_tree_is_that_of_the_rfc_whatever_the_batches_were,
    proofs_convince_one_who_has_only_heads,
    an_entry_comes_back_as_it_was_written,
    a_changed_entry_shows,
    a_large_batch_goes_quickly_and_one_subject_is_found_among_many,
);
