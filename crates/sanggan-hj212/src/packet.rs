//! Messages become bytes.

use sanggan_base::Millis;

use crate::{Cn, Edition, Key, Message, St};

/// Why a packet cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A header value or field would break the packet.
    #[error("could not write `{field}`: `{text}` holds a character that separates fields")]
    BadText {
        /// The field.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// One group alone is longer than a packet may be.
    #[error("could not fit a group of {len} bytes into a data area of {max}")]
    GroupTooLong {
        /// Its length.
        len: usize,
        /// The longest allowed.
        max: usize,
    },
    /// More parts than the edition can number.
    #[error("could not number {parts} parts; the edition allows {max}")]
    TooManyParts {
        /// How many there would be.
        parts: usize,
        /// The most allowed.
        max: usize,
    },
}

/// A message about to be sent: header and groups of fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    /// The edition to follow.
    pub edition: Edition,
    /// Request number, 17 digits; `None` leaves it out.
    pub qn: Option<String>,
    /// System code.
    pub st: St,
    /// Command number.
    pub cn: Cn,
    /// Password; `None` leaves it out.
    pub pw: Option<String>,
    /// Device number; `None` leaves it out.
    pub mn: Option<String>,
    /// Whether the header has a `Flag` (2005 uploads have none).
    pub with_flag: bool,
    /// Whether an answer is wanted.
    pub answer: bool,
    /// Whether the data are sent again later (2025).
    pub resent: bool,
    /// The groups of the data area, each without `;`: `DataTime=…`, `w01018-Rtd=1.0,w01018-Flag=N`.
    pub groups: Vec<String>,
}

impl Packet {
    /// A packet with QN from `at`, flag without answer, and an empty data area.
    pub fn new(edition: Edition, st: St, cn: Cn, at: Millis) -> Packet {
        let _ = (edition, st, cn, at);
        todo!()
    }

    /// Sets MN and password.
    #[must_use]
    pub fn device(self, _mn: &str, _pw: &str) -> Packet {
        todo!()
    }

    /// Asks for an answer.
    #[must_use]
    pub fn wanting_answer(self) -> Packet {
        todo!()
    }

    /// Adds a group.
    #[must_use]
    pub fn group(self, _group: impl Into<String>) -> Packet {
        todo!()
    }

    /// A packet with the header and groups of a message read earlier.
    pub fn from_message(_message: &Message) -> Packet {
        todo!()
    }

    /// The packets as bytes: one, or several with PNUM and PNO when the data area is longer than 950 bytes.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode(&self) -> Result<Vec<Vec<u8>>, EncodeError> {
        todo!()
    }

    /// The same with the data area encrypted (2025).
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode_encrypted(&self, _key: &Key) -> Result<Vec<Vec<u8>>, EncodeError> {
        todo!()
    }
}

/// `##`, length, segment, check code, CR LF.
pub fn frame(_segment: &[u8]) -> Vec<u8> {
    todo!()
}
