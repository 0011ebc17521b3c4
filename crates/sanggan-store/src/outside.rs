//! Users whom an identity provider vouches for.

use sanggan_base::Millis;

use crate::db::args;
use crate::password::made_up;
use crate::user::{self, Details};
use crate::{Actor, LogIn, Role, Store, StoreError, User};

/// Someone an identity provider vouches for, with the rights the settings give them.
#[derive(Debug, Clone)]
pub struct OutsideUser {
    /// The provider.
    pub issuer: String,
    /// Who they are to it.
    pub subject: String,
    /// The name they get here, if it is free; letters a name cannot have become `-`.
    pub name: String,
    /// What they may do; the provider's word holds at each log-in.
    pub role: Role,
    /// Who they are, and the part of the registers they work in.
    pub details: Details,
}

impl Store {
    /// Begins a session of someone a provider vouches for. At the first log-in the user is made (with a password
    /// nobody knows); at each one role and details become what is said here.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is another user's, or the platform would lose its last security
    /// administrator; [`StoreError::WrongPassword`] when the user is disabled.
    pub async fn log_in_outside(
        &self,
        outside: OutsideUser,
        peer: &str,
        now: Millis,
    ) -> Result<LogIn, StoreError> {
        const ATTEMPT: &str = "log in through the identity provider";
        let name: String = outside
            .name
            .chars()
            .map(|letter| if user::is_name_letter(letter) { letter } else { '-' })
            .take(user::LONGEST_NAME)
            .collect();
        user::check_name(&name)?;
        let details = user::checked(outside.role, outside.details)?;
        // Before the turn to write is taken: hashing is slow.
        let hash = self.hash_password(&made_up()).await?;
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "SELECT * FROM \"user\" WHERE issuer = ? AND subject = ?";
        let known = tx.fetch_optional(ATTEMPT, sql, args![&outside.issuer, &outside.subject]).await?;
        let user = match known.as_ref().map(user::user).transpose()? {
            Some(known) if known.disabled => return Err(StoreError::WrongPassword),
            Some(known) => {
                let after = User { role: outside.role, details, last_log_in: Some(now), ..known.clone() };
                if (after.role, &after.details) != (known.role, &known.details) {
                    user::put_rights(tx, &after).await?;
                    user::keep_one_security_admin(tx, &known, &after).await?;
                    let why = "as the identity provider says";
                    user::journal(tx, "user.change", Some(&known), &after, &Actor::System, now, why).await?;
                }
                after
            }
            None => {
                let taken = "SELECT name FROM \"user\" WHERE name = ?";
                if tx.fetch_optional(ATTEMPT, taken, args![&name]).await?.is_some() {
                    let why =
                        "the name is that of another account here; it needs another name at the provider"
                            .to_owned();
                    return Err(StoreError::Conflict { kind: "user", key: name, why });
                }
                let fresh = User {
                    must_change_password: false,
                    last_log_in: Some(now),
                    ..user::fresh(&name, outside.role, details, now)
                };
                let provider = Some((outside.issuer.as_str(), outside.subject.as_str()));
                user::insert(
                    tx,
                    &fresh,
                    &hash,
                    provider,
                    &Actor::System,
                    "first log-in through the provider",
                )
                .await?;
                fresh
            }
        };
        tx.execute(ATTEMPT, "UPDATE \"user\" SET last_log_in = ?2 WHERE name = ?1", args![&user.name, now])
            .await?;
        let begun = self.begin(tx, user, peer, now).await?;
        write.commit(ATTEMPT).await?;
        Ok(begun)
    }
}
