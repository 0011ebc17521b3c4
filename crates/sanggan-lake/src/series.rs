//! The series registry: keys to numbers and back, all in memory.

use std::collections::HashMap;

use sanggan_base::{SeriesId, SeriesKey, StationCode};

/// Ids count from 1 without gaps, in the order of making.
#[derive(Debug, Default)]
pub(crate) struct SeriesTable {
    by_key: HashMap<SeriesKey, SeriesId>,
    by_station: HashMap<StationCode, Vec<SeriesId>>,
    keys: Vec<SeriesKey>,
}

impl SeriesTable {
    pub(crate) fn id(&self, key: &SeriesKey) -> Option<SeriesId> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn key(&self, id: SeriesId) -> Option<&SeriesKey> {
        self.keys.get((id.0 as usize).checked_sub(1)?)
    }

    pub(crate) fn of_station(&self, station: &StationCode) -> Vec<(SeriesId, SeriesKey)> {
        let ids = self.by_station.get(station).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|&id| Some((id, self.key(id)?.clone()))).collect()
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.keys.len()).unwrap_or(u32::MAX)
    }

    /// The id the next new series gets.
    pub(crate) fn next(&self) -> SeriesId {
        SeriesId(self.len() + 1)
    }

    /// Adds a series under `self.next()`.
    pub(crate) fn push(&mut self, key: SeriesKey) {
        let id = self.next();
        self.by_station.entry(key.station.clone()).or_default().push(id);
        self.by_key.insert(key.clone(), id);
        self.keys.push(key);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SeriesId, &SeriesKey)> {
        (1u32..).map(SeriesId).zip(self.keys.iter())
    }
}
