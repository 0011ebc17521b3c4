//! The library of standards and the evaluators, as anyone asks for them. Loops over whatever the law has.

use sanggan_api::dto::AssessmentAnswer;
use sanggan_standards::{Assessment, Basis, Row, assessments};
use serde_json::{Value, json};

use crate::world::{OUTLET, World, law};

fn texts<'a>(rows: &'a Value, key: &str) -> Vec<&'a str> {
    rows.as_array().into_iter().flatten().filter_map(|row| row[key].as_str()).collect()
}

#[tokio::test]
async fn the_library_has_every_edition_and_each_opens_with_every_table() {
    let world = World::at("2026-11-23T10:00").await;
    let caller = world.anyone();
    let library = caller.json("/api/v1/standards").await;
    let themes = texts(&library["themes"], "id");
    let mut editions = 0;
    for standard in library["standards"].as_array().expect("standards") {
        assert!(themes.contains(&standard["theme"].as_str().expect("a theme")));
        for brief in standard["editions"].as_array().expect("editions") {
            editions += 1;
            let slug = brief["slug"].as_str().expect("a slug");
            let page = caller.json(&format!("/api/v1/standards/{slug}")).await;
            assert_eq!((&page["id"], &page["standard"]), (&brief["id"], &standard["standard"]));
            assert_eq!(page["editions"], standard["editions"]);
            let tables = page["tables"].as_array().expect("tables");
            assert!(!tables.is_empty(), "{slug}");
            for table in tables {
                let width = table["columns"].as_array().map(Vec::len);
                for row in table["rows"].as_array().expect("rows") {
                    assert_eq!(row["cells"].as_array().map(Vec::len), width, "{slug} {}", table["id"]);
                }
            }
        }
        let slug = standard["slug"].as_str().expect("a slug");
        let all = standard["editions"].as_array().map(Vec::len).unwrap_or_default();
        if all <= 8 {
            let compared = caller.json(&format!("/api/v1/standards/{slug}/compare")).await;
            assert_eq!(compared["editions"].as_array().map(Vec::len), Some(all), "{slug}");
        }
    }
    assert_eq!(editions, law().editions().len());
    world.end().await;
}

#[tokio::test]
async fn an_edition_says_when_it_holds_and_what_rests_on_it() {
    let world = World::at("2026-11-23T10:00").await;
    let caller = world.anyone();
    let page = caller.json("/api/v1/standards/gb-3095/2026-transition").await;
    assert_eq!(
        (&page["in_force"], &page["from"], &page["family"]),
        (&true.into(), &"2026-03-01".into(), &"2026".into())
    );
    let used = page["used_by"].as_array().expect("uses");
    assert!(used.iter().any(|one| one["kind"] == "page" && one["id"] == "overview" && one["path"] == "/"));
    for assessment in assessments().filter(|one| one.standards.contains(&"GB 3095")) {
        assert!(
            used.iter().any(|one| one["kind"] == "assessment" && one["id"] == assessment.id),
            "{}",
            assessment.id
        );
    }
    let old = caller.json("/api/v1/standards/gb-3095/2012").await;
    assert_eq!((&old["in_force"], &old["replaced_by"]), (&false.into(), &"2012-amended-2018".into()));
    let compared =
        caller.json("/api/v1/standards/gb-3095/compare?editions=2012-amended-2018,2026-final").await;
    let basic = &compared["tables"]
        .as_array()
        .expect("tables")
        .iter()
        .find(|table| table["id"] == "basic")
        .expect("limits");
    let rows = basic["rows"].as_array().expect("rows");
    assert!(rows.iter().any(|row| row["changed"] == true) && rows.iter().any(|row| row["changed"] == false));
    world.end().await;
}

#[tokio::test]
async fn limits_of_outlets_are_named_to_those_who_may_see_outlets() {
    let world = World::at("2026-11-23T10:00").await;
    let limits = |library: &Value| -> Vec<String> {
        let standards = library["standards"].as_array().cloned().unwrap_or_default();
        let uses = standards.iter().flat_map(|one| one["used_by"].as_array().cloned().unwrap_or_default());
        uses.filter(|one| one["kind"] == "limit")
            .map(|one| one["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert!(limits(&world.anyone().json("/api/v1/standards").await).is_empty());
    // The outlet's limits are of GB 18918-2002, once the law has that.
    let law = law();
    let there = law
        .editions()
        .iter()
        .any(|one| one.standard == "GB 18918" && (one.name == "2002" || one.family == "2002"));
    let seen = limits(&world.user("vera").await.json("/api/v1/standards").await);
    assert_eq!(seen.contains(&OUTLET.to_owned()), there);
    world.end().await;
}

#[tokio::test]
async fn the_library_is_searched_in_both_languages() {
    let world = World::at("2026-11-23T10:00").await;
    let caller = world.anyone();
    for asked in [
        "GB%203095",
        "gb3095",
        "%E7%8E%AF%E5%A2%83%E7%A9%BA%E6%B0%94%E8%B4%A8%E9%87%8F%E6%A0%87%E5%87%86",
        "ambient%20pm2.5",
    ] {
        let found = caller.json(&format!("/api/v1/standards?q={asked}")).await;
        assert!(texts(&found["standards"], "standard").contains(&"GB 3095"), "{asked}: {found}");
    }
    let found = caller.json("/api/v1/standards?q=pm2.5&theme=air").await;
    let first = &found["standards"][0]["hits"][0];
    assert!(
        first["edition_slug"].is_string() && first["table"].is_string() && first["text"]["zh"].is_string(),
        "{found}"
    );
    assert_eq!(caller.json("/api/v1/standards?q=nothing-of-the-kind").await["standards"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn what_there_is_not_is_a_problem() {
    let world = World::at("2026-11-23T10:00").await;
    let caller = world.anyone();
    for (path, status, words) in [
        ("/api/v1/standards/gb-0/2012", 404, "no standard `gb-0`"),
        ("/api/v1/standards/gb-3095/1999", 404, "no edition `1999`"),
        ("/api/v1/standards/gb-3095/compare?editions=2012,1999", 404, "no edition `1999`"),
        ("/api/v1/standards/gb-3095", 404, ""),
        ("/api/v1/standards?theme=weather", 400, "no theme `weather`"),
        ("/api/v1/assess/weather", 404, "no assessment `weather`"),
    ] {
        let (got, problem) = caller.problem(path).await;
        assert!(
            got == status && problem["detail"].as_str().is_some_and(|said| said.contains(words)),
            "{path}: {problem}"
        );
    }
    let answer = caller.post("/api/v1/assess/weather", json!({"rows": [{"a": 1}]})).await;
    assert_eq!(answer.status(), 404);
    if let Some(assessment) = assessments().next() {
        let path = format!("/api/v1/assess/{}", assessment.id);
        for body in [
            json!({"rows": []}),
            json!({"rows": [{"no such column": 1}]}),
            json!({"rows": [{"day": [1]}]}),
            json!({"rows": [{"day": "2026-01-01"}], "day": "someday"}),
            json!({"rows": [{"day": "2026-01-01"}], "editions": ["no such"]}),
            json!({"rows": [{"day": "2026-01-01"}], "edition": "2012"}),
        ] {
            let answer = caller.post(&path, body.clone()).await;
            assert_eq!(answer.status(), 400, "{body}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
        }
        let large = json!({"rows": vec![json!({"day": "2026-01-01"}); 10_001]});
        let answer = caller.post(&path, large).await;
        assert_eq!(answer.status(), 413);
        assert_eq!(answer.json::<Value>().await.expect("a problem")["code"], "too_large");
        let heavy = json!({"rows": [{"day": "x".repeat(9 << 20)}]});
        assert_eq!(caller.post(&path, heavy).await.status(), 413);
    }
    world.end().await;
}

/// What the evaluator itself says of rows.
fn pure(assessment: &Assessment, rows: &[Vec<(String, String)>], basis: Basis<'_>) -> Value {
    let law = law();
    let rows: Vec<Row> = rows.iter().map(|cells| Row::of(law, assessment, cells)).collect();
    serde_json::to_value(AssessmentAnswer::from(&assessment.answer(law, &rows, basis))).expect("JSON")
}

fn without_asked(answer: &Value) -> Value {
    let mut answer = answer.clone();
    answer.as_object_mut().expect("an object").remove("asked");
    answer
}

#[tokio::test]
async fn every_example_is_answered_over_http_as_by_the_evaluator_itself() {
    let world = World::at("2026-06-01T10:00").await;
    let caller = world.anyone();
    let listed = caller.json("/api/v1/assess").await;
    assert_eq!(texts(&listed, "id"), assessments().map(|one| one.id).collect::<Vec<_>>());
    for assessment in assessments() {
        let id = assessment.id;
        let path = format!("/api/v1/assess/{id}");
        let detail = caller.json(&path).await;
        assert_eq!(detail["id"], id);
        let example = &detail["example"];
        let cells: Vec<Vec<(String, String)>> = example
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| {
                row.as_object()
                    .expect("cells")
                    .iter()
                    .map(|(key, cell)| (key.clone(), cell.as_str().unwrap_or_default().to_owned()))
                    .collect()
            })
            .collect();
        // By the day, then under each edition.
        let day = "2026-06-01".parse().expect("a day");
        let answer = caller.post(&path, json!({"rows": example})).await;
        assert_eq!(answer.status(), 200, "{id}");
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["unknown_columns"], json!([]), "{id}");
        assert_eq!(
            body["results"].as_array().map(Vec::len),
            Some(1),
            "{id}: the rows of an example belong together"
        );
        let got = &body["results"][0]["answers"][0];
        assert_eq!(got["asked"], Value::Null);
        assert_eq!(without_asked(got), pure(assessment, &cells, Basis::OfDay(day)), "{id}");
        assert_eq!(got["cannot_tell"], Value::Null, "{id}");
        let names: Vec<String> =
            assessment.editions(law()).iter().map(|one| one.name.clone()).take(8).collect();
        let answer =
            caller.post(&path, json!({"rows": example, "day": "2026-06-01", "editions": names})).await;
        let body: Value = answer.json().await.expect("JSON");
        let answers = body["results"][0]["answers"].as_array().expect("answers");
        assert_eq!(answers.len(), names.len().max(1), "{id}");
        for (name, got) in names.iter().zip(answers) {
            assert_eq!(got["asked"], name.as_str());
            assert_eq!(
                without_asked(got),
                pure(assessment, &cells, Basis::Edition(name, day)),
                "{id} under {name}"
            );
        }
        // Numbers as numbers say the same.
        let numbers: Vec<Value> =
            example.as_array().expect("rows").iter().map(|row| as_numbers(row, &detail["columns"])).collect();
        let answer = caller.post(&path, json!({"rows": numbers})).await;
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["results"][0]["answers"][0]["class"], got["class"], "{id}: {numbers:?}");
        // A cell that is none is answered with the reason, never with a class.
        let mut bad = example.clone();
        let column =
            detail["columns"].as_array().expect("columns").iter().find(|column| column["kind"] == "number");
        if let Some(key) = column.and_then(|column| column["key"].as_str()) {
            bad[0]
                .as_object_mut()
                .expect("cells")
                .retain(|name, _| !is_called(&detail["columns"], key, name));
            bad[0][key] = json!("NaN");
            let answer = caller.post(&path, json!({"rows": bad})).await;
            assert_eq!(answer.status(), 200, "{id}: {bad}");
            let body: Value = answer.json().await.expect("JSON");
            let got = &body["results"][0]["answers"][0];
            assert!(
                got["class"].is_null() && got["value"].is_null() && got["meets"].is_null(),
                "{id}: {got}"
            );
            assert_eq!(got["cannot_tell"]["code"], "unreadable", "{id}");
        }
    }
    world.end().await;
}

/// Whether `name` is a name of the column `key`, its unit in brackets apart.
fn is_called(columns: &Value, key: &str, name: &str) -> bool {
    let column = columns.as_array().into_iter().flatten().find(|column| column["key"] == key);
    let called = |column: &Value, name: &str| {
        column["name"]["zh"] == name
            || column["name"]["en"] == name
            || column["aliases"].as_array().is_some_and(|aliases| aliases.contains(&json!(name)))
    };
    let bare = name.split(['(', '（', '[']).next().unwrap_or(name).trim();
    key == name || key == bare || column.is_some_and(|column| called(column, name) || called(column, bare))
}

/// The row with plain decimal cells of number columns as JSON numbers.
fn as_numbers(row: &Value, columns: &Value) -> Value {
    let mut row = row.clone();
    for (key, cell) in row.as_object_mut().expect("cells") {
        let column = columns.as_array().into_iter().flatten().find(|column| column["key"] == key.as_str());
        let number = column
            .filter(|column| column["kind"] == "number")
            .and_then(|_| cell.as_str()?.parse::<f64>().ok());
        if let Some(number) = number {
            *cell = json!(number);
        }
    }
    row
}
