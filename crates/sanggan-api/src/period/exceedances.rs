//! Days above the standard, the worst first.

use std::cmp::Reverse;

use sanggan_base::{Grain, Millis, StationCode};
use sanggan_standards::Report;

use super::{AirEdition, Span, editions, is_simulated};
use crate::AppState;
use crate::assess;
use crate::dto::AirExceedance;
use crate::problem::Answer;
use crate::{paths, words};

/// The days of the span on which a place was above the standard. A day with gaps counts when what was measured is.
pub(crate) async fn exceedances(
    state: &AppState,
    places: &[StationCode],
    span: Span,
    edition: Option<AirEdition>,
    as_of: Option<Millis>,
) -> Answer<Vec<AirExceedance>> {
    let law = state.law();
    let found =
        assess::read_six(state, places, Grain::Day, span.from_millis(), span.to_millis(), as_of).await?;
    let mut above = Vec::new();
    for place in places {
        let simulated = is_simulated(state, place);
        for (&start, six) in found.get(place).into_iter().flatten() {
            let date = start.local_date();
            let basis = editions::basis(law, edition, "HJ 633", date);
            let sample = six.sample(Grain::Day);
            let judged = law.aqi(&sample, Report::Day, basis);
            if judged.exceeding.is_empty() {
                continue;
            }
            above.push(AirExceedance {
                code: place.to_string(),
                name: words::station(state, place),
                simulated,
                date: date.to_string(),
                exceeding: words::codes(&judged.exceeding),
                verdict: assess::verdict(state, place, Grain::Day, start, six, &judged),
                explain: paths::aqi_day(place, date),
            });
        }
    }
    let worst = |day: &AirExceedance| {
        let most = day.verdict.values.values().filter_map(|value| value.iaqi).max();
        (Reverse(day.verdict.aqi.or(most)), Reverse(day.date.clone()), day.code.clone())
    };
    above.sort_by_cached_key(worst);
    Ok(above)
}
