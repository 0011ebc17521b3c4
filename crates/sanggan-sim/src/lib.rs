//! A simulated region: air, weather, outlets, and the data loggers that report them.
//!
//! The core knows no socket, no clock and no database: time is an argument, and randomness is a function of
//! (seed, station, time), so that a back-filled past and the live present agree. Only [`net`] has sockets.
//!
//! Read first: [`World`], [`Site`], [`Logger`].
//!
//! * SIM-1: the same seed gives the same value for the same station, parameter and time, in whatever order asked.
//! * SIM-2: a logger keeps a packet that wants an answer until the answer comes, and sends it again.

pub mod fault;
pub mod history;
mod logger;
pub mod net;
pub mod noise;
pub mod packet;
pub mod plan;
pub mod profile;
mod site;
mod world;

pub use logger::{Channel, Edition, GBK_NOTICE, Logger, LoggerSpec, Step, Timing};
pub use packet::Segment;
pub use site::{Site, SiteKind, SiteParameter};
pub use world::{Period, Sample, World, share_of};
