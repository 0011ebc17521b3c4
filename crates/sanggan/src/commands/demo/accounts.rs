//! The three accounts of a demonstration: random passwords, printed at each start, kept only as hashes.

use sanggan_store::{Actor, NewUser, Role, Store, UserChange};

use crate::commands::user::random_password;
use crate::exit::Failure;
use crate::platform::now;

/// One account as printed.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) role: &'static str,
    pub(crate) password: String,
}

/// Makes the accounts, or gives them new passwords where they exist.
pub(crate) async fn issue(store: &Store) -> Result<Vec<Account>, Failure> {
    let existing = store.users().await?;
    let mut accounts = Vec::new();
    for (name, role) in [("admin", Role::Admin), ("operator", Role::Operator), ("viewer", Role::Viewer)] {
        let first = random_password();
        if existing.iter().any(|user| user.name == name) {
            let change = UserChange { password: Some(first.clone()), ..UserChange::default() };
            store.change_user(name, change, &Actor::System, now()).await?;
        } else {
            let new = NewUser { name: name.to_owned(), role, password: first.clone() };
            store.create_user(new, &Actor::System, now()).await?;
        }
        // Changed once more as the user would, so that nobody is asked to in a demonstration.
        let password = random_password();
        store.change_password(name, &first, &password, now()).await?;
        accounts.push(Account { name, role: role.name(), password });
    }
    Ok(accounts)
}
