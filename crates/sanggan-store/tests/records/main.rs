//! Records of registers on both databases.

mod basics;
mod common;
mod exchange;
mod migrations;
mod sequences;
