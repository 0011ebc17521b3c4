//! Operational settings that hold in any city until one says otherwise.

use std::collections::BTreeMap;

use crate::{Name, StationKind};

/// How the platform treats one station kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindRule {
    /// Which.
    pub kind: StationKind,
    /// What it is called.
    pub name: Name,
    /// Seconds without a frame after which a device is late.
    pub late_after_s: u32,
    /// Seconds without a frame after which a device is off line.
    pub offline_after_s: u32,
}

/// When a time sent by a device cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockRule {
    /// Seconds a data time may be ahead of receipt.
    pub ahead_s: u32,
    /// Seconds by which a guessed time of receipt may be wrong (recordings that do not say it).
    pub guess_s: u32,
    /// Days a data time may be behind receipt; older data need an import.
    pub behind_days: u32,
    /// Seconds of offset from which a device's clock is shown as wrong.
    pub show_offset_s: u32,
}

/// The operational settings of `packs/china/defaults.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// Every station kind, each once.
    pub kinds: Vec<KindRule>,
    /// System code (ST) → station kind.
    pub station_kind_of_st: BTreeMap<String, StationKind>,
    /// When a device's time cannot be right.
    pub clock: ClockRule,
    /// Length of a device's minute data where nothing is said, in minutes.
    pub minute_interval: u8,
    /// Share of a limit from which a value is shown as near it.
    pub near_limit_ratio: f64,
}

impl Defaults {
    /// The rule of a kind.
    pub fn kind(&self, kind: StationKind) -> &KindRule {
        self.kinds.iter().find(|rule| rule.kind == kind).expect("checked on reading: every kind has a rule")
    }

    /// The kind of station that devices of this system code stand at.
    pub fn kind_of_st(&self, st: &str) -> StationKind {
        self.station_kind_of_st.get(st).copied().unwrap_or(StationKind::Unknown)
    }
}
