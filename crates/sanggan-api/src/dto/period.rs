//! Air over months and years: under several editions, ranked, in trend, above the standard.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AirVerdict, AssessmentAnswer, AssessmentClass, EditionBrief, Names};

/// A period under several editions side by side.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WhatIf {
    /// Station code, or `area:CODE`.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Whether any of its values is simulated.
    pub simulated: bool,
    /// First day.
    pub from: String,
    /// The first day after it.
    pub to: String,
    /// One an edition, in the order asked for.
    pub rows: Vec<WhatIfRow>,
    /// The days that have values, ascending.
    pub days: Vec<WhatIfDay>,
}

/// A period under one edition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WhatIfRow {
    /// The edition asked for.
    pub edition: EditionBrief,
    /// Its standard.
    pub standard: String,
    /// Days with an index.
    pub days: u32,
    /// Days of the first two classes.
    pub good_days: u32,
    /// `good_days / days`; `null` without a day.
    #[schema(required)]
    pub good_ratio: Option<f64>,
    /// Days by class, best class first.
    pub classes: Vec<ClassDays>,
    /// 综合指数; `null` when a figure is missing.
    #[schema(required)]
    pub composite: Option<f64>,
    /// The document the index is computed by.
    #[schema(required)]
    pub composite_edition: Option<String>,
    /// `confirmed` or `unconfirmed`.
    #[schema(required)]
    pub composite_status: Option<String>,
    /// Pollutants with the largest part of the index.
    pub main: Vec<String>,
    /// Means and percentiles against the yearly limits of the edition; not judged when the period is no whole year.
    pub figures: Vec<PeriodFigure>,
    /// Whether the period is a whole year that meets every yearly limit; `null` when it cannot be told.
    #[schema(required)]
    pub meets: Option<bool>,
    /// Why it cannot.
    #[schema(required)]
    pub unjudged: Option<Names>,
}

/// One mean or percentile of a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PeriodFigure {
    /// The parameter.
    pub parameter: String,
    /// Its name.
    pub name: Names,
    /// `mean`, `p90`, `p95`, `p98`.
    pub kind: String,
    /// `null` when there is none.
    #[schema(required)]
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// The yearly limit of the edition, `null` when it has none.
    #[schema(required)]
    pub limit: Option<f64>,
    /// Whether the limit is met; `null` when it cannot be told, and when the period is no whole year.
    #[schema(required)]
    pub meets: Option<bool>,
    /// Whether there were enough days.
    pub valid: bool,
    /// Days used.
    pub used: u32,
    /// Days asked for.
    pub required: u32,
    /// The explanation; `null` for a period that is no month and no year.
    #[schema(required)]
    pub explain: Option<String>,
}

/// Days of one class.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClassDays {
    /// The class.
    pub class: Names,
    /// 级别.
    pub level: String,
    /// `#rrggbb`.
    pub colour: String,
    /// How many days.
    pub days: u32,
}

/// One day under each edition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WhatIfDay {
    /// The day.
    pub date: String,
    /// The index, an edition a place.
    pub aqi: Vec<Option<u32>>,
    /// The class.
    pub class: Vec<Option<Names>>,
    /// Its colour.
    pub colour: Vec<Option<String>>,
    /// The primary pollutants.
    pub primary: Vec<Vec<String>>,
    /// Whether the editions put the day into different classes.
    pub differs: bool,
}

/// One place of a ranking.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RankingRow {
    /// Station code, or `area:CODE`.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Whether any of its values is simulated.
    pub simulated: bool,
    /// 综合指数; `null` when a figure is missing.
    #[schema(required)]
    pub composite: Option<f64>,
    /// Its place among areas or among stations, best first, equal values alike. While places with enough data are
    /// there, those without have none.
    #[schema(required)]
    pub rank: Option<u32>,
    /// The pollutants' parts.
    pub parts: Vec<RankingPart>,
    /// Pollutants with the largest part.
    pub main: Vec<String>,
    /// Whether every figure had enough days.
    pub valid: bool,
    /// Against the same period of the year before under the same edition: `0.05` is 5 % worse.
    #[schema(required)]
    pub change: Option<f64>,
    /// Its place by improvement, the most improved first.
    #[schema(required)]
    pub improvement_rank: Option<u32>,
    /// Days with an index.
    pub days: u32,
    /// Days of the first two classes.
    pub good_days: u32,
    /// `good_days / days`; `null` without a day.
    #[schema(required)]
    pub good_ratio: Option<f64>,
    /// The document the index is computed by.
    #[schema(required)]
    pub edition: Option<String>,
    /// `confirmed` or `unconfirmed`.
    #[schema(required)]
    pub status: Option<String>,
    /// Why there is no index.
    #[schema(required)]
    pub unjudged: Option<Names>,
}

/// One pollutant's part of a composite index.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RankingPart {
    /// The parameter.
    pub parameter: String,
    /// `mean`, `p90`, `p95`.
    pub kind: String,
    /// The concentration, rounded as the rule says.
    #[schema(required)]
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// What it is divided by.
    #[schema(required)]
    pub limit: Option<f64>,
    /// What it counts.
    #[schema(required)]
    pub weight: Option<f64>,
    /// The single index.
    #[schema(required)]
    pub index: Option<f64>,
}

/// One day above the standard.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AirExceedance {
    /// Station code, or `area:CODE`.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Whether any of its values is simulated.
    pub simulated: bool,
    /// The day.
    pub date: String,
    /// Pollutants whose index is above 100 (超标污染物).
    pub exceeding: Vec<String>,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: AirVerdict,
    /// The explanation.
    pub explain: String,
}

/// A figure month by month or year by year, and whether it moves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trend {
    /// Station code, or `area:CODE`.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Whether any of its values is simulated.
    pub simulated: bool,
    /// The parameter.
    pub parameter: String,
    /// Which figure.
    pub kind: String,
    /// `month` or `year`.
    pub grain: String,
    /// The unit.
    pub unit: String,
    /// Ascending in time.
    pub points: Vec<TrendPoint>,
    /// What the rank correlation says; `null` when it says nothing.
    #[schema(required)]
    pub spearman: Option<Spearman>,
    /// What the test of Mann and Kendall says.
    #[schema(required)]
    pub mann_kendall: Option<MannKendall>,
    /// The slope of Theil and Sen.
    #[schema(required)]
    pub sen: Option<SenSlope>,
    /// The whole answer of the evaluator.
    pub answer: AssessmentAnswer,
}

/// One month or year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrendPoint {
    /// Beginning of the period.
    pub start: String,
    /// The period as people write it: `2020-05`, `2020`.
    pub period: String,
    /// `null` when there is none.
    #[schema(required)]
    pub value: Option<f64>,
    /// Whether it had enough days; only such points take part in the tests.
    pub valid: bool,
    /// Days used.
    pub used: u32,
    /// Days asked for.
    pub required: u32,
    /// The explanation.
    pub explain: String,
}

/// Rank correlation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Spearman {
    /// The coefficient.
    pub rs: f64,
    /// The critical value; `null` where the table has none.
    #[schema(required)]
    pub critical: Option<f64>,
    /// What follows.
    #[schema(required)]
    pub class: Option<AssessmentClass>,
}

/// The test of Mann and Kendall.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MannKendall {
    /// S.
    pub s: f64,
    /// Z.
    #[schema(required)]
    pub z: Option<f64>,
    /// Two-sided; `null` where no distribution holds.
    #[schema(required)]
    pub p: Option<f64>,
    /// Kendall's τ.
    #[schema(required)]
    pub tau: Option<f64>,
    /// What follows.
    #[schema(required)]
    pub class: Option<AssessmentClass>,
}

/// The slope of Theil and Sen. Time is in years (`2020-07` is 2020.5).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SenSlope {
    /// A year.
    pub slope: f64,
    /// Lower end of its interval.
    #[schema(required)]
    pub low: Option<f64>,
    /// Upper end.
    #[schema(required)]
    pub high: Option<f64>,
    /// The value of the line at year 0.
    #[schema(required)]
    pub intercept: Option<f64>,
}
