//! Users and their passwords.

use sanggan_base::Millis;
use serde::{Deserialize, Serialize};

use crate::db::{Row, Tx, args};
use crate::journal::{Entry, record};
use crate::password::{check_strength, made_up};
use crate::{Actor, Role, Store, StoreError};

/// Name of the administrator made at the first start.
const FIRST_ADMIN: &str = "admin";
/// Longest name in characters.
const LONGEST_NAME: usize = 32;

/// One who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The name to log in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may do nothing else before they have changed their password.
    pub must_change_password: bool,
    /// Whether they may log in at all.
    pub disabled: bool,
    /// Since when they exist.
    pub created_at: Millis,
    /// Last log-in.
    pub last_log_in: Option<Millis>,
}

/// A user to be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 1 to 32 letters, digits, `.`, `_`, `-`; log-in looks at case.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password they begin with; they must change it at the first log-in.
    pub password: String,
}

/// What to change of a user; `None`: leave as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The new role.
    pub role: Option<Role>,
    /// Whether they may log in.
    pub disabled: Option<bool>,
    /// A new password, which they must change at the next log-in; ends their sessions.
    pub password: Option<String>,
}

/// The first administrator's name and password, to be shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPassword {
    /// The name.
    pub name: String,
    /// The password, in clear.
    pub password: String,
}

impl Store {
    /// Makes the administrator `admin` with a random password when there is no user at all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ensure_first_admin(&self, now: Millis) -> Result<Option<FirstPassword>, StoreError> {
        const ATTEMPT: &str = "make the first administrator";
        let password = made_up();
        let hash = self.hash_password(&password).await?;
        let mut write = self.write(ATTEMPT).await?;
        if write.tx.fetch_optional(ATTEMPT, "SELECT name FROM \"user\" LIMIT 1", args![]).await?.is_some() {
            return Ok(None);
        }
        let user = fresh(FIRST_ADMIN, Role::Admin, now);
        insert(&mut write.tx, &user, &hash, &Actor::System, "first start").await?;
        write.commit(ATTEMPT).await?;
        Ok(Some(FirstPassword { name: user.name, password }))
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for a bad name or a weak password, [`StoreError::Conflict`] when the name is taken.
    pub async fn create_user(&self, new: NewUser, actor: &Actor, now: Millis) -> Result<User, StoreError> {
        const ATTEMPT: &str = "make a user";
        let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        if new.name.is_empty() || new.name.chars().count() > LONGEST_NAME || !new.name.chars().all(good) {
            let why = format!("wanted: 1 to {LONGEST_NAME} letters, digits, `.`, `_`, `-`");
            return Err(StoreError::BadInput { subject: "user name", why });
        }
        check_strength(&new.name, &new.password)?;
        let hash = self.hash_password(&new.password).await?;
        let mut write = self.write(ATTEMPT).await?;
        if read(&mut write.tx, &new.name).await?.is_some() {
            let why = "the name is taken".to_owned();
            return Err(StoreError::Conflict { kind: "user", key: new.name, why });
        }
        let user = fresh(&new.name, new.role, now);
        insert(&mut write.tx, &user, &hash, actor, "").await?;
        write.commit(ATTEMPT).await?;
        Ok(user)
    }

    /// Changes a user. Refuses to leave the platform without an administrator who may log in.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Conflict`], [`StoreError::BadInput`].
    pub async fn change_user(
        &self,
        name: &str,
        change: UserChange,
        actor: &Actor,
        now: Millis,
    ) -> Result<User, StoreError> {
        const ATTEMPT: &str = "change a user";
        let hash = match &change.password {
            Some(password) => {
                check_strength(name, password)?;
                Some(self.hash_password(password).await?)
            }
            None => None,
        };
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let Some((before, _)) = read(tx, name).await? else {
            return Err(StoreError::NotFound { kind: "user", key: name.to_owned() });
        };
        let after = User {
            role: change.role.unwrap_or(before.role),
            disabled: change.disabled.unwrap_or(before.disabled),
            must_change_password: before.must_change_password || hash.is_some(),
            ..before.clone()
        };
        let sql = "UPDATE \"user\" SET role = ?2, disabled = ?3, must_change_password = ?4,
                 password_hash = coalesce(?5, password_hash) WHERE name = ?1";
        let args =
            args![name, after.role.name(), after.disabled, after.must_change_password, hash.as_deref()];
        tx.execute(ATTEMPT, sql, args).await?;
        let sql = "SELECT name FROM \"user\" WHERE role = 'admin' AND NOT disabled LIMIT 1";
        if tx.fetch_optional(ATTEMPT, sql, args![]).await?.is_none() {
            let why = "the platform needs an administrator who may log in".to_owned();
            return Err(StoreError::Conflict { kind: "user", key: name.to_owned(), why });
        }
        if hash.is_some() || after.disabled {
            end_sessions(tx, name).await?;
        }
        let why = if hash.is_some() { "with a new password" } else { "" };
        journal(tx, "user.change", Some(&before), &after, actor, now, why).await?;
        write.commit(ATTEMPT).await?;
        Ok(after)
    }

    /// Every user, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let sql = "SELECT * FROM \"user\" ORDER BY name";
        let rows = self.db().fetch("read the users", sql, args![]).await?;
        rows.iter().map(user).collect()
    }

    /// Changes one's own password and ends all of one's sessions; the caller may begin a new one at once.
    ///
    /// # Errors
    /// [`StoreError::WrongPassword`] when `old` is wrong, [`StoreError::BadInput`] when `new` is too weak.
    pub async fn change_password(
        &self,
        name: &str,
        old: &str,
        new: &str,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "change a password";
        check_strength(name, new)?;
        let sql = "SELECT password_hash FROM \"user\" WHERE name = ? AND NOT disabled";
        let stored: Option<String> = self.db().scalar(ATTEMPT, sql, args![name]).await?;
        if !self.is_password(old, stored.clone()).await? {
            return Err(StoreError::WrongPassword);
        }
        if old == new {
            let why = "it must be another than the old one".to_owned();
            return Err(StoreError::BadInput { subject: "password", why });
        }
        let hash = self.hash_password(new).await?;
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        // Only if nobody else has changed it meanwhile.
        let sql = "UPDATE \"user\" SET password_hash = ?2, must_change_password = ?4
             WHERE name = ?1 AND password_hash = ?3 AND NOT disabled";
        let changed = tx.execute(ATTEMPT, sql, args![name, &hash, stored, false]).await?;
        let Some((after, _)) = read(tx, name).await?.filter(|_| changed == 1) else {
            return Err(StoreError::WrongPassword);
        };
        end_sessions(tx, name).await?;
        journal(tx, "user.password", None, &after, &Actor::User(name.to_owned()), now, "").await?;
        write.commit(ATTEMPT).await
    }
}

fn fresh(name: &str, role: Role, now: Millis) -> User {
    User {
        name: name.to_owned(),
        role,
        must_change_password: true,
        disabled: false,
        created_at: now,
        last_log_in: None,
    }
}

async fn insert(tx: &mut Tx, user: &User, hash: &str, actor: &Actor, why: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO \"user\" (name, role, password_hash, must_change_password, disabled, created_at)
         VALUES (?, ?, ?, ?, ?, ?)";
    let args =
        args![&user.name, user.role.name(), hash, user.must_change_password, user.disabled, user.created_at];
    tx.execute("make a user", sql, args).await?;
    journal(tx, "user.create", None, user, actor, user.created_at, why).await
}

async fn journal(
    tx: &mut Tx,
    action: &'static str,
    before: Option<&User>,
    after: &User,
    actor: &Actor,
    at: Millis,
    why: &str,
) -> Result<(), StoreError> {
    let json = |user: &User| {
        serde_json::json!({
            "role": user.role.name(),
            "disabled": user.disabled,
            "must_change_password": user.must_change_password,
        })
    };
    let (subject_kind, subject) = ("user", after.name.as_str());
    let (before, after) = (before.map(json), Some(json(after)));
    let (version, changes) = (None, None);
    let entry = Entry { at, actor, action, subject_kind, subject, version, changes, before, after, why };
    record(tx, entry).await.map(drop)
}

async fn end_sessions(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM session WHERE \"user\" = ?";
    tx.execute("end the sessions of a user", sql, args![name]).await.map(drop)
}

/// The user and the hash of their password.
async fn read(tx: &mut Tx, name: &str) -> Result<Option<(User, String)>, StoreError> {
    let row = tx.fetch_optional("read a user", "SELECT * FROM \"user\" WHERE name = ?", args![name]).await?;
    row.map(|row| Ok((user(&row)?, row.text("password_hash")?))).transpose()
}

pub(crate) fn user(row: &Row) -> Result<User, StoreError> {
    let role = row.text("role")?;
    Ok(User {
        name: row.text("name")?,
        role: Role::from_name(&role).ok_or(StoreError::Corrupt { what: "role", text: role })?,
        must_change_password: row.bool("must_change_password")?,
        disabled: row.bool("disabled")?,
        created_at: Millis(row.int("created_at")?),
        last_log_in: row.optional("last_log_in")?.map(Millis),
    })
}
