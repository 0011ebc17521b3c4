//! Whatever is written, sealed, compacted and reopened, reading answers like a list of everything ever written.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sanggan_base::{Flag, Grain, Millis, Observation, Reading, SeriesId, StatKind};
use sanggan_lake::{Lake, NewStatistic, ReadQuery};

use crate::support::{DAY, HOUR, Hands, MARCH, all, key, open};

#[derive(Debug, Clone)]
enum Step {
    /// (series, place in time, value, flag) rows of one commit.
    Append(Vec<(u32, i64, u8, bool)>),
    Statistics(Vec<(u32, i64, u8)>),
    Turn(i64),
    Follow,
    Seal,
    Compact,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // places are 6 h apart over three months, few enough to meet again
    let row = (1..=3u32, 0..240i64, 0..4u8, any::<bool>());
    let figure = (1..=3u32, 0..60i64, 0..4u8);
    let step = prop_oneof![
        6 => prop::collection::vec(row, 1..20).prop_map(Step::Append),
        2 => prop::collection::vec(figure, 1..8).prop_map(Step::Statistics),
        2 => (-5_000..20_000i64).prop_map(Step::Turn),
        3 => Just(Step::Follow),
        3 => Just(Step::Seal),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 5..60)
}

/// Every version, in the order of writing.
#[derive(Default)]
struct Model {
    rows: Vec<Observation>,
    figures: Vec<(u32, i64, f64, Millis)>,
    recorded_at: Option<Millis>,
}

impl Model {
    fn record(&mut self, now: i64) -> Millis {
        let now = self.recorded_at.map_or(Millis(now), |last| last.max(Millis(now)));
        self.recorded_at = Some(now);
        now
    }

    fn append(&mut self, reading: &Reading, recorded_at: Millis) {
        let of_series = self.rows.iter().filter(|row| row.series == reading.series);
        let newest = of_series.rev().max_by_key(|row| row.at);
        // max_by_key gives the last of equals; reversed, that is the first written: look again for the newest
        let newest = newest
            .and_then(|top| self.rows.iter().rev().find(|row| row.series == top.series && row.at == top.at));
        let repeats = newest.is_some_and(|newest| {
            newest.at == reading.at && newest.value == reading.value && newest.flag == reading.flag
        });
        if !repeats {
            let Reading { series, at, value, flag } = *reading;
            self.rows.push(Observation { series, at, value, flag, recorded_at, frame: None });
        }
    }

    fn current(&self, query: &ReadQuery) -> Vec<Observation> {
        let mut newest: BTreeMap<(SeriesId, Millis), Observation> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| matches(query, row.at, row.recorded_at)) {
            newest.insert((row.series, row.at), *row);
        }
        newest.into_values().collect()
    }

    fn versions(&self, query: &ReadQuery) -> Vec<Observation> {
        let rows = self.rows.iter().filter(|row| matches(query, row.at, row.recorded_at));
        let mut rows: Vec<Observation> = rows.copied().collect();
        rows.sort_by_key(|row| (row.series, row.at));
        rows
    }
}

fn matches(query: &ReadQuery, at: Millis, recorded_at: Millis) -> bool {
    query.from <= at && at < query.to && query.as_of.is_none_or(|as_of| recorded_at <= as_of)
}

async fn run(steps: &[Step]) {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let mut lake = open(folder.path(), &hands).await;
    let series: Vec<SeriesId> =
        (0..3).map(|n| lake.series_id(&key(&format!("s{n}"), "a34004")).unwrap()).collect();
    assert_eq!(series, [SeriesId(1), SeriesId(2), SeriesId(3)]);
    let mut model = Model::default();
    // making the series was a commit too
    model.record(hands.get());
    for step in steps {
        match step {
            Step::Append(rows) => {
                let readings: Vec<Reading> = rows.iter().map(|row| read(*row)).collect();
                let recorded_at = model.record(hands.get());
                readings.iter().for_each(|reading| model.append(reading, recorded_at));
                lake.append_readings("model".into(), readings).await.unwrap();
            }
            Step::Statistics(rows) => {
                let recorded_at = model.record(hands.get());
                let new = |&(series, place, value): &(u32, i64, u8)| NewStatistic {
                    series: SeriesId(series),
                    grain: Grain::Day,
                    kind: StatKind::Mean,
                    start: Millis(MARCH + place * DAY),
                    value: Some(f64::from(value)),
                    valid: true,
                    used: 20,
                    required: 20,
                    excluded: 0,
                };
                let figures =
                    rows.iter().map(|row| (row.0, MARCH + row.1 * DAY, f64::from(row.2), recorded_at));
                model.figures.extend(figures);
                lake.append_statistics(rows.iter().map(new).collect(), 0).await.unwrap();
            }
            Step::Turn(by) => hands.set(hands.get() + by),
            Step::Follow => {
                model.record(hands.get());
                lake.append_statistics(Vec::new(), lake.status().last_seq).await.unwrap();
            }
            Step::Seal => {
                lake.seal().await.unwrap();
            }
            Step::Compact => {
                lake.compact().await.unwrap();
            }
            Step::Reopen => {
                lake.close().await;
                lake = open(folder.path(), &hands).await;
            }
        }
    }
    check(&lake, &model, &series).await;
}

fn read((series, place, value, valid): (u32, i64, u8, bool)) -> Reading {
    Reading {
        series: SeriesId(series),
        at: Millis(MARCH - 20 * DAY + place * 6 * HOUR),
        value: f64::from(value),
        flag: if valid { Flag::Normal } else { Flag::Fault },
    }
}

async fn check(lake: &Lake, model: &Model, series: &[SeriesId]) {
    let middle = model.rows.get(model.rows.len() / 2).map_or(Millis(MARCH), |row| row.recorded_at);
    let queries = [
        all(series),
        all(&series[1..2]),
        ReadQuery { as_of: Some(middle), ..all(series) },
        ReadQuery { from: Millis(MARCH - 3 * DAY), to: Millis(MARCH + 9 * DAY), ..all(&series[..2]) },
        ReadQuery { from: Millis(MARCH), to: Millis(MARCH), ..all(series) },
    ];
    for query in &queries {
        let only = |rows: Vec<Observation>| -> Vec<Observation> {
            rows.into_iter().filter(|row| query.series.contains(&row.series)).collect()
        };
        assert_eq!(lake.read(query.clone()).await.unwrap(), only(model.current(query)));
        assert_eq!(lake.read_versions(query.clone()).await.unwrap(), only(model.versions(query)));
    }
    for &id in series {
        let newest = model.current(&all(series)).into_iter().rfind(|row| row.series == id);
        assert_eq!(lake.latest(id), newest);
    }
    let rows = model.current(&all(series));
    let table =
        lake.sql("SELECT series_id, at, value, flag FROM observations ORDER BY 1, 2", 100_000).await.unwrap();
    let told: Vec<String> = table.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    let expected: Vec<String> = rows
        .iter()
        .map(|row| format!("[{},\"{}\",{:.1},\"{}\"]", row.series.0, row.at, row.value, row.flag.name()))
        .collect();
    assert_eq!(told, expected);

    let mut newest: BTreeMap<(u32, i64), f64> = BTreeMap::new();
    for &(id, start, value, _) in &model.figures {
        newest.insert((id, start), value);
    }
    let figures = lake.read_statistics(all(series), Grain::Day, vec![]).await.unwrap();
    let told: Vec<_> = figures.iter().map(|row| ((row.series.0, row.start.0), row.value.unwrap())).collect();
    assert_eq!(told, newest.clone().into_iter().collect::<Vec<_>>());
    let table = lake.sql("SELECT count(*), sum(value) FROM statistics", 1).await.unwrap();
    assert_eq!(table.rows[0][0], newest.len());
    assert_eq!(table.rows[0][1].as_f64().unwrap_or(0.0), newest.values().sum::<f64>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn reading_answers_like_a_list_of_everything_written(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(&steps));
    }
}

#[tokio::test]
async fn many_seals_make_many_files_and_compaction_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let series: Vec<SeriesId> =
        (0..3).map(|n| lake.series_id(&key(&format!("s{n}"), "a34004")).unwrap()).collect();
    let mut model = Model::default();
    for round in 0..12i64 {
        let rows = (0..60).map(|n| read((n % 3 + 1, (round * 20 + i64::from(n)) % 160, (n % 4) as u8, true)));
        let readings: Vec<Reading> = rows.collect();
        let recorded_at = model.record(hands.get());
        readings.iter().for_each(|reading| model.append(reading, recorded_at));
        lake.append_readings("rounds".into(), readings).await.unwrap();
        crate::support::seal_all(&lake).await;
    }
    let before = lake.status();
    let gone = lake.compact().await.unwrap();
    let after = lake.status();
    assert!(gone > 10, "{gone} files went");
    assert!(after.sealed_files < before.sealed_files);
    assert_eq!(after.sealed_observations, before.sealed_observations);
    check(&lake, &model, &series).await;
    lake.close().await;
    let lake = open(folder.path(), &hands).await;
    assert_eq!(lake.status().sealed_files, after.sealed_files);
    check(&lake, &model, &series).await;
}
