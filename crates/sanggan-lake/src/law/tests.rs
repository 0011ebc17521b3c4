//! The functions answer what the pure evaluators answer, however the rows are cut into batches and partitions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int32Type, TimestampMicrosecondType};
use datafusion::catalog::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use jiff::civil::Date;
use sanggan_standards::{AirSample, Averaging, Basis, Law, Pollutant, Report, statistics};

use super::{Functions, args};
use crate::sealed::kind::ZONE;

/// A small generator of numbers that are the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

#[derive(Clone)]
struct Row {
    station: u64,
    /// Hours since 1970-01-01 00:00 local time.
    hour: Option<i64>,
    parameter: Option<&'static str>,
    value: Option<f64>,
}

const NAMES: [[&str; 3]; 6] = [
    ["a21026", "SO2", "二氧化硫"],
    ["a21004", "no2", "NO2"],
    ["a21005", "CO", "co"],
    ["a05024", "O3", "o3"],
    ["a34002", "PM10", "pm10"],
    ["a34004", "PM2.5", "pm25"],
];

/// First days of stretches under different editions, and one before any.
const DAYS: [(i16, i8, i8); 4] = [(2011, 5, 1), (2020, 2, 27), (2026, 3, 1), (2031, 1, 1)];

fn since_epoch(date: Date) -> i64 {
    i64::from(date.since(Date::constant(1970, 1, 1)).unwrap().get_days())
}

fn rows(noise: &mut Noise) -> Vec<Row> {
    let mut rows = Vec::new();
    for station in 0..8 {
        for (year, month, day) in DAYS {
            let first = since_epoch(Date::constant(year, month, day)) * 24;
            // from complete to nearly empty
            let gaps = [0, 0, 1, 2, 3, 5, 7, 36][noise.below(8) as usize];
            let faults = noise.below(6) == 0;
            let dirty = [1, 4, 15][noise.below(3) as usize];
            for hour in 0..48 {
                for (at, names) in NAMES.iter().enumerate() {
                    if noise.below(40) < gaps {
                        continue;
                    }
                    let scale = dirty * if at == 2 { 4 } else { 200 };
                    let value = match noise.below(60) {
                        0 => None,
                        1 if faults => Some(-1.0),
                        2 if faults => Some(f64::NAN),
                        _ => Some(noise.below(scale) as f64 / 10.0),
                    };
                    let hour = Some(first + hour);
                    let row = Row { station, hour, parameter: Some(names[noise.below(3) as usize]), value };
                    if noise.below(4000) == 0 {
                        rows.push(row.clone());
                    }
                    rows.push(row);
                }
                if noise.below(10) == 0 {
                    rows.push(Row {
                        station,
                        hour: Some(first + hour),
                        parameter: [None, Some("a01001")][noise.below(2) as usize],
                        value: Some(1.0),
                    });
                }
            }
        }
    }
    for at in (1..rows.len()).rev() {
        rows.swap(at, noise.below(at as u64 + 1) as usize);
    }
    rows
}

fn batch(rows: &[Row], views: bool) -> RecordBatch {
    let times: TimestampMicrosecondArray =
        rows.iter().map(|row| row.hour.map(|hour| (hour - 8) * args::HOUR)).collect();
    let parameters: ArrayRef = if views {
        Arc::new(rows.iter().map(|row| row.parameter).collect::<StringViewArray>())
    } else {
        Arc::new(rows.iter().map(|row| row.parameter).collect::<StringArray>())
    };
    let stations = StringArray::from_iter_values(rows.iter().map(|row| format!("s{}", row.station)));
    RecordBatch::try_from_iter_with_nullable([
        ("station", Arc::new(stations) as ArrayRef, false),
        ("at", Arc::new(times.with_timezone(ZONE)), true),
        ("parameter", parameters, true),
        ("value", Arc::new(rows.iter().map(|row| row.value).collect::<Float64Array>()), true),
    ])
    .unwrap()
}

/// What the pure functions say of a place's day: index, class, primary, missing, PM2.5, O3.
fn expected(rows: &[&Row], day: i64, edition: Option<&str>) -> String {
    let law = Law::embedded();
    let mut hours = [[None; 24]; 6];
    let mut twice = false;
    for row in rows {
        let Some(at) = NAMES.iter().position(|names| names.contains(&row.parameter.unwrap_or(""))) else {
            continue;
        };
        let Some(value) = row.value.filter(|value| 0.0 <= *value) else { continue };
        let slot = &mut hours[at][(row.hour.unwrap() - day * 24) as usize];
        twice |= slot.is_some();
        *slot = Some(value);
    }
    if twice {
        return "twice".to_owned();
    }
    let date = args::date(day as i32).unwrap();
    let rules = law.air_rules(date);
    let mut sample = AirSample::new();
    for (at, one) in Pollutant::ALL.into_iter().enumerate() {
        let figure = statistics::mean(&hours[at], rules.day_hours_min, 0);
        sample.set(one, Averaging::Day, figure.value.filter(|_| figure.valid));
    }
    let ozone = statistics::mda8(&hours[3], rules);
    sample.set(Pollutant::O3, Averaging::Mda8, ozone.value.filter(|_| ozone.valid));
    let hour = statistics::largest(&hours[3], rules.day_hours_min, 0);
    sample.set(Pollutant::O3, Averaging::MaxHour, hour.value.filter(|_| hour.valid));
    let answer = law.aqi(&sample, Report::Day, Basis::new(date, edition));
    let symbols = |all: &[Pollutant]| all.iter().map(|one| one.symbol()).collect::<Vec<_>>().join(",");
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.6}"));
    format!(
        "{} {} [{}] [{}] {} {} {} {}",
        answer.aqi.map_or("-".to_owned(), |aqi| aqi.to_string()),
        answer.class.as_ref().map_or("-", |class| &class.name.zh),
        symbols(&answer.primary),
        symbols(&answer.missing),
        answer.edition.as_ref().map_or("-", |edition| edition.as_str()),
        number(sample.get(Pollutant::Pm25, Averaging::Day)),
        number(sample.get(Pollutant::O3, Averaging::Mda8)),
        answer.unjudged.map_or("-".to_owned(), |why| why.text().zh),
    )
}

async fn answered(context: &SessionContext, sql: &str) -> BTreeMap<(String, i64), String> {
    let found = context.sql(sql).await.unwrap().collect().await.unwrap();
    let found = concat_batches(&found[0].schema(), &found).unwrap();
    let stations = cast(found.column(0), &DataType::Utf8).unwrap();
    let days = found.column(1).as_primitive::<TimestampMicrosecondType>();
    let answer = found.column(2).as_struct();
    let text = |name: &str, row: usize| {
        let column = answer.column_by_name(name).unwrap();
        let column = column.as_string_view();
        (column.is_valid(row)).then(|| column.value(row).to_owned())
    };
    let number = |name: &str, row: usize| {
        let column = answer.column_by_name(name).unwrap().as_primitive::<Float64Type>();
        if column.is_valid(row) { format!("{:.6}", column.value(row)) } else { "-".to_owned() }
    };
    let aqi = answer.column_by_name("aqi").unwrap().as_primitive::<Int32Type>();
    (0..found.num_rows())
        .map(|row| {
            let key = (
                stations.as_string::<i32>().value(row).to_owned(),
                (days.value(row) + 8 * args::HOUR) / (24 * args::HOUR),
            );
            let why = text("cannot_tell", row);
            if why.as_ref().is_some_and(|why| why.contains("不止一个值")) {
                assert!(aqi.is_null(row) && text("class", row).is_none());
                return (key, "twice".to_owned());
            }
            let line = format!(
                "{} {} [{}] [{}] {} {} {} {}",
                if aqi.is_valid(row) { aqi.value(row).to_string() } else { "-".to_owned() },
                text("class", row).unwrap_or("-".to_owned()),
                text("primary", row).unwrap_or_default(),
                text("missing", row).unwrap_or_default(),
                text("edition", row).unwrap_or("-".to_owned()),
                number("pm25", row),
                number("o3_8h", row),
                why.unwrap_or("-".to_owned()),
            );
            (key, line)
        })
        .collect()
}

/// A session in which the engine cuts and merges in a certain way.
fn session(settings: &[(&str, &str)]) -> SessionContext {
    let mut config = SessionConfig::new();
    for (key, value) in settings {
        config = config.set_str(key, value);
    }
    let context = SessionContext::new_with_config(config);
    Functions::new().register(&context);
    context
}

#[tokio::test]
async fn a_day_is_judged_as_by_the_pure_functions_however_rows_are_cut() {
    const PARTS: &str = "datafusion.execution.target_partitions";
    const BATCH: &str = "datafusion.execution.batch_size";
    const SKIP_ROWS: &str = "datafusion.execution.skip_partial_aggregation_probe_rows_threshold";
    const SKIP_RATIO: &str = "datafusion.execution.skip_partial_aggregation_probe_ratio_threshold";
    let ways: [&[(&str, &str)]; 4] = [
        &[(PARTS, "1")],
        &[(PARTS, "4"), (BATCH, "16")],
        // rows go to the last step one by one
        &[(PARTS, "3"), (BATCH, "64"), (SKIP_ROWS, "1"), (SKIP_RATIO, "0.0")],
        &[(PARTS, "4"), ("datafusion.optimizer.repartition_aggregations", "false")],
    ];
    let mut noise = Noise(7);
    let mut seen = BTreeSet::new();
    for (number, settings) in ways.into_iter().enumerate() {
        let rows = rows(&mut noise);
        let mut of_day: BTreeMap<(String, i64), Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            let key = (format!("s{}", row.station), row.hour.unwrap().div_euclid(24));
            of_day.entry(key).or_default().push(row);
        }
        let mut parts: Vec<Vec<RecordBatch>> = vec![Vec::new(); 3];
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            let (head, tail) = rest.split_at((1 + noise.below(700) as usize).min(rest.len()));
            parts[noise.below(3) as usize].push(batch(head, number % 2 == 0));
            rest = tail;
        }
        let schema = batch(&rows[..1], number % 2 == 0).schema();
        let context = session(settings);
        context.register_table("t", Arc::new(MemTable::try_new(schema, parts).unwrap())).unwrap();
        for edition in [None, Some("2012"), Some("2026")] {
            let asked = edition.map_or(String::new(), |edition| format!(", '{edition}'"));
            let sql = format!(
                "SELECT station, date_trunc('day', at), aqi_day(at, parameter, value{asked}) FROM t GROUP BY 1, 2"
            );
            let got = answered(&context, &sql).await;
            assert_eq!(got.len(), of_day.len());
            seen.extend(got.values().cloned());
            for (key, rows) in &of_day {
                assert_eq!(got[key], expected(rows, key.1, edition), "{key:?} way {number} {edition:?}");
            }
            // sorted rows are handed out group by group
            let sorted =
                sql.replace("FROM t ", "FROM (SELECT * FROM t ORDER BY station, date_trunc('day', at)) ");
            assert_eq!(answered(&context, &sorted).await, got, "sorted, way {number}");
        }
    }
    let all: Vec<&str> = seen.iter().map(String::as_str).collect();
    for kind in
        ["twice", "没有在全国施行", "不发布", "没有监测值", "重度污染", "HJ 633-2012", "HJ 633-2026", "[O3]"]
    {
        assert!(all.iter().any(|line| line.contains(kind)), "no day with `{kind}`");
    }
}
