//! Judged air: statistics of the lake put before the law, with the paths of their explanations.
//!
//! Nothing here is stored: the same statistics and the same edition give the same answer at any time.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use sanggan_base::time::HOUR_MS;
use sanggan_base::{
    Cadence, Grain, Measure, Millis, ParameterCode, SeriesId, SeriesKey, StatKind, StationCode,
};
use sanggan_lake::{ReadQuery, Statistic};
use sanggan_pack::StationKind;
use sanggan_standards::air::whatif::{WhatIf, what_if};
use sanggan_standards::{
    AirSample, AnnualInput, AnnualResult, AqiResult, Averaging, Basis, CompositeResult, FigureKind,
    LimitVerdict, Pollutant, Report, Unjudged, ZoneClass,
};

use crate::AppState;
use crate::dto::{
    AirDay, AirHour, AirNow, AirValue, AirVerdict, AnnualFigure, AnnualSummary, Composite, MonthSummary,
    Names,
};
use crate::problem::Answer;
use crate::{paths, words};

/// Station codes of areas begin with this.
pub(crate) const AREA_PREFIX: &str = "area:";
/// How far back the last judged hour is looked for.
pub(crate) const NOW_LOOKBACK_MS: i64 = 24 * HOUR_MS;
/// An hour that ended longer ago is shown as stale.
const STALE_AFTER_MS: i64 = 2 * HOUR_MS;
/// Stations and areas of a city are judged as places where people live and work (二类区).
pub(crate) const ZONE: ZoneClass = ZoneClass::Second;

const HOUR_KINDS: [StatKind; 3] = [StatKind::Mean, StatKind::Mean8h, StatKind::Mean24h];
const DAY_KINDS: [StatKind; 2] = [StatKind::Mean, StatKind::Mda8];

/// The code under which figures of an area are kept.
pub(crate) fn area_station(code: &str) -> Option<StationCode> {
    StationCode::parse(&format!("{AREA_PREFIX}{code}")).ok()
}

/// The computed series of a parameter at a station.
pub(crate) fn computed(
    state: &AppState,
    station: &StationCode,
    parameter: &ParameterCode,
) -> Option<SeriesId> {
    state.lake().find_series(&SeriesKey {
        station: station.clone(),
        parameter: parameter.clone(),
        measure: Measure::Mean,
        cadence: Cadence::Computed,
    })
}

/// The statistics of the six pollutants of one place in one period.
#[derive(Debug, Default, Clone)]
pub(crate) struct Six {
    rows: Vec<(Pollutant, Statistic)>,
}

impl Six {
    pub(crate) fn get(&self, pollutant: Pollutant, kind: StatKind) -> Option<&Statistic> {
        self.rows.iter().find(|(known, row)| *known == pollutant && row.kind == kind).map(|(_, row)| row)
    }

    fn any_value(&self) -> bool {
        self.rows.iter().any(|(_, row)| row.value.is_some())
    }

    /// Only what is valid goes before the law.
    pub(crate) fn sample(&self, grain: Grain) -> AirSample {
        let mut sample = AirSample::new();
        for (pollutant, row) in self.rows.iter().filter(|(_, row)| row.valid) {
            if let Some(averaging) = averaging(grain, row.kind) {
                sample.set(*pollutant, averaging, row.value);
            }
        }
        sample
    }
}

fn averaging(grain: Grain, kind: StatKind) -> Option<Averaging> {
    match (grain, kind) {
        (Grain::Hour, StatKind::Mean) => Some(Averaging::Hour),
        (Grain::Hour, StatKind::Mean8h) => Some(Averaging::Mean8h),
        (Grain::Hour, StatKind::Mean24h) => Some(Averaging::Mean24h),
        (Grain::Day, StatKind::Mean) => Some(Averaging::Day),
        (Grain::Day, StatKind::Mda8) => Some(Averaging::Mda8),
        _ => None,
    }
}

/// The statistic kind that holds an averaging time.
pub(crate) fn kind_of(averaging: Averaging) -> StatKind {
    match averaging {
        Averaging::Mean8h => StatKind::Mean8h,
        Averaging::Mean24h => StatKind::Mean24h,
        Averaging::Mda8 => StatKind::Mda8,
        Averaging::MaxHour => StatKind::MaxHour,
        Averaging::Hour | Averaging::Day | Averaging::Month | Averaging::Season | Averaging::Year => {
            StatKind::Mean
        }
    }
}

/// The six pollutants' statistics of many places, by place and beginning of the period.
pub(crate) async fn read_six(
    state: &AppState,
    stations: &[StationCode],
    grain: Grain,
    from: Millis,
    to: Millis,
    as_of: Option<Millis>,
) -> Answer<HashMap<StationCode, BTreeMap<Millis, Six>>> {
    let mut owner: HashMap<SeriesId, (usize, Pollutant)> = HashMap::new();
    for (index, station) in stations.iter().enumerate() {
        for pollutant in Pollutant::ALL {
            if let Some(series) = computed(state, station, &pollutant.code()) {
                owner.insert(series, (index, pollutant));
            }
        }
    }
    let kinds = if grain == Grain::Hour { HOUR_KINDS.to_vec() } else { DAY_KINDS.to_vec() };
    let query = ReadQuery { series: owner.keys().copied().collect(), from, to, as_of };
    let mut found: HashMap<StationCode, BTreeMap<Millis, Six>> = HashMap::new();
    if query.series.is_empty() {
        return Ok(found);
    }
    for row in state.lake().read_statistics(query, grain, kinds).await? {
        let Some(&(index, pollutant)) = owner.get(&row.series) else { continue };
        let periods = found.entry(stations[index].clone()).or_default();
        periods.entry(row.start).or_default().rows.push((pollutant, row));
    }
    Ok(found)
}

/// One hour before the law.
pub(crate) fn judge_hour(state: &AppState, start: Millis, six: &Six, edition: Option<&str>) -> AqiResult {
    let basis = Basis::new(start.local_date(), edition);
    state.law().aqi(&six.sample(Grain::Hour), Report::Hour, basis)
}

/// One day before the law.
pub(crate) fn judge_day(state: &AppState, date: Date, six: &Six, edition: Option<&str>) -> AqiResult {
    state.law().aqi(&six.sample(Grain::Day), Report::Day, Basis::new(date, edition))
}

/// The statistic an index was made of; without an index the one the report would have used.
pub(crate) fn kind_for(
    six: &Six,
    pollutant: Pollutant,
    grain: Grain,
    index: Option<&sanggan_standards::PollutantIndex>,
) -> StatKind {
    match (index, grain) {
        (Some(index), _) => kind_of(index.averaging),
        (None, Grain::Day) if six.get(pollutant, StatKind::Mda8).is_some() => StatKind::Mda8,
        (None, _) => StatKind::Mean,
    }
}

pub(crate) fn verdict(
    state: &AppState,
    station: &StationCode,
    grain: Grain,
    start: Millis,
    six: &Six,
    judged: &AqiResult,
) -> AirVerdict {
    let mut values = BTreeMap::new();
    for pollutant in Pollutant::ALL {
        let index = judged.indices.iter().find(|index| index.pollutant == pollutant);
        let kind = kind_for(six, pollutant, grain, index);
        let Some(row) = six.get(pollutant, kind) else { continue };
        let code = pollutant.code();
        let value = match index {
            Some(index) => words::number(index.concentration),
            None => row.value.map(|value| shown(state, code.as_str(), value)),
        };
        values.insert(
            code.to_string(),
            AirValue {
                value,
                unit: words::unit(state, station, code.as_str()).symbol().to_owned(),
                iaqi: index.map(|index| u32::from(index.iaqi)),
                valid: row.valid,
                explain: paths::statistic(grain, station, code.as_str(), kind, start),
            },
        );
    }
    AirVerdict {
        aqi: judged.aqi.map(u32::from),
        level: judged.class.as_ref().map(|class| class.level.zh.clone()),
        class: judged.class.as_ref().map(|class| Names::from(&class.name)),
        colour: judged.class.as_ref().map(|class| class.colour.clone()),
        primary: words::codes(&judged.primary),
        edition: judged.edition.as_ref().map(ToString::to_string).unwrap_or_default(),
        unjudged: judged.unjudged.as_ref().map(words::unjudged),
        values,
        advice: judged.class.as_ref().map(|class| Names::from(&class.advice)),
        effect: judged.class.as_ref().map(|class| Names::from(&class.effect)),
    }
}

/// A value at the digits in which its parameter is shown.
pub(crate) fn shown(state: &AppState, code: &str, value: f64) -> f64 {
    let digits = state.pack().parameters.get(code).map_or(3, |row| u32::from(row.digits(StationKind::Air)));
    sanggan_standards::Rounding::HalfEven(digits).apply_f64(value).and_then(words::number).unwrap_or(value)
}

/// The hour of a station, area or city that is its air now.
///
/// That is the last hour with an index within a day; without one, the last hour with any value.
pub(crate) fn air_now(
    state: &AppState,
    station: &StationCode,
    hours: Option<&BTreeMap<Millis, Six>>,
) -> AirNow {
    let now = state.now();
    let mut last_with_value = None;
    for (&start, six) in hours.into_iter().flatten().rev().filter(|(start, _)| **start <= now) {
        let judged = judge_hour(state, start, six, None);
        if judged.aqi.is_some() {
            return now_of(state, station, start, six, &judged);
        }
        if last_with_value.is_none() && six.any_value() {
            last_with_value = Some((start, six, judged));
        }
    }
    if let Some((start, six, judged)) = last_with_value {
        return now_of(state, station, start, six, &judged);
    }
    let nothing = state.law().aqi(&AirSample::new(), Report::Hour, Basis::OfDay(now.local_date()));
    AirNow {
        hour: None,
        hour_end: None,
        verdict: verdict(state, station, Grain::Hour, now, &Six::default(), &nothing),
        stale: true,
        explain: None,
    }
}

fn now_of(state: &AppState, station: &StationCode, start: Millis, six: &Six, judged: &AqiResult) -> AirNow {
    let end = start.next(Grain::Hour);
    AirNow {
        hour: Some(start.to_string()),
        hour_end: Some(end.to_string()),
        verdict: verdict(state, station, Grain::Hour, start, six, judged),
        stale: state.now().0 - end.0 > STALE_AFTER_MS,
        explain: Some(paths::aqi_hour(station, start)),
    }
}

/// The air now of many places, read at once.
pub(crate) async fn airs_now(
    state: &AppState,
    stations: &[StationCode],
) -> Answer<HashMap<StationCode, AirNow>> {
    let now = state.now();
    let from = now.plus(-NOW_LOOKBACK_MS).floor(Grain::Hour);
    let hours = read_six(state, stations, Grain::Hour, from, now.plus(1), None).await?;
    Ok(stations
        .iter()
        .filter(|station| !station.as_str().starts_with(AREA_PREFIX) || hours.contains_key(*station))
        .map(|station| (station.clone(), air_now(state, station, hours.get(station))))
        .collect())
}

/// The judged hours of a range.
pub(crate) async fn hours(
    state: &AppState,
    station: &StationCode,
    from: Millis,
    to: Millis,
    edition: Option<&str>,
    as_of: Option<Millis>,
) -> Answer<Vec<AirHour>> {
    let mut found = read_six(state, std::slice::from_ref(station), Grain::Hour, from, to, as_of).await?;
    let periods = found.remove(station).unwrap_or_default();
    Ok(periods
        .iter()
        .map(|(&start, six)| {
            let judged = judge_hour(state, start, six, edition);
            AirHour {
                start: start.to_string(),
                verdict: verdict(state, station, Grain::Hour, start, six, &judged),
                explain: paths::aqi_hour(station, start),
            }
        })
        .collect())
}

/// The judged days of a range.
pub(crate) async fn days(
    state: &AppState,
    station: &StationCode,
    from: Millis,
    to: Millis,
    edition: Option<&str>,
    as_of: Option<Millis>,
) -> Answer<Vec<AirDay>> {
    let mut found = read_six(state, std::slice::from_ref(station), Grain::Day, from, to, as_of).await?;
    let periods = found.remove(station).unwrap_or_default();
    Ok(periods
        .iter()
        .map(|(&start, six)| {
            let date = start.local_date();
            let judged = judge_day(state, date, six, edition);
            AirDay {
                date: date.to_string(),
                verdict: verdict(state, station, Grain::Day, start, six, &judged),
                explain: paths::aqi_day(station, date),
            }
        })
        .collect())
}

/// Days judged and days of the first two classes (优、良).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct GoodDays {
    pub(crate) judged: u32,
    pub(crate) good: u32,
}

impl GoodDays {
    /// Good days in days judged; `None` without a day.
    pub(crate) fn ratio(self) -> Option<f64> {
        (self.judged > 0).then(|| f64::from(self.good) / f64::from(self.judged))
    }
}

pub(crate) async fn good_days(
    state: &AppState,
    station: &StationCode,
    from: Millis,
    to: Millis,
    as_of: Option<Millis>,
) -> Answer<GoodDays> {
    let mut found = read_six(state, std::slice::from_ref(station), Grain::Day, from, to, as_of).await?;
    Ok(count_good(state, &found.remove(station).unwrap_or_default(), None))
}

/// The good days among judged ones, as the law counts them, each day by its edition or all by the one asked for.
pub(crate) fn count_good(state: &AppState, days: &BTreeMap<Millis, Six>, edition: Option<&str>) -> GoodDays {
    let counted = counted_days(state, days, &[edition]);
    let counts = counted.into_iter().next().and_then(|under| under.counts.ok()).unwrap_or_default();
    GoodDays { judged: counts.valid, good: counts.good }
}

/// The days counted by class under each edition.
pub(crate) fn counted_days(
    state: &AppState,
    days: &BTreeMap<Millis, Six>,
    editions: &[Option<&str>],
) -> Vec<WhatIf> {
    let samples: Vec<(Date, AirSample)> =
        days.iter().map(|(start, six)| (start.local_date(), six.sample(Grain::Day))).collect();
    what_if(state.law(), &samples, ZONE, editions)
}

/// A year's statistics before the law.
#[derive(Debug)]
pub(crate) struct Year {
    pub(crate) year: i16,
    pub(crate) start: Millis,
    pub(crate) basis_day: Date,
    pub(crate) inputs: Vec<AnnualInput>,
    pub(crate) result: AnnualResult,
    pub(crate) composite: Result<CompositeResult, Unjudged>,
    pub(crate) days: GoodDays,
}

/// One year of one place; the day that decides the edition is its last one, or today in the running year.
pub(crate) async fn year(
    state: &AppState,
    station: &StationCode,
    year: i16,
    as_of: Option<Millis>,
) -> Answer<Year> {
    let first = Date::new(year, 1, 1)
        .map_err(|_| crate::problem::Problem::bad_field("year", format!("`{year}` is not a year")))?;
    let start = Millis::start_of(first);
    let end = start.next(Grain::Year);
    let basis_day = first.last_of_year().min(state.now().local_date().max(first));
    let basis = Basis::OfDay(basis_day);
    let mut series = HashMap::new();
    for pollutant in Pollutant::ALL {
        if let Some(id) = computed(state, station, &pollutant.code()) {
            series.insert(id, pollutant);
        }
    }
    let mut rows = Vec::new();
    if !series.is_empty() {
        let query = ReadQuery { series: series.keys().copied().collect(), from: start, to: end, as_of };
        rows = state.lake().read_statistics(query, Grain::Year, Vec::new()).await?;
    }
    let kind = |row: &Statistic| match row.kind {
        StatKind::Mean => Some(FigureKind::Mean),
        StatKind::P90 => Some(FigureKind::Percentile(90)),
        StatKind::P95 => Some(FigureKind::Percentile(95)),
        StatKind::P98 => Some(FigureKind::Percentile(98)),
        _ => None,
    };
    let inputs: Vec<AnnualInput> = rows
        .iter()
        .filter_map(|row| {
            Some(AnnualInput {
                pollutant: *series.get(&row.series)?,
                kind: kind(row)?,
                value: row.value,
                valid: row.valid,
                used: row.used,
                required: row.required,
            })
        })
        .collect();
    let result = state.law().annual(&inputs, ZONE, basis);
    let composite = state.law().composite(&inputs, basis);
    let days = good_days(state, station, start, end, as_of).await?;
    Ok(Year { year, start, basis_day, inputs, result, composite, days })
}

/// A year as the API gives it.
pub(crate) fn annual_summary(state: &AppState, station: &StationCode, year: &Year) -> AnnualSummary {
    let days = year.days;
    AnnualSummary {
        year: year.year,
        days_valid: days.judged,
        good_days: days.good,
        good_ratio: days.ratio(),
        composite: year.composite.as_ref().ok().and_then(|composite| {
            Some(Composite {
                value: words::number(composite.value)?,
                edition: composite.edition.to_string(),
                status: words::status(composite.status).to_owned(),
            })
        }),
        figures: year
            .result
            .figures
            .iter()
            .map(|figure| annual_figure(state, station, year.start, figure))
            .collect(),
        explain: paths::annual(station, year.year),
    }
}

/// One yearly figure as the API gives it.
pub(crate) fn annual_figure(
    state: &AppState,
    station: &StationCode,
    start: Millis,
    figure: &sanggan_standards::AnnualFigure,
) -> AnnualFigure {
    let code = figure.pollutant.code();
    AnnualFigure {
        parameter: code.to_string(),
        name: words::parameter(state, code.as_str()),
        kind: figure.kind.name(),
        value: figure.value.and_then(words::number),
        unit: figure.unit.symbol().to_owned(),
        limit: figure.limit.as_ref().map(|limit| limit.value_f64()),
        meets: match figure.verdict {
            LimitVerdict::Met { .. } => Some(true),
            LimitVerdict::Exceeded { .. } => Some(false),
            LimitVerdict::NotJudged(_) => None,
        },
        valid: figure.valid,
        explain: paths::statistic(
            Grain::Year,
            station,
            code.as_str(),
            figure.kind.stat_kind().unwrap_or(StatKind::Mean),
            start,
        ),
    }
}

/// The years of which there are yearly statistics, newest first.
pub(crate) async fn years(state: &AppState, station: &StationCode) -> Answer<Vec<i16>> {
    let series: Vec<SeriesId> =
        Pollutant::ALL.iter().filter_map(|pollutant| computed(state, station, &pollutant.code())).collect();
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let query = ReadQuery { series, from: Millis(0), to: state.now().plus(1), as_of: None };
    let rows = state.lake().read_statistics(query, Grain::Year, Vec::new()).await?;
    let mut years: Vec<i16> = rows.iter().map(|row| row.start.local_date().year()).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    Ok(years)
}

/// The running month of a place.
pub(crate) async fn month(state: &AppState, station: &StationCode) -> Answer<MonthSummary> {
    let now = state.now();
    let start = now.floor(Grain::Month);
    let days = good_days(state, station, start, now.plus(1), None).await?;
    let code = Pollutant::Pm25.code();
    let mut pm25 = None;
    if let Some(series) = computed(state, station, &code) {
        let query = ReadQuery { series: vec![series], from: start, to: now.plus(1), as_of: None };
        let rows = state.lake().read_statistics(query, Grain::Month, vec![StatKind::Mean]).await?;
        pm25 = rows.first().and_then(|row| row.value);
    }
    Ok(MonthSummary {
        month: start.month_key(),
        good_days: days.good,
        days: days.judged,
        pm25: pm25.map(|value| shown(state, code.as_str(), value)),
        unit: words::unit(state, station, code.as_str()).symbol().to_owned(),
        explain: pm25
            .is_some()
            .then(|| paths::statistic(Grain::Month, station, code.as_str(), StatKind::Mean, start)),
    })
}
