//! Who is logged in.

use super::{Names, RecordLink};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Sees the figures, and the records of its areas.
    Viewer,
    /// Sees the figures and the records of its areas, changes those of its areas and departments.
    Officer,
    /// The whole city, all departments; admits devices, asks SQL.
    Operator,
    /// Its own enterprise, and what is public.
    Enterprise,
    /// State of the platform.
    SystemAdmin,
    /// Accounts, rights, tokens.
    SecurityAdmin,
    /// The journal.
    AuditAdmin,
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
    /// The name as people say it; empty: not told.
    pub full_name: String,
    /// Codes of the areas; none: the whole city.
    pub areas: Vec<String>,
    /// The departments; none: all.
    pub departments: Vec<String>,
    /// Of an enterprise's account: the enterprise.
    #[schema(required)]
    pub enterprise: Option<RecordLink>,
}

/// How one may log in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LogInWays {
    /// The identity provider's name on the button; `null`: there is none.
    #[schema(required)]
    pub provider: Option<Names>,
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
    /// The name as people say it.
    pub full_name: String,
    /// The telephone number.
    pub phone: String,
    /// Codes of the areas; none: the whole city.
    pub areas: Vec<String>,
    /// The departments; none: all.
    pub departments: Vec<String>,
    /// Of an enterprise's account: the enterprise.
    #[schema(required)]
    pub enterprise: Option<RecordLink>,
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
    /// The name as people say it.
    #[serde(default)]
    pub full_name: String,
    /// The telephone number.
    #[serde(default)]
    pub phone: String,
    /// Of a viewer or an officer: codes of the areas; none: the whole city.
    #[serde(default)]
    pub areas: Vec<String>,
    /// Of a viewer or an officer: the departments; none: all.
    #[serde(default)]
    pub departments: Vec<String>,
    /// Of an enterprise's account: the key of its record in the register `enterprises`.
    #[serde(default)]
    pub enterprise: Option<String>,
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
    /// The name as people say it.
    pub full_name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The areas.
    pub areas: Option<Vec<String>>,
    /// The departments.
    pub departments: Option<Vec<String>>,
    /// The key of the enterprise's record.
    pub enterprise: Option<String>,
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRow {
    /// Its number.
    pub id: i64,
    /// In whose name it asks.
    pub user: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    pub expires_at: String,
    /// When it was last used, to the minute.
    #[schema(required)]
    pub last_used_at: Option<String>,
    /// When it was revoked.
    #[schema(required)]
    pub revoked_at: Option<String>,
}

/// What a token may do of what its user may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Read.
    Read,
    /// Read and change.
    Write,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTokenBody {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// When it ends; at most a year from now. Without it: in 90 days.
    pub expires_at: Option<String>,
}

/// A token with its secret, which is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedTokenBody {
    /// What a program sends: `Authorization: Bearer sgt_…`, or as the password of HTTP Basic with the user's name.
    pub secret: String,
    /// The token.
    #[serde(flatten)]
    pub token: TokenRow,
}
