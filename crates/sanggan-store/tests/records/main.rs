//! Records of registers on both databases.

mod basics;
mod common;
