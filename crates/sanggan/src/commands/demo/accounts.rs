//! The accounts of a demonstration, one for each role: random passwords, printed at each start, kept only as hashes.

use sanggan_api::accounts;
use sanggan_base::ErrorCode;
use sanggan_records::rights::ENTERPRISES;
use sanggan_store::{Actor, Details, NewUser, Role, UserChange};

use crate::commands::user::random_password;
use crate::exit::Failure;
use crate::platform::{Stores, now};

/// The officer's department.
const DEPARTMENT: &str = "water";
/// The roles and the names of their accounts.
const ACCOUNTS: [(&str, Role); 7] = [
    ("system-admin", Role::SystemAdmin),
    ("security-admin", Role::SecurityAdmin),
    ("audit-admin", Role::AuditAdmin),
    ("operator", Role::Operator),
    ("officer", Role::Officer),
    ("enterprise", Role::Enterprise),
    ("viewer", Role::Viewer),
];

/// One account as printed.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) role: &'static str,
    /// The part of the registers it works in, in words; empty: the whole city.
    pub(crate) of: String,
    pub(crate) password: String,
}

/// What the officer and the enterprise's account are of, and that in words.
async fn details(stores: &Stores, role: Role) -> Result<Option<(Details, String)>, Failure> {
    let failed =
        |why: String| Failure::step("make the demonstration's accounts", ErrorCode::BadInput)(Said(why));
    match role {
        Role::Officer => {
            let Some(area) = stores.pack.city.areas.first() else { return Ok(None) };
            let departments =
                accounts::departments(&stores.pack, &[DEPARTMENT.to_owned()]).map_err(failed)?;
            let of = format!("{} {DEPARTMENT}", area.name.zh);
            let areas = vec![area.code.clone()];
            Ok(Some((Details { areas, departments, ..Details::default() }, of)))
        }
        Role::Enterprise => {
            let seed = stores.pack.seeds.iter().find(|seed| seed.demo && seed.register == ENTERPRISES);
            let key = seed.and_then(|seed| {
                let mut rows = csv::Reader::from_reader(seed.csv.as_bytes());
                let column = rows.headers().ok()?.iter().position(|name| name == "code")?;
                let row = rows.records().next()?.ok()?;
                row.get(column).map(str::to_owned)
            });
            let Some(key) = key else { return Ok(None) };
            // A recording is replayed without the demonstration's records.
            let Ok(enterprise) = accounts::enterprise_of_key(&stores.store, &key).await else {
                return Ok(None);
            };
            Ok(Some((Details { enterprise: Some(enterprise), ..Details::default() }, key)))
        }
        _ => Ok(Some((Details::default(), String::new()))),
    }
}

/// What went wrong, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

/// Makes the accounts, or gives them new passwords where they exist.
pub(crate) async fn issue(stores: &Stores) -> Result<Vec<Account>, Failure> {
    let store = &stores.store;
    let existing = store.users().await?;
    let mut accounts = Vec::new();
    for (name, role) in ACCOUNTS {
        // A pack without areas or enterprises has no such account.
        let Some((details, of)) = details(stores, role).await? else { continue };
        let first = random_password();
        if existing.iter().any(|user| user.name == name) {
            let change = UserChange { password: Some(first.clone()), ..UserChange::default() };
            store.change_user(name, change, &Actor::System, now()).await?;
        } else {
            let new = NewUser { details, ..NewUser::new(name, role, first.clone()) };
            store.create_user(new, &Actor::System, now()).await?;
        }
        // Changed once more as the user would, so that nobody is asked to in a demonstration.
        let password = random_password();
        store.change_password(name, &first, &password, now()).await?;
        accounts.push(Account { name, role: role.name(), of, password });
    }
    Ok(accounts)
}
