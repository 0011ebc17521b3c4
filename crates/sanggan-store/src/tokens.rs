//! Tokens with which programs ask in a user's name.

use sanggan_base::Millis;
use sanggan_base::time::DAY_MS;
use serde::Serialize;
use serde_json::json;

use crate::db::{Row, Tx, args};
use crate::journal::{Entry, record};
use crate::session::{USED_GRAIN_MS, hash};
use crate::{Actor, Store, StoreError, User, user};

/// What every token begins with, so that it is known for one where it leaks.
pub const TOKEN_PREFIX: &str = "sgt_";
/// Tokens one user has at most that still work.
const MOST: i64 = 50;
/// Longest name in characters.
const LONGEST_NAME: usize = 80;
/// A token works at most so long.
const LONGEST_MS: i64 = 366 * DAY_MS;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Its number.
    pub id: i64,
    /// In whose name it asks.
    pub user: String,
    /// What it is for.
    pub name: String,
    /// Whether it may change anything.
    pub writes: bool,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
    /// When somebody revoked it.
    pub revoked_at: Option<Millis>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Whether it may change anything.
    pub writes: bool,
    /// When it ends; at most a year from now.
    pub expires_at: Millis,
}

/// A token with its secret, which is shown once.
#[derive(Clone)]
pub struct IssuedToken {
    /// What is kept.
    pub token: ApiToken,
    /// What a program shows: `sgt_` and 256 random bits.
    pub secret: String,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("token", &self.token).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a token for a user.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for its name or end, [`StoreError::Conflict`] when the user has too many,
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn create_token(
        &self,
        user: &str,
        new: NewToken,
        now: Millis,
    ) -> Result<IssuedToken, StoreError> {
        const ATTEMPT: &str = "make a token";
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let why = format!("wanted: 1 to {LONGEST_NAME} characters on one line");
            return Err(StoreError::BadInput { subject: "name of a token", why });
        }
        if new.expires_at <= now || new.expires_at > now.plus(LONGEST_MS) {
            let why = format!("wanted: a moment to come, at most {} days from now", LONGEST_MS / DAY_MS);
            return Err(StoreError::BadInput { subject: "end of a token", why });
        }
        let bytes: [u8; 32] = rand::random();
        let secret = format!("{TOKEN_PREFIX}{}", hex::encode(bytes));
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let there = "SELECT name FROM \"user\" WHERE name = ? AND NOT disabled";
        if tx.fetch_optional(ATTEMPT, there, args![user]).await?.is_none() {
            return Err(StoreError::NotFound { kind: "user", key: user.to_owned() });
        }
        let sql =
            "SELECT count(*) FROM api_token WHERE \"user\" = ? AND revoked_at IS NULL AND expires_at > ?";
        let live: i64 = tx.scalar(ATTEMPT, sql, args![user, now]).await?.unwrap_or(0);
        if live >= MOST {
            let why = format!("has {MOST} tokens already; revoke one first");
            return Err(StoreError::Conflict { kind: "user", key: user.to_owned(), why });
        }
        let sql = "INSERT INTO api_token (hash, \"user\", name, writes, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?) RETURNING *";
        let args = args![hash(&secret), user, name, new.writes, now, new.expires_at];
        let token = token(&tx.fetch_one(ATTEMPT, sql, args).await?)?;
        journal(tx, "token.create", &token, &Actor::User(user.to_owned()), now).await?;
        write.commit(ATTEMPT).await?;
        Ok(IssuedToken { token, secret })
    }

    /// The tokens of a user, or of everybody; the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tokens(&self, user: Option<&str>) -> Result<Vec<ApiToken>, StoreError> {
        let sql = "SELECT * FROM api_token WHERE ?1 IS NULL OR \"user\" = ?1 ORDER BY id DESC";
        let rows = self.db().fetch("read the tokens", sql, args![user]).await?;
        rows.iter().map(token).collect()
    }

    /// Revokes a token; with `user` only one of this user's. Revoking one that is revoked is fine.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also when it is another's.
    pub async fn revoke_token(
        &self,
        id: i64,
        user: Option<&str>,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "revoke a token";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "SELECT * FROM api_token WHERE id = ?1 AND (?2 IS NULL OR \"user\" = ?2)";
        let Some(row) = tx.fetch_optional(ATTEMPT, sql, args![id, user]).await? else {
            return Err(StoreError::NotFound { kind: "token", key: id.to_string() });
        };
        let mut token = token(&row)?;
        if token.revoked_at.is_none() {
            tx.execute(ATTEMPT, "UPDATE api_token SET revoked_at = ?2 WHERE id = ?1", args![id, now]).await?;
            token.revoked_at = Some(now);
            journal(tx, "token.revoke", &token, actor, now).await?;
        }
        write.commit(ATTEMPT).await
    }

    /// The user in whose name a token asks, and the token. `name`: the user the asker says it is of, if it does.
    /// Wrong tokens are throttled as wrong passwords are, by where they come from; a right one is never held up.
    ///
    /// # Errors
    /// [`StoreError::WrongPassword`] when it is unknown, ended, revoked or another's, or its user may not log in;
    /// [`StoreError::Throttled`].
    pub async fn token_user(
        &self,
        secret: &str,
        name: Option<&str>,
        peer: &str,
        now: Millis,
    ) -> Result<(User, ApiToken), StoreError> {
        const ATTEMPT: &str = "look up a token";
        if let Some(found) = self.live_token(secret, name, now).await? {
            let (_, token) = &found;
            if token.last_used_at.is_none_or(|used| now.0 - used.0 >= USED_GRAIN_MS) {
                let mut write = self.write(ATTEMPT).await?;
                let sql = "UPDATE api_token SET last_used_at = ?2 WHERE id = ?1";
                write.tx.execute(ATTEMPT, sql, args![token.id, now]).await?;
                write.commit(ATTEMPT).await?;
            }
            return Ok(found);
        }
        let of_peer = format!("token from {peer}");
        self.throttle(|throttle| throttle.begin(&of_peer, peer, now)).map_err(|wait_ms| {
            tracing::warn!(peer, wait_ms, "wrong tokens throttled");
            StoreError::Throttled { wait_s: u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000) }
        })?;
        tracing::warn!(peer, "a token was refused");
        Err(StoreError::WrongPassword)
    }

    /// The user and the token, if it works.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn live_token(
        &self,
        secret: &str,
        name: Option<&str>,
        now: Millis,
    ) -> Result<Option<(User, ApiToken)>, StoreError> {
        const ATTEMPT: &str = "look up a token";
        if !secret.starts_with(TOKEN_PREFIX) {
            return Ok(None);
        }
        let sql = "SELECT * FROM api_token WHERE hash = ? AND revoked_at IS NULL AND expires_at > ?";
        let Some(row) = self.db().fetch_optional(ATTEMPT, sql, args![hash(secret), now]).await? else {
            return Ok(None);
        };
        let token = token(&row)?;
        let sql = "SELECT * FROM \"user\" WHERE name = ? AND NOT disabled";
        let row = self.db().fetch_optional(ATTEMPT, sql, args![&token.user]).await?;
        match row {
            Some(row) if name.is_none_or(|name| name == token.user) => Ok(Some((user::user(&row)?, token))),
            _ => Ok(None),
        }
    }
}

async fn journal(
    tx: &mut Tx,
    action: &'static str,
    token: &ApiToken,
    actor: &Actor,
    at: Millis,
) -> Result<(), StoreError> {
    let said = json!({
        "user": token.user, "name": token.name, "writes": token.writes, "expires_at": token.expires_at.0
    });
    let (before, after) = if token.revoked_at.is_some() { (Some(said), None) } else { (None, Some(said)) };
    let subject = token.id.to_string();
    let (version, changes) = (None, None);
    let entry = Entry {
        at,
        actor,
        action,
        subject_kind: "token",
        subject: &subject,
        version,
        changes,
        before,
        after,
        why: "",
    };
    record(tx, entry).await.map(drop)
}

fn token(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: row.int("id")?,
        user: row.text("user")?,
        name: row.text("name")?,
        writes: row.bool("writes")?,
        created_at: Millis(row.int("created_at")?),
        expires_at: Millis(row.int("expires_at")?),
        last_used_at: row.optional("last_used_at")?.map(Millis),
        revoked_at: row.optional("revoked_at")?.map(Millis),
    })
}
