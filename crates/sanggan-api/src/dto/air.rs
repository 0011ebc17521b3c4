//! Judged air.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Names;

/// One judged hour of one station, area or city.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AirNow {
    /// Beginning of the hour; `null` when there has never been one.
    #[schema(required)]
    pub hour: Option<String>,
    /// Its end.
    #[schema(required)]
    pub hour_end: Option<String>,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: AirVerdict,
    /// Whether the hour is too old to be called now.
    pub stale: bool,
    /// The explanation.
    #[schema(required)]
    pub explain: Option<String>,
}

/// One judged hour in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AirHour {
    /// Beginning of the hour.
    pub start: String,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: AirVerdict,
    /// The explanation.
    pub explain: String,
}

/// One judged day in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AirDay {
    /// The day.
    pub date: String,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: AirVerdict,
    /// The explanation.
    pub explain: String,
}

/// What the standard says about one hour or day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AirVerdict {
    /// The index; `null` when it cannot be told.
    #[schema(required)]
    pub aqi: Option<u32>,
    /// 级别, e.g. 一级.
    #[schema(required)]
    pub level: Option<String>,
    /// 类别, e.g. 优.
    #[schema(required)]
    pub class: Option<Names>,
    /// The standard's colour as `#rrggbb`.
    #[schema(required)]
    pub colour: Option<String>,
    /// Primary pollutants (parameter codes); empty up to the index where the standard names none.
    pub primary: Vec<String>,
    /// The edition that judged it.
    pub edition: String,
    /// Why there is no index.
    #[schema(required)]
    pub unjudged: Option<Names>,
    /// The concentrations, by parameter code.
    pub values: BTreeMap<String, AirValue>,
    /// What people should do.
    #[schema(required)]
    pub advice: Option<Names>,
    /// What it does to people.
    #[schema(required)]
    pub effect: Option<Names>,
}

/// One concentration and its index.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AirValue {
    /// `null` when there is none.
    #[schema(required)]
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Its individual index.
    #[schema(required)]
    pub iaqi: Option<u32>,
    /// Whether it meets the validity rule.
    pub valid: bool,
    /// The explanation.
    pub explain: String,
}

/// A year so far or complete.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnnualSummary {
    /// The year.
    pub year: i16,
    /// Days that could be judged.
    pub days_valid: u32,
    /// Days of class 1 and 2.
    pub good_days: u32,
    /// `good_days / days_valid`; `null` without a day.
    #[schema(required)]
    pub good_ratio: Option<f64>,
    /// The composite index 综合指数.
    #[schema(required)]
    pub composite: Option<Composite>,
    /// The six figures it is made of, and the others the standard judges.
    pub figures: Vec<AnnualFigure>,
    /// The explanation.
    pub explain: String,
}

/// 环境空气质量综合指数.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Composite {
    /// The sum, rounded as its rule says.
    pub value: f64,
    /// The document it is computed by.
    pub edition: String,
    /// `confirmed` or `unconfirmed`: whether its text was read at the source.
    pub status: String,
}

/// One annual figure.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnnualFigure {
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
    /// The limit in force, `null` when the standard has none.
    #[schema(required)]
    pub limit: Option<f64>,
    /// Whether the limit is met; `null` when it cannot be told.
    #[schema(required)]
    pub meets: Option<bool>,
    /// Whether it meets the validity rule.
    pub valid: bool,
    /// The explanation.
    pub explain: String,
}

/// One AQI class, for legends.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AirClass {
    /// 一级 … 六级.
    pub level: String,
    /// 优 … 严重污染.
    pub class: Names,
    /// Smallest index of the class.
    pub from: u32,
    /// Largest index, `null` for the last class.
    #[schema(required)]
    pub to: Option<u32>,
    /// `#rrggbb`.
    pub colour: String,
    /// What it does to people.
    pub effect: Names,
    /// What people should do.
    pub advice: Names,
}

/// The classes in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AirClasses {
    /// The edition they are from.
    pub edition: String,
    /// Ascending.
    pub classes: Vec<AirClass>,
}
