//! What the gateway itself finds wrong with a packet, beside what the codec finds
//! ([`sanggan_hj212::Defect`]). The codes of both lists are distinct and are stored, counted and shown together.

/// One thing that can be wrong, for lists and legends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefectInfo {
    /// The stable code.
    pub code: &'static str,
    /// Its name in Chinese.
    pub name_zh: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
    /// What it means, in one line of Chinese.
    pub meaning_zh: &'static str,
    /// What it means, in one line of English.
    pub meaning: &'static str,
}

macro_rules! gateway_defects {
    ($($constant:ident = $code:literal, $zh:literal, $en:literal, $meaning_zh:literal, $meaning:literal;)+) => {
        $(#[doc = $meaning] pub(crate) const $constant: &str = $code;)+

        /// Every defect the gateway finds itself.
        pub const GATEWAY_DEFECTS: &[DefectInfo] = &[
            $(DefectInfo { code: $constant, name_zh: $zh, name_en: $en, meaning_zh: $meaning_zh, meaning: $meaning }),+
        ];
    };
}

gateway_defects! {
    WRONG_PASSWORD = "wrong_password", "密码错误", "wrong password", "设备使用的密码与登记的不一致：保留原始包，数值不予采用。", "The device signed in with another password than the registered one: the packet is kept, its values are not used.";
    CONFLICTING_REPEAT = "conflicting_repeat", "重复包内容不同", "conflicting repeat", "相同编号或时间的包此前已收到，但数值不同：以新值为准，旧值作为历史版本保留。", "A packet with this number or time came before with other values: the newer ones count, the older stay as a version.";
    SHARED_MN = "shared_mn", "MN重复使用", "shared MN", "两台设备通过两条连接使用同一个设备唯一标识。", "Two devices on two connections sign in with this device number.";
    CLOCK_SUSPECT = "clock_suspect", "时钟可疑", "suspect clock", "数据时间过于超前或滞后；数值入库，但不予采用。", "The data time lies too far in the future or the past; the values are stored and not used.";
    IMPLAUSIBLE_VALUE = "implausible_value", "数值不可能", "implausible value", "数值超出该项目可能的范围；数值入库，但不予采用。", "A value lies outside what the quantity can be; it is stored and not used.";
    UNKNOWN_PARAMETER = "unknown_parameter", "未知因子", "unknown parameter", "因子编码不在任何编码表中，设备也未绑定；数值按原编码保存。", "A factor code is in no table and in no binding of the device; its values are kept under the code as sent.";
    UNIT_MISMATCH = "unit_mismatch", "单位不符", "unit mismatch", "设备绑定的单位无法换算为该因子的单位；数值按原样入库，不予采用。", "The device's binding names a unit that does not convert to the parameter's; the value is stored as sent and not used.";
    SPLIT_INCOMPLETE = "split_incomplete", "拆分包不全", "split packet incomplete", "分包传输的部分包始终未到。", "Parts of a split packet never came.";
    WAITING_FOR_PART = "waiting_for_part", "等待其他分包", "waiting for another part", "分包中不含时间的一包；待含时间的一包到达后再保存其数值。", "A part of a split packet without a time; its values are stored when the part with the time comes.";
    NO_START = "no_start", "无包头", "no start", "记录行中没有“##”。", "A recorded line holds no `##`.";
    NO_FIELDS = "no_fields", "无可读字段", "no fields", "“##”与包尾之间没有任何一版标准规定的字段。", "Between `##` and the end stands no field of any edition.";
    TOO_LONG = "too_long", "包超长", "too long", "在包的最大允许长度内未见包尾。", "No end of the packet came within the longest length a packet may have.";
    GARBAGE = "garbage", "无法识别的字节", "garbage", "对端发来不属于任何包的字节，保留其开头部分。", "The peer sent bytes that belong to no packet; the first of them are kept.";
}

/// What a defect code of either list means.
pub fn describe_defect(code: &str) -> Option<DefectInfo> {
    if let Some(info) = GATEWAY_DEFECTS.iter().find(|info| info.code == code) {
        return Some(*info);
    }
    let defect = sanggan_hj212::Defect::from_code(code)?;
    Some(DefectInfo {
        code: defect.code(),
        name_zh: defect.name_zh(),
        name_en: defect.name_en(),
        meaning_zh: defect.meaning_zh(),
        meaning: defect.meaning(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_stands_in_both_lists() {
        for info in GATEWAY_DEFECTS {
            assert_eq!(sanggan_hj212::Defect::from_code(info.code), None, "{}", info.code);
            assert_eq!(describe_defect(info.code), Some(*info));
            assert!(info.meaning_zh.ends_with('。') && info.meaning.ends_with('.'), "{}", info.code);
        }
        assert_eq!(describe_defect("missing_qn").map(|info| info.name_zh), Some("缺少QN"));
        assert_eq!(describe_defect("no_such"), None);
    }
}
