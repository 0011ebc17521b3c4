//! One message: the header, the groups of fields, and the readings of both.

use sanggan_base::{Cadence, Flag, Measure, Millis, Mn};

use crate::{Cn, Edition, ExeRtn, PacketFlag, QnRtn, St, Suffix, Value, parse_stamp};

/// A stretch of the message's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

impl Span {
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.at as usize..(self.at + self.len) as usize).unwrap_or_default()
    }
}

/// Where the header's fields stand; an absent one is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Head {
    pub(crate) qn: Option<Span>,
    pub(crate) st: Option<Span>,
    pub(crate) cn: Option<Span>,
    pub(crate) pw: Option<Span>,
    pub(crate) mn: Option<Span>,
    pub(crate) flag: Option<Span>,
    pub(crate) pnum: Option<Span>,
    pub(crate) pno: Option<Span>,
    pub(crate) rf: Option<Span>,
}

/// One `name=value` of the data area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slot {
    pub(crate) key: Span,
    pub(crate) value: Span,
    /// The number in `value`, where the suffix wants one and it is one.
    pub(crate) number: Option<f64>,
    /// Length of the code before the `-`; the whole key when there is no suffix.
    pub(crate) code_len: u32,
    pub(crate) group: u16,
    pub(crate) suffix: Option<Suffix>,
    /// The same name came before; this one does not count.
    pub(crate) repeated: bool,
}

/// A decoded data segment. Owns its text; everything else is a view of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub(crate) text: String,
    pub(crate) head: Head,
    pub(crate) cp: Span,
    pub(crate) slots: Vec<Slot>,
    pub(crate) st: Option<St>,
    pub(crate) cn: Option<Cn>,
    pub(crate) flag: Option<PacketFlag>,
    pub(crate) pnum: Option<u16>,
    pub(crate) pno: Option<u16>,
    pub(crate) rf: bool,
    pub(crate) edition: Edition,
    pub(crate) qn_time: Option<Millis>,
    pub(crate) data_time: Option<Millis>,
    /// Some `Flag` stands in another group than its value.
    pub(crate) stray_flags: bool,
}

impl Default for Message {
    fn default() -> Self {
        Message {
            text: String::new(),
            head: Head::default(),
            cp: Span::default(),
            slots: Vec::new(),
            st: None,
            cn: None,
            flag: None,
            pnum: None,
            pno: None,
            rf: false,
            edition: Edition::Y2005,
            qn_time: None,
            data_time: None,
            stray_flags: false,
        }
    }
}

impl Message {
    fn show(&self, span: Option<Span>) -> Option<&str> {
        span.map(|span| span.of(&self.text))
    }

    /// The data segment as text: from after the length to before the check code.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The edition: by the version bits of `Flag`, else by the look of header and codes.
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// The request number as sent; in 2005 answers it stands in the data area.
    pub fn qn(&self) -> Option<&str> {
        self.show(self.head.qn).filter(|qn| !qn.is_empty())
    }

    /// The request number read as the time it is.
    pub fn qn_time(&self) -> Option<Millis> {
        self.qn_time
    }

    /// The system code, if well formed.
    pub fn st(&self) -> Option<St> {
        self.st
    }

    /// The system code as sent.
    pub fn st_text(&self) -> Option<&str> {
        self.show(self.head.st)
    }

    /// The command number, if well formed.
    pub fn cn(&self) -> Option<Cn> {
        self.cn
    }

    /// The password as sent.
    pub fn pw(&self) -> Option<&str> {
        self.show(self.head.pw)
    }

    /// The device number as sent.
    pub fn mn_text(&self) -> Option<&str> {
        self.show(self.head.mn).filter(|mn| !mn.is_empty())
    }

    /// The device number, if it can be an id.
    pub fn mn(&self) -> Option<Mn> {
        self.mn_text().and_then(|text| Mn::parse(text).ok())
    }

    /// The flag as sent, if there is a well-formed one.
    pub fn flag(&self) -> Option<PacketFlag> {
        self.flag
    }

    /// Whether the sender wants an answer.
    pub fn wants_answer(&self) -> bool {
        self.flag.is_some_and(PacketFlag::answer)
    }

    /// Whether this is one part of several.
    pub fn is_split(&self) -> bool {
        self.pnum.is_some_and(|total| total > 1) && self.pno.is_some()
    }

    /// The total number of parts (PNUM).
    pub fn pnum(&self) -> Option<u16> {
        self.pnum
    }

    /// The number of this part, from 1 (PNO).
    pub fn pno(&self) -> Option<u16> {
        self.pno
    }

    /// Whether the data are sent again later (RF=1, 2025).
    pub fn is_resent(&self) -> bool {
        self.rf
    }

    /// The data area between its `&&`.
    pub fn cp(&self) -> &str {
        self.cp.of(&self.text)
    }

    /// Every field of the data area, as sent.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.slots.iter().map(|slot| Field { text: &self.text, slot })
    }

    /// The groups of the data area, split at `;`.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.slots.chunk_by(|a, b| a.group == b.group).map(|slots| Group { text: &self.text, slots })
    }

    /// The coded fields (`w01018-Rtd`, `SB1-RS`), as sent.
    pub fn data(&self) -> impl Iterator<Item = Datum<'_>> {
        self.fields().filter_map(|field| {
            let suffix = field.slot.suffix?;
            Some(Datum {
                code: field.code(),
                suffix,
                suffix_text: field.suffix_text(),
                text: field.value(),
                number: field.number(),
            })
        })
    }

    /// The value of the first field with this name; letter case counts only when two differ in nothing else.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields()
            .find(|field| field.name() == name)
            .or_else(|| self.fields().find(|field| field.name().eq_ignore_ascii_case(name)))
            .map(|field| field.value())
    }

    fn time_field(&self, name: &str) -> Option<Millis> {
        parse_stamp(self.get(name)?).at
    }

    fn number_field<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.get(name)?.trim().parse().ok()
    }

    /// `DataTime`: for period data the beginning, for momentary data the time of taking.
    pub fn data_time(&self) -> Option<Millis> {
        self.data_time
    }

    /// The time of the data: `DataTime`, else that of the request number.
    pub fn time(&self) -> Option<Millis> {
        self.data_time.or(self.qn_time)
    }

    /// `BeginTime` of a history request.
    pub fn begin_time(&self) -> Option<Millis> {
        self.time_field("BeginTime")
    }

    /// `EndTime` of a history request.
    pub fn end_time(&self) -> Option<Millis> {
        self.time_field("EndTime")
    }

    /// `SystemTime`: the device's clock, or the time to set.
    pub fn system_time(&self) -> Option<Millis> {
        self.time_field("SystemTime")
    }

    /// `RestartTime`: when the logger was switched on.
    pub fn restart_time(&self) -> Option<Millis> {
        self.time_field("RestartTime")
    }

    /// `RtdInterval` in seconds.
    pub fn rtd_interval(&self) -> Option<u32> {
        self.number_field("RtdInterval")
    }

    /// `MinInterval` in minutes.
    pub fn min_interval(&self) -> Option<u32> {
        self.number_field("MinInterval")
    }

    /// `OverTime` in seconds.
    pub fn over_time(&self) -> Option<u32> {
        self.number_field("OverTime")
    }

    /// `ReCount`.
    pub fn re_count(&self) -> Option<u32> {
        self.number_field("ReCount")
    }

    /// `NewPW`.
    pub fn new_pw(&self) -> Option<&str> {
        self.get("NewPW")
    }

    /// `PolId`.
    pub fn pol_id(&self) -> Option<&str> {
        self.get("PolId")
    }

    /// `QnRtn`: how the device answers a request.
    pub fn qn_rtn(&self) -> Option<QnRtn> {
        self.number_field("QnRtn").map(QnRtn::from_number)
    }

    /// `ExeRtn`: what came of a request.
    pub fn exe_rtn(&self) -> Option<ExeRtn> {
        self.number_field("ExeRtn").map(ExeRtn::from_number)
    }

    /// How often values of this kind come; `None` when the message carries no values of series.
    pub fn cadence(&self) -> Option<Cadence> {
        self.cn.and_then(Cn::cadence)
    }

    /// The numeric values with their marks; empty when the message carries no values of series.
    ///
    /// A repeated field and one that is no number are left out; both are defects.
    /// This is the bare reading: [`Decoded::values`](crate::Decoded::values) also looks at the check code.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        let slots = if self.cadence().is_some() { self.slots.as_slice() } else { &[] };
        slots.iter().enumerate().filter_map(move |(index, slot)| {
            let measure = slot.suffix.and_then(Suffix::measure)?;
            let value = slot.number.filter(|_| !slot.repeated)?;
            Some(self.value_at(index, slot, measure, value))
        })
    }

    fn value_at(&self, index: usize, slot: &Slot, measure: Measure, value: f64) -> Value<'_> {
        let code = self.code_of(slot);
        let (mut plain, mut converted, mut sample) = (None, None, None);
        let mut look = |other: &Slot| {
            let place = match other.suffix {
                Some(Suffix::Flag) => &mut plain,
                Some(Suffix::ZsFlag) => &mut converted,
                Some(Suffix::SampleTime) => &mut sample,
                _ => return,
            };
            if place.is_none() && self.code_of(other) == code {
                *place = Some(other.value);
            }
        };
        let group = |other: &&Slot| other.group == slot.group;
        self.slots[index + 1..].iter().take_while(group).for_each(&mut look);
        self.slots[..index].iter().rev().take_while(group).for_each(&mut look);
        if self.stray_flags {
            self.slots.iter().for_each(&mut look);
        }
        let mark = if slot.suffix.is_some_and(Suffix::is_converted) { converted.or(plain) } else { plain };
        Value {
            code,
            measure,
            value,
            flag: mark.map_or(Flag::Unmarked, |mark| Flag::from_mark(mark.of(&self.text))),
            sample_time: sample.and_then(|span| parse_stamp(span.of(&self.text)).at),
        }
    }

    pub(crate) fn code_of(&self, slot: &Slot) -> &str {
        Span { at: slot.key.at, len: slot.code_len }.of(&self.text)
    }
}

/// One `name=value` of the data area.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    text: &'a str,
    slot: &'a Slot,
}

impl<'a> Field<'a> {
    /// The whole name as sent.
    pub fn name(&self) -> &'a str {
        self.slot.key.of(self.text)
    }

    /// The part before the last `-`, or the whole name.
    pub fn code(&self) -> &'a str {
        Span { at: self.slot.key.at, len: self.slot.code_len }.of(self.text)
    }

    /// What follows the last `-`, or nothing.
    pub fn suffix_text(&self) -> &'a str {
        self.name().get(self.slot.code_len as usize + 1..).unwrap_or_default()
    }

    /// The suffix, if the name has one.
    pub fn suffix(&self) -> Option<Suffix> {
        self.slot.suffix
    }

    /// The value as sent.
    pub fn value(&self) -> &'a str {
        self.slot.value.of(self.text)
    }

    /// The value as a number, where the suffix wants one and it is one.
    pub fn number(&self) -> Option<f64> {
        self.slot.number
    }

    /// Whether the same name came before.
    pub fn is_repeated(&self) -> bool {
        self.slot.repeated
    }
}

/// The fields between two `;`.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    text: &'a str,
    slots: &'a [Slot],
}

impl<'a> Group<'a> {
    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let text = self.text;
        self.slots.iter().map(move |slot| Field { text, slot })
    }
}

/// A coded field as sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datum<'a> {
    /// The code as sent.
    pub code: &'a str,
    /// What the field is.
    pub suffix: Suffix,
    /// The suffix as sent.
    pub suffix_text: &'a str,
    /// The value as sent.
    pub text: &'a str,
    /// The value as a number, where the suffix wants one and it is one.
    pub number: Option<f64>,
}
