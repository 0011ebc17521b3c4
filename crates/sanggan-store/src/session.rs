//! Logging in, and staying so.

use sanggan_base::Millis;

use sm3::{Digest, Sm3};

use crate::db::{Tx, args};
use crate::journal::{Entry, record};
use crate::{Actor, Store, StoreError, User, user};

/// Milliseconds after which the time of the last request is written again; each request would be a write otherwise.
pub(crate) const USED_GRAIN_MS: i64 = 60_000;

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
        const ATTEMPT: &str = "log in";
        self.throttle(|throttle| throttle.begin(name, peer, now)).map_err(|wait_ms| {
            tracing::warn!(name, peer, wait_ms, "log-in throttled");
            StoreError::Throttled { wait_s: u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000) }
        })?;
        let sql = "SELECT password_hash FROM \"user\" WHERE name = ? AND NOT disabled";
        let stored: Option<String> = self.db().scalar(ATTEMPT, sql, args![name]).await?;
        if !self.is_password(password, stored.clone()).await? {
            tracing::warn!(name, peer, "log-in failed");
            return Err(StoreError::WrongPassword);
        }
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        // Only if the password is still the one that was checked.
        let sql = "UPDATE \"user\" SET last_log_in = ?2
             WHERE name = ?1 AND password_hash = ?3 AND NOT disabled RETURNING *";
        let Some(row) = tx.fetch_optional(ATTEMPT, sql, args![name, now, stored]).await? else {
            return Err(StoreError::WrongPassword);
        };
        let begun = self.begin(tx, user::user(&row)?, peer, now).await?;
        write.commit(ATTEMPT).await?;
        self.throttle(|throttle| throttle.succeeded(name, peer));
        Ok(begun)
    }

    /// Begins a session of a user who has shown who they are.
    pub(crate) async fn begin(
        &self,
        tx: &mut Tx,
        user: User,
        peer: &str,
        now: Millis,
    ) -> Result<LogIn, StoreError> {
        let bytes: [u8; 32] = rand::random();
        let token = SessionToken(hex::encode(bytes));
        let ends_at = now.plus(self.inner.sessions.absolute_ms);
        let sql = "INSERT INTO session (token_hash, \"user\", created_at, used_at, ends_at, peer)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5)";
        tx.execute("log in", sql, args![hash(token.as_str()), &user.name, now, ends_at, peer]).await?;
        let entry = Entry {
            at: now,
            actor: &Actor::User(user.name.clone()),
            action: "session.begin",
            subject_kind: "user",
            subject: &user.name,
            before: None,
            version: None,
            changes: None,
            after: Some(serde_json::json!({ "peer": peer })),
            why: "",
        };
        record(tx, entry).await?;
        Ok(LogIn { token, user, ends_at })
    }

    /// The user of a session token, or `None` when it is unknown, ended, or its user may not log in any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(&self, token: &str, now: Millis) -> Result<Option<User>, StoreError> {
        const ATTEMPT: &str = "look up a session";
        let token_hash = hash(token);
        let sql = "SELECT \"user\".*, session.used_at FROM session JOIN \"user\" ON \"user\".name = session.\"user\"
             WHERE token_hash = ? AND NOT disabled AND ends_at > ? AND used_at > ?";
        let used_since = now.0.saturating_sub(self.inner.sessions.idle_ms);
        let row = self.db().fetch_optional(ATTEMPT, sql, args![&token_hash, now, used_since]).await?;
        let Some(row) = row else { return Ok(None) };
        let used_at = row.int("used_at")?;
        if now.0 - used_at >= USED_GRAIN_MS.min(self.inner.sessions.idle_ms / 2) {
            let mut write = self.write(ATTEMPT).await?;
            let sql = "UPDATE session SET used_at = ?2 WHERE token_hash = ?1 AND used_at < ?2";
            write.tx.execute(ATTEMPT, sql, args![&token_hash, now]).await?;
            write.commit(ATTEMPT).await?;
        }
        user::user(&row).map(Some)
    }

    /// Ends a session; ending one that is not there is fine.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_out(&self, token: &str, now: Millis) -> Result<(), StoreError> {
        const ATTEMPT: &str = "log out";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "DELETE FROM session WHERE token_hash = ? RETURNING \"user\"";
        let user: Option<String> = tx.scalar(ATTEMPT, sql, args![hash(token)]).await?;
        if let Some(name) = user {
            let entry = Entry {
                at: now,
                actor: &Actor::User(name.clone()),
                action: "session.end",
                subject_kind: "user",
                subject: &name,
                before: None,
                version: None,
                changes: None,
                after: None,
                why: "",
            };
            record(tx, entry).await?;
        }
        write.commit(ATTEMPT).await
    }

    pub(crate) fn throttle<T>(&self, with: impl FnOnce(&mut crate::throttle::Throttle) -> T) -> T {
        // A panic while it was held cannot leave it worse than a wrong count.
        let mut throttle = self.inner.throttle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        with(&mut throttle)
    }
}

/// What is stored of a token. It is random and long, so a fast hash is enough.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(Sm3::digest(token.as_bytes()))
}
