//! River sections: their stored means put before the law, through the evaluator of surface water.

use std::collections::{BTreeMap, HashMap};

use sanggan_base::time::DAY_MS;
use sanggan_base::{Cadence, Grain, Measure, Millis, ParameterCode, SeriesId, StatKind, StationCode};
use sanggan_lake::{ReadQuery, Statistic};
use sanggan_pack::{Station, StationKind};
use sanggan_standards::{Assessment, Basis, Binding, assessment};

use crate::AppState;
use crate::dto::{AssessmentAnswer, Names, RiverSection, RiverSections, SectionValue};
use crate::problem::{Answer, Problem};
use crate::{paths, words};

/// The evaluator.
const EVALUATOR: &str = "water";

/// Which means are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// Those of this day, month or year.
    Of(Grain, Millis),
    /// The newest of each section.
    Newest(Grain),
}

impl Period {
    fn grain(self) -> Grain {
        match self {
            Period::Of(grain, _) | Period::Newest(grain) => grain,
        }
    }

    /// From when to when means are looked for. A section that was silent for longer has no newest mean.
    fn range(self, now: Millis) -> (Millis, Millis) {
        match self {
            Period::Of(grain, start) => (start, start.next(grain)),
            Period::Newest(grain) => {
                let days = match grain {
                    Grain::Hour | Grain::Day => 7,
                    Grain::Month => 62,
                    Grain::Year => 366,
                };
                (now.plus(-days * DAY_MS).floor(grain), now.plus(1))
            }
        }
    }
}

/// Every section with its class.
pub(crate) async fn sections(
    state: &AppState,
    period: Period,
    edition: Option<&str>,
    as_of: Option<Millis>,
) -> Answer<RiverSections> {
    let evaluator =
        assessment(EVALUATOR).ok_or_else(|| Problem::not_found("there is no evaluator of surface water"))?;
    if let (Some(name), Some(standard)) = (edition, evaluator.standards.first()) {
        let asked = Basis::Edition(name, state.now().local_date());
        state.law().edition(standard, asked).map_err(|why| Problem::bad_field("edition", why.to_string()))?;
    }
    let registry = state.registry();
    let stations: Vec<_> = registry.stations_of_kind(StationKind::SurfaceWater).cloned().collect();
    let mut means = read(state, &stations, period, as_of).await?;
    let sections = stations.iter().map(|station| {
        let newest = means.remove(&station.code).and_then(|mut periods| periods.pop_last());
        section(state, evaluator, station, period.grain(), newest, edition)
    });
    Ok(RiverSections { as_of: state.now().to_string(), sections: sections.collect(), rivers: None })
}

type Means = BTreeMap<ParameterCode, Statistic>;

async fn read(
    state: &AppState,
    stations: &[std::sync::Arc<Station>],
    period: Period,
    as_of: Option<Millis>,
) -> Answer<HashMap<StationCode, BTreeMap<Millis, Means>>> {
    let mut owner: HashMap<SeriesId, (StationCode, ParameterCode)> = HashMap::new();
    for station in stations {
        for (id, key) in state.lake().series_of(&station.code) {
            if key.cadence == Cadence::Computed && key.measure == Measure::Mean {
                owner.insert(id, (station.code.clone(), key.parameter));
            }
        }
    }
    let mut found: HashMap<StationCode, BTreeMap<Millis, Means>> = HashMap::new();
    if owner.is_empty() {
        return Ok(found);
    }
    let (from, to) = period.range(state.now());
    let query = ReadQuery { series: owner.keys().copied().collect(), from, to, as_of };
    for row in state.lake().read_statistics(query, period.grain(), vec![StatKind::Mean]).await? {
        let Some((station, parameter)) = owner.get(&row.series) else { continue };
        if row.valid && row.value.is_some() {
            let periods = found.entry(station.clone()).or_default();
            periods.entry(row.start).or_default().insert(parameter.clone(), row);
        }
    }
    Ok(found)
}

fn section(
    state: &AppState,
    evaluator: &Assessment,
    station: &Station,
    grain: Grain,
    means: Option<(Millis, Means)>,
    edition: Option<&str>,
) -> RiverSection {
    let mut section = RiverSection {
        code: station.code.to_string(),
        name: Names::from(&station.name),
        area: station.area.to_string(),
        lon: station.lon,
        lat: station.lat,
        simulated: station.simulated,
        period: None,
        complete: false,
        values: BTreeMap::new(),
        answer: None,
    };
    let Some((start, means)) = means else { return section };
    let end = start.next(grain);
    // The last day of the period decides the edition; in a running one that is today.
    let day = end.plus(-1).local_date().min(state.now().local_date());
    let mut headings =
        vec!["section".to_owned(), "day".to_owned(), "body".to_owned(), "statistic".to_owned()];
    // A 断面 is a cross-section of a river, and what is stored of it are means.
    let mut cells = vec![station.code.to_string(), day.to_string(), "river".to_owned(), "mean".to_owned()];
    for (parameter, row) in &means {
        let unit = words::unit(state, &station.code, parameter.as_str()).symbol();
        headings.push(format!("{parameter}({unit})"));
        cells.push(row.value.map(|value| value.to_string()).unwrap_or_default());
    }
    // What no item takes (turbidity, flow) is passed over, and said to be.
    let binding = Binding::new(state.law(), evaluator, &headings);
    let basis = Basis::new(day, edition);
    let answer = evaluator.answer(state.law(), &[binding.row(&cells)], basis);
    let passed_over = binding.unknown();
    section.values = means
        .iter()
        .filter_map(|(parameter, row)| {
            let unit = words::unit(state, &station.code, parameter.as_str()).symbol();
            let value = SectionValue {
                name: words::parameter(state, parameter.as_str()),
                value: row.value?,
                unit: unit.to_owned(),
                judged: !passed_over.contains(&format!("{parameter}({unit})")),
                explain: paths::statistic(
                    grain,
                    &station.code,
                    parameter.as_str(),
                    StatKind::Mean,
                    row.start,
                ),
            };
            Some((parameter.to_string(), value))
        })
        .collect();
    section.period = Some(paths::period(grain, start));
    section.complete = end <= state.now();
    section.answer = Some(AssessmentAnswer::from(&answer));
    section
}
