//! `sanggan import`: recorded data.

pub(crate) mod air;
pub(crate) mod faults;
pub(crate) mod frames;
mod mapping;
mod table;
