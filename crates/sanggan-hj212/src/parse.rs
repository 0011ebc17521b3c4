//! A data segment becomes a message.

use std::borrow::Cow;

use encoding_rs::GBK;
use sanggan_base::Flag;

use crate::{
    Cn, Defect, Edition, Found, PacketFlag, St, Suffix,
    mark::Marks,
    message::{Head, Message, Slot, Span},
    number::parse_number,
    parse_stamp,
};

/// The longest data segment and data area that need not be split (HJ 212-2017 clause 6.3.2).
const MAX_SEGMENT: usize = 1024;
const MAX_CP: usize = 950;
/// Fields of the data area that hold a time.
const TIMES: [&str; 7] =
    ["DataTime", "BeginTime", "EndTime", "SystemTime", "RestartTime", "AlarmTime", "SKCreateTime"];
/// Fields of the data area that hold none; known so that their letter case can be judged.
const NAMES: [&str; 15] = [
    "RtdInterval",
    "MinInterval",
    "OverTime",
    "ReCount",
    "NewPW",
    "QnRtn",
    "ExeRtn",
    "PolId",
    "InfoId",
    "CstartTime",
    "Ctime",
    "CTime",
    "Stime",
    "VaseNo",
    "NewSK",
];

/// The defects found so far: each kind once, at its first place.
pub(crate) struct Notes<'a> {
    list: &'a mut Vec<Found>,
    seen: u64,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(list: &'a mut Vec<Found>) -> Self {
        let seen = list.iter().fold(0, |seen, found| seen | 1 << found.defect as u8);
        Notes { list, seen }
    }

    pub(crate) fn add(&mut self, defect: Defect, span: Span) {
        const { assert!(Defect::ALL.len() <= 64) };
        let bit = 1 << defect as u8;
        if self.seen & bit == 0 {
            self.seen |= bit;
            self.list.push(Found { defect, at: span.at, len: span.len });
        }
    }

    pub(crate) fn whole(&mut self, defect: Defect) {
        self.add(defect, Span::default());
    }
}

/// Memory that is used again from packet to packet.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    keys: Vec<u64>,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch { keys: Vec::with_capacity(128) }
    }
}

/// Reads `segment` into `message`; false when not a single field of any edition was in it.
pub(crate) fn parse_segment(
    segment: &[u8],
    max_fields: usize,
    scratch: &mut Scratch,
    message: &mut Message,
    defects: &mut Vec<Found>,
) -> bool {
    let mut text = std::mem::take(&mut message.text);
    let mut slots = std::mem::take(&mut message.slots);
    text.clear();
    slots.clear();
    *message = Message::default();
    let mut notes = Notes::new(defects);
    read_text(segment, &mut text, &mut notes);
    if segment.len() > MAX_SEGMENT {
        notes.whole(Defect::SegmentTooLong);
    }
    let mut parser = Parser {
        text: &text,
        notes,
        message: &mut *message,
        slots,
        keys: &mut scratch.keys,
        max_fields,
        stray: 0,
    };
    parser.keys.clear();
    let cp = parser.header();
    parser.header_values();
    if let Some(cp) = cp {
        parser.data_area(cp);
    }
    parser.finish(cp.is_some());
    let slots = std::mem::take(&mut parser.slots);
    let head = &message.head;
    let any = [head.qn, head.st, head.cn, head.pw, head.mn].iter().any(Option::is_some);
    let any = any || !slots.is_empty();
    message.slots = slots;
    message.text = text;
    any
}

fn read_text(segment: &[u8], text: &mut String, notes: &mut Notes<'_>) {
    match std::str::from_utf8(segment) {
        Ok(utf8) => text.push_str(utf8),
        Err(_) => match GBK.decode_without_bom_handling_and_without_replacement(segment) {
            Some(gbk) => {
                text.push_str(&gbk);
                notes.whole(Defect::TextGbk);
            }
            None => {
                text.push_str(&String::from_utf8_lossy(segment));
                notes.whole(Defect::TextUnreadable);
            }
        },
    }
    if segment.iter().fold(false, |any, &byte| any | (byte < b' ')) {
        let at = |wanted: fn(&char) -> bool| {
            let place = text.char_indices().find(|(_, c)| wanted(c))?.0;
            Some(Span { at: place as u32, len: 1 })
        };
        if let Some(span) = at(|c| *c == '\0') {
            notes.add(Defect::NulByte, span);
        }
        if let Some(span) = at(|c| *c < ' ' && *c != '\0') {
            notes.add(Defect::ControlByte, span);
        }
    }
}

pub(crate) struct Parser<'a, 'd> {
    pub(crate) text: &'a str,
    pub(crate) notes: Notes<'d>,
    pub(crate) message: &'a mut Message,
    pub(crate) slots: Vec<Slot>,
    /// One number per slot; equal names have equal numbers.
    pub(crate) keys: &'a mut Vec<u64>,
    max_fields: usize,
    /// Flags that found no value of their code before them in their group.
    pub(crate) stray: u32,
}

impl<'a> Parser<'a, '_> {
    pub(crate) fn span(&self, from: usize, to: usize) -> Span {
        Span { at: from as u32, len: (to - from) as u32 }
    }

    /// Without the white space around it, which is a defect.
    #[inline]
    fn trimmed(&mut self, from: usize, to: usize) -> Span {
        let bytes = self.text.as_bytes();
        let is_tight = |at: usize| bytes.get(at).is_some_and(|b| *b > b' ');
        if from < to && is_tight(from) && is_tight(to - 1) || from == to {
            return self.span(from, to);
        }
        self.trimmed_of_space(from, to)
    }

    #[cold]
    fn trimmed_of_space(&mut self, from: usize, to: usize) -> Span {
        let bytes = self.text.as_bytes();
        let (mut a, mut b) = (from, to);
        while a < b && matches!(bytes[a], b' ' | b'\t' | b'\r' | b'\n') {
            a += 1;
        }
        while a < b && matches!(bytes[b - 1], b' ' | b'\t' | b'\r' | b'\n') {
            b -= 1;
        }
        let span = self.span(a, b);
        if (a, b) != (from, to) {
            self.notes.add(Defect::StraySpace, self.span(from, to));
        }
        span
    }

    /// Reads up to the data area and says where it begins (behind `CP=`).
    fn header(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let begin = at + bytes[at..].iter().take_while(|b| **b == b' ').count();
            if let [c @ (b'C' | b'c'), p @ (b'P' | b'p'), b'=', ..] = bytes[begin..] {
                if (c, p) != (b'C', b'P') {
                    self.notes.add(Defect::FieldCase, self.span(begin, begin + 2));
                }
                return Some(begin + 3);
            }
            let marks = Marks::find(bytes, at);
            let end = marks.stop;
            if bytes.get(end) == Some(&b',') {
                self.notes.add(Defect::SeparatorConfusion, self.span(at, end + 1));
            }
            self.header_field(at, &marks);
            at = end + 1;
        }
        None
    }

    fn header_field(&mut self, from: usize, marks: &Marks) {
        let to = marks.stop;
        if from == to {
            return self.notes.add(Defect::TrailingSeparator, self.span(from, to));
        }
        let Some(equals) = marks.equals else {
            return self.notes.add(Defect::MalformedField, self.span(from, to));
        };
        let key = self.trimmed(from, equals);
        let value = self.trimmed(equals + 1, to);
        let name = key.of(self.text);
        let Some((place, exact)) = head_place(&mut self.message.head, name) else {
            return self.notes.add(Defect::UnknownHeader, self.span(from, to));
        };
        if place.is_some() {
            self.notes.add(Defect::DuplicateField, self.span(from, to));
        } else {
            *place = Some(value);
        }
        if !exact {
            self.notes.add(Defect::FieldCase, key);
        }
    }

    /// Reads what the header's fields mean. Edition and command must be known before the data area is judged.
    fn header_values(&mut self) {
        let (text, head) = (self.text, self.message.head.clone());
        if let Some(span) = head.st {
            self.message.st = St::parse(span.of(text));
            if self.message.st.is_none() {
                self.notes.add(Defect::BadSt, span);
            }
        }
        if let Some(span) = head.cn {
            let digits = span.of(text);
            if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) {
                self.message.cn = digits.parse().ok().map(Cn);
            } else {
                self.notes.add(Defect::BadCn, span);
            }
        }
        if let Some(span) = head.flag {
            self.read_flag(span);
        }
        let number = |span: Option<Span>| span.and_then(|span| span.of(text).parse::<u16>().ok());
        self.message.pnum = number(head.pnum);
        self.message.pno = number(head.pno);
        self.message.rf = head.rf.is_some_and(|span| span.of(text) == "1");
        if let Some(span) = head.rf
            && !self.message.rf
        {
            self.notes.add(Defect::BadRf, span);
        }
    }

    fn read_flag(&mut self, span: Span) {
        self.message.flag = span.of(self.text).parse().ok().map(PacketFlag);
        match self.message.flag {
            Some(flag) => self.message.edition = flag.edition(),
            None => self.notes.add(Defect::BadFlag, span),
        }
    }

    fn data_area(&mut self, from: usize) {
        let bytes = self.text.as_bytes();
        let area = &bytes[from..];
        let begin = if area.starts_with(b"&&") { from + 2 } else { from };
        let end = if area.len() >= 4 && area.ends_with(b"&&") || begin == from && area.ends_with(b"&&") {
            bytes.len() - 2
        } else {
            bytes.len()
        };
        if begin == from || end == bytes.len() {
            self.notes.add(Defect::CpDelimiter, self.span(from, bytes.len()));
        }
        self.message.cp = self.span(begin, end.max(begin));
        if end.saturating_sub(begin) > MAX_CP {
            self.notes.whole(Defect::CpTooLong);
        }
        let (mut at, mut group) = (begin, 0_u16);
        while at < end {
            let marks = Marks::find(&bytes[..end], at);
            let stop = marks.stop;
            if stop == at || stop + 1 == end {
                self.notes.add(Defect::TrailingSeparator, self.span(stop, stop + 1));
            }
            if stop > at {
                if self.slots.len() == self.max_fields {
                    return self.notes.add(Defect::TooManyFields, self.span(at, end));
                }
                self.field(at, &marks, group);
            }
            if stop < end && bytes[stop] == b';' {
                group = group.saturating_add(1);
            }
            at = stop + 1;
        }
    }

    fn field(&mut self, from: usize, marks: &Marks, group: u16) {
        if marks.ampersand {
            self.notes.add(Defect::CpDelimiter, self.span(from, marks.stop));
            let bytes = &self.text.as_bytes()[from..marks.stop];
            let before = bytes.iter().take_while(|b| **b == b'&').count();
            let after = bytes[before..].iter().rev().take_while(|b| **b == b'&').count();
            let (from, to) = (from + before, marks.stop - after);
            let inner = Marks { ampersand: false, ..Marks::find(&self.text.as_bytes()[..to], from) };
            if from < to {
                self.field(from, &inner, group);
            }
            return;
        }
        let to = marks.stop;
        let Some(equals) = marks.equals.filter(|&equals| equals > from) else {
            return self.notes.add(Defect::MalformedField, self.span(from, to));
        };
        let key = self.trimmed(from, equals);
        let value = self.trimmed(equals + 1, to);
        if key.len == 0 {
            return self.notes.add(Defect::MalformedField, self.span(from, to));
        }
        let name = key.of(self.text);
        let dash = marks.dash.map(|dash| dash - key.at as usize);
        let mut slot = Slot {
            key,
            value,
            number: None,
            code_len: dash.map_or(key.len, |at| at as u32),
            group,
            suffix: None,
            repeated: false,
        };
        match dash {
            Some(at) => self.coded(&mut slot, name.get(at + 1..).unwrap_or_default()),
            None => self.plain(&slot, name),
        }
        self.judge_repetition(&mut slot, name);
        self.slots.push(slot);
    }

    /// A field with a suffix.
    fn coded(&mut self, slot: &mut Slot, suffix_text: &str) {
        let mut suffix = Suffix::from_text(suffix_text);
        if suffix == Suffix::Other {
            suffix = Suffix::from_text_any_case(suffix_text);
            let defect = if suffix == Suffix::Other { Defect::UnknownSuffix } else { Defect::FieldCase };
            self.notes.add(defect, slot.key);
        }
        if matches!(suffix, Suffix::ZsCou | Suffix::ZsFlag) {
            self.notes.add(Defect::VendorSuffix, slot.key);
        }
        slot.suffix = Some(suffix);
        let value = slot.value.of(self.text);
        if suffix.is_numeric() {
            match parse_number(self.text.as_bytes(), slot.value.at as usize, slot.value.len as usize) {
                Some(number) => slot.number = Some(number),
                None if value.is_empty() => self.notes.add(Defect::EmptyValue, slot.key),
                None if self.is_state(slot) => {}
                None => self.notes.add(Defect::NotANumber, self.whole_field(slot)),
            }
        }
        let mark = matches!(suffix, Suffix::Flag | Suffix::ZsFlag);
        if mark {
            self.mark(slot, value);
        }
        if suffix == Suffix::SampleTime
            && let Some(defect) = parse_stamp(value).defect
        {
            self.notes.add(defect, slot.value);
        }
        if mark || suffix.measure().is_some() {
            self.judge_group(slot, mark);
        }
    }

    /// ST=45 of 2025 sends states (`p99101-Rtd=St`) where others send numbers.
    fn is_state(&self, slot: &Slot) -> bool {
        self.message.edition == Edition::Y2025 && slot.key.of(self.text).starts_with('p')
    }

    pub(crate) fn whole_field(&self, slot: &Slot) -> Span {
        Span { at: slot.key.at, len: slot.value.at + slot.value.len - slot.key.at }
    }

    fn mark(&mut self, slot: &Slot, value: &str) {
        if value == "N" {
            return;
        }
        match Flag::from_mark(value) {
            Flag::UnknownMark => self.notes.add(Defect::UnknownMark, self.whole_field(slot)),
            Flag::Unmarked => self.notes.add(Defect::EmptyValue, slot.key),
            _ if value.bytes().all(|b| b.is_ascii_uppercase()) => {}
            _ => self.notes.add(Defect::FieldCase, self.whole_field(slot)),
        }
    }

    /// A group holds one parameter, and its flag stands in it.
    fn judge_group(&mut self, slot: &Slot, mark: bool) {
        let code = self.code(slot);
        let mut found = !mark;
        for other in self.slots.iter().rev().take_while(|other| other.group == slot.group) {
            let same = self.code(other) == code;
            let of_series = other.suffix.is_some_and(|s| s.measure().is_some() || s == Suffix::Flag);
            if of_series && !same || other.suffix.is_none() && other.key.of(self.text) == "DataTime" {
                self.notes.add(Defect::SeparatorConfusion, self.whole_field(slot));
                break;
            }
            if same && other.suffix.and_then(Suffix::measure).is_some() {
                found = true;
                break;
            }
        }
        if !found {
            self.stray += 1;
        }
    }

    pub(crate) fn code(&self, slot: &Slot) -> &'a str {
        Span { at: slot.key.at, len: slot.code_len }.of(self.text)
    }

    /// A field without suffix.
    fn plain(&mut self, slot: &Slot, name: &str) {
        if name == "DataTime" {
            return self.time(slot, true);
        }
        if TIMES.contains(&name) {
            return self.time(slot, false);
        }
        if NAMES.contains(&name) {
            return;
        }
        if let Some((place, exact)) = head_place(&mut self.message.head, name) {
            let answer = self.message.cn.is_some_and(|cn| cn.is_answer() || cn.0 < 2000);
            let as_2005_does =
                matches!(name, "QN" | "CN") && answer && self.message.edition == Edition::Y2005;
            if place.is_none() && !(name == "CN") {
                *place = Some(slot.value);
                if name == "Flag" {
                    self.read_flag(slot.value);
                }
            }
            if !as_2005_does {
                self.notes.add(Defect::HeaderInCp, self.whole_field(slot));
            }
            if !exact {
                self.notes.add(Defect::FieldCase, slot.key);
            }
            return;
        }
        if let Some(time) = TIMES.iter().find(|time| time.eq_ignore_ascii_case(name)) {
            self.notes.add(Defect::FieldCase, slot.key);
            self.time(slot, *time == "DataTime");
        } else if NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            self.notes.add(Defect::FieldCase, slot.key);
        }
    }

    fn time(&mut self, slot: &Slot, of_data: bool) {
        let stamp = parse_stamp(slot.value.of(self.text));
        if let Some(defect) = stamp.defect {
            let empty = slot.value.len == 0;
            self.notes.add(if empty { Defect::EmptyValue } else { defect }, self.whole_field(slot));
        }
        if of_data && self.message.data_time.is_none() {
            self.message.data_time = stamp.at;
        }
    }
}

/// Where a header field of this name is kept, and whether its letter case is right.
fn head_place<'h>(head: &'h mut Head, name: &str) -> Option<(&'h mut Option<Span>, bool)> {
    match name {
        "QN" => return Some((&mut head.qn, true)),
        "ST" => return Some((&mut head.st, true)),
        "CN" => return Some((&mut head.cn, true)),
        "PW" => return Some((&mut head.pw, true)),
        "MN" => return Some((&mut head.mn, true)),
        _ => {}
    }
    let mut upper = [0; 4];
    let raised = upper.get_mut(..name.len())?;
    raised.copy_from_slice(name.as_bytes());
    raised.make_ascii_uppercase();
    let (place, right) = match &*raised {
        b"QN" => (&mut head.qn, "QN"),
        b"ST" => (&mut head.st, "ST"),
        b"CN" => (&mut head.cn, "CN"),
        b"PW" => (&mut head.pw, "PW"),
        b"MN" => (&mut head.mn, "MN"),
        b"FLAG" => (&mut head.flag, "Flag"),
        b"PNUM" => (&mut head.pnum, "PNUM"),
        b"PNO" => (&mut head.pno, "PNO"),
        b"RF" => (&mut head.rf, "RF"),
        _ => return None,
    };
    Some((place, name == right))
}

/// A code of 2017 and later: a small letter and five digits.
pub(crate) fn is_new_code(code: &str) -> bool {
    matches!(code.as_bytes(), [letter, digits @ ..] if letter.is_ascii_lowercase() && digits.len() == 5 && digits.iter().all(u8::is_ascii_digit))
}

/// A data area that cannot be read is left out: header, `CP=&&&&`.
pub(crate) fn without_data_area(segment: &[u8]) -> Cow<'_, [u8]> {
    match memchr::memmem::find(segment, b"CP=&&") {
        Some(at) => Cow::Owned([&segment[..at], b"CP=&&&&"].concat()),
        None => Cow::Borrowed(segment),
    }
}
