//! Air over a span of days: from the stored daily statistics to figures, composite index, ranks and trends.
//!
//! Only days that are valid count; a span has enough of them when each of its whole months has.

mod editions;
mod exceedances;
mod ranking;
mod span;
mod trend;
mod whatif;

pub(crate) use editions::AirEdition;
pub(crate) use exceedances::exceedances;
pub(crate) use ranking::ranked;
pub(crate) use span::Span;
pub(crate) use trend::{TrendGrain, trend};
pub(crate) use whatif::what_if;

use std::collections::BTreeMap;

use jiff::civil::Date;
use sanggan_base::{Millis, StatKind, StationCode};
use sanggan_pack::StationKind;
use sanggan_standards::{AirRules, AnnualInput, FigureKind, Law, Pollutant, statistics};

use crate::AppState;
use crate::assess::{self, Six};
use crate::words;

/// The daily statistics of one place.
pub(crate) type Days = BTreeMap<Millis, Six>;

/// The statistic that holds a pollutant's day.
fn day_kind(pollutant: Pollutant) -> StatKind {
    if pollutant == Pollutant::O3 { StatKind::Mda8 } else { StatKind::Mean }
}

/// The figures of a span from its days: means and the percentiles that are reported.
pub(crate) fn figures(law: &Law, days: &Days, span: Span) -> Vec<AnnualInput> {
    let rules = law.air_rules(span.last());
    let mut inputs = Vec::new();
    for pollutant in Pollutant::ALL {
        let rows: Vec<_> = days
            .range(span.from_millis()..span.to_millis())
            .filter_map(|(start, six)| Some((start.local_date(), six.get(pollutant, day_kind(pollutant))?)))
            .collect();
        let values: Vec<(Date, f64)> = rows
            .iter()
            .filter(|(_, row)| row.valid)
            .filter_map(|(date, row)| Some((*date, row.value?)))
            .collect();
        let excluded = u32::try_from(rows.len() - values.len()).unwrap_or(u32::MAX);
        let (required, enough) = enough(rules, span, values.iter().map(|(date, _)| *date));
        let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
        let mut push = |kind, percent| {
            let figure = statistics::month_from_days(&values, percent, excluded, required);
            inputs.push(AnnualInput {
                pollutant,
                kind,
                value: figure.value,
                valid: figure.valid && enough,
                used: figure.used,
                required,
            });
        };
        push(FigureKind::Mean, None);
        for (_, percent) in rules.percentiles.iter().filter(|(of, _)| *of == pollutant) {
            push(FigureKind::Percentile(*percent), Some(*percent));
        }
    }
    inputs
}

/// How many days a span asks for, and whether each of its months has enough. A month of which only a part lies in the
/// span has not.
fn enough(rules: &AirRules, span: Span, days: impl Iterator<Item = Date>) -> (u32, bool) {
    let mut by_month: BTreeMap<(i16, i8), u32> = BTreeMap::new();
    for day in days {
        *by_month.entry((day.year(), day.month())).or_default() += 1;
    }
    let (mut required, mut whole) = (0, true);
    for (first, complete) in span.months() {
        let least = statistics::month_days_required(rules, first);
        required += least;
        let have = by_month.get(&(first.year(), first.month())).copied().unwrap_or_default();
        whole &= complete && least <= have;
    }
    if span.is_year() {
        required = required.max(rules.year_days_min);
    }
    (required, whole)
}

/// Whether any value of a place is simulated.
pub(crate) fn is_simulated(state: &AppState, place: &StationCode) -> bool {
    let registry = state.registry();
    match registry.station(place) {
        Some(station) => station.simulated,
        None => words::member_stations(state, place)
            .iter()
            .any(|member| registry.station(member).is_some_and(|station| station.simulated)),
    }
}

/// The city's counties and districts, then the air stations.
pub(crate) fn places(state: &AppState) -> Vec<StationCode> {
    let areas = state.pack().city.areas.iter().filter_map(|area| assess::area_station(area.code.as_str()));
    let registry = state.registry();
    areas.chain(registry.stations_of_kind(StationKind::Air).map(|station| station.code.clone())).collect()
}
