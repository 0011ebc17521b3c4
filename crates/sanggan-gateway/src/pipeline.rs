//! From many connections to one durable log: batches form while the disk works.
//!
//! One task hands batches to the lake, one at a time, in the order of receipt, and releases the answers of a
//! batch only when the lake says it is durable. A batch that cannot be stored is tried again until it can be:
//! meanwhile the queue fills, connections wait for room in it and stop reading their sockets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sanggan_base::{FrameId, Reading};
use sanggan_lake::{BoxFuture, Lake, LakeError, NewFrame};
use tokio::sync::{mpsc, oneshot};

use crate::command::Progress;
use crate::meters;

/// Where durable things go. The lake; in tests also one that fails on demand.
pub trait Sink: Send + Sync + 'static {
    /// Makes frames and their readings durable; see [`Lake::append`].
    fn append(&self, frames: Vec<NewFrame>) -> BoxFuture<'_, Result<Vec<FrameId>, LakeError>>;

    /// Readings of packets that are already stored; see [`Lake::append_late_readings`].
    fn append_late_readings(&self, readings: Vec<(FrameId, Reading)>)
    -> BoxFuture<'_, Result<(), LakeError>>;
}

impl Sink for Lake {
    fn append(&self, frames: Vec<NewFrame>) -> BoxFuture<'_, Result<Vec<FrameId>, LakeError>> {
        Lake::append(self, frames)
    }

    fn append_late_readings(
        &self,
        readings: Vec<(FrameId, Reading)>,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        Lake::append_late_readings(self, readings)
    }
}

/// The id a packet will have once it is durable.
pub(crate) type IdSlot = Arc<OnceLock<FrameId>>;

/// One packet on its way to the disk.
pub(crate) struct Job {
    pub(crate) frame: NewFrame,
    /// Filled when the packet is durable.
    pub(crate) id: Option<IdSlot>,
    /// Readings of earlier packets that this one made readable (parts of a split packet).
    pub(crate) late: Vec<(IdSlot, Reading)>,
    /// A command that waits for this packet.
    pub(crate) progress: Option<(mpsc::UnboundedSender<Progress>, Progress)>,
    pub(crate) done: Done,
    pub(crate) since: Instant,
}

/// Whom to tell that a packet is durable.
pub(crate) enum Done {
    /// A connection, which then sends the answer if there is one. Its channel has room for all it has in flight.
    Connection { to: mpsc::Sender<Settled>, answer: Option<Bytes> },
    /// An import; the number is that of the packet in its batch.
    Recorded { to: mpsc::UnboundedSender<(usize, FrameId)>, index: usize },
}

/// A packet of a connection is durable.
pub(crate) struct Settled {
    pub(crate) answer: Option<Bytes>,
}

/// What passes through the queue.
pub(crate) enum Passage {
    Packet(Box<Job>),
    /// Told when everything queued before it is durable.
    Barrier(oneshot::Sender<()>),
}

/// How batches are formed and tried again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchRule {
    pub(crate) batch_frames: usize,
    pub(crate) retry_min: Duration,
    pub(crate) retry_max: Duration,
}

/// Runs until every sender is gone and the queue is empty, or the lake is closed.
pub(crate) async fn run(
    sink: Arc<dyn Sink>,
    mut queue: mpsc::Receiver<Passage>,
    rule: BatchRule,
    blocked: Arc<AtomicBool>,
) {
    let mut passages = Vec::with_capacity(rule.batch_frames);
    loop {
        if queue.recv_many(&mut passages, rule.batch_frames.max(1)).await == 0 {
            return;
        }
        let mut jobs = Vec::with_capacity(passages.len());
        let mut barriers = Vec::new();
        for passage in passages.drain(..) {
            match passage {
                Passage::Packet(job) => jobs.push(job),
                Passage::Barrier(told) => barriers.push(told),
            }
        }
        if !jobs.is_empty() && !store(sink.as_ref(), jobs, rule, &blocked).await {
            return;
        }
        for told in barriers {
            let _ = told.send(());
        }
    }
}

/// Makes a batch durable and releases its answers; `false` when the lake is closed.
async fn store(sink: &dyn Sink, mut jobs: Vec<Box<Job>>, rule: BatchRule, blocked: &AtomicBool) -> bool {
    // Readings of earlier parts become durable before the packet that made them readable, or together with it: a
    // device sends a packet again that was not answered, and only then they could be found anew.
    let late = late_readings(&mut jobs);
    let frames: Vec<NewFrame> = jobs.iter_mut().map(|job| take(&mut job.frame)).collect();
    let values = late.len() + frames.iter().map(|frame| frame.readings.len()).sum::<usize>();
    if !late.is_empty()
        && persistently(rule, blocked, || sink.append_late_readings(late.clone())).await.is_none()
    {
        return false;
    }
    let Some(ids) = persistently(rule, blocked, || sink.append(frames.clone())).await else { return false };
    for (job, &id) in jobs.iter().zip(&ids) {
        if let Some(slot) = &job.id {
            let _ = slot.set(id);
        }
    }
    meters::durable(jobs.len(), values);
    for (job, id) in jobs.into_iter().zip(ids) {
        meters::latency(job.since.elapsed());
        if let Some((waiting, progress)) = job.progress {
            let _ = waiting.send(progress);
        }
        match job.done {
            Done::Connection { to, answer } => {
                // Fails only when the connection is gone; the peer will send the packet again.
                let _ = to.try_send(Settled { answer });
            }
            Done::Recorded { to, index } => {
                let _ = to.send((index, id));
            }
        }
    }
    true
}

/// Takes the late readings out of the jobs: those of stored parts are given back, those of parts in the same batch
/// are put to their packets.
fn late_readings(jobs: &mut [Box<Job>]) -> Vec<(FrameId, Reading)> {
    let mut stored = Vec::new();
    for later in 0..jobs.len() {
        for (slot, reading) in std::mem::take(&mut jobs[later].late) {
            if let Some(&id) = slot.get() {
                stored.push((id, reading));
                continue;
            }
            let is_its = |job: &&mut Box<Job>| job.id.as_ref().is_some_and(|id| Arc::ptr_eq(id, &slot));
            // A part is queued before the packet that makes it readable.
            if let Some(job) = jobs[..=later].iter_mut().rev().find(is_its) {
                job.frame.readings.push(reading);
            }
        }
    }
    stored
}

/// Leaves an empty frame in the place of one that goes to the lake.
fn take(frame: &mut NewFrame) -> NewFrame {
    let empty = NewFrame {
        received_at: frame.received_at,
        peer: Arc::clone(&frame.peer),
        mn: None,
        cn: None,
        bytes: Vec::new(),
        defects: Arc::clone(&frame.defects),
        status: frame.status,
        readings: Vec::new(),
    };
    std::mem::replace(frame, empty)
}

/// Tries until it succeeds; `None` when the lake is closed.
async fn persistently<'a, T>(
    rule: BatchRule,
    blocked: &AtomicBool,
    mut attempt: impl FnMut() -> BoxFuture<'a, Result<T, LakeError>>,
) -> Option<T> {
    let mut wait = rule.retry_min;
    loop {
        match attempt().await {
            Ok(value) => {
                blocked.store(false, Ordering::Relaxed);
                return Some(value);
            }
            Err(LakeError::Closed) => {
                tracing::warn!("the lake is closed: packets under way are not acknowledged");
                return None;
            }
            Err(error) => {
                meters::store_failed();
                if !blocked.swap(true, Ordering::Relaxed) {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "packets cannot be stored; nothing is acknowledged until they can"
                    );
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(rule.retry_max);
            }
        }
    }
}
