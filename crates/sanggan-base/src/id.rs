//! Ids as types: text becomes an id once, at the edge, and is never checked again.

use std::fmt;

/// Says why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind}: `{text}` ({why})")]
pub struct IdError {
    /// Which id was wanted.
    pub kind: &'static str,
    /// The text as given, cut to 64 characters.
    pub text: String,
    /// The rule it broke.
    pub why: &'static str,
}

impl IdError {
    fn new(kind: &'static str, text: &str, why: &'static str) -> Self {
        Self { kind, text: text.chars().take(64).collect(), why }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $why:literal, $ok:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Checks `text` and makes the id.
            ///
            /// # Errors
            /// [`IdError`] when the text is empty, too long or holds a character that may not stand there.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let ok: fn(char) -> bool = $ok;
                if text.is_empty() {
                    return Err(IdError::new($kind, text, "it is empty"));
                }
                if text.len() > $max || !text.chars().all(ok) {
                    return Err(IdError::new($kind, text, $why));
                }
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// The code of one monitoring place: an air station, a river section, an outlet (站点、断面、排放口).
    ///
    /// Invariant: 1 to 64 bytes of letters, digits, `-`, `_`, `.` or `:`.
    StationCode, "station code", 64, "1 to 64 letters, digits, `-`, `_`, `.`, `:`",
    |c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')
);
text_id!(
    /// The number under which a data logger signs in (数采仪 MN).
    ///
    /// HJ 212-2017 writes 24 characters 0-9A-F; real devices send 14 letters and digits and worse,
    /// so: 1 to 32 visible ASCII characters without `;`, `=`, `,`, `&` and `#`. Kept as received.
    Mn, "MN", 32, "1 to 32 visible ASCII characters without `;`, `=`, `,`, `&`, `#`",
    |c| c.is_ascii_graphic() && !matches!(c, ';' | '=' | ',' | '&' | '#')
);
text_id!(
    /// What is measured, as an HJ 524 / HJ 525 code (`a34004` PM2.5, `w01018` COD).
    ///
    /// A code that no table knows is kept as sent, with `raw:` before it.
    ParameterCode, "parameter code", 32, "1 to 32 letters, digits, `-`, `_`, `:`",
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':')
);
text_id!(
    /// An administrative area by its GB/T 2260 code (`140600` Shuozhou) or a local one for a zone.
    AreaCode, "area code", 32, "1 to 32 letters, digits, `-`",
    |c| c.is_ascii_alphanumeric() || c == '-'
);

/// The number of one series in the lake; see [`crate::SeriesKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct SeriesId(pub u32);

/// The number of one packet as received. Grows by receipt and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FrameId(pub u64);
