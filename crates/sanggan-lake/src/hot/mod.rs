//! The hot side: what is durable in `hot.sqlite` and not yet in Parquet.

pub(crate) mod extent;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod writer;
