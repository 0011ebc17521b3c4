//! Where settings come from, and what may be wrong with them.

use std::fmt;

use crate::Settings;

/// What the binary read, to be put together.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Name and text of the settings file, when there is one.
    pub file: Option<(String, String)>,
    /// Environment variables; those not beginning with `SANGGAN_` are passed over.
    pub environment: Vec<(String, String)>,
    /// Arguments as (key, value), the key written with dots: `("http.listen", "0.0.0.0:80")`.
    pub arguments: Vec<(String, String)>,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The file with line, the variable or the argument (`sanggan.toml:12`, `SANGGAN_HTTP_LISTEN`, `--set http.listen`).
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(
    /// Never empty.
    pub Vec<ConfigFault>,
);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not read the settings: {} fault(s)", self.0.len())?;
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl Settings {
    /// Puts the sources together: arguments over environment over file over defaults.
    ///
    /// # Errors
    /// [`ConfigFaults`] with every fault of every source.
    pub fn load(sources: &Sources) -> Result<Settings, ConfigFaults> {
        let _ = sources;
        todo!()
    }

    /// The keys with environment variable, default and meaning, as a Markdown page.
    pub fn reference() -> String {
        todo!()
    }
}
