//! The one list of error codes that leave the program (HTTP problem type, exit code, log field).

/// What went wrong, in a word that a client may act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request or file is malformed; sending it again will not help.
    BadInput,
    /// The request has more in it than one answer can hold; send it in parts.
    TooLarge,
    /// Nobody is logged in, or the log-in was wrong.
    Unauthenticated,
    /// The user may not do this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The thing is in a state that does not allow this.
    Conflict,
    /// Too many tries; wait.
    Throttled,
    /// The store is full or unreachable; try again later.
    Unavailable,
    /// A fault of the program.
    Internal,
}

impl ErrorCode {
    /// The name in problem documents and logs.
    pub fn name(self) -> &'static str {
        match self {
            ErrorCode::BadInput => "bad_input",
            ErrorCode::TooLarge => "too_large",
            ErrorCode::Unauthenticated => "unauthenticated",
            ErrorCode::Forbidden => "forbidden",
            ErrorCode::NotFound => "not_found",
            ErrorCode::Conflict => "conflict",
            ErrorCode::Throttled => "throttled",
            ErrorCode::Unavailable => "unavailable",
            ErrorCode::Internal => "internal",
        }
    }

    /// Whether the same request may succeed later.
    pub fn can_retry(self) -> bool {
        matches!(self, ErrorCode::Throttled | ErrorCode::Unavailable)
    }
}
