//! Whether a value may be used, and if not, why.

/// The quality flag of one observation.
///
/// The letters are the data marks of HJ 212-2017 table 7; the rest are set by the platform.
/// The number is stored in the lake and never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Flag {
    /// `N` 正常 normal.
    Normal = 0,
    /// No mark was sent; taken as normal.
    Unmarked = 1,
    /// `F` 停运 the facility is stopped.
    Stopped = 2,
    /// `M` 维护 produced during maintenance.
    Maintenance = 3,
    /// `S` 手工输入 set by hand.
    Manual = 4,
    /// `D` 故障 the instrument is at fault.
    Fault = 5,
    /// `C` 校准 calibrating.
    Calibration = 6,
    /// `T` 超过测量上限 above the measuring range.
    OverRange = 7,
    /// `B` 通讯异常 no contact between instrument and logger.
    NoContact = 8,
    /// A mark that no edition of the standard knows.
    UnknownMark = 9,
    /// The device's clock cannot be right (platform).
    ClockSuspect = 10,
    /// A value that cannot be, such as a negative concentration below the instrument's noise (platform).
    Implausible = 11,
    /// Marked invalid by a person or a published source (platform).
    Invalid = 12,
}

impl Flag {
    /// Every flag, in the order of its number.
    pub const ALL: [Flag; 13] = [
        Flag::Normal,
        Flag::Unmarked,
        Flag::Stopped,
        Flag::Maintenance,
        Flag::Manual,
        Flag::Fault,
        Flag::Calibration,
        Flag::OverRange,
        Flag::NoContact,
        Flag::UnknownMark,
        Flag::ClockSuspect,
        Flag::Implausible,
        Flag::Invalid,
    ];

    /// Whether the value takes part in statistics.
    pub fn is_valid(self) -> bool {
        matches!(self, Flag::Normal | Flag::Unmarked)
    }

    /// The stored number.
    pub fn to_u8(self) -> u8 {
        self as u8
    }

    /// The flag of a stored number; a number from a newer program reads as [`Flag::UnknownMark`].
    pub fn from_u8(number: u8) -> Flag {
        Flag::ALL.get(usize::from(number)).copied().unwrap_or(Flag::UnknownMark)
    }

    /// The flag for a data mark as sent (`N`, `F`, …); lower case is accepted.
    pub fn from_mark(mark: &str) -> Flag {
        match mark.trim() {
            "" => Flag::Unmarked,
            "N" | "n" => Flag::Normal,
            "F" | "f" => Flag::Stopped,
            "M" | "m" => Flag::Maintenance,
            "S" | "s" => Flag::Manual,
            "D" | "d" => Flag::Fault,
            "C" | "c" => Flag::Calibration,
            "T" | "t" => Flag::OverRange,
            "B" | "b" => Flag::NoContact,
            _ => Flag::UnknownMark,
        }
    }

    /// The name used in the API and in SQL (`normal`, `over_range`, …).
    pub fn name(self) -> &'static str {
        match self {
            Flag::Normal => "normal",
            Flag::Unmarked => "unmarked",
            Flag::Stopped => "stopped",
            Flag::Maintenance => "maintenance",
            Flag::Manual => "manual",
            Flag::Fault => "fault",
            Flag::Calibration => "calibration",
            Flag::OverRange => "over_range",
            Flag::NoContact => "no_contact",
            Flag::UnknownMark => "unknown_mark",
            Flag::ClockSuspect => "clock_suspect",
            Flag::Implausible => "implausible",
            Flag::Invalid => "invalid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_survives_being_stored() {
        for flag in Flag::ALL {
            assert_eq!(Flag::from_u8(flag.to_u8()), flag);
        }
        assert_eq!(Flag::from_u8(200), Flag::UnknownMark);
    }
}
