//! Every assessment, case by case, in rows an expert can read: `cases/assess/<id>.cases`, `question => answer`.
//!
//! A question is a day (`2026-03-01`, or `2026-03-01/2012` to ask under another edition) and `column=cell` words; a cell
//! with blanks is written in quotes. Rows that are judged together are parted by ` | `. A line that begins with `#`
//! names the clause; one that begins with `#!` opens a part every assessment has, which `cargo xtask tidy` looks for.
//! `UPDATE_CASES=1 cargo test` writes the answers anew: read them before you keep them.

use std::fmt::Write as _;
use std::path::PathBuf;

use sanggan_standards::{Assessment, Basis, Decimal, Law, Row, assess, assessments};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases/assess")
}

/// `a=1 b="two words"` → pairs.
fn cells(text: &str) -> Vec<(String, String)> {
    let (mut cells, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').unwrap_or_else(|| panic!("no column=cell: {rest}"));
        let (cell, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or_else(|| panic!("no closing quote: {rest}")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        cells.push((key.trim().to_owned(), cell.to_owned()));
        rest = next.trim_start();
    }
    cells
}

fn answer(assessment: &Assessment, question: &str) -> String {
    let (basis, rows) = question.trim().split_once(char::is_whitespace).unwrap_or((question.trim(), ""));
    let (day, edition) = basis.split_once('/').map_or((basis, None), |(day, edition)| (day, Some(edition)));
    let basis = Basis::new(day.parse().unwrap_or_else(|_| panic!("no day: {question}")), edition);
    let law = Law::embedded();
    let rows: Vec<Row> = rows.split(" | ").map(|row| Row::of(law, assessment, &cells(row))).collect();
    assessment.answer(law, &rows, basis).line()
}

#[test]
fn every_case() {
    let (mut wrong, mut files) = (String::new(), 0);
    for entry in std::fs::read_dir(folder()).expect("the case files are there").flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "cases") {
            continue;
        }
        let path = entry.path();
        let id = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let assessment =
            assess::assessment(&id).unwrap_or_else(|| panic!("no assessment `{id}` for its cases"));
        let text = std::fs::read_to_string(&path).expect("a text");
        let mut fresh = String::new();
        files += 1;
        for (number, line) in text.lines().enumerate() {
            let Some((question, want)) = line.split_once("=> ").filter(|_| !line.starts_with('#')) else {
                let plain = line.is_empty() || line.starts_with('#') || line.trim_end().ends_with("=>");
                assert!(plain, "{id}:{}: no row: {line}", number + 1);
                match line.trim_end().strip_suffix("=>").filter(|_| !line.starts_with('#')) {
                    Some(question) => {
                        let got = answer(assessment, question);
                        writeln!(fresh, "{} => {got}", question.trim_end()).expect("a text");
                        writeln!(wrong, "{id}:{}: {question}\n  want\n  got  {got}", number + 1)
                            .expect("a text");
                    }
                    None => writeln!(fresh, "{line}").expect("a text"),
                }
                continue;
            };
            let got = answer(assessment, question);
            writeln!(fresh, "{} => {got}", question.trim_end()).expect("a text");
            if got != want.trim() {
                writeln!(wrong, "{id}:{}: {question}\n  want {want}\n  got  {got}", number + 1)
                    .expect("a text");
            }
        }
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(&path, fresh).expect("the case file can be written");
        }
    }
    assert!(0 < files || assessments().next().is_none(), "there are no case files");
    assert!(wrong.is_empty() || std::env::var_os("UPDATE_CASES").is_some(), "\n{wrong}");
}

#[test]
fn every_example_is_answered_and_every_column_is_named_in_both_languages() {
    let law = Law::embedded();
    let mut ids = std::collections::BTreeSet::new();
    for assessment in assessments() {
        let id = assessment.id;
        assert!(ids.insert(id), "two assessments are called `{id}`");
        assert!(!assessment.example.is_empty(), "{id} has no example");
        let rows: Vec<Row> = assessment.example.iter().map(|cells| Row::of(law, assessment, cells)).collect();
        let basis = Basis::OfDay("2026-06-01".parse().expect("a day"));
        let answer = assessment.answer(law, &rows, basis);
        assert!(answer.cannot_tell.is_none(), "{id}: the example is not answered: {}", answer.line());
        assert!(
            answer.edition.is_some() && answer.clause.is_some() && answer.rounding.is_some(),
            "{id}: by what?"
        );
        for standard in assessment.standards {
            assert!(law.latest(standard).is_some(), "{id}: there is no standard `{standard}`");
        }
        for column in (assessment.columns)(law) {
            let named = !column.name.zh.trim().is_empty() && !column.name.en.trim().is_empty();
            assert!(named, "{id}: `{}` has no name", column.key);
        }
        for (key, zh, en) in assessment.figures {
            assert!(!zh.is_empty() && !en.is_empty(), "{id}: figure `{key}` has no name");
        }
        for figure in &answer.figures {
            assert!(assessment.figures.iter().any(|(key, ..)| *key == figure.key), "{id}: `{}`", figure.key);
        }
        assert!(
            !assessment.title.0.is_empty()
                && !assessment.about.0.is_empty()
                && !assessment.about.1.is_empty()
        );
    }
}

#[test]
fn nonsense_is_never_judged() {
    let law = Law::embedded();
    let basis = Basis::OfDay("2026-06-01".parse().expect("a day"));
    for assessment in assessments() {
        let columns = (assessment.columns)(law);
        for bad in ["NaN", "inf", "-inf", "abc", "1e400", "99999999999999999999999999999999", "-1"] {
            for column in &columns {
                let numbers = matches!(&column.kind, assess::ColumnKind::Number { min, .. } if min.is_some_and(|min| Decimal::ZERO <= min) || bad != "-1");
                if !numbers {
                    continue;
                }
                let mut rows: Vec<Vec<(&str, &str)>> =
                    assessment.example.iter().map(|row| row.to_vec()).collect();
                let first = rows.first_mut().expect("an example has a row");
                first.retain(|(name, _)| !column.is_called(name));
                first.push((column.key.as_str(), bad));
                let rows: Vec<Row> = rows.iter().map(|cells| Row::of(law, assessment, cells)).collect();
                let answer = assessment.answer(law, &rows, basis);
                let told = answer.class.is_some() || answer.value.is_some() || answer.meets.is_some();
                assert!(
                    !told && answer.cannot_tell.is_some(),
                    "{}: {}={bad}: {}",
                    assessment.id,
                    column.key,
                    answer.line()
                );
            }
        }
    }
}
