//! River sections and their classes.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{AssessmentAnswer, FeatureCollection, Names};

/// Every section the platform knows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RiverSections {
    /// The moment this answer was put together.
    pub as_of: String,
    /// By station code; empty when no section is registered.
    pub sections: Vec<RiverSection>,
    /// The course of the rivers; `null` when the platform does not have it.
    #[schema(required)]
    pub rivers: Option<FeatureCollection>,
}

/// One section.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RiverSection {
    /// Station code.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// GB/T 2260 code of the county it lies in.
    pub area: String,
    /// Longitude.
    #[schema(required)]
    pub lon: Option<f64>,
    /// Latitude.
    #[schema(required)]
    pub lat: Option<f64>,
    /// Whether its values are simulated.
    pub simulated: bool,
    /// The day, month or year that was judged (`2026-11-23`, `2026-11`, `2026`); `null` without any value.
    #[schema(required)]
    pub period: Option<String>,
    /// Whether that period is over.
    pub complete: bool,
    /// The means that were judged, by parameter code.
    pub values: BTreeMap<String, SectionValue>,
    /// The class, the state and what decided; `null` without any value.
    #[schema(required)]
    pub answer: Option<AssessmentAnswer>,
}

/// One mean of a section.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SectionValue {
    /// Its name.
    pub name: Names,
    /// The mean, unrounded.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Whether an item of the standard takes it.
    pub judged: bool,
    /// The explanation.
    pub explain: String,
}
