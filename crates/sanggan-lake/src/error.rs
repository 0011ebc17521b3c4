//! What can go wrong, by attempt.

use std::path::PathBuf;

/// An error from another crate, kept as the source.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the lake could not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The folder cannot be read or written, is in use by another process, or holds a damaged lake.
    #[error("could not open the lake in `{path}`")]
    Open {
        /// The lake's folder.
        path: PathBuf,
        /// What the file system or store said.
        #[source]
        source: BoxError,
    },
    /// The disk is full or fails: nothing of the batch was acknowledged; trying again later may succeed.
    #[error("could not make a batch of {frames} frames durable")]
    Commit {
        /// Frames of this caller in the batch.
        frames: usize,
        /// What the hot store said.
        #[source]
        source: BoxError,
    },
    /// The query is wrong, took too long, or a file could not be read.
    #[error("could not run the query")]
    Query {
        /// What the engine said.
        #[source]
        source: BoxError,
    },
    /// The SQL text is no single SELECT.
    #[error("only SELECT may be asked of the catalog")]
    NotReadOnly,
    /// Rows stay in the hot store; trying again later may succeed.
    #[error("could not seal {table}")]
    Seal {
        /// The table that was being written.
        table: &'static str,
        /// What the file system or the Delta log said.
        #[source]
        source: BoxError,
    },
    /// A Parquet file of somebody else cannot be opened or is damaged.
    #[error("could not read the Parquet file `{path}`")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        source: BoxError,
    },
    /// [`crate::Lake::close`] was called.
    #[error("the lake is closed")]
    Closed,
}

impl LakeError {
    pub(crate) fn query(source: impl Into<BoxError>) -> LakeError {
        LakeError::Query { source: source.into() }
    }
}

/// One failure told to every caller of a group commit.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the hot store refused the transaction")]
pub(crate) struct SharedError(#[source] pub(crate) std::sync::Arc<rusqlite::Error>);
