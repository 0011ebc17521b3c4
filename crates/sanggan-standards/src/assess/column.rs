//! The columns an evaluator reads.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::edition::Text;
use crate::schema::general::{Circumstance, FactorRow, Item, Score};

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its key (`codmn`).
    pub key: String,
    /// Its name.
    pub name: Text,
    /// Other headings it is recognised by; upper and lower case are the same.
    pub aliases: Vec<String>,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Whether a row without it cannot be judged.
    pub required: bool,
    /// What a person who fills it in should know.
    pub note: Option<Text>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnKind {
    /// A number in this unit; others of the same quantity are converted.
    Number {
        /// The unit of the law.
        unit: Unit,
        /// Smaller numbers are refused.
        min: Option<Decimal>,
        /// Larger numbers are refused.
        max: Option<Decimal>,
    },
    /// Free text: a name, a code.
    Text,
    /// A calendar day, `2020-05-08`; a time of day after it is passed over.
    Day,
    /// One of these.
    Choice(Vec<ColumnChoice>),
}

/// One choice.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Other ways to write it.
    pub aliases: Vec<String>,
}

impl ColumnChoice {
    /// A choice.
    pub fn new(id: &str, zh: &str, en: &str) -> ColumnChoice {
        ColumnChoice { id: id.to_owned(), name: Text::new(zh, en), aliases: Vec::new() }
    }
}

impl Column {
    fn new(key: &str, name: Text, kind: ColumnKind) -> Column {
        Column { key: key.to_owned(), name, aliases: Vec::new(), kind, required: false, note: None }
    }

    /// A number that cannot be below zero.
    pub fn number(key: &str, zh: &str, en: &str, unit: Unit) -> Column {
        Column::new(key, Text::new(zh, en), ColumnKind::Number { unit, min: Some(Decimal::ZERO), max: None })
    }

    /// A number that may be below zero.
    pub fn signed(key: &str, zh: &str, en: &str, unit: Unit) -> Column {
        Column::new(key, Text::new(zh, en), ColumnKind::Number { unit, min: None, max: None })
    }

    /// A name or code.
    pub fn text(key: &str, zh: &str, en: &str) -> Column {
        Column::new(key, Text::new(zh, en), ColumnKind::Text)
    }

    /// The day judged; every assessment has it, so that the edition of the day is found.
    pub fn judged_day() -> Column {
        Column::new("day", Text::new("日期", "day"), ColumnKind::Day)
            .or("date", &["time", "datetime", "采样日期", "监测时间", "时间"])
    }

    /// A calendar day.
    pub fn date(key: &str, zh: &str, en: &str) -> Column {
        Column::new(key, Text::new(zh, en), ColumnKind::Day)
    }

    /// One of several.
    pub fn choice(key: &str, zh: &str, en: &str, choices: Vec<ColumnChoice>) -> Column {
        Column::new(key, Text::new(zh, en), ColumnKind::Choice(choices))
    }

    /// Yes or no.
    pub fn yes_no(key: &str, zh: &str, en: &str) -> Column {
        let mut yes = ColumnChoice::new("yes", "是", "yes");
        yes.aliases = ["y", "true", "1", "√"].map(str::to_owned).to_vec();
        let mut no = ColumnChoice::new("no", "否", "no");
        no.aliases = ["n", "false", "0", "×"].map(str::to_owned).to_vec();
        Column::choice(key, zh, en, vec![yes, no])
    }

    /// The column of an item of the law: its key, HJ code, names and unit. A pH ends at 14.
    pub fn of_item(item: &Item) -> Column {
        let max = (item.key == "ph").then(|| Decimal::from(14));
        let kind = ColumnKind::Number { unit: item.unit, min: Some(Decimal::ZERO), max };
        let mut column = Column::new(&item.key, item.name.clone(), kind);
        column.aliases = item.aliases.iter().cloned().chain(item.code.clone()).collect();
        column
    }

    /// The column of a row of factors: an amount in `unit`.
    pub fn of_factor(row: &FactorRow, unit: Unit) -> Column {
        let kind = ColumnKind::Number { unit, min: Some(Decimal::ZERO), max: None };
        let mut column = Column::new(&row.key, row.name.clone(), kind);
        column.aliases = row.aliases.iter().cloned().chain(row.code.clone()).collect();
        column
    }

    /// The column of a question with graded answers.
    pub fn of_score(score: &Score) -> Column {
        let choices = score.option.iter().map(|option| ColumnChoice {
            id: option.id.clone(),
            name: option.name.clone(),
            aliases: Vec::new(),
        });
        Column::new(&score.key, score.name.clone(), ColumnKind::Choice(choices.collect()))
    }

    /// The column of a circumstance that rows of the law depend on.
    pub fn of_circumstance(circumstance: &Circumstance) -> Column {
        let kind = match circumstance.unit {
            _ if circumstance.day => ColumnKind::Day,
            Some(unit) => ColumnKind::Number { unit, min: None, max: None },
            None => ColumnKind::Choice(
                circumstance
                    .choice
                    .iter()
                    .map(|choice| ColumnChoice {
                        id: choice.id.clone(),
                        name: choice.name.clone(),
                        aliases: choice.aliases.clone(),
                    })
                    .collect(),
            ),
        };
        let mut column = Column::new(&circumstance.key, circumstance.name.clone(), kind);
        column.aliases.clone_from(&circumstance.aliases);
        column
    }

    /// The same column, with further headings it is recognised by.
    #[must_use]
    pub fn or(mut self, alias: &str, more: &[&str]) -> Column {
        self.aliases.push(alias.to_owned());
        self.aliases.extend(more.iter().map(|&alias| alias.to_owned()));
        self
    }

    /// The same column, without which a row cannot be judged.
    #[must_use]
    pub fn required(mut self) -> Column {
        self.required = true;
        self
    }

    /// The same column with a note.
    #[must_use]
    pub fn note(mut self, zh: &str, en: &str) -> Column {
        self.note = Some(Text::new(zh, en));
        self
    }

    /// The unit of its numbers.
    pub fn unit(&self) -> Option<Unit> {
        match self.kind {
            ColumnKind::Number { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// Whether this heading (without its unit) names the column.
    pub fn is_called(&self, heading: &str) -> bool {
        let heading = squeeze(heading);
        squeeze(&self.key) == heading
            || squeeze(&self.name.zh) == heading
            || squeeze(&self.name.en) == heading
            || self.aliases.iter().any(|alias| squeeze(alias) == heading)
    }
}

/// A heading without blanks, in lower case, with `-` and `_` alike and the subscript digits of chemists as digits.
fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '-' | '‐' | '–' => '_',
            '₀'..='₉' => char::from(b'0' + (c as u32 - '₀' as u32) as u8),
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}
