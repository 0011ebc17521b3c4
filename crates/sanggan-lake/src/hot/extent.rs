//! How far each series has come in each month: what tells a `main` row from a `late` one.
//!
//! A row whose time is greater than the greatest known of its series in its local month is a main row,
//! so there is exactly one main row a key. Everything else is late: a repeat, a correction, a straggler.

use sanggan_base::{Flag, Grain, Millis, SeriesId, StatKind};

use super::memory::supersedes;
use crate::month::Month;

/// What an extent is about within a series: the month and, for statistics, grain and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag(pub(crate) u32);

impl Tag {
    pub(crate) fn observation(month: Month) -> Tag {
        Tag(month.0 << 8 | 0xff)
    }

    pub(crate) fn statistic(month: Month, grain: Grain, kind: StatKind) -> Tag {
        Tag(month.0 << 8 | u32::from(grain.to_u8()) << 5 | u32::from(kind.to_u8()))
    }
}

/// The newest value of a series.
#[derive(Debug, Clone, Copy)]
struct Last {
    at: Millis,
    value: f64,
    flag: Flag,
}

enum Undo {
    Extent { series: SeriesId, tag: Tag, before: Option<Millis> },
    Last { series: SeriesId, before: Option<Last> },
}

/// Extents and newest values of all series; changes since [`Extents::keep`] can be taken back.
#[derive(Default)]
pub(crate) struct Extents {
    /// By series; each list sorted by tag.
    by_series: Vec<Vec<(Tag, Millis)>>,
    last: Vec<Option<Last>>,
    undo: Vec<Undo>,
}

impl Extents {
    /// Notes a row at `at`; whether it is a main row.
    pub(crate) fn advance(&mut self, series: SeriesId, tag: Tag, at: Millis) -> bool {
        let index = series.0 as usize;
        if self.by_series.len() <= index {
            self.by_series.resize_with(index + 1, Vec::new);
        }
        let list = &mut self.by_series[index];
        match list.binary_search_by_key(&tag, |entry| entry.0) {
            Ok(place) => {
                let known = list[place].1;
                if at <= known {
                    return false;
                }
                list[place].1 = at;
                self.undo.push(Undo::Extent { series, tag, before: Some(known) });
            }
            Err(place) => {
                list.insert(place, (tag, at));
                self.undo.push(Undo::Extent { series, tag, before: None });
            }
        }
        true
    }

    pub(crate) fn get(&self, series: SeriesId, tag: Tag) -> Option<Millis> {
        let list = self.by_series.get(series.0 as usize)?;
        let place = list.binary_search_by_key(&tag, |entry| entry.0).ok()?;
        Some(list[place].1)
    }

    /// Whether the row says again what is already known as the newest of its series.
    pub(crate) fn repeats(&self, series: SeriesId, at: Millis, value: f64, flag: Flag) -> bool {
        matches!(self.last.get(series.0 as usize), Some(Some(last))
            if last.at == at && last.value.to_bits() == value.to_bits() && last.flag == flag)
    }

    /// Notes a row as the newest of its series if it is.
    pub(crate) fn newest(&mut self, series: SeriesId, at: Millis, value: f64, flag: Flag) {
        let index = series.0 as usize;
        if self.last.len() <= index {
            self.last.resize(index + 1, None);
        }
        let before = self.last[index];
        if before.is_none_or(|last| supersedes((flag, at), (last.flag, last.at))) {
            self.last[index] = Some(Last { at, value, flag });
            self.undo.push(Undo::Last { series, before });
        }
    }

    /// The changes are durable.
    pub(crate) fn keep(&mut self) {
        self.undo.clear();
    }

    /// The changes since the last `keep` did not become durable.
    pub(crate) fn take_back(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Last { series, before } => self.last[series.0 as usize] = before,
                Undo::Extent { series, tag, before } => {
                    let list = &mut self.by_series[series.0 as usize];
                    if let Ok(place) = list.binary_search_by_key(&tag, |entry| entry.0) {
                        match before {
                            Some(known) => list[place].1 = known,
                            None => {
                                list.remove(place);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_transaction_leaves_no_trace() {
        let (series, tag) = (SeriesId(3), Tag::observation(Month(24_000)));
        let mut extents = Extents::default();
        assert!(extents.advance(series, tag, Millis(10)));
        extents.newest(series, Millis(10), 1.0, Flag::Normal);
        extents.keep();
        assert!(!extents.advance(series, tag, Millis(10)));
        assert!(extents.advance(series, tag, Millis(20)));
        assert!(extents.advance(series, Tag::observation(Month(24_001)), Millis(99)));
        extents.newest(series, Millis(20), 2.0, Flag::Normal);
        extents.take_back();
        assert_eq!(extents.get(series, tag), Some(Millis(10)));
        assert_eq!(extents.get(series, Tag::observation(Month(24_001))), None);
        assert!(extents.repeats(series, Millis(10), 1.0, Flag::Normal));
    }
}
