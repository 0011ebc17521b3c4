//! Air over months and years, as the assessment pages ask for it.

use sanggan_base::{Grain, StatKind};
use serde_json::{Value, json};

use crate::world::{AIR, World};

/// The city's first two areas.
fn areas(world: &World) -> [String; 2] {
    [0, 1].map(|at| format!("area:{}", world.pack.city.areas[at].code))
}

fn row<'a>(rows: &'a Value, code: &str) -> &'a Value {
    rows.as_array().expect("rows").iter().find(|row| row["code"] == code).expect(code)
}

#[tokio::test]
async fn counties_are_ranked_by_the_composite_index_and_by_their_improvement() {
    let world = World::at("2020-02-10T09:00").await;
    let [first, second] = areas(&world);
    // By hand: 20/60 + 30/40 + 1/4 + 80/160 + 70/70 + 35/35 = 0.33 + 0.75 + 0.25 + 0.50 + 1.00 + 1.00 = 3.83.
    world.air_days(&first, "2020-01-01", &[35.0; 31]).await;
    world.air_days(&second, "2020-01-01", &[70.0; 31]).await;
    world.air_days(AIR, "2020-01-01", &[35.0; 20]).await;
    world.air_days(&first, "2019-01-01", &[70.0; 31]).await;
    world.air_days(&second, "2019-01-01", &[70.0; 31]).await;
    let caller = world.anyone();
    let rows = caller.json("/api/v1/air/ranking?from=2020-01-01&to=2020-02-01").await;
    let best = row(&rows, &first);
    assert_eq!(rows[0], *best, "the best first");
    assert_eq!((&best["composite"], &best["rank"], &best["valid"]), (&json!(3.83), &json!(1), &json!(true)));
    assert_eq!((&best["edition"], &best["main"]), (&json!("ranking-2018"), &json!(["a34002", "a34004"])));
    assert_eq!(best["parts"].as_array().map(Vec::len), Some(6));
    let pm25 = best["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .find(|part| part["parameter"] == "a34004")
        .expect("a part");
    assert_eq!(
        (&pm25["value"], &pm25["limit"], &pm25["index"], &pm25["kind"]),
        (&json!(35.0), &json!(35.0), &json!(1.0), &json!("mean"))
    );
    // (3.83 − 4.83) ÷ 4.83 = −20.7 %, to one decimal.
    assert!((best["change"].as_f64().expect("a change") + 0.207).abs() < 1e-9, "{best}");
    assert_eq!(
        (&best["improvement_rank"], &best["days"], &best["good_ratio"]),
        (&json!(1), &json!(31), &json!(1.0))
    );
    let worse = row(&rows, &second);
    assert_eq!(
        (&worse["composite"], &worse["rank"], &worse["change"], &worse["improvement_rank"]),
        (&json!(4.83), &json!(2), &json!(0.0), &json!(2))
    );
    // Twenty days are no month: shown, but with none beside it that is valid it leads the stations provisionally.
    let station = row(&rows, AIR);
    assert_eq!(
        (&station["composite"], &station["valid"], &station["rank"]),
        (&json!(3.83), &json!(false), &json!(1))
    );
    // An area without data has no index, and says why.
    let third = format!("area:{}", world.pack.city.areas[2].code);
    let none = row(&rows, &third);
    assert_eq!((&none["composite"], &none["rank"]), (&Value::Null, &Value::Null));
    assert!(none["unjudged"]["zh"].is_string());

    // 35/30 and 70/60 are 1.17 each: 4.17 by the limits of 2026.
    let rows = caller.json("/api/v1/air/ranking?from=2020-01-01&to=2020-02-01&edition=2026").await;
    let best = row(&rows, &first);
    assert_eq!(
        (&best["composite"], &best["edition"], &best["status"]),
        (&json!(4.17), &json!("ranking-2026"), &json!("unconfirmed"))
    );
    // The running month: its days that are over, none of them a whole month.
    world.air_days(&first, "2020-02-01", &[35.0; 9]).await;
    let rows = caller.json("/api/v1/air/ranking?from=2020-02-01&to=2020-03-01").await;
    assert_eq!((&row(&rows, &first)["rank"], &row(&rows, &first)["valid"]), (&json!(1), &json!(false)));
    assert_eq!(caller.json("/api/v1/air/ranking?from=2020-03-01&to=2020-04-01").await, json!([]));
    world.end().await;
}

#[tokio::test]
async fn a_period_is_judged_by_several_editions_side_by_side() {
    let world = World::at("2020-02-10T09:00").await;
    let mut pm25 = vec![35.0; 29];
    pm25.extend([80.0, 120.0]);
    world.air_days(AIR, "2020-01-01", &pm25).await;
    let path = format!("/api/v1/air/whatif?code={AIR}&from=2020-01-01&to=2020-02-01");
    let answer = world.anyone().json(&format!("{path}&editions=2012,2026,2026-final")).await;
    let rows = answer["rows"].as_array().expect("rows");
    let of = |key: &str| -> Vec<&Value> { rows.iter().map(|row| &row[key]).collect() };
    assert_eq!(
        rows.iter().map(|row| row["edition"]["name"].as_str().expect("a name")).collect::<Vec<_>>(),
        ["2012", "2026", "2026-final"]
    );
    assert_eq!(of("days"), [31, 31, 31]);
    // 80 µg/m³ is above 75 and above 60; 35 is at the end of the first class in 2012 and beyond it in 2026.
    assert_eq!(of("good_days"), [29, 29, 29]);
    assert_eq!(of("composite_edition"), ["ranking-2018", "ranking-2026", "ranking-2031"]);
    let composites: Vec<f64> = rows.iter().map(|row| row["composite"].as_f64().expect("an index")).collect();
    assert!(composites[0] < composites[1] && composites[1] < composites[2], "{composites:?}");
    let limit = |row: &Value| {
        let figures = row["figures"].as_array().expect("figures").clone();
        let figure = figures.into_iter().find(|one| one["parameter"] == "a34004" && one["kind"] == "mean");
        figure.expect("PM2.5's mean")
    };
    let limits: Vec<Value> = rows.iter().map(|row| limit(row)["limit"].clone()).collect();
    assert_eq!(limits, [json!(35.0), json!(30.0), json!(25.0)]);
    assert!(rows[0]["unjudged"]["zh"].as_str().is_some_and(|why| why.contains("年度")), "{}", rows[0]);
    // A month meets no yearly limit and breaks none.
    assert_eq!(of("meets"), [&Value::Null, &Value::Null, &Value::Null]);
    assert_eq!(
        limit(&rows[0])["explain"],
        format!("/api/v1/explain/month/{AIR}/a34004/mean/2020-01").as_str()
    );
    let days = answer["days"].as_array().expect("days");
    assert_eq!(days.len(), 31);
    assert_eq!((&days[30]["date"], &days[30]["primary"][0]), (&json!("2020-01-31"), &json!(["a34004"])));
    // (200 − 150) ÷ (150 − 115) × (120 − 115) + 150 = 157.1, rounded up.
    assert_eq!(days[30]["aqi"][0], 158);
    assert_eq!(days[0]["aqi"].as_array().map(Vec::len), Some(3));
    // Left out: every edition of the index.
    let all = world.anyone().json(&path).await;
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(2));
    world.end().await;
}

#[tokio::test]
async fn days_above_the_standard_stand_worst_first() {
    let world = World::at("2020-02-10T09:00").await;
    let [first, _] = areas(&world);
    world.air_days(AIR, "2020-01-01", &[35.0, 80.0, 120.0]).await;
    world.air_days(&first, "2020-01-01", &[35.0, 35.0, 90.0]).await;
    let caller = world.anyone();
    let days = caller.json("/api/v1/air/exceedances?from=2020-01-01&to=2020-02-01").await;
    let shown: Vec<(&str, &str)> = days
        .as_array()
        .expect("days")
        .iter()
        .map(|day| (day["code"].as_str().expect("a code"), day["date"].as_str().expect("a day")))
        .collect();
    assert_eq!(shown, [(AIR, "2020-01-03"), (first.as_str(), "2020-01-03"), (AIR, "2020-01-02")]);
    assert_eq!(
        (&days[0]["aqi"], &days[0]["exceeding"], &days[0]["primary"]),
        (&json!(158), &json!(["a34004"]), &json!(["a34004"]))
    );
    assert_eq!(days[0]["values"]["a34004"]["value"], 120.0);
    let explained = caller.json(days[0]["explain"].as_str().expect("a path")).await;
    assert_eq!(explained["value"], 158.0);
    let one = caller.json(&format!("/api/v1/air/exceedances?code={AIR}&from=2020-01-01&to=2020-02-01")).await;
    assert_eq!(one.as_array().map(Vec::len), Some(2));
    world.end().await;
}

#[tokio::test]
async fn a_trend_is_told_of_years_with_enough_data() {
    let world = World::at("2021-02-10T09:00").await;
    for (year, value) in [(2015, 60.0), (2016, 57.0), (2017, 52.0), (2018, 49.0), (2019, 44.0), (2020, 37.0)]
    {
        let start = format!("{year}-01-01T00:00");
        world
            .statistic(AIR, "a34004", Grain::Year, StatKind::Mean, &start, value, year != 2015, (365, 324, 0))
            .await;
    }
    let answer =
        world.anyone().json(&format!("/api/v1/air/trend?code={AIR}&parameter=a34004&grain=year")).await;
    assert_eq!(
        (&answer["kind"], &answer["unit"], &answer["grain"]),
        (&json!("mean"), &json!("µg/m³"), &json!("year"))
    );
    let points = answer["points"].as_array().expect("points");
    assert_eq!(points.len(), 6);
    assert_eq!(
        (&points[0]["valid"], &points[5]["period"], &points[5]["value"]),
        (&json!(false), &json!("2020"), &json!(37.0))
    );
    // By hand, over the five valid years: S = −10 of 10 pairs, the middle of the slopes −5, every rank in order.
    assert_eq!(
        (&answer["mann_kendall"]["s"], &answer["sen"]["slope"], &answer["spearman"]["rs"]),
        (&json!(-10.0), &json!(-5.0), &json!(-1.0))
    );
    assert_eq!(
        (&answer["spearman"]["class"]["id"], &answer["answer"]["class"]["id"]),
        (&json!("falling"), &json!("falling"))
    );
    // Too few points are no trend, and say so.
    let few =
        world.anyone().json(&format!("/api/v1/air/trend?code={AIR}&parameter=a34004&grain=month")).await;
    assert_eq!((&few["points"], &few["sen"]), (&json!([]), &Value::Null));
    assert!(few["answer"]["cannot_tell"]["text"]["zh"].is_string());
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_asked_names_its_field() {
    let world = World::at("2020-02-10T09:00").await;
    let caller = world.anyone();
    for (path, status, field) in [
        ("/api/v1/air/whatif?code=nowhere", 404, Value::Null),
        ("/api/v1/air/whatif?editions=1999", 400, "editions".into()),
        ("/api/v1/air/whatif?editions=2012,2012,2012,2012,2012,2012,2012,2012,2012", 400, "editions".into()),
        ("/api/v1/air/whatif?from=1990-01-01", 400, "from".into()),
        ("/api/v1/air/ranking?edition=1999", 400, "edition".into()),
        ("/api/v1/air/ranking?from=2020-01-02&to=2020-01-01", 400, "to".into()),
        ("/api/v1/air/ranking?as_of=then", 400, "as_of".into()),
        ("/api/v1/air/trend", 400, "query".into()),
        ("/api/v1/air/trend?parameter=a34004&grain=week", 400, "grain".into()),
        ("/api/v1/air/trend?parameter=a34004&kind=most", 400, "kind".into()),
        ("/api/v1/air/exceedances?from=2000-01-01", 400, "from".into()),
        // An outlet's figures are not for everyone.
        ("/api/v1/air/exceedances?code=t-outlet", 401, Value::Null),
    ] {
        let (got, problem) = caller.problem(path).await;
        assert_eq!((got, &problem["field"]), (status, &field), "{path}: {problem}");
    }
    // The city is meant where no place is named, and nothing is there yet.
    let empty = caller.json("/api/v1/air/whatif").await;
    assert_eq!(
        (&empty["code"], &empty["days"]),
        (&format!("area:{}", world.pack.city.code).into(), &json!([]))
    );
    world.end().await;
}
