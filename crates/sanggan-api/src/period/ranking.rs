//! Counties and stations by the composite index, and by how it changed in a year.

use sanggan_base::{Grain, Millis};
use sanggan_standards::{Basis, CompositeResult, Decimal, Law, Rounding, Unjudged, ranking};

use super::{AirEdition, Days, Span, editions, figures, is_simulated, places};
use crate::AppState;
use crate::assess::{self, AREA_PREFIX, GoodDays};
use crate::dto::{RankingPart, RankingRow};
use crate::problem::Answer;
use crate::words;

/// Every county and air station over a span. Areas are ranked among areas, stations among stations.
pub(crate) async fn ranked(
    state: &AppState,
    span: Span,
    edition: Option<AirEdition>,
    as_of: Option<Millis>,
) -> Answer<Vec<RankingRow>> {
    // A day that is not over yet says nothing, and the year before must have the same days.
    let Some(span) = span.until(state.now().local_date()) else { return Ok(Vec::new()) };
    let places = places(state);
    let read = async |span: Span| {
        assess::read_six(state, &places, Grain::Day, span.from_millis(), span.to_millis(), as_of).await
    };
    let before = span.year_before();
    let (days, days_before) = (read(span).await?, read(before).await?);
    let none = Days::new();
    let mut ranked = Vec::with_capacity(places.len());
    for place in &places {
        let own = days.get(place).unwrap_or(&none);
        let basis = editions::basis(state.law(), edition, "ranking", span.last());
        let composite = state.law().composite(&figures(state.law(), own, span), basis);
        let change = composite.as_ref().ok().and_then(|now| {
            // By the same edition: a change of the limits is no change of the air.
            let same = state.law().edition("ranking", basis).ok()?;
            let inputs = figures(state.law(), days_before.get(place)?, before);
            let then = state.law().composite(&inputs, Basis::Edition(&same.name, span.last())).ok()?;
            if !(now.valid && then.valid) && (then.valid || now.valid) {
                return None;
            }
            // The rule states it in percent, to its digits.
            let percent = ranking::change(now.value, then.value, change_rounding(state.law(), basis))?;
            percent.checked_div(Decimal::ONE_HUNDRED)
        });
        let good = assess::count_good(state, own, edition.map(AirEdition::name));
        ranked.push(Ranked { row: row(state, place, &composite, good), composite: composite.ok(), change });
    }
    let (mut areas, mut stations): (Vec<Ranked>, Vec<Ranked>) =
        ranked.into_iter().partition(|one| one.row.code.starts_with(AREA_PREFIX));
    for group in [&mut areas, &mut stations] {
        rank(group);
    }
    Ok(areas.into_iter().chain(stations).map(|one| one.row).collect())
}

#[derive(Debug)]
struct Ranked {
    row: RankingRow,
    composite: Option<CompositeResult>,
    change: Option<Decimal>,
}

/// Gives places, and sorts by them. Those without enough days have none while others have.
fn rank(group: &mut [Ranked]) {
    let any_valid = group.iter().any(|one| one.row.valid);
    let counts = |one: &Ranked| one.row.valid || !any_valid;
    let values: Vec<Option<Decimal>> = group
        .iter()
        .map(|one| one.composite.as_ref().filter(|_| counts(one)).map(|composite| composite.value))
        .collect();
    let changes: Vec<Option<Decimal>> = group.iter().map(|one| one.change.filter(|_| counts(one))).collect();
    for (one, (rank, improvement)) in
        group.iter_mut().zip(places_of(&values).into_iter().zip(places_of(&changes)))
    {
        one.row.rank = rank;
        one.row.change = one.change.and_then(words::number);
        one.row.improvement_rank = improvement;
    }
    group.sort_by_key(|one| (one.row.rank.is_none(), one.row.rank, one.row.code.clone()));
}

/// The place of each value that is there.
fn places_of(values: &[Option<Decimal>]) -> Vec<Option<u32>> {
    let given: Vec<Decimal> = values.iter().flatten().copied().collect();
    let mut places = ranking::places(&given).into_iter();
    values.iter().map(|value| value.and_then(|_| places.next())).collect()
}

/// How the rule of the edition rounds a rate of change; not at all where it says nothing.
fn change_rounding(law: &Law, basis: Basis<'_>) -> Rounding {
    let digits = law.tables("ranking", basis).ok().and_then(|tables| tables.value("rank", "change_digits"));
    digits.map_or(Rounding::None, |(_, digits)| Rounding::HalfEven(digits as u32))
}

fn row(
    state: &AppState,
    place: &sanggan_base::StationCode,
    composite: &Result<CompositeResult, Unjudged>,
    good: GoodDays,
) -> RankingRow {
    let found = composite.as_ref().ok();
    let parts = found.into_iter().flat_map(|found| &found.parts).map(|part| RankingPart {
        parameter: part.pollutant.code_str().to_owned(),
        kind: part.kind.name(),
        value: words::number(part.concentration),
        unit: part.pollutant.unit().symbol().to_owned(),
        limit: words::number(part.limit),
        weight: words::number(part.weight),
        index: words::number(part.index),
    });
    RankingRow {
        code: place.to_string(),
        name: words::station(state, place),
        simulated: is_simulated(state, place),
        composite: found.and_then(|found| words::number(found.value)),
        rank: None,
        parts: parts.collect(),
        main: found.map(|found| words::codes(&found.main)).unwrap_or_default(),
        valid: found.is_some_and(|found| found.valid),
        change: None,
        improvement_rank: None,
        days: good.judged,
        good_days: good.good,
        good_ratio: good.ratio(),
        edition: found.map(|found| found.edition.to_string()),
        status: found.map(|found| words::status(found.status).to_owned()),
        unjudged: composite.as_ref().err().map(words::unjudged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place_and_nothing_has_none() {
        let values =
            [Some(4), Some(2), None, Some(2), Some(9)].map(|value: Option<i32>| value.map(Decimal::from));
        assert_eq!(places_of(&values), [Some(3), Some(1), None, Some(1), Some(4)]);
    }
}
