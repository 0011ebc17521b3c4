//! The files as they are written, before anything is checked.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::{
    Averaging, Bound, LimitStatus, Name, PlausibleRange, Position, ProtocolEdition, StampConvention,
    StationKind,
};

/// A date as TOML writes it (`2020-05-01`, without quotes).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub(crate) struct TomlDate(pub(crate) Date);

impl TryFrom<toml::value::Datetime> for TomlDate {
    type Error = String;
    fn try_from(stamp: toml::value::Datetime) -> Result<Self, String> {
        let (Some(date), None) = (stamp.date, stamp.time) else {
            return Err(format!("`{stamp}` is not a date alone"));
        };
        let narrow = |number: u8| i8::try_from(number).map_err(|_| format!("`{stamp}` is no day"));
        let year = i16::try_from(date.year).map_err(|_| format!("`{stamp}` is no day"))?;
        Date::new(year, narrow(date.month)?, narrow(date.day)?)
            .map(TomlDate)
            .map_err(|error| error.to_string())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParameters {
    pub(crate) version: u32,
    pub(crate) checked_on: Spanned<String>,
    #[serde(default)]
    pub(crate) parameter: Vec<RawParameter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParameter {
    pub(crate) code: Spanned<String>,
    pub(crate) name: Name,
    pub(crate) symbol: String,
    pub(crate) old_code: Option<Spanned<String>>,
    pub(crate) old_sent: Option<Spanned<String>>,
    pub(crate) old_total: Option<Spanned<String>>,
    pub(crate) total: Option<Spanned<String>>,
    pub(crate) printed: Option<Spanned<String>>,
    pub(crate) ambient: Option<RawInMedium>,
    pub(crate) stack: Option<RawInMedium>,
    pub(crate) water: Option<RawInMedium>,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawInMedium {
    pub(crate) unit: Spanned<String>,
    pub(crate) sent: Spanned<String>,
    pub(crate) digits: u8,
    pub(crate) range: Option<PlausibleRange>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDefaults {
    pub(crate) version: u32,
    pub(crate) minute_interval: u8,
    pub(crate) near_limit_ratio: f64,
    #[serde(default)]
    pub(crate) kind: Vec<RawKind>,
    pub(crate) clock: RawClock,
    pub(crate) station_kind_of_st: BTreeMap<String, StationKind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKind {
    pub(crate) kind: Spanned<StationKind>,
    pub(crate) name: Name,
    pub(crate) late_after_s: u32,
    pub(crate) offline_after_s: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClock {
    pub(crate) ahead_s: u32,
    pub(crate) guess_s: u32,
    pub(crate) behind_days: u32,
    pub(crate) show_offset_s: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLimits {
    pub(crate) version: u32,
    pub(crate) checked_on: Spanned<String>,
    #[serde(default)]
    pub(crate) set: Vec<RawLimitSet>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLimitSet {
    pub(crate) name: Spanned<String>,
    pub(crate) standard: RawName,
    pub(crate) edition: String,
    pub(crate) from: TomlDate,
    pub(crate) until: Option<TomlDate>,
    pub(crate) averaging: Averaging,
    pub(crate) status: LimitStatus,
    pub(crate) reference_oxygen: Option<Spanned<f64>>,
    pub(crate) label: Name,
    pub(crate) lines: Vec<RawLimitLine>,
}

/// A name that may be the same in both languages (`"GB 18918"`), else both (`{ zh = "…", en = "…" }`).
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a name, or a name in both languages: { zh = \"…\", en = \"…\" }")]
pub(crate) enum RawName {
    Same(String),
    Both(Name),
}

impl RawName {
    pub(crate) fn name(&self) -> Name {
        match self {
            RawName::Same(text) => Name::same(text),
            RawName::Both(name) => name.clone(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLimitLine {
    pub(crate) parameter: Spanned<String>,
    pub(crate) value: f64,
    pub(crate) unit: Spanned<String>,
    pub(crate) clause: Name,
    pub(crate) bound: Option<Bound>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCity {
    pub(crate) version: u32,
    pub(crate) code: Spanned<String>,
    pub(crate) name: Name,
    pub(crate) centre: Spanned<[f64; 2]>,
    #[serde(default)]
    pub(crate) area: Vec<RawArea>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArea {
    pub(crate) code: Spanned<String>,
    pub(crate) name: Name,
    pub(crate) administrative: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMonitors {
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) simulated: bool,
    #[serde(default)]
    pub(crate) profile: BTreeMap<String, BTreeMap<Spanned<String>, f64>>,
    #[serde(default)]
    pub(crate) bindings: BTreeMap<String, BTreeMap<Spanned<String>, Spanned<String>>>,
    #[serde(default)]
    pub(crate) station: Vec<RawStation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStation {
    pub(crate) code: Spanned<String>,
    pub(crate) name: Name,
    pub(crate) kind: StationKind,
    pub(crate) area: Spanned<String>,
    pub(crate) lon: Option<Spanned<f64>>,
    pub(crate) lat: Option<Spanned<f64>>,
    pub(crate) position: Option<Position>,
    pub(crate) profile: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) typical: BTreeMap<Spanned<String>, f64>,
    #[serde(default)]
    pub(crate) limits: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) device: Vec<RawDevice>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDevice {
    pub(crate) mn: Spanned<String>,
    pub(crate) password: Option<String>,
    pub(crate) edition: Option<ProtocolEdition>,
    pub(crate) stamp: Option<StampConvention>,
    pub(crate) minute_interval: Option<Spanned<u8>>,
    pub(crate) bindings: Option<Spanned<String>>,
}
