//! The kinds of table that any standard may have: grades, graded limits, limits by circumstances, bands, factors,
//! scores, lists. An evaluator reads them through [`crate::tables`]; a reader sees them through [`crate::sheet`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;
use serde::Deserialize;

use super::{decimal_opt, number_map};
use crate::edition::{Status, Text};

/// One grade (class, level, zone) a standard knows, best first.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Its id (`III`, `inferior_V`, `A`).
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What the standard calls the state it stands for (`良好`).
    pub state: Option<Text>,
    /// The colour the standard gives it, `#rrggbb`.
    pub colour: Option<String>,
    /// Name of the colour in the standard.
    pub colour_name: Option<Text>,
    /// What the standard says of it (use, measures, advice).
    pub text: Option<Text>,
    /// Other ways to write it (`3`, `Ⅲ类`).
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// What a row is about: a parameter, a substance, an item.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The key in this standard (`codmn`); the same everywhere in the file.
    pub key: String,
    /// The HJ 524/525 code, when it has one (`w01019`).
    pub code: Option<String>,
    /// Its name in the standard.
    pub name: Text,
    /// Other names it goes by in tables of people (`CODMn`, `高锰酸盐指数`).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The unit of the limits.
    pub unit: Unit,
    /// Decimals to which a value is rounded before it is compared; not rounded when absent.
    pub digits: Option<u32>,
}

/// How a limit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The value may not be above the limit.
    Max,
    /// The value may not be below the limit.
    Min,
    /// The value must lie between two limits, both included.
    Range,
    /// A word decides (none, present).
    Word,
}

/// One limit as written.
#[derive(Debug, Clone, PartialEq)]
pub enum LimitCell {
    /// A number.
    Number(Decimal),
    /// From and to.
    Range(Decimal, Decimal),
    /// A word of the standard (`not_detected`), explained in the table's note.
    Word(String),
}

/// Limits by grade: one row an item, one column a grade.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// Ids of the grades of the columns, best first.
    pub grades: Vec<String>,
    /// The grade of what is worse than the last column.
    pub beyond: Option<String>,
    /// The items.
    pub item: Vec<Item>,
    /// The rows.
    pub row: Vec<GradedRow>,
}

/// One row of graded limits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradedRow {
    /// Key of the item.
    pub item: String,
    /// How the limits bind.
    pub bound: Bound,
    /// One limit a grade.
    #[serde(deserialize_with = "super::limit_cells")]
    pub limits: Vec<LimitCell>,
    /// The circumstances in which the row holds; always when empty.
    #[serde(default)]
    pub when: When,
    /// A doubt or exception of this row.
    pub note: Option<Text>,
    /// Differs from the table's where this row is surer or less sure.
    pub status: Option<Status>,
}

/// Limits that hold in some circumstances.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditional {
    /// The items.
    pub item: Vec<Item>,
    /// The rows.
    pub row: Vec<ConditionalRow>,
}

/// One limit with its circumstances.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionalRow {
    /// Key of the item.
    pub item: String,
    /// The averaging time or the way of sampling (`hour`, `day`), when the standard names one.
    pub averaging: Option<String>,
    /// The value may not be above this.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub max: Option<Decimal>,
    /// The value may not be below this.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub min: Option<Decimal>,
    /// A word instead of a number (`不得检出`).
    pub word: Option<Text>,
    /// The circumstances in which the row holds; always when empty.
    #[serde(default)]
    pub when: When,
    /// The clause of this row, when it differs from the table's.
    pub clause: Option<Text>,
    /// A doubt or exception of this row.
    pub note: Option<Text>,
    /// Differs from the table's where this row is surer or less sure.
    pub status: Option<Status>,
}

/// Values to classes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// The unit of the bounds.
    pub unit: Unit,
    /// Decimals to which a value is rounded before it is compared; not rounded when absent.
    pub digits: Option<u32>,
    /// The bands, in the order of the standard; for each `when` they follow each other without gap or overlap.
    pub row: Vec<Band>,
}

/// One band.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Id of the class.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The colour the standard gives it, `#rrggbb`.
    pub colour: Option<String>,
    /// From here, included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub at_least: Option<Decimal>,
    /// From here, not included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub above: Option<Decimal>,
    /// To here, included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub at_most: Option<Decimal>,
    /// To here, not included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub below: Option<Decimal>,
    /// The circumstances in which the band holds.
    #[serde(default)]
    pub when: When,
    /// What the standard says of it.
    pub text: Option<Text>,
}

/// Named numbers in columns: equivalents, coefficients, weights, rates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// The columns.
    pub column: Vec<FactorColumn>,
    /// The rows.
    pub row: Vec<FactorRow>,
}

/// One column of factors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorColumn {
    /// Its key.
    pub key: String,
    /// Its heading.
    pub name: Text,
    /// The unit of the numbers.
    pub unit: Unit,
}

/// One row of factors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorRow {
    /// Its key.
    pub key: String,
    /// The HJ 524/525 code, when it has one.
    pub code: Option<String>,
    /// Its name in the standard.
    pub name: Text,
    /// Other names it goes by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A number a column; a column may be absent.
    #[serde(deserialize_with = "number_map")]
    pub values: BTreeMap<String, Decimal>,
    /// The circumstances in which the row holds; always when empty.
    #[serde(default)]
    pub when: When,
    /// The clause of this row, when it differs from the table's.
    pub clause: Option<Text>,
    /// A doubt or exception of this row.
    pub note: Option<Text>,
    /// Differs from the table's where this row is surer or less sure.
    pub status: Option<Status>,
}

/// Questions with graded answers: penalty factors, credit indicators.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// The questions.
    pub row: Vec<Score>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Its key.
    pub key: String,
    /// Its text.
    pub name: Text,
    /// The part it plays in the formula (`individual`, `common`, a dimension).
    pub role: Option<String>,
    /// Its weight, or the most points it can bring.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub weight: Option<Decimal>,
    /// The answers.
    #[serde(default)]
    pub option: Vec<ScoreOption>,
    /// A doubt or exception.
    pub note: Option<Text>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreOption {
    /// Its id.
    pub id: String,
    /// Its text.
    pub name: Text,
    /// What it brings.
    #[serde(deserialize_with = "super::decimal")]
    pub points: Decimal,
}

/// Things a standard lists: codes, categories, states, duties.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The entries.
    pub row: Vec<ListRow>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRow {
    /// Its id or code.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The entry it belongs to.
    pub parent: Option<String>,
    /// What the standard says of it.
    pub text: Option<Text>,
    /// The circumstances in which the entry holds.
    #[serde(default)]
    pub when: When,
    /// A doubt or exception.
    pub note: Option<Text>,
    /// Differs from the table's where this row is surer or less sure.
    pub status: Option<Status>,
}

/// Circumstances: each key must be met. `{ body = "river", capacity = { above = 65 } }`.
pub type When = BTreeMap<String, Condition>;

/// What is asked of one circumstance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// It is this.
    Is(String),
    /// It is one of these.
    OneOf(Vec<String>),
    /// It lies in this span.
    Within(Span),
}

/// A span of numbers or days.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From here, included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub at_least: Option<Decimal>,
    /// From here, not included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub above: Option<Decimal>,
    /// To here, included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub at_most: Option<Decimal>,
    /// To here, not included.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub below: Option<Decimal>,
    /// From this day, included.
    #[serde(default, deserialize_with = "super::date_opt")]
    pub from: Option<Date>,
    /// Before this day.
    #[serde(default, deserialize_with = "super::date_opt")]
    pub before: Option<Date>,
}

/// One circumstance that rows of the file may depend on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circumstance {
    /// Its key in `when`.
    pub key: String,
    /// The question it asks.
    pub name: Text,
    /// Other names of it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The answers it knows; empty for a number or a day.
    #[serde(default)]
    pub choice: Vec<Choice>,
    /// The unit, when it is a number.
    pub unit: Option<Unit>,
    /// Whether it is a day.
    #[serde(default)]
    pub day: bool,
}

/// One answer to a circumstance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its id in `when`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Other ways to write it.
    #[serde(default)]
    pub aliases: Vec<String>,
}
