//! What the gateway's operations may fail with.

use std::net::SocketAddr;

use sanggan_base::{Cadence, ErrorCode, Mn};
use sanggan_lake::LakeError;
use sanggan_store::StoreError;

/// Says what was attempted, on what, and why it failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The address cannot be listened on.
    #[error("could not listen for data loggers on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The lake did not do its part.
    #[error("could not {attempt}")]
    Lake {
        /// What was attempted, as a verb with its subject.
        attempt: &'static str,
        /// Why.
        #[source]
        source: LakeError,
    },
    /// The store did not do its part.
    #[error("could not {attempt}")]
    Store {
        /// What was attempted, as a verb with its subject.
        attempt: &'static str,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The intake is closed, or the lake behind it.
    #[error("the intake is closed")]
    Closed,
    /// No admitted device has this number.
    #[error("there is no admitted device `{0}`")]
    NoDevice(Mn),
    /// The device has no connection on which it could be told anything.
    #[error("device `{0}` is not connected")]
    NotConnected(Mn),
    /// Devices keep no history of this cadence.
    #[error("no device keeps a history of {0} values")]
    NoHistory(Cadence),
    /// The command cannot be written as a packet.
    #[error("could not write the command for device `{mn}`")]
    Encode {
        /// The device.
        mn: Mn,
        /// Why.
        #[source]
        source: sanggan_hj212::EncodeError,
    },
    /// The device did not answer.
    #[error("device `{mn}` did not answer the command, sent {sent} times")]
    NoAnswer {
        /// The device.
        mn: Mn,
        /// How often the command was sent.
        sent: u32,
    },
}

impl GatewayError {
    /// The word a client may act on.
    pub fn code(&self) -> ErrorCode {
        match self {
            GatewayError::Listen { .. } | GatewayError::Closed => ErrorCode::Unavailable,
            GatewayError::Lake { .. } => ErrorCode::Unavailable,
            GatewayError::Store { source, .. } => source.code(),
            GatewayError::NoDevice(_) => ErrorCode::NotFound,
            GatewayError::NotConnected(_) => ErrorCode::Conflict,
            GatewayError::Encode { .. } | GatewayError::NoHistory(_) => ErrorCode::BadInput,
            GatewayError::NoAnswer { .. } => ErrorCode::Unavailable,
        }
    }
}

/// For `map_err`: names the attempt.
pub(crate) fn lake(attempt: &'static str) -> impl FnOnce(LakeError) -> GatewayError {
    move |source| match source {
        LakeError::Closed => GatewayError::Closed,
        source => GatewayError::Lake { attempt, source },
    }
}

/// For `map_err`: names the attempt.
pub(crate) fn store(attempt: &'static str) -> impl FnOnce(StoreError) -> GatewayError {
    move |source| GatewayError::Store { attempt, source }
}
