//! The lake: frames as received, observations, statistics. Durable before acknowledged, queryable at once.
//!
//! Knows no protocol and no user, and of the law only how to ask it, for the functions of the SQL catalog. The only
//! crate that names DataFusion, Delta and rusqlite.
//! Public functions that run the engine return boxed futures, so that callers do not compile it again.
//!
//! Read first: [`Lake`], [`NewFrame`], [`ReadQuery`].
//!
//! * LAKE-1: when [`Lake::append`] returns `Ok`, the batch survives `kill -9` and power loss, and is there once.
//! * LAKE-2: nothing stored is ever changed; a correction is a later version (`recorded_at`).
//! * LAKE-3: `recorded_at` never goes backwards, whatever the clock does.
//! * LAKE-4: sealing moves rows, it never loses or doubles one, wherever it is interrupted.
//!
//! # How it works
//!
//! A batch is written to `hot.sqlite` (append-only tables, one transaction and one sync for all callers that
//! wait), shown to readers in memory, and told on the bus. [`Lake::seal`] writes the oldest commits as sorted
//! Parquet files, names them in one Delta commit that also says how far it reaches, and only then deletes them
//! from the hot store. A row whose time is the greatest so far of its series in its month is a *main* row, so
//! there is one a key; every other row (repeat, correction, straggler) is a *late* row with a growing revision.
//! The current version of a key is its newest late row, else its main row.

mod answer;
mod error;
mod external;
mod frame;
mod hot;
mod lake;
mod law;
mod month;
mod options;
mod parquet_text;
mod query;
mod sealed;
mod series;
mod shared;
mod statistic;

pub use answer::{Column, LakeStatus, ReadQuery, SealReport, Table};
pub use error::{BoxError, LakeError};
pub use external::{Cell, ColumnKind, ExternalColumn, ExternalTable, ParquetRows, Rows};
pub use frame::{Committed, CommittedFrame, Frame, FrameQuery, FrameStatus, NewFrame};
pub use lake::{BoxFuture, Lake};
pub use options::{Clock, LakeOptions};
pub use parquet_text::{read_parquet_text, write_parquet_text};
pub use statistic::{NewStatistic, Statistic};
