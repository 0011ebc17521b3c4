//! What an operation on the store may fail with.

use std::path::PathBuf;

use sanggan_base::ErrorCode;

/// Says what was attempted, on what, and why it failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file could not be opened or made.
    #[error("could not open the store `{path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The address of the database is none.
    #[error(
        "the address of the store is not understood ({why}); wanted: `sqlite:<file>` or \
             `postgres://<user>:<password>@<host>:<port>/<database>`"
    )]
    BadUrl {
        /// What is wrong with it; never the address itself, which may hold a password.
        why: String,
    },
    /// The database server could not be reached or refused.
    #[error(
        "could not connect to the store `{place}`; see that the server runs, and that user and database are there"
    )]
    Connect {
        /// Where, without the password.
        place: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The connection to the database server was lost, or none came free.
    #[error("could not {attempt}: the database is not reached; once it runs again, so does this")]
    Unreachable {
        /// What was attempted, as a verb with its subject.
        attempt: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The tables could not be brought to this program's version.
    #[error("could not migrate the store `{path}`")]
    Migrate {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// A statement failed.
    #[error("could not {attempt}")]
    Query {
        /// What was attempted, as a verb with its subject.
        attempt: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A file of the data folder could not be read or written.
    #[error("could not {attempt} (`{path}`); see that the data folder is there, writable and not full")]
    File {
        /// What was attempted, as a verb with its subject.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A stored text is not what this program writes there.
    #[error("could not read {what} from the store: `{text}`")]
    Corrupt {
        /// Which column.
        what: &'static str,
        /// What stands there.
        text: String,
    },
    /// There is no such thing.
    #[error("there is no {kind} `{key}`")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Under which key.
        key: String,
    },
    /// The thing is in a state that does not allow this.
    #[error("{kind} `{key}`: {why}")]
    Conflict {
        /// What.
        kind: &'static str,
        /// Which.
        key: String,
        /// Why it does not go.
        why: String,
    },
    /// The input breaks a rule.
    #[error("{subject}: {why}")]
    BadInput {
        /// What was given.
        subject: &'static str,
        /// The rule it broke.
        why: String,
    },
    /// Name or password is wrong; which of them is not said.
    #[error("wrong name or password")]
    WrongPassword,
    /// Too many tries.
    #[error("too many failed log-ins; wait {wait_s} s")]
    Throttled {
        /// Seconds until the next try is looked at.
        wait_s: u64,
    },
    /// A password could not be hashed.
    #[error("could not hash the password: {0}")]
    Hash(String),
    /// A worker thread ended without an answer.
    #[error("could not finish {attempt}")]
    Worker {
        /// What it was doing.
        attempt: &'static str,
        /// Why.
        #[source]
        source: tokio::task::JoinError,
    },
}

impl StoreError {
    /// The word a client may act on.
    pub fn code(&self) -> ErrorCode {
        match self {
            StoreError::Open { .. } | StoreError::Connect { .. } | StoreError::Unreachable { .. } => {
                ErrorCode::Unavailable
            }
            StoreError::BadUrl { .. } => ErrorCode::BadInput,
            StoreError::Query { source, .. } => match source {
                // Class 22: a value that the base cannot hold (a NUL in a text, say).
                sqlx::Error::Database(error) if error.code().is_some_and(|code| code.starts_with("22")) => {
                    ErrorCode::BadInput
                }
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Database(_) => {
                    ErrorCode::Unavailable
                }
                _ => ErrorCode::Internal,
            },
            StoreError::Migrate { .. }
            | StoreError::Corrupt { .. }
            | StoreError::File { .. }
            | StoreError::Hash(_)
            | StoreError::Worker { .. } => ErrorCode::Internal,
            StoreError::NotFound { .. } => ErrorCode::NotFound,
            StoreError::Conflict { .. } => ErrorCode::Conflict,
            StoreError::BadInput { .. } => ErrorCode::BadInput,
            StoreError::WrongPassword => ErrorCode::Unauthenticated,
            StoreError::Throttled { .. } => ErrorCode::Throttled,
        }
    }
}
