//! The rules on the least amount of data, gathered from the standards for each stretch of time.

use jiff::civil::Date;

use super::{AirRules, DayRule, Medium, OutletRules};
use crate::edition::Sourced;
use crate::hj_663::FigureKind;
use crate::law::{GB_3095, HJ_75, HJ_356, HJ_663, LawError, Loaded, nearest};
use crate::{Law, Pollutant};

/// The rules by the day from which they hold.
#[derive(Debug)]
pub(crate) struct RuleBook {
    air: Vec<(Date, AirRules)>,
    gas: Vec<(Date, OutletRules)>,
    water: Vec<(Date, OutletRules)>,
}

impl RuleBook {
    pub(crate) fn compile(loaded: &[Loaded]) -> Result<RuleBook, LawError> {
        let of = |standard: &str| -> Vec<&Loaded> {
            loaded.iter().filter(|one| one.edition.standard == standard && one.edition.by_date).collect()
        };
        let (limits, methods) = (of(GB_3095), of(HJ_663));
        let mut days: Vec<Date> = limits.iter().chain(&methods).map(|one| one.edition.from).collect();
        days.sort_unstable();
        days.dedup();
        let mut air = Vec::with_capacity(days.len());
        for day in days {
            let pair = nearest(&limits, day).zip(nearest(&methods, day));
            let Some((limits, methods)) = pair else {
                return Err(LawError::check(
                    "data",
                    GB_3095,
                    format!("there is no {GB_3095} or no {HJ_663}"),
                ));
            };
            air.push((day, air_rules(limits, methods)?));
        }
        Ok(RuleBook { air, gas: outlets(&of(HJ_75))?, water: outlets(&of(HJ_356))? })
    }
}

/// Reads named numbers and remembers which tables they came from.
struct Reader<'a> {
    loaded: &'a Loaded,
    sourced: Vec<Sourced>,
}

impl Reader<'_> {
    fn optional(&mut self, key: &str) -> Option<f64> {
        let (table, value) = self.loaded.value(key)?;
        let sourced = table.sourced();
        if !self.sourced.contains(&sourced) {
            self.sourced.push(sourced);
        }
        Some(value)
    }

    fn number(&mut self, key: &str) -> Result<f64, LawError> {
        let file = &self.loaded.edition.file;
        self.optional(key).ok_or_else(|| LawError::check(file, format!("value.{key}"), "it is missing"))
    }

    fn count(&mut self, key: &str) -> Result<u32, LawError> {
        let number = self.number(key)?;
        self.whole(key, number)
    }

    fn whole(&self, key: &str, number: f64) -> Result<u32, LawError> {
        if number.fract() == 0.0 && (0.0..1e6).contains(&number) {
            return Ok(number as u32);
        }
        Err(LawError::check(
            &self.loaded.edition.file,
            format!("value.{key}"),
            format!("`{number}` is no count"),
        ))
    }

    fn optional_count(&mut self, key: &str) -> Result<Option<u32>, LawError> {
        self.optional(key).map(|number| self.whole(key, number)).transpose()
    }
}

fn air_rules(limits: &Loaded, methods: &Loaded) -> Result<AirRules, LawError> {
    let mut gb = Reader { loaded: limits, sourced: Vec::new() };
    let mut hj = Reader { loaded: methods, sourced: Vec::new() };
    let annual = methods.annual().ok_or_else(|| {
        LawError::check(&methods.edition.file, "kind = \"annual\"", "there is no table of yearly figures")
    })?;
    let percentiles = annual.1.row.iter().filter_map(|row| {
        let pollutant = Pollutant::from_code(&row.parameter)?;
        match FigureKind::from_name(&row.figure)? {
            FigureKind::Percentile(percent) => Some((pollutant, percent)),
            FigureKind::Mean => None,
        }
    });
    let rules = AirRules {
        hour_minutes_min: gb.count("hour_minutes_min")?,
        day_hours_min: gb.count("day_hours_min")?,
        mean_8h_hours_min: gb.count("mean_8h_hours_min")?,
        mean_24h_hours_min: hj.count("mean_24h_hours_min")?,
        mda8_windows_min: hj.count("mda8_windows_min")?,
        mda8_first_end_hour: hj.count("mda8_first_end_hour")?,
        mda8_exceedance: hj.number("mda8_exceedance")?,
        month_days_min: gb.count("month_days_min")?,
        february_days_min: gb.count("february_days_min")?,
        year_days_min: gb.count("year_days_min")?,
        percentiles: percentiles.collect(),
        area_stations_percent: hj.count("area_stations_percent")?,
        editions: vec![limits.edition.id.clone(), methods.edition.id.clone()],
        sourced: Vec::new(),
    };
    Ok(AirRules { sourced: gb.sourced.into_iter().chain(hj.sourced).collect(), ..rules })
}

fn outlets(editions: &[&Loaded]) -> Result<Vec<(Date, OutletRules)>, LawError> {
    if editions.is_empty() {
        return Err(LawError::check("data", HJ_75, format!("there is no {HJ_75} or no {HJ_356}")));
    }
    editions.iter().map(|loaded| outlet_rules(loaded).map(|rules| (loaded.edition.from, rules))).collect()
}

fn outlet_rules(loaded: &Loaded) -> Result<OutletRules, LawError> {
    let mut reader = Reader { loaded, sourced: Vec::new() };
    let hour_minutes_min = reader.count("hour_minutes_min")?;
    let day = match reader.optional_count("day_discharge_percent_min")? {
        Some(percent) => DayRule::PercentOfDischarge(percent),
        None => DayRule::Hours(reader.count("day_hours_min")?),
    };
    let (month_days_min, february_days_min) =
        (reader.optional_count("month_days_min")?, reader.optional_count("february_days_min")?);
    let sourced = reader.sourced.into_iter().next().ok_or_else(|| {
        LawError::check(&loaded.edition.file, "kind = \"values\"", "there is no table of named numbers")
    })?;
    Ok(OutletRules {
        hour_minutes_min,
        day,
        month_days_min,
        february_days_min,
        edition: loaded.edition.id.clone(),
        sourced,
    })
}

impl Law {
    /// The rules for ambient air statistics of a day: those of the edition in force, or for days without one those
    /// of the nearest edition (a statistic is computed for every day, though not judged).
    pub fn air_rules(&self, day: Date) -> &AirRules {
        at(&self.rules.air, day)
    }

    /// The rules for an outlet's statistics of a day; [`Medium::Air`] is taken as gas.
    pub fn outlet_rules(&self, medium: Medium, day: Date) -> &OutletRules {
        match medium {
            Medium::Water => at(&self.rules.water, day),
            Medium::Gas | Medium::Air => at(&self.rules.gas, day),
        }
    }
}

/// The last entry that began by `day`, else the first.
fn at<T>(entries: &[(Date, T)], day: Date) -> &T {
    let begun = entries.partition_point(|(from, _)| *from <= day);
    &entries[begun.saturating_sub(1)].1
}
