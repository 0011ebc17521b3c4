//! The SQL catalog: a question, `----`, and the rows it answers, before and after sealing.

use sanggan_base::{Flag, Millis, Reading};
use sanggan_lake::{Lake, LakeError};

use crate::support::{DAY, Hands, MARCH, MINUTE, frame, key, open, reading, seal_all};

async fn filled(folder: &std::path::Path) -> Lake {
    let hands = Hands::at(MARCH + DAY);
    let lake = open(folder, &hands).await;
    let ids = lake.series_ids(&[key("朔州-1", "a34004"), key("朔州-2", "a34004")]).unwrap();
    let fault = Reading { flag: Flag::Fault, ..reading(ids[1], MARCH + MINUTE, 999.0) };
    let mut odd = frame("##\u{1}", MARCH + 5, vec![]);
    odd.bytes = vec![0x23, 0x23, 0xff];
    odd.defects = "crc".into();
    odd.mn = None;
    let frames = vec![
        frame(
            "##1",
            MARCH,
            vec![reading(ids[0], MARCH - MINUTE, 10.0), reading(ids[1], MARCH - MINUTE, 20.0)],
        ),
        frame("##2", MARCH, vec![reading(ids[0], MARCH, 30.0), reading(ids[1], MARCH, 40.0), fault]),
        odd,
    ];
    lake.append(frames).await.unwrap();
    hands.set(MARCH + 2 * DAY);
    lake.append_readings("correction".into(), vec![reading(ids[0], MARCH - MINUTE, 11.0)]).await.unwrap();
    lake
}

const ROWS: &str = r###"
SELECT count(*) FROM observations
----
[5]

SELECT count(*) FROM observation_versions
----
[6]

SELECT series_id, at, value, flag, valid, month FROM observations ORDER BY series_id, at
----
[1,"2026-02-28T23:59:00+08:00",11.0,"normal",true,"2026-02"]
[1,"2026-03-01T00:00:00+08:00",30.0,"normal",true,"2026-03"]
[2,"2026-02-28T23:59:00+08:00",20.0,"normal",true,"2026-02"]
[2,"2026-03-01T00:00:00+08:00",40.0,"normal",true,"2026-03"]
[2,"2026-03-01T00:01:00+08:00",999.0,"fault",false,"2026-03"]

SELECT s.station, avg(o.value) FROM observations o JOIN series s USING (series_id) WHERE o.valid GROUP BY 1 ORDER BY 1
----
["朔州-1",20.5]
["朔州-2",30.0]

SELECT at, value FROM observations WHERE at >= '2026-03-01T00:00:00+08:00' AND at < '2026-03-02' AND series_id = 1
----
["2026-03-01T00:00:00+08:00",30.0]

SELECT date_trunc('day', at) AS day, count(*) FROM observations GROUP BY 1 ORDER BY 1
----
["2026-02-28T00:00:00+08:00",2]
["2026-03-01T00:00:00+08:00",3]

SELECT value FROM observations WHERE month = '2026-02' ORDER BY value
----
[11.0]
[20.0]

SELECT value, part, source, recorded_at FROM observation_versions WHERE series_id = 1 AND month = '2026-02' ORDER BY recorded_at
----
[10.0,"main",null,"2026-03-02T00:00:00+08:00"]
[11.0,"late","correction","2026-03-03T00:00:00+08:00"]

SELECT id, mn, cn, status, defects, bytes FROM frames ORDER BY id DESC LIMIT 2
----
[3,null,2051,"stored","crc","\\x2323ff"]
[2,"MN0001",2051,"stored","","##2"]

WITH top AS (SELECT max(value) AS v FROM observations WHERE valid) SELECT v FROM top
----
[40.0]
"###;

async fn ask(lake: &Lake) {
    for question in ROWS.trim().split("\n\n") {
        let (sql, expected) = question.split_once("\n----\n").unwrap();
        let table = lake.sql(sql, 100).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let rows: Vec<String> = table.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
        assert_eq!(rows.join("\n"), expected.trim_end(), "{sql}");
    }
}

#[tokio::test]
async fn questions_have_the_same_answers_hot_sealed_and_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path()).await;
    ask(&lake).await;
    lake.append_statistics(Vec::new(), 1).await.unwrap();
    assert_eq!(lake.seal().await.unwrap().observations, 5);
    assert_eq!(lake.status().hot_observations, 1);
    ask(&lake).await;
    seal_all(&lake).await;
    ask(&lake).await;
}

#[tokio::test]
async fn only_questions_may_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path()).await;
    for sql in [
        "DROP TABLE observations",
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "INSERT INTO series VALUES (1)",
        "DELETE FROM observations",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1 INTO t",
        "EXPLAIN ANALYZE SELECT 1",
    ] {
        let answer = lake.sql(sql, 10).await;
        assert!(matches!(answer, Err(LakeError::NotReadOnly)), "{sql}: {answer:?}");
    }
    for sql in
        ["SELECT 1; SELECT 2", "SELEC", "SELECT * FROM '/etc/passwd'", "SELECT nothing FROM frames", ""]
    {
        let answer = lake.sql(sql, 10).await;
        assert!(matches!(answer, Err(LakeError::Query { .. })), "{sql}: {answer:?}");
    }
}

#[tokio::test]
async fn rows_are_cut_off_at_the_limit_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path()).await;
    let cut = lake.sql("SELECT series_id FROM observations", 4).await.unwrap();
    assert_eq!((cut.rows.len(), cut.truncated), (4, true));
    let whole = lake.sql("SELECT series_id FROM observations", 5).await.unwrap();
    assert_eq!((whole.rows.len(), whole.truncated), (5, false));
    assert_eq!((whole.columns[0].name.as_str(), whole.columns[0].kind.as_str()), ("series_id", "Int32"));
}

/// The tables are open to others: a Delta reader that knows nothing of the lake sees the same rows.
#[tokio::test]
async fn an_outside_reader_sees_the_sealed_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path()).await;
    seal_all(&lake).await;
    for (table, rows) in [("observations", 6), ("frames", 3)] {
        let url = deltalake::ensure_table_uri(folder.path().join(table).to_str().unwrap()).unwrap();
        let outside = deltalake::open_table(url).await.unwrap();
        let context = datafusion::prelude::SessionContext::new();
        let provider = outside.table_provider().await.unwrap();
        context.register_table("t", provider).unwrap();
        let batches = context.sql("SELECT * FROM t").await.unwrap().collect().await.unwrap();
        assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), rows);
        let months = context.sql("SELECT DISTINCT month FROM t").await.unwrap().count().await.unwrap();
        assert_eq!(months, if table == "frames" { 1 } else { 2 });
    }
    assert_eq!(lake.latest(sanggan_base::SeriesId(2)).unwrap().at, Millis(MARCH + MINUTE));
}
