//! What real devices do against the standard, each with a code.

/// How much a defect matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Against the newest edition, but nothing is lost and older editions allow it.
    Note,
    /// Against every edition; the rest of the packet is usable.
    Fault,
    /// The packet's values are not used.
    Fatal,
}

/// One defect and where in the segment it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Which defect.
    pub defect: Defect,
    /// First byte in [`Message::text`](crate::Message::text); 0 when it concerns the whole packet.
    pub at: u32,
    /// Number of bytes there; 0 when it concerns the whole packet.
    pub len: u32,
}

macro_rules! defects {
    ($($variant:ident = $code:literal, $severity:ident, $zh:literal, $en:literal, $meaning:literal;)+) => {
        /// A thing a device does against the standard.
        ///
        /// The code never changes its meaning: it is stored, counted and shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Defect {
            $(#[doc = $meaning] $variant),+
        }

        impl Defect {
            /// Every defect.
            pub const ALL: &'static [Defect] = &[$(Defect::$variant),+];

            /// The stable code, e.g. `crc_mismatch`.
            pub fn code(self) -> &'static str {
                match self { $(Defect::$variant => $code),+ }
            }

            /// The defect with this code.
            pub fn from_code(code: &str) -> Option<Defect> {
                match code { $($code => Some(Defect::$variant),)+ _ => None }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Defect::$variant => Severity::$severity),+ }
            }

            /// Its name in Chinese.
            pub fn name_zh(self) -> &'static str {
                match self { $(Defect::$variant => $zh),+ }
            }

            /// Its name in English.
            pub fn name_en(self) -> &'static str {
                match self { $(Defect::$variant => $en),+ }
            }

            /// What it means, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(Defect::$variant => $meaning),+ }
            }
        }
    };
}

defects! {
    LengthMismatch = "length_mismatch", Fault, "长度不符", "wrong length", "The four digits after `##` are not the length of the data segment.";
    LengthUnreadable = "length_unreadable", Fault, "长度不可读", "unreadable length", "There are no four digits after `##`.";
    CrcMismatch = "crc_mismatch", Fatal, "校验错误", "wrong check code", "The check code does not fit the data segment, so any byte may be wrong: no values are taken.";
    CrcUnreadable = "crc_unreadable", Fatal, "校验码不可读", "no check code", "Four hexadecimal digits do not stand at the end, so nothing proves the bytes: no values are taken.";
    CrcModbus = "crc_modbus", Fault, "误用MODBUS校验", "MODBUS check code", "The check code is CRC-16/MODBUS and not the standard's; it fits, so the bytes are intact.";
    MissingLineEnd = "missing_line_end", Note, "缺少回车换行", "missing line end", "The packet before this one did not end with CR LF.";
    StrayBytes = "stray_bytes", Fault, "多余字节", "stray bytes", "Bytes that belong to no packet stood before or after this one and were skipped.";
    Truncated = "truncated", Fatal, "包不完整", "cut short", "The next packet or the end of input came before this packet's end.";
    MergedPackets = "merged_packets", Fault, "多包粘连", "merged packets", "A second packet begins within the same line or data segment.";
    SegmentTooLong = "segment_too_long", Note, "数据段超长", "segment too long", "The data segment is longer than 1024 bytes and should have been split.";
    CpTooLong = "cp_too_long", Note, "数据区超长", "data area too long", "The data area is longer than 950 bytes and should have been split.";
    NulByte = "nul_byte", Fault, "含空字节", "NUL byte", "The data segment holds a zero byte.";
    ControlByte = "control_byte", Fault, "含控制字符", "control character", "The data segment holds a control character or line break.";
    TextGbk = "text_gbk", Note, "GBK编码", "GBK text", "Text is encoded in GBK, where 2017 and later want UTF-8.";
    TextUnreadable = "text_unreadable", Fault, "文字编码不可读", "unreadable text", "Bytes are neither UTF-8 nor GBK; each such byte is shown as U+FFFD.";
    Encrypted = "encrypted", Note, "数据已加密", "encrypted", "The data area is encrypted (2025) and no fitting key was given, so it cannot be read yet.";
    MissingQn = "missing_qn", Note, "缺少QN", "no QN", "No request number; 2017 and later want one, 2005 does not on uploads.";
    MissingFlag = "missing_flag", Note, "缺少Flag", "no Flag", "No flag; 2017 and later want one, 2005 does not on uploads.";
    MissingSt = "missing_st", Fault, "缺少ST", "no ST", "No system code.";
    MissingCn = "missing_cn", Fault, "缺少CN", "no CN", "No command number, so it is not known what the data are.";
    MissingPw = "missing_pw", Fault, "缺少PW", "no PW", "No password, or an empty one.";
    MissingMn = "missing_mn", Fault, "缺少MN", "no MN", "No device number, so the data cannot be given to a station.";
    MissingCp = "missing_cp", Fault, "缺少CP", "no CP", "No data area.";
    BadQn = "bad_qn", Fault, "QN格式错误", "malformed QN", "The request number is not 17 digits that make a date and time.";
    BadSt = "bad_st", Fault, "ST格式错误", "malformed ST", "The system code is not two characters 0-9A-Z.";
    BadCn = "bad_cn", Fault, "CN格式错误", "malformed CN", "The command number is not four digits.";
    BadPw = "bad_pw", Note, "PW格式错误", "malformed PW", "The password is not six characters.";
    BadMn = "bad_mn", Fault, "MN格式错误", "malformed MN", "The device number is no id even for this platform: over 32 characters, or signs in it.";
    MnNot24Hex = "mn_not_24_hex", Note, "MN非24位", "MN not 24 characters", "The device number is not 24 characters 0-9A-F; 2005 had 14.";
    BadFlag = "bad_flag", Fault, "Flag格式错误", "malformed Flag", "The flag is not a number from 0 to 255.";
    BadPacketNumber = "bad_packet_number", Fault, "包号错误", "bad packet number", "PNUM and PNO do not go together: one lacks, is 0, or PNO is above PNUM.";
    BadRf = "bad_rf", Fault, "RF错误", "malformed RF", "RF is there with something else than 1.";
    HeaderInCp = "header_in_cp", Fault, "头字段在CP内", "header field in CP", "A header field stands inside the data area.";
    UnknownHeader = "unknown_header", Fault, "未知头字段", "unknown header field", "A field before the data area is in no edition.";
    CpDelimiter = "cp_delimiter", Fault, "CP缺少&&", "missing `&&`", "The data area is not enclosed in `&&`.";
    TrailingSeparator = "trailing_separator", Fault, "多余分隔符", "stray separator", "A `;` or `,` with nothing before or after it.";
    SeparatorConfusion = "separator_confusion", Fault, "逗号分号混用", "`,` and `;` confused", "Fields of one parameter are split by `;`, or fields of several stand together with `,`.";
    StraySpace = "stray_space", Fault, "多余空格", "stray space", "White space around a field name or value.";
    MalformedField = "malformed_field", Fault, "字段无等号", "malformed field", "A field has no `=` or no name.";
    DuplicateField = "duplicate_field", Fault, "字段重复", "duplicate field", "A field is there twice; the first counts.";
    FieldCase = "field_case", Fault, "字段大小写错误", "wrong letter case", "A field name has the wrong letter case; names are case-sensitive.";
    UnknownSuffix = "unknown_suffix", Fault, "未知字段后缀", "unknown suffix", "What stands after the `-` of a field name is in no edition.";
    VendorSuffix = "vendor_suffix", Note, "厂商自定后缀", "maker's own suffix", "A suffix that is in no edition but whose meaning is known (`ZsCou`, `ZsFlag`).";
    EmptyValue = "empty_value", Fault, "值为空", "empty value", "A numeric field has no value.";
    NotANumber = "not_a_number", Fault, "值非数字", "not a number", "A numeric field holds something else.";
    UnknownMark = "unknown_mark", Fault, "未知数据标记", "unknown data mark", "A data flag is none of N F M S D C T B.";
    MissingTime = "missing_time", Fault, "缺少数据时间", "no DataTime", "Data without a time; the request number's time is taken if there is one.";
    BadTime = "bad_time", Fault, "时间格式错误", "malformed time", "A time is not YYYYMMDDhhmmss with or without milliseconds.";
    ImpossibleTime = "impossible_time", Fault, "时间不存在", "impossible time", "A date or time that no calendar has.";
    DoubledTime = "doubled_time", Fault, "时间重复", "doubled time", "A time is written twice in a row; the first is taken.";
    TooManyFields = "too_many_fields", Fault, "字段过多", "too many fields", "More fields than the limit; the rest is not read.";
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl serde::Serialize for Defect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_lead_back() {
        for &defect in Defect::ALL {
            assert_eq!(Defect::from_code(defect.code()), Some(defect));
            assert!(defect.code().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
            assert!(!defect.name_zh().is_empty() && !defect.name_en().is_empty());
        }
    }
}
