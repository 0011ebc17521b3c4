//! Reads a table of station-hours by its mapping into values, and says what is wrong with which row.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use sanggan_base::time::HOUR_MS;
use sanggan_base::{AreaCode, Grain, Millis, ParameterCode, StationCode};

use super::mapping::{AREA_UNKNOWN, HourStamp, Layout, Mapping, ValueColumn, fill};
use crate::exit::Failure;

/// A station that a table speaks of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableStation {
    pub(crate) name: String,
    pub(crate) area: AreaCode,
}

/// One bad row or cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowFault {
    pub(crate) line: u64,
    pub(crate) reason: String,
}

/// Everything a table says.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Stations by code.
    pub(crate) stations: BTreeMap<StationCode, TableStation>,
    /// (station, parameter, beginning of the hour) → value in the file's unit and its line.
    pub(crate) values: BTreeMap<(StationCode, ParameterCode, Millis), (f64, u64)>,
    /// What is wrong.
    pub(crate) faults: Vec<RowFault>,
    /// Data rows.
    pub(crate) rows: u64,
    /// Cells that say there is no value.
    pub(crate) missing: u64,
    /// Cells left out because the mapping says so.
    pub(crate) ignored: u64,
    /// Cells that say again what another row said.
    pub(crate) repeated: u64,
    /// Columns or types the mapping does not know.
    pub(crate) unknown: BTreeMap<String, u64>,
}

/// Reads the whole table; `unit_of` gives the platform's unit of a parameter.
pub(crate) fn read(
    input: impl Read,
    mapping: Option<&Mapping>,
    to_platform: &dyn Fn(&ValueColumn, f64) -> Result<f64, String>,
) -> Result<(Mapping, Table), Failure> {
    let bad = |source: csv::Error| Failure::step("read the table", sanggan_base::ErrorCode::BadInput)(source);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header: Vec<String> = reader
        .headers()
        .map_err(bad)?
        .iter()
        .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
        .collect();
    let mapping = match mapping {
        Some(mapping) if mapping.fits(&header) => mapping.clone(),
        Some(mapping) => {
            return Err(Failure::bad_input(
                format!(
                    "the mapping `{}` names columns that the table does not have: {}",
                    mapping.name,
                    header.join(", ")
                ),
                None,
            ));
        }
        None => Mapping::fitting(&header).ok_or_else(|| {
            Failure::bad_input(
                format!("no built-in mapping fits the columns {}", header.join(", ")),
                "write a mapping file and name it with --mapping",
            )
        })?,
    };
    let mut table = Table::default();
    let places = Places::new(&mapping, &header);
    for record in reader.records() {
        table.rows += 1;
        let record = match record {
            Ok(record) => record,
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                let line = error.position().map_or(table.rows + 1, csv::Position::line);
                table.faults.push(RowFault { line, reason: "it is not UTF-8".to_owned() });
                continue;
            }
            Err(error) => return Err(bad(error)),
        };
        let line = record.position().map_or(table.rows + 1, csv::Position::line);
        if record.len() != header.len() {
            let reason = format!("it has {} cells, the header {}", record.len(), header.len());
            table.faults.push(RowFault { line, reason });
            continue;
        }
        if let Err(reason) = table.take_row(&mapping, &places, &record, line, to_platform) {
            table.faults.push(RowFault { line, reason });
        }
    }
    Ok((mapping, table))
}

/// Where the mapping's columns stand in this table.
struct Places {
    by_name: HashMap<String, usize>,
    time: Vec<usize>,
    kind: Option<usize>,
    area: Option<usize>,
    values: Vec<(usize, String)>,
}

impl Places {
    fn new(mapping: &Mapping, header: &[String]) -> Places {
        let by_name: HashMap<String, usize> = header.iter().cloned().zip(0..).collect();
        let place = |name: &String| by_name.get(name).copied();
        let time: Vec<usize> = mapping.time.iter().filter_map(place).collect();
        let (kind, area) =
            (mapping.type_column.as_ref().and_then(place), mapping.area_column.as_ref().and_then(place));
        // Columns that say where and when are no values.
        let names_station = |name: &str| {
            [&mapping.station, &mapping.station_name].iter().any(|t| t.contains(&format!("{{{name}}}")))
        };
        let values = header
            .iter()
            .enumerate()
            .filter(|(i, name)| {
                !time.contains(i) && kind != Some(*i) && area != Some(*i) && !names_station(name)
            })
            .map(|(i, name)| (i, name.clone()))
            .collect();
        Places { time, kind, area, values, by_name }
    }
}

impl Table {
    fn take_row(
        &mut self,
        mapping: &Mapping,
        places: &Places,
        record: &csv::StringRecord,
        line: u64,
        to_platform: &dyn Fn(&ValueColumn, f64) -> Result<f64, String>,
    ) -> Result<(), String> {
        let at = time_of(mapping, places, record)?;
        let area = places
            .area
            .and_then(|place| mapping.area.get(record.get(place).unwrap_or_default().trim()))
            .cloned()
            .unwrap_or_else(|| AreaCode::parse(AREA_UNKNOWN).expect("letters only"));
        // One place under two spellings is one place; where the mapping knows no code, the text itself.
        let spelled = places.area.and_then(|place| record.get(place)).unwrap_or_default().trim();
        let area_text =
            if area.as_str() == AREA_UNKNOWN { spelled.to_owned() } else { area.as_str().to_owned() };
        let row_kind = places.kind.and_then(|place| record.get(place)).map(str::trim);
        // Nothing of a bad row is kept, so it is gathered first.
        let mut good = Vec::new();
        let mut places_named = BTreeMap::new();
        let (mut missing, mut ignored, mut repeated) = (0, 0, 0);
        for (place, column) in &places.values {
            let cell = record.get(*place).unwrap_or_default().trim();
            let what = row_kind.unwrap_or(column);
            let Some(value_column) = mapping.value.get(what) else {
                if mapping.ignored.iter().any(|name| name == what) {
                    ignored += 1;
                } else {
                    *self.unknown.entry(what.to_owned()).or_default() += 1;
                }
                continue;
            };
            if mapping.missing.iter().any(|text| text == cell) {
                missing += 1;
                continue;
            }
            let number: f64 = cell.parse().map_err(|_| format!("`{column}` is no number: `{cell}`"))?;
            if !number.is_finite() {
                return Err(format!("`{column}` is no number: `{cell}`"));
            }
            let value = to_platform(value_column, number)?;
            let text_of = |name: &str| match (name, mapping.layout) {
                ("site", Layout::Wide) => Some(column.clone()),
                ("area", _) => Some(area_text.clone()),
                _ => places.by_name.get(name).and_then(|&i| record.get(i)).map(str::to_owned),
            };
            let station = station_code(&fill(&mapping.station, text_of)?)?;
            if !self.stations.contains_key(&station) {
                let name = fill(&mapping.station_name, text_of)?;
                places_named.insert(station.clone(), TableStation { name, area: area.clone() });
            }
            let key = (station, value_column.parameter.clone(), at);
            match self.values.get(&key) {
                None => good.push((key, (value, line))),
                Some((known, _)) if *known == value => repeated += 1,
                Some((known, first)) => {
                    return Err(format!(
                        "`{column}` is {value} here and {known} for the same hour in line {first}"
                    ));
                }
            }
        }
        self.values.extend(good);
        self.stations.extend(places_named);
        self.missing += missing;
        self.ignored += ignored;
        self.repeated += repeated;
        Ok(())
    }
}

/// The code made from a name: brackets, spaces and whatever else a code may not hold become `_`.
fn station_code(text: &str) -> Result<StationCode, String> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let kept: String = text.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    StationCode::parse(&kept).map_err(|error| error.to_string())
}

fn time_of(mapping: &Mapping, places: &Places, record: &csv::StringRecord) -> Result<Millis, String> {
    let text: Vec<&str> = places.time.iter().filter_map(|&place| record.get(place)).map(str::trim).collect();
    let text = text.join(" ");
    let local = jiff::fmt::strtime::parse(&mapping.time_format, &text)
        .and_then(|parsed| {
            let date = parsed.to_date()?;
            // A format without minutes is an hour; jiff wants them together.
            let hour = parsed.hour().unwrap_or(0);
            let minute = parsed.minute().unwrap_or(0);
            Ok(date.at(hour, minute, 0, 0))
        })
        .map_err(|_| format!("`{text}` is no time of the form `{}`", mapping.time_format))?;
    let shown = Millis::from_local(local).ok_or_else(|| format!("`{text}` lies outside the calendar"))?;
    let at = match mapping.stamp {
        HourStamp::Begin => shown,
        HourStamp::End => shown.plus(-HOUR_MS),
    };
    if at != at.floor(Grain::Hour) {
        return Err(format!("`{text}` is not a whole hour"));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let same = |_: &ValueColumn, value: f64| Ok(value);
        let (mapping, table) = read(text.as_bytes(), None, &same).expect("a table");
        let mut out = format!(
            "{}: {} rows, {} missing, {} ignored, {} repeated\n",
            mapping.name, table.rows, table.missing, table.ignored, table.repeated
        );
        for (code, station) in &table.stations {
            out.push_str(&format!("station {code} `{}` in {}\n", station.name, station.area));
        }
        for ((station, parameter, at), (value, line)) in &table.values {
            out.push_str(&format!("{station} {parameter} {at} {value} (line {line})\n"));
        }
        for fault in &table.faults {
            out.push_str(&format!("line {}: {}\n", fault.line, fault.reason));
        }
        for (name, count) in &table.unknown {
            out.push_str(&format!("unknown {name}: {count}\n"));
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn station_hours_are_stamped_at_the_beginning_of_their_hour() {
        check(
            "date,hour,city,station,aqi,level,primary,pm25,pm10,co,no2,o3_1h,o3_8h,so2\n\
             20200326,18,shuozhou,区政府,23.0,优,,13.0,,0.6,18.0,73.0,66.0,10.0\n\
             20200326,00,shuozhou,区政府,23.0,优,,x,,0.6,18.0,73.0,66.0,10.0\n\
             20200326,18,shuozhou,区政府,23.0,优,,13.0,,0.7,18.0,73.0,66.0,10.0\n\
             20201326,18,elsewhere,a b,,,,1,2,3,4,5,6,7\n\
             20200327,0,elsewhere,a b,,,,1,2,3,4,5,6,7\n\
             20200327,0,elsewhere\n",
            expect![[r#"
                station-hours: 6 rows, 1 missing, 8 ignored, 0 repeated
                station 140600-区政府 `区政府` in 140600
                station elsewhere-a_b `a b` in unknown
                140600-区政府 a05024 2020-03-26T17:00:00+08:00 73 (line 2)
                140600-区政府 a21004 2020-03-26T17:00:00+08:00 18 (line 2)
                140600-区政府 a21005 2020-03-26T17:00:00+08:00 0.6 (line 2)
                140600-区政府 a21026 2020-03-26T17:00:00+08:00 10 (line 2)
                140600-区政府 a34004 2020-03-26T17:00:00+08:00 13 (line 2)
                elsewhere-a_b a05024 2020-03-26T23:00:00+08:00 5 (line 6)
                elsewhere-a_b a21004 2020-03-26T23:00:00+08:00 4 (line 6)
                elsewhere-a_b a21005 2020-03-26T23:00:00+08:00 3 (line 6)
                elsewhere-a_b a21026 2020-03-26T23:00:00+08:00 7 (line 6)
                elsewhere-a_b a34002 2020-03-26T23:00:00+08:00 2 (line 6)
                elsewhere-a_b a34004 2020-03-26T23:00:00+08:00 1 (line 6)
                line 3: `pm25` is no number: `x`
                line 4: `co` is 0.7 here and 0.6 for the same hour in line 2
                line 5: `20201326 18` is no time of the form `%Y%m%d %H`
                line 7: it has 3 cells, the header 14
            "#]],
        );
    }

    #[test]
    fn the_national_archive_has_its_sites_in_columns() {
        check(
            "date,hour,type,1001A,1002A\n\
             20140513,1,AQI,81,80\n\
             20140513,1,PM2.5,60,\n\
             20140513,1,PM2.5_24h,61,62\n\
             20140513,0,CO,0.9,1.1\n\
             20140513,1,NEW,1,2\n",
            expect![[r#"
                china-sites: 5 rows, 1 missing, 4 ignored, 0 repeated
                station 1001A `1001A` in unknown
                station 1002A `1002A` in unknown
                1001A a21005 2014-05-12T23:00:00+08:00 0.9 (line 5)
                1001A a34004 2014-05-13T00:00:00+08:00 60 (line 3)
                1002A a21005 2014-05-12T23:00:00+08:00 1.1 (line 5)
                unknown NEW: 2
            "#]],
        );
    }
}
