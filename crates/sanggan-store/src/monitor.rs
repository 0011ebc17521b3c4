//! Stations, devices and limits.

use sanggan_base::{Millis, Mn, StationCode};
use sanggan_pack::{Device, LimitLine, MonitorSet, Station};

use crate::{Actor, Store, StoreError};

/// What seeding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeedReport {
    /// Entries that were not there and are now.
    pub added: usize,
    /// Entries of an earlier seed that a newer pack changed.
    pub updated: usize,
    /// Entries left alone: already so, or changed or removed by a person.
    pub kept: usize,
}

impl Store {
    /// Brings in a pack's stations, devices and limits. May be done at every start: what a person changed or
    /// removed stays so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seed(&self, set: &MonitorSet, now: Millis) -> Result<SeedReport, StoreError> {
        let _ = (set, now);
        todo!()
    }

    /// Makes or changes a station.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for coordinates that are none.
    pub async fn put_station(
        &self,
        station: &Station,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        let _ = (station, why, actor, now);
        todo!()
    }

    /// Removes a station and its limits. Its data stay in the lake.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] while it has devices.
    pub async fn remove_station(
        &self,
        code: &StationCode,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        let _ = (code, why, actor, now);
        todo!()
    }

    /// Makes or changes a device with its bindings.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when its station is not there.
    pub async fn put_device(
        &self,
        device: &Device,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        let _ = (device, why, actor, now);
        todo!()
    }

    /// Removes a device. Its data stay in the lake.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove_device(
        &self,
        mn: &Mn,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        let _ = (mn, why, actor, now);
        todo!()
    }

    /// Sets all limit lines of a station.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the station is not there, [`StoreError::BadInput`] when a line is of another.
    pub async fn set_limits(
        &self,
        station: &StationCode,
        limits: &[LimitLine],
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        let _ = (station, limits, why, actor, now);
        todo!()
    }
}
