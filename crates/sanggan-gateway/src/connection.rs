//! One data logger's connection: bytes in, answers out, and the bounds within which it may live.
//!
//! One task a connection and no buffer while nothing is under way. Up to `in_flight_max` packets may wait for the
//! disk; their answers go out in the order of the packets. While the queue to the disk is full the task waits
//! for room and does not read its socket, so the peer's own TCP window holds it back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use sanggan_hj212::{DecodeError, Decoded, Decoder, Limits};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::device::{DeviceEntry, Link};
use crate::intake::{Origin, Taken};
use crate::pipeline::{Done, Settled};
use crate::{Intake, defects, meters};

/// Bytes read at once; on the stack, not in the connection.
const READ_SIZE: usize = 8 * 1024;
/// Commands that may wait to be sent.
const ORDERS_MAX: usize = 4;
/// Numbers that may sign in on one connection (a logger that gathers others).
const LINKS_MAX: usize = 64;
/// Bytes kept of garbage, as evidence.
const GARBAGE_KEPT: usize = 1024;

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The peer closed it.
    ByPeer,
    /// The system reported an error.
    Broken,
    /// No complete packet for too long.
    Idle,
    /// A packet was not complete in time.
    SlowFrame,
    /// The peer did not take an answer in time.
    SlowReader,
    /// Too many bytes that belong to no packet.
    Garbage,
    /// An operator has refused this device.
    Refused,
    /// The gateway stops.
    Stopped,
    /// Nothing can be stored any more.
    Closed,
}

impl Ended {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Ended::ByPeer => "by_peer",
            Ended::Broken => "broken",
            Ended::Idle => "idle",
            Ended::SlowFrame => "slow_frame",
            Ended::SlowReader => "slow_reader",
            Ended::Garbage => "garbage",
            Ended::Refused => "refused",
            Ended::Stopped => "stopped",
            Ended::Closed => "lake_closed",
        }
    }
}

/// One open connection.
pub(crate) struct Connection {
    number: u64,
    stream: TcpStream,
    peer: Arc<str>,
    intake: Arc<Intake>,
    decoder: Decoder,
    in_flight: usize,
    settled: (mpsc::Sender<Settled>, mpsc::Receiver<Settled>),
    orders: (mpsc::Sender<Bytes>, mpsc::Receiver<Bytes>),
    links: Vec<Arc<DeviceEntry>>,
    last_frame: Instant,
    frame_began: Option<Instant>,
    /// Bytes of unreadable packets since the last readable one.
    junk: usize,
    /// The first bytes of a read without any packet, since the last readable one.
    evidence: Option<Box<[u8]>>,
}

impl Connection {
    pub(crate) fn new(number: u64, stream: TcpStream, peer: SocketAddr, intake: Arc<Intake>) -> Connection {
        let in_flight_max = intake.settings().in_flight_max.max(1);
        let max_garbage = intake.settings().garbage_bytes_max as u64;
        let decoder = Decoder::new(Limits { max_garbage, ..Limits::default() });
        Connection {
            number,
            stream,
            peer: peer.to_string().into(),
            intake,
            decoder,
            in_flight: 0,
            settled: mpsc::channel(in_flight_max),
            orders: mpsc::channel(ORDERS_MAX),
            links: Vec::new(),
            last_frame: Instant::now(),
            frame_began: None,
            junk: 0,
            evidence: None,
        }
    }

    /// Serves the peer until one side ends it.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Ended {
        let ended = match self.serve(&stop).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        if matches!(ended, Ended::ByPeer | Ended::SlowFrame) {
            self.keep_rest().await;
        }
        if matches!(ended, Ended::Stopped | Ended::ByPeer | Ended::SlowFrame | Ended::Garbage | Ended::Idle) {
            // What is under way will be durable: say so before leaving.
            while self.in_flight > 0 {
                if self.settle_one().await.is_err() {
                    break;
                }
            }
        }
        for entry in &self.links {
            let mut inner = entry.inner.lock();
            inner.links.retain(|link| link.connection != self.number);
            inner.alternation.closed(self.number);
        }
        ended
    }

    async fn serve(&mut self, stop: &CancellationToken) -> Result<std::convert::Infallible, Ended> {
        let in_flight_max = self.intake.settings().in_flight_max.max(1);
        loop {
            let deadline = self.deadline();
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Ended::Stopped),
                Some(settled) = self.settled.1.recv() => {
                    self.in_flight -= 1;
                    self.answer(settled).await?;
                }
                () = self.intake.closed() => return Err(Ended::Closed),
                Some(order) = self.orders.1.recv() => self.send(&order).await?,
                ready = self.stream.readable(), if self.in_flight < in_flight_max => {
                    ready.map_err(|_| Ended::Broken)?;
                    self.read().await?;
                }
                () = sleep_until(deadline) => {
                    if let Some(ended) = self.overdue() {
                        return Err(ended);
                    }
                }
            }
        }
    }

    /// When the connection ends if nothing more comes.
    fn deadline(&self) -> Instant {
        let settings = self.intake.settings();
        let idle = self.last_frame + settings.idle_timeout;
        self.frame_began.map_or(idle, |began| idle.min(began + settings.frame_deadline))
    }

    fn overdue(&self) -> Option<Ended> {
        let settings = self.intake.settings();
        let now = Instant::now();
        if self.frame_began.is_some_and(|began| now >= began + settings.frame_deadline) {
            return Some(Ended::SlowFrame);
        }
        (now >= self.last_frame + settings.idle_timeout).then_some(Ended::Idle)
    }

    /// Takes what the socket has and passes on every packet in it.
    async fn read(&mut self) -> Result<(), Ended> {
        if !self.fill()? {
            return Ok(());
        }
        let was_partial = self.frame_began.is_some();
        let mut any = false;
        loop {
            match self.decoder.next_message() {
                Ok(Some(decoded)) => {
                    any = true;
                    self.take(decoded).await?;
                }
                Ok(None) => break,
                Err(error) if error.can_continue() => {
                    self.junk += error.raw().len();
                    self.keep_unreadable(error.raw().to_vec(), error.code()).await?;
                    if self.junk > self.intake.settings().garbage_bytes_max {
                        return Err(self.give_up(self.junk).await);
                    }
                }
                Err(DecodeError::Garbage { skipped }) => return Err(self.give_up(skipped as usize).await),
                Err(_) => return Err(self.give_up(0).await),
            }
        }
        let now = Instant::now();
        if any {
            self.last_frame = now;
            self.junk = 0;
            self.evidence = None;
        }
        if self.decoder.pending() == 0 {
            self.frame_began = None;
        } else if any || !was_partial {
            self.frame_began = Some(now);
        }
        Ok(())
    }

    /// What the peer left unfinished is kept too; it may be a whole packet without its line end.
    async fn keep_rest(&mut self) {
        loop {
            let kept = match self.decoder.finish() {
                Ok(Some(decoded)) => self.take(decoded).await,
                Ok(None) => return,
                Err(error) if error.can_continue() => {
                    self.keep_unreadable(error.raw().to_vec(), error.code()).await
                }
                Err(_) => return,
            };
            if kept.is_err() {
                return;
            }
        }
    }

    /// Moves bytes from the socket to the decoder; whether there were any.
    fn fill(&mut self) -> Result<bool, Ended> {
        let mut buffer = [0u8; READ_SIZE];
        match self.stream.try_read(&mut buffer) {
            Ok(0) => Err(Ended::ByPeer),
            Ok(count) => {
                let bytes = &buffer[..count];
                if self.evidence.is_none() && !bytes.windows(2).any(|pair| pair == b"##") {
                    self.evidence = Some(bytes[..count.min(GARBAGE_KEPT)].into());
                }
                self.decoder.push(bytes);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(_) => Err(Ended::Broken),
        }
    }

    async fn take(&mut self, decoded: Decoded) -> Result<(), Ended> {
        self.make_room().await?;
        if decoded.skipped > 0 {
            meters::garbage(decoded.skipped as usize);
        }
        let done = Done::Connection { to: self.settled.0.clone(), answer: None };
        let taken = self.intake.take(decoded, &self.origin(), done).await;
        self.note(taken)
    }

    fn origin(&self) -> Origin<'_> {
        Origin {
            peer: &self.peer,
            connection: self.number,
            received_at: self.intake.now(),
            reference: None,
            repeated: false,
        }
    }

    /// Ends a peer that does not speak the protocol, keeping a sample of what it sent.
    async fn give_up(&mut self, skipped: usize) -> Ended {
        meters::garbage(skipped);
        tracing::info!(peer = %self.peer, skipped, "peer sends no packets of HJ 212; closing");
        if let Some(evidence) = self.evidence.take()
            && let Err(ended) = self.keep_unreadable(evidence.into_vec(), defects::GARBAGE).await
        {
            return ended;
        }
        Ended::Garbage
    }

    async fn keep_unreadable(&mut self, raw: Vec<u8>, code: &'static str) -> Result<(), Ended> {
        self.make_room().await?;
        let done = Done::Connection { to: self.settled.0.clone(), answer: None };
        let taken = self.intake.take_unreadable(raw, code, &self.origin(), done).await;
        self.note(taken)
    }

    /// Counts a packet under way, and signs the connection in with its device.
    fn note(&mut self, taken: Result<Taken, crate::GatewayError>) -> Result<(), Ended> {
        let taken = taken.map_err(|_| Ended::Closed)?;
        if taken.refused {
            // A logger that gathers others keeps its connection for those that are let in.
            return if self.links.is_empty() { Err(Ended::Refused) } else { Ok(()) };
        }
        self.in_flight += 1;
        if let Some(entry) = taken.signed_in
            && self.links.len() < LINKS_MAX
            && !self.links.iter().any(|known| Arc::ptr_eq(known, &entry))
        {
            let link = Link { connection: self.number, orders: self.orders.0.clone() };
            entry.inner.lock().links.push(link);
            self.links.push(entry);
        }
        Ok(())
    }

    /// Waits until one more packet may be under way.
    async fn make_room(&mut self) -> Result<(), Ended> {
        while self.in_flight >= self.intake.settings().in_flight_max.max(1) {
            self.settle_one().await?;
        }
        Ok(())
    }

    async fn settle_one(&mut self) -> Result<(), Ended> {
        // The pipeline drops what it cannot store; then nothing would ever come.
        let settled = tokio::select! {
            settled = self.settled.1.recv() => settled,
            () = self.intake.closed() => self.settled.1.try_recv().ok(),
        };
        self.in_flight -= 1;
        self.answer(settled.ok_or(Ended::Closed)?).await
    }

    /// Sends the answers of everything that is durable by now in one go.
    async fn answer(&mut self, first: Settled) -> Result<(), Ended> {
        let mut out: Vec<u8> = Vec::new();
        let mut count = 0;
        let mut next = Some(first);
        while let Some(settled) = next {
            if let Some(answer) = settled.answer {
                out.extend_from_slice(&answer);
                count += 1;
            }
            next = self.settled.1.try_recv().ok();
            if next.is_some() {
                self.in_flight -= 1;
            }
        }
        if out.is_empty() {
            return Ok(());
        }
        self.send(&out).await?;
        meters::answers(count);
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        match timeout(self.intake.settings().write_timeout, self.stream.write_all(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Broken),
            Err(_) => Err(Ended::SlowReader),
        }
    }
}
