//! What the gateway keeps in memory of one device: its repeats, bindings, connections and health.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use sanggan_base::{Millis, Mn};
use sanggan_pack::{KindRule, ProtocolEdition};
use sanggan_store::{QuarantineReason, Sighting};
use tokio::sync::mpsc;

use crate::binding::Bound;
use crate::command::Pending;
use crate::live::{Alternation, DayCounts, DeviceState, DeviceStatus, Today};
use crate::parts::Parts;
use crate::repeats::Remembered;

/// One device, known or not.
pub(crate) struct DeviceEntry {
    pub(crate) mn: Mn,
    pub(crate) inner: Mutex<DeviceInner>,
}

/// A connection on which a device has signed in, and the way to send it something.
pub(crate) struct Link {
    pub(crate) connection: u64,
    pub(crate) orders: mpsc::Sender<bytes::Bytes>,
}

/// The changing part of a [`DeviceEntry`].
pub(crate) struct DeviceInner {
    pub(crate) remembered: Remembered,
    pub(crate) bound: Option<Bound>,
    pub(crate) parts: Parts,
    pub(crate) links: Vec<Link>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) peer: Option<Arc<str>>,
    pub(crate) last_seen: Option<Millis>,
    pub(crate) edition: Option<ProtocolEdition>,
    /// System code and password as last sent; commands carry them.
    pub(crate) st: Option<sanggan_hj212::St>,
    pub(crate) pw: Option<Box<str>>,
    pub(crate) clock_offset_s: Option<f64>,
    pub(crate) today: Today,
    pub(crate) defects: DayCounts,
    pub(crate) alternation: Alternation,
    /// The state last told.
    pub(crate) state: Option<DeviceState>,
    /// Seen while not admitted, and not yet written to the store.
    pub(crate) sighting: Option<Sighting>,
}

impl DeviceInner {
    pub(crate) fn new(remembered: usize) -> DeviceInner {
        DeviceInner {
            remembered: Remembered::new(remembered),
            bound: None,
            parts: Parts::default(),
            links: Vec::new(),
            pending: Vec::new(),
            peer: None,
            last_seen: None,
            edition: None,
            st: None,
            pw: None,
            clock_offset_s: None,
            today: Today::default(),
            defects: DayCounts::default(),
            alternation: Alternation::default(),
            state: None,
            sighting: None,
        }
    }

    /// Its state at `now`; `rule` is that of its station's kind, `None` when it is not admitted.
    pub(crate) fn state_at(&self, rule: Option<&KindRule>, now: Millis) -> DeviceState {
        let Some(rule) = rule else { return DeviceState::Quarantined };
        let Some(seen) = self.last_seen else { return DeviceState::Never };
        let silent_ms = now.0.saturating_sub(seen.0);
        if silent_ms > i64::from(rule.offline_after_s) * 1000 {
            DeviceState::Offline
        } else if silent_ms > i64::from(rule.late_after_s) * 1000 {
            DeviceState::Late
        } else {
            DeviceState::Online
        }
    }

    /// Something of it arrived. `live`: just now; then the platform's clock may have been ahead before.
    pub(crate) fn heard(&mut self, at: Millis, peer: &Arc<str>, live: bool) {
        if live || self.last_seen.is_none_or(|seen| seen <= at) {
            self.last_seen = Some(at);
            if self.peer.as_ref() != Some(peer) {
                self.peer = Some(Arc::clone(peer));
            }
        }
    }

    /// Notes a packet that must wait for an operator.
    pub(crate) fn sighted(&mut self, sighting: Sighting) {
        match &mut self.sighting {
            Some(kept) => {
                let first_at = kept.first_at.min(sighting.first_at);
                let frames = kept.frames + sighting.frames;
                *kept = Sighting { first_at, frames, ..sighting };
            }
            None => self.sighting = Some(sighting),
        }
    }

    /// The device's row; `now` decides what is today and what is late.
    pub(crate) fn status(
        &self,
        mn: &Mn,
        device: Option<&sanggan_pack::Device>,
        rule: Option<&KindRule>,
        now: Millis,
    ) -> DeviceStatus {
        let (frames_today, values_today) = self.today.at(now);
        DeviceStatus {
            mn: mn.clone(),
            station: device.map(|device| device.station.clone()),
            state: self.state_at(rule, now),
            connections: self.links.len() as u32,
            peer: self.peer.clone(),
            last_seen: self.last_seen,
            edition: self.edition.or_else(|| device.and_then(|device| device.edition)),
            frames_today,
            values_today,
            defects_last_day: self.defects.at(now),
            clock_offset_s: self.clock_offset_s,
            shared_mn: self.alternation.is_shared(now),
            splits_incomplete: self.parts.incomplete(),
            simulated: device.is_some_and(|device| device.simulated),
        }
    }
}

/// Every device that has been heard of, within a bound for unknown ones.
pub(crate) struct Devices {
    map: RwLock<HashMap<Mn, Arc<DeviceEntry>>>,
    remembered: usize,
    unknown_most: usize,
}

impl Devices {
    pub(crate) fn new(remembered: usize, unknown_most: usize) -> Devices {
        Devices { map: RwLock::new(HashMap::new()), remembered, unknown_most }
    }

    /// The device with this number if it has been heard of.
    pub(crate) fn find(&self, mn: &str) -> Option<Arc<DeviceEntry>> {
        self.map.read().get(mn).cloned()
    }

    /// The device with this number, made when it is new; `None` for one unknown device too many.
    pub(crate) fn entry(&self, mn: &Mn, known: bool, known_total: usize) -> Option<Arc<DeviceEntry>> {
        if let Some(entry) = self.map.read().get(mn) {
            return Some(Arc::clone(entry));
        }
        let mut map = self.map.write();
        if !known && map.len() >= self.unknown_most.saturating_add(known_total) && !map.contains_key(mn) {
            return None;
        }
        let entry = map.entry(mn.clone()).or_insert_with(|| {
            Arc::new(DeviceEntry { mn: mn.clone(), inner: Mutex::new(DeviceInner::new(self.remembered)) })
        });
        Some(Arc::clone(entry))
    }

    /// All of them, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<DeviceEntry>> {
        self.map.read().values().cloned().collect()
    }
}

/// What to tell the store of a packet whose device may not send yet.
pub(crate) fn sighting(
    mn: &Mn,
    at: Millis,
    peer: &str,
    st: Option<&str>,
    password: Option<&str>,
    text: &str,
    reason: QuarantineReason,
) -> Sighting {
    Sighting {
        mn: mn.clone(),
        first_at: at,
        last_at: at,
        frames: 1,
        peer: peer.to_owned(),
        st: st.map(str::to_owned),
        password: password.map(str::to_owned),
        sample_frame: text.chars().take(1024).collect(),
        reason,
    }
}
