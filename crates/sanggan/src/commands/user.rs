//! `sanggan user`: who may log in.

use std::io::BufRead;

use rand::seq::IndexedRandom;
use sanggan_api::accounts;
use sanggan_config::Settings;
use sanggan_store::{Actor, Details, NewUser, Role, Store, UserChange};
use serde::Serialize;

use crate::cli::{Format, RoleName, UserVerb};
use crate::exit::Failure;
use crate::output;
use crate::platform::now;

/// Letters and digits that cannot be taken for one another.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A random password of 16 characters in groups of four: more than 90 bits.
pub(crate) fn random_password() -> String {
    let mut rng = rand::rng();
    let group = |rng: &mut rand::rngs::ThreadRng| -> String {
        (0..4).map(|_| char::from(*LETTERS.choose(rng).expect("there are letters"))).collect()
    };
    let groups: Vec<String> = (0..4).map(|_| group(&mut rng)).collect();
    groups.join("-")
}

#[derive(Serialize)]
struct Issued<'a> {
    name: &'a str,
    role: &'a str,
    /// Present only when the program made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    must_change_password: bool,
}

/// Runs one of the verbs.
pub(crate) async fn run(
    store: &Store,
    settings: &Settings,
    verb: &UserVerb,
    format: Format,
) -> Result<(), Failure> {
    let actor = Actor::System;
    match verb {
        UserVerb::Add { name, role, areas, departments, enterprise, full_name, phone, password_stdin } => {
            let pack = crate::settings::pack(settings)?;
            let wrong =
                |why: String| Failure::bad_input(format!("could not make the user `{name}`: {why}"), None);
            let enterprise = match enterprise {
                Some(key) => {
                    crate::registers::define_in(store, &pack, now()).await?;
                    Some(accounts::enterprise_of_key(store, key).await.map_err(wrong)?)
                }
                None => None,
            };
            let details = Details {
                full_name: full_name.clone(),
                phone: phone.clone(),
                areas: accounts::areas(&pack, areas).map_err(wrong)?,
                departments: accounts::departments(&pack, departments).map_err(wrong)?,
                enterprise,
            };
            let (password, made) = password(*password_stdin)?;
            let new =
                NewUser { name: name.clone(), role: role_of(*role), password: password.clone(), details };
            let user = store.create_user(new, &actor, now()).await?;
            issued(&user, made.then_some(password.as_str()), format)
        }
        UserVerb::Password { name, password_stdin } => {
            let (password, made) = password(*password_stdin)?;
            let change = UserChange { password: Some(password.clone()), ..UserChange::default() };
            let user = store.change_user(name, change, &actor, now()).await?;
            issued(&user, made.then_some(password.as_str()), format)
        }
        UserVerb::List => {
            let users = store.users().await?;
            if format == Format::Json {
                return output::json(&users);
            }
            let rows: Vec<Vec<String>> = users
                .iter()
                .map(|user| {
                    let state = match (user.disabled, user.must_change_password) {
                        (true, _) => "disabled",
                        (false, true) => "must change password",
                        (false, false) => "active",
                    };
                    let last = user.last_log_in.map_or_else(|| "-".to_owned(), |at| at.to_string());
                    let details = &user.details;
                    let areas: Vec<&str> = details.areas.iter().map(|area| area.as_str()).collect();
                    let (areas, departments) = (areas.join(","), details.departments.join(","));
                    let or_all = |text: String| if text.is_empty() { "-".to_owned() } else { text };
                    let role = user.role.name().to_owned();
                    vec![user.name.clone(), role, or_all(areas), or_all(departments), state.to_owned(), last]
                })
                .collect();
            output::text(&output::table(
                &["name", "role", "areas", "departments", "state", "last log-in"],
                &rows,
            ))
        }
    }
}

fn issued(user: &sanggan_store::User, password: Option<&str>, format: Format) -> Result<(), Failure> {
    let issued = Issued {
        name: &user.name,
        role: user.role.name(),
        password,
        must_change_password: user.must_change_password,
    };
    match (format, password) {
        (Format::Json, _) => output::json(&issued),
        (Format::Text, Some(password)) => {
            output::note(&format!(
                "first password of {} ({}); it must be changed at the first log-in:",
                issued.name, issued.role
            ));
            output::text(&format!("{password}\n"))
        }
        (Format::Text, None) => {
            output::note(&format!("{} ({}) has the password you gave", issued.name, issued.role));
            Ok(())
        }
    }
}

/// The password, and whether the program made it.
fn password(from_stdin: bool) -> Result<(String, bool), Failure> {
    if !from_stdin {
        return Ok((random_password(), true));
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(Failure::step("read the password from standard input", sanggan_base::ErrorCode::BadInput))?;
    let password = line.trim_end_matches(['\n', '\r']).to_owned();
    if password.is_empty() {
        return Err(Failure::bad_input("standard input gave no password", None));
    }
    Ok((password, false))
}

/// The store's role of this name.
pub(crate) fn role_of(role: RoleName) -> Role {
    match role {
        RoleName::Viewer => Role::Viewer,
        RoleName::Officer => Role::Officer,
        RoleName::Operator => Role::Operator,
        RoleName::Enterprise => Role::Enterprise,
        RoleName::SystemAdmin => Role::SystemAdmin,
        RoleName::SecurityAdmin => Role::SecurityAdmin,
        RoleName::AuditAdmin => Role::AuditAdmin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_are_long() {
        let (a, b) = (random_password(), random_password());
        assert_ne!(a, b);
        assert_eq!(a.len(), 19);
    }
}
