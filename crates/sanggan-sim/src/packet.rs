//! Packets as a logger writes them. Written apart from the platform's codec, so that each checks the other;
//! only the cipher is shared.

use sanggan_base::Millis;

/// One data segment, ready to be framed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// `QN`, unless the logger leaves it out.
    pub qn: Option<String>,
    /// `ST`, the system class.
    pub st: String,
    /// `CN`, the command.
    pub cn: u16,
    /// `PW`.
    pub password: String,
    /// `MN`.
    pub mn: String,
    /// `Flag`; old loggers send none.
    pub flag: Option<u8>,
    /// `PNUM` and `PNO` of a split packet.
    pub part: Option<(u16, u16)>,
    /// `RF=1`: sent again after an interruption (2025).
    pub resent: bool,
    /// What stands between `CP=&&` and `&&`.
    pub cp: Vec<u8>,
}

impl Segment {
    /// The segment's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(120 + self.cp.len());
        if let Some(qn) = &self.qn {
            out.extend_from_slice(format!("QN={qn};").as_bytes());
        }
        out.extend_from_slice(
            format!("ST={};CN={};PW={};MN={};", self.st, self.cn, self.password, self.mn).as_bytes(),
        );
        if let Some(flag) = self.flag {
            out.extend_from_slice(format!("Flag={flag};").as_bytes());
        }
        if let Some((total, number)) = self.part {
            out.extend_from_slice(format!("PNUM={total};PNO={number};").as_bytes());
        }
        if self.resent {
            out.extend_from_slice(b"RF=1;");
        }
        out.extend_from_slice(b"CP=&&");
        out.extend_from_slice(&self.cp);
        out.extend_from_slice(b"&&");
        out
    }

    /// The whole packet: `##`, length, segment, check sum, CR LF.
    pub fn packet(&self) -> Vec<u8> {
        frame(&self.bytes())
    }

    /// The packet with its `CP` encrypted under `key` as HJ 212-2025 annex A writes: length and check sum are
    /// those of the plain segment, whole blocks of 16 bytes are encrypted, the rest stays plain.
    pub fn encrypted_packet(&self, key: [u8; 16]) -> Vec<u8> {
        let plain = self.bytes();
        let mut packet = frame(&plain);
        let end = 6 + plain.len() - 2;
        let start = end - self.cp.len();
        sanggan_hj212::encrypt_section(&sanggan_hj212::Key::new(key), &mut packet[start..end]);
        packet
    }
}

/// Frames a segment: `##`, length, segment, check sum, CR LF.
pub fn frame(segment: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(segment.len() + 12);
    out.extend_from_slice(format!("##{:04}", segment.len()).as_bytes());
    out.extend_from_slice(segment);
    out.extend_from_slice(format!("{:04X}\r\n", crc16(segment)).as_bytes());
    out
}

/// The standard's own check sum (HJ 212-2017 annex A), which is not CRC-16/MODBUS.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc: u16, &byte| {
        (0..8).fold((crc >> 8) ^ u16::from(byte), |crc, _| {
            let shifted = crc >> 1;
            if crc & 1 == 1 { shifted ^ 0xA001 } else { shifted }
        })
    })
}

/// `yyyyMMddHHmmss` of the local time.
pub fn stamp(at: Millis) -> String {
    let local = at.local();
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// `yyyyMMddHHmmsszzz`, the form of a QN.
pub fn long_stamp(at: Millis) -> String {
    format!("{}{:03}", stamp(at), at.0.rem_euclid(1000))
}

/// The moment a `yyyyMMddHHmmss` names.
pub fn parse_stamp(text: &str) -> Option<Millis> {
    let digits = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let date =
        jiff::civil::Date::new(digits(0..4)?, digits(4..6)?.try_into().ok()?, digits(6..8)?.try_into().ok()?)
            .ok()?;
    let time = jiff::civil::Time::new(
        digits(8..10)?.try_into().ok()?,
        digits(10..12)?.try_into().ok()?,
        digits(12..14)?.try_into().ok()?,
        0,
    )
    .ok()?;
    Millis::from_local(date.to_datetime(time))
}

/// What a logger reads from a packet of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) qn: Option<String>,
    pub(crate) cn: u16,
    pub(crate) flag: u8,
    pub(crate) part: Option<u16>,
    pub(crate) cp: Vec<(String, String)>,
}

/// Takes the next whole packet out of `buffer`; bytes before a `##` are dropped.
pub(crate) fn take_packet(buffer: &mut Vec<u8>) -> Option<Incoming> {
    loop {
        let start = buffer.windows(2).position(|pair| pair == b"##")?;
        buffer.drain(..start);
        let length = buffer.get(2..6)?;
        let Some(length) = std::str::from_utf8(length).ok().and_then(|text| text.parse::<usize>().ok())
        else {
            buffer.drain(..2);
            continue;
        };
        let end = 6 + length + 4;
        if buffer.len() < end {
            return None;
        }
        let segment = String::from_utf8_lossy(&buffer[6..6 + length]).into_owned();
        buffer.drain(..end);
        if let Some(incoming) = read_segment(&segment) {
            return Some(incoming);
        }
    }
}

fn read_segment(segment: &str) -> Option<Incoming> {
    let (head, cp) = segment.split_once("CP=&&")?;
    let cp = cp.trim_end_matches("&&");
    let field = |name: &str| head.split(';').find_map(|item| item.strip_prefix(name)?.strip_prefix('='));
    let pairs = cp.split([';', ',']).filter_map(|item| item.split_once('='));
    Some(Incoming {
        qn: field("QN").map(str::to_owned),
        cn: field("CN")?.parse().ok()?,
        flag: field("Flag").and_then(|flag| flag.parse().ok()).unwrap_or(0),
        part: field("PNO").and_then(|number| number.parse().ok()),
        cp: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HJ 212-2017 and HJ 212-2025, annex A: the examples printed there.
    #[test]
    fn the_published_check_sums_come_out() {
        for (segment, length, crc) in [
            (
                "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&",
                101,
                "1C80",
            ),
            (
                "QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&",
                87,
                "2200",
            ),
        ] {
            let packet = frame(segment.as_bytes());
            assert_eq!(packet, format!("##{length:04}{segment}{crc}\r\n").as_bytes());
        }
    }

    #[test]
    fn packets_are_taken_whole_and_rubbish_before_them_is_dropped() {
        let mut buffer = b"rubbish##00x0##".to_vec();
        let segment = Segment {
            qn: Some("20261123100000000".into()),
            st: "91".into(),
            cn: 9014,
            password: "123456".into(),
            mn: "A".into(),
            flag: Some(4),
            part: None,
            resent: false,
            cp: Vec::new(),
        };
        buffer.extend(segment.packet());
        let rest = segment.packet();
        buffer.extend(&rest[..20]);
        let first = take_packet(&mut buffer).expect("one whole packet");
        assert_eq!((first.cn, first.qn.as_deref()), (9014, Some("20261123100000000")));
        assert_eq!(take_packet(&mut buffer), None);
        buffer.extend(&rest[20..]);
        assert!(take_packet(&mut buffer).is_some());
    }

    #[test]
    fn a_stamp_leads_back_to_its_moment() {
        let at = parse_stamp("20261123101530").expect("a stamp");
        assert_eq!(stamp(at), "20261123101530");
        assert_eq!(at.to_string(), "2026-11-23T10:15:30+08:00");
        assert_eq!(parse_stamp("2026112"), None);
        assert_eq!(parse_stamp("20261399999999"), None);
    }
}
