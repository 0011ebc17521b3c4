//! Records in and out: tables and layers read into rows of an import, lists written as files.

pub(crate) mod cells;
pub(crate) mod jobs;
pub mod mapping;
pub mod read;
pub mod seed;
