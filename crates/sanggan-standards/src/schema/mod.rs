//! The form of a data file, checked once when it is read.
//!
//! One form for every standard: who it is (`standard`, `edition`, `family`, `title`), when it holds (`from`, `to`,
//! `phased_from`, `replaced_by`), and its tables, each with `id`, `kind`, `clause`, `source`, `checked_on`, `status`,
//! `rounding`. The `kind` says what rows a table has. Unknown keys are refused. Whatever people read is written in both
//! languages (`{ zh = "…", en = "…" }`), neither of them empty.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::{ParameterCode, Unit};
use serde::Deserialize;

use crate::edition::{Sourced, Status, Text, Theme};
use crate::hj_633::AqiClass;

pub(crate) mod general;

use general::{Bands, Circumstance, Conditional, Factors, Grade, Graded, LimitCell, List, Scores};

/// A data file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileForm {
    pub(crate) standard: String,
    pub(crate) edition: String,
    pub(crate) family: String,
    #[serde(deserialize_with = "date")]
    pub(crate) from: Date,
    #[serde(default, deserialize_with = "date_opt")]
    pub(crate) to: Option<Date>,
    #[serde(default, deserialize_with = "date_opt")]
    pub(crate) phased_from: Option<Date>,
    pub(crate) replaced_by: Option<String>,
    #[serde(default = "yes")]
    pub(crate) by_date: bool,
    pub(crate) title: Text,
    pub(crate) theme: Theme,
    #[serde(default)]
    pub(crate) region: Option<String>,
    #[serde(default)]
    pub(crate) circumstance: Vec<Circumstance>,
    pub(crate) reference_state: Option<ReferenceState>,
    pub(crate) table: Vec<toml::Table>,
}

fn yes() -> bool {
    true
}

/// At which temperature and pressure gas concentrations are stated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferenceState {
    /// Kelvin.
    pub(crate) temperature_k: f64,
    /// Hectopascal.
    pub(crate) pressure_hpa: f64,
    /// For what it does not hold.
    pub(crate) note: Text,
}

/// One table: what vouches for it, and its rows by kind.
#[derive(Debug, Deserialize)]
pub(crate) struct TableForm {
    pub(crate) id: String,
    pub(crate) clause: Text,
    pub(crate) source: Text,
    #[serde(deserialize_with = "date")]
    pub(crate) checked_on: Date,
    pub(crate) status: Status,
    pub(crate) rounding: Text,
    pub(crate) note: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) formula: Option<Text>,
    #[serde(flatten)]
    pub(crate) content: Content,
}

impl TableForm {
    pub(crate) fn sourced(&self) -> Sourced {
        Sourced {
            clause: self.clause.clone(),
            source: self.source.clone(),
            checked_on: self.checked_on,
            status: self.status,
            rounding: self.rounding.clone(),
            note: self.note.clone(),
        }
    }
}

/// The rows of a table.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Content {
    Limits(Limits),
    Breakpoints(Breakpoints),
    Report(ReportForm),
    Classes(Rows<AqiClass>),
    Texts(Rows<TextRow>),
    Annual(Annual),
    Composite(Composite),
    Values(Values),
    Grades(Rows<Grade>),
    Graded(Graded),
    Conditional(Conditional),
    Bands(Bands),
    Factors(Factors),
    Scores(Scores),
    List(List),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rows<T> {
    pub(crate) row: Vec<T>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) digits: BTreeMap<ParameterCode, u32>,
    /// What parameters beside the six basic ones are called, for readers.
    #[serde(default)]
    pub(crate) name: BTreeMap<ParameterCode, Text>,
    pub(crate) row: Vec<LimitRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitRow {
    pub(crate) parameter: ParameterCode,
    pub(crate) averaging: String,
    pub(crate) unit: Unit,
    #[serde(deserialize_with = "decimal")]
    pub(crate) first: Decimal,
    #[serde(deserialize_with = "decimal")]
    pub(crate) second: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Breakpoints {
    pub(crate) index: Vec<u16>,
    pub(crate) index_max: u16,
    pub(crate) index_min: u16,
    pub(crate) digits: BTreeMap<ParameterCode, u32>,
    pub(crate) row: Vec<BreakpointRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakpointRow {
    pub(crate) parameter: ParameterCode,
    pub(crate) averaging: String,
    pub(crate) unit: Unit,
    #[serde(deserialize_with = "decimals")]
    pub(crate) concentration: Vec<Decimal>,
    pub(crate) above: Option<Above>,
}

/// What holds above the last breakpoint of a row that ends early.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Above {
    /// The index is this.
    Index(u16),
    /// No index from this row; the row of this averaging time is used.
    Use(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportForm {
    pub(crate) report: String,
    pub(crate) primary_above: u16,
    pub(crate) exceeding_above: u16,
    pub(crate) incomplete_publish_above: Option<u16>,
    pub(crate) row: Vec<ReportRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportRow {
    pub(crate) parameter: ParameterCode,
    pub(crate) averaging: String,
    pub(crate) breakpoints: String,
    #[serde(default)]
    pub(crate) role: Role,
}

/// What an item is in the report for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Always.
    #[default]
    Item,
    /// Only when the item's own row gives none.
    Fallback,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextRow {
    pub(crate) parameter: ParameterCode,
    pub(crate) text: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annual {
    pub(crate) multiple_digits: u32,
    pub(crate) percentile: String,
    pub(crate) digits: BTreeMap<ParameterCode, u32>,
    pub(crate) row: Vec<AnnualRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnnualRow {
    pub(crate) parameter: ParameterCode,
    pub(crate) figure: String,
    pub(crate) limit: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Composite {
    pub(crate) limits_of: String,
    pub(crate) zone: String,
    pub(crate) index_digits: u32,
    pub(crate) round_parts: bool,
    pub(crate) round_concentrations: bool,
    pub(crate) digits: BTreeMap<ParameterCode, u32>,
    pub(crate) row: Vec<CompositeRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompositeRow {
    pub(crate) parameter: ParameterCode,
    pub(crate) figure: String,
    pub(crate) limit: String,
    #[serde(deserialize_with = "decimal")]
    pub(crate) weight: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Values {
    pub(crate) value: BTreeMap<String, f64>,
    /// What the values are called, for readers.
    #[serde(default)]
    pub(crate) name: BTreeMap<String, Text>,
}

/// A day as written in TOML. Inside a condition, of which the form is tried, it arrives as its text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stamp {
    Day(toml::value::Datetime),
    Text(String),
}

fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let stamp = match Stamp::deserialize(deserializer)? {
        Stamp::Day(stamp) => stamp.to_string(),
        Stamp::Text(text) => text,
    };
    stamp.parse().map_err(|_| serde::de::Error::custom(format!("`{stamp}` is no calendar date")))
}

pub(crate) fn date_opt<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

/// A number as written in TOML, as the decimal it reads as.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Binary(f64),
}

impl Number {
    fn decimal<E: serde::de::Error>(self) -> Result<Decimal, E> {
        match self {
            Number::Whole(value) => Ok(Decimal::from(value)),
            // The shortest text that reads back as the value is the text that was written.
            Number::Binary(value) => {
                value.to_string().parse().map_err(|_| E::custom(format!("`{value}` is no decimal number")))
            }
        }
    }
}

pub(crate) fn decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    Number::deserialize(deserializer)?.decimal()
}

fn decimals<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Decimal>, D::Error> {
    Vec::<Number>::deserialize(deserializer)?.into_iter().map(Number::decimal).collect()
}

pub(crate) fn decimal_opt<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    decimal(deserializer).map(Some)
}

pub(crate) fn number_map<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Decimal>, D::Error> {
    let numbers = BTreeMap::<String, Number>::deserialize(deserializer)?;
    numbers.into_iter().map(|(key, number)| Ok((key, number.decimal()?))).collect()
}

/// A limit as written: `0.2`, `[6, 9]`, `"not_detected"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Number(Number),
    Range([Number; 2]),
    Word(String),
}

pub(crate) fn limit_cells<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<LimitCell>, D::Error> {
    let cells = Vec::<Cell>::deserialize(deserializer)?;
    let one = |cell| {
        Ok(match cell {
            Cell::Number(number) => LimitCell::Number(number.decimal()?),
            Cell::Range([from, to]) => LimitCell::Range(from.decimal()?, to.decimal()?),
            Cell::Word(word) => LimitCell::Word(word),
        })
    };
    cells.into_iter().map(one).collect()
}
