//! The records of registers: one typed table each, with history, search, map and due dates.
//!
//! Whether a record is sound is not asked here: the values that come in are checked and computed by
//! [`sanggan_records`]. What only the tables can tell is: that what it refers to exists, that it is unique, that
//! nobody changed it meanwhile.
//!
//! Read first: [`Store::define`](crate::Store::define), [`Store::act`](crate::Store::act), [`Store::records`](crate::Store::records), [`RecordsError`].
//!
//! * REG-1: a change, its journal entry, its search words and its place on the map are one transaction.
//! * REG-2: a record's number is never used again.
//! * REG-3: SQLite and PostgreSQL give the same answers, in the same order.
//! * REG-4: no page costs more for standing further back: there is no offset.

mod act;
mod api;
mod define;
mod error;
mod geopackage;
mod guard;
mod import;
mod list;
mod past;
mod put;
mod question;
mod read;
mod row;
mod schema;
mod select;
mod table;
mod tile;
mod words;

pub use api::{
    Counts, Defined, DueRecord, FieldChange, GeopackageFeature, GeopackageLayer, ImportDone, ImportMatch,
    ImportMode, ImportPlan, ImportProgress, ImportRow, Place, Progress, RecordEvent, RegisterChange, Related,
    RowFault, Seen,
};
pub use error::RecordsError;
pub use geopackage::read_geopackage;
pub(crate) use table::Tables;
