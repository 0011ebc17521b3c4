//! Letting a quarantined device in, and reading the packets it sent meanwhile.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use sanggan_base::{FrameId, Millis, Mn, Reading, SeriesId, SeriesKey};
use sanggan_hj212::decode_packet;
use sanggan_lake::{Frame, FrameQuery, FrameStatus};
use sanggan_pack::{Device, Station};
use sanggan_store::{Actor, Admission};

use crate::device::DeviceInner;
use crate::judge::{self, Admitted, Circumstances};
use crate::pipeline::IdSlot;
use crate::{GatewayError, Intake, error};

/// Packets read at once.
const PAGE: usize = 2048;

/// What admission did.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionReport {
    /// The station the device belongs to now.
    pub station: Station,
    /// The device.
    pub device: Device,
    /// Packets kept in quarantine that were decoded now.
    pub frames_decoded: u64,
    /// Readings stored from them.
    pub readings_stored: u64,
}

impl Intake {
    /// Makes a device of a quarantined number and stores the readings of the packets kept meanwhile.
    ///
    /// `password`: what it must send from now on; `None` adopts the one it sent last. Packets kept with another
    /// password stay unread. No packet is missed between the two: those that arrive during the admission are
    /// either in quarantine before it reads them, or taken as the device's.
    ///
    /// # Errors
    /// [`GatewayError::Store`] as [`sanggan_store::Store::admit`], [`GatewayError::Lake`], [`GatewayError::Closed`].
    /// When reading the kept packets fails, the device is admitted all the same; [`Intake::read_kept`] takes that
    /// up again.
    pub async fn admit(
        &self,
        mn: &Mn,
        admission: Admission,
        password: Option<String>,
        actor: &Actor,
    ) -> Result<AdmissionReport, GatewayError> {
        self.write_sightings().await;
        let admitted = self.store().admit(mn, admission, password, actor, self.now()).await;
        let (station, device) = admitted.map_err(error::store("admit the device"))?;
        let (frames_decoded, readings_stored) = self.read_kept(mn).await?;
        Ok(AdmissionReport { station, device, frames_decoded, readings_stored })
    }

    /// Stores the readings of all packets of a device that are kept in quarantine; gives the numbers of packets
    /// and of readings. Doing it again stores the same readings as a further version.
    ///
    /// # Errors
    /// [`GatewayError::NoDevice`], [`GatewayError::Lake`], [`GatewayError::Closed`].
    pub async fn read_kept(&self, mn: &Mn) -> Result<(u64, u64), GatewayError> {
        let registry = self.store().registry();
        let whose = self.admitted(&registry, mn).ok_or_else(|| GatewayError::NoDevice(mn.clone()))?;
        // Judging happens under the device's lock with the registry of that moment: once the lock has been free
        // and everything queued is durable, no packet judged by the old registry is still on its way.
        if let Some(entry) = self.devices().find(mn.as_str()) {
            drop(entry.inner.lock());
        }
        self.barrier().await?;

        let mut scratch = DeviceInner::new(1);
        let (mut frames, mut stored) = (0, 0);
        let mut after = None;
        loop {
            let query = FrameQuery {
                mn: Some(mn.clone()),
                status: Some(FrameStatus::Quarantined),
                after,
                limit: PAGE,
                ..FrameQuery::default()
            };
            let page = self.lake().frames(query).await.map_err(error::lake("read the packets kept"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let is_last = page.len() < PAGE;
            self.learn_kept(&mut scratch, &page, &whose).await?;
            let mut readings = LateReadings::default();
            for frame in page {
                frames += u64::from(self.read_frame(&mut scratch, frame, &whose, &mut readings));
            }
            let readings = readings.in_order();
            stored += readings.len() as u64;
            if !readings.is_empty() {
                let late = self.lake().append_late_readings(readings).await;
                late.map_err(error::lake("store the readings of packets kept"))?;
            }
            if is_last {
                break;
            }
        }
        if let Some(entry) = self.devices().find(mn.as_str()) {
            let mut inner = entry.inner.lock();
            let now = self.now();
            inner.today.add_values(now, stored as usize);
            self.tell_state(&mut inner, &entry, Some(&whose), now);
        }
        Ok((frames, stored))
    }

    /// Makes the series that the packets need and the device does not know yet, with one sync for all.
    async fn learn_kept(
        &self,
        scratch: &mut DeviceInner,
        page: &[Frame],
        whose: &Admitted,
    ) -> Result<(), GatewayError> {
        let mut seen = HashSet::new();
        let mut missing = Vec::new();
        for frame in page {
            let Ok(decoded) = decode_packet(&frame.bytes, None) else { continue };
            if !judge::password_fits(&whose.device, &decoded.message) {
                continue;
            }
            let of_frame = judge::missing(scratch, &decoded, whose, self.pack()).into_iter();
            missing.extend(of_frame.filter(|one| seen.insert((one.code.clone(), one.key.clone()))));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<SeriesKey> = missing.iter().map(|missing| missing.key.clone()).collect();
        let lake = self.lake().clone();
        let asked = tokio::task::spawn_blocking(move || lake.series_ids(&keys)).await;
        let ids = asked.map_err(|_| GatewayError::Closed)?;
        let ids = ids.map_err(error::lake("make the series of the packets kept"))?;
        if let Some(bound) = &mut scratch.bound {
            missing.iter().zip(ids).for_each(|(missing, id)| bound.learn(missing, id));
        }
        Ok(())
    }

    /// Reads one kept packet; whether it was the device's.
    fn read_frame(
        &self,
        scratch: &mut DeviceInner,
        frame: Frame,
        whose: &Admitted,
        readings: &mut LateReadings,
    ) -> bool {
        let Ok(mut decoded) = decode_packet(&frame.bytes, None) else { return false };
        if !decoded.trustworthy() || !judge::password_fits(&whose.device, &decoded.message) {
            return false;
        }
        if decoded.message.cadence().is_none() {
            return true;
        }
        let peer: Arc<str> = frame.peer.as_str().into();
        let around = Circumstances {
            pack: self.pack(),
            lake: self.lake(),
            received_at: frame.received_at,
            reference: frame.received_at,
            peer: &peer,
            connection: 0,
            repeated: false,
            answer_quarantined: false,
            set_clock_on_request: false,
        };
        let settled = scratch.parts.saw(&decoded.message, frame.received_at);
        for (part, time) in settled.released {
            if let Some(&id) = part.id.get() {
                readings.add(id, judge::read(scratch, &part.message, time, whose, &around).readings);
            }
        }
        match settled.time {
            Some(time) => {
                readings.add(frame.id, judge::read(scratch, &decoded.message, time, whose, &around).readings);
            }
            None if decoded.message.is_split() => {
                let id: IdSlot = Arc::new(OnceLock::from(frame.id));
                scratch.parts.wait(id, std::mem::take(&mut decoded.message));
            }
            None => {}
        }
        true
    }
}

/// Readings of many packets, one a series and time: of several the last packet's counts, as it does when packets
/// are judged as they come.
#[derive(Default)]
struct LateReadings {
    rows: Vec<Option<(FrameId, Reading)>>,
    at: HashMap<(SeriesId, Millis), usize>,
}

impl LateReadings {
    fn add(&mut self, frame: FrameId, readings: Vec<Reading>) {
        for reading in readings {
            if let Some(earlier) = self.at.insert((reading.series, reading.at), self.rows.len()) {
                self.rows[earlier] = None;
            }
            self.rows.push(Some((frame, reading)));
        }
    }

    fn in_order(self) -> Vec<(FrameId, Reading)> {
        self.rows.into_iter().flatten().collect()
    }
}
