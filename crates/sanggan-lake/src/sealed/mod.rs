//! The sealed side: sorted Parquet files that the Delta logs name.

pub(crate) mod batch;
pub(crate) mod delta;
pub(crate) mod files;
pub(crate) mod kind;
pub(crate) mod read;
pub(crate) mod write;
