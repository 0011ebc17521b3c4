//! Evaluators as the API offers them: what they read, and what they answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{EditionBrief, Names};

/// One evaluator.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentBrief {
    /// Its id (`water`, `air-day`).
    pub id: String,
    /// What it is about.
    pub theme: String,
    /// Its name.
    pub title: Names,
    /// What it decides and what it leaves undecided.
    pub about: Names,
    /// The standards it rests on; of the first an edition may be asked for.
    pub standards: Vec<String>,
    /// Which rows belong to one answer.
    pub per: AssessmentRows,
    /// The columns in which the rows of one answer agree; empty when each row is judged by itself.
    pub by: Vec<String>,
}

/// Which rows belong to one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssessmentRows {
    /// Each row is judged by itself.
    Row,
    /// Rows that agree in some columns are judged together.
    Group,
}

/// One evaluator with everything a form needs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentDetail {
    /// The evaluator.
    #[serde(flatten)]
    pub brief: AssessmentBrief,
    /// The columns it reads.
    pub columns: Vec<AssessmentColumn>,
    /// The further figures it may answer.
    pub figures: Vec<AssessmentFigureName>,
    /// The editions that may be asked for, oldest first.
    pub editions: Vec<EditionBrief>,
    /// A worked example: rows as `POST` takes them.
    pub example: Vec<BTreeMap<String, String>>,
}

/// One column an evaluator reads.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentColumn {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Names,
    /// What its cells are.
    pub kind: ColumnKind,
    /// The unit of the law; a key may end with another in brackets (`tp(ug/L)`).
    #[schema(required)]
    pub unit: Option<String>,
    /// Smallest number that is taken.
    #[schema(required)]
    pub min: Option<String>,
    /// Largest number that is taken.
    #[schema(required)]
    pub max: Option<String>,
    /// Whether a row without it cannot be judged.
    pub required: bool,
    /// What a person who fills it in should know.
    #[schema(required)]
    pub note: Option<Names>,
    /// Other names it is recognised by.
    pub aliases: Vec<String>,
    /// What a choice may be.
    pub choices: Vec<AssessmentChoice>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A number; `0.01L` or `<0.01` is one below the detection limit, `ND` one not detected.
    Number,
    /// A name or code.
    Text,
    /// `2020-05-08`.
    Day,
    /// One of several.
    Choice,
}

/// One choice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Names,
}

/// The name of a further figure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentFigureName {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Names,
}

/// Rows to be judged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentBody {
    /// The rows: column (key, name or alias, also with a unit in brackets) → cell.
    pub rows: Vec<BTreeMap<String, AssessmentCell>>,
    /// The day whose edition judges rows without one of their own; today when left out.
    pub day: Option<String>,
    /// Judge by each of these in place of the edition of the day (`2012`, `2026`).
    #[serde(default)]
    pub editions: Vec<String>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a cell is a text, a number, true or false, or null")]
pub enum AssessmentCell {
    /// As a person writes it.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// Yes or no.
    YesNo(bool),
    /// `null`: not measured.
    Nothing(()),
}

// By hand: the derived one would say of `null` that it may be anything.
impl PartialSchema for AssessmentCell {
    fn schema() -> RefOr<Schema> {
        let kinds = vec![Type::String, Type::Number, Type::Boolean, Type::Null];
        ObjectBuilder::new()
            .schema_type(SchemaType::Array(kinds))
            .description(Some("Text as a person writes it, a number, yes or no, or `null` for not measured."))
            .into()
    }
}

impl ToSchema for AssessmentCell {}

/// What was answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentAnswers {
    /// One a row, or one a group of rows, in the order of their first rows.
    pub results: Vec<AssessmentResult>,
    /// What was sent and no column is called by; it took no part.
    pub unknown_columns: Vec<String>,
}

/// The answers about one row or group of rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentResult {
    /// The positions of the rows, from 0.
    pub rows: Vec<usize>,
    /// One an edition asked for, in that order; without any, the one by the day.
    pub answers: Vec<AskedAnswer>,
}

/// One answer, and which edition it was asked of.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AskedAnswer {
    /// The edition asked for; `null` for the one of the day.
    #[schema(required)]
    pub asked: Option<String>,
    /// The answer.
    #[serde(flatten)]
    pub answer: AssessmentAnswer,
}

/// What an evaluator answers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssessmentAnswer {
    /// The index or figure it is about.
    #[schema(required)]
    pub value: Option<AssessmentFigure>,
    /// The class.
    #[schema(required)]
    pub class: Option<AssessmentClass>,
    /// Whether what was asked is met; `null` when nothing was to be met or it cannot be told.
    #[schema(required)]
    pub meets: Option<bool>,
    /// What decided.
    pub deciding: Vec<Names>,
    /// The items one by one.
    pub items: Vec<AssessmentItem>,
    /// Further figures.
    pub figures: Vec<AssessmentFigure>,
    /// How it came about.
    pub steps: Vec<Names>,
    /// The edition that judged.
    #[schema(required)]
    pub edition: Option<String>,
    /// `confirmed`, or `unconfirmed` when any table consulted is.
    #[schema(required)]
    pub status: Option<String>,
    /// The clauses.
    #[schema(required)]
    pub clause: Option<Names>,
    /// The rounding.
    #[schema(required)]
    pub rounding: Option<Names>,
    /// What was left out, and why.
    pub excluded: Vec<AssessmentExclusion>,
    /// Why there is no class or value.
    #[schema(required)]
    pub cannot_tell: Option<AssessmentReason>,
}

/// A named number.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssessmentFigure {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Names,
    /// Exact, with the digits the rule rounds to.
    pub value: String,
    /// The same for charts.
    pub number: f64,
    /// Its unit; empty for a pure number.
    pub unit: String,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssessmentClass {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Names,
    /// The colour the standard gives it, `#rrggbb`.
    #[schema(required)]
    pub colour: Option<String>,
}

/// One item of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssessmentItem {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Names,
    /// The value compared, rounded, in the unit of the law.
    #[schema(required)]
    pub value: Option<String>,
    /// Its unit; empty for a pure number.
    pub unit: String,
    /// The limit it was compared with.
    #[schema(required)]
    pub limit: Option<Names>,
    /// Its class.
    #[schema(required)]
    pub class: Option<AssessmentClass>,
    /// Whether it meets.
    #[schema(required)]
    pub meets: Option<bool>,
    /// 超标倍数.
    #[schema(required)]
    pub multiple: Option<String>,
    /// What is to be known of it.
    #[schema(required)]
    pub note: Option<Names>,
}

/// Something left out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssessmentExclusion {
    /// What.
    pub what: Names,
    /// Why.
    pub why: Names,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssessmentReason {
    /// A word for programs.
    pub code: String,
    /// The reason.
    pub text: Names,
}
