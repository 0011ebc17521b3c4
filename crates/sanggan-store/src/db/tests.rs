//! Every kind of value, there and back, on both databases.

use sanggan_base::Millis;
use sanggan_testkit::{Base, on_both_databases};

use super::{Arg, Dialect, Kind, Row, args};
use crate::{Actor, Store};

const NOW: Millis = Millis(1_790_000_000_000);
const COLUMNS: [&str; 7] = ["id", "int", "real", "text", "bytes", "bool", "shape"];

async fn open(base: &Base) -> Store {
    let store = Store::connect(base.url(), base.folder()).await.expect("opens");
    let sql = match store.db().dialect() {
        Dialect::Sqlite => {
            "CREATE TABLE kinds (id INTEGER PRIMARY KEY, int INTEGER, real REAL, text TEXT, bytes BLOB, bool INTEGER,
                 shape BLOB) STRICT; CREATE INDEX kinds_int ON kinds (int)"
        }
        Dialect::Postgres => {
            "CREATE TABLE kinds (id BIGINT PRIMARY KEY, int BIGINT, real DOUBLE PRECISION, text TEXT, bytes BYTEA,
                 bool BOOLEAN, shape geometry(Geometry, 4326)); CREATE INDEX kinds_int ON kinds (int)"
        }
    };
    store.db().script("make a table", sql.to_owned()).await.expect("makes");
    store
}

/// A point as WKB.
fn point(lon: f64, lat: f64) -> Vec<u8> {
    [&[1u8, 1, 0, 0, 0][..], &lon.to_le_bytes(), &lat.to_le_bytes()].concat()
}

/// Two points and a line as a WKB collection.
fn collection() -> Vec<u8> {
    let line =
        [&[1u8, 2, 0, 0, 0, 2, 0, 0, 0][..], &[112.0f64, 39.0, 113.0, 40.5].map(f64::to_le_bytes).concat()]
            .concat();
    [&[1u8, 7, 0, 0, 0, 2, 0, 0, 0][..], &point(112.4, 39.3), &line].concat()
}

fn rows() -> Vec<Vec<Arg>> {
    let nothing = |id: i64| {
        vec![
            Arg::Int(id),
            Arg::Null(Kind::Int),
            Arg::Null(Kind::Real),
            Arg::Null(Kind::Text),
            Arg::Null(Kind::Bytes),
            Arg::Null(Kind::Bool),
            Arg::Null(Kind::Shape),
        ]
    };
    let full = |id: i64, int: i64, real: f64, text: &str, bytes: &[u8], bool: bool, shape: Vec<u8>| {
        let mut row = args![id, int, real, text, bytes, bool];
        row.push(Arg::Shape(shape));
        row
    };
    vec![
        nothing(1),
        full(
            2,
            i64::MIN,
            0.1,
            "桑干河 ' \" ? $1 \\N \\. \t\r\n\u{1f30a}",
            &[0, 9, 10, 92, 255],
            true,
            point(112.4, 39.3),
        ),
        full(3, i64::MAX, -1.0e300, "", &[], false, collection()),
        full(4, 0, 5.0, "\\", b"\\x00", true, point(-0.0, 0.0)),
        nothing(5),
    ]
}

fn read(row: &Row) -> Vec<Arg> {
    fn or<T>(value: Option<T>, kind: Kind, arg: impl Fn(T) -> Arg) -> Arg {
        value.map_or(Arg::Null(kind), arg)
    }
    vec![
        Arg::Int(row.int("id").expect("an id")),
        or(row.optional("int").expect("reads"), Kind::Int, Arg::Int),
        or(row.optional("real").expect("reads"), Kind::Real, Arg::Real),
        or(row.optional("text").expect("reads"), Kind::Text, Arg::Text),
        or(row.optional("bytes").expect("reads"), Kind::Bytes, Arg::Bytes),
        or(row.optional("bool").expect("reads"), Kind::Bool, Arg::Bool),
        or(row.shape("shape").expect("reads"), Kind::Shape, Arg::Shape),
    ]
}

async fn every_kind_of_value_comes_back(base: Base) {
    let store = open(&base).await;
    let all = "SELECT * FROM kinds ORDER BY id";
    let mut tx = store.db().begin("test").await.expect("begins");
    assert_eq!(tx.insert_many("test", "kinds", &COLUMNS, rows()).await.expect("adds"), 5);
    let found: Vec<_> = tx.fetch("test", all, args![]).await.expect("reads").iter().map(read).collect();
    assert_eq!(found, rows());
    tx.rollback("test").await.expect("undoes");
    assert!(store.db().fetch("test", all, args![]).await.expect("reads").is_empty());

    // The same values six thousand times, the way that takes many.
    let many = (0..6_000i64).map(|nth| {
        let mut row = rows()[usize::try_from(nth % 5).expect("small")].clone();
        row[0] = Arg::Int(nth);
        row
    });
    let mut tx = store.db().begin("test").await.expect("begins");
    assert_eq!(tx.insert_many("test", "kinds", &COLUMNS, many).await.expect("adds"), 6_000);
    assert_eq!(tx.insert_many("test", "kinds", &COLUMNS, Vec::new()).await.expect("adds"), 0);
    tx.commit("test").await.expect("lasts");
    let found = store.db().fetch("test", all, args![]).await.expect("reads");
    assert_eq!(found.len(), 6_000);
    for (row, nth) in found.iter().zip(0i64..) {
        let mut wanted = rows()[usize::try_from(nth % 5).expect("small")].clone();
        wanted[0] = Arg::Int(nth);
        assert_eq!(read(row), wanted);
    }
}

async fn a_snapshot_stays_as_it_was(base: Base) {
    let store = open(&base).await;
    let add = |from: i64| (from..from + 500).map(|nth| args![nth, 7i64]).collect::<Vec<_>>();
    let mut tx = store.db().begin("test").await.expect("begins");
    tx.insert_many("test", "kinds", &["id", "int"], add(0)).await.expect("adds");
    tx.commit("test").await.expect("lasts");
    let count = "SELECT count(*) FROM kinds";
    let mut old = store.db().snapshot("test").await.expect("begins");
    assert_eq!(old.scalar::<i64>("test", count, args![]).await.expect("reads"), Some(500));
    let mut tx = store.db().begin("test").await.expect("begins");
    tx.insert_many("test", "kinds", &["id", "int"], add(500)).await.expect("adds");
    tx.commit("test").await.expect("lasts");
    assert_eq!(old.scalar::<i64>("test", count, args![]).await.expect("reads"), Some(500));
    drop(old);
    assert_eq!(store.db().scalar("test", count, args![]).await.expect("reads"), Some(1_000i64));
}

async fn a_wrong_column_a_null_and_a_refusal_are_told(base: Base) {
    let store = open(&base).await;
    let db = store.db();
    db.execute("add", "INSERT INTO kinds (id, text) VALUES (?, ?)", args![1i64, "x"]).await.expect("adds");
    let row = db.fetch_one("look", "SELECT * FROM kinds", args![]).await.expect("reads");
    for error in [row.int("none"), row.int("int"), row.int("text")] {
        assert_eq!(error.expect_err("is none").to_string(), "could not look");
    }
    let again = db.execute("add", "INSERT INTO kinds (id) VALUES (?)", args![1i64]).await.expect_err("taken");
    assert_eq!(again.to_string(), "could not add");
    assert!(db.fetch_one("look", "SELECT * FROM kinds WHERE id = ?", args![9i64]).await.is_err());
    let many = (0..50i64).map(|_| args![1i64]);
    let mut tx = db.begin("add").await.expect("begins");
    assert!(tx.insert_many("add", "kinds", &["id"], many).await.is_err(), "taken");
    drop(tx);
    assert_eq!(db.scalar("count", "SELECT count(*) FROM kinds", args![]).await.expect("reads"), Some(1i64));
}

/// Two programs on one database: the journal stays one sequence.
async fn two_stores_write_one_journal(base: Base) {
    let one = Store::connect(base.url(), base.folder()).await.expect("opens");
    let two = Store::connect(base.url(), base.folder()).await.expect("opens");
    let tasks: Vec<_> = (0..60)
        .map(|nth| {
            let store = if nth % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(async move {
                let content = format!("file {nth}");
                let files = store.attachments();
                files.put(content.as_bytes(), 100, "a.txt", "text/plain", &Actor::System, NOW).await
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("runs").expect("keeps");
    }
    let entries = two.journal_range(1, 100).await.expect("reads");
    assert_eq!(entries.iter().map(|entry| entry.event.id).collect::<Vec<_>>(), (1..=60).collect::<Vec<_>>());
    assert_eq!(one.journal_head().await.expect("reads"), two.journal_head().await.expect("reads"));
}

on_both_databases!(
    every_kind_of_value_comes_back,
    a_snapshot_stays_as_it_was,
    a_wrong_column_a_null_and_a_refusal_are_told,
    two_stores_write_one_journal,
);
