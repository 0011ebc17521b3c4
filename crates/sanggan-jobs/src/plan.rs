//! From touched hours to pieces of work that are read at one go.

use std::collections::{BTreeMap, BTreeSet};

use sanggan_base::{Grain, Millis, ParameterCode, StationCode, time::DAY_MS};

/// Hours of series to recompute: station → parameter → hours.
pub(crate) type Touched = BTreeMap<StationCode, BTreeMap<ParameterCode, BTreeSet<Millis>>>;

/// One piece of work: stations whose touched hours lie in the same days.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Midnight of the first touched day.
    pub(crate) from: Millis,
    /// Midnight after the last touched day.
    pub(crate) to: Millis,
    pub(crate) touched: Touched,
}

/// Touched days further apart than this are read apart.
const GAP_MS: i64 = 3 * DAY_MS;

/// Cuts the touched hours into pieces within one local month, each of at most about `pairs_max` hours of series.
pub(crate) fn pieces(touched: Touched, pairs_max: usize) -> Vec<Piece> {
    let mut by_days: BTreeMap<(Millis, Millis), Touched> = BTreeMap::new();
    for (station, parameters) in touched {
        let days: BTreeSet<Millis> =
            parameters.values().flatten().map(|hour| hour.floor(Grain::Day)).collect();
        for (from, to) in runs(&days) {
            let part = parameters.iter().filter_map(|(parameter, hours)| {
                let hours: BTreeSet<Millis> = hours.range(from..to).copied().collect();
                (!hours.is_empty()).then(|| (parameter.clone(), hours))
            });
            by_days.entry((from, to)).or_default().insert(station.clone(), part.collect());
        }
    }
    let mut pieces = Vec::new();
    for ((from, to), stations) in by_days {
        let (mut piece, mut pairs) = (Touched::new(), 0);
        for (station, parameters) in stations {
            let more: usize = parameters.values().map(BTreeSet::len).sum();
            if !piece.is_empty() && pairs_max < pairs + more {
                pieces.push(Piece { from, to, touched: std::mem::take(&mut piece) });
                pairs = 0;
            }
            pairs += more;
            piece.insert(station, parameters);
        }
        pieces.push(Piece { from, to, touched: piece });
    }
    pieces
}

/// Stretches of days (first midnight, midnight after the last) without a large gap and within one month.
fn runs(days: &BTreeSet<Millis>) -> Vec<(Millis, Millis)> {
    let mut runs: Vec<(Millis, Millis)> = Vec::new();
    for &day in days {
        match runs.last_mut() {
            Some((from, to))
                if day.0 - to.0 < GAP_MS && from.floor(Grain::Month) == day.floor(Grain::Month) =>
            {
                *to = day.next(Grain::Day);
            }
            _ => runs.push((day, day.next(Grain::Day))),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(texts: &[&str]) -> BTreeSet<Millis> {
        let hour = |text: &&str| Millis::from_local(text.parse().expect("a time")).expect("in range");
        texts.iter().map(hour).collect()
    }

    fn shown(pieces: &[Piece]) -> Vec<String> {
        let row = |piece: &Piece| {
            let stations: Vec<String> = piece
                .touched
                .iter()
                .map(|(station, parameters)| {
                    format!("{station}:{}", parameters.values().map(BTreeSet::len).sum::<usize>())
                })
                .collect();
            format!("{}..{} {}", piece.from.local_date(), piece.to.local_date(), stations.join(" "))
        };
        pieces.iter().map(row).collect()
    }

    #[test]
    fn work_is_cut_at_months_gaps_and_size() {
        let station = |text| StationCode::parse(text).expect("a code");
        let parameter = ParameterCode::parse("a34004").expect("a code");
        let mut touched = Touched::new();
        let one = hours(&["2020-03-30T05:00", "2020-03-31T23:00", "2020-04-01T00:00", "2020-04-20T01:00"]);
        touched.entry(station("a")).or_default().insert(parameter.clone(), one);
        touched
            .entry(station("b"))
            .or_default()
            .insert(parameter.clone(), hours(&["2020-04-20T05:00", "2020-04-20T06:00"]));
        touched.entry(station("c")).or_default().insert(parameter, hours(&["2020-04-20T05:00"]));
        assert_eq!(
            shown(&pieces(touched.clone(), 100)),
            [
                "2020-03-30..2020-04-01 a:2",
                "2020-04-01..2020-04-02 a:1",
                "2020-04-20..2020-04-21 a:1 b:2 c:1"
            ]
        );
        assert_eq!(
            shown(&pieces(touched, 2))[2..],
            ["2020-04-20..2020-04-21 a:1", "2020-04-20..2020-04-21 b:2", "2020-04-20..2020-04-21 c:1"]
        );
    }
}
