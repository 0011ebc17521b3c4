//! File, environment and arguments → settings.
//!
//! Knows no file system, no environment and no clock: the binary reads the file and the variables and hands them in.
//!
//! Read first: [`Settings`], [`Sources`], [`Settings::load`].
//!
//! * CONFIG-1: arguments win over the environment, that over the file, that over the defaults; nothing else counts.
//! * CONFIG-2: an unknown key or variable is a fault, never ignored; all faults are told together.

mod address;
mod reference;
mod secret;
mod settings;
mod source;

pub use address::StoreUrl;
pub use secret::Secret;
pub use settings::{
    DataSettings, GatewaySettings, HttpSettings, LakeSettings, LogFormat, LogSettings, OidcSettings,
    PackSettings, ScheduleSettings, Settings, StoreSettings,
};
pub use source::{ConfigFault, ConfigFaults, Sources};
