//! Discharge outlets: values against limits now, and what was discharged.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::time::{DAY_MS, HOUR_MS};
use sanggan_base::{
    Cadence, Flag, Grain, Measure, Millis, Observation, ParameterCode, SeriesId, SeriesKey, StatKind,
};
use sanggan_lake::{ReadQuery, Statistic};
use sanggan_pack::{Averaging, Bound, LimitLine, Station};

use super::{series, stations};
use crate::dto::{
    Exceedance, Load, Loads, Names, OutletNow, OutletOver, OutletPeriod, OutletRow, OutletState,
};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, assess, paths, words};

/// A value older than this is no value of now.
const NOW_MS: i64 = 3 * HOUR_MS;

/// An outlet now.
#[utoipa::path(
    get, path = "/outlets/{code}/now", operation_id = "getOutletNow", tag = "stations",
    params(("code" = String, Path, description = "Station code of the outlet")),
    responses(
        (status = 200, description = "Values against limits, loads", body = OutletNow),
        (status = 404, description = "No such outlet", body = ProblemBody)
    )
)]
pub(crate) async fn get_outlet_now(
    State(state): State<AppState>,
    Path(code): Path<String>,
) -> Answer<Json<OutletNow>> {
    let code = stations::code(&code)?;
    Ok(Json(now(&state, &code).await?))
}

/// An outlet's values against its limits, and its loads.
pub(crate) async fn now(state: &AppState, code: &sanggan_base::StationCode) -> Answer<OutletNow> {
    let registry = state.registry();
    let station = registry
        .station(code)
        .filter(|station| station.kind.is_outlet())
        .ok_or_else(|| Problem::not_found(format!("there is no outlet `{code}`")))?;
    let day = state.now().local_date();
    let lines: Vec<&LimitLine> =
        registry.limits(code).iter().map(|line| &**line).filter(|line| line.in_force(day)).collect();
    let periods = Periods::read(state, std::slice::from_ref(station)).await?;
    let newest = newest(state, station);
    // What was never measured has no row; its limit stands on the station's page.
    let mut parameters: Vec<ParameterCode> = newest.keys().map(|(parameter, _)| parameter.clone()).collect();
    parameters.sort();
    parameters.dedup();
    let rows = parameters
        .iter()
        .map(|parameter| {
            let lines: Vec<&LimitLine> =
                lines.iter().copied().filter(|line| &line.parameter == parameter).collect();
            row(state, station, parameter, &lines, &newest, &periods)
        })
        .collect();
    let loads = Loads {
        today_kg: loads(state, station, Grain::Day).await?,
        month_kg: loads(state, station, Grain::Month).await?,
    };
    Ok(OutletNow { rows, loads })
}

type Newest = HashMap<(ParameterCode, Measure), (SeriesKey, Observation)>;

/// The newest mean and converted mean of each parameter; of several as new the finest cadence.
fn newest(state: &AppState, station: &Station) -> Newest {
    let mut newest: Newest = HashMap::new();
    for (id, key) in state.lake().series_of(&station.code) {
        if !matches!(key.measure, Measure::Mean | Measure::ConvertedMean) || key.cadence == Cadence::Computed
        {
            continue;
        }
        let Some(observation) = state.lake().latest(id) else { continue };
        let slot = (key.parameter.clone(), key.measure);
        let better = newest.get(&slot).is_none_or(|(kept_key, kept)| {
            (kept.at, std::cmp::Reverse(kept_key.cadence)) < (observation.at, std::cmp::Reverse(key.cadence))
        });
        if better {
            newest.insert(slot, (key, observation));
        }
    }
    newest
}

fn row(
    state: &AppState,
    station: &Station,
    parameter: &ParameterCode,
    lines: &[&LimitLine],
    newest: &Newest,
    periods: &Periods,
) -> OutletRow {
    let measured = newest.get(&(parameter.clone(), Measure::Mean));
    let converted = newest.get(&(parameter.clone(), Measure::ConvertedMean));
    let unit = words::unit(state, &station.code, parameter.as_str());
    // The line with the shortest averaging time is the one a value of now is held against; of several the strictest.
    let order = |a: &&LimitLine, b: &&LimitLine| {
        let rank = |line: &LimitLine| (line.bound != Bound::Upper, averaging_rank(line.averaging));
        let lenience = |line: &LimitLine| {
            let value = line.unit.convert(line.value, unit).unwrap_or(line.value);
            if line.bound == Bound::Upper { value } else { -value }
        };
        rank(a).cmp(&rank(b)).then(lenience(a).total_cmp(&lenience(b)))
    };
    let line = lines.iter().copied().min_by(order);
    let flag = measured.or(converted).map(|(_, o)| o.flag);
    let judged = match line.and_then(|line| line.reference_oxygen) {
        Some(_) => converted.map(|(_, o)| o.value),
        None => measured.map(|(_, o)| o.value),
    };
    let in_unit = |line: &LimitLine| judged.and_then(|value| unit.convert(value, line.unit).ok());
    let broken = |line: &LimitLine| in_unit(line).is_some_and(|value| line.is_broken_by(value));
    // A line that is broken is the one to show, also where another would be shown otherwise (pH below its lower limit).
    let line = lines.iter().copied().filter(|line| broken(line)).min_by(order).or(line);
    let ratio = line
        .filter(|line| line.bound == Bound::Upper && line.value > 0.0)
        .and_then(|line| Some(in_unit(line)? / line.value));
    let outlet_state = match (flag, line) {
        (Some(Flag::Stopped), _) => OutletState::Stopped,
        (Some(flag), _) if !flag.is_valid() => OutletState::Invalid,
        (_, None) => OutletState::NoLimit,
        (None, Some(_)) => OutletState::Invalid,
        (Some(_), Some(line)) if in_unit(line).is_none() => OutletState::Invalid,
        (Some(_), Some(line)) => {
            let near = state.pack().defaults.near_limit_ratio;
            if broken(line) {
                OutletState::Over
            } else if ratio.is_some_and(|ratio| ratio >= near) {
                OutletState::Near
            } else {
                OutletState::Ok
            }
        }
    };
    OutletRow {
        parameter: parameter.to_string(),
        name: words::parameter(state, parameter.as_str()),
        value: measured.map(|(_, o)| o.value),
        converted_value: converted.map(|(_, o)| o.value),
        unit: unit.symbol().to_owned(),
        at: measured.or(converted).map(|(_, o)| o.at.to_string()),
        flag: flag.map(|flag| flag.name().to_owned()),
        limit: line.map(stations::limit_line),
        ratio,
        state: outlet_state,
        period: line.and_then(|line| periods.judge(state, station, line)).map(|judged| judged.period()),
        explain: measured.or(converted).map(|(key, o)| paths::observation(key, o.at)),
    }
}

fn averaging_rank(averaging: Averaging) -> u8 {
    match averaging {
        Averaging::Instant => 0,
        Averaging::Hour => 1,
        Averaging::Day => 2,
        Averaging::Year => 3,
    }
}

async fn loads(state: &AppState, station: &Station, grain: Grain) -> Answer<BTreeMap<String, Load>> {
    let start = state.now().floor(grain);
    let mut owner = HashMap::new();
    for (id, key) in state.lake().series_of(&station.code) {
        if key.cadence == Cadence::Computed && key.measure == Measure::Mean {
            owner.insert(id, key.parameter);
        }
    }
    if owner.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = ReadQuery {
        series: owner.keys().copied().collect(),
        from: start,
        to: start.next(grain),
        as_of: None,
    };
    let kinds = vec![StatKind::Load, StatKind::Volume];
    let rows = state.lake().read_statistics(query, grain, kinds).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let parameter = owner.get(&row.series)?;
            let load = Load {
                value: row.value?,
                unit: series::statistic_unit(state, &station.code, parameter.as_str(), row.kind),
                used: row.used,
                explain: paths::statistic(grain, &station.code, parameter.as_str(), row.kind, row.start),
            };
            Some((parameter.to_string(), load))
        })
        .collect())
}

/// The newest computed hours and days of some outlets.
struct Periods {
    rows: HashMap<(SeriesId, Grain, StatKind), Statistic>,
}

/// One period held against one limit line.
pub(crate) struct Judged<'a> {
    line: &'a LimitLine,
    grain: Grain,
    start: Millis,
    value: f64,
    unit: sanggan_base::Unit,
    valid: bool,
    over: bool,
    explain: String,
}

impl Judged<'_> {
    fn period(&self) -> OutletPeriod {
        OutletPeriod {
            averaging: self.line.averaging.name().to_owned(),
            start: self.start.to_string(),
            end: self.start.next(self.grain).to_string(),
            value: self.value,
            unit: self.unit.symbol().to_owned(),
            valid: self.valid,
            state: match (self.valid, self.over) {
                (false, _) => OutletState::Invalid,
                (true, true) => OutletState::Over,
                (true, false) => OutletState::Ok,
            },
            explain: self.explain.clone(),
        }
    }
}

const PERIOD_KINDS: [StatKind; 3] = [StatKind::Mean, StatKind::FlowWeightedMean, StatKind::ConvertedMean];

impl Periods {
    async fn read(state: &AppState, outlets: &[std::sync::Arc<Station>]) -> Answer<Periods> {
        let now = state.now();
        let registry = state.registry();
        let mut ids: Vec<SeriesId> = Vec::new();
        for outlet in outlets {
            let lines = registry.limits(&outlet.code).iter();
            ids.extend(lines.filter_map(|line| assess::computed(state, &outlet.code, &line.parameter)));
        }
        ids.sort();
        ids.dedup();
        let mut periods = Periods { rows: HashMap::new() };
        if ids.is_empty() {
            return Ok(periods);
        }
        // Whole periods only: the last hours that have ended, and yesterday.
        let hours = (now.plus(-NOW_MS).floor(Grain::Hour), now.floor(Grain::Hour), Grain::Hour);
        let today = now.floor(Grain::Day);
        let days = (today.plus(-1).floor(Grain::Day), today, Grain::Day);
        for (from, to, grain) in [hours, days] {
            let query = ReadQuery { series: ids.clone(), from, to, as_of: None };
            for row in state.lake().read_statistics(query, grain, PERIOD_KINDS.to_vec()).await? {
                // Ascending in time: the last valid one stays, else the last one.
                let slot = periods.rows.entry((row.series, grain, row.kind));
                match slot {
                    std::collections::hash_map::Entry::Occupied(mut kept) => {
                        if row.valid || !kept.get().valid {
                            kept.insert(row);
                        }
                    }
                    std::collections::hash_map::Entry::Vacant(empty) => {
                        empty.insert(row);
                    }
                }
            }
        }
        Ok(periods)
    }

    /// The newest whole period of the line's averaging time against the line.
    fn judge<'a>(&self, state: &AppState, station: &Station, line: &'a LimitLine) -> Option<Judged<'a>> {
        let grain = match line.averaging {
            Averaging::Hour => Grain::Hour,
            Averaging::Day => Grain::Day,
            Averaging::Instant | Averaging::Year => return None,
        };
        let series = assess::computed(state, &station.code, &line.parameter)?;
        let row = judged_kinds(line, grain).iter().find_map(|&kind| self.rows.get(&(series, grain, kind)))?;
        let unit = words::unit(state, &station.code, line.parameter.as_str());
        let value = row.value?;
        let comparable = unit.convert(value, line.unit).ok()?;
        Some(Judged {
            line,
            grain,
            start: row.start,
            value,
            unit,
            valid: row.valid,
            over: line.is_broken_by(comparable),
            explain: paths::statistic(grain, &station.code, line.parameter.as_str(), row.kind, row.start),
        })
    }
}

/// Outlets above a limit in the last whole period of its averaging time (or now, for limits of any moment).
pub(crate) async fn exceedances(state: &AppState) -> Answer<Vec<Exceedance>> {
    let registry = state.registry();
    let now = state.now();
    let day = now.local_date();
    let outlets: Vec<_> = registry.stations().filter(|station| station.kind.is_outlet()).cloned().collect();
    let periods = Periods::read(state, &outlets).await?;
    let mut found = Vec::new();
    for station in &outlets {
        let lines: Vec<_> = registry.limits(&station.code).iter().filter(|line| line.in_force(day)).collect();
        if lines.is_empty() {
            continue;
        }
        let newest = newest(state, station);
        for line in lines {
            let over = match periods.judge(state, station, line) {
                Some(judged) if judged.valid && judged.over => {
                    Some((judged.value, judged.start, judged.explain))
                }
                Some(_) => None,
                None if line.averaging == Averaging::Instant => instant(state, station, line, &newest, now),
                None => None,
            };
            let Some((value, at, explain)) = over else { continue };
            let unit = words::unit(state, &station.code, line.parameter.as_str());
            found.push(Exceedance {
                station: station.code.to_string(),
                name: Names::from(&station.name),
                parameter: line.parameter.to_string(),
                parameter_name: words::parameter(state, line.parameter.as_str()),
                value,
                unit: unit.symbol().to_owned(),
                limit: line.unit.convert(line.value, unit).unwrap_or(line.value),
                averaging: line.averaging.name().to_owned(),
                at: at.to_string(),
                clause: written_at(line),
                simulated: station.simulated,
                explain,
            });
        }
    }
    found.sort_by(|a, b| (b.value / b.limit).total_cmp(&(a.value / a.limit)));
    Ok(found)
}

/// How often an outlet was above each of its hourly and daily limits in the last `days` days.
pub(crate) async fn overs(state: &AppState, station: &Station, days: i64) -> Answer<Vec<OutletOver>> {
    let registry = state.registry();
    let now = state.now();
    let today = now.local_date();
    let mut found = Vec::new();
    for line in registry.limits(&station.code).iter().filter(|line| line.in_force(today)) {
        let grain = match line.averaging {
            Averaging::Hour => Grain::Hour,
            Averaging::Day => Grain::Day,
            Averaging::Instant | Averaging::Year => continue,
        };
        let Some(series) = assess::computed(state, &station.code, &line.parameter) else { continue };
        let kind = judged_kinds(line, grain);
        let query = ReadQuery {
            series: vec![series],
            from: now.plus(-days * DAY_MS).floor(grain),
            to: now.floor(grain),
            as_of: None,
        };
        let unit = words::unit(state, &station.code, line.parameter.as_str());
        let rows = state.lake().read_statistics(query, grain, kind.to_vec()).await?;
        let (mut judged, mut over, mut last) = (0, 0, None);
        let mut periods: BTreeMap<Millis, &Statistic> = BTreeMap::new();
        // Where a period has several figures, the first of the kinds is the one the law judges.
        for kind in kind.iter().rev() {
            periods.extend(rows.iter().filter(|row| row.kind == *kind).map(|row| (row.start, row)));
        }
        for row in periods.values().filter(|row| row.valid) {
            let Some(value) = row.value.and_then(|value| unit.convert(value, line.unit).ok()) else {
                continue;
            };
            judged += 1;
            if line.is_broken_by(value) {
                over += 1;
                last = Some(row.start.to_string());
            }
        }
        found.push(OutletOver {
            parameter: line.parameter.to_string(),
            name: words::parameter(state, line.parameter.as_str()),
            averaging: line.averaging.name().to_owned(),
            limit: line.value,
            unit: line.unit.symbol().to_owned(),
            judged,
            over,
            last,
        });
    }
    Ok(found)
}

/// Which figures of a period a limit judges, the first there is.
fn judged_kinds(line: &LimitLine, grain: Grain) -> &'static [StatKind] {
    match (line.reference_oxygen, grain) {
        (Some(_), _) => &[StatKind::ConvertedMean],
        (None, Grain::Day) => &[StatKind::FlowWeightedMean, StatKind::Mean],
        (None, _) => &[StatKind::Mean],
    }
}

/// Where a limit is written: standard, edition, clause.
fn written_at(line: &LimitLine) -> Names {
    let whole = |standard: &str, clause: &str| {
        // A number is joined to its year; a title stands apart from it.
        let joint = if standard.ends_with(|c: char| c.is_ascii_digit()) { "-" } else { " " };
        format!("{standard}{joint}{} {clause}", line.edition)
    };
    Names::new(whole(&line.standard.zh, &line.clause.zh), whole(&line.standard.en, &line.clause.en))
}

fn instant(
    state: &AppState,
    station: &Station,
    line: &LimitLine,
    newest: &Newest,
    now: Millis,
) -> Option<(f64, Millis, String)> {
    let measure = if line.reference_oxygen.is_some() { Measure::ConvertedMean } else { Measure::Mean };
    let (key, observation) = newest.get(&(line.parameter.clone(), measure))?;
    let fresh = now.0 - observation.at.0 < NOW_MS;
    let value = words::unit(state, &station.code, line.parameter.as_str())
        .convert(observation.value, line.unit)
        .ok()?;
    (fresh && observation.flag.is_valid() && line.is_broken_by(value))
        .then(|| (observation.value, observation.at, paths::observation(key, observation.at)))
}
