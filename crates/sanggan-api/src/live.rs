//! The live stream (server-sent events).
//!
//! One hub task turns what the lake, the statistics and the gateway report into rows, once for all clients.
//! Each client has one task with its own filter; it keeps the newest value of each series between two sends,
//! so a browser gets at most two batches a second whatever the intake does.
//!
//! * LIVE-1: memory a client is bounded: the hub's ring, one row a series, and a queue of [`QUEUE`] events.
//! * LIVE-2: a client that missed something is told so (`resync`); nothing is left out silently.
//! * LIVE-3: an anonymous client gets air stations only.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use sanggan_base::{Grain, Observation, SeriesId, SeriesKey, StationCode};
use sanggan_jobs::StatisticsChanged;
use sanggan_lake::BoxFuture;
use sanggan_pack::StationKind;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_stream::wrappers::ReceiverStream;

use crate::auth::Caller;
use crate::dto::{AirNow, LiveAir, LiveDevice, LiveObservations, LiveRow, LiveTick};
use crate::metrics::UPKEEP_EVERY;
use crate::{AppState, assess, auth, overview};

/// Events that may wait for one client.
const QUEUE: usize = 16;
/// Events the hub keeps for clients that are behind.
const RING: usize = 1024;
/// Least time between two batches to one client.
const BATCH_EVERY: Duration = Duration::from_millis(500);
/// The heartbeat.
const TICK_EVERY: Duration = Duration::from_secs(15);
/// Changed hours are gathered this long before they are judged.
const JUDGE_EVERY: Duration = Duration::from_millis(300);
/// A client that takes nothing for this long is let go.
const STUCK_AFTER: Duration = Duration::from_secs(30);
/// Most rows in one batch; beyond it the client reads again.
const BATCH_ROWS_MAX: usize = 20_000;

/// One row with what filters need to know.
#[derive(Debug, Clone)]
pub(crate) struct HubRow {
    series: SeriesId,
    public: bool,
    row: LiveRow,
}

/// What the hub sends to client tasks.
#[derive(Debug, Clone)]
pub(crate) enum HubEvent {
    /// A durable batch.
    Observations {
        /// Commit number.
        seq: u64,
        /// When it became durable.
        recorded_at: String,
        /// Its values.
        rows: Vec<HubRow>,
    },
    /// An hour's judgement changed.
    Air(LiveAir),
    /// A device came or went.
    Device(LiveDevice),
    /// The hub itself missed something.
    Resync,
}

/// The meeting point of sources and clients.
#[derive(Debug)]
pub(crate) struct Hub {
    sender: broadcast::Sender<Arc<HubEvent>>,
}

impl Hub {
    pub(crate) fn new() -> Hub {
        Hub { sender: broadcast::Sender::new(RING) }
    }

    pub(crate) fn has_clients(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    pub(crate) fn send(&self, event: HubEvent) {
        // Nobody listening is no error.
        let _ = self.sender.send(Arc::new(event));
    }
}

/// Starts the tasks that feed the hub; they end when the edge closes.
pub(crate) fn start(state: &AppState) {
    let tasks: [BoxFuture<'static, ()>; 5] = [
        Box::pin(follow_lake(state.clone())),
        Box::pin(follow_statistics(state.clone())),
        Box::pin(follow_devices(state.clone())),
        Box::pin(overview::keep_warm(state.clone())),
        Box::pin(upkeep(state.clone())),
    ];
    for task in tasks {
        let mut closing = state.inner.closing.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                () = task => {}
                _ = closing.changed() => {}
            }
        });
    }
}

async fn upkeep(state: AppState) {
    let Some(metrics) = state.metrics().cloned() else { return };
    let mut tick = tokio::time::interval(UPKEEP_EVERY);
    loop {
        tick.tick().await;
        metrics.upkeep();
    }
}

/// Follows the lake's bus until the lake is closed.
async fn follow_lake(state: AppState) {
    let mut bus = state.lake().subscribe();
    loop {
        match bus.recv().await {
            Ok(committed) => {
                if committed.observations.is_empty() {
                    continue;
                }
                state.inner.observed();
                if !state.inner.hub.has_clients() {
                    continue;
                }
                let rows: Vec<HubRow> = committed
                    .observations
                    .iter()
                    .filter_map(|observation| row(&state, observation))
                    .collect();
                state.inner.hub.send(HubEvent::Observations {
                    seq: committed.seq,
                    recorded_at: committed.recorded_at.to_string(),
                    rows,
                });
            }
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "the live stream fell behind the lake");
                metrics::counter!("sanggan_live_lagged_total").increment(missed);
                state.inner.observed();
                state.inner.hub.send(HubEvent::Resync);
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// Follows the gateway's device states.
async fn follow_devices(state: AppState) {
    let Some(intake) = state.intake().cloned() else { return };
    let mut events = intake.subscribe();
    loop {
        match events.recv().await {
            Ok(event) => {
                state.inner.observed();
                state.inner.hub.send(HubEvent::Device(LiveDevice {
                    mn: event.mn.to_string(),
                    state: event.state.into(),
                    last_seen: event.last_seen.map(|at| at.to_string()),
                }));
            }
            Err(broadcast::error::RecvError::Lagged(_)) => {
                state.inner.observed();
                state.inner.hub.send(HubEvent::Resync);
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// Follows the statistics: judges again the places whose hours changed, and tells when the judgement did.
async fn follow_statistics(state: AppState) {
    let Some(mut changes) = state.statistics_changes() else { return };
    let mut told: HashMap<StationCode, AirNow> = HashMap::new();
    loop {
        let mut touched = HashSet::new();
        match changes.recv().await {
            Ok(change) => collect(&state, &change, &mut touched),
            Err(broadcast::error::RecvError::Lagged(_)) => touched.extend(air_places(&state)),
            Err(broadcast::error::RecvError::Closed) => return,
        }
        // What else comes in a moment is judged together.
        tokio::time::sleep(JUDGE_EVERY).await;
        loop {
            match changes.try_recv() {
                Ok(change) => collect(&state, &change, &mut touched),
                Err(broadcast::error::TryRecvError::Lagged(_)) => touched.extend(air_places(&state)),
                Err(_) => break,
            }
        }
        state.inner.observed();
        if touched.is_empty() || !state.inner.hub.has_clients() {
            // Nobody was told, so what was told before may be anything by now.
            for station in touched {
                told.remove(&station);
            }
            continue;
        }
        let places: Vec<StationCode> = touched.into_iter().collect();
        match assess::airs_now(&state, &places).await {
            Ok(airs) => {
                for (station, air) in airs {
                    if told.get(&station) != Some(&air) {
                        told.insert(station.clone(), air.clone());
                        state.inner.hub.send(HubEvent::Air(LiveAir { station: station.to_string(), air }));
                    }
                }
            }
            Err(problem) => tracing::warn!(?problem, "could not judge the changed hours"),
        }
    }
}

/// The places of a change whose air now may be another: those with a changed hour that could be the current one.
fn collect(state: &AppState, change: &StatisticsChanged, touched: &mut HashSet<StationCode>) {
    let since = state.now().plus(-assess::NOW_LOOKBACK_MS);
    let recent = change.periods.iter().filter(|period| period.grain == Grain::Hour && period.start >= since);
    touched.extend(
        recent.filter(|period| auth::is_public(state, &period.station)).map(|period| period.station.clone()),
    );
}

/// Every place that has air.
fn air_places(state: &AppState) -> Vec<StationCode> {
    let city = &state.pack().city;
    let areas = city.areas.iter().map(|area| &area.code).chain([&city.code]);
    let areas = areas.filter_map(|area| assess::area_station(area.as_str()));
    let registry = state.registry();
    let stations = registry.stations_of_kind(StationKind::Air).map(|station| station.code.clone());
    areas.chain(stations).collect()
}

fn row(state: &AppState, observation: &Observation) -> Option<HubRow> {
    let key: SeriesKey = state.lake().series_key(observation.series)?;
    let public =
        state.registry().station(&key.station).is_some_and(|station| station.kind == StationKind::Air);
    Some(HubRow {
        series: observation.series,
        public,
        row: LiveRow {
            station: key.station.to_string(),
            parameter: key.parameter.to_string(),
            measure: key.measure.name().to_owned(),
            cadence: key.cadence.name().to_owned(),
            at: observation.at.to_string(),
            value: observation.value,
            flag: observation.flag.name().to_owned(),
        },
    })
}

/// What one client wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Only this station (or `area:CODE` for air events).
    pub(crate) station: Option<String>,
    /// Every batch at once.
    pub(crate) raw: bool,
    /// Only what the public may see.
    pub(crate) public_only: bool,
}

impl Filter {
    fn takes_station(&self, station: &str) -> bool {
        self.station.as_deref().is_none_or(|wanted| wanted == station)
    }

    fn takes(&self, row: &HubRow) -> bool {
        (row.public || !self.public_only) && self.takes_station(&row.row.station)
    }
}

/// Opens one client's stream.
pub(crate) fn open(
    state: AppState,
    caller: Caller,
    filter: Filter,
    permit: OwnedSemaphorePermit,
) -> Sse<impl futures::Stream<Item = Result<Event, Infallible>>> {
    let (sender, receiver) = mpsc::channel::<Result<Event, Infallible>>(QUEUE);
    let events = state.inner.hub.sender.subscribe();
    tokio::spawn(async move {
        let gauge = metrics::gauge!("sanggan_live_clients");
        gauge.increment(1.0);
        client(&state, &caller, &filter, events, &sender).await;
        gauge.decrement(1.0);
        drop(permit);
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(TICK_EVERY))
}

/// Rows that wait for the next batch of one client.
#[derive(Default)]
struct Waiting {
    seq: u64,
    recorded_at: String,
    rows: HashMap<SeriesId, LiveRow>,
}

async fn client(
    state: &AppState,
    caller: &Caller,
    filter: &Filter,
    mut events: broadcast::Receiver<Arc<HubEvent>>,
    sender: &mpsc::Sender<Result<Event, Infallible>>,
) {
    let mut closing = state.inner.closing.subscribe();
    let mut tick = tokio::time::interval(TICK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = Waiting::default();
    let mut next_batch = Instant::now();
    loop {
        let event = tokio::select! {
            biased;
            () = sender.closed() => return,
            _ = closing.changed() => return,
            _ = tick.tick() => {
                // A session that ended must not go on listening.
                if !caller.still_holds(state).await {
                    return;
                }
                Some(event("tick", &LiveTick { now: state.now().to_string() }))
            }
            () = tokio::time::sleep_until(next_batch), if !waiting.rows.is_empty() => {
                next_batch = Instant::now() + BATCH_EVERY;
                Some(waiting.take())
            }
            received = events.recv() => match received {
                Ok(received) => one(&received, filter, &mut waiting, &mut next_batch),
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    waiting.rows.clear();
                    Some(event("resync", &LiveTick { now: state.now().to_string() }))
                }
                Err(broadcast::error::RecvError::Closed) => return,
            },
        };
        let Some(event) = event else { continue };
        if tokio::time::timeout(STUCK_AFTER, sender.send(Ok(event))).await.is_err() {
            return;
        }
    }
}

/// What one hub event means for one client: an event to send now, or rows to keep for the next batch.
fn one(
    received: &HubEvent,
    filter: &Filter,
    waiting: &mut Waiting,
    next_batch: &mut Instant,
) -> Option<Event> {
    match received {
        HubEvent::Observations { seq, recorded_at, rows } => {
            let taken = rows.iter().filter(|row| filter.takes(row));
            if filter.raw {
                let rows: Vec<LiveRow> = taken.map(|row| row.row.clone()).collect();
                if rows.is_empty() {
                    return None;
                }
                let batch = LiveObservations { seq: *seq, recorded_at: recorded_at.clone(), rows };
                return Some(event("observations", &batch));
            }
            let mut any = false;
            for row in taken {
                any = true;
                match waiting.rows.get_mut(&row.series) {
                    // A late value must not hide the newest one.
                    Some(kept) if row.row.at < kept.at => {}
                    Some(kept) => *kept = row.row.clone(),
                    None => {
                        waiting.rows.insert(row.series, row.row.clone());
                    }
                }
            }
            if !any {
                return None;
            }
            waiting.seq = *seq;
            waiting.recorded_at.clone_from(recorded_at);
            if waiting.rows.len() > BATCH_ROWS_MAX {
                waiting.rows.clear();
                return Some(event("resync", &LiveTick { now: recorded_at.clone() }));
            }
            if *next_batch <= Instant::now() {
                *next_batch = Instant::now() + BATCH_EVERY;
                return Some(waiting.take());
            }
            None
        }
        HubEvent::Air(air) => filter.takes_station(&air.station).then(|| event("air", air)),
        HubEvent::Device(device) => {
            (!filter.public_only && filter.station.is_none()).then(|| event("device", device))
        }
        HubEvent::Resync => {
            waiting.rows.clear();
            Some(event("resync", &LiveTick { now: waiting.recorded_at.clone() }))
        }
    }
}

impl Waiting {
    fn take(&mut self) -> Event {
        let mut rows: Vec<LiveRow> = self.rows.drain().map(|(_, row)| row).collect();
        rows.sort_by(|a, b| {
            (&a.station, &a.parameter, &a.measure, &a.cadence).cmp(&(
                &b.station,
                &b.parameter,
                &b.measure,
                &b.cadence,
            ))
        });
        event(
            "observations",
            &LiveObservations { seq: self.seq, recorded_at: self.recorded_at.clone(), rows },
        )
    }
}

fn event(name: &'static str, body: &impl Serialize) -> Event {
    let text = serde_json::to_string(body).expect("our own types with text keys and finite numbers");
    Event::default().event(name).data(text)
}
