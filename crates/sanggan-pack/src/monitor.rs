//! Stations, devices and limit lines: what is monitored, by which data logger, and against what.

use jiff::civil::Date;
use sanggan_base::{AreaCode, Mn, ParameterCode, StationCode, Unit};
use serde::{Deserialize, Serialize};

use crate::Medium;

/// A name in both languages of the interface.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Name {
    /// What reads the same in both languages (`GB 18918`).
    pub fn same(text: impl Into<String>) -> Name {
        let zh = text.into();
        Name { en: zh.clone(), zh }
    }

    /// Whether it is written in both languages.
    pub fn is_complete(&self) -> bool {
        !self.zh.trim().is_empty() && !self.en.trim().is_empty()
    }
}

macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The name in files, in the store and in the API.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value with this name.
            pub fn from_name(name: &str) -> Option<$name> {
                match name { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named_enum!(
    /// What sort of place a station is.
    StationKind {
        /// 环境空气站.
        Air = "air",
        /// 废水排放口.
        WaterOutlet = "water_outlet",
        /// 废气排放口.
        GasOutlet = "gas_outlet",
        /// 地表水断面.
        SurfaceWater = "surface_water",
        /// Not said yet (a device admitted without a station kind).
        Unknown = "unknown",
    }
);
named_enum!(
    /// How the coordinates of a station were had.
    Position {
        /// Measured or given by the owner.
        Surveyed = "surveyed",
        /// Set by eye so that it can be drawn; not a real place.
        Schematic = "schematic",
    }
);
named_enum!(
    /// Whether a device stamps a period with its beginning or its end.
    StampConvention {
        /// The stamp is the beginning of the period, as HJ 212-2017 and 2025 say.
        Begin = "begin",
        /// The stamp is the end of the period.
        End = "end",
    }
);
named_enum!(
    /// The edition of the wire protocol a device is said to speak; the frames themselves decide.
    ProtocolEdition {
        /// HJ/T 212-2005.
        V2005 = "2005",
        /// HJ 212-2017.
        V2017 = "2017",
        /// HJ 212-2025.
        V2025 = "2025",
    }
);
named_enum!(
    /// Over what time a limit is compared.
    Averaging {
        /// Any moment.
        Instant = "instant",
        /// Hourly mean.
        Hour = "hour",
        /// Daily mean.
        Day = "day",
        /// Yearly mean.
        Year = "year",
    }
);
named_enum!(
    /// Which side of the limit is allowed.
    Bound {
        /// The value may not be above.
        Upper = "upper",
        /// The value may not be below (pH).
        Lower = "lower",
    }
);
named_enum!(
    /// How well the limit's number is known.
    LimitStatus {
        /// Compared with the standard's text.
        Confirmed = "confirmed",
        /// Known from a secondary source; to be compared with the text before legal use.
        Unconfirmed = "unconfirmed",
        /// Declared by the outlet's permit or its owner.
        Declared = "declared",
    }
);

impl StationKind {
    /// The medium its values are of, or `None` when that is not known.
    pub fn medium(self) -> Option<Medium> {
        match self {
            StationKind::Air => Some(Medium::Ambient),
            StationKind::GasOutlet => Some(Medium::Stack),
            StationKind::WaterOutlet | StationKind::SurfaceWater => Some(Medium::Water),
            StationKind::Unknown => None,
        }
    }

    /// Whether something is discharged there.
    pub fn is_outlet(self) -> bool {
        matches!(self, StationKind::WaterOutlet | StationKind::GasOutlet)
    }
}

/// One monitoring place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Its code.
    pub code: StationCode,
    /// Its name.
    pub name: Name,
    /// What sort of place it is.
    pub kind: StationKind,
    /// The area it lies in.
    pub area: AreaCode,
    /// Degrees east, WGS 84.
    pub lon: Option<f64>,
    /// Degrees north, WGS 84.
    pub lat: Option<f64>,
    /// How the coordinates were had.
    pub position: Position,
    /// Made up for the demonstration; shown wherever the station shows.
    pub simulated: bool,
}

/// What one field of a device is, where the parameter table would not say it or would say it wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The factor code as the device sends it, without suffix.
    pub sent: String,
    /// What it is.
    pub parameter: ParameterCode,
    /// The unit the device sends; `None`: the table's wire unit.
    pub unit: Option<Unit>,
}

/// One data logger (数采仪).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The number under which it signs in.
    pub mn: Mn,
    /// The station whose values it sends.
    pub station: StationCode,
    /// The password it must send; `None`: any.
    pub password: Option<String>,
    /// The edition it is said to speak.
    pub edition: Option<ProtocolEdition>,
    /// What its stamps mean.
    pub stamp: StampConvention,
    /// Length of its minute data (CN 2051) in minutes.
    pub minute_interval: u8,
    /// Where it departs from the parameter table.
    pub bindings: Vec<Binding>,
    /// A logger of the demonstration.
    pub simulated: bool,
}

impl Device {
    /// The binding for a factor code as sent, when it has one.
    pub fn binding(&self, sent: &str) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.sent == sent)
    }
}

/// One limit that holds at one station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitLine {
    /// Where it holds.
    pub station: StationCode,
    /// For what.
    pub parameter: ParameterCode,
    /// The limit itself, in `unit`.
    pub value: f64,
    /// Which side is allowed.
    pub bound: Bound,
    /// The unit of `value`.
    pub unit: Unit,
    /// Over what time it is compared.
    pub averaging: Averaging,
    /// What it is called on a chart.
    pub label: Name,
    /// The clause or table.
    pub clause: Name,
    /// The standard (`GB 18918`), or the permit.
    pub standard: Name,
    /// Its edition (`2002`).
    pub edition: String,
    /// First day on which it holds.
    pub from: Date,
    /// Last day on which it holds; `None`: still in force.
    pub until: Option<Date>,
    /// How well the number is known.
    pub status: LimitStatus,
    /// Oxygen content in % to which the concentration is converted before comparing (flue gas).
    pub reference_oxygen: Option<f64>,
}

impl LimitLine {
    /// Whether it holds on `day`.
    pub fn in_force(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether `value` (in this line's unit, over its averaging time) breaks it. The limit itself is met.
    pub fn is_broken_by(&self, value: f64) -> bool {
        match self.bound {
            Bound::Upper => value > self.value,
            Bound::Lower => value < self.value,
        }
    }
}

/// What a simulated station measures, and about which level the simulator varies it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulatedParameter {
    /// What.
    pub parameter: ParameterCode,
    /// The usual level, in the platform's unit for the station's medium.
    pub typical: f64,
}

/// What the simulator must know of one simulated station, beside the station itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemoStation {
    /// The station.
    pub station: StationCode,
    /// What it measures.
    pub parameters: Vec<SimulatedParameter>,
}

/// Stations with their devices and limits, as a pack brings them and the store takes them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MonitorSet {
    /// The places.
    pub stations: Vec<Station>,
    /// The loggers.
    pub devices: Vec<Device>,
    /// The limits.
    pub limits: Vec<LimitLine>,
    /// What the simulator must know; empty in a set of real stations.
    pub demo: Vec<DemoStation>,
}
