//! Definition files: what holds in any Chinese city (`packs/china`) and what is one city's (`packs/<city>`),
//! read as text, checked, and given out as types.
//!
//! Knows no file system, no network, no clock: it takes text and gives types. Reading a folder is the binary's job.
//!
//! Read first: [`Pack`], [`Station`], [`ParameterTable`], [`RegisterDef`], [`Registers`].
//!
//! * PACK-1: a [`Pack`] is whole: every station lies in an area of the city, every device has a station, every
//!   limit and binding names a parameter of the table in a unit that converts to the platform's.
//! * PACK-2: all faults of all files are reported together, each with file, line and key.
//! * PACK-3: the parameter table says which unit a value has inside the platform and which unit the wire's table
//!   prints; a device's binding may say otherwise, nothing else may.
//! * PACK-4: a [`RegisterDef`] is whole: every field, list, department, state and register it names is there and of the
//!   right kind. Its formulas are text here; whoever judges records compiles them.

mod check;
mod city;
mod coverage;
mod defaults;
mod embedded;
mod fault;
mod monitor;
mod pack;
mod parameter;
mod raw;
pub mod reference;
mod register;
mod resolve;
mod test_names;

pub use city::{Area, City};
pub use coverage::{Coverage, CoverageRow, CoverageState, CoverageTotals, PlanRow};
pub use defaults::{ClockRule, Defaults, KindRule};
pub use fault::{PackFault, PackFaults};
pub use monitor::{
    Averaging, Binding, Bound, DemoStation, Device, LimitLine, LimitStatus, MonitorSet, Name, Position,
    ProtocolEdition, SimulatedParameter, StampConvention, Station, StationKind,
};
pub use pack::{Files, Pack, Seed};
pub use parameter::{ByMedium, InMedium, Medium, Parameter, ParameterTable, PlausibleRange, WireField};
pub use register::migrate;
pub use register::{
    BufferRule, ChainRole, Department, Field, FieldKind, Geometry, Gives, GraphRole, Group, Lifecycle, Lines,
    NamedValue, Office, Period, PublicView, RegisterDef, Registers, Review, State, Transition, ZoneRole,
};
pub use test_names::test_names;
