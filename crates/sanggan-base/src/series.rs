//! What a number is a number of.

use crate::{ParameterCode, StationCode};

/// How often a value of a series comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Cadence {
    /// 实时数据 (CN 2011): a momentary value, at the time it was taken.
    RealTime = 0,
    /// 分钟数据 (CN 2051): the mean over the device's minute interval (1 to 30 min), at its beginning.
    Minute = 1,
    /// 小时数据 (CN 2061).
    Hour = 2,
    /// 日数据 (CN 2031).
    Day = 3,
    /// Worked out by the platform; the rows are statistics, not observations.
    Computed = 4,
}

/// Which figure about the period a value is (the suffix of an HJ 212 field).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Measure {
    /// The value itself (`Rtd`) or the mean of the period (`Avg`).
    Mean = 0,
    /// The smallest (`Min`).
    Min = 1,
    /// The largest (`Max`).
    Max = 2,
    /// The total of the period: flow volume or emitted mass (`Cou`).
    Total = 3,
    /// Converted to the reference oxygen content (`ZsRtd`, `ZsAvg`; 折算).
    ConvertedMean = 4,
    /// Smallest converted value (`ZsMin`).
    ConvertedMin = 5,
    /// Largest converted value (`ZsMax`).
    ConvertedMax = 6,
    /// Total of converted values (`ZsCou`; sent by some makers, in no edition).
    ConvertedTotal = 7,
}

/// The length of a statistic's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Grain {
    /// One hour.
    Hour = 0,
    /// One local calendar day.
    Day = 1,
    /// One local calendar month.
    Month = 2,
    /// One local calendar year.
    Year = 3,
}

/// Which figure a statistic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum StatKind {
    /// Arithmetic mean (算术平均).
    Mean = 0,
    /// The mean of the 8 hours that end with this hour (8小时滑动平均); grain hour.
    Mean8h = 1,
    /// The day's largest 8-hour mean (日最大8小时平均); grain day.
    Mda8 = 2,
    /// The largest hourly mean of the period.
    MaxHour = 3,
    /// The 90th percentile of the daily values; grain month and year.
    P90 = 4,
    /// The 95th percentile of the daily values; grain month and year.
    P95 = 5,
    /// The 98th percentile of the daily values; grain month and year.
    P98 = 6,
    /// Mean weighted by the flow of each hour (流量加权平均); outlets.
    FlowWeightedMean = 7,
    /// Discharged mass in kg; outlets.
    Load = 8,
    /// Volume discharged in m³; the flow parameter of outlets.
    Volume = 9,
    /// The mean of the 24 hours that end with this hour (24小时滑动平均); grain hour, PM only.
    Mean24h = 10,
    /// Mean of the values converted to reference oxygen (折算浓度均值); flue gas.
    ConvertedMean = 11,
}

/// The key of a series: where, what, which figure, how often.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct SeriesKey {
    /// The station, outlet or area.
    pub station: StationCode,
    /// What is measured.
    pub parameter: ParameterCode,
    /// Which figure about the period.
    pub measure: Measure,
    /// How often it comes.
    pub cadence: Cadence,
}

macro_rules! stored_enum {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of its stored number.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The name used in the API, in files and in SQL.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value with this name.
            pub fn from_name(name: &str) -> Option<$name> {
                match name { $($text => Some($name::$variant),)+ _ => None }
            }

            /// The stored number.
            pub fn to_u8(self) -> u8 {
                self as u8
            }

            /// The value of a stored number.
            pub fn from_u8(number: u8) -> Option<$name> {
                $name::ALL.get(usize::from(number)).copied()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

stored_enum!(Cadence { RealTime = "real_time", Minute = "minute", Hour = "hour", Day = "day", Computed = "computed" });
stored_enum!(Measure {
    Mean = "mean",
    Min = "min",
    Max = "max",
    Total = "total",
    ConvertedMean = "converted_mean",
    ConvertedMin = "converted_min",
    ConvertedMax = "converted_max",
    ConvertedTotal = "converted_total",
});
stored_enum!(Grain { Hour = "hour", Day = "day", Month = "month", Year = "year" });
stored_enum!(StatKind {
    Mean = "mean",
    Mean8h = "mean_8h",
    Mda8 = "mda8",
    MaxHour = "max_hour",
    P90 = "p90",
    P95 = "p95",
    P98 = "p98",
    FlowWeightedMean = "flow_weighted_mean",
    Load = "load",
    Volume = "volume",
    Mean24h = "mean_24h",
    ConvertedMean = "converted_mean",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_numbers_and_names_lead_back() {
        for &kind in StatKind::ALL {
            assert_eq!(StatKind::from_u8(kind.to_u8()), Some(kind));
            assert_eq!(StatKind::from_name(kind.name()), Some(kind));
        }
        for &measure in Measure::ALL {
            assert_eq!(Measure::from_u8(measure.to_u8()), Some(measure));
        }
        for &cadence in Cadence::ALL {
            assert_eq!(Cadence::from_name(cadence.name()), Some(cadence));
        }
        assert_eq!(Grain::from_u8(9), None);
    }
}
