//! What tests of several crates share: a clock that stands still, the real program under test, a small logger.
//!
//! For tests only; no crate depends on it outside of `dev-dependencies`.
//!
//! Read first: [`Program`], [`Wire`], [`FakeClock`].

mod clock;
mod program;
mod shared;
mod wire;

pub use clock::FakeClock;
pub use program::{Program, Ran};
pub use shared::shared_data;
pub use wire::{Wire, crc16, packet};
