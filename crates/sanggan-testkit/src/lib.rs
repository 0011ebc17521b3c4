//! What tests of several crates share: a clock that stands still, the real program under test, a small logger,
//! a database of either kind.
//!
//! For tests only; no crate depends on it outside of `dev-dependencies`.
//!
//! Read first: [`Program`], [`Wire`], [`FakeClock`], [`Base`].

mod base;
mod clock;
mod postgres;
mod program;
mod shared;
mod wire;

pub use base::Base;
pub use clock::FakeClock;
pub use postgres::Postgres;
pub use program::{Program, Ran};
pub use shared::shared_data;
pub use wire::{Wire, crc16, packet};
