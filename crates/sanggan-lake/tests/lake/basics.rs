//! What holds in fair weather: before sealing, after it, and after a restart.

use sanggan_base::{Flag, FrameId, Grain, Millis, Reading, SeriesId, StatKind};
use sanggan_lake::{FrameQuery, FrameStatus, Lake, LakeError, LakeOptions, NewStatistic, ReadQuery};

use crate::support::{
    DAY, HOUR, Hands, MARCH, MINUTE, all, frame, key, open, options, reading, seal_all, show,
};

#[tokio::test]
async fn what_is_appended_is_there_at_once_after_sealing_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let (pm, co) =
        (lake.series_id(&key("s1", "a34004")).unwrap(), lake.series_id(&key("s1", "a21005")).unwrap());
    let ids = lake
        .append(vec![
            frame("##one", MARCH, vec![reading(pm, MARCH - MINUTE, 35.5), reading(co, MARCH - MINUTE, 0.4)]),
            frame("##two", MARCH, vec![reading(pm, MARCH, 36.0)]),
        ])
        .await
        .unwrap();
    assert_eq!(ids, [FrameId(1), FrameId(2)]);
    let expected = "1 2026-02-28T23:59:00+08:00 35.5 normal\n1 2026-03-01T00:00:00+08:00 36 normal\n\
                    2 2026-02-28T23:59:00+08:00 0.4 normal\n";
    assert_eq!(show(&lake.read(all(&[pm, co])).await.unwrap()), expected);
    assert_eq!(lake.latest(pm).unwrap().value, 36.0);

    let report = seal_all(&lake).await;
    assert_eq!((report.frames, report.observations, report.files), (2, 3, 3));
    assert_eq!(show(&lake.read(all(&[co, pm, pm])).await.unwrap()), expected);
    let status = lake.status();
    assert_eq!((status.hot_frames, status.hot_observations, status.sealed_observations), (0, 0, 3));
    // a second seal has nothing to do
    assert_eq!(seal_all(&lake).await.files, 0);
    lake.close().await;
    assert!(matches!(lake.append(vec![frame("##", 0, vec![])]).await, Err(LakeError::Closed)));
    drop(lake);

    let lake = open(folder.path(), &hands).await;
    assert_eq!(show(&lake.read(all(&[pm, co])).await.unwrap()), expected);
    assert_eq!(lake.latest(pm).unwrap().value, 36.0);
    assert_eq!(lake.latest_all().len(), 2);
    assert_eq!(lake.find_series(&key("s1", "a34004")), Some(pm));
    assert_eq!(lake.series_of(&key("s1", "x").station).len(), 2);
    assert_eq!(lake.append(vec![frame("##three", MARCH, vec![])]).await.unwrap(), [FrameId(3)]);
    let kept = lake.read(all(&[pm])).await.unwrap();
    assert_eq!(kept[0].frame, Some(FrameId(1)));
    assert_eq!(kept[0].recorded_at, Millis(MARCH));
}

#[tokio::test]
async fn a_frame_keeps_its_bytes_and_its_sm3() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path(), &Hands::at(MARCH)).await;
    let mut sent = frame("abc", MARCH, vec![]);
    sent.bytes.push(0xff);
    sent.bytes.pop();
    let id = lake.append(vec![sent]).await.unwrap()[0];
    for _ in 0..2 {
        let kept = lake.frame(id).await.unwrap().unwrap();
        assert_eq!(kept.bytes, b"abc");
        // GB/T 32905-2016, example 1
        assert_eq!(kept.sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!((kept.cn, kept.status), (Some(2051), FrameStatus::Stored));
        assert!(lake.frame(FrameId(99)).await.unwrap().is_none());
        seal_all(&lake).await;
    }
}

#[tokio::test]
async fn frames_are_listed_a_page_at_a_time_across_sealed_and_hot() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path(), &Hands::at(MARCH)).await;
    for round in 0..4 {
        // every third frame carries a clock that is a month off, so files overlap in ids
        let frames = (0..30).map(|n| {
            let n = round * 30 + n;
            let mut frame =
                frame(&format!("##{n}"), if n % 3 == 0 { MARCH - DAY } else { MARCH + n }, vec![]);
            if n % 10 == 0 {
                frame.defects = "no-qn".into();
                frame.status = FrameStatus::Unreadable;
                frame.mn = None;
            }
            frame
        });
        lake.append(frames.collect()).await.unwrap();
        if round < 3 {
            seal_all(&lake).await;
        }
    }
    assert_eq!(lake.status().hot_frames, 30);
    let mut seen = Vec::new();
    loop {
        let after = seen.last().copied();
        let page = lake.frames(FrameQuery { after, limit: 7, ..Default::default() }).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|frame| frame.id));
    }
    assert_eq!(seen, (1..=120).map(FrameId).collect::<Vec<_>>());
    seen.clear();
    loop {
        let query =
            FrameQuery { after: seen.last().copied(), newest_first: true, limit: 11, ..Default::default() };
        let page = lake.frames(query).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|frame| frame.id));
    }
    assert_eq!(seen, (1..=120).rev().map(FrameId).collect::<Vec<_>>());

    let list = async |query: FrameQuery| -> Vec<u64> {
        lake.frames(query).await.unwrap().iter().map(|frame| frame.id.0).collect()
    };
    let defective = list(FrameQuery { only_defective: true, limit: 100, ..Default::default() }).await;
    assert_eq!(defective, [1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 101, 111]);
    let unreadable = FrameQuery { status: Some(FrameStatus::Unreadable), limit: 2, ..Default::default() };
    assert_eq!(list(unreadable).await, [1, 11]);
    let some = FrameQuery { mn: frame("", 0, vec![]).mn, limit: 500, ..Default::default() };
    assert_eq!(list(some).await.len(), 108);
    let (from, to) = (Some(Millis(MARCH + 85)), Some(Millis(MARCH + 95)));
    let timed = FrameQuery { from, to, limit: 500, ..Default::default() };
    assert_eq!(list(timed).await, [86, 87, 89, 90, 92, 93, 95]);
    assert_eq!(list(FrameQuery::default()).await, [] as [u64; 0]);
}

#[tokio::test]
async fn a_correction_is_a_later_version_and_the_past_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    let versions = [(MARCH, 10.0), (MARCH + HOUR, 11.0), (MARCH, 12.0), (MARCH, 13.0), (MARCH - DAY, 9.0)];
    for (step, (at, value)) in (0i64..).zip(versions) {
        hands.set(MARCH + step * 1000);
        lake.append_readings("table.csv".into(), vec![reading(series, at, value)]).await.unwrap();
        if step == 2 {
            seal_all(&lake).await;
        }
    }
    for _ in 0..2 {
        let as_of = async |step: i64| {
            let query = ReadQuery { as_of: Some(Millis(MARCH + step * 1000)), ..all(&[series]) };
            lake.read(query).await.unwrap().iter().map(|row| row.value).collect::<Vec<_>>()
        };
        assert_eq!(as_of(-1).await, [] as [f64; 0]);
        assert_eq!(as_of(0).await, [10.0]);
        assert_eq!(as_of(1).await, [10.0, 11.0]);
        assert_eq!(as_of(2).await, [12.0, 11.0]);
        assert_eq!(as_of(3).await, [13.0, 11.0]);
        assert_eq!(as_of(9).await, [9.0, 13.0, 11.0]);
        let every = lake.read_versions(all(&[series])).await.unwrap();
        assert_eq!(every.iter().map(|row| row.value).collect::<Vec<_>>(), [9.0, 10.0, 12.0, 13.0, 11.0]);
        assert!(every.iter().all(|row| row.frame.is_none()));
        seal_all(&lake).await;
    }
    let sources = lake.sql("SELECT DISTINCT source FROM observation_versions", 10).await.unwrap();
    assert_eq!(sources.rows, [[serde_json::Value::from("table.csv")]]);
}

#[tokio::test]
async fn a_repeat_of_the_newest_value_is_no_version_but_its_frame_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path(), &Hands::at(MARCH)).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    for _ in 0..3 {
        lake.append(vec![frame("##same", MARCH, vec![reading(series, MARCH, 10.0)])]).await.unwrap();
        seal_all(&lake).await;
    }
    assert_eq!(lake.read_versions(all(&[series])).await.unwrap().len(), 1);
    assert_eq!(lake.status().sealed_frames, 3);
    let flagged = Reading { flag: Flag::Fault, ..reading(series, MARCH, 10.0) };
    lake.append(vec![frame("##flagged", MARCH, vec![flagged])]).await.unwrap();
    assert_eq!(lake.latest(series).unwrap().flag, Flag::Fault);
    assert_eq!(lake.read_versions(all(&[series])).await.unwrap().len(), 2);
}

#[tokio::test]
async fn recorded_at_never_goes_backwards_whatever_the_clock_does() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let mut lake = open(folder.path(), &hands).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    let shown =
        [MARCH, MARCH - 365 * DAY, MARCH + 5, MARCH + 30 * DAY, MARCH + 6, i64::MIN, MARCH + 31 * DAY];
    for (step, now) in (0i64..).zip(shown) {
        hands.set(now);
        let readings = vec![reading(series, MARCH + step * MINUTE, step as f64)];
        lake.append(vec![frame("##", now, readings)]).await.unwrap();
        if step == 3 {
            // the promise holds over a restart with the clock set back
            hands.set(MARCH - DAY);
            seal_all(&lake).await;
            lake.close().await;
            drop(lake);
            lake = open(folder.path(), &hands).await;
        }
    }
    let rows = lake.read_versions(all(&[series])).await.unwrap();
    let recorded: Vec<i64> = rows.iter().map(|row| row.recorded_at.0).collect();
    let (month, last) = (MARCH + 30 * DAY, MARCH + 31 * DAY);
    assert_eq!(recorded, [MARCH, MARCH, MARCH + 5, month, month, month, last]);
}

#[tokio::test]
async fn the_bus_counts_without_gaps_and_unfollowed_rows_are_not_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    let mut bus = lake.subscribe();
    for step in 0..3 {
        let readings = vec![reading(series, MARCH + step * HOUR + MINUTE, 1.0)];
        lake.append(vec![frame("##", MARCH, readings)]).await.unwrap();
        lake.append_statistics(vec![hour(series, MARCH + step * HOUR)], 0).await.unwrap();
    }
    for seq in 1..=3 {
        let committed = bus.recv().await.unwrap();
        assert_eq!((committed.seq, committed.frames.len(), committed.observations.len()), (seq, 1, 1));
    }
    lake.append_statistics(Vec::new(), 1).await.unwrap();
    let report = lake.seal().await.unwrap();
    assert_eq!((report.frames, report.observations, report.statistics), (1, 1, 3));
    let touched = vec![(series, Millis(MARCH + HOUR)), (series, Millis(MARCH + 2 * HOUR))];
    assert_eq!(lake.touched_since(lake.statistics_followed()).await.unwrap(), touched);
    lake.close().await;
    drop(lake);
    let lake = open(folder.path(), &hands).await;
    assert_eq!(lake.statistics_followed(), 1);
    assert_eq!(lake.touched_since(1).await.unwrap(), touched);
    assert_eq!(lake.touched_since(2).await.unwrap(), touched[1..]);
    let mut bus = lake.subscribe();
    lake.append(vec![frame("##", MARCH, vec![])]).await.unwrap();
    assert_eq!(bus.recv().await.unwrap().seq, 4);
}

fn hour(series: SeriesId, start: i64) -> NewStatistic {
    NewStatistic {
        series,
        grain: Grain::Hour,
        kind: StatKind::Mean,
        start: Millis(start),
        value: Some(1.0),
        valid: true,
        used: 50,
        required: 45,
        excluded: 1,
    }
}

#[tokio::test]
async fn statistics_are_read_by_grain_and_kind_in_their_newest_version() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    let rows = vec![
        hour(series, MARCH),
        hour(series, MARCH + HOUR),
        NewStatistic { kind: StatKind::MaxHour, grain: Grain::Day, ..hour(series, MARCH) },
        NewStatistic { grain: Grain::Day, value: None, valid: false, ..hour(series, MARCH) },
    ];
    lake.append_statistics(rows, 0).await.unwrap();
    hands.set(MARCH + 1);
    lake.append_statistics(vec![NewStatistic { value: Some(2.0), ..hour(series, MARCH) }], 0).await.unwrap();
    for _ in 0..2 {
        let read = async |grain, kinds: &[StatKind], as_of: Option<i64>| {
            let query = ReadQuery { as_of: as_of.map(Millis), ..all(&[series]) };
            let rows = lake.read_statistics(query, grain, kinds.to_vec()).await.unwrap();
            rows.iter().map(|row| (row.kind, row.start.0 - MARCH, row.value)).collect::<Vec<_>>()
        };
        let newest = [(StatKind::Mean, 0, Some(2.0)), (StatKind::Mean, HOUR, Some(1.0))];
        assert_eq!(read(Grain::Hour, &[], None).await, newest);
        assert_eq!(read(Grain::Hour, &[StatKind::Mda8], None).await, []);
        let then = [(StatKind::Mean, 0, Some(1.0)), (StatKind::Mean, HOUR, Some(1.0))];
        assert_eq!(read(Grain::Hour, &[], Some(MARCH)).await, then);
        let days = [(StatKind::Mean, 0, None), (StatKind::MaxHour, 0, Some(1.0))];
        assert_eq!(read(Grain::Day, &[], None).await, days);
        let sql = "SELECT grain, kind, value, used FROM statistics ORDER BY grain, kind, start";
        let table = lake.sql(sql, 10).await.unwrap();
        let text: Vec<String> = table.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
        assert_eq!(
            text,
            [
                r#"["day","max_hour",1.0,50]"#,
                r#"["day","mean",null,50]"#,
                r#"["hour","mean",2.0,50]"#,
                r#"["hour","mean",1.0,50]"#
            ]
        );
        assert!(lake.seal().await.unwrap().statistics > 0 || lake.status().hot_statistics == 0);
    }
}

#[tokio::test]
async fn callers_wait_while_the_hot_store_is_full_and_go_on_after_a_seal() {
    let folder = tempfile::tempdir().unwrap();
    let options = LakeOptions { hot_rows_max: 10, seal_requires_statistics: false, ..options(folder.path()) };
    let lake = Lake::open(options, Hands::at(MARCH).clock()).await.unwrap();
    lake.append((0..12).map(|n| frame(&format!("##{n}"), MARCH, vec![])).collect()).await.unwrap();
    let waiting = tokio::spawn({
        let lake = lake.clone();
        async move { lake.append(vec![frame("##later", MARCH, vec![])]).await }
    });
    // statistics never wait, or nothing could ever be sealed
    lake.append_statistics(Vec::new(), 1).await.unwrap();
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    assert_eq!(lake.status().hot_frames, 12);
    lake.seal().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), [FrameId(13)]);
}

#[tokio::test]
async fn a_lake_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let second = Lake::open(options(folder.path()), hands.clock()).await;
    assert!(matches!(second, Err(LakeError::Open { .. })));
    lake.close().await;
    assert!(Lake::open(options(folder.path()), hands.clock()).await.is_ok());
}

#[tokio::test]
async fn moments_no_calendar_has_are_stored_at_the_ends_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path(), &Hands::at(MARCH)).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    let readings = vec![reading(series, i64::MIN, 1.0), reading(series, i64::MAX, f64::NAN)];
    lake.append(vec![frame("##", i64::MAX, readings)]).await.unwrap();
    for _ in 0..2 {
        let shown = "1 0001-01-01T08:00:00+08:00 1 normal\n1 9999-12-30T08:00:00+08:00 NaN normal\n";
        assert_eq!(show(&lake.read(all(&[series])).await.unwrap()), shown);
        assert!(lake.frame(FrameId(1)).await.unwrap().is_some());
        seal_all(&lake).await;
    }
}

#[tokio::test]
async fn many_callers_share_one_sync_and_new_series_are_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = LakeOptions { commit_delay_ms: 20, ..options(folder.path()) };
    let lake = Lake::open(options, Hands::at(MARCH).clock()).await.unwrap();
    let keys: Vec<_> = (0..50).map(|n| key(&format!("s{}", n % 25), "a34004")).collect();
    let ids = lake.series_ids(&keys).unwrap();
    assert_eq!(ids[..25], ids[25..]);
    assert_eq!(lake.status().series, 25);
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let (lake, series) = (lake.clone(), ids[n % 25]);
            tokio::spawn(async move {
                let text = format!("##{n}");
                let readings = vec![reading(series, MARCH + n as i64, n as f64)];
                let id = lake.append(vec![frame(&text, MARCH, readings)]).await.unwrap()[0];
                (text, id)
            })
        })
        .collect();
    for task in tasks {
        let (text, id) = task.await.unwrap();
        assert_eq!(lake.frame(id).await.unwrap().unwrap().bytes, text.as_bytes());
    }
    let status = lake.status();
    assert_eq!(status.hot_observations, 100);
    assert!(status.last_seq < 50, "100 callers took {} syncs", status.last_seq);
}

#[tokio::test]
async fn a_moment_years_ahead_from_a_wrong_clock_does_not_stay_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let mut lake = open(folder.path(), &hands).await;
    let series = lake.series_id(&key("s", "a34004")).unwrap();
    let suspect = |at, value| Reading { flag: Flag::ClockSuspect, ..reading(series, at, value) };
    let newest = |lake: &Lake| lake.latest(series).map(|row| row.value);
    // while there is nothing better, a wrong clock is better than nothing
    lake.append_readings("t".into(), vec![suspect(MARCH + 3_650 * DAY, 1.0)]).await.unwrap();
    assert_eq!(newest(&lake), Some(1.0));
    lake.append_readings("t".into(), vec![reading(series, MARCH, 2.0)]).await.unwrap();
    assert_eq!(newest(&lake), Some(2.0));
    lake.append_readings("t".into(), vec![suspect(MARCH + 3_650 * DAY, 3.0)]).await.unwrap();
    assert_eq!(newest(&lake), Some(2.0), "it does not come back");
    // a repeat of the newest is no version, whatever a wrong clock said in between
    lake.append_readings("t".into(), vec![reading(series, MARCH, 2.0)]).await.unwrap();
    assert_eq!(lake.read_versions(all(&[series])).await.unwrap().len(), 3);
    for round in 0..2 {
        crate::support::seal_all(&lake).await;
        lake.close().await;
        lake = open(folder.path(), &hands).await;
        assert_eq!(newest(&lake), Some(2.0 + f64::from(round)), "after sealing and a restart");
        lake.append_readings("t".into(), vec![suspect(MARCH + 3_651 * DAY, 9.0)]).await.unwrap();
        let next = reading(series, MARCH + i64::from(round + 1) * MINUTE, 3.0 + f64::from(round));
        lake.append_readings("t".into(), vec![next]).await.unwrap();
        assert_eq!(newest(&lake), Some(3.0 + f64::from(round)));
    }
}
