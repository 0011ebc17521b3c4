//! The whole of what a platform's definition files say.

use std::collections::BTreeMap;

use crate::{City, Defaults, MonitorSet, PackFaults, ParameterTable};

/// The text files of one pack folder: path relative to the folder → text.
pub type Files = BTreeMap<String, String>;

/// Everything the definition files say, checked and resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The parameter table.
    pub parameters: ParameterTable,
    /// Operational settings.
    pub defaults: Defaults,
    /// The city.
    pub city: City,
    /// The city's real stations, when its pack brings some (`stations.toml`).
    pub stations: MonitorSet,
    /// The simulated city (`demo.toml`), when the pack has one.
    pub demo: Option<MonitorSet>,
}

impl Pack {
    /// The pack built into the program: `packs/china` with `packs/shuozhou`.
    ///
    /// # Errors
    /// [`PackFaults`]; a test keeps the built-in files free of them.
    pub fn embedded() -> Result<Pack, PackFaults> {
        todo!()
    }

    /// The pack of a city folder's `city` files over the built-in national files.
    ///
    /// # Errors
    /// [`PackFaults`] with every fault of every file.
    pub fn of_city(city: &Files) -> Result<Pack, PackFaults> {
        let _ = city;
        todo!()
    }

    /// The pack of `national` files (`parameters.toml`, `defaults.toml`) and `city` files
    /// (`city.toml`, `outline.geojson`, and if there are such `stations.toml`, `demo.toml`).
    ///
    /// # Errors
    /// [`PackFaults`] with every fault of every file.
    pub fn load(national: &Files, city: &Files) -> Result<Pack, PackFaults> {
        let _ = (national, city);
        todo!()
    }
}
