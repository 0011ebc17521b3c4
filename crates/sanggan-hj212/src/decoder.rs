//! Bytes become messages.

use crate::{DecodeError, Defect, Found, Key, Limits, Message, Value};

/// A packet that was read, with its bytes and everything that was wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// The bytes as received, from `##` to the check code; the line end is not part of it.
    pub raw: Vec<u8>,
    /// What it says.
    pub message: Message,
    /// What is wrong with it, in the order found.
    pub defects: Vec<Found>,
    /// The length as declared, if four digits were there.
    pub declared_len: Option<u32>,
    /// The length of the data segment as found.
    pub segment_len: u32,
    /// The check code as sent, if there was one.
    pub crc_given: Option<u16>,
    /// The check code as it should be.
    pub crc: u16,
    /// Bytes skipped before this packet because they belong to none.
    pub skipped: u64,
    /// Whether the data area came encrypted (and was decrypted if [`Defect::Encrypted`] is absent).
    pub encrypted: bool,
}

/// Why a packet's values are not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotUsable {
    /// The check code does not fit the bytes.
    CrcMismatch,
    /// There is no check code.
    CrcUnreadable,
    /// The packet is cut short.
    Truncated,
    /// The data area is encrypted and no fitting key was given.
    Encrypted,
}

/// Whether a packet's values may be used.
///
/// * Length and check code right: the packet is *whole* and usable.
/// * Check code right for the segment as found, length wrong: usable, with [`Defect::LengthMismatch`].
/// * CRC-16/MODBUS instead of the standard's code, fitting: usable, with [`Defect::CrcModbus`].
/// * Check code wrong or missing, packet cut short, or encrypted without key: not usable, because nothing
///   proves a single digit. The packet is kept and shown; the standard says to drop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    /// The values may be used.
    Yes,
    /// They may not.
    No(NotUsable),
}

impl Decoded {
    /// Whether the packet's values may be used; see [`Usable`] for the rule.
    pub fn usable(&self) -> Usable {
        todo!()
    }

    /// Whether length and check code are as the standard says.
    pub fn whole(&self) -> bool {
        todo!()
    }

    /// Whether the packet is usable.
    pub fn trustworthy(&self) -> bool {
        self.usable() == Usable::Yes
    }

    /// Whether this defect was found.
    pub fn has(&self, defect: Defect) -> bool {
        self.defects.iter().any(|found| found.defect == defect)
    }

    /// The text that a defect concerns; empty when it concerns the whole packet.
    pub fn excerpt(&self, found: &Found) -> &str {
        let (from, to) = (found.at as usize, found.at as usize + found.len as usize);
        self.message.text().get(from..to).unwrap_or_default()
    }

    /// The numeric values; none when the packet is not usable.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.trustworthy().then(|| self.message.values()).into_iter().flatten()
    }
}

/// Takes the bytes of one stream and gives its packets.
///
/// Push what was read, then call [`Decoder::next_message`] until it gives `None`; the decoder then holds no
/// more than one unfinished packet.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    limits: Limits,
    key: Option<Key>,
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    pub fn new(limits: Limits) -> Decoder {
        Decoder { limits, key: None }
    }

    /// The key for encrypted data areas (2025) from here on.
    pub fn set_key(&mut self, key: Option<Key>) {
        self.key = key;
    }

    /// Takes bytes.
    pub fn push(&mut self, _bytes: &[u8]) {
        let _ = self.limits;
        todo!()
    }

    /// The next packet, or `None` until more bytes come.
    ///
    /// # Errors
    /// [`DecodeError`]; ask [`DecodeError::can_continue`] whether to call again.
    pub fn next_message(&mut self) -> Result<Option<Decoded>, DecodeError> {
        let mut decoded = Decoded::default();
        Ok(self.next_into(&mut decoded)?.then_some(decoded))
    }

    /// The same into a value whose memory is used again; true when it was filled.
    ///
    /// # Errors
    /// As [`Decoder::next_message`].
    pub fn next_into(&mut self, _decoded: &mut Decoded) -> Result<bool, DecodeError> {
        todo!()
    }

    /// The stream has ended: what is left is the last packet, whole or not. Call until it gives `None`.
    ///
    /// # Errors
    /// As [`Decoder::next_message`].
    pub fn finish(&mut self) -> Result<Option<Decoded>, DecodeError> {
        todo!()
    }

    /// How many bytes wait for the rest of their packet.
    pub fn pending(&self) -> usize {
        todo!()
    }
}

/// Reads one recorded packet, e.g. one line of a file, with or without its line end.
///
/// # Errors
/// [`DecodeError`] when there is no packet in it.
pub fn decode_packet(_bytes: &[u8], _key: Option<&Key>) -> Result<Decoded, DecodeError> {
    todo!()
}

/// Reads a bare data segment (no `##`, length, check code). It counts as usable: the caller vouches for it.
///
/// # Errors
/// [`DecodeError::NoFields`].
pub fn decode_segment(_text: &str) -> Result<Decoded, DecodeError> {
    todo!()
}

/// Splits one recorded line into its packets when several were written on it.
pub fn split_line(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::once(line)
}
