//! Data loggers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FrameBrief, Names, StationKind};

/// Whether a device is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Sent when it should.
    Online,
    /// Overdue.
    Late,
    /// Silent for long.
    Offline,
    /// Registered and never heard of.
    Never,
    /// Known only from its packets.
    Quarantined,
}

/// How all devices do.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct DeviceSummary {
    /// Registered devices.
    pub total: u32,
    /// Of these, sending.
    pub online: u32,
    /// Overdue.
    pub late: u32,
    /// Silent, or never heard of.
    pub offline: u32,
    /// Waiting for admission.
    pub quarantined: u32,
    /// Packets in the last hour.
    pub frames_last_hour: u64,
    /// Values in the last hour.
    pub values_last_hour: u64,
    /// Tolerated defects in the last day, by code; empty when nobody is logged in.
    pub defects_last_day: BTreeMap<String, u64>,
}

/// A device in one line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeviceBrief {
    /// The number it signs in with.
    pub mn: String,
    /// The station it is bound to.
    #[schema(required)]
    pub station: Option<String>,
    /// That station's name.
    #[schema(required)]
    pub station_name: Option<Names>,
    /// Whether it is there.
    pub state: DeviceState,
    /// Last packet.
    #[schema(required)]
    pub last_seen: Option<String>,
    /// Where from.
    #[schema(required)]
    pub peer: Option<String>,
    /// Protocol edition it speaks.
    #[schema(required)]
    pub edition: Option<String>,
    /// Packets since midnight.
    pub frames_today: u64,
    /// Defects of its packets, by code.
    pub defects: BTreeMap<String, u64>,
    /// How far its clock is ahead of ours.
    #[schema(required)]
    pub clock_offset_s: Option<f64>,
    /// Whether two devices sign in with this number.
    pub shared_mn: bool,
    /// Whether it is a simulated one.
    pub simulated: bool,
}

/// The device page.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    /// Totals.
    pub summary: DeviceSummary,
    /// One row a device, quarantined ones too.
    pub devices: Vec<DeviceBrief>,
}

/// One device.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceDetail {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceBrief,
    /// How the codes it sends are bound.
    pub bindings: Vec<Binding>,
    /// Its newest packets.
    pub recent_frames: Vec<FrameBrief>,
}

/// How one code a device sends is bound.
#[derive(Debug, Serialize, ToSchema)]
pub struct Binding {
    /// The code as sent.
    pub sent: String,
    /// The platform's parameter.
    pub parameter: String,
    /// The unit the device sends, when it is not the platform's.
    #[schema(required)]
    pub unit: Option<String>,
}

/// A device that waits for admission.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineRow {
    /// The number it signs in with.
    pub mn: String,
    /// First packet.
    pub first_seen: String,
    /// Last packet.
    pub last_seen: String,
    /// How many.
    pub frames: u64,
    /// Where from.
    pub peer: String,
    /// One of its packets, as text.
    #[schema(required)]
    pub sample_frame: Option<String>,
    /// The system code it sends (21 water, 22 air, 31 gas, 32 waste water).
    #[schema(required)]
    pub st: Option<String>,
    /// Why it is here.
    pub reason: String,
    /// Whether an operator refused it.
    pub refused: bool,
}

/// How to admit a device. Exactly one of the two stations.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AdmitBody {
    /// Bind it to this station.
    pub station_code: Option<String>,
    /// Or to a new one.
    pub new_station: Option<NewStationBody>,
    /// The password it must send from now on; left out, the one it sends now is taken.
    pub password: Option<String>,
}

/// A station to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewStationBody {
    /// Its code.
    pub code: String,
    /// Its Chinese name.
    pub name: String,
    /// What it watches.
    pub kind: StationKind,
    /// The area it lies in.
    pub area: Option<String>,
}

/// What admission did with the packets kept so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct Admitted {
    /// Packets decoded again.
    pub frames_decoded: u64,
    /// Values stored from them.
    pub readings_stored: u64,
}
