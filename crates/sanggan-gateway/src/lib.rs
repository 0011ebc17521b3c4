//! The gateway: takes in what data loggers send by HJ 212, over TCP or from files.
//!
//! Knows no law, no statistics and no HTTP. What a packet says is the codec's business, where it is kept the
//! lake's, who may send the store's; here they are brought together.
//!
//! Read first: [`Intake`] (the way of every packet), [`Gateway`] (the listener), [`Import`] (files).
//!
//! * GATE-1: a packet is answered only after it, and every reading of it, is durable.
//! * GATE-2: packets of one device reach the lake in the order in which they were judged.
//! * GATE-3: nothing is dropped without being counted; what carries anything at all is kept as received.
//! * GATE-4: memory is bounded by [`GatewaySettings`], whatever peers do; when the lake is slow, sockets are not
//!   read.
//! * GATE-5: a repeated packet changes nothing and is answered again; a repeat with other values is a correction.

mod admit;
mod binding;
mod command;
mod connection;
mod defects;
mod device;
mod error;
mod gateway;
mod import;
mod intake;
mod judge;
mod live;
mod meters;
mod parts;
mod pipeline;
mod recall;
mod repeats;
mod settings;

pub use admit::AdmissionReport;
pub use command::CommandReport;
pub use defects::{DefectInfo, GATEWAY_DEFECTS, describe_defect};
pub use error::GatewayError;
pub use gateway::{Gateway, ListenerSnapshot};
pub use import::{Import, ImportOptions, Kept, Outcome, Recorded};
pub use intake::{Intake, IntakeSnapshot, Parts};
pub use live::{DeviceEvent, DeviceState, DeviceStatus};
pub use meters::describe as describe_metrics;
pub use pipeline::Sink;
pub use settings::GatewaySettings;
