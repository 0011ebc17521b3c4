//! What runs by itself: statistics that follow the lake, and the lake's housekeeping.
//!
//! Knows no protocol, no HTTP and no number of a standard: the arithmetic and the rules are
//! `sanggan-standards`', the rows are the lake's. The clock is given.
//!
//! Read first: [`StatisticsFollower`], [`Sites`], [`Housekeeper`].
//!
//! * JOBS-1: every figure is a function of what the lake holds; recomputing it gives the same row, which is not
//!   stored again.
//! * JOBS-2: after a restart everything that came in before it is followed, also what was waiting for its hour to end.
//! * JOBS-3: a late or corrected value recomputes its hour and whatever stands on it, up to the year and the area.

mod air;
mod area;
mod cascade;
mod follower;
mod hour;
mod housekeeper;
mod known;
mod outlet;
mod plan;
mod sites;

pub use follower::{CatchUp, ChangedPeriod, FollowOptions, JobsError, StatisticsChanged, StatisticsFollower};
pub use housekeeper::{Housekeeper, HousekeepingOptions};
pub use sites::{AreaSites, Site, Sites};
