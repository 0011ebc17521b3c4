//! Packets as received.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Names;

/// A packet in one line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FrameBrief {
    /// Its number.
    pub id: u64,
    /// When it came.
    pub received_at: String,
    /// Where from.
    pub peer: String,
    /// The device.
    #[schema(required)]
    pub mn: Option<String>,
    /// The command.
    #[schema(required)]
    pub cn: Option<u16>,
    /// `stored`, `quarantined`, `duplicate`, `unreadable`, `control`.
    pub status: String,
    /// Codes of the tolerated defects.
    pub defects: Vec<String>,
    /// Its beginning as text, at most 200 characters.
    pub text: String,
    /// SM3 of its bytes.
    pub sm3: String,
}

/// A page of packets.
#[derive(Debug, Serialize, ToSchema)]
pub struct FramePage {
    /// Newest first.
    pub frames: Vec<FrameBrief>,
    /// Give this as `after` for the next page.
    #[schema(required)]
    pub next: Option<u64>,
}

/// One packet, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrameDetail {
    /// Its number.
    pub id: u64,
    /// When it came.
    pub received_at: String,
    /// Where from.
    pub peer: String,
    /// The device.
    #[schema(required)]
    pub mn: Option<String>,
    /// The command.
    #[schema(required)]
    pub cn: Option<u16>,
    /// What became of it.
    pub status: String,
    /// SM3 of its bytes.
    pub sm3: String,
    /// All of it as text (GBK or UTF-8).
    pub text: String,
    /// Whether the device's password is blotted out in `text`, so that its SM3 is not `sm3`.
    pub password_hidden: bool,
    /// Its bytes, when they are no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// What the decoder made of it now; `null` when nothing.
    #[schema(required)]
    pub decoded: Option<DecodedFrame>,
    /// The tolerated defects.
    pub defects: Vec<FrameDefect>,
    /// The values it brought.
    pub readings: Vec<FrameReading>,
}

/// A packet, decoded.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecodedFrame {
    /// QN, ST, CN, MN, Flag, … (never PW).
    pub header: BTreeMap<String, String>,
    /// The groups of `CP`, as written.
    pub groups: Vec<BTreeMap<String, String>>,
}

/// One tolerated defect.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrameDefect {
    /// Its code.
    pub code: String,
    /// What exactly.
    #[schema(required)]
    pub detail: Option<String>,
}

/// One value a packet brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrameReading {
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
    /// The unit.
    pub unit: String,
    /// The explanation.
    pub explain: String,
}

/// What a defect code means.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefectInfo {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// What it means.
    pub meaning: Names,
}
