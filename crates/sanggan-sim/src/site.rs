//! One simulated station: what it measures and about which level.

use sanggan_base::{ParameterCode, StationCode};

use crate::fault::ScheduledFault;
use crate::noise;
use crate::profile::Profiles;

/// What sort of place a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKind {
    /// An ambient air station.
    Air,
    /// A waste-water outlet.
    Water,
    /// A flue-gas outlet.
    Gas,
}

/// What a generated value is, as the generators see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    Temperature,
    Humidity,
    Pressure,
    WindSpeed,
    WindDirection,
    FineDust,
    CoarseDust,
    Pollutant,
    Ozone,
    WaterFlow,
    Ph,
    WaterTemperature,
    Concentration,
    GasFlow,
    Oxygen,
    GasTemperature,
    GasMoisture,
    GasVelocity,
    GasPressure,
    Other,
}

/// One parameter of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteParameter {
    /// What.
    pub code: ParameterCode,
    /// The usual level in the platform's unit.
    pub typical: f64,
    pub(crate) quantity: Quantity,
    /// `typical` relative to the profile's level.
    pub(crate) factor: f64,
    pub(crate) spread: f64,
    pub(crate) channel: u64,
}

/// One simulated station.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its code.
    pub code: StationCode,
    /// What sort of place it is.
    pub kind: SiteKind,
    /// What it measures, in the order it was declared.
    pub parameters: Vec<SiteParameter>,
    /// What goes wrong there.
    pub faults: Vec<ScheduledFault>,
    pub(crate) profile: String,
    pub(crate) key: u64,
}

impl Site {
    /// A site that measures `levels` (parameter and usual level in the platform's unit).
    ///
    /// An outlet takes the profile of its kind whose usual levels are nearest to its own.
    pub fn new(
        code: StationCode,
        kind: SiteKind,
        levels: &[(ParameterCode, f64)],
        faults: Vec<ScheduledFault>,
        profiles: &Profiles,
    ) -> Site {
        let key = noise::text_key(code.as_str());
        let profile = nearest_profile(kind, levels, profiles);
        let parameters = levels
            .iter()
            .map(|(parameter, typical)| site_parameter(kind, parameter, *typical, &profile, profiles))
            .collect();
        Site { code, kind, parameters, faults, profile, key }
    }

    /// Where `parameter` stands among the site's parameters.
    pub fn position(&self, parameter: &str) -> Option<usize> {
        self.parameters.iter().position(|p| p.code.as_str() == parameter)
    }

    /// Whether `parameter` is also reported converted to the reference oxygen content.
    pub fn is_converted(&self, position: usize) -> bool {
        self.kind == SiteKind::Gas && self.parameters[position].quantity == Quantity::Concentration
    }

    /// Whether the parameter is a flow, so that its total is a volume.
    pub fn is_flow(&self, position: usize) -> bool {
        matches!(self.parameters[position].quantity, Quantity::WaterFlow | Quantity::GasFlow)
    }

    /// Whether the parameter is a concentration in a flow, so that its total is a mass.
    pub fn is_concentration(&self, position: usize) -> bool {
        self.parameters[position].quantity == Quantity::Concentration
    }
}

fn site_parameter(
    kind: SiteKind,
    code: &ParameterCode,
    typical: f64,
    profile: &str,
    profiles: &Profiles,
) -> SiteParameter {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (quantity, level, spread) = match (kind, code.as_str()) {
        (SiteKind::Air, "a01001") => (Quantity::Temperature, typical, 0.0),
        (SiteKind::Air, "a01002") => (Quantity::Humidity, typical, 0.0),
        (SiteKind::Air, "a01006") => (Quantity::Pressure, profiles.weather.pressure, 0.0),
        (SiteKind::Air, "a01007") => (Quantity::WindSpeed, typical, 0.0),
        (SiteKind::Air, "a01008") => (Quantity::WindDirection, typical, 0.0),
        (SiteKind::Air, "a05024") => (Quantity::Ozone, ozone_level(profiles), 0.0),
        (SiteKind::Air, pollutant) => match profiles.air.pollutant.get(pollutant) {
            Some(p) if pollutant == "a34004" => (Quantity::FineDust, mean(&p.monthly), 0.0),
            Some(p) if pollutant == "a34002" => (Quantity::CoarseDust, mean(&p.monthly), 0.0),
            Some(p) => (Quantity::Pollutant, mean(&p.monthly), 0.0),
            None => (Quantity::Other, typical, 0.15),
        },
        (SiteKind::Water, "w00000") => (Quantity::WaterFlow, typical, 0.0),
        (SiteKind::Water, "w01001") => (Quantity::Ph, typical, 0.0),
        (SiteKind::Water, "w01010") => (Quantity::WaterTemperature, typical, 0.0),
        (SiteKind::Water, other) => {
            let spread = profiles.water.get(profile).and_then(|p| p.pollutant.get(other)).map(|l| l.spread);
            (Quantity::Concentration, typical, spread.unwrap_or(0.15))
        }
        (SiteKind::Gas, "a00000") => (Quantity::GasFlow, typical, 0.0),
        (SiteKind::Gas, "a19001") => (Quantity::Oxygen, typical, 0.0),
        (SiteKind::Gas, "a01012") => (Quantity::GasTemperature, typical, 0.0),
        (SiteKind::Gas, "a01014") => (Quantity::GasMoisture, typical, 0.0),
        (SiteKind::Gas, "a01011") => (Quantity::GasVelocity, typical, 0.0),
        (SiteKind::Gas, "a01013") => (Quantity::GasPressure, typical, 0.0),
        (SiteKind::Gas, other) => {
            let spread = profiles.gas.get(profile).and_then(|p| p.pollutant.get(other)).map(|l| l.spread);
            (Quantity::Concentration, typical, spread.unwrap_or(0.15))
        }
    };
    let factor = if level == 0.0 { 1.0 } else { typical / level };
    SiteParameter {
        code: code.clone(),
        typical,
        quantity,
        factor,
        spread,
        channel: noise::text_key(code.as_str()),
    }
}

/// The mean of the profile's ozone, after what nitrogen oxides eat of it.
fn ozone_level(profiles: &Profiles) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let ozone = &profiles.air.ozone;
    let sun = mean(&ozone.diurnal);
    let no2 = profiles.air.pollutant.get("a21004").map_or(0.0, |p| mean(&p.monthly));
    mean(&ozone.background) + mean(&ozone.photochemical) * sun - ozone.titration * no2 * (1.0 - 0.7 * sun)
}

/// The profile whose levels are nearest: the smallest sum of the squared logarithms of the ratios.
fn nearest_profile(kind: SiteKind, levels: &[(ParameterCode, f64)], profiles: &Profiles) -> String {
    let distance = |usual: &dyn Fn(&str) -> Option<f64>| -> f64 {
        let squares = levels.iter().filter_map(|(parameter, typical)| {
            let usual = usual(parameter.as_str())?;
            (usual > 0.0 && *typical > 0.0).then(|| (typical / usual).ln().powi(2))
        });
        let (sum, count) = squares.fold((0.0, 0u32), |(sum, count), square| (sum + square, count + 1));
        if count == 0 { f64::MAX } else { sum / f64::from(count) }
    };
    let mut ranked: Vec<(f64, &String)> = match kind {
        SiteKind::Air => Vec::new(),
        SiteKind::Water => profiles
            .water
            .iter()
            .map(|(name, profile)| {
                let usual = |code: &str| match code {
                    "w00000" => Some(profile.flow),
                    code => profile.pollutant.get(code).map(|level| level.mean),
                };
                (distance(&usual), name)
            })
            .collect(),
        SiteKind::Gas => profiles
            .gas
            .iter()
            .map(|(name, profile)| {
                let usual = |code: &str| match code {
                    "a00000" => Some(profile.flow),
                    "a19001" => Some(profile.oxygen_full),
                    code => profile.pollutant.get(code).map(|level| level.mean),
                };
                (distance(&usual), name)
            })
            .collect(),
    };
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    ranked.first().map(|(_, name)| (*name).clone()).unwrap_or_default()
}
