//! What a discharge outlet does now.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{LimitLine, Names};

/// How a value stands to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutletState {
    /// Below.
    Ok,
    /// Close below.
    Near,
    /// Above.
    Over,
    /// The facility reports that it is stopped.
    Stopped,
    /// The value cannot be judged (fault, calibration, …).
    Invalid,
    /// There is nothing to compare it with.
    NoLimit,
}

/// One parameter of an outlet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutletRow {
    /// The parameter.
    pub parameter: String,
    /// Its name.
    pub name: Names,
    /// The latest value as measured.
    #[schema(required)]
    pub value: Option<f64>,
    /// Converted to the reference oxygen content (折算); what a gas limit judges.
    #[schema(required)]
    pub converted_value: Option<f64>,
    /// The unit.
    pub unit: String,
    /// Its time.
    #[schema(required)]
    pub at: Option<String>,
    /// Its flag.
    #[schema(required)]
    pub flag: Option<String>,
    /// The limit that holds.
    #[schema(required)]
    pub limit: Option<LimitLine>,
    /// Judged value / limit.
    #[schema(required)]
    pub ratio: Option<f64>,
    /// How it stands.
    pub state: OutletState,
    /// The last whole period of the limit's averaging time; what the law judges.
    #[schema(required)]
    pub period: Option<OutletPeriod>,
    /// The explanation of the value.
    #[schema(required)]
    pub explain: Option<String>,
}

/// The last whole hour or day, held against the limit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutletPeriod {
    /// `hour` or `day`.
    pub averaging: String,
    /// Its beginning.
    pub start: String,
    /// Its end.
    pub end: String,
    /// The mean.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Whether it meets the validity rule.
    pub valid: bool,
    /// `ok`, `over`, or `invalid` when it may not be judged.
    pub state: OutletState,
    /// The explanation.
    pub explain: String,
}

/// An outlet now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutletNow {
    /// One row a parameter.
    pub rows: Vec<OutletRow>,
    /// Discharged mass.
    pub loads: Loads,
}

/// Discharged mass in kg and volume in m³, by parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Loads {
    /// Today so far.
    pub today_kg: BTreeMap<String, Load>,
    /// This month so far.
    pub month_kg: BTreeMap<String, Load>,
}

/// One discharged amount.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Load {
    /// The amount.
    pub value: f64,
    /// `kg`, or `m³` of a flow parameter.
    pub unit: String,
    /// Hours it is made of.
    pub used: u32,
    /// The explanation.
    pub explain: String,
}

/// How often an outlet was above one limit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutletOver {
    /// The parameter.
    pub parameter: String,
    /// Its name.
    pub name: Names,
    /// `hour` or `day`.
    pub averaging: String,
    /// The limit, in `unit`.
    pub limit: f64,
    /// Its unit.
    pub unit: String,
    /// Valid periods that were judged.
    pub judged: u32,
    /// Of these, above the limit.
    pub over: u32,
    /// The last one above it.
    #[schema(required)]
    pub last: Option<String>,
}
