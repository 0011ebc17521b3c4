//! From the headings and cells of a table to rows an evaluator reads.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Assessment, Column, ColumnKind};
use crate::circumstances::{Circumstance, Circumstances};
use crate::edition::Text;
use crate::law::Law;

/// Which heading feeds which column.
#[derive(Debug, Clone)]
pub struct Binding {
    columns: Vec<BoundColumn>,
    unknown: Vec<String>,
    missing: Vec<Column>,
}

/// One heading of the table and the column it feeds.
#[derive(Debug, Clone)]
pub struct BoundColumn {
    /// The position of the heading.
    pub at: usize,
    /// The heading as written.
    pub heading: String,
    /// The column.
    pub column: Column,
    /// The unit the heading names, or why it cannot be used.
    pub unit: Result<Option<Unit>, Text>,
}

/// A number as measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The number, in the unit of the law; the detection limit when below it.
    pub value: Decimal,
    /// Whether it was written as below the detection limit (`0.01L`, `<0.01`).
    pub below_detection: bool,
}

/// A cell that was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number in the unit of the law.
    Number(Measured),
    /// Not detected, with no limit stated (`ND`, `未检出`).
    NotDetected,
    /// Text.
    Text(String),
    /// A day.
    Day(Date),
    /// The id of a choice.
    Choice(String),
}

/// A cell that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The column.
    pub column: Text,
    /// The reason, naming the column and the cell.
    pub why: Text,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    cells: BTreeMap<String, Cell>,
    /// The cells that could not be read.
    pub faults: Vec<Fault>,
}

impl Binding {
    /// Binds the headings of a table to the columns of an assessment. A heading may end with its unit in brackets.
    pub fn new(law: &Law, assessment: &Assessment, headings: &[impl AsRef<str>]) -> Binding {
        let mut wanted = (assessment.columns)(law);
        let (mut columns, mut unknown) = (Vec::new(), Vec::new());
        for (at, heading) in headings.iter().enumerate() {
            let heading = heading.as_ref().trim();
            let (name, unit) = split_unit(heading);
            let found = wanted
                .iter()
                .position(|column| column.is_called(heading))
                .map(|index| (index, None))
                .or_else(|| {
                    wanted.iter().position(|column| column.is_called(name)).map(|index| (index, unit))
                });
            match found {
                Some((index, unit)) => {
                    let column = wanted.remove(index);
                    let unit = read_unit(&column, heading, unit);
                    columns.push(BoundColumn { at, heading: heading.to_owned(), column, unit });
                }
                None => unknown.push(heading.to_owned()),
            }
        }
        let missing = wanted.into_iter().filter(|column| column.required).collect();
        Binding { columns, unknown, missing }
    }

    /// The headings that feed a column.
    pub fn columns(&self) -> &[BoundColumn] {
        &self.columns
    }

    /// The headings no column is called by; their cells are passed over.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The columns that every row needs and no heading feeds.
    pub fn missing(&self) -> &[Column] {
        &self.missing
    }

    /// Reads the cells of one row.
    pub fn row(&self, cells: &[impl AsRef<str>]) -> Row {
        let mut row = Row::default();
        for bound in &self.columns {
            let text = cells.get(bound.at).map_or("", |cell| cell.as_ref().trim());
            if is_empty(text) {
                continue;
            }
            match read(bound, text) {
                Ok(cell) => {
                    row.cells.insert(bound.column.key.clone(), cell);
                }
                Err(why) => row.faults.push(Fault { column: bound.column.name.clone(), why }),
            }
        }
        row
    }
}

impl Row {
    /// A row from (column, cell) pairs; a name that is no column is a fault.
    pub fn of(law: &Law, assessment: &Assessment, cells: &[(impl AsRef<str>, impl AsRef<str>)]) -> Row {
        let headings: Vec<&str> = cells.iter().map(|(heading, _)| heading.as_ref()).collect();
        let binding = Binding::new(law, assessment, &headings);
        let mut row = binding.row(&cells.iter().map(|(_, cell)| cell.as_ref()).collect::<Vec<_>>());
        row.faults.extend(binding.unknown.iter().map(|heading| Fault {
            column: Text::same(heading.clone()),
            why: Text::new(format!("没有名为“{heading}”的列"), format!("no column is called `{heading}`")),
        }));
        row
    }

    /// The cell of a column, when it was given and could be read.
    pub fn cell(&self, key: &str) -> Option<&Cell> {
        self.cells.get(key)
    }

    /// A number.
    pub fn number(&self, key: &str) -> Option<Measured> {
        match self.cells.get(key)? {
            Cell::Number(measured) => Some(*measured),
            _ => None,
        }
    }

    /// The number itself; the detection limit when below it.
    pub fn value(&self, key: &str) -> Option<Decimal> {
        self.number(key).map(|measured| measured.value)
    }

    /// The id of a choice.
    pub fn choice(&self, key: &str) -> Option<&str> {
        match self.cells.get(key)? {
            Cell::Choice(id) => Some(id),
            _ => None,
        }
    }

    /// Whether a yes-or-no column says yes.
    pub fn is_yes(&self, key: &str) -> Option<bool> {
        self.choice(key).map(|id| id == "yes")
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.cells.get(key)? {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A day.
    pub fn day(&self, key: &str) -> Option<Date> {
        match self.cells.get(key)? {
            Cell::Day(day) => Some(*day),
            _ => None,
        }
    }

    /// What the row says of circumstances: its choices, numbers and days by key.
    pub fn circumstances(&self) -> Circumstances {
        let mut known = Circumstances::new();
        for (key, cell) in &self.cells {
            match cell {
                Cell::Choice(id) => known.set(key, Circumstance::Choice(id.clone())),
                Cell::Number(measured) => known.set(key, Circumstance::Number(measured.value)),
                Cell::Day(day) => known.set(key, Circumstance::Day(*day)),
                Cell::Text(_) | Cell::NotDetected => {}
            }
        }
        known
    }

    /// The keys of the cells that were given.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.cells.keys().map(String::as_str)
    }

    /// The row with a cell put in; for callers that have values and not text.
    #[must_use]
    pub fn with(mut self, key: &str, cell: Cell) -> Row {
        self.cells.insert(key.to_owned(), cell);
        self
    }
}

/// `总磷(mg/L)` → `总磷`, `mg/L`. The heading itself when it does not end with brackets.
fn split_unit(heading: &str) -> (&str, Option<&str>) {
    for (open, close) in [('(', ')'), ('（', '）'), ('[', ']')] {
        if let Some(rest) = heading.strip_suffix(close)
            && let Some(at) = unit_bracket(rest, open, close)
        {
            let unit = rest[at + open.len_utf8()..].trim();
            return (rest[..at].trim_end(), Some(unit));
        }
    }
    (heading, None)
}

/// Where the bracket opens that the end of `rest` would close; pairs inside are passed over (`dB(A`).
fn unit_bracket(rest: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 1;
    for (at, c) in rest.char_indices().rev() {
        if c == close {
            depth += 1;
        } else if c == open {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn read_unit(column: &Column, heading: &str, unit: Option<&str>) -> Result<Option<Unit>, Text> {
    let (Some(written), Some(wanted)) = (unit.filter(|unit| !unit.is_empty()), column.unit()) else {
        return Ok(None);
    };
    let unit = Unit::parse(written).map_err(|_| {
        Text::new(
            format!("“{heading}”：不认识的单位“{written}”"),
            format!("`{heading}`: unknown unit `{written}`"),
        )
    })?;
    unit.convert(1.0, wanted).map(|_| Some(unit)).map_err(|_| {
        Text::new(
            format!("“{heading}”：单位“{unit}”不能换算为“{wanted}”"),
            format!("`{heading}`: `{unit}` cannot be converted to `{wanted}`"),
        )
    })
}

/// What people write for "not measured".
fn is_empty(text: &str) -> bool {
    matches!(text, "" | "-" | "--" | "—" | "——" | "/" | "*" | "N/A" | "NA" | "null" | "NULL")
}

fn read(bound: &BoundColumn, text: &str) -> Result<Cell, Text> {
    let column = &bound.column;
    let fault = |zh: &str, en: &str| {
        Text::new(format!("{}：“{text}”{zh}", column.name.zh), format!("{}: `{text}` {en}", column.name.en))
    };
    match &column.kind {
        ColumnKind::Text => Ok(Cell::Text(text.to_owned())),
        ColumnKind::Day => {
            let read = parse_day(text);
            read.map(Cell::Day)
                .ok_or_else(|| fault("不是日期（应为 2020-05-08）", "is no day (2020-05-08 is one)"))
        }
        ColumnKind::Choice(choices) => {
            let is = |name: &str| name.eq_ignore_ascii_case(text);
            let found = choices.iter().find(|choice| {
                is(&choice.id)
                    || is(&choice.name.zh)
                    || is(&choice.name.en)
                    || choice.aliases.iter().any(|alias| is(alias))
            });
            found.map(|choice| Cell::Choice(choice.id.clone())).ok_or_else(|| {
                let (zh, en): (Vec<&str>, Vec<&str>) = choices
                    .iter()
                    .take(12)
                    .map(|choice| (choice.name.zh.as_str(), choice.id.as_str()))
                    .unzip();
                fault(
                    &format!("不在可选项中（{}）", zh.join("、")),
                    &format!("is none of: {}", en.join(", ")),
                )
            })
        }
        ColumnKind::Number { unit, min, max } => {
            if matches!(text, "ND" | "nd" | "n.d." | "未检出" | "不得检出" | "未检测出") {
                return Ok(Cell::NotDetected);
            }
            let (digits, below_detection) = match text.strip_suffix(['L', 'l']) {
                Some(limit) => (limit, true),
                None => match text.strip_prefix(['<', '＜']) {
                    Some(limit) => (limit.trim_start(), true),
                    None => (text, false),
                },
            };
            let number = parse_number(digits).ok_or_else(|| fault("不是数", "is no number"))?;
            let value = match &bound.unit {
                Err(why) => return Err(why.clone()),
                Ok(Some(from)) if from != unit => converted(number, *from, *unit)
                    .ok_or_else(|| fault("太大，不能换算", "is too large to convert"))?,
                Ok(_) => number,
            };
            if min.is_some_and(|min| value < min) {
                return Err(fault("小于可能的最小值", "is below the least possible value"));
            }
            if max.is_some_and(|max| max < value) {
                return Err(fault("大于可能的最大值", "is above the greatest possible value"));
            }
            Ok(Cell::Number(Measured { value, below_detection }))
        }
    }
}

/// Reads a day as people write it: `2020-05-08`, `2020/5/8`, `2020.5.8`, `20200508`, `2020年5月8日`, with or without a
/// time after it.
pub fn parse_day(text: &str) -> Option<Date> {
    let text = text.trim();
    let day = match text.split_once('日') {
        Some((day, _)) => day.replace(['年', '月'], "-"),
        None => text.split(['T', ' ']).next().unwrap_or(text).replace(['/', '.'], "-"),
    };
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]).parse().ok();
    }
    match day.split('-').map(str::trim).collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}").parse().ok(),
        _ => None,
    }
}

/// Reads a decimal; full-width digits and an exponent are understood, anything else (`NaN`, words) is not.
fn parse_number(text: &str) -> Option<Decimal> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '．' => '.',
            '－' => '-',
            other => other,
        })
        .collect();
    if !plain.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'-' | b'+' | b'e' | b'E')) {
        return None;
    }
    if plain.contains(['e', 'E']) {
        return Decimal::from_scientific(&plain).ok();
    }
    plain.parse().ok()
}

/// Powers of ten convert exactly; other factors through the binary value, its noise removed.
fn converted(number: Decimal, from: Unit, to: Unit) -> Option<Decimal> {
    let factor = crate::exact(from.convert(1e6, to).ok()?)?.checked_div(Decimal::from(1_000_000))?;
    number.checked_mul(factor).map(|value| value.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::Theme;
    use crate::{Answer, Basis};

    const PROBE: Assessment = Assessment {
        id: "probe",
        theme: Theme::Water,
        title: ("试", "probe"),
        about: ("", ""),
        standards: &[],
        rows: crate::assess::Rows::Each,
        columns: |_| {
            vec![
                Column::text("section", "断面", "section"),
                Column::judged_day(),
                Column::number("tp", "总磷", "total phosphorus", Unit::MgPerL)
                    .or("w21011", &["TP"])
                    .required(),
                Column::number("leq", "等效声级", "Leq", Unit::DbA),
                Column::yes_no("stopped", "停产", "stopped"),
            ]
        },
        figures: &[],
        example: &[],
        judge: |_, _, _: Basis<'_>| Answer::default(),
    };

    fn one(heading: &str, cell: &str) -> Row {
        Binding::new(Law::embedded(), &PROBE, &[heading]).row(&[cell])
    }

    #[test]
    fn headings_are_recognised_as_people_write_them() {
        for (heading, cell, want) in [
            ("总磷", "0.2", "0.2"),
            ("总磷(mg/L)", "0.2", "0.2"),
            ("总磷（μg/L）", "200", "0.2"),
            ("TP [ug/L]", "200", "0.2"),
            ("tp", "2e-1", "0.2"),
            ("w21011", "０.２", "0.2"),
            ("Total Phosphorus", "0.2", "0.2"),
            ("Leq (dB(A))", "0", "-"),
        ] {
            let row = one(heading, cell);
            let got = row.value("tp").map_or("-".to_owned(), |value| value.to_string());
            assert_eq!((got.as_str(), row.faults.len()), (want, 0), "{heading} {cell}: {:?}", row.faults);
        }
        assert_eq!(one("等效声级 dB(A)", "55").value("leq"), None);
        assert_eq!(one("Leq(dB(A))", "55").value("leq"), Some(Decimal::from(55)));
        assert_eq!(one("TP", "0.01L").number("tp").map(|one| one.below_detection), Some(true));
        assert_eq!(one("TP", "<0.01").number("tp").map(|one| one.below_detection), Some(true));
        assert_eq!(one("TP", "未检出").cell("tp"), Some(&Cell::NotDetected));
        for day in
            ["2020/5/8 12:00", "20200508", "2020年5月8日", "2020-05-08T12:00:00", "2020年05月08日 12时"]
        {
            assert_eq!(one("采样日期", day).day("day"), Some(jiff::civil::date(2020, 5, 8)), "{day}");
        }
        assert_eq!(one("停产", "是").is_yes("stopped"), Some(true));
    }

    #[test]
    fn a_cell_that_cannot_be_read_is_a_fault_and_no_value() {
        for (heading, cell, why) in [
            ("TP", "-0.1", "total phosphorus: `-0.1` is below the least possible value"),
            ("TP", "NaN", "total phosphorus: `NaN` is no number"),
            ("TP", "inf", "total phosphorus: `inf` is no number"),
            ("TP", "abc", "total phosphorus: `abc` is no number"),
            ("TP", "1,2", "total phosphorus: `1,2` is no number"),
            ("TP(mg/m3)", "1", "`TP(mg/m3)`: `mg/m³` cannot be converted to `mg/L`"),
            ("TP(furlong)", "1", "`TP(furlong)`: unknown unit `furlong`"),
            ("日期", "2020-13-01", "day: `2020-13-01` is no day (2020-05-08 is one)"),
            ("停产", "maybe", "stopped: `maybe` is none of: yes, no"),
        ] {
            let row = one(heading, cell);
            let faults: Vec<&str> = row.faults.iter().map(|fault| fault.why.en.as_str()).collect();
            assert_eq!(faults, [why]);
            assert_eq!(row.keys().count(), 0);
        }
        let binding = Binding::new(Law::embedded(), &PROBE, &["TP", "浊度X", "TP"]);
        assert_eq!(binding.unknown(), ["浊度X", "TP"]);
        let lacking = Binding::new(Law::embedded(), &PROBE, &["断面"]);
        assert_eq!(lacking.missing().iter().map(|column| column.key.as_str()).collect::<Vec<_>>(), ["tp"]);
        let row = Row::of(Law::embedded(), &PROBE, &[("断面", "甲")]);
        let answer = PROBE.answer(Law::embedded(), &[row], Basis::OfDay(jiff::civil::date(2020, 1, 1)));
        assert_eq!(answer.line(), "cannot tell (missing): missing: total phosphorus");
    }
}
