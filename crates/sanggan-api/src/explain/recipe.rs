//! What a statistic may have been made of, and the arithmetic that proves which it was.
//!
//! The follower that computes statistics decides which values it takes; here the same figure is worked out again
//! from each thing it can be made of, and the one that gives the stored value is shown.

use std::collections::HashMap;

use sanggan_base::{
    Cadence, Flag, Grain, Measure, Millis, ParameterCode, SeriesKey, StatKind, StationCode, Unit,
};
use sanggan_lake::{ReadQuery, Statistic};
use sanggan_standards::statistics::percentile;

use super::Asker;
use crate::assess;
use crate::dto::{ExplainInput, Names};
use crate::problem::Answer;
use crate::{paths, words};

/// One value a statistic may have been made of.
pub(super) struct Part {
    pub(super) input: ExplainInput,
    /// Set when it may be used.
    pub(super) value: Option<f64>,
    pub(super) start: Millis,
}

/// One way a statistic may have come about.
pub(super) struct Recipe {
    pub(super) parts: Vec<Part>,
    pub(super) how: How,
}

/// How parts make a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Arithmetic mean.
    Mean,
    /// Mean of directions: of unit vectors, not of numbers.
    Circle,
    /// The largest.
    Largest,
    /// A percentile, in percent.
    Percentile(u8),
    /// The sum.
    Sum,
    /// It depends on more than one series; the parts are listed and the figure is not worked out again.
    Listed,
}

impl Recipe {
    fn used(&self) -> Vec<f64> {
        self.parts.iter().filter_map(|part| part.value).collect()
    }

    /// The figure from the parts.
    pub(super) fn figure(&self) -> Option<f64> {
        let used = self.used();
        if used.is_empty() {
            return None;
        }
        match self.how {
            How::Mean => Some(used.iter().sum::<f64>() / used.len() as f64),
            How::Circle => {
                let east: f64 = used.iter().map(|degrees| degrees.to_radians().sin()).sum();
                let north: f64 = used.iter().map(|degrees| degrees.to_radians().cos()).sum();
                Some(east.atan2(north).to_degrees().rem_euclid(360.0))
            }
            How::Largest => used.iter().copied().reduce(f64::max),
            How::Percentile(percent) => percentile(&used, percent),
            How::Sum => Some(used.iter().sum()),
            How::Listed => None,
        }
    }

    /// Whether the parts give the stored figure.
    pub(super) fn gives(&self, row: &Statistic) -> bool {
        match (self.figure(), row.value) {
            (Some(figure), Some(value)) => (figure - value).abs() <= 1e-6 * value.abs().max(1.0),
            (None, None) => true,
            _ => false,
        }
    }
}

/// How a kind of statistic comes from the parts a grain below.
pub(super) fn how(kind: StatKind) -> How {
    match kind {
        StatKind::Mean | StatKind::Mean8h | StatKind::Mean24h | StatKind::ConvertedMean => How::Mean,
        StatKind::Mda8 | StatKind::MaxHour => How::Largest,
        StatKind::P90 => How::Percentile(90),
        StatKind::P95 => How::Percentile(95),
        StatKind::P98 => How::Percentile(98),
        StatKind::Load | StatKind::Volume => How::Sum,
        StatKind::FlowWeightedMean => How::Listed,
    }
}

/// How a mean is made: directions are averaged about the circle.
fn mean_how(asker: &Asker<'_>, asked: &Asked<'_>) -> How {
    match words::unit(asker.state, asked.station, asked.parameter.as_str()) {
        Unit::Degree => How::Circle,
        _ => How::Mean,
    }
}

/// The statistic that is asked about.
pub(super) struct Asked<'a> {
    pub(super) station: &'a StationCode,
    pub(super) parameter: &'a ParameterCode,
    pub(super) grain: Grain,
    pub(super) kind: StatKind,
    pub(super) start: Millis,
}

impl Asked<'_> {
    fn is_area(&self) -> bool {
        self.station.as_str().starts_with(assess::AREA_PREFIX)
    }

    fn end(&self) -> Millis {
        self.start.next(self.grain)
    }
}

/// Every way the statistic may have come about, the likeliest first.
pub(super) async fn recipes(asker: &Asker<'_>, asked: &Asked<'_>) -> Answer<Vec<Recipe>> {
    let mut found = Vec::new();
    let (start, end, station) = (asked.start, asked.end(), asked.station);
    let how = match how(asked.kind) {
        How::Mean => mean_how(asker, asked),
        other => other,
    };
    let hours_back = |hours: i64| end.plus(-hours * sanggan_base::time::HOUR_MS);
    match (asked.grain, asked.kind) {
        (Grain::Hour, StatKind::Mean8h) => {
            found.push(
                periods(asker, asked, station, Grain::Hour, StatKind::Mean, hours_back(8), end, how).await?,
            );
        }
        (Grain::Hour, StatKind::Mean24h) => {
            found.push(
                periods(asker, asked, station, Grain::Hour, StatKind::Mean, hours_back(24), end, how).await?,
            );
        }
        (Grain::Hour, StatKind::Mean) if asked.is_area() => {}
        (Grain::Hour, StatKind::Mean | StatKind::MaxHour) => {
            for cadence in [Cadence::Minute, Cadence::Hour, Cadence::RealTime] {
                found.push(
                    observations(asker, asked, &[(Measure::Mean, cadence)], mean_how(asker, asked)).await?,
                );
            }
        }
        (Grain::Hour, StatKind::ConvertedMean) => {
            for cadence in [Cadence::Minute, Cadence::Hour, Cadence::RealTime] {
                found
                    .push(observations(asker, asked, &[(Measure::ConvertedMean, cadence)], How::Mean).await?);
            }
        }
        (Grain::Hour, StatKind::Load | StatKind::Volume) => {
            // The total the device sent, of the hour or of its minutes.
            for cadence in [Cadence::Hour, Cadence::Minute] {
                found.push(observations(asker, asked, &[(Measure::Total, cadence)], How::Sum).await?);
            }
            found.push(load_inputs(asker, asked).await?);
        }
        (Grain::Day, StatKind::Mda8) if !asked.is_area() => {
            found.push(periods(asker, asked, station, Grain::Hour, StatKind::Mean8h, start, end, how).await?);
        }
        (Grain::Day, StatKind::MaxHour) => {
            found.push(periods(asker, asked, station, Grain::Hour, StatKind::Mean, start, end, how).await?);
        }
        (Grain::Day, StatKind::FlowWeightedMean) => {
            found.push(load_inputs(asker, asked).await?);
        }
        (Grain::Day, kind) => {
            found.push(periods(asker, asked, station, Grain::Hour, kind, start, end, how).await?);
        }
        (Grain::Month | Grain::Year, StatKind::Mean | StatKind::P90 | StatKind::P95 | StatKind::P98) => {
            for daily in [StatKind::Mda8, StatKind::Mean] {
                found.push(periods(asker, asked, station, Grain::Day, daily, start, end, how).await?);
            }
        }
        (Grain::Month | Grain::Year, kind) => {
            found.push(periods(asker, asked, station, Grain::Day, kind, start, end, how).await?);
            if asked.grain == Grain::Year {
                found.push(periods(asker, asked, station, Grain::Month, kind, start, end, how).await?);
            }
        }
        (Grain::Hour, _) => {}
    }
    if asked.grain == Grain::Day && matches!(asked.kind, StatKind::Mean | StatKind::Mda8) {
        // A day without hours is the day value that was sent or imported.
        found.push(observations(asker, asked, &[(Measure::Mean, Cadence::Day)], How::Mean).await?);
    }
    // An area's hours and days are means of its stations'; its months and years stand on its own days.
    if asked.is_area() && matches!(asked.grain, Grain::Hour | Grain::Day) {
        found.insert(0, members(asker, asked).await?);
    }
    Ok(found)
}

/// Observations of the period.
async fn observations(
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    series: &[(Measure, Cadence)],
    how: How,
) -> Answer<Recipe> {
    let state = asker.state;
    let mut parts = Vec::new();
    for &(measure, cadence) in series {
        let key = SeriesKey {
            station: asked.station.clone(),
            parameter: asked.parameter.clone(),
            measure,
            cadence,
        };
        let Some(id) = state.lake().find_series(&key) else { continue };
        let query = ReadQuery { series: vec![id], from: asked.start, to: asked.end(), as_of: asker.as_of };
        let unit = match measure {
            Measure::Total => words::total_unit(state, asked.parameter.as_str()),
            _ => words::unit(state, asked.station, asked.parameter.as_str()),
        };
        for observation in state.lake().read(query).await? {
            let valid = observation.flag.is_valid() && observation.value.is_finite();
            let local = observation.at.local();
            let what = words::cadence(cadence);
            let when = format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
            parts.push(Part {
                value: valid.then_some(observation.value),
                start: observation.at,
                input: ExplainInput {
                    title: Names::new(format!("{} {when}", what.zh), format!("{} {when}", what.en)),
                    value: Some(observation.value),
                    unit: unit.symbol().to_owned(),
                    flag: Some(observation.flag.name().to_owned()),
                    at: Some(observation.at.to_string()),
                    iaqi: None,
                    used: valid,
                    why_not: why_not(observation.flag, observation.value),
                    formula: None,
                    explain: Some(paths::observation(&key, observation.at)),
                    frame: observation.frame.map(|frame| frame.0),
                },
            });
        }
    }
    Ok(Recipe { parts, how })
}

fn why_not(flag: Flag, value: f64) -> Option<Names> {
    words::why_not(flag).or_else(|| (!value.is_finite()).then(|| Names::new("不是数值", "not a number")))
}

/// Statistics of the periods a grain below; a period without one is listed as missing.
#[expect(clippy::too_many_arguments, reason = "each names one coordinate of the statistics asked for")]
async fn periods(
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    station: &StationCode,
    grain: Grain,
    kind: StatKind,
    from: Millis,
    to: Millis,
    how: How,
) -> Answer<Recipe> {
    let state = asker.state;
    let Some(series) = assess::computed(state, station, asked.parameter) else {
        return Ok(Recipe { parts: Vec::new(), how });
    };
    let query = ReadQuery { series: vec![series], from, to, as_of: asker.as_of };
    let rows = state.lake().read_statistics(query, grain, vec![kind]).await?;
    if rows.is_empty() {
        return Ok(Recipe { parts: Vec::new(), how });
    }
    let mut rows = rows.into_iter().peekable();
    let mut parts = Vec::new();
    let now = state.now();
    let mut at = from;
    while at < to {
        match rows.next_if(|row| row.start == at) {
            Some(row) => parts.push(of_statistic(asker, asked, station, &row, words::period(grain, at))),
            // What is still to come is not missing.
            None if at > now => break,
            None => parts.push(missing(asker, asked, grain, kind, at)),
        }
        at = at.next(grain);
    }
    Ok(Recipe { parts, how })
}

/// One statistic as a part of another.
fn of_statistic(
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    station: &StationCode,
    row: &Statistic,
    title: Names,
) -> Part {
    let used = row.valid && row.value.is_some();
    let what = words::kind(row.kind);
    let unit =
        crate::routes::series::statistic_unit(asker.state, station, asked.parameter.as_str(), row.kind);
    Part {
        value: if used { row.value } else { None },
        start: row.start,
        input: ExplainInput {
            title: Names::new(format!("{} {}", title.zh, what.zh), format!("{} {}", title.en, what.en)),
            value: row.value,
            unit,
            flag: None,
            at: Some(row.start.to_string()),
            iaqi: None,
            used,
            why_not: (!used).then(|| {
                Names::new(
                    format!("有效数据不足：{}/{}", row.used, row.required),
                    format!("too few valid data: {} of {}", row.used, row.required),
                )
            }),
            formula: None,
            explain: Some(paths::statistic(
                row.grain,
                station,
                asked.parameter.as_str(),
                row.kind,
                row.start,
            )),
            frame: None,
        },
    }
}

fn missing(asker: &Asker<'_>, asked: &Asked<'_>, grain: Grain, kind: StatKind, at: Millis) -> Part {
    let title = words::period(grain, at);
    let what = words::kind(kind);
    Part {
        value: None,
        start: at,
        input: ExplainInput {
            title: Names::new(format!("{} {}", title.zh, what.zh), format!("{} {}", title.en, what.en)),
            value: None,
            unit: words::unit(asker.state, asked.station, asked.parameter.as_str()).symbol().to_owned(),
            flag: None,
            at: Some(at.to_string()),
            iaqi: None,
            used: false,
            why_not: Some(Names::new("没有数据", "no data")),
            formula: None,
            explain: None,
            frame: None,
        },
    }
}

/// The same statistic of the stations an area is made of.
async fn members(asker: &Asker<'_>, asked: &Asked<'_>) -> Answer<Recipe> {
    let state = asker.state;
    let mut owner = HashMap::new();
    for station in words::member_stations(state, asked.station) {
        if let Some(series) = assess::computed(state, &station, asked.parameter) {
            owner.insert(series, station);
        }
    }
    let query = ReadQuery {
        series: owner.keys().copied().collect(),
        from: asked.start,
        to: asked.end(),
        as_of: asker.as_of,
    };
    let rows = state.lake().read_statistics(query, asked.grain, vec![asked.kind]).await?;
    let parts = rows
        .iter()
        .filter_map(|row| {
            let station = owner.get(&row.series)?;
            Some(of_statistic(asker, asked, station, row, words::station(state, station)))
        })
        .collect();
    Ok(Recipe { parts, how: How::Mean })
}

/// What a load or a flow-weighted mean was made of: concentrations, flows and volumes of the period, all listed.
async fn load_inputs(asker: &Asker<'_>, asked: &Asked<'_>) -> Answer<Recipe> {
    let state = asker.state;
    let mut parts = Vec::new();
    for parameter in words::flow_parameters(state, asked.station, asked.parameter) {
        let Some(series) = assess::computed(state, asked.station, &parameter) else { continue };
        let query =
            ReadQuery { series: vec![series], from: asked.start, to: asked.end(), as_of: asker.as_of };
        let kinds = vec![StatKind::Mean, StatKind::Volume];
        let inner = Asked { parameter: &parameter, ..*asked };
        for row in state.lake().read_statistics(query, Grain::Hour, kinds).await? {
            let name = words::parameter(state, parameter.as_str());
            let when = words::period(Grain::Hour, row.start);
            let title = Names::new(format!("{} {}", name.zh, when.zh), format!("{} {}", name.en, when.en));
            parts.push(of_statistic(asker, &inner, asked.station, &row, title));
        }
    }
    parts.sort_by_key(|part| part.start);
    Ok(Recipe { parts, how: How::Listed })
}
