//! Users and their passwords.

use sanggan_base::{AreaCode, Millis};
use sanggan_records::RecordId;
use serde::Serialize;

use crate::db::{Row, Tx, args};
use crate::journal::{Entry, record};
use crate::password::{check_strength, made_up};
use crate::{Actor, Role, Store, StoreError};

/// The administrators made at the first start: three, so that nobody holds two of their offices.
const FIRST_ADMINS: [(&str, Role); 3] = [
    ("system-admin", Role::SystemAdmin),
    ("security-admin", Role::SecurityAdmin),
    ("audit-admin", Role::AuditAdmin),
];
/// Longest full name and telephone number in characters.
const LONGEST_DETAIL: usize = 80;
/// Longest name in characters.
pub(crate) const LONGEST_NAME: usize = 32;

/// One who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The name to log in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Who they are, and the part of the registers they work in.
    #[serde(flatten)]
    pub details: Details,
    /// Whether they may do nothing else before they have changed their password.
    pub must_change_password: bool,
    /// Whether they may log in at all.
    pub disabled: bool,
    /// Since when they exist.
    pub created_at: Millis,
    /// Last log-in.
    pub last_log_in: Option<Millis>,
}

/// Who a user is, and the part of the registers they work in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Details {
    /// Their name as people say it.
    pub full_name: String,
    /// Where they are called.
    pub phone: String,
    /// Of a viewer or an officer: their areas; none: the whole city.
    pub areas: Vec<AreaCode>,
    /// Of a viewer or an officer: their departments; none: all.
    pub departments: Vec<String>,
    /// Of an enterprise's account, and only of it: its record in the register `enterprises`.
    pub enterprise: Option<RecordId>,
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// 1 to 32 letters, digits, `.`, `_`, `-`; log-in looks at case.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password they begin with; they must change it at the first log-in.
    pub password: String,
    /// Who they are, and the part of the registers they work in.
    pub details: Details,
}

impl NewUser {
    /// A user of the whole city.
    pub fn new(name: impl Into<String>, role: Role, password: impl Into<String>) -> NewUser {
        NewUser { name: name.into(), role, password: password.into(), details: Details::default() }
    }
}

/// What to change of a user; `None`: leave as it is. What a new role has no use for is taken away with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The new role.
    pub role: Option<Role>,
    /// Whether they may log in.
    pub disabled: Option<bool>,
    /// A new password, which they must change at the next log-in; ends their sessions.
    pub password: Option<String>,
    /// The full name.
    pub full_name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The areas.
    pub areas: Option<Vec<AreaCode>>,
    /// The departments.
    pub departments: Option<Vec<String>>,
    /// The enterprise.
    pub enterprise: Option<Option<RecordId>>,
}

impl UserChange {
    /// Whether it changes what the user may do, or how they log in.
    fn is_of_rights(&self) -> bool {
        let UserChange { role, disabled, password, full_name: _, phone: _, areas, departments, enterprise } =
            self;
        role.is_some()
            || disabled.is_some()
            || password.is_some()
            || areas.is_some()
            || departments.is_some()
            || enterprise.is_some()
    }
}

/// A first administrator's name and password, to be shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPassword {
    /// The name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password, in clear.
    pub password: String,
}

impl Store {
    /// Makes the three administrators with random passwords when there is no user at all; else none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ensure_first_admins(&self, now: Millis) -> Result<Vec<FirstPassword>, StoreError> {
        const ATTEMPT: &str = "make the first administrators";
        const ANY: &str = "SELECT name FROM \"user\" LIMIT 1";
        if self.db().fetch_optional(ATTEMPT, ANY, args![]).await?.is_some() {
            return Ok(Vec::new());
        }
        let mut first = Vec::new();
        for (name, role) in FIRST_ADMINS {
            let password = made_up();
            let hash = self.hash_password(&password).await?;
            first.push((hash, FirstPassword { name: name.to_owned(), role, password }));
        }
        let mut write = self.write(ATTEMPT).await?;
        if write.tx.fetch_optional(ATTEMPT, ANY, args![]).await?.is_some() {
            return Ok(Vec::new());
        }
        for (hash, FirstPassword { name, role, .. }) in &first {
            let user = fresh(name, *role, Details::default(), now);
            insert(&mut write.tx, &user, hash, None, &Actor::System, "first start").await?;
        }
        write.commit(ATTEMPT).await?;
        Ok(first.into_iter().map(|(_, first)| first).collect())
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for a bad name or a weak password, [`StoreError::Conflict`] when the name is taken.
    pub async fn create_user(&self, new: NewUser, actor: &Actor, now: Millis) -> Result<User, StoreError> {
        const ATTEMPT: &str = "make a user";
        check_name(&new.name)?;
        let details = checked(new.role, new.details)?;
        check_strength(&new.name, &new.password)?;
        let hash = self.hash_password(&new.password).await?;
        let mut write = self.write(ATTEMPT).await?;
        if read(&mut write.tx, &new.name).await?.is_some() {
            let why = "the name is taken".to_owned();
            return Err(StoreError::Conflict { kind: "user", key: new.name, why });
        }
        let user = fresh(&new.name, new.role, details, now);
        insert(&mut write.tx, &user, &hash, None, actor, "").await?;
        write.commit(ATTEMPT).await?;
        Ok(user)
    }

    /// Changes a user. Refuses to take the platform its last security administrator who may log in, and to change one's
    /// own rights: another has to.
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
        if change.is_of_rights() && *actor == Actor::User(name.to_owned()) {
            let why = "nobody changes their own rights or resets their own password; another security administrator \
                       has to (one's own password is changed with the old one)";
            return Err(StoreError::Conflict { kind: "user", key: name.to_owned(), why: why.to_owned() });
        }
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
        let role = change.role.unwrap_or(before.role);
        let kept = fitting(role, before.details.clone());
        let details = Details {
            full_name: change.full_name.unwrap_or(kept.full_name),
            phone: change.phone.unwrap_or(kept.phone),
            areas: change.areas.unwrap_or(kept.areas),
            departments: change.departments.unwrap_or(kept.departments),
            enterprise: change.enterprise.unwrap_or(kept.enterprise),
        };
        let after = User {
            role,
            details: checked(role, details)?,
            disabled: change.disabled.unwrap_or(before.disabled),
            must_change_password: before.must_change_password || hash.is_some(),
            ..before.clone()
        };
        let sql = "UPDATE \"user\" SET disabled = ?2, must_change_password = ?3,
                 password_hash = coalesce(?4, password_hash) WHERE name = ?1";
        let args = args![name, after.disabled, after.must_change_password, hash.as_deref()];
        tx.execute(ATTEMPT, sql, args).await?;
        put_rights(tx, &after).await?;
        keep_one_security_admin(tx, &before, &after).await?;
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

/// Writes role and details.
pub(crate) async fn put_rights(tx: &mut Tx, user: &User) -> Result<(), StoreError> {
    let sql = "UPDATE \"user\" SET role = ?2, full_name = ?3, phone = ?4, areas = ?5, departments = ?6, enterprise = ?7
         WHERE name = ?1";
    let Details { full_name, phone, areas, departments, enterprise } = &user.details;
    let args = args![
        &user.name,
        user.role.name(),
        full_name,
        phone,
        json_list(areas.iter().map(AreaCode::as_str)),
        json_list(departments.iter().map(String::as_str)),
        enterprise.map(|id| id.0),
    ];
    tx.execute("change a user", sql, args).await.map(drop)
}

/// Refuses a change that takes the platform its last security administrator who may log in.
pub(crate) async fn keep_one_security_admin(
    tx: &mut Tx,
    before: &User,
    after: &User,
) -> Result<(), StoreError> {
    let is = |user: &User| user.role == Role::SecurityAdmin && !user.disabled;
    if !is(before) || is(after) {
        return Ok(());
    }
    let sql = "SELECT name FROM \"user\" WHERE role = ? AND NOT disabled LIMIT 1";
    if tx.fetch_optional("change a user", sql, args![Role::SecurityAdmin.name()]).await?.is_none() {
        let why = "the platform needs a security administrator who may log in".to_owned();
        return Err(StoreError::Conflict { kind: "user", key: after.name.clone(), why });
    }
    Ok(())
}

/// Whether a user may be called so.
pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(is_name_letter) {
        let why = format!("wanted: 1 to {LONGEST_NAME} letters, digits, `.`, `_`, `-`");
        return Err(StoreError::BadInput { subject: "user name", why });
    }
    Ok(())
}

pub(crate) fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

/// The details without what the role has no use for.
fn fitting(role: Role, mut details: Details) -> Details {
    if !matches!(role, Role::Viewer | Role::Officer) {
        details.areas.clear();
        details.departments.clear();
    }
    if role != Role::Enterprise {
        details.enterprise = None;
    }
    details
}

/// The details, refused when they do not go with the role.
pub(crate) fn checked(role: Role, mut details: Details) -> Result<Details, StoreError> {
    let refuse = |subject: &'static str, why: String| Err(StoreError::BadInput { subject, why });
    for text in [&mut details.full_name, &mut details.phone] {
        *text = text.trim().to_owned();
        if text.chars().count() > LONGEST_DETAIL || text.chars().any(char::is_control) {
            let why = format!("wanted: at most {LONGEST_DETAIL} characters on one line");
            return refuse("full name or telephone number", why);
        }
    }
    details.areas.sort();
    details.areas.dedup();
    details.departments.sort();
    details.departments.dedup();
    let fits = fitting(role, details.clone());
    if fits.areas != details.areas {
        return refuse(
            "areas",
            format!("only viewers and officers have areas, not the role {}", role.name()),
        );
    }
    if fits.departments != details.departments {
        let why = format!("only viewers and officers have departments, not the role {}", role.name());
        return refuse("departments", why);
    }
    if fits.enterprise != details.enterprise {
        let why = format!("only the role enterprise has one, not {}", role.name());
        return refuse("enterprise", why);
    }
    if role == Role::Enterprise && details.enterprise.is_none() {
        let why =
            "an enterprise's account needs the key of its record in the register `enterprises`".to_owned();
        return refuse("enterprise", why);
    }
    Ok(details)
}

pub(crate) fn fresh(name: &str, role: Role, details: Details, now: Millis) -> User {
    User {
        name: name.to_owned(),
        role,
        details,
        must_change_password: true,
        disabled: false,
        created_at: now,
        last_log_in: None,
    }
}

/// Makes a user; `provider`: issuer and subject of the identity provider that vouches for them.
pub(crate) async fn insert(
    tx: &mut Tx,
    user: &User,
    hash: &str,
    provider: Option<(&str, &str)>,
    actor: &Actor,
    why: &str,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO \"user\" (name, role, password_hash, must_change_password, disabled, created_at, issuer, subject)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let args = args![
        &user.name,
        user.role.name(),
        hash,
        user.must_change_password,
        user.disabled,
        user.created_at,
        provider.map(|(issuer, _)| issuer),
        provider.map(|(_, subject)| subject),
    ];
    tx.execute("make a user", sql, args).await?;
    put_rights(tx, user).await?;
    journal(tx, "user.create", None, user, actor, user.created_at, why).await
}

pub(crate) async fn journal(
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
            "full_name": user.details.full_name,
            "phone": user.details.phone,
            "areas": user.details.areas.iter().map(AreaCode::as_str).collect::<Vec<_>>(),
            "departments": user.details.departments,
            "enterprise": user.details.enterprise.map(|id| id.0),
        })
    };
    let (subject_kind, subject) = ("user", after.name.as_str());
    let (before, after) = (before.map(json), Some(json(after)));
    let (version, changes) = (None, None);
    let entry = Entry { at, actor, action, subject_kind, subject, version, changes, before, after, why };
    record(tx, entry).await.map(drop)
}

pub(crate) async fn end_sessions(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM session WHERE \"user\" = ?";
    tx.execute("end the sessions of a user", sql, args![name]).await.map(drop)
}

/// The user and the hash of their password.
async fn read(tx: &mut Tx, name: &str) -> Result<Option<(User, String)>, StoreError> {
    let row = tx.fetch_optional("read a user", "SELECT * FROM \"user\" WHERE name = ?", args![name]).await?;
    row.map(|row| Ok((user(&row)?, row.text("password_hash")?))).transpose()
}

fn json_list<'a>(list: impl Iterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(list).to_string()
}

fn list(row: &Row, what: &'static str) -> Result<Vec<String>, StoreError> {
    let text = row.text(what)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { what, text })
}

pub(crate) fn user(row: &Row) -> Result<User, StoreError> {
    let role = row.text("role")?;
    let area = |code: String| {
        AreaCode::parse(&code).map_err(|_| StoreError::Corrupt { what: "area of a user", text: code })
    };
    Ok(User {
        name: row.text("name")?,
        role: Role::from_name(&role).ok_or(StoreError::Corrupt { what: "role", text: role })?,
        details: Details {
            full_name: row.text("full_name")?,
            phone: row.text("phone")?,
            areas: list(row, "areas")?.into_iter().map(area).collect::<Result<_, _>>()?,
            departments: list(row, "departments")?,
            enterprise: row.optional("enterprise")?.map(RecordId),
        },
        must_change_password: row.bool("must_change_password")?,
        disabled: row.bool("disabled")?,
        created_at: Millis(row.int("created_at")?),
        last_log_in: row.optional("last_log_in")?.map(Millis),
    })
}
