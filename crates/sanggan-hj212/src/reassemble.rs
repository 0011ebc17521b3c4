//! Joining the parts of split messages.

use sanggan_base::Millis;

use crate::Decoded;

/// How much waiting parts may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReassemblyLimits {
    /// Most messages that may be waiting for parts; the oldest goes first.
    pub max_open: usize,
    /// Most parts of one message.
    pub max_parts: u16,
    /// Most bytes that all waiting parts may hold.
    pub max_bytes: usize,
    /// How long a message waits for its next part.
    pub timeout_ms: i64,
}

impl Default for ReassemblyLimits {
    fn default() -> Self {
        ReassemblyLimits { max_open: 64, max_parts: 99, max_bytes: 1 << 20, timeout_ms: 60_000 }
    }
}

/// What became of a packet given to the [`Reassembler`].
#[derive(Debug, Clone, PartialEq)]
pub enum Joined {
    /// It was not split; here it is again.
    Single(Box<Decoded>),
    /// It is kept until the other parts come.
    Waiting {
        /// How many parts are there.
        have: u16,
        /// How many there will be.
        of: u16,
    },
    /// A part that is there already.
    Repeated,
    /// The last missing part came: all parts by number.
    Complete(Vec<Decoded>),
}

/// A message whose parts did not all come.
#[derive(Debug, Clone, PartialEq)]
pub struct Incomplete {
    /// How many parts there should be.
    pub of: u16,
    /// The parts that came, by number.
    pub parts: Vec<Decoded>,
}

/// Joins split messages of any number of devices.
///
/// Parts belong together when MN, ST, CN and PNUM agree and QN or DataTime does: the text of 2017 wants one QN
/// for all parts, its examples C.49 and C.50 count it up.
#[derive(Debug, Default)]
pub struct Reassembler {
    _limits: ReassemblyLimits,
}

impl Reassembler {
    /// One that holds nothing yet.
    pub fn new(limits: ReassemblyLimits) -> Reassembler {
        Reassembler { _limits: limits }
    }

    /// Takes a packet received at `now`. Messages pushed out by the limits are in `dropped`.
    pub fn accept(&mut self, _decoded: Decoded, _now: Millis, _dropped: &mut Vec<Incomplete>) -> Joined {
        todo!()
    }

    /// Gives up the messages whose next part is overdue at `now`.
    pub fn expire(&mut self, _now: Millis) -> Vec<Incomplete> {
        todo!()
    }
}

/// The data areas of all parts as one message: the header of the first, the fields of all.
pub fn join(_parts: &[Decoded]) -> Option<Decoded> {
    todo!()
}
