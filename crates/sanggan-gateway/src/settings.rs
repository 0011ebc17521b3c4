//! What an operator may set about the gateway.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The bounds within which the gateway works. [`GatewaySettings::default`] suits a city.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// Where data loggers connect.
    pub listen: SocketAddr,
    /// Most connections at once; the next one is closed at once and counted as refused.
    pub connections_max: usize,
    /// Most connections at once from one address (many loggers may share one by NAT).
    pub connections_per_peer_max: usize,
    /// A connection that sends no complete packet for this long is closed.
    pub idle_timeout: Duration,
    /// A packet must be complete this long after its first byte, however slowly its bytes come.
    pub frame_deadline: Duration,
    /// The peer must take an answer within this time.
    pub write_timeout: Duration,
    /// A peer that sends this many bytes in a row that belong to no packet is disconnected.
    pub garbage_bytes_max: usize,
    /// Packets of one connection that may wait for the disk at once; then its socket is not read.
    pub in_flight_max: usize,
    /// Packets of all connections that may wait for the disk at once; then no socket is read.
    pub queue_frames: usize,
    /// Most packets handed to the lake in one batch.
    pub batch_frames: usize,
    /// First wait after the lake could not store a batch; it doubles up to `retry_max`.
    pub retry_min: Duration,
    /// Longest wait between two tries to store a batch.
    pub retry_max: Duration,
    /// Packets remembered a device, to know repeats by.
    pub remembered_per_device: usize,
    /// Unknown devices of which a state is kept; packets of further ones are kept without being listed.
    pub unknown_devices_max: usize,
    /// How far back stored packets are read at start to know repeats and last-seen times.
    pub recall: Duration,
    /// Most packets read for that.
    pub recall_frames_max: usize,
    /// Whether packets of devices that are not admitted are answered (they are durable all the same).
    pub answer_quarantined: bool,
    /// Whether a device that asks for the time (CN 1013) is set to the platform's (CN 1012).
    pub set_clock_on_request: bool,
    /// How long the platform waits for the answer to a command before it sends it again (OverTime).
    pub command_timeout: Duration,
    /// How often a command is sent again (ReCount).
    pub command_resends: u32,
    /// How long the platform waits for a command's result, counted from the last sign of progress.
    pub execution_timeout: Duration,
    /// How often device states are recomputed and quarantine counts written.
    pub housekeeping: Duration,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        GatewaySettings {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 9212)),
            connections_max: 12_000,
            connections_per_peer_max: 12_000,
            idle_timeout: Duration::from_secs(30 * 60),
            frame_deadline: Duration::from_secs(30),
            write_timeout: Duration::from_secs(10),
            garbage_bytes_max: 64 * 1024,
            in_flight_max: 64,
            queue_frames: 8_192,
            batch_frames: 4_096,
            retry_min: Duration::from_millis(50),
            retry_max: Duration::from_secs(5),
            remembered_per_device: 64,
            unknown_devices_max: 10_000,
            recall: Duration::from_secs(24 * 3600),
            recall_frames_max: 200_000,
            answer_quarantined: true,
            set_clock_on_request: true,
            command_timeout: Duration::from_secs(10),
            command_resends: 3,
            execution_timeout: Duration::from_secs(60),
            housekeeping: Duration::from_secs(2),
        }
    }
}
