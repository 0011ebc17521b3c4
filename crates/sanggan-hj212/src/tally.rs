//! Counting what a lot of packets hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::{DecodeError, Decoded};

/// The count of many packets, as `sanggan frames check` prints it.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Tally {
    /// Packets seen, usable or not.
    pub frames: u64,
    /// Packets whose length and check code are right.
    pub whole: u64,
    /// Packets whose values are not used, by reason, and packets that gave nothing, by error code.
    pub unusable: BTreeMap<String, u64>,
    /// Numeric data values of usable packets.
    pub values: u64,
    /// Different device numbers in usable packets.
    pub devices: u64,
    /// Packets that have the defect, by its code.
    pub defects: BTreeMap<String, u64>,
    /// Packets by command number as sent (`-` when there is none).
    pub by_cn: BTreeMap<String, u64>,
    /// Packets by system code as sent.
    pub by_st: BTreeMap<String, u64>,
    /// Packets by edition.
    pub by_edition: BTreeMap<String, u64>,
    #[serde(skip)]
    seen: BTreeSet<String>,
}

impl Tally {
    /// Counts what came of one packet.
    pub fn count(&mut self, _outcome: &Result<Decoded, DecodeError>) {
        todo!()
    }

    /// Adds another count to this one.
    pub fn merge(&mut self, _other: &Tally) {
        let _ = &self.seen;
        todo!()
    }
}
