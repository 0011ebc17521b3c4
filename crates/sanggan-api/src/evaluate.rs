//! Evaluators as the API offers them: rows of JSON in, answers of JSON out. Knows no evaluator by name.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use sanggan_base::Unit;
use sanggan_standards::assess::{Cell, ClassAnswer, ColumnKind, Figure, ItemAnswer, Rows};
use sanggan_standards::{Answer as Judged, Assessment, Basis, Binding, Column, Decimal, Law, Row};

use crate::dto::{
    self, AskedAnswer, AssessmentAnswer, AssessmentAnswers, AssessmentBody, AssessmentBrief, AssessmentCell,
    AssessmentChoice, AssessmentClass, AssessmentColumn, AssessmentDetail, AssessmentExclusion,
    AssessmentFigure, AssessmentFigureName, AssessmentItem, AssessmentReason, AssessmentResult,
    AssessmentRows, Names,
};
use crate::library::{self, names};
use crate::problem::{Answer, Problem};
use crate::words;

/// Most rows in one request.
pub(crate) const ROWS_MAX: usize = 10_000;
/// Most answers in one request: rows times editions.
const ANSWERS_MAX: usize = 20_000;
/// Most editions side by side.
const EDITIONS_MAX: usize = 8;

/// Refuses more editions than are shown side by side.
pub(crate) fn not_too_many<T>(editions: &[T]) -> Result<(), Problem> {
    if editions.len() <= EDITIONS_MAX {
        return Ok(());
    }
    Err(Problem::bad_field("editions", format!("more than {EDITIONS_MAX} editions")))
}

/// Most different column names in one request.
const HEADINGS_MAX: usize = 500;

/// An evaluator in short.
pub(crate) fn brief(assessment: &Assessment) -> AssessmentBrief {
    let by = match assessment.rows {
        Rows::Each => &[][..],
        Rows::By(columns) => columns,
    };
    AssessmentBrief {
        id: assessment.id.to_owned(),
        theme: assessment.theme.name().to_owned(),
        title: Names::from(&assessment.title()),
        about: Names::from(&assessment.about()),
        standards: assessment.standards.iter().map(|&standard| standard.to_owned()).collect(),
        per: if assessment.rows == Rows::Each { AssessmentRows::Row } else { AssessmentRows::Group },
        by: by.iter().map(|&column| column.to_owned()).collect(),
    }
}

/// An evaluator with everything a form needs.
pub(crate) fn detail(law: &Law, assessment: &Assessment, today: Date) -> AssessmentDetail {
    let figures = assessment.figures.iter();
    let editions = assessment.editions(law);
    let row = |cells: &&[(&str, &str)]| {
        cells.iter().map(|&(column, cell)| (column.to_owned(), cell.to_owned())).collect()
    };
    AssessmentDetail {
        brief: brief(assessment),
        columns: (assessment.columns)(law).iter().map(column).collect(),
        figures: figures
            .map(|&(key, zh, en)| AssessmentFigureName { key: key.to_owned(), name: Names::new(zh, en) })
            .collect(),
        editions: editions.into_iter().map(|edition| library::edition_brief(edition, today)).collect(),
        example: assessment.example.iter().map(row).collect(),
    }
}

fn column(column: &Column) -> AssessmentColumn {
    let decimal = |number: &Option<Decimal>| number.map(|number| number.to_string());
    let (kind, unit, min, max, choices) = match &column.kind {
        ColumnKind::Number { unit, min, max } => {
            (dto::ColumnKind::Number, Some(unit_text(*unit)), decimal(min), decimal(max), Vec::new())
        }
        ColumnKind::Text => (dto::ColumnKind::Text, None, None, None, Vec::new()),
        ColumnKind::Day => (dto::ColumnKind::Day, None, None, None, Vec::new()),
        ColumnKind::Choice(choices) => {
            let choice = |choice: &sanggan_standards::assess::ColumnChoice| AssessmentChoice {
                id: choice.id.clone(),
                name: Names::from(&choice.name),
            };
            (dto::ColumnKind::Choice, None, None, None, choices.iter().map(choice).collect())
        }
    };
    AssessmentColumn {
        key: column.key.clone(),
        name: Names::from(&column.name),
        kind,
        unit,
        min,
        max,
        required: column.required,
        note: names(column.note.as_ref()),
        aliases: column.aliases.clone(),
        choices,
    }
}

/// Which editions judge: each asked for, or the one of the day.
///
/// # Errors
/// A problem that names an edition there is not.
fn bases<'a>(
    law: &Law,
    assessment: &Assessment,
    editions: &'a [String],
    day: Date,
) -> Answer<Vec<(Option<&'a str>, Basis<'a>)>> {
    if editions.is_empty() {
        return Ok(vec![(None, Basis::OfDay(day))]);
    }
    not_too_many(editions)?;
    let Some(standard) = assessment.standards.first() else {
        return Err(Problem::bad_field(
            "editions",
            format!("`{}` rests on no standard with editions", assessment.id),
        ));
    };
    let one = |name: &'a String| {
        let basis = Basis::Edition(name, day);
        law.edition(standard, basis).map_err(|why| {
            let known: Vec<&str> =
                assessment.editions(law).into_iter().map(|edition| edition.name.as_str()).collect();
            Problem::bad_field("editions", why.to_string()).hint(format!("known: {}", known.join(", ")))
        })?;
        Ok((Some(name.as_str()), basis))
    };
    editions.iter().map(one).collect()
}

/// Judges the rows of a request. Takes as long as it takes: not for an async task.
///
/// # Errors
/// A problem when the request as a whole cannot be used; what is wrong with a row is in its answer.
pub(crate) fn evaluate(
    law: &Law,
    assessment: &Assessment,
    body: &AssessmentBody,
    day: Date,
) -> Answer<AssessmentAnswers> {
    if body.rows.is_empty() {
        return Err(Problem::bad_field("rows", "there is no row"));
    }
    if body.rows.len() > ROWS_MAX {
        return Err(too_many(format!("{} rows; at most {ROWS_MAX} are taken", body.rows.len())));
    }
    let bases = bases(law, assessment, &body.editions, day)?;
    if body.rows.len() * bases.len() > ANSWERS_MAX {
        return Err(too_many(format!(
            "{} rows under {} editions; at most {ANSWERS_MAX} answers are given",
            body.rows.len(),
            bases.len()
        )));
    }
    let headings: BTreeSet<&str> = body.rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
    let headings: Vec<&str> = headings.into_iter().collect();
    let binding = bind(law, assessment, &headings)?;
    let rows: Vec<Row> = body
        .rows
        .iter()
        .map(|cells| {
            let cell = |heading: &&str| cells.get(*heading).map(cell_text).unwrap_or_default();
            binding.row(&headings.iter().map(cell).collect::<Vec<String>>())
        })
        .collect();
    let results = groups(assessment, &rows).into_iter().map(|group| {
        let together: Vec<Row> = group.iter().filter_map(|&at| rows.get(at).cloned()).collect();
        let answer = |(asked, basis): &(Option<&str>, Basis<'_>)| AskedAnswer {
            asked: asked.map(str::to_owned),
            answer: AssessmentAnswer::from(&assessment.answer(law, &together, *basis)),
        };
        AssessmentResult { answers: bases.iter().map(answer).collect(), rows: group }
    });
    Ok(AssessmentAnswers { results: results.collect(), unknown_columns: binding.unknown().to_vec() })
}

/// Which rows are judged together: their positions, in the order of the first row of each answer.
/// A row that does not say where it belongs because that cell cannot be read spoils no other's answer.
fn groups(assessment: &Assessment, rows: &[Row]) -> Vec<Vec<usize>> {
    let Rows::By(columns) = assessment.rows else { return (0..rows.len()).map(|at| vec![at]).collect() };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let key: Vec<Option<&Cell>> = columns.iter().map(|column| row.cell(column)).collect();
        let lost = key.contains(&None) && !row.faults.is_empty();
        let next = groups.len();
        let group = if lost { next } else { *known.entry(format!("{key:?}")).or_insert(next) };
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

fn too_many(detail: String) -> Problem {
    Problem::new(sanggan_base::ErrorCode::TooLarge, detail)
        .hint("send fewer rows at a time, or use `sanggan assess` on the file")
}

/// Binds the names of cells to columns; refuses what cannot be meant.
fn bind(law: &Law, assessment: &Assessment, headings: &[&str]) -> Answer<Binding> {
    if headings.len() > HEADINGS_MAX {
        return Err(Problem::bad_field("rows", format!("more than {HEADINGS_MAX} different columns")));
    }
    let binding = Binding::new(law, assessment, headings);
    if binding.columns().is_empty() {
        let known: Vec<String> = (assessment.columns)(law).into_iter().map(|column| column.key).collect();
        return Err(Problem::bad_field("rows", format!("`{}` knows none of the columns", assessment.id))
            .hint(format!("known: {}", known.join(", "))));
    }
    // Two names of one column: which of them was meant cannot be told, and passing one over could change a class.
    for heading in binding.unknown() {
        let twice = Binding::new(law, assessment, &[heading]);
        if let Some(bound) = twice.columns().first() {
            return Err(Problem::bad_field(
                "rows",
                format!(
                    "`{heading}` is another name of the column `{}`, which is there too",
                    bound.column.key
                ),
            ));
        }
    }
    Ok(binding)
}

fn cell_text(cell: &AssessmentCell) -> String {
    match cell {
        AssessmentCell::Text(text) => text.clone(),
        AssessmentCell::Number(number) => number.to_string(),
        AssessmentCell::YesNo(true) => "yes".to_owned(),
        AssessmentCell::YesNo(false) => "no".to_owned(),
        AssessmentCell::Nothing(()) => String::new(),
    }
}

/// A pure number has no unit to show.
fn unit_text(unit: Unit) -> String {
    if unit == Unit::None { String::new() } else { unit.symbol().to_owned() }
}

impl From<&Judged> for AssessmentAnswer {
    fn from(judged: &Judged) -> AssessmentAnswer {
        let all = |texts: &[sanggan_standards::Text]| texts.iter().map(Names::from).collect();
        let excluded = judged
            .excluded
            .iter()
            .map(|one| AssessmentExclusion { what: Names::from(&one.what), why: Names::from(&one.why) });
        AssessmentAnswer {
            value: judged.value.as_ref().map(AssessmentFigure::from),
            class: judged.class.as_ref().map(AssessmentClass::from),
            meets: judged.meets,
            deciding: all(&judged.deciding),
            items: judged.items.iter().map(AssessmentItem::from).collect(),
            figures: judged.figures.iter().map(AssessmentFigure::from).collect(),
            steps: all(&judged.steps),
            edition: judged.edition.as_ref().map(ToString::to_string),
            status: judged.status.map(|status| words::status(status).to_owned()),
            clause: names(judged.clause.as_ref()),
            rounding: names(judged.rounding.as_ref()),
            excluded: excluded.collect(),
            cannot_tell: judged
                .cannot_tell
                .as_ref()
                .map(|why| AssessmentReason { code: why.code.to_owned(), text: Names::from(&why.text) }),
        }
    }
}

impl From<&Figure> for AssessmentFigure {
    fn from(figure: &Figure) -> AssessmentFigure {
        AssessmentFigure {
            key: figure.key.clone(),
            name: Names::from(&figure.name),
            value: figure.value.to_string(),
            // Text of a decimal always reads as a number.
            number: words::number(figure.value).unwrap_or_default(),
            unit: unit_text(figure.unit),
        }
    }
}

impl From<&ClassAnswer> for AssessmentClass {
    fn from(class: &ClassAnswer) -> AssessmentClass {
        AssessmentClass { id: class.id.clone(), name: Names::from(&class.name), colour: class.colour.clone() }
    }
}

impl From<&ItemAnswer> for AssessmentItem {
    fn from(item: &ItemAnswer) -> AssessmentItem {
        AssessmentItem {
            key: item.key.clone(),
            name: Names::from(&item.name),
            value: item.value.map(|value| value.to_string()),
            unit: unit_text(item.unit),
            limit: names(item.limit.as_ref()),
            class: item.class.as_ref().map(AssessmentClass::from),
            meets: item.meets,
            multiple: item.multiple.map(|multiple| multiple.to_string()),
            note: names(item.note.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use sanggan_standards::{Text, Theme};
    use serde_json::json;

    use super::*;

    /// Adds what it is given: so that what arrives where can be seen.
    const PROBE: Assessment = Assessment {
        id: "probe",
        theme: Theme::Air,
        title: ("试", "probe"),
        about: ("试", "probe"),
        standards: &["GB 3095"],
        rows: Rows::By(&["place"]),
        columns: |_| {
            vec![
                Column::text("place", "点位", "place"),
                Column::number("tp", "总磷", "total phosphorus", Unit::MgPerL).or("w21011", &["TP"]),
                Column::number("hours", "小时", "hours", Unit::None),
                Column::judged_day(),
            ]
        },
        figures: &[("sum", "和", "sum")],
        example: &[],
        judge: |law, rows, basis| {
            let sum = rows.iter().filter_map(|row| row.value("tp")).sum();
            let edition = law.edition("GB 3095", basis).map(|edition| edition.id.clone());
            Judged { edition: edition.ok(), ..Judged::default() }.figure(Figure::new(
                "sum",
                Text::new("和", "sum"),
                sum,
                Unit::MgPerL,
            ))
        },
    };

    fn ask(body: serde_json::Value) -> Result<AssessmentAnswers, (u16, String)> {
        let body: AssessmentBody = serde_json::from_value(body).expect("a body");
        let day = jiff::civil::date(2020, 5, 8);
        evaluate(Law::embedded(), &PROBE, &body, day).map_err(|problem| {
            use axum::response::IntoResponse;
            let said = format!("{problem:?}");
            (problem.into_response().status().as_u16(), said)
        })
    }

    /// Rows, sum and edition of each answer.
    fn table(body: serde_json::Value) -> Vec<String> {
        let answers = ask(body).expect("answers");
        let one = |result: &AssessmentResult, asked: &AskedAnswer| {
            let figure = asked.answer.figures.first();
            format!(
                "{:?} {} {} {}",
                result.rows,
                asked.asked.as_deref().unwrap_or("-"),
                figure.map_or("-", |figure| figure.value.as_str()),
                asked.answer.edition.as_deref().unwrap_or("-"),
            )
        };
        answers
            .results
            .iter()
            .flat_map(|result| result.answers.iter().map(move |asked| one(result, asked)))
            .collect()
    }

    #[test]
    fn rows_of_one_place_are_judged_together_and_numbers_may_be_text() {
        let rows = json!([
            {"place": "a", "tp": "0.10"}, {"place": "b", "tp": 0.1}, {"place": "a", "tp": 0.2, "hours": null},
            {"place": "b", "tp": "<0.05"}, {"tp": 1e-2},
        ]);
        let want = [
            "[0, 2] - 0.30 GB 3095-2012-amended-2018",
            "[1, 3] - 0.15 GB 3095-2012-amended-2018",
            "[4] - 0.01 GB 3095-2012-amended-2018",
        ];
        assert_eq!(table(json!({"rows": rows})), want);
    }

    #[test]
    fn several_editions_answer_side_by_side_and_a_row_may_bring_its_day() {
        let want = ["[0] 2012 0.1 GB 3095-2012-amended-2018", "[0] 2026 0.1 GB 3095-2026-transition"];
        assert_eq!(table(json!({"rows": [{"TP": 0.1}], "editions": ["2012", "2026"]})), want);
        let want = ["[0] - 0.1 GB 3095-2026-transition"];
        assert_eq!(table(json!({"rows": [{"TP": 0.1, "日期": "2026-05-08"}]})), want);
        let (status, said) =
            ask(json!({"rows": [{"TP": 0.1}], "editions": ["1999"]})).expect_err("no such edition");
        assert!(status == 400 && said.contains("1999") && said.contains("2026-final"), "{said}");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_what_cannot_be_read_answers_its_row() {
        let answers = ask(json!({"rows": [{"tp": -1}, {"tp": "0.1", "颜色": "红"}]})).expect("answers");
        assert_eq!(answers.unknown_columns, ["颜色"]);
        let first = &answers.results[0].answers[0].answer;
        assert_eq!(first.cannot_tell.as_ref().map(|why| why.code.as_str()), Some("unreadable"));
        assert!(first.figures.is_empty() && first.value.is_none() && first.class.is_none());
        assert!(answers.results[1].answers[0].answer.cannot_tell.is_none());
        for (body, status, words) in [
            (json!({"rows": []}), 400, "there is no row"),
            (json!({"rows": [{"colour": 1}]}), 400, "knows none of the columns"),
            (json!({"rows": [{"tp": 1}, {"总磷(μg/L)": 1}]}), 400, "another name of the column `tp`"),
            (json!({"rows": vec![json!({"tp": 1}); ROWS_MAX + 1]}), 413, "at most 10000"),
            (
                json!({"rows": vec![json!({"tp": 1}); ROWS_MAX], "editions": ["2012", "2026", "2026-final"]}),
                413,
                "3 editions",
            ),
        ] {
            let (got, said) = ask(body).expect_err(words);
            assert!(got == status && said.contains(words), "{got} {said}");
        }
    }

    #[test]
    fn a_place_that_cannot_be_read_spoils_no_other() {
        const BY_HOURS: Assessment = Assessment { rows: Rows::By(&["hours"]), ..PROBE };
        let law = Law::embedded();
        let binding = Binding::new(law, &BY_HOURS, &["hours", "tp"]);
        let rows: Vec<Row> = [["1", "0.1"], ["x", "0.1"], ["1", "0.2"], ["", "0.1"], ["", "0.2"]]
            .iter()
            .map(|row| binding.row(row))
            .collect();
        assert_eq!(groups(&BY_HOURS, &rows), [vec![0, 2], vec![1], vec![3, 4]]);
    }
}
