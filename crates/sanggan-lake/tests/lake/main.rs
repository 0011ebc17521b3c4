//! Everything the lake promises, tried from outside. One binary: linking the engine is costly.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on fails there")]

mod basics;
mod crash;
mod faults;
mod law;
mod model;
mod sql;
mod support;
