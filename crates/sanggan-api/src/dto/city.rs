//! The city as the app needs it before anything else.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{AirNow, AnnualSummary, DeviceSummary, Names, StationBrief};

/// The city this program was set up for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct City {
    /// GB/T 2260 code.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Whether any station is simulated.
    pub simulated: bool,
    /// Its counties and districts.
    pub areas: Vec<Area>,
    /// Longitude, latitude of the map's centre.
    pub centre: [f64; 2],
    /// The server's time.
    pub now: String,
    /// The program's version.
    pub version: String,
    /// Every parameter the platform knows, by code.
    pub parameters: BTreeMap<String, ParameterInfo>,
}

/// A county or district.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Area {
    /// GB/T 2260 code.
    pub code: String,
    /// Its name.
    pub name: Names,
}

/// What is measured, as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParameterInfo {
    /// Its name.
    pub name: Names,
    /// Short form (`PM2.5`, `COD`).
    pub symbol: String,
    /// The platform's unit.
    pub unit: String,
    /// Decimals to show.
    pub digits: u8,
}

/// The first screen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Overview {
    /// The moment this answer was put together.
    pub as_of: String,
    /// Whether any station in it is simulated.
    pub simulated: bool,
    /// The city's air.
    pub city: CityAir,
    /// The counties' air.
    pub areas: Vec<AreaAir>,
    /// The stations, the air ones with their air.
    pub stations: Vec<StationNow>,
    /// How the devices do; only totals when nobody is logged in.
    #[schema(required)]
    pub devices: Option<DeviceSummary>,
    /// Outlets above a limit now; empty when nobody is logged in.
    pub exceedances: Vec<Exceedance>,
}

/// The city's air now, this month and this year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CityAir {
    /// The last judged hour.
    #[serde(flatten)]
    pub air: AirNow,
    /// The running month.
    pub month: MonthSummary,
    /// The running year.
    pub year: AnnualSummary,
}

/// The running month in four numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonthSummary {
    /// `2026-11`.
    pub month: String,
    /// Days of class 1 and 2.
    pub good_days: u32,
    /// Days that could be judged.
    pub days: u32,
    /// Mean PM2.5 of the month so far.
    #[schema(required)]
    pub pm25: Option<f64>,
    /// Unit of `pm25`.
    pub unit: String,
    /// The explanation of `pm25`.
    #[schema(required)]
    pub explain: Option<String>,
}

/// A county's air.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AreaAir {
    /// The area.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// `null` when it has no air station.
    #[schema(required)]
    pub air: Option<AirNow>,
}

/// A station and, for an air station, its air.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StationNow {
    /// The station.
    #[serde(flatten)]
    pub station: StationBrief,
    /// `null` for anything but an air station.
    #[schema(required)]
    pub air: Option<AirNow>,
}

/// An outlet above its limit now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Exceedance {
    /// The outlet.
    pub station: String,
    /// Its name.
    pub name: Names,
    /// The parameter.
    pub parameter: String,
    /// Its name.
    pub parameter_name: Names,
    /// The value judged.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// The limit in force.
    pub limit: f64,
    /// `instant`, `hour` or `day`.
    pub averaging: String,
    /// Beginning of the judged period.
    pub at: String,
    /// Where the limit is written.
    pub clause: Names,
    /// Whether the outlet is a simulated one.
    pub simulated: bool,
    /// The explanation of the value.
    pub explain: String,
}

/// The outlines of the counties, as GeoJSON.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeatureCollection {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One feature a county; properties `code`, `name`, `name_en`.
    #[schema(value_type = Vec<Object>)]
    pub features: Vec<serde_json::Value>,
}
