//! Messages become bytes.

use std::fmt::Write;

use sanggan_base::Millis;

use crate::{Cn, Edition, Key, Message, PacketFlag, St, crc16, encrypt_section, format_qn, sm4::section_of};

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

/// The longest data area of one packet (HJ 212-2017 clause 6.3.3).
const MAX_CP: usize = 950;
/// The longest data segment (clause 6.3.2); with all header fields present it is the narrower limit.
const MAX_SEGMENT: usize = 1024;

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
    /// Whether the data are sent again later (RF=1, 2025).
    pub resent: bool,
    /// The groups of the data area, each without `;`: `DataTime=…`, `w01018-Rtd=1.0,w01018-Flag=N`.
    pub groups: Vec<String>,
}

impl Packet {
    /// A packet with QN from `at`, a flag without answer, and an empty data area.
    pub fn new(edition: Edition, st: St, cn: Cn, at: Millis) -> Packet {
        Packet {
            edition,
            qn: Some(format_qn(at)),
            st,
            cn,
            pw: None,
            mn: None,
            with_flag: true,
            answer: false,
            resent: false,
            groups: Vec::new(),
        }
    }

    /// Sets MN and password.
    #[must_use]
    pub fn device(mut self, mn: &str, pw: &str) -> Packet {
        self.mn = Some(mn.to_owned());
        self.pw = Some(pw.to_owned());
        self
    }

    /// Asks for an answer.
    #[must_use]
    pub fn wanting_answer(mut self) -> Packet {
        self.answer = true;
        self.with_flag = true;
        self
    }

    /// Marks the data as sent again (2025).
    #[must_use]
    pub fn sent_again(mut self) -> Packet {
        self.resent = true;
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Packet {
        self.groups.push(group.into());
        self
    }

    /// A packet with the header and groups of a message read earlier.
    ///
    /// Written again it has the standard's order and separators; PNUM and PNO are set anew. `None` without a
    /// well-formed ST and CN.
    pub fn from_message(message: &Message) -> Option<Packet> {
        let group = |group: crate::Group<'_>| {
            let fields: Vec<String> =
                group.fields().map(|field| format!("{}={}", field.name(), field.value())).collect();
            fields.join(",")
        };
        let in_cp = message.get("QN").is_some();
        Some(Packet {
            edition: message.edition(),
            qn: message.qn().filter(|_| !in_cp).map(str::to_owned),
            st: message.st()?,
            cn: message.cn()?,
            pw: message.pw().map(str::to_owned),
            mn: message.mn_text().map(str::to_owned),
            with_flag: message.flag().is_some(),
            answer: message.wants_answer(),
            resent: message.is_resent(),
            groups: message.groups().map(group).collect(),
        })
    }

    /// The packets as bytes: one, or several with PNUM and PNO when the data area is too long for one.
    ///
    /// Parts carry the same QN (clause 6.3.3); a leading `DataTime` is repeated in each, as in examples C.49
    /// and C.50.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode(&self) -> Result<Vec<Vec<u8>>, EncodeError> {
        Ok(self.segments()?.iter().map(|segment| frame(segment.as_bytes())).collect())
    }

    /// The same with the data area encrypted (2025). The check code stays that of the plain segment.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode_encrypted(&self, key: &Key) -> Result<Vec<Vec<u8>>, EncodeError> {
        let encrypt = |segment: &String| {
            let mut packet = frame(segment.as_bytes());
            if let Some(section) = section_of(segment.as_bytes()) {
                encrypt_section(key, &mut packet[6 + section.start..6 + section.end]);
            }
            packet
        };
        Ok(self.segments()?.iter().map(encrypt).collect())
    }

    /// The data segments, without `##`, length and check code.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn segments(&self) -> Result<Vec<String>, EncodeError> {
        self.check()?;
        let room = MAX_CP.min(MAX_SEGMENT - self.header(Some((99, 99))).len() - "CP=&&&&".len());
        let parts = self.parts(room)?;
        let total = parts.len();
        let max = if self.edition == Edition::Y2025 { 9 } else { 9999 };
        if total > max {
            return Err(EncodeError::TooManyParts { parts: total, max });
        }
        let segment = |(index, part): (usize, &String)| {
            let number = (total > 1).then_some((total, index + 1));
            format!("{}CP=&&{part}&&", self.header(number))
        };
        Ok(parts.iter().enumerate().map(segment).collect())
    }

    fn check(&self) -> Result<(), EncodeError> {
        let breaks = |c: char| c.is_control() || matches!(c, ';' | ',' | '=' | '&' | '#');
        let header = [("QN", &self.qn), ("PW", &self.pw), ("MN", &self.mn)];
        for (field, text) in header.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?))) {
            if text.contains(breaks) || text.len() > 64 {
                return Err(EncodeError::BadText { field, text: text.clone() });
            }
        }
        let broken = |group: &&String| {
            group.is_empty()
                || group.contains(|c: char| c.is_control() || matches!(c, ';' | '&'))
                || group.contains("##")
        };
        match self.groups.iter().find(broken) {
            Some(group) => Err(EncodeError::BadText { field: "CP", text: group.clone() }),
            None => Ok(()),
        }
    }

    fn header(&self, number: Option<(usize, usize)>) -> String {
        let mut text = String::with_capacity(128);
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                let _ = write!(text, "{name}={value};");
            }
        };
        put("QN", self.qn.as_deref());
        put("ST", Some(self.st.as_str()));
        put("CN", Some(&self.cn.to_string()));
        put("PW", self.pw.as_deref());
        put("MN", self.mn.as_deref());
        if self.with_flag || number.is_some() {
            let flag = PacketFlag::new(self.edition, self.answer, number.is_some());
            put("Flag", Some(&flag.0.to_string()));
        }
        if let Some((total, part)) = number {
            put("PNUM", Some(&total.to_string()));
            put("PNO", Some(&part.to_string()));
        }
        put("RF", self.resent.then_some("1"));
        text
    }

    /// The groups packed into as few data areas of at most `room` bytes as go in order.
    fn parts(&self, room: usize) -> Result<Vec<String>, EncodeError> {
        let whole = self.groups.join(";");
        if whole.len() <= room {
            return Ok(vec![whole]);
        }
        let (lead, groups) = match self.groups.split_first() {
            Some((first, rest)) if first.starts_with("DataTime=") && !rest.is_empty() => {
                (first.as_str(), rest)
            }
            _ => ("", self.groups.as_slice()),
        };
        let mut parts: Vec<String> = vec![lead.to_owned()];
        for group in groups {
            let alone = if lead.is_empty() { group.len() } else { lead.len() + 1 + group.len() };
            if alone > room {
                return Err(EncodeError::GroupTooLong { len: alone, max: room });
            }
            let last = parts.last().expect("there is always one part");
            let fits = last.len() + usize::from(!last.is_empty()) + group.len() <= room;
            if !fits {
                parts.push(lead.to_owned());
            }
            let part = parts.last_mut().expect("there is always one part");
            if !part.is_empty() {
                part.push(';');
            }
            part.push_str(group);
        }
        Ok(parts)
    }
}

/// `##`, length, segment, check code, CR LF.
pub fn frame(segment: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(segment.len() + 12);
    bytes.extend_from_slice(format!("##{:04}", segment.len()).as_bytes());
    bytes.extend_from_slice(segment);
    bytes.extend_from_slice(format!("{:04X}\r\n", crc16(segment)).as_bytes());
    bytes
}
