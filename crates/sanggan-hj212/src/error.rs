//! What stops a packet from giving anything at all.

/// Nothing usable came out.
///
/// Each variant that concerns a packet carries its bytes, so that the caller can keep them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There was no `##` in a recorded packet.
    #[error("could not find the start `##` in {} bytes", raw.len())]
    NoStart {
        /// The bytes as given.
        raw: Vec<u8>,
    },
    /// A packet was found, but no field of any edition in it.
    #[error("could not read a field in a packet of {} bytes", raw.len())]
    NoFields {
        /// The packet as received.
        raw: Vec<u8>,
    },
    /// No end of the packet within the limit; the search goes on at the next `##`.
    #[error("could not find the end of a packet within {limit} bytes")]
    TooLong {
        /// The packet as far as received.
        raw: Vec<u8>,
        /// The limit in bytes.
        limit: usize,
    },
    /// The peer sent many bytes that are no packet: it does not speak this protocol.
    #[error("could not find a packet in {skipped} bytes")]
    Garbage {
        /// How many bytes were skipped.
        skipped: u64,
    },
}

impl DecodeError {
    /// Whether it makes sense to read on. If not, close the link.
    pub fn can_continue(&self) -> bool {
        !matches!(self, DecodeError::Garbage { .. })
    }

    /// The stable code, as counted in tallies and logs.
    pub fn code(&self) -> &'static str {
        match self {
            DecodeError::NoStart { .. } => "no_start",
            DecodeError::NoFields { .. } => "no_fields",
            DecodeError::TooLong { .. } => "too_long",
            DecodeError::Garbage { .. } => "garbage",
        }
    }

    /// The bytes concerned, where they were kept.
    pub fn raw(&self) -> &[u8] {
        match self {
            DecodeError::NoStart { raw }
            | DecodeError::NoFields { raw }
            | DecodeError::TooLong { raw, .. } => raw,
            DecodeError::Garbage { .. } => &[],
        }
    }
}
