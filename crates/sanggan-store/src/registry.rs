//! A snapshot of everything the hot path looks up, in memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use sanggan_base::{AreaCode, Mn, ParameterCode, StationCode};
use sanggan_pack::{Device, LimitLine, Station, StationKind};

use crate::db::{Tx, args};
use crate::{StoreError, rows};

/// Stations, devices, limits and the quarantine's verdicts as they were at one moment. Never changes.
#[derive(Debug, Default)]
pub struct Registry {
    pub(crate) version: u64,
    pub(crate) stations: BTreeMap<StationCode, Arc<Station>>,
    pub(crate) devices: HashMap<Mn, Arc<Device>>,
    pub(crate) devices_of: HashMap<StationCode, Vec<Arc<Device>>>,
    pub(crate) limits_of: HashMap<StationCode, Vec<Arc<LimitLine>>>,
    pub(crate) stations_of_area: HashMap<AreaCode, Vec<Arc<Station>>>,
    pub(crate) refused: HashSet<Mn>,
}

impl Registry {
    /// Grows by one with each change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The device with this number.
    pub fn device(&self, mn: &Mn) -> Option<&Arc<Device>> {
        self.devices.get(mn)
    }

    /// Whether an operator has refused this number; its frames need not be kept any more.
    pub fn is_refused(&self, mn: &Mn) -> bool {
        self.refused.contains(mn)
    }

    /// Every device, ordered by number.
    pub fn devices(&self) -> Vec<Arc<Device>> {
        let mut devices: Vec<_> = self.devices.values().cloned().collect();
        devices.sort_by(|a, b| a.mn.cmp(&b.mn));
        devices
    }

    /// How many devices there are.
    pub fn device_count(&self) -> usize {
        self.devices.len()
    }

    /// The devices of a station, ordered by number.
    pub fn devices_of(&self, station: &StationCode) -> &[Arc<Device>] {
        self.devices_of.get(station).map_or(&[], Vec::as_slice)
    }

    /// The station with this code.
    pub fn station(&self, code: &StationCode) -> Option<&Arc<Station>> {
        self.stations.get(code)
    }

    /// Every station, ordered by code.
    pub fn stations(&self) -> impl Iterator<Item = &Arc<Station>> {
        self.stations.values()
    }

    /// Every station of a kind, ordered by code.
    pub fn stations_of_kind(&self, kind: StationKind) -> impl Iterator<Item = &Arc<Station>> {
        self.stations.values().filter(move |station| station.kind == kind)
    }

    /// The stations of an area, ordered by code.
    pub fn stations_in(&self, area: &AreaCode) -> &[Arc<Station>] {
        self.stations_of_area.get(area).map_or(&[], Vec::as_slice)
    }

    /// Every limit line of a station, past ones included.
    pub fn limits(&self, station: &StationCode) -> &[Arc<LimitLine>] {
        self.limits_of.get(station).map_or(&[], Vec::as_slice)
    }

    /// The limit lines of a parameter at a station that hold on `day`.
    pub fn limits_on<'r>(
        &'r self,
        station: &StationCode,
        parameter: &'r ParameterCode,
        day: Date,
    ) -> impl Iterator<Item = &'r Arc<LimitLine>> {
        self.limits(station).iter().filter(move |line| &line.parameter == parameter && line.in_force(day))
    }
}

const ATTEMPT: &str = "read the registry";

/// Reads everything as the transaction sees it.
pub(crate) async fn read(tx: &mut Tx) -> Result<Registry, StoreError> {
    let mut registry = Registry::default();
    for station in rows::read_stations(tx).await? {
        let station = Arc::new(station);
        registry.stations_of_area.entry(station.area.clone()).or_default().push(Arc::clone(&station));
        registry.stations.insert(station.code.clone(), station);
    }
    for device in rows::read_devices(tx).await? {
        let device = Arc::new(device);
        registry.devices_of.entry(device.station.clone()).or_default().push(Arc::clone(&device));
        registry.devices.insert(device.mn.clone(), device);
    }
    for line in rows::read_limits(tx, None).await? {
        registry.limits_of.entry(line.station.clone()).or_default().push(Arc::new(line));
    }
    let refused = tx.fetch(ATTEMPT, "SELECT mn FROM quarantine WHERE state = 'refused'", args![]).await?;
    for row in refused {
        let mn = row.text("mn")?;
        registry
            .refused
            .insert(Mn::parse(&mn).map_err(|_| StoreError::Corrupt { what: "MN", text: mn.clone() })?);
    }
    Ok(registry)
}
