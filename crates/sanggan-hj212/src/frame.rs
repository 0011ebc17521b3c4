//! Where a packet begins and ends.

/// How much a peer may make the decoder hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest data segment in bytes. The standard says 1024; the four digits of the length allow 9999.
    pub max_segment: usize,
    /// How many bytes may go by without a packet before the peer counts as not speaking the protocol.
    pub max_garbage: u64,
    /// Most fields of one data area that are read.
    pub max_fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_segment: 9999, max_garbage: 64 * 1024, max_fields: 2000 }
    }
}
