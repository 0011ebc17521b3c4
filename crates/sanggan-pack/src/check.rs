//! From raw to checked: each file on its own. Faults are collected; what is faulty is left out.

use std::collections::HashSet;
use std::ops::Range;

use jiff::civil::Date;
use sanggan_base::{AreaCode, ParameterCode, Unit};
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::fault::PackFault;
use crate::raw::{RawCity, RawDefaults, RawInMedium, RawParameter, RawParameters};
use crate::{
    Area, ByMedium, City, ClockRule, Defaults, InMedium, KindRule, Medium, Parameter, ParameterTable,
    StationKind,
};

/// The format of definition files this program reads.
pub(crate) const VERSION: u32 = 1;

/// One file being checked, and the list its faults go to.
pub(crate) struct FileCheck<'a> {
    file: &'a str,
    text: &'a str,
    faults: &'a mut Vec<PackFault>,
}

impl<'a> FileCheck<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str, faults: &'a mut Vec<PackFault>) -> Self {
        FileCheck { file, text, faults }
    }

    /// Reads the whole file into `T`; a fault when it does not have that form.
    pub(crate) fn parse<T: DeserializeOwned>(&mut self) -> Option<T> {
        match toml::from_str(self.text) {
            Ok(raw) => Some(raw),
            Err(error) => {
                let line = error.span().map(|span| self.line(&span));
                self.faults.push(PackFault {
                    file: self.file.to_owned(),
                    line,
                    key: String::new(),
                    what: error.message().replace('\n', " "),
                });
                None
            }
        }
    }

    /// Notes a fault at a place in the file.
    pub(crate) fn fault(&mut self, at: &Range<usize>, key: &str, what: impl Into<String>) {
        let line = Some(self.line(at));
        self.faults.push(PackFault {
            file: self.file.to_owned(),
            line,
            key: key.to_owned(),
            what: what.into(),
        });
    }

    /// Notes a fault of the file as a whole.
    pub(crate) fn fault_of_file(&mut self, key: &str, what: impl Into<String>) {
        let (file, key) = (self.file.to_owned(), key.to_owned());
        self.faults.push(PackFault { file, line: None, key, what: what.into() });
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let upto = at.start.min(self.text.len());
        1 + self.text.as_bytes()[..upto].iter().filter(|&&byte| byte == b'\n').count()
    }

    pub(crate) fn version(&mut self, version: u32) {
        if version != VERSION {
            self.fault_of_file("version", format!("is {version}; this program reads {VERSION}"));
        }
    }

    pub(crate) fn date(&mut self, text: &Spanned<String>, key: &str) {
        if let Err(error) = text.get_ref().parse::<Date>() {
            self.fault(&text.span(), key, format!("`{}` is no day: {error}", text.get_ref()));
        }
    }

    pub(crate) fn unit(&mut self, text: &Spanned<String>, key: &str) -> Option<Unit> {
        Unit::parse(text.get_ref()).map_err(|error| self.fault(&text.span(), key, error.to_string())).ok()
    }

    fn optional_unit(&mut self, text: Option<&Spanned<String>>, key: &str) -> Option<Unit> {
        text.and_then(|text| self.unit(text, key))
    }

    /// `sent` and `kept` must be units of one quantity.
    pub(crate) fn convertible(&mut self, sent: Unit, kept: Unit, at: &Range<usize>, key: &str) {
        if let Err(error) = sent.convert(1.0, kept) {
            self.fault(at, key, error.to_string());
        }
    }
}

/// `parameters.toml` → the table.
pub(crate) fn parameters(mut check: FileCheck<'_>) -> ParameterTable {
    let Some(raw) = check.parse::<RawParameters>() else {
        return ParameterTable::default();
    };
    check.version(raw.version);
    check.date(&raw.checked_on, "checked_on");
    let (mut codes, mut old_codes) = (HashSet::new(), HashSet::new());
    let mut rows = Vec::with_capacity(raw.parameter.len());
    for row in raw.parameter {
        let (span, code) = (row.code.span(), row.code.get_ref().clone());
        let key = format!("parameter {code}");
        if !codes.insert(code.clone()) {
            check.fault(&span, &key, "stands twice");
        }
        if let Some(old) = &row.old_code
            && !old_codes.insert(old.get_ref().clone())
        {
            check.fault(&old.span(), &key, format!("old_code `{}` stands twice", old.get_ref()));
        }
        match ParameterCode::parse(&code) {
            Ok(code) => rows.push(parameter(&mut check, code, row, &key)),
            Err(error) => check.fault(&span, &key, error.to_string()),
        }
    }
    for old in old_codes.intersection(&codes) {
        check.fault_of_file(&format!("parameter {old}"), "is both a code and an old_code");
    }
    ParameterTable::new(rows)
}

fn parameter(check: &mut FileCheck<'_>, code: ParameterCode, raw: RawParameter, key: &str) -> Parameter {
    let span = raw.code.span();
    if raw.name.zh.is_empty() || raw.name.en.is_empty() || raw.symbol.is_empty() || raw.source.is_empty() {
        check.fault(&span, key, "name, symbol and source may not be empty");
    }
    let media = ByMedium {
        ambient: raw.ambient.and_then(|row| in_medium(check, row, &format!("{key}.ambient"))),
        stack: raw.stack.and_then(|row| in_medium(check, row, &format!("{key}.stack"))),
        water: raw.water.and_then(|row| in_medium(check, row, &format!("{key}.water"))),
    };
    if media.any().is_none() {
        check.fault(&span, key, "occurs in no medium (`ambient`, `stack` or `water` wanted)");
    }
    let old_sent = check.optional_unit(raw.old_sent.as_ref(), key);
    if let (Some(unit), Some(text), Some(medium)) = (old_sent, &raw.old_sent, media.any()) {
        check.convertible(unit, medium.unit, &text.span(), &format!("{key}.old_sent"));
    }
    let total = check.optional_unit(raw.total.as_ref(), key);
    let old_total = check.optional_unit(raw.old_total.as_ref(), key);
    if let (Some(old), Some(text)) = (old_total, &raw.old_total) {
        match total {
            Some(total) => check.convertible(old, total, &text.span(), &format!("{key}.old_total")),
            None => check.fault(&text.span(), key, "old_total without total"),
        }
    }
    Parameter {
        code,
        name: raw.name,
        symbol: raw.symbol,
        old_code: raw.old_code.map(Spanned::into_inner),
        media,
        total,
        printed: check.optional_unit(raw.printed.as_ref(), key),
        old_sent,
        old_total,
        source: raw.source,
    }
}

fn in_medium(check: &mut FileCheck<'_>, raw: RawInMedium, key: &str) -> Option<InMedium> {
    let at = raw.unit.span();
    let unit = check.unit(&raw.unit, key)?;
    let sent = check.unit(&raw.sent, key)?;
    check.convertible(sent, unit, &raw.sent.span(), key);
    if raw.digits > 9 {
        check.fault(&at, key, format!("digits = {} (0 to 9)", raw.digits));
    }
    if let Some(range) = &raw.range {
        if range.source.is_empty() || (range.min.is_none() && range.max.is_none()) {
            check.fault(&at, key, "a range needs min or max, and a source");
        }
        if let (Some(min), Some(max)) = (range.min, range.max)
            && min >= max
        {
            check.fault(&at, key, format!("range: min {min} is not below max {max}"));
        }
    }
    Some(InMedium { unit, sent, digits: raw.digits, range: raw.range })
}

/// `defaults.toml` → operational settings.
pub(crate) fn defaults(mut check: FileCheck<'_>) -> Option<Defaults> {
    let raw = check.parse::<RawDefaults>()?;
    check.version(raw.version);
    minute_interval(&mut check, raw.minute_interval, None, "minute_interval");
    if !(raw.near_limit_ratio > 0.0 && raw.near_limit_ratio <= 1.0) {
        check.fault_of_file("near_limit_ratio", "must be above 0 and at most 1");
    }
    let mut kinds: Vec<KindRule> = Vec::new();
    for row in raw.kind {
        let (at, kind) = (row.kind.span(), row.kind.into_inner());
        let key = format!("kind {kind}");
        if kinds.iter().any(|rule| rule.kind == kind) {
            check.fault(&at, &key, "stands twice");
        }
        if row.late_after_s == 0 || row.offline_after_s <= row.late_after_s {
            check.fault(&at, &key, "wanted: 0 < late_after_s < offline_after_s");
        }
        let (name, late_after_s, offline_after_s) = (row.name, row.late_after_s, row.offline_after_s);
        kinds.push(KindRule { kind, name, late_after_s, offline_after_s });
    }
    for &kind in StationKind::ALL {
        if !kinds.iter().any(|rule| rule.kind == kind) {
            check.fault_of_file(&format!("kind {kind}"), "has no rule");
        }
    }
    for st in raw.station_kind_of_st.keys() {
        if st.len() != 2 || !st.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
            check.fault_of_file("station_kind_of_st", format!("`{st}` is no system code (two of 0-9, A-Z)"));
        }
    }
    let clock = ClockRule {
        ahead_s: raw.clock.ahead_s,
        guess_s: raw.clock.guess_s,
        behind_days: raw.clock.behind_days,
        show_offset_s: raw.clock.show_offset_s,
    };
    if clock.behind_days == 0 || clock.show_offset_s == 0 {
        check.fault_of_file("clock", "behind_days and show_offset_s must be above 0");
    }
    Some(Defaults {
        kinds,
        station_kind_of_st: raw.station_kind_of_st,
        clock,
        minute_interval: raw.minute_interval,
        near_limit_ratio: raw.near_limit_ratio,
    })
}

/// Faults a minute interval that does not divide the hour.
pub(crate) fn minute_interval(check: &mut FileCheck<'_>, minutes: u8, at: Option<&Range<usize>>, key: &str) {
    if minutes == 0 || minutes > 30 || 60 % minutes != 0 {
        let what = format!("{minutes}: wanted 1 to 30 minutes that divide the hour");
        match at {
            Some(at) => check.fault(at, key, what),
            None => check.fault_of_file(key, what),
        }
    }
}

/// `city.toml` → the city, without its outline.
pub(crate) fn city(mut check: FileCheck<'_>) -> Option<City> {
    let raw = check.parse::<RawCity>()?;
    check.version(raw.version);
    let centre = *raw.centre.get_ref();
    if !is_place(centre[0], centre[1]) {
        check.fault(&raw.centre.span(), "centre", "wanted: [degrees east, degrees north]");
    }
    let mut areas: Vec<Area> = Vec::new();
    for row in raw.area {
        let key = format!("area {}", row.code.get_ref());
        match AreaCode::parse(row.code.get_ref()) {
            Ok(code) if areas.iter().any(|area| area.code == code) => {
                check.fault(&row.code.span(), &key, "stands twice")
            }
            Ok(code) => {
                areas.push(Area { code, name: row.name, administrative: row.administrative.unwrap_or(true) });
            }
            Err(error) => check.fault(&row.code.span(), &key, error.to_string()),
        }
    }
    if areas.is_empty() {
        check.fault_of_file("area", "a city needs at least one area");
    }
    match AreaCode::parse(raw.code.get_ref()) {
        Ok(code) => Some(City { code, name: raw.name, areas, centre, outline: String::new() }),
        Err(error) => {
            check.fault(&raw.code.span(), "code", error.to_string());
            None
        }
    }
}

/// Whether this is a longitude and a latitude.
pub(crate) fn is_place(lon: f64, lat: f64) -> bool {
    (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)
}

/// `outline.geojson`: a feature collection of polygons, each of an area of the city.
pub(crate) fn outline(mut check: FileCheck<'_>, city: &City) {
    let parsed: serde_json::Value = match serde_json::from_str(check.text) {
        Ok(value) => value,
        Err(error) => return check.fault_of_file("", format!("is no JSON: {error}")),
    };
    let Some(features) = parsed.get("features").and_then(|features| features.as_array()) else {
        return check.fault_of_file("features", "is no GeoJSON feature collection");
    };
    for (index, feature) in features.iter().enumerate() {
        let key = format!("features[{index}]");
        let code = feature.pointer("/properties/code").and_then(|code| code.as_str()).unwrap_or("");
        if city.area(code).is_none() && city.code.as_str() != code {
            check.fault_of_file(
                &key,
                format!("properties.code `{code}` is neither the city nor an area of it"),
            );
        }
        for name in ["name", "name_en"] {
            if feature.pointer(&format!("/properties/{name}")).and_then(|name| name.as_str()).is_none() {
                check.fault_of_file(&key, format!("properties.{name} is missing"));
            }
        }
        let kind = feature.pointer("/geometry/type").and_then(|kind| kind.as_str()).unwrap_or("");
        if kind != "Polygon" && kind != "MultiPolygon" {
            check.fault_of_file(&key, format!("geometry is `{kind}`; wanted Polygon or MultiPolygon"));
        }
        let places =
            feature.pointer("/geometry/coordinates").map_or(0, |places| count_places(places).unwrap_or(0));
        if places < 4 {
            check.fault_of_file(&key, "coordinates are not lists of [degrees east, degrees north]");
        }
    }
}

/// How many places a coordinate tree holds; `None` when a leaf is not a place.
fn count_places(tree: &serde_json::Value) -> Option<usize> {
    let list = tree.as_array()?;
    if let [lon, lat] = list.as_slice()
        && let (Some(lon), Some(lat)) = (lon.as_f64(), lat.as_f64())
    {
        return is_place(lon, lat).then_some(1);
    }
    list.iter().map(count_places).sum()
}

/// The unit in which a limit or a binding must be, for a parameter at a kind of station.
pub(crate) fn kept_unit(table: &ParameterTable, code: &str, kind: StationKind) -> Option<Unit> {
    let row = table.get(code)?;
    match kind.medium() {
        Some(Medium::Ambient) => row.media.ambient.as_ref(),
        Some(Medium::Stack) => row.media.stack.as_ref(),
        Some(Medium::Water) => row.media.water.as_ref(),
        None => row.media.any(),
    }
    .map(|medium| medium.unit)
}
