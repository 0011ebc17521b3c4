//! How a number came to be.

use serde::Serialize;
use utoipa::ToSchema;

use super::Names;

/// One number, explained one step down. Follow `inputs[].explain` for the next step.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Explanation {
    /// What the number is.
    pub title: Names,
    /// The number; `null` when it cannot be told.
    #[schema(required)]
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Whether it meets the validity rule.
    pub valid: bool,
    /// For air: the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The rule it was made by.
    pub rule: RuleInfo,
    /// The steps with the numbers filled in, one a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// How many inputs.
    pub counts: Counts,
    /// What went in.
    pub inputs: Vec<ExplainInput>,
    /// What was left out, and why.
    pub excluded: Vec<ExplainInput>,
    /// For an observation: the packet it came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<ExplainFrame>,
    /// The limits it is held against.
    pub limits: Vec<super::LimitLine>,
    /// What was known at this moment.
    pub as_of: String,
}

/// What the air standard says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Verdict {
    /// The index.
    #[schema(required)]
    pub aqi: Option<u32>,
    /// 级别.
    #[schema(required)]
    pub level: Option<String>,
    /// The class.
    #[schema(required)]
    pub class: Option<Names>,
    /// `#rrggbb`.
    #[schema(required)]
    pub colour: Option<String>,
    /// The primary pollutants.
    pub primary: Vec<String>,
    /// Why there is none.
    #[schema(required)]
    pub unjudged: Option<Names>,
}

/// A rule and where it is written.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleInfo {
    /// The document: its number (`HJ 633`), or its title where it has none.
    pub standard: Names,
    /// Its edition.
    pub edition: String,
    /// The clause; empty where no standard says anything.
    pub clause: Names,
    /// How it rounds.
    #[schema(required)]
    pub rounding: Option<Names>,
    /// `confirmed`, `unconfirmed` or `platform`: whether the text was read at the source.
    pub status: String,
    /// Where the platform has it from.
    #[schema(required)]
    pub source: Option<Names>,
    /// What a reader should know (practice that differs from the text, doubts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Names>,
    /// The rule in words.
    pub text: Names,
}

/// How many inputs there were and should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Used.
    pub used: u32,
    /// Asked for by the rule.
    pub required: u32,
    /// Left out.
    pub excluded: u32,
}

/// One input of a number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainInput {
    /// What it is.
    pub title: Names,
    /// Its value.
    #[schema(required)]
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Its flag, for an observation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// Beginning of its period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Its index, for an AQI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iaqi: Option<u32>,
    /// Whether it was used.
    pub used: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<Names>,
    /// Its own step of the formula, with the numbers filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// The path of its own explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<String>,
    /// The packet it came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
}

/// The packet at the bottom of an explanation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainFrame {
    /// Its number.
    pub id: u64,
    /// SM3 of its bytes.
    pub sm3: String,
    /// When it came.
    pub received_at: String,
    /// Where from; `null` for the public.
    #[schema(required)]
    pub peer: Option<String>,
    /// All of it as text; `null` for the public.
    #[schema(required)]
    pub text: Option<String>,
    /// Whether the device's password is blotted out in `text`, so that its SM3 is not `sm3`.
    pub password_hidden: bool,
}
