//! Everything the lake promises, tried from outside. One binary: linking the engine is costly.

mod basics;
mod crash;
mod faults;
mod model;
mod sql;
mod support;
