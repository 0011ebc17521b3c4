//! What the evaluators read and answer: the documented form of their tables.

use sanggan_standards::assess::{ColumnKind, Rows};
use sanggan_standards::{Assessment, Basis, Column, Law, Row, assessments};

use crate::cli::{Format, Lang};
use crate::exit::Failure;
use crate::output;

/// Lists every evaluator.
pub(super) fn list(law: &Law, lang: Lang, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        let all: Vec<_> = assessments().map(|one| described(law, one)).collect();
        return output::json(&all);
    }
    let rows: Vec<Vec<String>> = assessments()
        .map(|one| vec![one.id.to_owned(), lang.pick(&one.title()), one.standards.join(", ")])
        .collect();
    output::text(&output::table(&["assessment", "what", "by"], &rows))?;
    output::note(
        "`sanggan assess WHAT` shows the form of its table; `sanggan assess WHAT FILE` judges a table.",
    );
    Ok(())
}

/// Shows the form of one evaluator's table.
pub(super) fn show(law: &Law, assessment: &Assessment, lang: Lang, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return output::json(&described(law, assessment));
    }
    let mut text = format!("{}\n{}\n\n", lang.pick(&assessment.title()), lang.pick(&assessment.about()));
    if let Rows::By(keys) = assessment.rows {
        let of_key = |key: &&str| name_of(law, assessment, key, lang);
        let names: Vec<String> = keys.iter().map(of_key).collect();
        text.push_str(&match lang {
            Lang::Zh => format!("一个答案对应若干行：{}相同的行一起评价。\n\n", names.join("、")),
            Lang::En => format!("Rows that agree in {} are judged together.\n\n", names.join(", ")),
        });
    }
    let rows: Vec<Vec<String>> = (assessment.columns)(law)
        .iter()
        .map(|column| {
            vec![
                lang.pick(&column.name),
                column.key.clone(),
                kind(column, lang),
                if column.required { "*".to_owned() } else { String::new() },
                column.aliases.join(", "),
            ]
        })
        .collect();
    text.push_str(&output::table(&["column", "key", "cells", "must", "also called"], &rows));
    let example: Vec<Row> = assessment.example.iter().map(|cells| Row::of(law, assessment, cells)).collect();
    let judged = example_day();
    let answer = assessment.answer(law, &example, Basis::OfDay(judged));
    text.push('\n');
    for row in assessment.example {
        let cells: Vec<String> = row.iter().map(|(name, cell)| format!("{name}={cell}")).collect();
        text.push_str(&format!("  {}\n", cells.join("  ")));
    }
    text.push_str(&format!("  → {}\n", answer.line()));
    output::text(&text)
}

/// The day on which examples are judged when they name none: a day on which every current edition holds.
pub(crate) fn example_day() -> jiff::civil::Date {
    jiff::civil::date(2026, 6, 1)
}

fn name_of(law: &Law, assessment: &Assessment, key: &str, lang: Lang) -> String {
    let columns = (assessment.columns)(law);
    columns.iter().find(|column| column.key == key).map_or(key.to_owned(), |column| lang.pick(&column.name))
}

/// What a cell holds, in words.
pub(crate) fn kind(column: &Column, lang: Lang) -> String {
    match &column.kind {
        ColumnKind::Number { unit, .. } if unit.symbol() == "1" => lang.say("数", "number").to_owned(),
        ColumnKind::Number { unit, .. } => unit.symbol().to_owned(),
        ColumnKind::Text => lang.say("文字", "text").to_owned(),
        ColumnKind::Day => lang.say("日期 2020-05-08", "day 2020-05-08").to_owned(),
        ColumnKind::Choice(choices) => {
            choices.iter().map(|choice| lang.pick(&choice.name)).collect::<Vec<_>>().join(" / ")
        }
    }
}

#[derive(serde::Serialize)]
struct Described {
    id: &'static str,
    title: sanggan_standards::Text,
    about: sanggan_standards::Text,
    standards: &'static [&'static str],
    by: &'static [&'static str],
    columns: Vec<DescribedColumn>,
}

#[derive(serde::Serialize)]
struct DescribedColumn {
    key: String,
    name: sanggan_standards::Text,
    cells: String,
    required: bool,
    aliases: Vec<String>,
}

fn described(law: &Law, assessment: &Assessment) -> Described {
    let columns = (assessment.columns)(law).into_iter().map(|column| DescribedColumn {
        cells: kind(&column, Lang::En),
        key: column.key,
        name: column.name,
        required: column.required,
        aliases: column.aliases,
    });
    Described {
        id: assessment.id,
        title: assessment.title(),
        about: assessment.about(),
        standards: assessment.standards,
        by: match assessment.rows {
            Rows::Each => &[],
            Rows::By(keys) => keys,
        },
        columns: columns.collect(),
    }
}
