//! HJ 633/aqi
//!
//! # What it decides
//! The individual index (IAQI) of each pollutant and the air quality index (AQI) of an hour (实时报) or a day
//! (日报), the primary pollutants, level, class, colour, effect on health and advice.
//!
//! # What it leaves undecided
//! Hours and days without any value; under the 2026 edition those with a gap whose remaining index is 100 or less
//! (5.3.1); days on which no edition held nationwide.
//!
//! # Source
//! HJ 633-2012 clauses 4, 5.1, 6.2 and table 1; HJ 633-2026 clauses 4.2, 4.3, 5.3 and tables 1 to 3.
//! Numbers and the practice that differs from the text: `data/hj-633/`.

pub(crate) mod tables;

use std::sync::Arc;

use rust_decimal::Decimal;
use sanggan_base::Unit;

use self::tables::{AqiTables, Item, ReportTable, Row, Step};
use crate::edition::{Basis, EditionId, Sourced, Text};
use crate::law::HJ_633;
use crate::{Averaging, Law, Pollutant, PollutantSet, Unjudged};

/// The concentrations of one place in one hour or on one day.
///
/// Ambient units: µg/m³, CO mg/m³. Only valid values are set; what is not set counts as missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirSample {
    values: [[Option<f64>; Averaging::ALL.len()]; 6],
    not_monitored: PollutantSet,
}

impl Default for AirSample {
    fn default() -> AirSample {
        AirSample { values: [[None; Averaging::ALL.len()]; 6], not_monitored: PollutantSet::default() }
    }
}

impl AirSample {
    /// Nothing measured.
    pub fn new() -> AirSample {
        AirSample::default()
    }

    /// Sets one concentration.
    pub fn set(&mut self, pollutant: Pollutant, averaging: Averaging, value: Option<f64>) {
        self.values[pollutant.index()][averaging.index()] = value;
    }

    /// The same, chained.
    #[must_use]
    pub fn with(mut self, pollutant: Pollutant, averaging: Averaging, value: f64) -> AirSample {
        self.set(pollutant, averaging, Some(value));
        self
    }

    /// One concentration.
    pub fn get(&self, pollutant: Pollutant, averaging: Averaging) -> Option<f64> {
        self.values[pollutant.index()][averaging.index()]
    }

    /// Declares that the place's monitoring plan has no such pollutant (HJ 633-2026, 5.3.2).
    pub fn set_not_monitored(&mut self, pollutant: Pollutant) {
        self.not_monitored = self.not_monitored.with(pollutant);
    }
}

/// Which report an index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// 实时报, of one hour, as it is published.
    Hour,
    /// 日报, of one day.
    Day,
    /// 实时报 by the letter of HJ 633-2012 5.1.3 (PM as 24 h moving mean, O3 also as 8 h mean), which nobody
    /// publishes; for comparison. Editions that have no such table answer as for [`Report::Hour`].
    HourAsWritten,
}

/// The piece of the breakpoint table a concentration fell in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Lower concentration.
    pub bp_lo: Decimal,
    /// Upper concentration.
    pub bp_hi: Decimal,
    /// Index at the lower concentration.
    pub iaqi_lo: u16,
    /// Index at the upper concentration.
    pub iaqi_hi: u16,
}

/// The index of one pollutant and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct PollutantIndex {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// The averaging time of the concentration used.
    pub averaging: Averaging,
    /// The averaging time whose breakpoints were used (PM: the hour's mean on the day's breakpoints).
    pub breakpoints: Averaging,
    /// The concentration as given.
    pub given: f64,
    /// The concentration after the edition's rounding.
    pub concentration: Decimal,
    /// Its unit.
    pub unit: Unit,
    /// The index.
    pub iaqi: u16,
    /// The piece of the table; absent above its end.
    pub segment: Option<Segment>,
    /// The formula with the numbers filled in, e.g.
    /// `(100 − 50) ÷ (75 − 35) × (40 − 35) + 50 = 56.25 → 57`.
    pub formula: String,
}

/// One class of the index (级别).
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct AqiClass {
    /// Smallest index.
    pub from: u16,
    /// Largest index.
    pub to: u16,
    /// 级别 (`一级`).
    pub level: Text,
    /// 类别 (`优`).
    pub name: Text,
    /// Name of the colour.
    pub colour_name: Text,
    /// `#rrggbb`.
    pub colour: String,
    /// The colour for print: cyan, magenta, yellow, black in percent.
    pub cmyk: [u8; 4],
    /// 对健康影响情况.
    pub effect: Text,
    /// 建议采取的措施.
    pub advice: Text,
}

/// The air quality index of one hour or day.
#[derive(Debug, Clone, PartialEq)]
pub struct AqiResult {
    /// Which report.
    pub report: Report,
    /// The edition that judged; absent when none could.
    pub edition: Option<EditionId>,
    /// The index, when it may be told.
    pub aqi: Option<u16>,
    /// Why not, when there is none.
    pub unjudged: Option<Unjudged>,
    /// Each pollutant's index, in the standard's order; those without a value are absent.
    pub indices: Vec<PollutantIndex>,
    /// 首要污染物: the pollutants with the largest index when it is above 50; ties are all named.
    pub primary: Vec<Pollutant>,
    /// Pollutants whose index is above 100 (超标污染物).
    pub exceeding: Vec<Pollutant>,
    /// Pollutants the report asks for that have no valid value.
    pub missing: Vec<Pollutant>,
    /// The class, when there is an index.
    pub class: Option<Arc<AqiClass>>,
    /// Clause, source, status, rounding and practice note of the breakpoint table.
    pub sourced: Option<Sourced>,
}

/// The index without its explanation, for bulk work; nothing is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AqiQuick {
    /// The index, when it may be told.
    pub aqi: Option<u16>,
    /// The largest individual index, also when it may not be published.
    pub max_iaqi: Option<u16>,
    /// The primary pollutants.
    pub primary: PollutantSet,
    /// The pollutants the report asks for that have no valid value.
    pub missing: PollutantSet,
}

impl Law {
    /// The index of an hour or day with everything needed to explain it.
    pub fn aqi(&self, sample: &AirSample, report: Report, basis: Basis<'_>) -> AqiResult {
        let (edition, tables) = match self.aqi_tables(basis) {
            Ok(found) => found,
            Err(unjudged) => return AqiResult::undecided(report, unjudged),
        };
        let table = tables.report(report);
        let mut indices = Vec::with_capacity(table.items.len());
        for item in &table.items {
            let Some((used, given)) = used_item(tables, table, sample, item) else { continue };
            indices.extend(
                tables.row(used.pollutant, used.breakpoints).and_then(|row| index_of(row, used, given)),
            );
        }
        let quick = decide(tables, table, sample, indices.iter().map(|index| (index.pollutant, index.iaqi)));
        let missing: Vec<Pollutant> = quick.missing.iter().collect();
        let unjudged = match (quick.aqi, quick.max_iaqi, table.incomplete_publish_above) {
            (Some(_), _, _) => None,
            (None, Some(would_be), Some(publish_above)) => {
                Some(Unjudged::Incomplete { missing: missing.clone(), would_be, publish_above })
            }
            (None, _, _) => Some(Unjudged::NothingMeasured),
        };
        let exceeding: PollutantSet =
            indices.iter().filter(|one| table.exceeding_above < one.iaqi).map(|one| one.pollutant).collect();
        AqiResult {
            report,
            edition: Some(edition.clone()),
            aqi: quick.aqi,
            unjudged,
            indices,
            primary: quick.primary.iter().collect(),
            exceeding: exceeding.iter().collect(),
            missing,
            class: quick.aqi.and_then(|aqi| tables.class(aqi)).cloned(),
            sourced: Some(both(&tables.sourced, &table.sourced)),
        }
    }

    /// The index of an hour (`Averaging::Hour` values; see [`Report::Hour`]).
    pub fn aqi_hour(&self, sample: &AirSample, basis: Basis<'_>) -> AqiResult {
        self.aqi(sample, Report::Hour, basis)
    }

    /// The index of a day (`Averaging::Day` values, `Averaging::Mda8` for ozone).
    pub fn aqi_day(&self, sample: &AirSample, basis: Basis<'_>) -> AqiResult {
        self.aqi(sample, Report::Day, basis)
    }

    /// The index alone; equal to what [`Law::aqi`] tells.
    pub fn aqi_quick(&self, sample: &AirSample, report: Report, basis: Basis<'_>) -> AqiQuick {
        let Ok((_, tables)) = self.aqi_tables(basis) else { return AqiQuick::default() };
        let table = tables.report(report);
        let indices = table.items.iter().filter_map(|item| {
            let (used, given) = used_item(tables, table, sample, item)?;
            let row = tables.row(used.pollutant, used.breakpoints)?;
            match row.step(row.scale(given)?) {
                Step::Index(iaqi, _) => Some((used.pollutant, iaqi)),
                Step::Elsewhere(_) => None,
            }
        });
        decide(tables, table, sample, indices)
    }

    /// The classes of the edition, best first.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held.
    pub fn aqi_classes(&self, basis: Basis<'_>) -> Result<&[Arc<AqiClass>], Unjudged> {
        self.aqi_tables(basis).map(|(_, tables)| tables.classes.as_slice())
    }

    /// Who is sensitive to a pollutant whose index is above 100 (HJ 633-2026, table 2); `None` where the edition
    /// has no such table.
    pub fn aqi_sensitive_groups(&self, pollutant: Pollutant, basis: Basis<'_>) -> Option<&Text> {
        self.aqi_tables(basis).ok()?.1.sensitive.get(pollutant.code_str())
    }

    fn aqi_tables(&self, basis: Basis<'_>) -> Result<(&EditionId, &AqiTables), Unjudged> {
        let loaded = self.pick(HJ_633, basis)?;
        let nothing = || Unjudged::NoSuchEdition { standard: HJ_633, edition: loaded.edition.name.clone() };
        loaded.aqi.as_ref().map(|tables| (&loaded.edition.id, tables)).ok_or_else(nothing)
    }
}

impl AqiResult {
    fn undecided(report: Report, unjudged: Unjudged) -> AqiResult {
        AqiResult {
            report,
            edition: None,
            aqi: None,
            unjudged: Some(unjudged),
            indices: Vec::new(),
            primary: Vec::new(),
            exceeding: Vec::new(),
            missing: Vec::new(),
            class: None,
            sourced: None,
        }
    }

    /// The index of one pollutant; the largest where the report has the pollutant twice.
    pub fn index_of(&self, pollutant: Pollutant) -> Option<&PollutantIndex> {
        self.indices.iter().filter(|one| one.pollutant == pollutant).max_by_key(|one| one.iaqi)
    }
}

/// AQI = the largest index; told unless pollutants are missing and the edition asks for all of them.
fn decide(
    tables: &AqiTables,
    table: &ReportTable,
    sample: &AirSample,
    indices: impl Iterator<Item = (Pollutant, u16)>,
) -> AqiQuick {
    let (mut judged, mut largest, mut holders) = (PollutantSet::default(), None, PollutantSet::default());
    for (pollutant, iaqi) in indices {
        judged = judged.with(pollutant);
        if largest.is_none_or(|so_far| so_far < iaqi) {
            (largest, holders) = (Some(iaqi), PollutantSet::default());
        }
        if largest == Some(iaqi) {
            holders = holders.with(pollutant);
        }
    }
    let max_iaqi = largest.map(|iaqi| iaqi.clamp(tables.index_min, tables.index_max));
    let missing = missing_of(table, sample, judged);
    let told =
        |index: &u16| missing.is_empty() || table.incomplete_publish_above.is_none_or(|least| least < *index);
    let aqi = max_iaqi.filter(told);
    let primary =
        if aqi.is_some_and(|aqi| table.primary_above < aqi) { holders } else { PollutantSet::default() };
    AqiQuick { aqi, max_iaqi, primary, missing }
}

fn missing_of(table: &ReportTable, sample: &AirSample, judged: PollutantSet) -> PollutantSet {
    let asked = table.items.iter().map(|item| item.pollutant);
    asked.filter(|&one| !judged.contains(one) && !sample.not_monitored.contains(one)).collect()
}

/// The item itself, or, above the end of a row that says so, the item that stands in for it.
fn used_item<'t>(
    tables: &AqiTables,
    table: &'t ReportTable,
    sample: &AirSample,
    item: &'t Item,
) -> Option<(&'t Item, f64)> {
    let given = sample.get(item.pollutant, item.averaging)?;
    let row = tables.row(item.pollutant, item.breakpoints)?;
    // Noise around zero rounds to zero; what stays below is no concentration.
    let scaled = row.scale(given).filter(|&scaled| 0 <= scaled)?;
    let Step::Elsewhere(breakpoints) = row.step(scaled) else { return Some((item, given)) };
    let stands_in = |one: &&Item| one.pollutant == item.pollutant && one.breakpoints == breakpoints;
    let other = table.fallbacks.iter().find(stands_in)?;
    Some((other, sample.get(other.pollutant, other.averaging)?))
}

fn index_of(row: &Row, item: &Item, given: f64) -> Option<PollutantIndex> {
    let scaled = row.scale(given).filter(|&scaled| 0 <= scaled)?;
    let Step::Index(iaqi, hi) = row.step(scaled) else { return None };
    let (concentration, segment) = (row.unscale(scaled), hi.map(|hi| row.segment(hi)));
    let formula = match segment {
        Some(Segment { bp_lo, bp_hi, iaqi_lo, iaqi_hi }) => {
            let rise = Decimal::from(iaqi_hi - iaqi_lo);
            let exact = (rise * (concentration - bp_lo) / (bp_hi - bp_lo) + Decimal::from(iaqi_lo))
                .round_dp(4)
                .normalize();
            format!(
                "({iaqi_hi} − {iaqi_lo}) ÷ ({bp_hi} − {bp_lo}) × ({concentration} − {bp_lo}) + {iaqi_lo} = {exact} → {iaqi}"
            )
        }
        None => format!("{} < {concentration} → {iaqi}", row.last()),
    };
    let Item { pollutant, averaging, breakpoints } = *item;
    Some(PollutantIndex {
        pollutant,
        averaging,
        breakpoints,
        given,
        concentration,
        unit: row.unit,
        iaqi,
        segment,
        formula,
    })
}

/// Breakpoints and report vouch together: the weaker status, both clauses and notes.
fn both(breakpoints: &Sourced, report: &Sourced) -> Sourced {
    let notes: Vec<&Text> = [&breakpoints.note, &report.note].into_iter().flatten().collect();
    Sourced {
        clause: Text::joined(&[&breakpoints.clause, &report.clause], "；", "; "),
        source: report.source.clone(),
        checked_on: breakpoints.checked_on.min(report.checked_on),
        status: breakpoints.status.min(report.status),
        rounding: breakpoints.rounding.clone(),
        note: (!notes.is_empty()).then(|| Text::joined(&notes, "", " ")),
    }
}
