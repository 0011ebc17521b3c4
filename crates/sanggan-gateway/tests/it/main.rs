//! The gateway with real sockets, a real lake and a real store.

mod answers;
mod commands;
mod devices;
mod faults;
mod hostile;
mod recorded;
mod support;
