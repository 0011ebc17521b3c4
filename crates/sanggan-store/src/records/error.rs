//! What an operation on records may fail with.

use sanggan_base::ErrorCode;
use sanggan_records::{Link, Record, Refusal, Why};

use crate::StoreError;

/// Says what was attempted, on what, and why it failed.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The base failed, or what it was asked is no question.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such register.
    #[error("there is no register `{0}`")]
    NoRegister(String),
    /// There is no such record, or it is not seen by who asks.
    #[error("there is no record {rid} in the register `{register}`")]
    NoRecord {
        /// The register.
        register: String,
        /// The number.
        rid: i64,
    },
    /// Somebody changed the record meanwhile ([`sanggan_records::step`] tells, and here is what it is now).
    #[error("record {} of the register `{register}` is at version {}, the change was made from version {seen}: read it again", current.id, current.version)]
    Stale {
        /// The register.
        register: String,
        /// The version the change was made from.
        seen: u32,
        /// The record as it is.
        current: Box<Record>,
    },
    /// Rights, values, state or condition forbid it, or the tables do: a fault `unique` or `reference` says in its
    /// words which other record stands in the way.
    #[error("{0}")]
    Refused(Refusal),
    /// Other records refer to one that was to be taken out.
    #[error(
        "record {rid} of the register `{register}` cannot be taken out: {total} records refer to it; change or take out these first"
    )]
    Referred {
        /// The register.
        register: String,
        /// The number.
        rid: i64,
        /// How many.
        total: u64,
        /// The first of them.
        by: Vec<Link>,
    },
    /// The question names what the register does not have.
    #[error("cannot ask the register `{register}`: {why}")]
    BadAsk {
        /// The register.
        register: String,
        /// What is wrong and what would be right.
        why: String,
    },
    /// The new definitions would lose data.
    #[error("cannot bring the registers to their new definitions: {}", whys.join("; "))]
    WouldLose {
        /// Each loss and what to do about it.
        whys: Vec<String>,
    },
}

impl RecordsError {
    /// The word a client may act on.
    pub fn code(&self) -> ErrorCode {
        match self {
            RecordsError::Store(error) => error.code(),
            RecordsError::NoRegister(_) | RecordsError::NoRecord { .. } => ErrorCode::NotFound,
            RecordsError::Stale { .. } | RecordsError::Referred { .. } | RecordsError::WouldLose { .. } => {
                ErrorCode::Conflict
            }
            RecordsError::Refused(refusal) => match refusal.why {
                Why::Rights => ErrorCode::Forbidden,
                Why::Version | Why::State => ErrorCode::Conflict,
                Why::Unknown => ErrorCode::NotFound,
                Why::Faults | Why::Condition | Why::Reason => ErrorCode::BadInput,
            },
            RecordsError::BadAsk { .. } => ErrorCode::BadInput,
        }
    }
}
