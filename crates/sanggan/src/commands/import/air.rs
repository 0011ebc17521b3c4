//! `sanggan import air`: tables of station-hours, each file as a whole or not at all.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sanggan_base::time::HOUR_MS;
use sanggan_base::{Cadence, ErrorCode, Flag, Measure, Millis, Reading, SeriesKey};
use sanggan_lake::ReadQuery;
use sanggan_pack::{Name, Position, Station, StationKind};
use sanggan_store::Actor;
use serde::{Deserialize, Serialize};

use super::faults::Faults;
use super::mapping::{Mapping, ValueColumn};
use super::table::{self, Table};
use crate::checkpoint::{Checkpoint, Place};
use crate::cli::{Format, ImportAirArgs};
use crate::exit::Failure;
use crate::lines::{Lines, file_hash};
use crate::platform::{Stores, now};
use crate::{output, progress, stop};

/// Readings made durable at once.
const BATCH: usize = 20_000;

/// What became of the rows of the files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AirTally {
    /// Data rows.
    pub(crate) rows: u64,
    /// Values stored now.
    pub(crate) values: u64,
    /// Values that were there already, just so.
    pub(crate) values_before: u64,
    /// Values that differ from what was there: stored as a correction.
    pub(crate) corrections: u64,
    /// Stations in the files.
    pub(crate) stations: u64,
    /// Stations made for them.
    pub(crate) stations_new: u64,
    /// Cells that say there is no value.
    pub(crate) missing: u64,
    /// Cells left out because the mapping says so.
    pub(crate) ignored: u64,
    /// Cells that repeat another row.
    pub(crate) repeated: u64,
    /// Rows left out because they are bad.
    pub(crate) bad_rows: u64,
}

impl AirTally {
    fn merge(&mut self, other: &AirTally) {
        self.rows += other.rows;
        self.values += other.values;
        self.values_before += other.values_before;
        self.corrections += other.corrections;
        self.stations += other.stations;
        self.stations_new += other.stations_new;
        self.missing += other.missing;
        self.ignored += other.ignored;
        self.repeated += other.repeated;
        self.bad_rows += other.bad_rows;
    }

    fn as_text(&self) -> String {
        format!(
            "rows            {}\nvalues stored   {} ({} of them corrections)\nthere before    {}\n\
             stations        {} ({} new)\nwithout value   {}\nleft out        {} (the platform works them out)\n\
             repeated        {}\nbad rows        {}\n",
            self.rows,
            self.values,
            self.corrections,
            self.values_before,
            self.stations,
            self.stations_new,
            self.missing,
            self.ignored,
            self.repeated,
            self.bad_rows,
        )
    }
}

/// Imports every file and prints the tally of all.
pub(crate) async fn run(stores: &Stores, args: &ImportAirArgs, format: Format) -> Result<(), Failure> {
    let mapping = args.mapping.as_deref().map(Mapping::find).transpose()?;
    let mut faults = Faults::open(args.faults.as_deref())?;
    let stop = stop::on_signal();
    let mut total = AirTally::default();
    for path in &args.files {
        total.merge(&one_file(stores, args, mapping.as_ref(), path, &mut faults, &stop).await?);
    }
    match format {
        Format::Json => output::json(&total),
        Format::Text => output::text(&total.as_text()),
    }
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// The file's columns and rows as CSV, so that one reader serves both; line 1 is the column names.
fn parquet_as_csv(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let wrong =
        |error: csv::Error| Failure::step("read the rows of the Parquet file", ErrorCode::Internal)(error);
    sanggan_lake::read_parquet_text(path, |row| writer.write_record(row))?.map_err(wrong)?;
    writer.into_inner().map_err(|error| {
        Failure::step("read the rows of the Parquet file", ErrorCode::Internal)(error.into_error())
    })
}

async fn one_file(
    stores: &Stores,
    args: &ImportAirArgs,
    mapping: Option<&Mapping>,
    path: &Path,
    faults: &mut Faults,
    stop: &tokio_util::sync::CancellationToken,
) -> Result<AirTally, Failure> {
    let name =
        path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    // The first walk only checks; nothing is written before the whole file is known to be good.
    let parameters = &stores.pack.parameters;
    let to_platform = |column: &ValueColumn, value: f64| -> Result<f64, String> {
        let unit = parameters
            .unit(column.parameter.as_str(), StationKind::Air)
            .ok_or_else(|| format!("`{}` is in no parameter table", column.parameter))?;
        column.unit.convert(value, unit).map_err(|error| error.to_string())
    };
    let (mapping, table) = if is_parquet(path) {
        table::read(parquet_as_csv(path)?.as_slice(), mapping, &to_platform)?
    } else {
        table::read(Lines::open(path)?.into_reader(), mapping, &to_platform)?
    };
    for fault in &table.faults {
        faults.tell(&name, fault.line, &fault.reason)?;
    }
    faults.end_of_file()?;
    for (column, cells) in &table.unknown {
        output::note(&format!(
            "{name}: `{column}` is not in the mapping `{}`; {cells} cells left out",
            mapping.name
        ));
    }
    if !table.faults.is_empty() && !args.skip_bad_rows {
        return Err(Failure::bad_input(
            format!("`{name}` has {} bad rows; nothing of it was imported", table.faults.len()),
            "mend them, or leave them out with --skip-bad-rows",
        ));
    }
    let hash = file_hash(path)?;
    let place = Place::of(&stores.folder, "air", &format!("{}-{hash}", mapping.name));
    if let Some(mark) = place.load::<AirTally>()?
        && mark.done
    {
        output::note(&format!("{name}: imported before, nothing to do"));
        let before = mark.tally.values + mark.tally.values_before;
        return Ok(AirTally {
            values: 0,
            corrections: 0,
            stations_new: 0,
            values_before: before,
            ..mark.tally
        });
    }
    let mut tally = AirTally {
        rows: table.rows,
        stations: table.stations.len() as u64,
        missing: table.missing,
        ignored: table.ignored,
        repeated: table.repeated,
        bad_rows: table.faults.len() as u64,
        ..AirTally::default()
    };
    tally.stations_new = make_stations(stores, &table, &name).await?;
    let readings = fresh_readings(stores, table, &mut tally).await?;
    let bar = progress::over_bytes(&name, readings.len() as u64);
    let source: Arc<str> = Arc::from(format!("import:air:{name}:{hash}"));
    for batch in readings.chunks(BATCH) {
        stores.lake.append_readings(Arc::clone(&source), batch.to_vec()).await?;
        bar.inc(batch.len() as u64);
        if stop.is_cancelled() {
            bar.abandon();
            // What is there already is recognised by its value when the command is given again.
            return Err(Failure::Interrupted);
        }
    }
    bar.finish_and_clear();
    place.save(&Checkpoint {
        file_sm3: hash,
        file_name: name,
        lines: tally.rows,
        done: true,
        tally: tally.clone(),
    })?;
    Ok(tally)
}

async fn make_stations(stores: &Stores, table: &Table, file: &str) -> Result<u64, Failure> {
    let registry = stores.store.registry();
    let mut made = 0;
    for (code, said) in &table.stations {
        if registry.station(code).is_some() {
            continue;
        }
        let station = Station {
            code: code.clone(),
            name: Name { zh: said.name.clone(), en: said.name.clone() },
            kind: StationKind::Air,
            area: said.area.clone(),
            lon: None,
            lat: None,
            position: Position::Schematic,
            simulated: false,
        };
        stores.store.put_station(&station, &format!("named in {file}"), &Actor::System, now()).await?;
        made += 1;
    }
    Ok(made)
}

/// The values that are not in the lake just so.
async fn fresh_readings(
    stores: &Stores,
    table: Table,
    tally: &mut AirTally,
) -> Result<Vec<Reading>, Failure> {
    let mut by_key: BTreeMap<SeriesKey, Vec<(Millis, f64)>> = BTreeMap::new();
    for ((station, parameter, at), (value, _)) in table.values {
        let key = SeriesKey { station, parameter, measure: Measure::Mean, cadence: Cadence::Hour };
        by_key.entry(key).or_default().push((at, value));
    }
    let keys: Vec<SeriesKey> = by_key.keys().cloned().collect();
    let ids = stores.lake.series_ids(&keys)?;
    let mut readings = Vec::new();
    for (series, rows) in ids.into_iter().zip(by_key.into_values()) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
        let query = ReadQuery { series: vec![series], from: first.0, to: last.0.plus(HOUR_MS), as_of: None };
        let there: BTreeMap<Millis, f64> =
            stores.lake.read(query).await?.iter().map(|row| (row.at, row.value)).collect();
        for (at, value) in rows {
            match there.get(&at) {
                Some(known) if *known == value => {
                    tally.values_before += 1;
                    continue;
                }
                Some(_) => tally.corrections += 1,
                None => {}
            }
            tally.values += 1;
            readings.push(Reading { series, at, value, flag: Flag::Unmarked });
        }
    }
    Ok(readings)
}
