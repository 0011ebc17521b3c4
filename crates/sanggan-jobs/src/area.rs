//! Areas: the mean of an area's air stations, hour by hour and day by day, then months and years of the area.

use std::collections::{BTreeMap, BTreeSet};

use sanggan_base::{Grain, Millis, ParameterCode, SeriesId, StatKind, time::HOUR_MS};
use sanggan_standards::{Figure, Pollutant, statistics};

use crate::air::{moving_means, period_figures};
use crate::cascade::{Work, air_periods, periods};
use crate::sites::AreaSites;

/// Recomputes an area over the hours in which a member was touched.
pub(crate) fn follow(
    work: &mut Work<'_>,
    area: &AreaSites,
    touched: &BTreeMap<ParameterCode, BTreeSet<Millis>>,
) {
    for (parameter, hours) in touched {
        let (Some(pollutant), Some(series)) =
            (Pollutant::from_code(parameter), work.series(&area.station, parameter))
        else {
            continue;
        };
        let members: Vec<SeriesId> =
            area.members.iter().filter_map(|member| work.series(member, parameter)).collect();
        if members.is_empty() {
            continue;
        }
        let moved = |length: i64| -> BTreeSet<Millis> {
            hours.iter().flat_map(|hour| (0..length).map(|later| hour.plus(later * HOUR_MS))).collect()
        };
        for start in hours {
            mean_of_members(work, series, &members, Grain::Hour, StatKind::Mean, *start);
        }
        for &(kind, length) in moving_means(Some(pollutant)) {
            for start in moved(length) {
                mean_of_members(work, series, &members, Grain::Hour, kind, start);
            }
        }
        let (daily, wanted) = match hours.last() {
            Some(last) => period_figures(Some(pollutant), work.law.air_rules(last.local_date())),
            None => continue,
        };
        let mut changed = BTreeSet::new();
        for day in periods(hours, Grain::Day) {
            let mut any = mean_of_members(work, series, &members, Grain::Day, StatKind::Mean, day);
            if daily == StatKind::Mda8 {
                any |= mean_of_members(work, series, &members, Grain::Day, StatKind::Mda8, day);
                mean_of_members(work, series, &members, Grain::Day, StatKind::MaxHour, day);
            }
            if any {
                changed.insert(day);
            }
        }
        air_periods(&mut work.known, work.law, series, daily, &wanted, &changed);
    }
}

/// The mean of the members' valid figures of one period; valid when enough members have one.
fn mean_of_members(
    work: &mut Work<'_>,
    series: SeriesId,
    members: &[SeriesId],
    grain: Grain,
    kind: StatKind,
    start: Millis,
) -> bool {
    let percent = work.law.air_rules(start.local_date()).area_stations_percent;
    let required =
        (u32::try_from(members.len()).unwrap_or(u32::MAX).saturating_mul(percent)).div_ceil(100).max(1);
    let mut excluded = 0;
    let values: Vec<Option<f64>> = members
        .iter()
        .map(|&member| {
            let figure: Figure = work.known.get(member, grain, kind, start)?;
            excluded += u32::from(!figure.valid && 0 < figure.used + figure.excluded);
            figure.value.filter(|_| figure.valid)
        })
        .collect();
    work.known.put(series, grain, kind, start, statistics::mean(&values, required, excluded))
}
