//! Reading: points from memory and pages, packets by id, and the SQL catalog.

pub(crate) mod answer;
pub(crate) mod catalog;
pub(crate) mod frames;
pub(crate) mod points;
pub(crate) mod provider;
