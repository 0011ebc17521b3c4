//! Where a packet begins and ends.

use std::ops::Range;

use memchr::{memchr_iter, memmem};

use crate::{crc16, crc16_modbus};

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

/// How the check code at the end of a packet fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// The standard's code.
    Right,
    /// CRC-16/MODBUS.
    Modbus,
    /// Neither.
    Wrong,
    /// There are no four hexadecimal digits.
    Absent,
}

/// A packet found in a buffer that begins with its `##`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) segment: Range<usize>,
    /// Behind the check code; the line end is not included.
    pub(crate) end: usize,
    pub(crate) declared: Option<usize>,
    pub(crate) given: Option<u16>,
    pub(crate) crc: u16,
    pub(crate) check: Check,
    /// Another `##` or the end of input came before a check code.
    pub(crate) truncated: bool,
}

impl Extent {
    fn fits(&self) -> bool {
        matches!(self.check, Check::Right | Check::Modbus)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scan {
    More,
    Found(Extent),
    /// No end within this many bytes.
    TooLong(usize),
}

const HEAD: usize = 6;
const CRC: usize = 4;

/// Finds the end of the packet that begins at `buf[0..2] == "##"`.
///
/// HJ-1 rests on this: every rule below fires at the shortest prefix of the stream that allows it, and
/// whatever follows later changes nothing. So the earliest structural line end counts even when the declared
/// length says otherwise, and the declared length counts before any later mark.
pub(crate) fn scan(buf: &[u8], at_end: bool, limits: &Limits) -> Scan {
    if buf.len() < HEAD && !at_end {
        return Scan::More;
    }
    let digits = buf[2..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let declared = (digits == 4).then(|| buf[2..HEAD].iter().fold(0, |n, b| n * 10 + usize::from(b - b'0')));
    let body = 2 + digits;
    if let Some(length) = declared.filter(|&length| length <= limits.max_segment) {
        let end = HEAD + length + CRC;
        if let Some(extent) = line_ends(buf, body, end.min(buf.len()), declared) {
            // Two packets on one line are cut apart, unless the check code says that they are one.
            let one = extent.fits() || memmem::find(&buf[extent.segment.clone()], b"##").is_none();
            return if one {
                Scan::Found(extent)
            } else {
                without_length(buf, body, declared, at_end, limits)
            };
        }
        if buf.len() >= end {
            let extent = extent(buf, body, end, declared);
            let closed = buf[extent.segment.clone()].ends_with(b"&&") && extent.given.is_some();
            if extent.fits() || closed {
                return Scan::Found(extent);
            }
        } else if !at_end {
            return Scan::More;
        } else if let extent = extent(buf, body, buf.len(), declared)
            && extent.fits()
        {
            return Scan::Found(extent);
        }
    }
    without_length(buf, body, declared, at_end, limits)
}

/// The length is of no use: take the first mark that can be an end.
fn without_length(buf: &[u8], body: usize, declared: Option<usize>, at_end: bool, limits: &Limits) -> Scan {
    let limit = HEAD + limits.max_segment + CRC + 2;
    let window = &buf[..buf.len().min(limit + 2)];
    let next = memmem::find(&window[body.min(window.len())..], b"##").map(|at| body + at);
    let upto = next.unwrap_or(window.len());
    if let Some(extent) = line_ends(buf, body, upto, declared) {
        return Scan::Found(extent);
    }
    if next.is_none() && window.len() == limit + 2 {
        return Scan::TooLong(limit);
    }
    if next.is_none() && !at_end {
        return Scan::More;
    }
    let line = &buf[..upto];
    let end = upto - line.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let mut extent = extent(buf, body, end.max(body), declared);
    let closed = buf[extent.segment.clone()].ends_with(b"&&");
    if !extent.fits() && !closed {
        extent.segment = body..end.max(body);
        extent.given = None;
        extent.check = Check::Absent;
        extent.crc = crc16(&buf[extent.segment.clone()]);
        extent.truncated = true;
    }
    Scan::Found(extent)
}

/// The packet up to the first line end before `upto` that follows `&&` and a check code.
fn line_ends(buf: &[u8], body: usize, upto: usize, declared: Option<usize>) -> Option<Extent> {
    memchr_iter(b'\n', buf.get(body..upto)?).find_map(|at| {
        let line = &buf[..body + at];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let crc = line.len().checked_sub(CRC).filter(|&crc| crc >= body)?;
        (hex(&line[crc..]).is_some() && line[body..crc].ends_with(b"&&"))
            .then(|| extent(buf, body, line.len(), declared))
    })
}

/// The packet whose last four bytes before `end` should be the check code.
fn extent(buf: &[u8], body: usize, end: usize, declared: Option<usize>) -> Extent {
    let crc_at = end.saturating_sub(CRC).max(body);
    let given = hex(&buf[crc_at..end]);
    let segment = if given.is_some() { body..crc_at } else { body..end };
    let bytes = &buf[segment.clone()];
    let crc = crc16(bytes);
    let check = match given {
        None => Check::Absent,
        Some(given) if given == crc => Check::Right,
        Some(given) => {
            let modbus = crc16_modbus(bytes);
            if given == modbus || given == modbus.swap_bytes() { Check::Modbus } else { Check::Wrong }
        }
    };
    Extent { segment, end, declared, given, crc, check, truncated: false }
}

fn hex(digits: &[u8]) -> Option<u16> {
    let digits: &[u8; 4] = digits.try_into().ok()?;
    digits.iter().try_fold(0, |n, &digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'F' => digit - b'A' + 10,
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(n << 4 | u16::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, at_end: bool) -> String {
        let limits = Limits { max_segment: 40, ..Limits::default() };
        match scan(text.as_bytes(), at_end, &limits) {
            Scan::More => "more".into(),
            Scan::TooLong(limit) => format!("too long {limit}"),
            Scan::Found(e) => format!(
                "`{}` end {} {:?}{}",
                &text[e.segment],
                e.end,
                e.check,
                if e.truncated { " truncated" } else { "" }
            ),
        }
    }

    #[test]
    fn ends_of_packets() {
        let rows = [
            ("##00", false),
            ("##0009CP=&&A=1&&", false),
            ("##0010CP=&&A=1&&1E00", false),
            ("##0010CP=&&A=1&&BAD1", false),
            ("##0099CP=&&A=1&&1E00\r\n", false),
            ("##0005CP=&&A=1&&1E00", false),
            ("##0005CP=&&A=1&&1E00##", false),
            ("##0005CP=&&A=1&&1E00", true),
            ("##0030CP=&&A=1##0010CP=&&A=1&&1E00", true),
            ("##9CP=&&A=1&&1E00\n", false),
            ("##0030CP=&&A=1", true),
            ("##9CP=&&0123456789012345678901234567890123456789012345678901234567890123456789", false),
            ("##", true),
            ("##0000", true),
            ("##0000FFFF", false),
        ];
        let shown: String = rows
            .iter()
            .map(|(text, at_end)| format!("{text:?} {at_end}: {}\n", show(text, *at_end)))
            .collect();
        expect_test::expect![[r###"
            "##00" false: more
            "##0009CP=&&A=1&&" false: more
            "##0010CP=&&A=1&&1E00" false: `CP=&&A=1&&` end 20 Right
            "##0010CP=&&A=1&&BAD1" false: `CP=&&A=1&&` end 20 Wrong
            "##0099CP=&&A=1&&1E00\r\n" false: `CP=&&A=1&&` end 20 Right
            "##0005CP=&&A=1&&1E00" false: more
            "##0005CP=&&A=1&&1E00##" false: `CP=&&A=1&&` end 20 Right
            "##0005CP=&&A=1&&1E00" true: `CP=&&A=1&&` end 20 Right
            "##0030CP=&&A=1##0010CP=&&A=1&&1E00" true: `CP=&&A=1` end 14 Absent truncated
            "##9CP=&&A=1&&1E00\n" false: `CP=&&A=1&&` end 17 Right
            "##0030CP=&&A=1" true: `CP=&&A=1` end 14 Absent truncated
            "##9CP=&&0123456789012345678901234567890123456789012345678901234567890123456789" false: too long 52
            "##" true: `` end 2 Absent truncated
            "##0000" true: `` end 6 Absent truncated
            "##0000FFFF" false: `` end 10 Right
        "###]].assert_eq(&shown);
    }
}
