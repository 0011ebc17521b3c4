//! The address of a database, which may hold a password.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// An address as it was written. Shown without its password, wherever it is shown.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// An address.
    pub fn new(text: &str) -> StoreUrl {
        StoreUrl(text.to_owned())
    }

    /// The whole of it; not for showing.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it begins as an address of a store does.
    pub(crate) fn is_understood(&self) -> bool {
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| self.0.starts_with(scheme))
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever may be a password is not shown: all of `user:…@`, and what follows `?`.
        let (place, question) = match self.0.split_once('?') {
            Some((place, _)) => (place, "?***"),
            None => (self.0.as_str(), ""),
        };
        let shown = place.split_once("://").and_then(|(scheme, rest)| {
            let (who, host) = rest.rsplit_once('@')?;
            let (user, _) = who.split_once(':')?;
            Some(format!("{scheme}://{user}:***@{host}"))
        });
        write!(f, "{}{question}", shown.as_deref().unwrap_or(place))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("", ""),
            ("sqlite:/data/store.sqlite", "sqlite:/data/store.sqlite"),
            ("postgres://db.local/sanggan", "postgres://db.local/sanggan"),
            ("postgres://li@db.local/sanggan", "postgres://li@db.local/sanggan"),
            ("postgres://li:geheim@db.local:5433/s", "postgres://li:***@db.local:5433/s"),
            ("postgres://li:ge@heim:x@db.local/s", "postgres://li:***@db.local/s"),
            ("postgres://db/s?user=li&password=geheim", "postgres://db/s?***"),
        ] {
            let url = StoreUrl::new(url);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("{shown:?}"));
            assert_eq!(toml::Value::try_from(&url).expect("a text").as_str(), Some(shown));
        }
    }
}
