//! The intake: every packet, from a socket or a file, passes through here on its way to the lake.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use sanggan_base::{Millis, Mn, SeriesKey};
use sanggan_hj212::Decoded;
use sanggan_lake::{Clock, FrameStatus, Lake, LakeError, NewFrame};
use sanggan_pack::Pack;
use sanggan_store::{Registry, Store};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::device::{DeviceEntry, DeviceInner, Devices};
use crate::judge::{self, Admitted, Circumstances, Judged};
use crate::live::{DeviceEvent, DeviceState, DeviceStatus, LastHour};
use crate::pipeline::{self, BatchRule, Done, Job, Passage, Sink};
use crate::{GatewayError, GatewaySettings, error, meters};

/// Device events that may wait for a slow subscriber.
const EVENTS_MAX: usize = 1024;
/// Pause before a series number is asked for again while the lake cannot give one.
const SERIES_PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// What the gateway needs of the rest of the platform.
#[derive(Clone)]
pub struct Parts {
    /// Where packets and readings go.
    pub lake: Lake,
    /// Who may send, and what it means.
    pub store: Store,
    /// Parameter table and operational defaults.
    pub pack: Arc<Pack>,
    /// The time.
    pub clock: Clock,
}

/// Takes packets in, whoever brings them. Clones of the `Arc` it lives in share it.
pub struct Intake {
    settings: GatewaySettings,
    parts: Parts,
    devices: Devices,
    queue: Mutex<Option<mpsc::Sender<Passage>>>,
    events: broadcast::Sender<DeviceEvent>,
    last_hour: Mutex<LastHour>,
    last_moment: AtomicI64,
    frames: AtomicU64,
    values: AtomicU64,
    blocked: Arc<AtomicBool>,
    closed: CancellationToken,
    stop: CancellationToken,
    no_defects: Arc<str>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Intake").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// How busy the intake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct IntakeSnapshot {
    /// Packets taken in since the start.
    pub frames: u64,
    /// Values read from them since the start.
    pub values: u64,
    /// Packets of the last 60 minutes.
    pub frames_last_hour: u64,
    /// Values of the last 60 minutes.
    pub values_last_hour: u64,
    /// Whether packets cannot be stored right now (disk full); nothing is acknowledged meanwhile.
    pub blocked: bool,
}

/// Where a packet comes from.
pub(crate) struct Origin<'a> {
    pub(crate) peer: &'a Arc<str>,
    /// 0 for an import.
    pub(crate) connection: u64,
    pub(crate) received_at: Millis,
    /// The moment the packet's times are compared with, when it is not that of receipt.
    pub(crate) reference: Option<Millis>,
    /// The lake is known to hold the same packet (imports look further back than a device's memory).
    pub(crate) repeated: bool,
}

/// A packet that is on its way to the disk.
#[derive(Default)]
pub(crate) struct Taken {
    /// An operator has refused its device: it was not kept.
    pub(crate) refused: bool,
    pub(crate) signed_in: Option<Arc<DeviceEntry>>,
    pub(crate) status: Option<FrameStatus>,
    pub(crate) defects: Option<Arc<str>>,
    pub(crate) values: usize,
}

impl Intake {
    /// Starts the way to the lake and recalls from its newest packets what devices sent last.
    ///
    /// # Errors
    /// [`GatewayError::Lake`] when the lake cannot be read.
    pub async fn open(settings: GatewaySettings, parts: Parts) -> Result<Arc<Intake>, GatewayError> {
        let sink = Arc::new(parts.lake.clone());
        Intake::open_with_sink(settings, parts, sink).await
    }

    /// [`Intake::open`] with another place for durable things; reading still happens in `parts.lake`.
    ///
    /// # Errors
    /// As [`Intake::open`].
    pub async fn open_with_sink(
        settings: GatewaySettings,
        parts: Parts,
        sink: Arc<dyn Sink>,
    ) -> Result<Arc<Intake>, GatewayError> {
        let (queue, passages) = mpsc::channel(settings.queue_frames.max(1));
        let rule = BatchRule {
            batch_frames: settings.batch_frames,
            retry_min: settings.retry_min,
            retry_max: settings.retry_max,
        };
        let intake = Arc::new(Intake {
            devices: Devices::new(settings.remembered_per_device, settings.unknown_devices_max),
            queue: Mutex::new(Some(queue)),
            events: broadcast::channel(EVENTS_MAX).0,
            last_hour: Mutex::new(LastHour::default()),
            last_moment: AtomicI64::new(0),
            frames: AtomicU64::new(0),
            values: AtomicU64::new(0),
            blocked: Arc::new(AtomicBool::new(false)),
            closed: CancellationToken::new(),
            stop: CancellationToken::new(),
            no_defects: "".into(),
            settings,
            parts,
        });
        intake.recall().await?;
        let (blocked, closed) = (Arc::clone(&intake.blocked), intake.closed.clone());
        tokio::spawn(async move {
            // However the pipeline ends, those who wait for it must learn of it.
            let _guard = closed.drop_guard();
            pipeline::run(sink, passages, rule, blocked).await;
        });
        tokio::spawn(Arc::clone(&intake).keep_house(intake.stop.clone()));
        Ok(intake)
    }

    /// What an operator has set.
    pub fn settings(&self) -> &GatewaySettings {
        &self.settings
    }

    pub(crate) fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(crate) fn lake(&self) -> &Lake {
        &self.parts.lake
    }

    pub(crate) fn pack(&self) -> &Pack {
        &self.parts.pack
    }

    pub(crate) fn devices(&self) -> &Devices {
        &self.devices
    }

    pub(crate) fn now(&self) -> Millis {
        (self.parts.clock)()
    }

    /// A moment close to now that has not been given before; request numbers are made of it.
    pub(crate) fn unique_moment(&self) -> Millis {
        let now = self.now().0;
        let next = |last: i64| Some(now.max(last + 1));
        let last = self.last_moment.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(now);
        Millis(now.max(last + 1))
    }

    /// Ends when nothing can be stored any more.
    pub(crate) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    fn queue(&self) -> Result<mpsc::Sender<Passage>, GatewayError> {
        self.queue.lock().clone().ok_or(GatewayError::Closed)
    }

    /// Stores what is under way, writes down who waits in quarantine, and takes no more.
    pub async fn close(&self) {
        self.stop.cancel();
        drop(self.queue.lock().take());
        self.closed.cancelled().await;
        self.write_sightings().await;
    }

    /// Waits until everything taken in before is durable.
    pub(crate) async fn barrier(&self) -> Result<(), GatewayError> {
        let (told, done) = oneshot::channel();
        self.queue()?.send(Passage::Barrier(told)).await.map_err(|_| GatewayError::Closed)?;
        done.await.map_err(|_| GatewayError::Closed)
    }

    /// Whose packet this is, by the registry.
    pub(crate) fn admitted(&self, registry: &Registry, mn: &Mn) -> Option<Admitted> {
        let device = registry.device(mn)?;
        let station = registry.station(&device.station)?;
        Some(Admitted { device: Arc::clone(device), station: Arc::clone(station) })
    }

    /// Takes a packet in: judges it and puts it on its way to the disk. Waits while the way is full.
    pub(crate) async fn take(
        &self,
        mut decoded: Decoded,
        origin: &Origin<'_>,
        done: Done,
    ) -> Result<Taken, GatewayError> {
        let since = Instant::now();
        let queue = self.queue()?;
        let Some(mn) = decoded.message.mn() else {
            let judged = Judged::new(FrameStatus::Unreadable, &decoded);
            let place = queue.reserve().await.map_err(|_| GatewayError::Closed)?;
            return Ok(self.dispatch(place, None, decoded, judged, origin, done, since));
        };
        loop {
            let place = queue.reserve().await.map_err(|_| GatewayError::Closed)?;
            let registry = self.parts.store.registry();
            let whose = self.admitted(&registry, &mn);
            if whose.is_none() && registry.is_refused(&mn) {
                meters::refused("refused_device");
                return Ok(Taken { refused: true, ..Taken::default() });
            }
            let known = whose.is_some();
            let listed = known || decoded.trustworthy();
            let entry = listed.then(|| self.devices.entry(&mn, known, registry.device_count())).flatten();
            let Some(entry) = entry else {
                let status = if listed { FrameStatus::Quarantined } else { FrameStatus::Unreadable };
                let judged = Judged::new(status, &decoded);
                return Ok(self.dispatch(place, Some(mn), decoded, judged, origin, done, since));
            };
            let missing = {
                let mut inner = entry.inner.lock();
                // Asked again under the lock: an admission that finished meanwhile must not miss this packet.
                if self.parts.store.registry().version() != registry.version() {
                    continue;
                }
                let missing = match &whose {
                    Some(whose) => judge::missing(&mut inner, &decoded, whose, self.pack()),
                    None => Vec::new(),
                };
                if missing.is_empty() {
                    let around = self.around(origin);
                    let judged = judge::judge(&mut inner, &mn, &mut decoded, whose.as_ref(), &around);
                    self.note(&mut inner, &entry, &judged, whose.as_ref(), origin);
                    let signed_in = judged.signed_in.then(|| Arc::clone(&entry));
                    // Under the lock, so that the disk sees packets of one device in the order of judgement.
                    let taken = self.dispatch(place, Some(mn), decoded, judged, origin, done, since);
                    return Ok(Taken { signed_in, ..taken });
                }
                missing
            };
            drop(place);
            self.learn(&entry, missing).await?;
        }
    }

    /// Takes in bytes that are no packet.
    pub(crate) async fn take_unreadable(
        &self,
        raw: Vec<u8>,
        code: &'static str,
        origin: &Origin<'_>,
        done: Done,
    ) -> Result<Taken, GatewayError> {
        let queue = self.queue()?;
        let place = queue.reserve().await.map_err(|_| GatewayError::Closed)?;
        let decoded = Decoded { raw, ..Decoded::default() };
        let mut judged = Judged::new(FrameStatus::Unreadable, &decoded);
        judged.defects.push(code);
        Ok(self.dispatch(place, None, decoded, judged, origin, done, Instant::now()))
    }

    fn around<'a>(&'a self, origin: &Origin<'a>) -> Circumstances<'a> {
        Circumstances {
            pack: self.pack(),
            lake: self.lake(),
            received_at: origin.received_at,
            reference: origin.reference.unwrap_or(origin.received_at),
            peer: origin.peer,
            connection: origin.connection,
            repeated: origin.repeated,
            answer_quarantined: self.settings.answer_quarantined,
            set_clock_on_request: self.settings.set_clock_on_request,
        }
    }

    /// Asks the lake for series; waits while it cannot give them.
    async fn learn(
        &self,
        entry: &DeviceEntry,
        missing: Vec<crate::binding::Missing>,
    ) -> Result<(), GatewayError> {
        let keys: Vec<SeriesKey> = missing.iter().map(|missing| missing.key.clone()).collect();
        let ids = loop {
            let (lake, keys) = (self.parts.lake.clone(), keys.clone());
            // New series are synced to the disk, which must not hold up other connections.
            let asked = tokio::task::spawn_blocking(move || lake.series_ids(&keys)).await;
            match asked {
                Ok(Ok(ids)) => break ids,
                Ok(Err(LakeError::Closed)) | Err(_) => return Err(GatewayError::Closed),
                Ok(Err(failed)) => {
                    tracing::warn!(
                        error = &failed as &dyn std::error::Error,
                        "could not make series; trying again"
                    );
                    tokio::select! {
                        () = self.closed() => return Err(GatewayError::Closed),
                        () = tokio::time::sleep(SERIES_PAUSE) => {}
                    }
                }
            }
        };
        if let Some(bound) = &mut entry.inner.lock().bound {
            for (missing, id) in missing.iter().zip(ids) {
                bound.learn(missing, id);
            }
        }
        Ok(())
    }

    /// Counts a judged packet with its device and tells when that changes its state.
    fn note(
        &self,
        inner: &mut DeviceInner,
        entry: &DeviceEntry,
        judged: &Judged,
        whose: Option<&Admitted>,
        origin: &Origin<'_>,
    ) {
        let at = origin.received_at;
        inner.today.add(at, judged.readings.len() + judged.late.len(), origin.connection != 0);
        for code in &judged.defects {
            inner.defects.add(code, at);
        }
        self.tell_state(inner, entry, whose, self.now());
    }

    /// Tells the subscribers when the device's state is another than last told.
    pub(crate) fn tell_state(
        &self,
        inner: &mut DeviceInner,
        entry: &DeviceEntry,
        whose: Option<&Admitted>,
        now: Millis,
    ) {
        let rule = whose.map(|whose| self.pack().defaults.kind(whose.station.kind));
        let state = inner.state_at(rule, now);
        if inner.state.replace(state) != Some(state) {
            // Fails only when nobody listens.
            let _ = self.events.send(DeviceEvent {
                mn: entry.mn.clone(),
                station: whose.map(|whose| whose.station.code.clone()),
                state,
                last_seen: inner.last_seen,
            });
        }
    }

    /// Puts a judged packet into the place kept for it in the queue.
    #[expect(clippy::too_many_arguments, reason = "one caller shape; a struct would only rename the list")]
    fn dispatch(
        &self,
        place: mpsc::Permit<'_, Passage>,
        mn: Option<Mn>,
        decoded: Decoded,
        mut judged: Judged,
        origin: &Origin<'_>,
        done: Done,
        since: Instant,
    ) -> Taken {
        judged.defects.sort_unstable();
        judged.defects.dedup();
        let defects: Arc<str> = if judged.defects.is_empty() {
            Arc::clone(&self.no_defects)
        } else {
            judged.defects.join(",").into()
        };
        let values = judged.readings.len() + judged.late.len();
        meters::frame(judged.status);
        for code in &judged.defects {
            meters::defect(code);
        }
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.values.fetch_add(values as u64, Ordering::Relaxed);
        self.last_hour.lock().add(origin.received_at, 1, values);
        let done = match done {
            Done::Connection { to, .. } => Done::Connection { to, answer: judged.answer.map(Into::into) },
            recorded => recorded,
        };
        let status = judged.status;
        let frame = NewFrame {
            received_at: origin.received_at,
            peer: Arc::clone(origin.peer),
            mn,
            cn: decoded.message.cn().map(|cn| cn.0),
            bytes: decoded.raw,
            defects: Arc::clone(&defects),
            status,
            readings: judged.readings,
        };
        place.send(Passage::Packet(Box::new(Job {
            frame,
            id: judged.id,
            late: judged.late,
            progress: judged.progress,
            done,
            since,
        })));
        Taken { refused: false, signed_in: None, status: Some(status), defects: Some(defects), values }
    }

    /// How busy it is.
    pub fn snapshot(&self) -> IntakeSnapshot {
        let (frames_last_hour, values_last_hour) = self.last_hour.lock().at(self.now());
        IntakeSnapshot {
            frames: self.frames.load(Ordering::Relaxed),
            values: self.values.load(Ordering::Relaxed),
            frames_last_hour,
            values_last_hour,
            blocked: self.blocked.load(Ordering::Relaxed),
        }
    }

    /// Every device, registered or only heard of, ordered by number.
    pub fn devices_snapshot(&self) -> Vec<DeviceStatus> {
        let registry = self.parts.store.registry();
        let now = self.now();
        let mut rows: std::collections::BTreeMap<Mn, DeviceStatus> =
            registry.devices().iter().map(|device| (device.mn.clone(), self.never_heard(device))).collect();
        for entry in self.devices.all() {
            let whose = self.admitted(&registry, &entry.mn);
            if whose.is_none() && registry.is_refused(&entry.mn) {
                continue;
            }
            rows.insert(entry.mn.clone(), self.status_of(&entry, whose.as_ref(), now));
        }
        rows.into_values().collect()
    }

    /// One device, registered or only heard of.
    pub fn device(&self, mn: &Mn) -> Option<DeviceStatus> {
        let registry = self.parts.store.registry();
        match self.devices.find(mn.as_str()) {
            Some(entry) => Some(self.status_of(&entry, self.admitted(&registry, mn).as_ref(), self.now())),
            None => registry.device(mn).map(|device| self.never_heard(device)),
        }
    }

    fn status_of(&self, entry: &DeviceEntry, whose: Option<&Admitted>, now: Millis) -> DeviceStatus {
        let rule = whose.map(|whose| self.pack().defaults.kind(whose.station.kind));
        entry.inner.lock().status(&entry.mn, whose.map(|whose| &*whose.device), rule, now)
    }

    fn never_heard(&self, device: &sanggan_pack::Device) -> DeviceStatus {
        DeviceStatus {
            mn: device.mn.clone(),
            station: Some(device.station.clone()),
            state: DeviceState::Never,
            connections: 0,
            peer: None,
            last_seen: None,
            edition: device.edition,
            frames_today: 0,
            values_today: 0,
            defects_last_day: std::collections::BTreeMap::new(),
            clock_offset_s: None,
            shared_mn: false,
            splits_incomplete: 0,
            simulated: device.simulated,
        }
    }

    /// Follows the states of devices. A subscriber that falls behind asks for [`Intake::devices_snapshot`].
    pub fn subscribe(&self) -> broadcast::Receiver<DeviceEvent> {
        self.events.subscribe()
    }

    /// Recomputes states as time passes and writes down who waits in quarantine, until stopped.
    async fn keep_house(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.settings.housekeeping);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let registry = self.parts.store.registry();
            let now = self.now();
            for entry in self.devices.all() {
                let whose = self.admitted(&registry, &entry.mn);
                let mut inner = entry.inner.lock();
                inner.defects.prune(now);
                if inner.last_seen.is_none() {
                    // Its first packet is being judged.
                    continue;
                }
                self.tell_state(&mut inner, &entry, whose.as_ref(), now);
            }
            self.write_sightings().await;
        }
    }

    /// Tells the store of the unknown devices seen since the last time; what it cannot take is kept for the next.
    pub(crate) async fn write_sightings(&self) {
        let mut taken = Vec::new();
        for entry in self.devices.all() {
            if let Some(sighting) = entry.inner.lock().sighting.take() {
                taken.push((Arc::clone(&entry), sighting));
            }
        }
        if taken.is_empty() {
            return;
        }
        let sightings: Vec<_> = taken.iter().map(|(_, sighting)| sighting.clone()).collect();
        let told = self.parts.store.quarantine_seen(&sightings).await;
        if let Err(failed) = told.map_err(error::store("write the quarantine list")) {
            tracing::warn!(error = &failed as &dyn std::error::Error, "trying again later");
            for (entry, sighting) in taken {
                let mut inner = entry.inner.lock();
                let newer = inner.sighting.take();
                inner.sighted(sighting);
                if let Some(newer) = newer {
                    inner.sighted(newer);
                }
            }
        }
    }
}
