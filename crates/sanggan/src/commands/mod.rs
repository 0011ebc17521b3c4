//! One module a noun.

pub(crate) mod assess;
pub(crate) mod coverage;
pub(crate) mod demo;
pub(crate) mod frames;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod lake;
pub(crate) mod registers;
pub(crate) mod serve;
pub(crate) mod standards;
pub(crate) mod user;
