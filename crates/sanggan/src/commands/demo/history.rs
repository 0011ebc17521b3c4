//! The simulated past, brought into the lake the newest first, so that the pages fill while one looks.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanggan_base::time::{DAY_MS, HOUR_MS};
use sanggan_base::{
    Cadence, Grain, Measure, Millis, ParameterCode, Reading, SeriesId, SeriesKey, StationCode,
};
use sanggan_lake::Lake;
use sanggan_pack::StationKind;
use sanggan_sim::history::period;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::city::City;
use crate::checkpoint::save_json;
use crate::exit::Failure;

/// Days of hour data outlets have behind them; air stations have all days asked for.
const OUTLET_DAYS: i64 = 60;
/// Days of weather behind the air stations.
const WEATHER_DAYS: i64 = 60;
/// Hours filled before the platform is shown.
const FIRST_HOURS: i64 = 30;
/// Readings of one batch.
const BATCH: usize = 20_000;

/// What is filled, kept so that a second start does not fill it again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filled {
    /// Seed of the city; another seed would not fit.
    pub(crate) seed: u64,
    /// First hour filled.
    pub(crate) from: Millis,
    /// First moment not filled.
    pub(crate) to: Millis,
}

/// Fills the past of a city.
pub(crate) struct History {
    lake: Lake,
    city: Arc<City>,
    state_file: PathBuf,
    filled: Option<Filled>,
    series: HashMap<SeriesKey, SeriesId>,
    source: Arc<str>,
}

impl History {
    /// The past of `city`; what was filled before stands in `state_file`.
    pub(crate) fn new(lake: Lake, city: Arc<City>, state_file: &Path) -> Result<History, Failure> {
        let filled = match std::fs::read(state_file) {
            Ok(bytes) => Some(serde_json::from_slice::<Filled>(&bytes).map_err(Failure::step(
                format!("read `{}`", state_file.display()),
                sanggan_base::ErrorCode::Conflict,
            ))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::file("read", state_file)(error)),
        };
        let seed = city.world.seed();
        if let Some(filled) = filled
            && filled.seed != seed
        {
            return Err(Failure::bad_input(
                format!("this folder holds the city of seed {}, not {seed}", filled.seed),
                "begin anew with --fresh, or name the old seed",
            ));
        }
        let source = Arc::from("simulated history");
        Ok(History { lake, city, state_file: state_file.to_owned(), filled, series: HashMap::new(), source })
    }

    /// Fills what a first look needs: the minutes and hours of the last day and a bit.
    pub(crate) async fn fill_first(&mut self, now: Millis) -> Result<(), Failure> {
        let hour = now.floor(Grain::Hour);
        let from = match self.filled {
            // Since the last run, but not more than can be waited for.
            Some(filled) => filled.to.max(hour.plus(-20 * DAY_MS)).min(hour),
            None => hour.plus(-FIRST_HOURS * HOUR_MS),
        };
        self.make_series()?;
        let minutes_from = from.max(hour.plus(-FIRST_HOURS * HOUR_MS));
        let mut readings = Vec::new();
        self.minutes(minutes_from, now, &mut readings)?;
        self.store(&mut readings).await?;
        let mut at = hour.plus(-HOUR_MS);
        while at >= from {
            self.hour(at, hour, &mut readings)?;
            at = at.plus(-HOUR_MS);
            if readings.len() >= BATCH {
                self.store(&mut readings).await?;
            }
        }
        self.store(&mut readings).await?;
        let from = self.filled.map_or(from, |filled| filled.from.min(from));
        self.remember(Filled { seed: self.city.world.seed(), from, to: hour })
    }

    /// Fills the rest back to `first`, day by day, until all is there or `stop`.
    pub(crate) async fn fill_back(
        &mut self,
        first: Millis,
        now: Millis,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let Some(mut filled) = self.filled else { return Ok(()) };
        let mut readings = Vec::new();
        while filled.from > first && !stop.is_cancelled() {
            // To the midnight before, then whole days.
            let day = filled.from.plus(-1).floor(Grain::Day).max(first);
            let mut at = filled.from.plus(-HOUR_MS);
            while at >= day {
                self.hour(at, now, &mut readings)?;
                at = at.plus(-HOUR_MS);
            }
            self.store(&mut readings).await?;
            filled.from = day;
            self.remember(filled)?;
            // Live packets and those who look go first.
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        Ok(())
    }

    /// The live loggers have carried on until `now`; a later start fills from there.
    pub(crate) fn carried_on(&mut self, now: Millis) -> Result<(), Failure> {
        match self.filled {
            Some(filled) => self.remember(Filled { to: now.floor(Grain::Hour), ..filled }),
            None => Ok(()),
        }
    }

    fn remember(&mut self, filled: Filled) -> Result<(), Failure> {
        self.filled = Some(filled);
        save_json(&self.state_file, &filled)
    }

    fn hour(&mut self, at: Millis, now: Millis, readings: &mut Vec<Reading>) -> Result<(), Failure> {
        let city = Arc::clone(&self.city);
        let age_days = (now.0 - at.0) / DAY_MS;
        for entry in &city.sites {
            let outlet = entry.kind != StationKind::Air;
            if outlet && age_days >= OUTLET_DAYS {
                continue;
            }
            for value in period(&city.world, &entry.site, Cadence::Hour, at, entry.minute_ms) {
                let is_weather = !outlet && value.parameter.as_str().starts_with("a010");
                if is_weather && age_days >= WEATHER_DAYS {
                    continue;
                }
                let series = self.series(&entry.site.code, value.parameter, value.measure, Cadence::Hour)?;
                readings.push(Reading { series, at, value: value.value, flag: value.flag });
            }
        }
        Ok(())
    }

    fn minutes(&mut self, from: Millis, to: Millis, readings: &mut Vec<Reading>) -> Result<(), Failure> {
        let city = Arc::clone(&self.city);
        for entry in &city.sites {
            let mut at = Millis(to.0.div_euclid(entry.minute_ms) * entry.minute_ms - entry.minute_ms);
            while at >= from {
                for value in period(&city.world, &entry.site, Cadence::Minute, at, entry.minute_ms) {
                    let series =
                        self.series(&entry.site.code, value.parameter, value.measure, Cadence::Minute)?;
                    readings.push(Reading { series, at, value: value.value, flag: value.flag });
                }
                at = at.plus(-entry.minute_ms);
            }
        }
        Ok(())
    }

    /// Makes every series at one go: one by one each would wait for the disk, the first live packets too.
    fn make_series(&mut self) -> Result<(), Failure> {
        let mut keys = Vec::new();
        for entry in &self.city.sites {
            let site = &entry.site;
            for (i, parameter) in site.parameters.iter().enumerate() {
                let mut measures = vec![Measure::Mean];
                if site.is_converted(i) {
                    measures.push(Measure::ConvertedMean);
                }
                let moments = measures.clone();
                measures.extend([Measure::Min, Measure::Max]);
                if site.is_flow(i) || site.is_concentration(i) {
                    measures.push(Measure::Total);
                }
                if site.is_converted(i) {
                    measures.extend([Measure::ConvertedMin, Measure::ConvertedMax]);
                }
                let mut add = |measure, cadence| {
                    let (station, parameter) = (site.code.clone(), parameter.code.clone());
                    keys.push(SeriesKey { station, parameter, measure, cadence });
                };
                moments.iter().for_each(|&measure| add(measure, Cadence::RealTime));
                for cadence in [Cadence::Minute, Cadence::Hour] {
                    measures.iter().for_each(|&measure| add(measure, cadence));
                }
            }
        }
        let ids = self.lake.series_ids(&keys)?;
        self.series = keys.into_iter().zip(ids).collect();
        Ok(())
    }

    fn series(
        &self,
        station: &StationCode,
        parameter: &ParameterCode,
        measure: Measure,
        cadence: Cadence,
    ) -> Result<SeriesId, Failure> {
        let key = SeriesKey { station: station.clone(), parameter: parameter.clone(), measure, cadence };
        match self.series.get(&key) {
            Some(id) => Ok(*id),
            None => Ok(self.lake.series_id(&key)?),
        }
    }

    async fn store(&self, readings: &mut Vec<Reading>) -> Result<(), Failure> {
        let all = std::mem::take(readings);
        for batch in all.chunks(BATCH) {
            self.lake.append_readings(Arc::clone(&self.source), batch.to_vec()).await?;
        }
        Ok(())
    }
}
