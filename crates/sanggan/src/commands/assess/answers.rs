//! Judging a table: the same rows, with the answers added.

use std::collections::HashMap;
use std::path::Path;

use jiff::civil::Date;
use sanggan_sheets::Entry;
use sanggan_standards::assess::Rows;
use sanggan_standards::{Answer, Assessment, Basis, Binding, Law, Row, Status, Text};

use super::{input, output::Output};
use crate::cli::{AssessArgs, Format, Lang};
use crate::commands::import::faults::Faults;
use crate::exit::Failure;
use crate::output;

/// What was done, for the closing line.
#[derive(Debug, Default, serde::Serialize)]
struct Tally {
    rows: u64,
    answers: u64,
    cannot_tell: u64,
    unreadable: u64,
    passed_over: Vec<String>,
}

/// Reads the file, judges it and writes the answers.
pub(super) fn judge(
    law: &Law,
    assessment: &Assessment,
    file: &Path,
    args: &AssessArgs,
    day: Date,
    format: Format,
) -> Result<(), Failure> {
    let mut faults = Faults::open(args.faults.as_deref())?;
    let with = args.with.iter().map(|pair| {
        pair.split_once('=').ok_or_else(|| {
            Failure::bad_input(format!("`--with {pair}` has no `=`"), "write --with body=river")
        })
    });
    let (with, constant): (Vec<&str>, Vec<&str>) = with.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    let job = Job { law, assessment, day, editions: &args.edition, lang: args.lang, with, constant };
    let tally = match assessment.rows {
        Rows::Each => job.each(file, args, &mut faults)?,
        Rows::By(keys) => job.groups(file, args, keys, &mut faults)?,
    };
    faults.end_of_file()?;
    if !tally.passed_over.is_empty() {
        output::note(&format!("no column is called: {}; passed over", tally.passed_over.join(", ")));
    }
    // Standard output may carry the rows.
    if args.output.is_some() && format == Format::Json {
        return output::json(&tally);
    }
    output::note(&format!(
        "{} rows, {} answers, {} of them cannot tell; {} rows could not be read",
        tally.rows, tally.answers, tally.cannot_tell, tally.unreadable
    ));
    Ok(())
}

struct Job<'a> {
    law: &'a Law,
    assessment: &'a Assessment,
    day: Date,
    editions: &'a [String],
    lang: Lang,
    /// Headings the command line adds, and the cell every row has under each.
    with: Vec<&'a str>,
    constant: Vec<&'a str>,
}

impl Job<'_> {
    fn bases(&self) -> Vec<(Option<&str>, Basis<'_>)> {
        if self.editions.is_empty() {
            return vec![(None, Basis::OfDay(self.day))];
        }
        self.editions.iter().map(|name| (Some(name.as_str()), Basis::Edition(name, self.day))).collect()
    }

    fn bind(&self, headings: &[String], tally: &mut Tally) -> Result<Binding, Failure> {
        let all: Vec<&str> = headings.iter().map(String::as_str).chain(self.with.iter().copied()).collect();
        let binding = Binding::new(self.law, self.assessment, &all);
        if !binding.missing().is_empty() || binding.columns().is_empty() {
            let names: Vec<String> = if binding.missing().is_empty() {
                (self.assessment.columns)(self.law)
                    .into_iter()
                    .map(|column| self.lang.pick(&column.name))
                    .collect()
            } else {
                binding.missing().iter().map(|column| self.lang.pick(&column.name)).collect()
            };
            return Err(Failure::Refused {
                what: format!("the table lacks these columns: {}", names.join(", ")),
                code: sanggan_base::ErrorCode::BadInput,
                hint: Some(format!("`sanggan assess {}` shows the form of the table", self.assessment.id)),
            });
        }
        tally.passed_over = binding.unknown().iter().filter(|name| !name.is_empty()).cloned().collect();
        Ok(binding)
    }

    fn row(&self, binding: &Binding, cells: &[String]) -> Row {
        let all: Vec<&str> = cells.iter().map(String::as_str).chain(self.constant.iter().copied()).collect();
        binding.row(&all)
    }

    /// Each row by itself, one by one, so that a file of any length is judged in little memory.
    fn each(&self, file: &Path, args: &AssessArgs, faults: &mut Faults) -> Result<Tally, Failure> {
        let name = file.display().to_string();
        let (mut tally, mut binding, mut out) = (Tally::default(), None, None);
        let mut width = 0;
        input::read(file, args.sheet.as_deref(), |entry| {
            match entry {
                Entry::Headings(headings) => {
                    binding = Some(self.bind(headings, &mut tally)?);
                    width = headings.len();
                    let all = headings.iter().cloned().chain(self.headings(headings)).collect();
                    out = Some(Output::open(args.output.as_deref(), all)?);
                }
                Entry::Row { line, cells } => {
                    if let (Some(binding), Some(out)) = (&binding, &mut out) {
                        let row = self.row(binding, cells);
                        tally.rows += 1;
                        if !row.faults.is_empty() {
                            tally.unreadable += 1;
                            let why: Vec<String> =
                                row.faults.iter().map(|fault| self.lang.pick(&fault.why)).collect();
                            faults.tell(&name, line, &why.join("; "))?;
                        }
                        let mut all = cells.to_vec();
                        self.answer(std::slice::from_ref(&row), &mut all, &mut tally);
                        out.row(all)?;
                    }
                }
                Entry::Bad { line, why } => {
                    tally.rows += 1;
                    tally.unreadable += 1;
                    faults.tell(&name, line, &why)?;
                    if let Some(out) = &mut out {
                        let mut all = vec![String::new(); width];
                        for _ in self.bases() {
                            all.extend(self.reason_only(&why));
                        }
                        out.row(all)?;
                    }
                }
            }
            Ok(())
        })?;
        match out {
            Some(out) => out.finish()?,
            None => return Err(Failure::bad_input(format!("`{name}` is empty"), None)),
        }
        Ok(tally)
    }

    /// Rows that belong together are judged together: one row of answers a group.
    fn groups(
        &self,
        file: &Path,
        args: &AssessArgs,
        keys: &[&str],
        faults: &mut Faults,
    ) -> Result<Tally, Failure> {
        let name = file.display().to_string();
        let (mut tally, mut binding) = (Tally::default(), None);
        let mut places: HashMap<Vec<String>, usize> = HashMap::new();
        let mut groups: Vec<(Vec<String>, Vec<Row>)> = Vec::new();
        let mut by: Vec<(usize, String)> = Vec::new();
        input::read(file, args.sheet.as_deref(), |entry| {
            match entry {
                Entry::Headings(headings) => {
                    let bound = self.bind(headings, &mut tally)?;
                    let of_key = |key: &&str| {
                        let found = bound.columns().iter().find(|column| column.column.key == *key)?;
                        Some((found.at, found.heading.clone()))
                    };
                    by = keys.iter().filter_map(of_key).collect();
                    binding = Some(bound);
                }
                Entry::Row { line, cells } => {
                    if let Some(binding) = &binding {
                        let row = self.row(binding, cells);
                        tally.rows += 1;
                        if !row.faults.is_empty() {
                            tally.unreadable += 1;
                            let why: Vec<String> =
                                row.faults.iter().map(|fault| self.lang.pick(&fault.why)).collect();
                            faults.tell(&name, line, &why.join("; "))?;
                        }
                        let key: Vec<String> = by
                            .iter()
                            .map(|(at, _)| {
                                cells.get(*at).map_or_else(String::new, |cell| cell.trim().to_owned())
                            })
                            .collect();
                        let place = *places.entry(key.clone()).or_insert_with(|| {
                            groups.push((key, Vec::new()));
                            groups.len() - 1
                        });
                        groups[place].1.push(row);
                    }
                }
                Entry::Bad { line, why } => {
                    tally.rows += 1;
                    tally.unreadable += 1;
                    faults.tell(&name, line, &why)?;
                }
            }
            Ok(())
        })?;
        let by: Vec<String> = by.into_iter().map(|(_, heading)| heading).collect();
        let added = self.headings(&by);
        let mut out = Output::open(args.output.as_deref(), by.into_iter().chain(added).collect())?;
        for (mut all, rows) in groups {
            self.answer(&rows, &mut all, &mut tally);
            out.row(all)?;
        }
        out.finish()?;
        Ok(tally)
    }

    /// Adds the answers to a row.
    fn answer(&self, rows: &[Row], all: &mut Vec<String>, tally: &mut Tally) {
        for (_, basis) in self.bases() {
            let answer = self.assessment.answer(self.law, rows, basis);
            tally.answers += 1;
            tally.cannot_tell += u64::from(answer.cannot_tell.is_some());
            all.extend(self.cells(&answer));
        }
    }

    /// The headings of the answers, none of them like one of the table.
    fn headings(&self, taken: &[String]) -> Vec<String> {
        let plain = [
            Text::new("评价值", "value"),
            Text::new("评价值单位", "value unit"),
            Text::new("评价类别", "class"),
            Text::new("是否达标", "meets"),
            Text::new("决定因素", "decided by"),
        ];
        let closing = [
            Text::new("依据版本", "edition"),
            Text::new("依据状态", "status"),
            Text::new("条款", "clause"),
            Text::new("修约", "rounding"),
            Text::new("未参与评价", "left out"),
            Text::new("不能评价的原因", "cannot tell"),
        ];
        let figures = self.assessment.figures.iter().map(|(_, zh, en)| Text::new(*zh, *en));
        let all: Vec<Text> = plain.into_iter().chain(figures).chain(closing).collect();
        let mut headings = Vec::new();
        for (asked, _) in self.bases() {
            for text in &all {
                let mut heading = self.lang.pick(text);
                if let Some(edition) = asked {
                    heading = format!("{heading} [{edition}]");
                }
                while taken.contains(&heading) {
                    heading.push('*');
                }
                headings.push(heading);
            }
        }
        headings
    }

    fn cells(&self, answer: &Answer) -> Vec<String> {
        let text = |text: &Option<Text>| text.as_ref().map(|text| self.lang.pick(text)).unwrap_or_default();
        let joined = |texts: Vec<String>| texts.join(if self.lang == Lang::Zh { "、" } else { ", " });
        let mut cells = vec![
            answer.value.as_ref().map(|value| value.value.to_string()).unwrap_or_default(),
            answer.value.as_ref().map(|value| value.unit.symbol().to_owned()).unwrap_or_default(),
            answer.class.as_ref().map(|class| self.lang.pick(&class.name)).unwrap_or_default(),
            answer.meets.map(|meets| self.lang.pick(&yes_no(meets))).unwrap_or_default(),
            joined(answer.deciding.iter().map(|text| self.lang.pick(text)).collect()),
        ];
        cells.extend(
            self.assessment
                .figures
                .iter()
                .map(|(key, ..)| answer.get(key).map(|figure| figure.value.to_string()).unwrap_or_default()),
        );
        cells.extend([
            answer.edition.as_ref().map(ToString::to_string).unwrap_or_default(),
            answer.status.map(|status| self.lang.pick(&status_name(status))).unwrap_or_default(),
            text(&answer.clause),
            text(&answer.rounding),
            joined(
                answer
                    .excluded
                    .iter()
                    .map(|one| format!("{}: {}", self.lang.pick(&one.what), self.lang.pick(&one.why)))
                    .collect(),
            ),
            answer.cannot_tell.as_ref().map(|why| self.lang.pick(&why.text)).unwrap_or_default(),
        ]);
        cells
    }

    /// The answers of a row that is no row.
    fn reason_only(&self, why: &str) -> Vec<String> {
        let mut cells = self.cells(&Answer::default());
        if let Some(last) = cells.last_mut() {
            why.clone_into(last);
        }
        cells
    }
}

fn yes_no(yes: bool) -> Text {
    if yes { Text::new("达标", "yes") } else { Text::new("超标", "no") }
}

fn status_name(status: Status) -> Text {
    match status {
        Status::Confirmed => Text::new("已核对", "confirmed"),
        Status::Unconfirmed => Text::new("未核对", "unconfirmed"),
    }
}
