//! What a simulated place is like, read from data files.

use std::collections::BTreeMap;

/// Twelve monthly levels, January first; values between are interpolated from mid-month to mid-month.
pub type Monthly = [f64; 12];
/// Twenty-four factors, one an hour, midnight first.
pub type Hourly = [f64; 24];

/// Says why a profile file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The text is no such profile.
    #[error("could not read the simulation profiles")]
    Read {
        /// What the TOML reader says.
        #[source]
        source: toml::de::Error,
    },
}

/// Everything the generators need to know about a region and its kinds of outlet.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// The weather all stations share.
    pub weather: WeatherProfile,
    /// The air all stations share.
    pub air: AirProfile,
    /// Kinds of waste-water outlet by name.
    pub water: BTreeMap<String, WaterProfile>,
    /// Kinds of flue-gas outlet by name.
    pub gas: BTreeMap<String, GasProfile>,
}

/// The weather.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeatherProfile {
    /// Mean temperature of each month, ℃.
    pub temperature: Monthly,
    /// Half the difference between afternoon and dawn, K.
    pub temperature_diurnal: f64,
    /// Standard deviation from day to day, K.
    pub temperature_synoptic: f64,
    /// Mean relative humidity of each month, %.
    pub humidity: Monthly,
    /// Mean wind speed of each month, m/s.
    pub wind: Monthly,
    /// Wind speed through the day relative to its mean.
    pub wind_diurnal: Hourly,
    /// Prevailing wind direction, degrees.
    pub wind_direction: f64,
    /// Mean pressure, hPa.
    pub pressure: f64,
}

/// The air.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirProfile {
    /// Chance of a stagnant episode in each window of six days, by month.
    pub episode_chance: Monthly,
    /// How much the strongest episode multiplies fine dust.
    pub episode_factor: f64,
    /// Chance of blown dust in each window of five days, by month.
    pub dust_chance: Monthly,
    /// PM10 the strongest dust adds, µg/m³.
    pub dust_pm10: f64,
    /// PM2.5, PM10, SO2, NO2, CO by parameter code, µg/m³ (CO mg/m³).
    pub pollutant: BTreeMap<String, PollutantProfile>,
    /// Ozone.
    pub ozone: OzoneProfile,
}

/// One primary pollutant.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollutantProfile {
    /// Mean of each month.
    pub monthly: Monthly,
    /// Through the day relative to the mean.
    pub diurnal: Hourly,
    /// Saturday and Sunday relative to a working day.
    pub weekend: f64,
    /// How strongly stagnant air raises it (an exponent; 0 not at all, 1 in proportion).
    pub stagnation: f64,
}

/// Ozone: made by the sun in the afternoon, eaten by NO at night.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OzoneProfile {
    /// Level without sun, by month, µg/m³.
    pub background: Monthly,
    /// What a clear afternoon adds, by month, µg/m³.
    pub photochemical: Monthly,
    /// Share of the day's ozone through the day, 0 to 1.
    pub diurnal: Hourly,
    /// µg of ozone lost for each µg of NO2.
    pub titration: f64,
}

/// One kind of waste-water outlet.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaterProfile {
    /// Mean flow, L/s.
    pub flow: f64,
    /// Flow through the day relative to the mean.
    pub diurnal: Hourly,
    /// Days of the week on which it discharges, Monday first.
    pub weekdays: [bool; 7],
    /// Hours at which it discharges: first, and the one after the last.
    pub hours: [u8; 2],
    /// pH.
    pub ph: f64,
    /// Water temperature of each month, ℃.
    pub temperature: Monthly,
    /// Concentrations by parameter code, mg/L.
    pub pollutant: BTreeMap<String, Level>,
}

/// A level and how much it varies.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Usual level.
    pub mean: f64,
    /// Standard deviation relative to the level.
    pub spread: f64,
}

/// One kind of flue-gas outlet.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GasProfile {
    /// Dry flow at full load, m³/s.
    pub flow: f64,
    /// Load through the day, 0 to 1.
    pub load: Hourly,
    /// Months in which it runs, January first.
    pub months: [bool; 12],
    /// Oxygen at full load, %.
    pub oxygen_full: f64,
    /// Oxygen at no load, %.
    pub oxygen_idle: f64,
    /// Oxygen to which concentrations are converted, %.
    pub oxygen_reference: f64,
    /// Oxygen of air in the conversion, %.
    pub oxygen_air: f64,
    /// Gas temperature at full load, ℃.
    pub temperature: f64,
    /// Moisture, %.
    pub moisture: f64,
    /// Velocity at full load, m/s.
    pub velocity: f64,
    /// Static pressure, kPa.
    pub pressure: f64,
    /// Converted concentrations by parameter code, mg/m³.
    pub pollutant: BTreeMap<String, Level>,
}

impl Profiles {
    /// Reads profiles from TOML.
    ///
    /// # Errors
    /// [`ProfileError::Read`] names the line.
    pub fn from_toml(text: &str) -> Result<Profiles, ProfileError> {
        toml::from_str(text).map_err(|source| ProfileError::Read { source })
    }

    /// The built-in profiles: a dry, cold, coal-burning northern city and its usual outlets.
    pub fn built_in() -> Profiles {
        Profiles::from_toml(include_str!("../data/northern-coal-city.toml"))
            .expect("the built-in profiles are read by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_profiles_can_be_read() {
        let profiles = Profiles::built_in();
        assert!(profiles.water.len() >= 3 && profiles.gas.len() >= 3);
        assert_eq!(profiles.air.pollutant.len(), 5);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let text =
            include_str!("../data/northern-coal-city.toml").replace("episode_factor", "episode_faktor");
        assert!(Profiles::from_toml(&text).is_err());
    }
}
