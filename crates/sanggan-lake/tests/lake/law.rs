//! The law in SQL, as people ask it: a question, `----`, and its answer.

use sanggan_base::{Cadence, Flag, Measure, Millis, ParameterCode, Reading, SeriesKey, StationCode};
use sanggan_lake::{Lake, LakeError};
use sanggan_standards::Law;

use crate::support::{DAY, HOUR, Hands, MARCH, open, seal_all};

/// Two stations on 1 and 2 March 2026, hour by hour. The first is whole; the second has 19 hours of PM2.5 on the first
/// day and 20 on the second.
async fn city(folder: &std::path::Path) -> Lake {
    let hands = Hands::at(MARCH + 3 * DAY);
    let lake = open(folder, &hands).await;
    let means = [
        ("a21026", 18.0),
        ("a21004", 28.0),
        ("a21005", 0.9),
        ("a05024", 142.0),
        ("a34002", 96.0),
        ("a34004", 75.0),
    ];
    let key = |station: &str, parameter: &str| SeriesKey {
        station: StationCode::parse(station).unwrap(),
        parameter: ParameterCode::parse(parameter).unwrap(),
        measure: Measure::Mean,
        cadence: Cadence::Hour,
    };
    let mut readings = Vec::new();
    for station in ["朔州-1", "朔州-2"] {
        for (parameter, mean) in means {
            let series = lake.series_ids(&[key(station, parameter)]).unwrap()[0];
            for hour in 0..48 {
                let gap = station == "朔州-2"
                    && parameter == "a34004"
                    && [0..5, 24..28].iter().any(|gap| gap.contains(&hour));
                let flag = if gap { Flag::Fault } else { Flag::Normal };
                // the course of the day is even around its mean
                let value = mean * (1.0 + if hour % 2 == 0 { 0.0625 } else { -0.0625 });
                let value = if parameter == "a05024" { mean } else { value };
                readings.push(Reading { series, at: Millis(MARCH + hour * HOUR), value, flag });
            }
        }
    }
    let (first, second) = readings.split_at(readings.len() / 2);
    lake.append_readings("first".into(), first.to_vec()).await.unwrap();
    seal_all(&lake).await;
    lake.append_readings("second".into(), second.to_vec()).await.unwrap();
    lake
}

const QUESTIONS: &str = r###"
SELECT station, day, a['aqi'], a['class'], a['level'], a['primary'], a['missing'], a['edition'], a['cannot_tell_en']
FROM (SELECT s.station, date_trunc('day', o.at) AS day, aqi_day(o.at, s.parameter, CASE WHEN o.valid THEN o.value END) AS a
      FROM observations o JOIN series s USING (series_id) GROUP BY 1, 2) ORDER BY 1, 2
----
["朔州-1","2026-03-01T00:00:00+08:00",114,"轻度污染","三级","PM2.5",null,"HJ 633-2026",null]
["朔州-1","2026-03-02T00:00:00+08:00",114,"轻度污染","三级","PM2.5",null,"HJ 633-2026",null]
["朔州-2","2026-03-01T00:00:00+08:00",null,null,null,null,"PM2.5","HJ 633-2026","incomplete: the others give 85, not above 100, so the index is not published"]
["朔州-2","2026-03-02T00:00:00+08:00",114,"轻度污染","三级","PM2.5",null,"HJ 633-2026",null]

SELECT a['aqi'], a['pm25'], a['o3_8h'], a['co'], a['hours']['pm25'], a['hours']['o3'], a['validity'], a['status'], a['clause_en']
FROM (SELECT aqi_day(o.at, s.parameter, o.value, '2012') FILTER (WHERE o.valid) AS a FROM observations o JOIN series s USING (series_id)
      WHERE s.station = '朔州-2' AND o.at < '2026-03-02' GROUP BY s.station)
----
[85,null,142.0,0.9,19,24,"GB 3095-2026-transition, HJ 663-2026","confirmed","HJ 633-2012 clauses 4.1 and 4.2, table 1; 6.2; clause 5.1.2 as published"]

SELECT a['aqi'], a['cannot_tell_en'] FROM (SELECT aqi_day(o.at, s.parameter, o.value) AS a FROM observations o JOIN series s USING (series_id) GROUP BY s.station)
----
[null,"the group has rows of more than one day; group by place and day"]
[null,"the group has rows of more than one day; group by place and day"]

SELECT a['aqi'], a['cannot_tell'] FROM (SELECT aqi_day(o.at, s.parameter, o.value) AS a FROM observations o JOIN series s USING (series_id) WHERE o.at < '2026-03-02')
----
[null,"SO2,NO2,CO,O3,PM10,PM2.5 同一小时有不止一个值"]

SELECT aqi_day(at, parameter, value)['cannot_tell_en'] FROM observations JOIN series USING (series_id) WHERE value < 0
----
["nothing was measured"]

SELECT a['aqi'], a['primary'], a['excluded_en'], a['hours']['so2'], a['passed_over'] FROM (
  SELECT aqi_day(at, so2, no2, co, o3, pm10, pm25) AS a FROM (
    SELECT to_timestamp_micros(1588867200000000 + h * 3600000000) AS at, CASE WHEN h = 3 THEN -1.0 ELSE 18.0 END AS so2,
      28 AS no2, '0.9' AS co, CASE WHEN h < 4 THEN 'ND' ELSE '142' END AS o3, CAST(96 AS DECIMAL(9, 1)) AS pm10, NULL AS pm25
    FROM (SELECT value AS h FROM generate_series(0, 23))))
----
[85,"O3","SO2: 1 rows are no concentration; O3: 4 rows are no concentration",23,0]

SELECT a['aqi'], a['class_en'], a['primary'], a['edition'] FROM (SELECT unnest([
  aqi('2026-05-08', 18, 28, 0.9, 142, 96, 40), aqi(DATE '2020-05-08', 18, 28, 0.9, 142, 96, 75),
  aqi('2020-05-08', 18, 28, 0.9, 142, 96, 75, '2026'), aqi('2020-05-08', 18, 28, 0.9, 142, 96, 75, '2026-final')]) AS a)
----
[85,"Good","O3","HJ 633-2026"]
[100,"Good","PM2.5","HJ 633-2012"]
[114,"Light pollution","PM2.5","HJ 633-2026"]
[114,"Light pollution","PM2.5","HJ 633-2026"]

SELECT a['aqi'], a['class'], a['cannot_tell_en'] FROM (
  SELECT aqi(day, so2, 28, 0.9, 142, 96, pm25) AS a FROM (VALUES
    ('2026-05-08', 18.0, '40'), ('2026-05-08', 18.0, '-40'), ('2026-05-08', CAST('NaN' AS DOUBLE), '40'), ('2026-05-08', 18.0, 'fourty'),
    ('2001-05-08', 18.0, '40'), ('8 May', 18.0, '40'), (NULL, 18.0, '40'), ('2026-05-08', NULL, NULL)) AS t(day, so2, pm25))
----
[85,"良",null]
[null,null,"PM2.5: `-40` is no concentration"]
[null,null,"SO2: `NaN` is no concentration"]
[null,null,"PM2.5: `fourty` is no concentration"]
[null,null,"no edition of HJ 633 was in force nationwide on 2001-05-08"]
[null,null,"`8 May` is no day (2020-05-08 is one)"]
[null,null,"missing: day"]
[null,null,"incomplete: the others give 85, not above 100, so the index is not published"]

SELECT aqi_hour('2020-03-16 08:00', 10, 20, 0.5, 100, 80, 36)['aqi'], aqi_hour(TIMESTAMP '2026-03-16 08:00:00', 10, 20, 0.5, 100, 80, 36, NULL)['aqi']
----
[65,72]

SELECT a['value'], a['class'], a['meets'], a['deciding'], a['edition'], a['status'], a['cannot_tell_en'], a['figures']['iaqi_pm25'] FROM (
  SELECT assess('air-day', day, named_struct('SO2', 18, 'no2', 28, 'CO(μg/m³)', 900, 'o3_8h', 142, 'PM10(mg/m3)', 0.096, 'PM2.5', pm25)) AS a
  FROM (VALUES ('2026-05-08', '75'), ('2026-05-08', '75 or so'), ('2026-05-08', 'NaN'), ('2026-05-08', '-1'), (NULL, '75'), ('2001-01-01', '75')) AS t(day, pm25))
----
[114.0,"III",false,"PM2.5","HJ 633-2026","confirmed",null,114.0]
[null,null,null,null,null,null,"PM2.5: `75 or so` is no number",null]
[null,null,null,null,null,null,"PM2.5: `NaN` is no number",null]
[null,null,null,null,null,null,"PM2.5: `-1` is below the least possible value",null]
[null,null,null,null,null,null,"missing: day",null]
[null,null,null,null,null,null,"no edition of HJ 633 was in force nationwide on 2001-01-01",null]

SELECT c['class'], c['class_name'], c['worst'], c['edition'], c['cannot_tell_en'] FROM (
  SELECT water_class(day, body, named_struct('pH值', 7.8, '溶解氧(mg/L)', 6.4, 'codmn', 7.2, 'nh3n', nh3n, 'TP(ug/L)', tp)) AS c FROM (VALUES
    ('2024-06-03', '河流', 1.24, '260'), ('2024-06-03', 'river', 2.3, '260'), ('2024-06-03', 'lake', 0.5, '210'), ('2024-06-03', NULL, 0.5, '210'),
    ('2024-06-03', 'river', NULL, '260'), ('2024-06-03', 'river', -1, '260'), ('2024-06-03', 'river', 0.5, 'abc'), ('2024-06-03', 'pipe', 0.5, '260'),
    ('1970-06-03', 'river', 0.5, '260')) AS t(day, body, nh3n, tp))
----
["IV","Ⅳ类","高锰酸盐指数、氨氮、总磷","GB 3838-2002",null]
["inferior_V","劣Ⅴ类","氨氮","GB 3838-2002",null]
["inferior_V","劣Ⅴ类","总磷","GB 3838-2002",null]
[null,null,null,"GB 3838-2002","the kind of water is not known, and river and lake differ (river class IV, lake worse than class V)"]
[null,null,null,"GB 3838-2002","items are missing without which no class is given: ammonia nitrogen"]
[null,null,null,"GB 3838-2002","ammonia nitrogen: `-1` is no concentration"]
[null,null,null,"GB 3838-2002","total phosphorus: `NaN` is no concentration"]
[null,null,null,null,"body: `pipe` is neither river nor lake"]
[null,null,null,null,"no edition of GB 3838 was in force nationwide on 1970-06-03"]

SELECT count(*), count(DISTINCT one['class']), count(one['cannot_tell']) > 100 FROM (
  SELECT water_class(day, body, named_struct('ph', ph, 'do', o2, 'codmn', codmn, 'nh3n', nh3n, 'tp', tp)) AS one,
    assess('water', day, named_struct('body', body, 'ph', ph, 'do', o2, 'codmn', codmn, 'nh3n', nh3n, 'tp', tp)) AS other
  FROM (SELECT DATE '2024-06-03' AS day, CASE value % 3 WHEN 0 THEN '河流' WHEN 1 THEN 'lake' END AS body,
      CASE WHEN value % 41 > 0 THEN 6 + (value * 7 % 100) * 0.0304 END AS ph, CASE WHEN value % 43 > 0 THEN 9 - (value * 11 % 100) * 0.0125 * (value % 7) END AS o2,
      CASE WHEN value % 47 > 0 THEN (value * 13 % 100) * 0.025 * (value % 7) END AS codmn, (value * 17 % 100) * 0.0035 * (value % 7) AS nh3n, (value * 19 % 100) * 0.0007 * (value % 7) AS tp
    FROM generate_series(1, 4000)))
WHERE (one['class'] IS NOT DISTINCT FROM other['class']) AND ((one['cannot_tell'] IS NULL) = (other['cannot_tell'] IS NULL))
----
[4000,6,true]

SELECT count(*) > 5, count(*) = count(DISTINCT id), bool_or(id = 'HJ 633-2026' AND in_force_from = DATE '2026-03-01') FROM standards
----
[true,true,true]

SELECT clause, status FROM standard_tables WHERE edition = 'HJ 633-2012' AND id = 'report-hour'
----
["5.1.3（按实际发布口径）","confirmed"]

SELECT id, row_by_row, title_en FROM assessments WHERE id = 'air-day'
----
["air-day",true,"Air quality index of a day"]

SELECT key, unit, required FROM assessment_columns WHERE assessment = 'air-day' AND key IN ('co', 'pm25') ORDER BY 1
----
["co","mg/m³",false]
["pm25","µg/m³",false]
"###;

async fn ask(lake: &Lake) {
    let mut wrong = Vec::new();
    for question in QUESTIONS.trim().split("\n\n") {
        let (sql, expected) = question.split_once("\n----").unwrap();
        let rows: Vec<String> = match lake.sql(sql, 100).await {
            Ok(table) => table.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect(),
            Err(error) => vec![format!("{error:?}")],
        };
        if rows.join("\n") != expected.trim() {
            wrong.push(format!("{sql}\n----\n{}", rows.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "answered otherwise:\n{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn questions_of_law_are_answered_hot_sealed_and_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let lake = city(folder.path()).await;
    ask(&lake).await;
    seal_all(&lake).await;
    ask(&lake).await;
}

#[tokio::test]
async fn a_whole_answer_is_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let lake = city(folder.path()).await;
    let sql = "SELECT assess('air-day', '2026-05-08', named_struct('so2', 18, 'pm25', 240))";
    let table = lake.sql(sql, 1).await.unwrap();
    let answer = table.rows[0][0].as_object().unwrap();
    assert_eq!(answer["class"], "V");
    assert_eq!(answer["items"][1]["key"], "pm25");
    assert!(answer["clause_en"].as_str().unwrap().contains("HJ 633-2026"));
}

/// Rules that judge rows together are aggregates: what the question groups by belongs together.
#[tokio::test]
async fn rows_are_judged_together_as_the_pure_evaluator_judges_them() {
    let folder = tempfile::tempdir().unwrap();
    let lake = city(folder.path()).await;
    let days: Vec<(String, f64)> =
        (1..=20).map(|day| (format!("2021-06-{day:02}"), if day % 7 == 0 { 0.7 } else { 1.3 })).collect();
    let rows: Vec<String> = days
        .iter()
        .map(|(day, flow)| format!("('固定桥', '{day}', {flow}), ('别处', '{day}', 0.1)"))
        .collect();
    let of = |values: &str, edition: &str| {
        format!(
            "SELECT section, assess_eco_flow(day, named_struct('断面', section, '流量', flow, 'target', {values}){edition}) AS a \
             FROM (VALUES {}) AS t(section, day, flow) GROUP BY section ORDER BY section DESC",
            rows.join(", ")
        )
    };
    let table = lake.sql(&of("1.0", ""), 10).await.unwrap();
    let fixed = table.rows.iter().find(|row| row[0] == "固定桥").unwrap()[1].as_object().unwrap();
    // 18 of 20 days kept are 90.0 %.
    assert_eq!((fixed["value"].as_f64(), fixed["meets"].as_bool()), (Some(90.0), Some(true)));
    let elsewhere = table.rows.iter().find(|row| row[0] == "别处").unwrap()[1].as_object().unwrap();
    assert_eq!((elsewhere["value"].as_f64(), elsewhere["meets"].as_bool()), (Some(0.0), Some(false)));

    let law = Law::embedded();
    let rule = sanggan_standards::assessment("eco-flow").unwrap();
    let pure: Vec<sanggan_standards::Row> = days
        .iter()
        .map(|(day, flow)| {
            let cells = [("断面", "固定桥"), ("day", day), ("flow", &flow.to_string()), ("target", "1")];
            sanggan_standards::Row::of(law, rule, &cells)
        })
        .collect();
    let answer = rule.answer(law, &pure, sanggan_standards::Basis::OfDay("2021-06-01".parse().unwrap()));
    assert_eq!(fixed["class"].as_str(), answer.class.as_ref().map(|class| class.id.as_str()));
    assert_eq!(fixed["figures"]["days_kept"].as_f64(), Some(18.0));

    // A cell or a day that cannot be read leaves its group unjudged.
    let bad = lake.sql(&of("'viel'", ""), 10).await.unwrap();
    let bad = bad.rows[0][1].as_object().unwrap();
    assert!(bad["class"].is_null() && bad["cannot_tell_en"].as_str().unwrap().contains("is no number"));
    for (sql, says) in [
        (of("1.0", ", '1888'"), "no edition `1888`"),
        (of("1.0, 'gold', 1", ""), "no column `gold`"),
        ("SELECT assess_eco_flow('2021-06-01', 3)".to_owned(), "assess_eco_flow takes (day, named_struct("),
        (
            "SELECT assess('eco-flow', '2021-06-01', named_struct('flow', 1))".to_owned(),
            "ask the aggregate `assess_eco_flow`",
        ),
    ] {
        match lake.sql(&sql, 1).await {
            Err(LakeError::Query { source }) => assert!(source.to_string().contains(says), "{sql}: {source}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_meant_is_refused_and_the_choices_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let lake = city(folder.path()).await;
    for (sql, says) in [
        ("SELECT assess('weather', '2026-05-08', named_struct('so2', 1))", "there are: air-hour, air-day"),
        (
            "SELECT assess('air-day', '2026-05-08', named_struct('so3', 1))",
            "no column `so3`; there are: place, day",
        ),
        ("SELECT assess('air-day', '2026-05-08', named_struct('so2(kg)', 1))", "`kg` cannot be converted"),
        (
            "SELECT assess('air-day', '2026-05-08', named_struct('so2', 1), '1888')",
            "no edition `1888`; there are: 2012",
        ),
        ("SELECT assess('air-day', '2026-05-08', 3)", "assess takes (assessment, day, named_struct("),
        (
            "SELECT assess('air-day', '2026-05-08', named_struct('so2', [1]))",
            "must be a number, a text or a day",
        ),
        ("SELECT aqi('2026-05-08', 1, 2)", "aqi takes (day, so2, no2, co, o3_8h, pm10, pm25)"),
        ("SELECT aqi('2026-05-08', 1, 2, 3, 4, 5, 6, '1888')", "no edition `1888`; there are: 2012, 2026"),
        ("SELECT aqi('2026-05-08', 1, 2, 3, 4, 5, TRUE)", "pm25 must be a number"),
        (
            "SELECT water_class('2024-06-03', 'river', named_struct('gold', 1))",
            "no item is called `gold`; there are: ph",
        ),
        ("SELECT water_class('2024-06-03', 'river', named_struct('tn', 1))", "does not count in the class"),
        ("SELECT water_class('2024-06-03', 'river', named_struct('tp(K)', 1))", "`K`"),
        ("SELECT water_class('2024-06-03', 'river', 7.2)", "water_class takes (day, body, named_struct("),
        ("SELECT aqi_day(at, value) FROM observations", "aqi_day takes (at, parameter, value) or"),
        ("SELECT aqi_day(value, 'SO2', value) FROM observations", "at must be a time"),
        ("SELECT aqi_day(at, 'SO2', value, '1888') FROM observations", "no edition `1888`"),
        ("SELECT aqi_day(at, 'SO2', value, flag) FROM observations", "the edition must be written out"),
    ] {
        match lake.sql(sql, 1).await {
            Err(LakeError::Query { source }) => {
                assert!(source.to_string().contains(says), "{sql}: {source}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}
