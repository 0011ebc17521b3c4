//! Bytes become messages.

use memchr::memmem;

use crate::{
    DecodeError, Defect, Edition, Found, Key, Limits, Message, Value, crc16,
    frame::{Check, Extent, Scan, scan},
    message::Span,
    parse::{Notes, Scratch, parse_segment, without_data_area},
    sm4::{decrypt_section, looks_encrypted, section_of},
};

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

impl NotUsable {
    /// The stable code, as counted in tallies.
    pub fn code(self) -> &'static str {
        match self {
            NotUsable::CrcMismatch => "crc_mismatch",
            NotUsable::CrcUnreadable => "crc_unreadable",
            NotUsable::Truncated => "truncated",
            NotUsable::Encrypted => "encrypted",
        }
    }
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
        let reasons = [
            (Defect::Truncated, NotUsable::Truncated),
            (Defect::Encrypted, NotUsable::Encrypted),
            (Defect::CrcUnreadable, NotUsable::CrcUnreadable),
            (Defect::CrcMismatch, NotUsable::CrcMismatch),
        ];
        for (defect, reason) in reasons {
            if self.has(defect) {
                return Usable::No(reason);
            }
        }
        Usable::Yes
    }

    /// Whether length and check code are as the standard says.
    pub fn whole(&self) -> bool {
        self.declared_len == Some(self.segment_len) && self.trustworthy() && self.crc_given == Some(self.crc)
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
        Span { at: found.at, len: found.len }.of(self.message.text())
    }

    /// The numeric values; none when the packet is not usable.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.trustworthy().then(|| self.message.values()).into_iter().flatten()
    }

    /// Fills `self` from the packet at the beginning of `buf`; false when it holds no field.
    fn fill(&mut self, buf: &[u8], extent: &Extent, context: &mut Context<'_>) -> bool {
        self.raw.clear();
        self.raw.extend_from_slice(&buf[..extent.end]);
        self.declared_len = extent.declared.map(|length| length as u32);
        self.segment_len = extent.segment.len() as u32;
        self.crc_given = extent.given;
        self.crc = extent.crc;
        self.encrypted = false;
        let segment = &buf[extent.segment.clone()];
        let mut notes = Notes::new(&mut self.defects);
        let mut add = |defect| notes.add(defect, Span::default());
        match extent.declared {
            None => add(Defect::LengthUnreadable),
            Some(length) if length != segment.len() => add(Defect::LengthMismatch),
            Some(_) => {}
        }
        if extent.truncated {
            add(Defect::Truncated);
        }
        // The code has only 256 values, so an encrypted area fits it by chance now and then.
        let suspect = extent.check == Check::Wrong || has_odd_bytes(segment);
        let opened = if suspect { open(segment, extent.given, context.key) } else { Opened::NotEncrypted };
        let plain = match opened {
            Opened::Plain(bytes) => {
                self.encrypted = true;
                self.crc = crc16(&bytes);
                Some(bytes)
            }
            Opened::Locked => {
                self.encrypted = true;
                add(Defect::Encrypted);
                Some(without_data_area(segment).into_owned())
            }
            Opened::NotEncrypted => {
                match extent.check {
                    Check::Right => {}
                    Check::Modbus => add(Defect::CrcModbus),
                    Check::Absent => add(Defect::CrcUnreadable),
                    Check::Wrong => add(Defect::CrcMismatch),
                }
                None
            }
        };
        let segment = plain.as_deref().unwrap_or(segment);
        parse_segment(
            segment,
            context.limits.max_fields,
            context.scratch,
            &mut self.message,
            &mut self.defects,
        )
    }
}

struct Context<'a> {
    limits: &'a Limits,
    key: Option<&'a Key>,
    scratch: &'a mut Scratch,
}

enum Opened {
    Plain(Vec<u8>),
    Locked,
    NotEncrypted,
}

/// Whether there is anything else than ASCII text.
fn has_odd_bytes(segment: &[u8]) -> bool {
    segment.iter().fold(false, |odd, &byte| odd | (byte < b' ') | (byte >= 0x80))
}

/// Decrypts the data area of a 2025 packet if that makes the check code fit.
fn open(segment: &[u8], given: Option<u16>, key: Option<&Key>) -> Opened {
    let Some(section) = section_of(segment).filter(|section| section.len() >= 16) else {
        return Opened::NotEncrypted;
    };
    if given.is_none() || !says_2025(&segment[..section.start]) {
        return Opened::NotEncrypted;
    }
    if let Some(key) = key {
        let mut plain = segment.to_vec();
        decrypt_section(key, &mut plain[section.clone()]);
        if Some(crc16(&plain)) == given && !looks_encrypted(&plain[section.clone()]) {
            return Opened::Plain(plain);
        }
    }
    if looks_encrypted(&segment[section]) { Opened::Locked } else { Opened::NotEncrypted }
}

/// Whether the header's flag has the version of 2025 or later.
fn says_2025(header: &[u8]) -> bool {
    let Some(at) = memmem::find(header, b"Flag=") else { return false };
    let digits = header[at + 5..].iter().take(3).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |flag, digit| flag * 10 + u32::from(digit - b'0')) >> 2
        >= u32::from(Edition::Y2025.version())
}

/// Takes the bytes of one stream and gives its packets.
///
/// Push what was read, then call [`Decoder::next_message`] until it gives `None`; the decoder then holds no
/// more than one unfinished packet.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    limits: Limits,
    key: Option<Key>,
    buf: Vec<u8>,
    start: usize,
    scratch: Scratch,
    /// Stray bytes since the last packet, to be told with the next.
    skipped: u64,
    /// Bytes since the last packet with a field in it.
    fruitless: u64,
    /// The stray bytes before the next packet have begun.
    in_garbage: bool,
    /// A packet came, and no line end after it yet.
    line_open: bool,
    /// The next packet follows one without line end.
    line_missing: bool,
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    pub fn new(limits: Limits) -> Decoder {
        Decoder { limits, ..Decoder::default() }
    }

    /// The key for encrypted data areas (2025) from here on.
    pub fn set_key(&mut self, key: Option<Key>) {
        self.key = key;
    }

    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 && (self.start >= self.buf.len() / 2 || self.start > 1 << 16) {
            self.buf.drain(..self.start);
            self.start = 0;
        }
        self.buf.extend_from_slice(bytes);
    }

    /// The next packet, or `None` until more bytes come.
    ///
    /// # Errors
    /// [`DecodeError`]; ask [`DecodeError::can_continue`] whether to call again.
    pub fn next_message(&mut self) -> Result<Option<Decoded>, DecodeError> {
        let mut decoded = Decoded::default();
        Ok(self.advance(&mut decoded, false)?.then_some(decoded))
    }

    /// The same into a value whose memory is used again; true when it was filled.
    ///
    /// # Errors
    /// As [`Decoder::next_message`].
    pub fn next_into(&mut self, decoded: &mut Decoded) -> Result<bool, DecodeError> {
        self.advance(decoded, false)
    }

    /// The stream has ended: what is left is the last packet, whole or not. Call until it gives `None`.
    ///
    /// # Errors
    /// As [`Decoder::next_message`].
    pub fn finish(&mut self) -> Result<Option<Decoded>, DecodeError> {
        let mut decoded = Decoded::default();
        Ok(self.advance(&mut decoded, true)?.then_some(decoded))
    }

    /// How many bytes wait for the rest of their packet.
    pub fn pending(&self) -> usize {
        self.buf.len() - self.start
    }

    /// How many stray bytes were skipped since the last packet; the next packet tells them too.
    pub fn stray(&self) -> u64 {
        self.skipped
    }

    fn advance(&mut self, decoded: &mut Decoded, at_end: bool) -> Result<bool, DecodeError> {
        if !self.seek(at_end)? {
            return Ok(false);
        }
        match scan(&self.buf[self.start..], at_end, &self.limits) {
            Scan::More => Ok(false),
            Scan::TooLong(limit) => {
                let raw = self.buf[self.start..self.start + limit].to_vec();
                self.consume(limit);
                self.fruitless += limit as u64;
                self.check_garbage()?;
                Err(DecodeError::TooLong { raw, limit })
            }
            Scan::Found(extent) => self.deliver(&extent, decoded),
        }
    }

    fn deliver(&mut self, extent: &Extent, decoded: &mut Decoded) -> Result<bool, DecodeError> {
        decoded.defects.clear();
        decoded.skipped = self.skipped;
        let mut notes = Notes::new(&mut decoded.defects);
        if self.skipped > 0 {
            notes.add(Defect::StrayBytes, Span::default());
        }
        if std::mem::take(&mut self.line_missing) {
            notes.add(Defect::MissingLineEnd, Span::default());
        }
        let mut context =
            Context { limits: &self.limits, key: self.key.as_ref(), scratch: &mut self.scratch };
        let useful = decoded.fill(&self.buf[self.start..], extent, &mut context);
        self.consume(extent.end);
        self.line_open = true;
        self.in_garbage = false;
        if useful {
            self.skipped = 0;
            self.fruitless = 0;
            return Ok(true);
        }
        self.fruitless += extent.end as u64;
        self.check_garbage()?;
        Err(DecodeError::NoFields { raw: std::mem::take(&mut decoded.raw) })
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.buf.len() {
            self.buf.clear();
            self.start = 0;
        }
    }

    /// Moves to the next `##`; false when there is none yet.
    fn seek(&mut self, at_end: bool) -> Result<bool, DecodeError> {
        if !self.in_garbage {
            let space =
                self.buf[self.start..].iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t'));
            let count = space.count();
            if self.buf[self.start..self.start + count].iter().any(|b| matches!(b, b'\r' | b'\n')) {
                self.line_open = false;
            }
            self.consume(count);
        }
        let rest = &self.buf[self.start..];
        match memmem::find(rest, b"##") {
            Some(at) => {
                // Of `###0123` the last two belong to the packet.
                let extra = rest[at + 2..].iter().take_while(|b| **b == b'#').count();
                let undecided = at + 2 + extra == rest.len() && !at_end;
                self.skip(at + extra)?;
                if undecided {
                    return Ok(false);
                }
                if std::mem::take(&mut self.line_open) {
                    self.line_missing = !self.in_garbage;
                }
                Ok(true)
            }
            None => {
                let keep = usize::from(rest.ends_with(b"#") && !at_end);
                self.skip(rest.len() - keep)?;
                Ok(false)
            }
        }
    }

    /// Passes over stray bytes, no further than the limit.
    fn skip(&mut self, count: usize) -> Result<(), DecodeError> {
        let room = self.limits.max_garbage.saturating_sub(self.fruitless);
        let count = count.min(usize::try_from(room).unwrap_or(usize::MAX));
        self.in_garbage |= count > 0;
        self.skipped += count as u64;
        self.fruitless += count as u64;
        self.consume(count);
        self.check_garbage()
    }

    fn check_garbage(&mut self) -> Result<(), DecodeError> {
        if self.fruitless < self.limits.max_garbage {
            return Ok(());
        }
        Err(DecodeError::Garbage { skipped: std::mem::take(&mut self.fruitless) })
    }
}

/// Reads one recorded packet, e.g. one line of a file, with or without its line end.
///
/// # Errors
/// [`DecodeError`] when there is no packet in it.
pub fn decode_packet(bytes: &[u8], key: Option<&Key>) -> Result<Decoded, DecodeError> {
    let mut decoded = Decoded::default();
    decode_packet_into(bytes, key, &mut decoded)?;
    Ok(decoded)
}

/// The same into a value whose memory is used again.
///
/// # Errors
/// As [`decode_packet`]; the value then holds nothing of use.
pub fn decode_packet_into(bytes: &[u8], key: Option<&Key>, decoded: &mut Decoded) -> Result<(), DecodeError> {
    let ends = bytes.iter().rev().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let line = &bytes[..bytes.len() - ends];
    let limits = Limits { max_segment: line.len().max(Limits::default().max_segment), ..Limits::default() };
    let at = memmem::find(line, b"##").ok_or_else(|| DecodeError::NoStart { raw: line.to_vec() })?;
    let at = at + line[at + 2..].iter().take_while(|b| **b == b'#').count();
    let packet = &line[at..];
    let Scan::Found(extent) = scan(packet, true, &limits) else {
        return Err(DecodeError::TooLong { raw: line.to_vec(), limit: limits.max_segment });
    };
    let behind = &packet[extent.end..];
    let behind = &behind[behind.iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t')).count()..];
    decoded.defects.clear();
    decoded.skipped = (at + behind.len()) as u64;
    let mut notes = Notes::new(&mut decoded.defects);
    if memmem::find(behind, b"##").is_some() {
        decoded.skipped = at as u64;
        notes.add(Defect::MergedPackets, Span::default());
    }
    if decoded.skipped > 0 {
        notes.add(Defect::StrayBytes, Span::default());
    }
    let scratch = &mut Scratch::default();
    if decoded.fill(packet, &extent, &mut Context { limits: &limits, key, scratch }) {
        Ok(())
    } else {
        Err(DecodeError::NoFields { raw: line.to_vec() })
    }
}

/// Reads a bare data segment (no `##`, length, check code). It counts as usable: the caller vouches for it.
///
/// # Errors
/// [`DecodeError::NoFields`].
pub fn decode_segment(text: &str) -> Result<Decoded, DecodeError> {
    let mut decoded = Decoded { raw: text.as_bytes().to_vec(), ..Decoded::default() };
    decoded.segment_len = text.len() as u32;
    decoded.crc = crc16(text.as_bytes());
    let limits = Limits::default();
    let scratch = &mut Scratch::default();
    let bytes = text.as_bytes();
    if parse_segment(bytes, limits.max_fields, scratch, &mut decoded.message, &mut decoded.defects) {
        Ok(decoded)
    } else {
        Err(DecodeError::NoFields { raw: decoded.raw })
    }
}

/// Splits one recorded line into its packets when several were written on it.
///
/// Each piece goes to [`decode_packet`]; a line without any `##` comes back as it is.
pub fn split_line(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let piece = rest?;
        let next = memmem::find(piece, b"##").and_then(|at| {
            let packet = &piece[at..];
            let limits =
                Limits { max_segment: packet.len().max(Limits::default().max_segment), ..Limits::default() };
            let Scan::Found(extent) = scan(packet, true, &limits) else { return None };
            let end = at + extent.end;
            memmem::find(&piece[end..], b"##").map(|next| end + next)
        });
        rest = next.map(|at| &piece[at..]);
        Some(&piece[..next.unwrap_or(piece.len())])
    })
}
