//! The TCP side: accepts data loggers within its caps and gives each a task.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection::Connection;
use crate::{GatewayError, Intake, meters};

/// Connections that may wait for being accepted.
const BACKLOG: u32 = 4096;
/// Pause after the system could not accept (no file handles left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listener that feeds an [`Intake`]; ends with [`Gateway::shutdown`].
#[derive(Debug)]
pub struct Gateway {
    intake: Arc<Intake>,
    local_addr: SocketAddr,
    seats: Arc<Seats>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// How busy the listener is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ListenerSnapshot {
    /// Open connections.
    pub connections: usize,
    /// Connections accepted since the start.
    pub accepted: u64,
    /// Connections refused since the start because a cap was reached.
    pub refused: u64,
}

impl Gateway {
    /// Listens on the intake's address and takes in what data loggers send.
    ///
    /// # Errors
    /// [`GatewayError::Listen`] when the address cannot be had.
    pub async fn start(intake: Arc<Intake>) -> Result<Gateway, GatewayError> {
        let address = intake.settings().listen;
        let listener = listen(address).map_err(|source| GatewayError::Listen { address, source })?;
        let local_addr = listener.local_addr().map_err(|source| GatewayError::Listen { address, source })?;
        let seats = Arc::new(Seats::new(
            intake.settings().connections_max,
            intake.settings().connections_per_peer_max,
        ));
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, Arc::clone(&intake), Arc::clone(&seats), stop.clone(), tasks.clone()));
        tracing::info!(%local_addr, "listening for data loggers");
        Ok(Gateway { intake, local_addr, seats, stop, tasks })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// What it feeds.
    pub fn intake(&self) -> &Arc<Intake> {
        &self.intake
    }

    /// How busy it is.
    pub fn snapshot(&self) -> ListenerSnapshot {
        ListenerSnapshot {
            connections: self.seats.open.load(Ordering::Relaxed),
            accepted: self.seats.accepted.load(Ordering::Relaxed),
            refused: self.seats.refused.load(Ordering::Relaxed),
        }
    }

    /// Accepts no more, reads no more, answers what is under way and closes every connection.
    /// The intake stays open; see [`Intake::close`].
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    // Accepted sockets inherit it: a logger whose line died without a word is noticed by the system.
    socket.set_keepalive(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(
    listener: TcpListener,
    intake: Arc<Intake>,
    seats: Arc<Seats>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    let mut number = 0u64;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(seat) = Seats::take(&seats, peer.ip()) else {
                    meters::refused("connection_cap");
                    continue;
                };
                number += 1;
                tasks.spawn(serve(stream, peer, number, Arc::clone(&intake), stop.clone(), seat));
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    number: u64,
    intake: Arc<Intake>,
    stop: CancellationToken,
    seat: Seat,
) {
    let _ = stream.set_nodelay(true);
    let reason = Connection::new(number, stream, peer, intake).run(stop).await;
    drop(seat);
    meters::closed(reason.name());
    tracing::debug!(%peer, reason = reason.name(), "connection closed");
}

/// Who may be connected at once.
#[derive(Debug)]
struct Seats {
    most: usize,
    most_per_peer: usize,
    open: AtomicUsize,
    by_peer: Mutex<HashMap<IpAddr, usize>>,
    accepted: AtomicU64,
    refused: AtomicU64,
}

impl Seats {
    fn new(most: usize, most_per_peer: usize) -> Seats {
        Seats {
            most,
            most_per_peer,
            open: AtomicUsize::new(0),
            by_peer: Mutex::new(HashMap::new()),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// A seat, or `None` when all are taken.
    fn take(seats: &Arc<Seats>, peer: IpAddr) -> Option<Seat> {
        let mut by_peer = seats.by_peer.lock();
        let of_peer = by_peer.get(&peer).copied().unwrap_or(0);
        if seats.open.load(Ordering::Relaxed) >= seats.most || of_peer >= seats.most_per_peer {
            seats.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        by_peer.insert(peer, of_peer + 1);
        let open = seats.open.fetch_add(1, Ordering::Relaxed) + 1;
        seats.accepted.fetch_add(1, Ordering::Relaxed);
        meters::accepted();
        meters::connections(open);
        Some(Seat { seats: Arc::clone(seats), peer })
    }
}

/// Given back when dropped.
struct Seat {
    seats: Arc<Seats>,
    peer: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut by_peer = self.seats.by_peer.lock();
        if let Some(count) = by_peer.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                by_peer.remove(&self.peer);
            }
        }
        let open = self.seats.open.fetch_sub(1, Ordering::Relaxed) - 1;
        meters::connections(open);
    }
}
