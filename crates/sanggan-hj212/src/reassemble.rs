//! Joining the parts of split messages.

use sanggan_base::Millis;

use crate::{
    Decoded, Defect, Found, Limits, Message,
    parse::{Scratch, parse_segment},
};

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
    limits: ReassemblyLimits,
    /// Oldest first.
    open: Vec<Open>,
    bytes: usize,
}

#[derive(Debug)]
struct Open {
    last_at: Millis,
    of: u16,
    /// By part number.
    parts: Vec<Decoded>,
}

impl Open {
    fn belongs(&self, message: &Message) -> bool {
        let first = &self.parts[0].message;
        let same = |a: Option<&str>, b: Option<&str>| a.is_some() && a == b;
        Some(self.of) == message.pnum()
            && same(first.mn_text(), message.mn_text())
            && first.st_text() == message.st_text()
            && first.cn() == message.cn()
            && (same(first.qn(), message.qn()) || same(first.get("DataTime"), message.get("DataTime")))
    }

    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.raw.len()).sum()
    }
}

impl From<Open> for Incomplete {
    fn from(open: Open) -> Incomplete {
        Incomplete { of: open.of, parts: open.parts }
    }
}

impl Reassembler {
    /// One that holds nothing yet.
    pub fn new(limits: ReassemblyLimits) -> Reassembler {
        Reassembler { limits, ..Reassembler::default() }
    }

    /// Takes a packet received at `now`. Messages pushed out by the limits are added to `dropped`.
    ///
    /// A packet that is not usable or has no MN is never joined with others: it comes back as
    /// [`Joined::Single`].
    pub fn accept(&mut self, decoded: Decoded, now: Millis, dropped: &mut Vec<Incomplete>) -> Joined {
        let message = &decoded.message;
        let (Some(of), Some(number)) = (message.pnum(), message.pno()) else {
            return Joined::Single(Box::new(decoded));
        };
        let numbered = (1..=of).contains(&number) && of <= self.limits.max_parts;
        if !message.is_split() || !numbered || !decoded.trustworthy() || message.mn_text().is_none() {
            return Joined::Single(Box::new(decoded));
        }
        let index = self.open.iter().position(|open| open.belongs(message)).unwrap_or_else(|| {
            self.open.push(Open { last_at: now, of, parts: Vec::new() });
            self.open.len() - 1
        });
        let open = &mut self.open[index];
        let place = match open.parts.binary_search_by_key(&Some(number), |part| part.message.pno()) {
            Ok(_) => return Joined::Repeated,
            Err(place) => place,
        };
        self.bytes += decoded.raw.len();
        open.last_at = now;
        open.parts.insert(place, decoded);
        let have = open.parts.len() as u16;
        if have == of {
            let open = self.remove(index);
            return Joined::Complete(open.parts);
        }
        while self.open.len() > self.limits.max_open || self.bytes > self.limits.max_bytes {
            let oldest = self.remove(0);
            dropped.push(oldest.into());
        }
        Joined::Waiting { have, of }
    }

    /// Gives up the messages whose next part is overdue at `now`.
    pub fn expire(&mut self, now: Millis) -> Vec<Incomplete> {
        let mut overdue = Vec::new();
        let mut index = 0;
        while index < self.open.len() {
            if now.0.saturating_sub(self.open[index].last_at.0) > self.limits.timeout_ms {
                overdue.push(self.remove(index).into());
            } else {
                index += 1;
            }
        }
        overdue
    }

    /// How many messages wait for parts.
    pub fn waiting(&self) -> usize {
        self.open.len()
    }

    fn remove(&mut self, index: usize) -> Open {
        let open = self.open.remove(index);
        self.bytes -= open.bytes();
        open
    }
}

/// The data areas of all parts as one message: the header of the first, the fields of all, a repeated
/// `DataTime` once. `None` without parts.
pub fn join(parts: &[Decoded]) -> Option<Decoded> {
    let (first, rest) = parts.split_first()?;
    let time = first.message.get("DataTime");
    let mut text = first.message.text().to_owned();
    text.truncate(text.len() - if text.ends_with("&&") { 2 } else { 0 });
    for part in rest {
        let repeated = |group: &&str| time.is_none_or(|time| group.strip_prefix("DataTime=") != Some(time));
        for group in part.message.cp().split(';').filter(repeated).filter(|group| !group.is_empty()) {
            text.push(';');
            text.push_str(group);
        }
    }
    text.push_str("&&");
    let mut joined =
        Decoded { declared_len: first.declared_len, crc_given: first.crc_given, ..Decoded::default() };
    joined.crc = first.crc;
    joined.encrypted = first.encrypted;
    joined.segment_len = first.segment_len;
    for part in parts {
        joined.raw.extend_from_slice(&part.raw);
        joined.skipped += part.skipped;
        for found in part.defects.iter().filter(|found| !joined_anew(found.defect)) {
            if !joined.has(found.defect) {
                joined.defects.push(Found { at: 0, len: 0, ..*found });
            }
        }
    }
    let limits = Limits::default();
    let max_fields = limits.max_fields.saturating_mul(parts.len());
    parse_segment(
        text.as_bytes(),
        max_fields,
        &mut Scratch::default(),
        &mut joined.message,
        &mut joined.defects,
    );
    joined.defects.retain(|found| !matches!(found.defect, Defect::SegmentTooLong | Defect::CpTooLong));
    Some(joined)
}

/// Defects that reading the joined text finds again, with their place.
fn joined_anew(defect: Defect) -> bool {
    !matches!(
        defect,
        Defect::LengthMismatch
            | Defect::LengthUnreadable
            | Defect::CrcModbus
            | Defect::MissingLineEnd
            | Defect::StrayBytes
            | Defect::TextGbk
            | Defect::TextUnreadable
    )
}
