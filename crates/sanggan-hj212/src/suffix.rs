//! What stands after the `-` of a field name.

use sanggan_base::Measure;

macro_rules! suffixes {
    ($($variant:ident = $text:literal $bytes:literal, $meaning:literal;)+) => {
        /// The suffix of a coded field: `Rtd` in `w01018-Rtd`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Suffix {
            $(#[doc = $meaning] $variant,)+
            /// In no edition.
            Other,
        }

        impl Suffix {
            /// Every suffix that has a fixed text.
            pub const ALL: &'static [Suffix] = &[$(Suffix::$variant),+];

            /// The text as the standard writes it; empty for [`Suffix::Other`].
            pub fn text(self) -> &'static str {
                match self { $(Suffix::$variant => $text,)+ Suffix::Other => "" }
            }

            /// The suffix with exactly this text, else [`Suffix::Other`].
            pub fn from_text(text: &str) -> Suffix {
                match text.as_bytes() { $($bytes => Suffix::$variant,)+ _ => Suffix::Other }
            }
        }
    };
}

suffixes! {
    Rtd = "Rtd" b"Rtd", "实时数据 momentary value.";
    Flag = "Flag" b"Flag", "数据标记 data mark.";
    Min = "Min" b"Min", "最小值 minimum.";
    Avg = "Avg" b"Avg", "平均值 mean.";
    Max = "Max" b"Max", "最大值 maximum.";
    Cou = "Cou" b"Cou", "累计值 total of the period.";
    ZsRtd = "ZsRtd" b"ZsRtd", "折算实时数据 converted momentary value.";
    ZsMin = "ZsMin" b"ZsMin", "折算最小值 converted minimum.";
    ZsAvg = "ZsAvg" b"ZsAvg", "折算平均值 converted mean.";
    ZsMax = "ZsMax" b"ZsMax", "折算最大值 converted maximum.";
    ZsCou = "ZsCou" b"ZsCou", "Total of converted values; sent by some makers, in no edition.";
    ZsFlag = "ZsFlag" b"ZsFlag", "Mark of converted values; sent by some makers, in no edition.";
    EFlag = "EFlag" b"EFlag", "设备标志 the maker's own mark.";
    SampleTime = "SampleTime" b"SampleTime", "采样时间 time the sample was taken.";
    Rs = "RS" b"RS", "设备运行状态 state of a facility.";
    Rt = "RT" b"RT", "设备运行时间 running time of a facility.";
    Data = "Data" b"Data", "噪声历史数据 noise over the period.";
    DayData = "DayData" b"DayData", "噪声昼间数据 noise by day.";
    NightData = "NightData" b"NightData", "噪声夜间数据 noise by night.";
    Info = "Info" b"Info", "现场端信息 site information.";
    Sn = "SN" b"SN", "设备唯一标识 device identity.";
    Ala = "Ala" b"Ala", "报警值 alarm value (2005).";
    LowValue = "LowValue" b"LowValue", "报警下限 lower alarm limit (2005).";
    UpValue = "UpValue" b"UpValue", "报警上限 upper alarm limit (2005).";
    SampleRd = "SampleRd" b"SampleRd", "核查读数 reading of a standard sample (2025).";
    StandardValue = "StandardValue" b"StandardValue", "标样值 value of a standard sample (2025).";
    Result = "Result" b"Result", "核查结果 result of a check (2025).";
}

impl Suffix {
    /// The suffix with this text in any letter case.
    pub fn from_text_any_case(text: &str) -> Suffix {
        Suffix::ALL.iter().copied().find(|s| s.text().eq_ignore_ascii_case(text)).unwrap_or(Suffix::Other)
    }

    /// Which figure a value with this suffix is, or `None` when it is no figure of a series.
    pub fn measure(self) -> Option<Measure> {
        Some(match self {
            Suffix::Rtd | Suffix::Avg => Measure::Mean,
            Suffix::Min => Measure::Min,
            Suffix::Max => Measure::Max,
            Suffix::Cou => Measure::Total,
            Suffix::ZsRtd | Suffix::ZsAvg => Measure::ConvertedMean,
            Suffix::ZsMin => Measure::ConvertedMin,
            Suffix::ZsMax => Measure::ConvertedMax,
            Suffix::ZsCou => Measure::ConvertedTotal,
            _ => return None,
        })
    }

    /// Whether the value is of the kind that `ZsFlag` marks.
    pub(crate) fn is_converted(self) -> bool {
        matches!(self, Suffix::ZsRtd | Suffix::ZsMin | Suffix::ZsAvg | Suffix::ZsMax | Suffix::ZsCou)
    }

    /// Whether the value must be a number.
    pub fn is_numeric(self) -> bool {
        self.measure().is_some()
            || matches!(self, Suffix::Rt | Suffix::Data | Suffix::DayData | Suffix::NightData | Suffix::Ala)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lead_back() {
        for &suffix in Suffix::ALL {
            assert_eq!(Suffix::from_text(suffix.text()), suffix);
            assert_eq!(Suffix::from_text_any_case(&suffix.text().to_lowercase()), suffix);
        }
        assert_eq!(Suffix::from_text("Zn"), Suffix::Other);
    }
}
