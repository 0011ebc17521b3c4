//! The air quality index as functions of the catalog.

mod day;
mod hours;
mod index;
mod scalar;

pub(crate) use day::AqiDay;
pub(crate) use index::status_name;
pub(crate) use scalar::Aqi;
