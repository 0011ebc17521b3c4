//! The edge: loggers as TCP clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sanggan_base::Millis;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::{Logger, Step};

/// Tells a logger the time.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Longest wait before a broken link is tried again.
const RECONNECT_MS_MAX: u64 = 15_000;
/// Bytes of a packet that arrives in pieces.
const TRICKLE_BYTES: usize = 7;

/// What the simulated loggers have done so far.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Packets sent.
    pub packets: AtomicU64,
    /// Links made.
    pub links: AtomicU64,
}

/// Runs one logger against `gateway` until `stop` turns true. Never gives up: a broken link is made again.
pub async fn run(
    mut logger: Logger,
    gateway: SocketAddr,
    clock: Clock,
    traffic: Arc<Traffic>,
    mut stop: watch::Receiver<bool>,
) {
    let mut wait_ms = 200;
    while !*stop.borrow() {
        let link = tokio::select! {
            link = TcpStream::connect(gateway) => link,
            _ = stop.changed() => return,
        };
        match link {
            Ok(stream) => {
                traffic.links.fetch_add(1, Ordering::Relaxed);
                wait_ms = 200;
                logger.connected(clock());
                if let Err(cause) = talk(&mut logger, stream, &clock, &traffic, &mut stop).await {
                    tracing::debug!(mn = %logger.mn(), %cause, "simulated logger lost its link");
                }
                logger.disconnected();
            }
            Err(cause) => {
                tracing::debug!(mn = %logger.mn(), %cause, "simulated logger could not connect");
                wait_ms = (wait_ms * 2).min(RECONNECT_MS_MAX);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn talk(
    logger: &mut Logger,
    mut stream: TcpStream,
    clock: &Clock,
    traffic: &Traffic,
    stop: &mut watch::Receiver<bool>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = stream.split();
    let mut buffer = [0u8; 2048];
    loop {
        for step in logger.poll(clock()) {
            match step {
                Step::Send(bytes) => {
                    traffic.packets.fetch_add(1, Ordering::Relaxed);
                    writer.write_all(&bytes).await?;
                }
                Step::Trickle(bytes) => {
                    traffic.packets.fetch_add(1, Ordering::Relaxed);
                    for piece in bytes.chunks(TRICKLE_BYTES) {
                        writer.write_all(piece).await?;
                        tokio::time::sleep(Duration::from_millis(3)).await;
                    }
                }
                Step::Reconnect => return writer.shutdown().await,
            }
        }
        let sleep_ms = (logger.wake_at().0 - clock().0).clamp(1, 60_000) as u64;
        tokio::select! {
            read = reader.read(&mut buffer) => {
                let count = read?;
                if count == 0 {
                    return Ok(());
                }
                logger.received(clock(), &buffer[..count]);
            }
            () = tokio::time::sleep(Duration::from_millis(sleep_ms)) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
}
