//! Users and their passwords.

use sanggan_base::Millis;
use serde::{Deserialize, Serialize};

use crate::{Actor, Role, Store, StoreError};

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
    /// 1 to 32 letters, digits, `.`, `_`, `-`.
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
        let _ = now;
        todo!()
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for a bad name or a weak password, [`StoreError::Conflict`] when the name is taken.
    pub async fn create_user(&self, new: NewUser, actor: &Actor, now: Millis) -> Result<User, StoreError> {
        let _ = (new, actor, now);
        todo!()
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
        let _ = (name, change, actor, now);
        todo!()
    }

    /// Every user, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        todo!()
    }

    /// Changes one's own password and ends one's other sessions.
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
        let _ = (name, old, new, now);
        todo!()
    }
}
