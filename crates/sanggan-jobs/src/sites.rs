//! What the statistics must know of places: a snapshot of the registers.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanggan_base::{AreaCode, ParameterCode, StationCode, Unit};
use sanggan_pack::{City, ParameterTable, StationKind};
use sanggan_standards::Medium;
use sanggan_store::Registry;

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// What sort of place it is.
    pub kind: StationKind,
    /// How many minutes one of its minute values stands for; `None` = seen from the values.
    pub minute_interval: Option<u8>,
}

/// An area and the air stations whose mean it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSites {
    /// The station code under which the area's figures are kept: `area:140600`.
    pub station: StationCode,
    /// Its air stations.
    pub members: Vec<StationCode>,
}

/// The places and areas as they are now.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    places: BTreeMap<StationCode, Site>,
    areas: Vec<AreaSites>,
    parameters: Arc<ParameterTable>,
}

impl Sites {
    /// From places and areas, for tests and tools.
    pub fn new(
        places: impl IntoIterator<Item = (StationCode, Site)>,
        areas: Vec<AreaSites>,
        parameters: Arc<ParameterTable>,
    ) -> Sites {
        Sites { places: places.into_iter().collect(), areas, parameters }
    }

    /// From the registers: every station, each area that has air stations, and the city as the area of them all.
    pub fn from_registry(registry: &Registry, city: &City, parameters: Arc<ParameterTable>) -> Sites {
        let mut sites = Sites { parameters, ..Sites::default() };
        let mut members: BTreeMap<AreaCode, Vec<StationCode>> = BTreeMap::new();
        for station in registry.stations() {
            let minute_interval =
                common(registry.devices_of(&station.code).iter().map(|d| d.minute_interval));
            sites.places.insert(station.code.clone(), Site { kind: station.kind, minute_interval });
            if station.kind == StationKind::Air {
                let in_city = station.area == city.code || city.area(station.area.as_str()).is_some();
                members.entry(station.area.clone()).or_default().push(station.code.clone());
                if in_city && station.area != city.code {
                    members.entry(city.code.clone()).or_default().push(station.code.clone());
                }
            }
        }
        let areas = members
            .into_iter()
            .map(|(area, members)| AreaSites { station: Sites::area_station(&area), members });
        sites.areas = areas.collect();
        sites
    }

    /// The station code under which an area's figures are kept.
    pub fn area_station(area: &AreaCode) -> StationCode {
        StationCode::parse(&format!("area:{area}"))
            .expect("an area code is at most 32 letters, digits and `-`")
    }

    /// The areas with their members.
    pub fn areas(&self) -> &[AreaSites] {
        &self.areas
    }

    /// The place, when the registers know it.
    pub fn site(&self, station: &StationCode) -> Option<&Site> {
        self.places.get(station)
    }

    /// What sort of place `station` is, for a parameter measured there. Where the registers don't say, the code of
    /// the parameter tells water from air.
    pub(crate) fn treatment(&self, station: &StationCode, parameter: &ParameterCode) -> Treatment {
        match self.site(station).map_or(StationKind::Unknown, |site| site.kind) {
            StationKind::Air => Treatment::Air,
            StationKind::GasOutlet => Treatment::Outlet(Medium::Gas),
            StationKind::WaterOutlet => Treatment::Outlet(Medium::Water),
            StationKind::SurfaceWater => Treatment::Plain,
            StationKind::Unknown if parameter.as_str().starts_with('a') => Treatment::Air,
            StationKind::Unknown => Treatment::Plain,
        }
    }

    /// The unit of stored values of a parameter at a station.
    pub(crate) fn unit(&self, station: &StationCode, parameter: &ParameterCode) -> Option<Unit> {
        let kind = self.site(station).map_or(StationKind::Unknown, |site| site.kind);
        self.parameters.unit(parameter.as_str(), kind)
    }
}

/// The interval that all devices of a station have; where they differ, it is seen from the values.
fn common(mut intervals: impl Iterator<Item = u8>) -> Option<u8> {
    let first = intervals.next()?;
    intervals.all(|other| other == first).then_some(first)
}

/// Which rules a series' statistics follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Ambient air: GB 3095 and HJ 663.
    Air,
    /// Discharge: HJ 75 or HJ 356, with loads.
    Outlet(Medium),
    /// Means without a rule on the least amount of data.
    Plain,
}

impl Treatment {
    /// The parameter that is the flow.
    pub(crate) fn flow_parameter(self) -> Option<ParameterCode> {
        let code = match self {
            Treatment::Outlet(Medium::Water) => "w00000",
            Treatment::Outlet(Medium::Gas | Medium::Air) => "a00000",
            Treatment::Air | Treatment::Plain => return None,
        };
        ParameterCode::parse(code).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_that_differ_have_no_common_interval() {
        assert_eq!(common([].into_iter()), None);
        assert_eq!(common([10].into_iter()), Some(10));
        assert_eq!(common([5, 5].into_iter()), Some(5));
        assert_eq!(common([1, 10].into_iter()), None);
    }
}
