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

impl Severity {
    /// Its name in Chinese.
    pub fn name_zh(self) -> &'static str {
        match self {
            Severity::Note => "提示",
            Severity::Fault => "缺陷",
            Severity::Fatal => "致命",
        }
    }

    /// Its name in English.
    pub fn name_en(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Fault => "fault",
            Severity::Fatal => "fatal",
        }
    }
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
    ($($variant:ident = $code:literal, $severity:ident, $zh:literal, $en:literal, $meaning_zh:literal, $meaning:literal;)+) => {
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

            /// What it means, in one line of Chinese.
            pub fn meaning_zh(self) -> &'static str {
                match self { $(Defect::$variant => $meaning_zh),+ }
            }

            /// What it means, in one line of English.
            pub fn meaning(self) -> &'static str {
                match self { $(Defect::$variant => $meaning),+ }
            }
        }
    };
}

defects! {
    LengthMismatch = "length_mismatch", Fault, "长度不符", "wrong length", "“##”后的4位数字与数据段实际长度不符。", "The four digits after `##` are not the length of the data segment.";
    LengthUnreadable = "length_unreadable", Fault, "长度不可读", "unreadable length", "“##”后不是4位数字。", "There are no four digits after `##`.";
    CrcMismatch = "crc_mismatch", Fatal, "校验错误", "wrong check code", "校验码与数据段不符，任何字节都可能出错，该包数值不予采用。", "The check code does not fit the data segment, so any byte may be wrong: no values are taken.";
    CrcUnreadable = "crc_unreadable", Fatal, "校验码不可读", "no check code", "包尾没有4位十六进制校验码，无法确认数据完整，该包数值不予采用。", "Four hexadecimal digits do not stand at the end, so nothing proves the bytes: no values are taken.";
    CrcModbus = "crc_modbus", Fault, "误用MODBUS校验", "MODBUS check code", "校验码按 CRC-16/MODBUS 计算，不是标准规定的算法；但校验相符，数据完整。", "The check code is CRC-16/MODBUS and not the standard's; it fits, so the bytes are intact.";
    MissingLineEnd = "missing_line_end", Note, "缺少回车换行", "missing line end", "前一个包未以回车换行结尾。", "The packet before this one did not end with CR LF.";
    StrayBytes = "stray_bytes", Fault, "多余字节", "stray bytes", "本包前后有不属于任何包的字节，已跳过。", "Bytes that belong to no packet stood before or after this one and were skipped.";
    Truncated = "truncated", Fatal, "包不完整", "cut short", "本包未结束，下一个包已开始或输入已终止。", "The next packet or the end of input came before this packet's end.";
    MergedPackets = "merged_packets", Fault, "多包粘连", "merged packets", "同一行或同一数据段内又出现了第二个包。", "A second packet begins within the same line or data segment.";
    SegmentTooLong = "segment_too_long", Note, "数据段超长", "segment too long", "数据段超过1024字节，应分包发送。", "The data segment is longer than 1024 bytes and should have been split.";
    CpTooLong = "cp_too_long", Note, "数据区超长", "data area too long", "数据区超过950字节，应分包发送。", "The data area is longer than 950 bytes and should have been split.";
    NulByte = "nul_byte", Fault, "含空字节", "NUL byte", "数据段内含有零字节。", "The data segment holds a zero byte.";
    ControlByte = "control_byte", Fault, "含控制字符", "control character", "数据段内含有控制字符或换行符。", "The data segment holds a control character or line break.";
    TextGbk = "text_gbk", Note, "GBK编码", "GBK text", "文字采用 GBK 编码；2017版及以后要求 UTF-8。", "Text is encoded in GBK, where 2017 and later want UTF-8.";
    TextUnreadable = "text_unreadable", Fault, "文字编码不可读", "unreadable text", "字节既不是 UTF-8 也不是 GBK，此类字节显示为 U+FFFD。", "Bytes are neither UTF-8 nor GBK; each such byte is shown as U+FFFD.";
    Encrypted = "encrypted", Note, "数据已加密", "encrypted", "数据区已加密（2025版），未配置相应密钥，暂时无法读取。", "The data area is encrypted (2025) and no fitting key was given, so it cannot be read yet.";
    MissingQn = "missing_qn", Note, "缺少QN", "no QN", "没有请求编码；2017版及以后要求携带，2005版上传数据时可不带。", "No request number; 2017 and later want one, 2005 does not on uploads.";
    MissingFlag = "missing_flag", Note, "缺少Flag", "no Flag", "没有标志位；2017版及以后要求携带，2005版上传数据时可不带。", "No flag; 2017 and later want one, 2005 does not on uploads.";
    MissingSt = "missing_st", Fault, "缺少ST", "no ST", "没有系统编码。", "No system code.";
    MissingCn = "missing_cn", Fault, "缺少CN", "no CN", "没有命令编码，无法判断数据类型。", "No command number, so it is not known what the data are.";
    MissingPw = "missing_pw", Fault, "缺少PW", "no PW", "没有访问密码，或密码为空。", "No password, or an empty one.";
    MissingMn = "missing_mn", Fault, "缺少MN", "no MN", "没有设备唯一标识，数据无法归入站点。", "No device number, so the data cannot be given to a station.";
    MissingCp = "missing_cp", Fault, "缺少CP", "no CP", "没有数据区。", "No data area.";
    BadQn = "bad_qn", Fault, "QN格式错误", "malformed QN", "请求编码不是能构成日期时间的17位数字。", "The request number is not 17 digits that make a date and time.";
    BadSt = "bad_st", Fault, "ST格式错误", "malformed ST", "系统编码不是2位 0-9、A-Z 字符。", "The system code is not two characters 0-9A-Z.";
    BadCn = "bad_cn", Fault, "CN格式错误", "malformed CN", "命令编码不是4位数字。", "The command number is not four digits.";
    BadPw = "bad_pw", Note, "PW格式错误", "malformed PW", "访问密码不是6位字符。", "The password is not six characters.";
    BadMn = "bad_mn", Fault, "MN格式错误", "malformed MN", "设备唯一标识超过32位或含有符号，平台无法作为标识使用。", "The device number is no id even for this platform: over 32 characters, or signs in it.";
    MnNot24Hex = "mn_not_24_hex", Note, "MN非24位", "MN not 24 characters", "设备唯一标识不是24位 0-9、A-F 字符；2005版为14位。", "The device number is not 24 characters 0-9A-F; 2005 had 14.";
    BadFlag = "bad_flag", Fault, "Flag格式错误", "malformed Flag", "标志位不是 0～255 的数字。", "The flag is not a number from 0 to 255.";
    BadPacketNumber = "bad_packet_number", Fault, "包号错误", "bad packet number", "PNUM 与 PNO 不匹配：缺少其一、为0，或 PNO 大于 PNUM。", "PNUM and PNO do not go together: one lacks, is 0, or PNO is above PNUM.";
    BadRf = "bad_rf", Fault, "RF错误", "malformed RF", "带有 RF 字段，但其值不是1。", "RF is there with something else than 1.";
    HeaderInCp = "header_in_cp", Fault, "头字段在CP内", "header field in CP", "头字段出现在数据区内。", "A header field stands inside the data area.";
    UnknownHeader = "unknown_header", Fault, "未知头字段", "unknown header field", "数据区之前有各版标准均未规定的字段。", "A field before the data area is in no edition.";
    CpDelimiter = "cp_delimiter", Fault, "CP缺少&&", "missing `&&`", "数据区未用“&&”括起。", "The data area is not enclosed in `&&`.";
    TrailingSeparator = "trailing_separator", Fault, "多余分隔符", "stray separator", "分号或逗号的前面或后面没有内容。", "A `;` or `,` with nothing before or after it.";
    SeparatorConfusion = "separator_confusion", Fault, "逗号分号混用", "`,` and `;` confused", "同一因子的各项之间误用分号，或不同因子之间误用逗号。", "Fields of one parameter are split by `;`, or fields of several stand together with `,`.";
    StraySpace = "stray_space", Fault, "多余空格", "stray space", "字段名或字段值前后有空格。", "White space around a field name or value.";
    MalformedField = "malformed_field", Fault, "字段无等号", "malformed field", "字段没有等号或没有字段名。", "A field has no `=` or no name.";
    DuplicateField = "duplicate_field", Fault, "字段重复", "duplicate field", "同一字段出现两次，以第一次为准。", "A field is there twice; the first counts.";
    FieldCase = "field_case", Fault, "字段大小写错误", "wrong letter case", "字段名大小写错误；字段名区分大小写。", "A field name has the wrong letter case; names are case-sensitive.";
    UnknownSuffix = "unknown_suffix", Fault, "未知字段后缀", "unknown suffix", "字段名“-”之后的后缀在各版标准中均未规定。", "What stands after the `-` of a field name is in no edition.";
    VendorSuffix = "vendor_suffix", Note, "厂商自定后缀", "maker's own suffix", "标准未规定、但含义已知的厂商自定后缀（`ZsCou`、`ZsFlag`）。", "A suffix that is in no edition but whose meaning is known (`ZsCou`, `ZsFlag`).";
    EmptyValue = "empty_value", Fault, "值为空", "empty value", "数值字段没有值。", "A numeric field has no value.";
    NotANumber = "not_a_number", Fault, "值非数字", "not a number", "数值字段的内容不是数字。", "A numeric field holds something else.";
    UnknownMark = "unknown_mark", Fault, "未知数据标记", "unknown data mark", "数据标记不属于 N、F、M、S、D、C、T、B 中的任何一种。", "A data flag is none of N F M S D C T B.";
    MissingTime = "missing_time", Fault, "缺少数据时间", "no DataTime", "数据没有时间；有请求编码时取其时间。", "Data without a time; the request number's time is taken if there is one.";
    BadTime = "bad_time", Fault, "时间格式错误", "malformed time", "时间不是 YYYYMMDDhhmmss 格式（可带毫秒）。", "A time is not YYYYMMDDhhmmss with or without milliseconds.";
    ImpossibleTime = "impossible_time", Fault, "时间不存在", "impossible time", "日历上不存在的日期或时间。", "A date or time that no calendar has.";
    DoubledTime = "doubled_time", Fault, "时间重复", "doubled time", "时间连续写了两遍，取第一个。", "A time is written twice in a row; the first is taken.";
    TooManyFields = "too_many_fields", Fault, "字段过多", "too many fields", "字段数超过上限，其余部分不读取。", "More fields than the limit; the rest is not read.";
}

/// The reference page of the codec's defects, in Markdown: one row a code, in both languages.
pub fn reference() -> String {
    let mut page = String::from(
        "# Defects 报文缺陷\n\n\
         What the decoder finds in a packet that departs from HJ 212. A code never changes its meaning.\n\
         解码时发现的与 HJ 212 不符之处。代码的含义不会改变。\n\n\
         - 提示 note: older editions allow it; nothing is lost. 旧版标准允许，不影响数据。\n\
         - 缺陷 fault: against every edition; the rest of the packet is used. 不符合任何一版标准，其余内容照常采用。\n\
         - 致命 fatal: the packet's values are not used. 该包数值不予采用。\n\n\
         | code 代码 | 中文 | English | severity 程度 | 含义 | meaning |\n|---|---|---|---|---|---|\n",
    );
    for defect in Defect::ALL {
        let severity = defect.severity();
        let cells = [
            format!("`{}`", defect.code()),
            defect.name_zh().to_owned(),
            defect.name_en().to_owned(),
            format!("{} {}", severity.name_zh(), severity.name_en()),
            defect.meaning_zh().to_owned(),
            defect.meaning().to_owned(),
        ];
        page.push_str(&table_row(&cells));
    }
    page
}

/// One row of a Markdown table; a `|` within a cell is escaped.
pub fn table_row(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.as_ref().replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
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
    fn the_reference_page_has_a_whole_row_for_every_code() {
        let page = reference();
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), Defect::ALL.len());
        for (row, defect) in rows.iter().zip(Defect::ALL) {
            assert!(row.starts_with(&format!("| `{}` | {} |", defect.code(), defect.name_zh())), "{row}");
            assert_eq!(row.matches(" | ").count(), 5, "{row}");
        }
        assert_eq!(table_row(&["a|b", "c"]), "| a\\|b | c |\n");
    }

    #[test]
    fn codes_are_unique_and_lead_back() {
        for &defect in Defect::ALL {
            assert_eq!(Defect::from_code(defect.code()), Some(defect));
            assert!(defect.code().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
            assert!(!defect.name_zh().is_empty() && !defect.name_en().is_empty());
            let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(han(defect.meaning_zh()) && defect.meaning_zh().ends_with('。'), "{defect}");
            assert!(!han(defect.meaning()) && defect.meaning().ends_with('.'), "{defect}");
        }
    }
}
