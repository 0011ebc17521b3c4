//! From checked to resolved: stations with their profiles, bindings and limit sets put in.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use sanggan_base::{AreaCode, Mn, ParameterCode, StationCode, Unit};
use toml::Spanned;

use crate::check::{FileCheck, is_place, kept_unit, minute_interval};
use crate::raw::{RawDevice, RawLimitSet, RawLimits, RawMonitors, RawStation};
use crate::{
    Binding, Bound, City, Defaults, DemoStation, Device, LimitLine, MonitorSet, ParameterTable, Position,
    SimulatedParameter, StampConvention, Station, StationKind,
};

/// Limit sets by name.
pub(crate) type LimitSets = BTreeMap<String, RawLimitSet>;

/// What stations may refer to.
pub(crate) struct Context<'a> {
    pub(crate) table: &'a ParameterTable,
    pub(crate) defaults: Option<&'a Defaults>,
    pub(crate) city: Option<&'a City>,
    pub(crate) limits: &'a LimitSets,
}

/// `limits.toml` → sets, added to those there are.
pub(crate) fn limits(mut check: FileCheck<'_>, table: &ParameterTable, sets: &mut LimitSets) {
    let Some(raw) = check.parse::<RawLimits>() else { return };
    check.version(raw.version);
    check.date(&raw.checked_on, "checked_on");
    for set in raw.set {
        let name = set.name.get_ref().clone();
        let key = format!("set {name}");
        if let Some(until) = set.until
            && until.0 < set.from.0
        {
            check.fault(&set.name.span(), &key, "until is before from");
        }
        if let Some(oxygen) = &set.reference_oxygen
            && !(0.0..21.0).contains(oxygen.get_ref())
        {
            check.fault(&oxygen.span(), &key, "reference_oxygen must be from 0 to below 21");
        }
        if !set.standard.name().is_complete() || !set.label.is_complete() {
            check.fault(&set.name.span(), &key, "standard and label may not be empty in either language");
        }
        for line in &set.lines {
            let code = line.parameter.get_ref();
            let unit = check.unit(&line.unit, &key);
            match table.get(code) {
                None => check.fault(&line.parameter.span(), &key, format!("there is no parameter `{code}`")),
                Some(row) => {
                    let fits = |unit: Unit| {
                        let media = &row.media;
                        [&media.ambient, &media.stack, &media.water]
                            .into_iter()
                            .flatten()
                            .any(|m| unit == m.unit)
                    };
                    if unit.is_some_and(|unit| !fits(unit)) {
                        let what = format!("`{}` is not a unit in which {code} is kept", line.unit.get_ref());
                        check.fault(&line.unit.span(), &key, what);
                    }
                }
            }
            if !line.clause.is_complete() || !line.value.is_finite() {
                let what = "a limit needs a value and a clause in both languages";
                check.fault(&line.parameter.span(), &key, what);
            }
        }
        match sets.entry(name) {
            Entry::Occupied(_) => check.fault(&set.name.span(), &key, "stands twice"),
            Entry::Vacant(free) => {
                free.insert(set);
            }
        }
    }
}

/// `stations.toml` or `demo.toml` → stations, devices and limits.
pub(crate) fn monitors(
    mut check: FileCheck<'_>,
    context: &Context<'_>,
    must_be_simulated: bool,
) -> MonitorSet {
    let mut set = MonitorSet::default();
    let Some(raw) = check.parse::<RawMonitors>() else { return set };
    check.version(raw.version);
    if raw.simulated != must_be_simulated {
        check.fault_of_file("simulated", format!("must be {must_be_simulated} in this file"));
    }
    for (name, list) in &raw.profile {
        for code in list.keys() {
            if context.table.get(code.get_ref()).is_none() {
                let what = format!("there is no parameter `{}`", code.get_ref());
                check.fault(&code.span(), &format!("profile.{name}"), what);
            }
        }
    }
    let (mut codes, mut mns) = (HashSet::new(), HashSet::new());
    for station in &raw.station {
        let key = format!("station {}", station.code.get_ref());
        if !codes.insert(station.code.get_ref().clone()) {
            check.fault(&station.code.span(), &key, "stands twice");
        }
        let mut one = One { check: &mut check, context, raw: &raw, simulated: must_be_simulated, key };
        let Some(place) = one.station(station) else { continue };
        one.limits(station, &place, &mut set.limits);
        one.demo(station, &place, &mut set.demo);
        for device in &station.device {
            if !mns.insert(device.mn.get_ref().clone()) {
                one.check.fault(
                    &device.mn.span(),
                    &one.key,
                    format!("MN `{}` stands twice", device.mn.get_ref()),
                );
            }
            set.devices.extend(one.device(device, &place));
        }
        set.stations.push(place);
    }
    set
}

struct One<'c, 'a> {
    check: &'c mut FileCheck<'a>,
    context: &'c Context<'c>,
    raw: &'c RawMonitors,
    simulated: bool,
    key: String,
}

impl One<'_, '_> {
    fn fault<T>(&mut self, at: &Spanned<T>, what: impl Into<String>) {
        self.check.fault(&at.span(), &self.key, what);
    }

    fn station(&mut self, raw: &RawStation) -> Option<Station> {
        let code = match StationCode::parse(raw.code.get_ref()) {
            Ok(code) => Some(code),
            Err(error) => {
                self.fault(&raw.code, error.to_string());
                None
            }
        };
        let area = match AreaCode::parse(raw.area.get_ref()) {
            Ok(area) => Some(area),
            Err(error) => {
                self.fault(&raw.area, error.to_string());
                None
            }
        };
        if let (Some(city), Some(area)) = (self.context.city, &area)
            && city.area(area.as_str()).is_none()
        {
            self.fault(&raw.area, format!("the city has no area `{area}`"));
        }
        match (&raw.lon, &raw.lat) {
            (Some(lon), Some(lat)) if !is_place(*lon.get_ref(), *lat.get_ref()) => {
                self.fault(lon, "lon and lat are no place");
            }
            (Some(at), None) | (None, Some(at)) => self.fault(at, "lon and lat go together"),
            _ => {}
        }
        Some(Station {
            code: code?,
            name: raw.name.clone(),
            kind: raw.kind,
            area: area?,
            lon: raw.lon.as_ref().map(|lon| *lon.get_ref()),
            lat: raw.lat.as_ref().map(|lat| *lat.get_ref()),
            position: raw.position.unwrap_or(Position::Surveyed),
            simulated: self.simulated,
        })
    }

    /// The code, when the table has it and it occurs in the medium of the station.
    fn parameter(&mut self, code: &Spanned<String>, kind: StationKind) -> Option<ParameterCode> {
        let text = code.get_ref();
        if self.context.table.get(text).is_none() {
            self.fault(code, format!("there is no parameter `{text}`"));
        } else if kept_unit(self.context.table, text, kind).is_none() {
            self.fault(code, format!("parameter `{text}` does not occur at a station of kind {kind}"));
        }
        self.context.table.get(text).map(|row| row.code.clone())
    }

    fn limits(&mut self, raw: &RawStation, place: &Station, into: &mut Vec<LimitLine>) {
        for name in &raw.limits {
            let Some(set) = self.context.limits.get(name.get_ref()) else {
                self.fault(name, format!("there is no limit set `{}`", name.get_ref()));
                continue;
            };
            for line in &set.lines {
                let Some(kept) = kept_unit(self.context.table, line.parameter.get_ref(), place.kind) else {
                    let what = format!(
                        "limit set `{}` is for {}, which does not occur at a station of kind {}",
                        name.get_ref(),
                        line.parameter.get_ref(),
                        place.kind
                    );
                    self.fault(name, what);
                    continue;
                };
                let (Ok(unit), Ok(parameter)) =
                    (Unit::parse(line.unit.get_ref()), ParameterCode::parse(line.parameter.get_ref()))
                else {
                    continue; // already a fault of limits.toml
                };
                self.check.convertible(unit, kept, &name.span(), &self.key);
                into.push(LimitLine {
                    station: place.code.clone(),
                    parameter,
                    value: line.value,
                    bound: line.bound.unwrap_or(Bound::Upper),
                    unit,
                    averaging: set.averaging,
                    label: set.label.clone(),
                    clause: line.clause.clone(),
                    standard: set.standard.name(),
                    edition: set.edition.clone(),
                    from: set.from.0,
                    until: set.until.map(|until| until.0),
                    status: set.status,
                    reference_oxygen: set.reference_oxygen.as_ref().map(|oxygen| *oxygen.get_ref()),
                });
            }
        }
    }

    fn demo(&mut self, raw: &RawStation, place: &Station, into: &mut Vec<DemoStation>) {
        if !self.simulated {
            if let Some(profile) = &raw.profile {
                self.fault(profile, "only a simulated station has a profile");
            }
            return;
        }
        let Some(profile) = &raw.profile else {
            self.fault(&raw.code, "a simulated station needs a profile");
            return;
        };
        let Some(levels) = self.raw.profile.get(profile.get_ref()) else {
            self.fault(profile, format!("there is no profile `{}`", profile.get_ref()));
            return;
        };
        let mut typical: BTreeMap<ParameterCode, f64> = BTreeMap::new();
        for (code, &level) in levels.iter().chain(&raw.typical) {
            if let Some(code) = self.parameter(code, place.kind) {
                typical.insert(code, level);
            }
        }
        let parameters = typical
            .into_iter()
            .map(|(parameter, typical)| SimulatedParameter { parameter, typical })
            .collect();
        into.push(DemoStation { station: place.code.clone(), parameters });
    }

    fn device(&mut self, raw: &RawDevice, place: &Station) -> Option<Device> {
        let mut bindings = Vec::new();
        if let Some(name) = &raw.bindings {
            match self.raw.bindings.get(name.get_ref()) {
                None => self.fault(name, format!("there are no bindings `{}`", name.get_ref())),
                Some(list) => {
                    for (sent, unit_text) in list {
                        bindings.extend(self.binding(sent, unit_text, place.kind));
                    }
                }
            }
        }
        let default_interval = self.context.defaults.map_or(10, |defaults| defaults.minute_interval);
        let interval = raw.minute_interval.as_ref().map_or(default_interval, |minutes| *minutes.get_ref());
        if let Some(at) = &raw.minute_interval {
            minute_interval(self.check, interval, Some(&at.span()), &self.key);
        }
        match Mn::parse(raw.mn.get_ref()) {
            Ok(mn) => Some(Device {
                mn,
                station: place.code.clone(),
                password: raw.password.clone(),
                edition: raw.edition,
                stamp: raw.stamp.unwrap_or(StampConvention::Begin),
                minute_interval: interval,
                bindings,
                simulated: self.simulated,
            }),
            Err(error) => {
                self.fault(&raw.mn, error.to_string());
                None
            }
        }
    }

    /// A unit declared for a parameter holds for its new code and for its old one.
    fn binding(
        &mut self,
        sent: &Spanned<String>,
        unit_text: &Spanned<String>,
        kind: StationKind,
    ) -> Vec<Binding> {
        let (Some(parameter), Some(unit)) =
            (self.parameter(sent, kind), self.check.unit(unit_text, &self.key))
        else {
            return Vec::new();
        };
        if let Some(kept) = kept_unit(self.context.table, parameter.as_str(), kind) {
            self.check.convertible(unit, kept, &unit_text.span(), &self.key);
        }
        let old = self.context.table.get(parameter.as_str()).and_then(|row| row.old_code.clone());
        std::iter::once(sent.get_ref().clone())
            .chain(old)
            .map(|sent| Binding { sent, parameter: parameter.clone(), unit: Some(unit) })
            .collect()
    }
}
