//! What there was before, and what is no base.

use sqlx::migrate::Migrate;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Row, SqlitePool};

use super::connect::{POSTGRES, SQLITE};
use super::{Db, args};
use crate::{Store, StoreError};

fn pool(store: &Store) -> &SqlitePool {
    match store.db() {
        Db::Sqlite(pool) => pool,
        Db::Postgres(_) => panic!("a file"),
    }
}

async fn schema(pool: &SqlitePool) -> Vec<String> {
    sqlx::query("SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS it FROM sqlite_schema ORDER BY 1")
        .fetch_all(pool)
        .await
        .expect("reads")
        .iter()
        .map(|row| row.get("it"))
        .collect()
}

/// A limit as version 1 kept it, as the seed brought it.
async fn old_limit(connection: &mut sqlx::SqliteConnection) {
    sqlx::query(
            "INSERT INTO limit_line (station, parameter, value, bound, unit, averaging, label_zh, label_en, clause,
                 standard, edition, in_force_from, status)
             VALUES ('old-1', 'w01018', 50.5, 'upper', 'mg/L', 'day', '限值', 'Limit', '表1', 'GB 18918', '2002',
                 '2003-07-01', 'unconfirmed')",
        )
        .execute(&mut *connection)
        .await
        .expect("an old limit");
    let origin = serde_json::json!([{
        "station": "old-1", "parameter": "w01018", "value": 50.5, "bound": "upper", "unit": "mg/L",
        "averaging": "day", "label": {"zh": "限值", "en": "Limit"}, "clause": "表1", "standard": "GB 18918",
        "edition": "2002", "from": "2003-07-01", "until": null, "status": "unconfirmed",
        "reference_oxygen": null
    }]);
    sqlx::query("INSERT INTO station_limits (station, origin) VALUES ('old-1', ?1)")
        .bind(origin.to_string())
        .execute(&mut *connection)
        .await
        .expect("what the seed brought");
}

/// Entries of a journal that was no tree yet.
async fn old_events(connection: &mut sqlx::SqliteConnection, version: usize) {
    if !(1..5).contains(&version) {
        return;
    }
    sqlx::query(
        "WITH RECURSIVE nth (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM nth WHERE n < 600)
         INSERT INTO event (at, actor, action, subject_kind, subject, before, after, why)
         SELECT 1000 + n, 'user:li', 'station.put', 'station', 'old-' || n, NULL, '{\"b\": 1.50, \"a\":2}', '旧' FROM nth",
    )
    .execute(&mut *connection)
    .await
    .expect("old entries");
}

/// Every old entry has its leaf, and the tree is whole.
async fn journal_is_a_tree(store: &Store) {
    let entries = store.journal_range(1, 1_000).await.expect("reads");
    assert_eq!(entries.len(), 600);
    assert!(entries.iter().all(|entry| entry.is_intact()));
    assert_eq!(
        entries[6].bytes,
        "{\"seq\":7,\"at\":1007,\"actor\":\"user:li\",\"action\":\"station.put\",\"subject_kind\":\"station\",\
         \"subject\":\"old-7\",\"version\":null,\"changes\":null,\"before\":null,\"after\":{\"b\": 1.50, \"a\":2},\
         \"why\":\"旧\"}"
    );
    let leaves: Vec<[u8; 32]> = entries.iter().map(|entry| entry.leaf).collect();
    assert_eq!(store.journal_tile(0, 1).await.expect("reads").expect("is there").hashes, leaves[256..512]);
    assert_eq!(store.journal_tile(1, 0).await.expect("reads").expect("is there").hashes.len(), 2);
    let error =
        store.db().execute("test", "UPDATE event SET leaf = NULL", args![]).await.expect_err("refused");
    assert!(matches!(error, StoreError::Query { .. }), "{error}");
}

/// What there was stands in both languages, and still counts as untouched since the seed.
async fn limit_is_in_both_languages(store: &Store) {
    let registry = store.registry();
    let lines = registry.limits(&sanggan_base::StationCode::parse("old-1").expect("a code"));
    assert_eq!((lines[0].clause.zh.as_str(), lines[0].clause.en.as_str()), ("表1", "表1"));
    assert_eq!(lines[0].standard, sanggan_pack::Name::same("GB 18918"));
    let origin: String = sqlx::query_scalar("SELECT origin FROM station_limits WHERE station = 'old-1'")
        .fetch_one(pool(store))
        .await
        .expect("reads");
    let origin: serde_json::Value = serde_json::from_str(&origin).expect("JSON");
    assert_eq!(origin, serde_json::to_value(lines).expect("serialises"));
}

#[tokio::test]
async fn a_base_of_any_earlier_version_becomes_the_same_as_a_fresh_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let fresh = Store::open(&folder.path().join("fresh.sqlite")).await.expect("opens");
    let wanted = schema(pool(&fresh)).await;
    let steps: Vec<_> = SQLITE.iter().collect();
    assert!(steps.windows(2).all(|pair| pair[0].version + 1 == pair[1].version), "numbered without gaps");
    for upto in 0..steps.len() {
        let path = folder.path().join(format!("old-{upto}.sqlite"));
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.expect("makes");
        let mut connection = old.acquire().await.expect("connects");
        connection.ensure_migrations_table(&SQLITE.table_name).await.expect("makes");
        for step in &steps[..upto] {
            connection.apply(&SQLITE.table_name, step).await.expect("applies");
        }
        if upto > 0 {
            sqlx::query(
                "INSERT INTO station (code, name_zh, name_en, kind, area, position, simulated)
                     VALUES ('old-1', '旧', 'Old', 'air', '140602', 'surveyed', 0)",
            )
            .execute(&mut *connection)
            .await
            .expect("an old row");
        }
        if (1..4).contains(&upto) {
            old_limit(&mut connection).await;
        }
        old_events(&mut connection, upto).await;
        drop(connection);
        old.close().await;
        let store = Store::open(&path).await.expect("migrates");
        assert_eq!(schema(pool(&store)).await, wanted, "from version {upto}");
        assert_eq!(store.registry().stations().count(), usize::from(upto > 0), "rows survive");
        if (1..4).contains(&upto) {
            limit_is_in_both_languages(&store).await;
        }
        if (1..5).contains(&upto) {
            journal_is_a_tree(&store).await;
        }
    }
}

#[test]
fn both_databases_have_the_same_versions_from_the_fifth_on() {
    let of = |list: &sqlx::migrate::Migrator| {
        let steps = list.iter().map(|step| (step.version, step.description.to_string()));
        steps.filter(|(version, _)| *version >= 5).collect::<Vec<_>>()
    };
    assert_eq!(of(&SQLITE), of(&POSTGRES));
    assert!(POSTGRES.iter().all(|step| step.version >= 5));
}

#[tokio::test]
async fn a_file_that_is_no_base_and_a_folder_that_is_not_there_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("text.sqlite");
    std::fs::write(&path, "this is no base, only text; long enough to be looked at as one, though")
        .expect("writes");
    let error = Store::open(&path).await.expect_err("no base");
    assert!(error.to_string().contains("text.sqlite"), "{error}");
    let error = Store::open(&folder.path().join("none/store.sqlite")).await.expect_err("no folder");
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
}
