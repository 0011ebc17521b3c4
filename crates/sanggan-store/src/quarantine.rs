//! Devices that signed in without being known, until someone decides.

use sanggan_base::{AreaCode, Millis, Mn, StationCode};
use sanggan_pack::{Device, Name, Station, StationKind};
use serde::{Deserialize, Serialize};

use crate::{Actor, Store, StoreError};

/// Why a frame's device is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// No device has this number.
    UnknownMn,
    /// The device is known, and the password it sent is another.
    WrongPassword,
}

/// What has been decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// Nothing yet.
    Waiting,
    /// It is a device now.
    Admitted,
    /// Its frames are not wanted.
    Refused,
}

/// What the gateway saw of a device in quarantine since it last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The number it signed in with.
    pub mn: Mn,
    /// When the first of these frames came.
    pub first_at: Millis,
    /// When the last of these frames came.
    pub last_at: Millis,
    /// How many these are.
    pub frames: u64,
    /// From where the last came.
    pub peer: String,
    /// System code (ST) of the last.
    pub st: Option<String>,
    /// The password the last sent; kept so that admitting can adopt it, shown to nobody.
    pub password: Option<String>,
    /// Text of the last frame, cut to 1,024 characters.
    pub sample_frame: String,
    /// Why it is here.
    pub reason: QuarantineReason,
}

/// One row of the quarantine list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// The number it signs in with.
    pub mn: Mn,
    /// When it first came.
    pub first_seen: Millis,
    /// When it last came.
    pub last_seen: Millis,
    /// Frames received of it while in quarantine.
    pub frames: u64,
    /// From where it last came.
    pub peer: String,
    /// System code (ST) it sent.
    pub st: Option<String>,
    /// Text of its last frame, the password blotted out.
    pub sample_frame: String,
    /// Why it is here.
    pub reason: QuarantineReason,
    /// What has been decided.
    pub state: QuarantineState,
}

/// A station to be made for an admitted device.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStation {
    /// Its code; not yet taken.
    pub code: StationCode,
    /// Its name.
    pub name: Name,
    /// What sort of place it is.
    pub kind: StationKind,
    /// The area it lies in.
    pub area: AreaCode,
    /// Degrees east.
    #[serde(default)]
    pub lon: Option<f64>,
    /// Degrees north.
    #[serde(default)]
    pub lat: Option<f64>,
}

/// How a device is let in.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// It belongs to a station that exists.
    At(StationCode),
    /// A station is made for it.
    New(NewStation),
}

impl Store {
    /// Adds what was seen of unknown devices; a waiting or refused one keeps its state, an admitted one that comes
    /// with a wrong password waits again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn quarantine_seen(&self, sightings: &[Sighting]) -> Result<(), StoreError> {
        let _ = sightings;
        todo!()
    }

    /// The devices that wait or were refused, the latest first; admitted ones too when `all`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn quarantine(&self, all: bool) -> Result<Vec<Quarantined>, StoreError> {
        let _ = all;
        todo!()
    }

    /// Makes a device of a quarantined number. `password`: what it must send from now on; `None` adopts the one it
    /// sent last. The caller then decodes the frames kept meanwhile.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a number not in quarantine or a station that is not there,
    /// [`StoreError::Conflict`] when the new station's code is taken.
    pub async fn admit(
        &self,
        mn: &Mn,
        admission: Admission,
        password: Option<String>,
        actor: &Actor,
        now: Millis,
    ) -> Result<(Station, Device), StoreError> {
        let _ = (mn, admission, password, actor, now);
        todo!()
    }

    /// Refuses a quarantined number: it stays listed, its further frames need not be kept.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn refuse(&self, mn: &Mn, why: &str, actor: &Actor, now: Millis) -> Result<(), StoreError> {
        let _ = (mn, why, actor, now);
        todo!()
    }
}
