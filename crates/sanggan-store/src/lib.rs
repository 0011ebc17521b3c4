//! What people and the platform decide: stations, devices, limits, quarantine, users, sessions, and the journal of
//! every change of these, in one SQLite file or one PostgreSQL database.
//!
//! Knows no HTTP, no wire protocol and no clock: the time of every operation is an argument.
//! The only crate that names a SQL driver for the registers.
//!
//! Read first: [`Store`], [`Registry`], [`rights::allowed`].
//!
//! * STORE-1: every change writes its journal entry in the same transaction.
//! * STORE-2: the [`Registry`] that readers hold never changes; a change makes a new one, visible to every reader
//!   that asks after the operation returned.
//! * STORE-3: no user's password and no session token is stored, only what can check one. (A device's password is
//!   stored as it is: the wire sends it in clear, and a new logger must be given it.)
//! * STORE-4: seeding never overwrites what a person changed or removed.

mod attachments;
mod db;
mod error;
mod journal;
mod monitor;
mod outside;
mod password;
mod quarantine;
pub mod records;
mod registry;
pub mod rights;
mod rows;
mod session;
mod store;
mod throttle;
mod tokens;
mod user;
mod views;

pub use attachments::{Attachment, Attachments, Upload};
pub use error::StoreError;
pub use journal::{Actor, Event, EventFilter, JournalEntry, JournalHead, JournalTile};
pub use monitor::SeedReport;
pub use outside::OutsideUser;
pub use quarantine::{Admission, NewStation, QuarantineReason, QuarantineState, Quarantined, Sighting};
pub use registry::Registry;
pub use rights::{Operation, Role};
pub use session::{LogIn, SessionRules, SessionToken};
pub use store::Store;
pub use throttle::ThrottleRules;
pub use tokens::{ApiToken, IssuedToken, NewToken, TOKEN_PREFIX};
pub use user::{Details, FirstPassword, NewUser, User, UserChange};
pub use views::{NewView, SavedView};
