//! From a device's fields to readings of series: which parameter, which unit, which period.

use std::collections::HashMap;
use std::sync::Arc;

use sanggan_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use sanggan_base::{Cadence, Flag, Measure, Millis, ParameterCode, Reading, SeriesId, SeriesKey, Unit};
use sanggan_hj212::Value;
use sanggan_pack::{ClockRule, Device, ParameterTable, StampConvention, Station};

use crate::defects;

/// How one device's fields become readings; made anew when the device or its station changes.
pub(crate) struct Bound {
    device: Arc<Device>,
    station: Arc<Station>,
    codes: HashMap<Box<str>, Code>,
}

/// What one code as sent stands for at this device.
struct Code {
    parameter: ParameterCode,
    /// Neither the table nor a binding knows the code.
    unknown: bool,
    values: Conversion,
    totals: Conversion,
    range: Option<(f64, f64)>,
    /// Series numbers by cadence and measure, [`NO_SERIES`] where not asked for yet.
    series: [[u32; Measure::ALL.len()]; 4],
}

const NO_SERIES: u32 = u32::MAX;

/// Codes one device may use; a device that sends ever new ones makes no further series.
const CODES_MAX: usize = 1024;

/// A series the lake has to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) code: Box<str>,
    pub(crate) key: SeriesKey,
}

/// The readings of one packet and what was wrong with them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) readings: Vec<Reading>,
    pub(crate) defects: Vec<&'static str>,
}

impl Read {
    fn note(&mut self, defect: &'static str) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }
}

/// When a packet's values were measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) cadence: Cadence,
    /// The time as sent.
    pub(crate) stamp: Millis,
    /// Length of a minute period when the command number fixes it.
    pub(crate) minutes: Option<u8>,
}

impl Bound {
    pub(crate) fn new(device: Arc<Device>, station: Arc<Station>) -> Bound {
        Bound { device, station, codes: HashMap::new() }
    }

    /// Whether it still is that of `device` at `station`.
    pub(crate) fn is_of(&self, device: &Arc<Device>, station: &Arc<Station>) -> bool {
        Arc::ptr_eq(&self.device, device) && Arc::ptr_eq(&self.station, station)
    }

    /// Keeps the number of a series that was missing.
    pub(crate) fn learn(&mut self, missing: &Missing, id: SeriesId) {
        if let Some(code) = self.codes.get_mut(&missing.code)
            && let Some(row) = code.series.get_mut(usize::from(missing.key.cadence.to_u8()))
        {
            row[usize::from(missing.key.measure.to_u8())] = id.0;
        }
    }

    /// The series of `values` whose numbers are not known yet.
    pub(crate) fn missing<'m>(
        &mut self,
        values: impl Iterator<Item = Value<'m>>,
        cadence: Cadence,
        table: &ParameterTable,
    ) -> Vec<Missing> {
        let mut missing = Vec::new();
        for value in values {
            let Some(code) = self.code(value.code, table) else { continue };
            if code.series(cadence, value.measure) == Some(NO_SERIES) {
                let parameter = code.parameter.clone();
                let key = self.key(parameter, value.measure, cadence);
                missing.push(Missing { code: value.code.into(), key });
            }
        }
        missing
    }

    /// The readings of a packet whose times are compared with `reference`.
    /// A series that is not known yet is asked of `find`; a value whose series it cannot give is left out.
    pub(crate) fn read<'m>(
        &mut self,
        values: impl Iterator<Item = Value<'m>>,
        period: Period,
        reference: Millis,
        table: &ParameterTable,
        clock: &ClockRule,
        find: &dyn Fn(&SeriesKey) -> Option<SeriesId>,
    ) -> Read {
        let at = self.beginning(period);
        let suspect = clock_is_suspect(at, reference, clock);
        let mut read = Read::default();
        for value in values {
            let Some(code) = self.code(value.code, table) else {
                read.note(defects::UNKNOWN_PARAMETER);
                continue;
            };
            let Some(id) = code.series(period.cadence, value.measure) else { continue };
            let series = if id == NO_SERIES {
                let parameter = code.parameter.clone();
                let key = self.key(parameter, value.measure, period.cadence);
                let Some(id) = find(&key) else { continue };
                self.learn(&Missing { code: value.code.into(), key }, id);
                id
            } else {
                SeriesId(id)
            };
            // Two codes of one parameter in one packet: the first counts, as the codec does with repeated fields.
            if read.readings.iter().any(|known| known.series == series) {
                continue;
            }
            let Some(code) = self.codes.get(value.code) else { continue };
            if let Some(reading) = code.reading(series, at, &value, suspect, &mut read) {
                read.readings.push(reading);
            }
        }
        if suspect && !read.readings.is_empty() {
            read.note(defects::CLOCK_SUSPECT);
        }
        read
    }

    /// What a code as sent stands for; `None` for one code too many.
    fn code(&mut self, sent: &str, table: &ParameterTable) -> Option<&Code> {
        if !self.codes.contains_key(sent) {
            if self.codes.len() >= CODES_MAX {
                return None;
            }
            let made = Code::new(sent, &self.device, &self.station, table);
            self.codes.insert(sent.into(), made);
        }
        self.codes.get(sent)
    }

    fn key(&self, parameter: ParameterCode, measure: Measure, cadence: Cadence) -> SeriesKey {
        SeriesKey { station: self.device.station.clone(), parameter, measure, cadence }
    }

    /// The beginning of the period, whatever the device's stamps mean.
    fn beginning(&self, period: Period) -> Millis {
        if self.device.stamp == StampConvention::Begin {
            return period.stamp;
        }
        let length = match period.cadence {
            Cadence::RealTime | Cadence::Computed => 0,
            Cadence::Minute => i64::from(period.minutes.unwrap_or(self.device.minute_interval)) * MINUTE_MS,
            Cadence::Hour => HOUR_MS,
            Cadence::Day => DAY_MS,
        };
        period.stamp.plus(-length)
    }
}

/// Whether data that begin at `at` cannot have been received at `received_at`.
pub(crate) fn clock_is_suspect(at: Millis, received_at: Millis, rule: &ClockRule) -> bool {
    at > received_at.plus(i64::from(rule.ahead_s) * 1000)
        || at < received_at.plus(-(i64::from(rule.behind_days) * DAY_MS))
}

impl Code {
    /// The number of a series, [`NO_SERIES`] when not known yet; `None` for a cadence no device sends.
    fn series(&self, cadence: Cadence, measure: Measure) -> Option<u32> {
        Some(self.series.get(usize::from(cadence.to_u8()))?[usize::from(measure.to_u8())])
    }

    fn new(sent: &str, device: &Device, station: &Station, table: &ParameterTable) -> Code {
        let binding = device.binding(sent);
        let named = binding.map_or(sent, |binding| binding.parameter.as_str());
        let field = table.wire(named, station.kind);
        let parameter = binding.map_or_else(|| table.resolve(sent), |binding| binding.parameter.clone());
        let declared = binding.and_then(|binding| binding.unit);
        let row = field.as_ref();
        let range = row
            .and_then(|row| row.parameter.range(station.kind))
            .map(|range| (range.min.unwrap_or(f64::NEG_INFINITY), range.max.unwrap_or(f64::INFINITY)));
        Code {
            unknown: row.is_none() && binding.is_none(),
            parameter,
            values: Conversion::new(declared.or(row.and_then(|row| row.sent)), row.and_then(|row| row.unit)),
            totals: Conversion::new(row.and_then(|row| row.sent_total), row.and_then(|row| row.total)),
            range,
            series: [[NO_SERIES; Measure::ALL.len()]; 4],
        }
    }

    fn reading(
        &self,
        series: SeriesId,
        at: Millis,
        value: &Value<'_>,
        suspect: bool,
        read: &mut Read,
    ) -> Option<Reading> {
        if self.unknown {
            read.note(defects::UNKNOWN_PARAMETER);
        }
        let is_total = matches!(value.measure, Measure::Total | Measure::ConvertedTotal);
        let conversion = if is_total { self.totals } else { self.values };
        let mut flag = value.flag;
        let kept = conversion.apply(value.value).unwrap_or_else(|| {
            read.note(defects::UNIT_MISMATCH);
            flag = invalid(flag, Flag::Invalid);
            value.value
        });
        if !kept.is_finite() {
            read.note(defects::IMPLAUSIBLE_VALUE);
            return None;
        }
        let bounded = matches!(value.measure, Measure::Mean | Measure::Min | Measure::Max);
        if bounded && self.range.is_some_and(|(min, max)| !(min..=max).contains(&kept)) {
            // A value the device itself marks as bad is no surprise.
            if flag.is_valid() {
                read.note(defects::IMPLAUSIBLE_VALUE);
            }
            flag = invalid(flag, Flag::Implausible);
        }
        if suspect {
            flag = Flag::ClockSuspect;
        }
        Some(Reading { series, at, value: kept, flag })
    }
}

/// From the unit sent to the unit kept.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Conversion {
    /// The same unit, or none is known.
    None,
    Between(Unit, Unit),
    /// They measure different quantities.
    Impossible,
}

impl Conversion {
    fn new(sent: Option<Unit>, kept: Option<Unit>) -> Conversion {
        match (sent, kept) {
            (Some(sent), Some(kept)) if sent != kept => match sent.convert(0.0, kept) {
                Ok(_) => Conversion::Between(sent, kept),
                Err(_) => Conversion::Impossible,
            },
            _ => Conversion::None,
        }
    }

    fn apply(self, value: f64) -> Option<f64> {
        match self {
            Conversion::None => Some(value),
            Conversion::Between(sent, kept) => sent.convert(value, kept).ok().map(without_noise),
            Conversion::Impossible => None,
        }
    }
}

/// `worse`, unless the device already said why the value is not valid.
fn invalid(flag: Flag, worse: Flag) -> Flag {
    if flag.is_valid() { worse } else { flag }
}

/// Takes away the last digits that only the conversion's binary arithmetic brought in.
fn without_noise(value: f64) -> f64 {
    const KEPT: f64 = 1e9;
    if value.abs() < 1e6 { (value * KEPT).round() / KEPT } else { value }
}
