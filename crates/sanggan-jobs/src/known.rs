//! The statistics of a piece of work: those stored, overlaid with those just computed.

use std::collections::{BTreeMap, HashMap};

use sanggan_base::{Grain, Millis, SeriesId, StatKind};
use sanggan_lake::{NewStatistic, Statistic};
use sanggan_standards::Figure;

type Line = BTreeMap<Millis, Figure>;

/// Figures by series, grain, kind and start; remembers which of them are new.
#[derive(Debug, Default)]
pub(crate) struct Known {
    lines: HashMap<(SeriesId, Grain, StatKind), Line>,
    changed: Vec<NewStatistic>,
}

impl Known {
    /// Takes what is stored.
    pub(crate) fn load(&mut self, rows: impl IntoIterator<Item = Statistic>) {
        for row in rows {
            let Statistic { series, grain, kind, start, value, valid, used, required, excluded, .. } = row;
            let figure = Figure { value, valid, used, required, excluded };
            self.lines.entry((series, grain, kind)).or_default().insert(start, figure);
        }
    }

    /// One figure.
    pub(crate) fn get(
        &self,
        series: SeriesId,
        grain: Grain,
        kind: StatKind,
        start: Millis,
    ) -> Option<Figure> {
        self.lines.get(&(series, grain, kind))?.get(&start).copied()
    }

    /// A figure's value, when it is valid.
    pub(crate) fn valid(&self, series: SeriesId, grain: Grain, kind: StatKind, start: Millis) -> Option<f64> {
        self.get(series, grain, kind, start).filter(|figure| figure.valid)?.value
    }

    /// The figures of a stretch of time.
    pub(crate) fn range(
        &self,
        series: SeriesId,
        grain: Grain,
        kind: StatKind,
        from: Millis,
        to: Millis,
    ) -> impl Iterator<Item = (Millis, Figure)> {
        let line = self.lines.get(&(series, grain, kind));
        line.into_iter().flat_map(move |line| line.range(from..to)).map(|(start, figure)| (*start, *figure))
    }

    /// Puts a computed figure; whether it differs from what was there. A figure of nothing is only put where there
    /// was something.
    pub(crate) fn put(
        &mut self,
        series: SeriesId,
        grain: Grain,
        kind: StatKind,
        start: Millis,
        figure: Figure,
    ) -> bool {
        let line = self.lines.entry((series, grain, kind)).or_default();
        let before = line.get(&start);
        let nothing = figure.value.is_none() && figure.used == 0 && figure.excluded == 0;
        if before.is_none() && nothing || before.is_some_and(|before| same(before, &figure)) {
            return false;
        }
        line.insert(start, figure);
        let Figure { value, valid, used, required, excluded } = figure;
        self.changed.push(NewStatistic {
            series,
            grain,
            kind,
            start,
            value,
            valid,
            used,
            required,
            excluded,
        });
        true
    }

    /// The figures that are new, each once.
    pub(crate) fn take_changed(&mut self) -> Vec<NewStatistic> {
        std::mem::take(&mut self.changed)
    }
}

/// Equal, taking two absent values and two equal bit patterns as equal.
fn same(one: &Figure, other: &Figure) -> bool {
    one.value.map(f64::to_bits) == other.value.map(f64::to_bits)
        && (one.valid, one.used, one.required, one.excluded)
            == (other.valid, other.used, other.required, other.excluded)
}
