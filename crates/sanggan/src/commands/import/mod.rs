//! `sanggan import`: recorded data.

pub(crate) mod air;
mod faults;
pub(crate) mod frames;
mod mapping;
mod table;
