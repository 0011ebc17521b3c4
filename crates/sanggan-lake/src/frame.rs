//! Packets: as they arrive, as they are stored, as the bus tells of them.

use std::sync::Arc;

use sanggan_base::{FrameId, Millis, Mn, Observation, Reading};

/// What became of a packet on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum FrameStatus {
    /// Decoded; its readings are stored.
    Stored = 0,
    /// Decoded; the device is not admitted yet, so only the packet is kept.
    Quarantined = 1,
    /// The same packet had been stored before.
    Duplicate = 2,
    /// Nothing usable could be decoded; the bytes are kept.
    Unreadable = 3,
    /// Decoded; carries no readings (heartbeat, answer, notice).
    Control = 4,
}

impl FrameStatus {
    /// Every status, in the order of its number.
    pub const ALL: [FrameStatus; 5] = [
        FrameStatus::Stored,
        FrameStatus::Quarantined,
        FrameStatus::Duplicate,
        FrameStatus::Unreadable,
        FrameStatus::Control,
    ];

    /// The name used in the API and in SQL.
    pub fn name(self) -> &'static str {
        match self {
            FrameStatus::Stored => "stored",
            FrameStatus::Quarantined => "quarantined",
            FrameStatus::Duplicate => "duplicate",
            FrameStatus::Unreadable => "unreadable",
            FrameStatus::Control => "control",
        }
    }

    /// The stored number.
    pub fn to_u8(self) -> u8 {
        self as u8
    }

    /// The status of a stored number; a number from a newer program reads as [`FrameStatus::Unreadable`].
    pub fn from_u8(number: u8) -> FrameStatus {
        FrameStatus::ALL.get(usize::from(number)).copied().unwrap_or(FrameStatus::Unreadable)
    }
}

/// A packet about to be stored, with what was decoded from it.
#[derive(Debug, Clone)]
pub struct NewFrame {
    /// When the platform received it.
    pub received_at: Millis,
    /// `ip:port` of the sender, or `file:NAME:LINE` of an import.
    pub peer: Arc<str>,
    /// The device number, when one could be read.
    pub mn: Option<Mn>,
    /// Command number (2011, 2051, …) when it could be read.
    pub cn: Option<u16>,
    /// The packet from `##` to CR LF, exactly as received.
    pub bytes: Vec<u8>,
    /// Codes of the defects the decoder tolerated, comma separated, sorted; empty when none.
    pub defects: Arc<str>,
    /// What became of it.
    pub status: FrameStatus,
    /// What was decoded from it.
    pub readings: Vec<Reading>,
}

/// A packet as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Its number.
    pub id: FrameId,
    /// When the platform received it.
    pub received_at: Millis,
    /// `ip:port` of the sender, or `file:NAME:LINE` of an import.
    pub peer: String,
    /// The device number, when one could be read.
    pub mn: Option<Mn>,
    /// Command number, when one could be read.
    pub cn: Option<u16>,
    /// The packet, exactly as received.
    pub bytes: Vec<u8>,
    /// SM3 of `bytes` as computed on receipt, 64 hex digits.
    pub sm3: String,
    /// Codes of the tolerated defects, comma separated.
    pub defects: String,
    /// What became of it.
    pub status: FrameStatus,
}

/// A durable batch, as sent on the live bus.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Grows by one a commit; survives restarts.
    pub seq: u64,
    /// When the batch was recorded.
    pub recorded_at: Millis,
    /// The packets of the batch.
    pub frames: Vec<CommittedFrame>,
    /// The observations of the batch; a repeat of a series' latest value is left out.
    pub observations: Vec<Observation>,
}

/// A packet of a [`Committed`] batch, without its bytes.
#[derive(Debug, Clone)]
pub struct CommittedFrame {
    /// Its number.
    pub id: FrameId,
    /// When the platform received it.
    pub received_at: Millis,
    /// The device number, when one could be read.
    pub mn: Option<Mn>,
    /// Command number, when one could be read.
    pub cn: Option<u16>,
    /// What became of it.
    pub status: FrameStatus,
    /// Codes of the tolerated defects, comma separated.
    pub defects: Arc<str>,
}

/// Which frames to list.
#[derive(Debug, Clone, Default)]
pub struct FrameQuery {
    /// Only this device's.
    pub mn: Option<Mn>,
    /// Only those with this status.
    pub status: Option<FrameStatus>,
    /// Only frames with at least one defect.
    pub only_defective: bool,
    /// Received at or after this moment.
    pub from: Option<Millis>,
    /// Received before this moment.
    pub to: Option<Millis>,
    /// Frames with a greater id only (paging, ascending). With `newest_first`: smaller ids only.
    pub after: Option<FrameId>,
    /// Descending by id instead of ascending.
    pub newest_first: bool,
    /// At most this many.
    pub limit: usize,
}
