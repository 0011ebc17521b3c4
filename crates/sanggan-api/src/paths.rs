//! The paths of explanations; the one place that writes them.

use sanggan_base::{Grain, Millis, SeriesKey, StatKind, StationCode};

use crate::when::path_hour;

const BASE: &str = "/api/v1/explain";

/// Of a computed hour, day, month or year.
pub(crate) fn statistic(
    grain: Grain,
    station: &StationCode,
    parameter: &str,
    kind: StatKind,
    start: Millis,
) -> String {
    format!("{BASE}/{}/{station}/{parameter}/{}/{}", grain.name(), kind.name(), period(grain, start))
}

/// Of an hour's index.
pub(crate) fn aqi_hour(station: &StationCode, start: Millis) -> String {
    format!("{BASE}/aqi-hour/{station}/{}", path_hour(start))
}

/// Of a day's index.
pub(crate) fn aqi_day(station: &StationCode, date: jiff::civil::Date) -> String {
    format!("{BASE}/aqi-day/{station}/{date}")
}

/// Of a year's figures and composite index.
pub(crate) fn annual(station: &StationCode, year: i16) -> String {
    format!("{BASE}/annual/{station}/{year:04}")
}

/// Of one observation.
pub(crate) fn observation(key: &SeriesKey, at: Millis) -> String {
    format!(
        "{BASE}/observation/{}/{}/{}/{}/{}",
        key.station,
        key.parameter,
        key.measure.name(),
        key.cadence.name(),
        path_hour(at)
    )
}

/// A period's beginning as short as its grain allows: `2026-11-23T10:00`, `2026-11-23`, `2026-11`, `2026`.
pub(crate) fn period(grain: Grain, start: Millis) -> String {
    let date = start.local_date();
    match grain {
        Grain::Hour => path_hour(start),
        Grain::Day => date.to_string(),
        Grain::Month => format!("{:04}-{:02}", date.year(), date.month()),
        Grain::Year => format!("{:04}", date.year()),
    }
}
