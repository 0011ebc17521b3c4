//! Who is logged in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a user may do; ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Reads.
    Viewer,
    /// Reads, admits devices, asks SQL.
    Operator,
    /// Everything, and the users.
    Admin,
}

/// A log-in.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LogIn {
    /// The user's name.
    pub name: String,
    /// The password in clear; only ever sent over the session end point.
    pub password: String,
}

/// The user behind a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionUser {
    /// The log-in name.
    pub name: String,
    /// The role.
    pub role: RoleName,
    /// Whether the password is a first one that must be changed.
    pub must_change_password: bool,
}

/// The session of this browser.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// `null` when nobody is logged in.
    #[schema(required)]
    pub user: Option<SessionUser>,
}

/// A change of the own password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordChange {
    /// The password until now.
    pub old: String,
    /// The new one.
    pub new: String,
}

/// A user as the administrator sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserRow {
    /// The log-in name.
    pub name: String,
    /// The role.
    pub role: RoleName,
    /// Whether they are barred from logging in.
    pub disabled: bool,
    /// Whether they must change their password.
    pub must_change_password: bool,
    /// When they were made.
    pub created_at: String,
    /// Their last log-in.
    #[schema(required)]
    pub last_log_in: Option<String>,
}

/// A user to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewUserBody {
    /// The log-in name.
    pub name: String,
    /// The role.
    pub role: RoleName,
    /// The first password; it must be changed at the first log-in.
    pub password: String,
}

/// What to change about a user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UserPatch {
    /// The new role.
    pub role: Option<RoleName>,
    /// Bar or admit.
    pub disabled: Option<bool>,
    /// A new first password.
    pub password: Option<String>,
}
