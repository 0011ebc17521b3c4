//! Whether a figure rises or falls over months or years. The evaluator of the law decides; here it gets its rows.

use std::collections::BTreeMap;

use sanggan_base::{Grain, Millis, ParameterCode, StatKind, StationCode};
use sanggan_lake::{ReadQuery, Statistic};
use sanggan_standards::{Assessment, Basis, Law, Pollutant, Row, assessment};

use super::is_simulated;
use crate::AppState;
use crate::assess;
use crate::dto::{AssessmentAnswer, AssessmentClass, MannKendall, SenSlope, Spearman, Trend, TrendPoint};
use crate::problem::{Answer, Problem};
use crate::{paths, words};

/// The evaluator.
const EVALUATOR: &str = "trend";

/// What one point stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrendGrain {
    /// A month.
    Month,
    /// A year.
    Year,
}

impl TrendGrain {
    /// The grain with this name.
    pub(crate) fn from_name(name: &str) -> Option<TrendGrain> {
        match name {
            "month" => Some(TrendGrain::Month),
            "year" => Some(TrendGrain::Year),
            _ => None,
        }
    }

    fn grain(self) -> Grain {
        match self {
            TrendGrain::Month => Grain::Month,
            TrendGrain::Year => Grain::Year,
        }
    }
}

/// Which figure of a parameter is followed when none is named: the one the composite index takes.
fn default_kind(parameter: &ParameterCode) -> StatKind {
    match Pollutant::from_code(parameter) {
        Some(Pollutant::O3) => StatKind::P90,
        Some(Pollutant::Co) => StatKind::P95,
        _ => StatKind::Mean,
    }
}

/// The stored figures of a place between two moments, and what the evaluator says of those with enough data.
pub(crate) async fn trend(
    state: &AppState,
    place: &StationCode,
    parameter: &ParameterCode,
    kind: Option<StatKind>,
    grain: TrendGrain,
    (from, to): (Millis, Millis),
    as_of: Option<Millis>,
) -> Answer<Trend> {
    let kind = kind.unwrap_or_else(|| default_kind(parameter));
    let grain = grain.grain();
    let rows = match assess::computed(state, place, parameter) {
        Some(series) => {
            let query = ReadQuery { series: vec![series], from, to, as_of };
            state.lake().read_statistics(query, grain, vec![kind]).await?
        }
        None => Vec::new(),
    };
    let points: BTreeMap<Millis, Statistic> = rows.into_iter().map(|row| (row.start, row)).collect();
    let evaluator =
        assessment(EVALUATOR).ok_or_else(|| Problem::not_found("there is no evaluator of trends"))?;
    let usable = points.values().filter(|row| row.valid).filter_map(|row| Some((row.start, row.value?)));
    let usable: Vec<(String, f64)> =
        usable.map(|(start, value)| (paths::period(grain, start), value)).collect();
    let basis = Basis::OfDay(state.now().local_date());
    let answer = judged(state.law(), evaluator, &usable, basis);
    let point = |row: &Statistic| TrendPoint {
        start: row.start.to_string(),
        period: paths::period(grain, row.start),
        value: row.value.map(|value| assess::shown(state, parameter.as_str(), value)),
        valid: row.valid,
        used: row.used,
        required: row.required,
        explain: paths::statistic(grain, place, parameter.as_str(), kind, row.start),
    };
    Ok(Trend {
        code: place.to_string(),
        name: words::station(state, place),
        simulated: is_simulated(state, place),
        parameter: parameter.to_string(),
        kind: kind.name().to_owned(),
        grain: grain.name().to_owned(),
        unit: words::unit(state, place, parameter.as_str()).symbol().to_owned(),
        points: points.values().map(point).collect(),
        spearman: figure(&answer, "rs").map(|rs| Spearman {
            rs,
            critical: figure(&answer, "rs_critical"),
            class: class(&answer, "spearman"),
        }),
        mann_kendall: figure(&answer, "s").map(|s| MannKendall {
            s,
            z: figure(&answer, "z"),
            p: figure(&answer, "p"),
            tau: figure(&answer, "tau"),
            class: class(&answer, "mann_kendall"),
        }),
        sen: figure(&answer, "slope").map(|slope| SenSlope {
            slope,
            low: figure(&answer, "slope_low"),
            high: figure(&answer, "slope_high"),
            intercept: figure(&answer, "intercept"),
        }),
        answer,
    })
}

fn judged(law: &Law, evaluator: &Assessment, points: &[(String, f64)], basis: Basis<'_>) -> AssessmentAnswer {
    let row = |(period, value): &(String, f64)| {
        Row::of(law, evaluator, &[("period", period.as_str()), ("value", value.to_string().as_str())])
    };
    let rows: Vec<Row> = points.iter().map(row).collect();
    AssessmentAnswer::from(&evaluator.answer(law, &rows, basis))
}

fn figure(answer: &AssessmentAnswer, key: &str) -> Option<f64> {
    answer.figures.iter().find(|figure| figure.key == key).map(|figure| figure.number)
}

fn class(answer: &AssessmentAnswer, key: &str) -> Option<AssessmentClass> {
    answer.items.iter().find(|item| item.key == key).and_then(|item| item.class.clone())
}
