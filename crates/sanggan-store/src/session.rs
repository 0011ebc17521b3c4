//! Logging in, and staying so.

use sanggan_base::Millis;

use crate::{Store, StoreError, User};

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// Milliseconds without a request after which it ends.
    pub idle_ms: i64,
    /// Milliseconds after log-in after which it ends in any case.
    pub absolute_ms: i64,
}

impl Default for SessionRules {
    fn default() -> Self {
        SessionRules { idle_ms: 2 * 3_600_000, absolute_ms: 12 * 3_600_000 }
    }
}

/// The secret of a session (256 random bits, hexadecimal). Only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(pub(crate) String);

impl SessionToken {
    /// The text for the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// A successful log-in.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// The secret for the cookie.
    pub token: SessionToken,
    /// Who it is.
    pub user: User,
    /// When the session ends at the latest.
    pub ends_at: Millis,
}

impl Store {
    /// Checks name and password and begins a session. Takes the same time whether the name exists or not.
    ///
    /// # Errors
    /// [`StoreError::WrongPassword`], [`StoreError::Throttled`] after repeated failures of the name or the peer.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        peer: &str,
        now: Millis,
    ) -> Result<LogIn, StoreError> {
        let _ = (name, password, peer, now);
        todo!()
    }

    /// The user of a session token, or `None` when it is unknown, ended, or its user may not log in any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(&self, token: &str, now: Millis) -> Result<Option<User>, StoreError> {
        let _ = (token, now);
        todo!()
    }

    /// Ends a session; ending one that is not there is fine.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_out(&self, token: &str, now: Millis) -> Result<(), StoreError> {
        let _ = (token, now);
        todo!()
    }
}
