//! The simulated past as readings, for filling a store before the live loggers begin.

use sanggan_base::time::{HOUR_MS, MINUTE_MS};
use sanggan_base::{Cadence, Flag, Measure, Millis, ParameterCode};

use crate::{Site, World};

/// One value of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct PastValue<'s> {
    /// What.
    pub parameter: &'s ParameterCode,
    /// Which figure.
    pub measure: Measure,
    /// Beginning of the period.
    pub at: Millis,
    /// The value in the platform's unit.
    pub value: f64,
    /// The mark.
    pub flag: Flag,
}

/// What `site` would have reported for the period of `cadence` that begins at `start`; `minute_ms` is the length
/// of its minute data. Values are rounded as its logger would have rounded them. Empty for other cadences.
pub fn period<'s>(
    world: &World,
    site: &'s Site,
    cadence: Cadence,
    start: Millis,
    minute_ms: i64,
) -> Vec<PastValue<'s>> {
    let (length, count) = match cadence {
        Cadence::Hour => (HOUR_MS, 6),
        Cadence::Minute => (minute_ms, (minute_ms / MINUTE_MS).clamp(1, 5) as u32),
        Cadence::RealTime | Cadence::Day | Cadence::Computed => return Vec::new(),
    };
    let mut values = Vec::with_capacity(site.parameters.len() * 2);
    for (i, row) in world.period(site, start, length, count).iter().enumerate() {
        let parameter = &site.parameters[i].code;
        let mut push = |measure, value: f64| {
            values.push(PastValue { parameter, measure, at: start, value: round(value), flag: row.flag });
        };
        push(Measure::Mean, row.mean);
        if site.is_flow(i) || site.is_concentration(i) {
            push(Measure::Total, row.total);
        }
        if site.is_converted(i) {
            push(Measure::ConvertedMean, row.converted[0]);
        }
    }
    values
}

/// Three digits after the point: finer than any instrument here, coarse enough to compress well.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SiteKind;
    use crate::profile::Profiles;
    use sanggan_base::StationCode;

    #[test]
    fn the_past_agrees_with_what_a_logger_sends() {
        let profiles = Profiles::built_in();
        let levels = [("w00000", 300.0), ("w01018", 20.0)]
            .map(|(code, level)| (ParameterCode::parse(code).expect("a code"), level));
        let site = Site::new(
            StationCode::parse("w").expect("a code"),
            SiteKind::Water,
            &levels,
            Vec::new(),
            &profiles,
        );
        let world = World::new(1, profiles);
        let start = Millis(1_795_399_200_000);
        let past = period(&world, &site, Cadence::Hour, start, 600_000);
        let live = world.period(&site, start, HOUR_MS, 24);
        let measures: Vec<Measure> = past.iter().map(|value| value.measure).collect();
        assert_eq!(measures, [Measure::Mean, Measure::Total, Measure::Mean, Measure::Total]);
        assert!((past[0].value / live[0].mean - 1.0).abs() < 0.02, "{} for {}", past[0].value, live[0].mean);
        assert!(period(&world, &site, Cadence::Day, start, 600_000).is_empty());
    }
}
