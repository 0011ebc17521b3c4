//! The events of the live stream.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AirNow, DeviceState};

/// Event `observations`: what became durable.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveObservations {
    /// Commit number; grows.
    pub seq: u64,
    /// When it became durable.
    pub recorded_at: String,
    /// The values.
    pub rows: Vec<LiveRow>,
}

/// One value in the stream.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveRow {
    /// The station.
    pub station: String,
    /// The parameter.
    pub parameter: String,
    /// Which figure.
    pub measure: String,
    /// How often.
    pub cadence: String,
    /// Its time.
    pub at: String,
    /// The value.
    pub value: f64,
    /// Its flag.
    pub flag: String,
}

/// Event `air`: an hour's judgement changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveAir {
    /// The station, or `area:CODE`.
    pub station: String,
    /// Its air.
    pub air: AirNow,
}

/// Event `device`: a device came or went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveDevice {
    /// The device.
    pub mn: String,
    /// Its state.
    pub state: DeviceState,
    /// Its last packet.
    #[schema(required)]
    pub last_seen: Option<String>,
}

/// Event `tick`, every 15 s; event `resync`: values were left out, read again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveTick {
    /// The server's time.
    pub now: String,
}
