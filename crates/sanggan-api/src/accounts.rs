//! What an account names: areas, departments and enterprises there are.

use sanggan_base::AreaCode;
use sanggan_pack::Pack;
use sanggan_records::RecordId;
use sanggan_records::rights::ENTERPRISES;
use sanggan_store::{Store, User};

use crate::AppState;
use crate::dto::RecordLink;
use crate::problem::{Answer, Problem};
use crate::registers::resolve;

/// The areas with these codes.
///
/// # Errors
/// A text that names the first code that is none of the city's areas, and those that are.
pub fn areas(pack: &Pack, codes: &[String]) -> Result<Vec<AreaCode>, String> {
    let of = |code: &String| match pack.city.area(code) {
        Some(area) => Ok(area.code.clone()),
        None => {
            let known: Vec<&str> = pack.city.areas.iter().map(|area| area.code.as_str()).collect();
            Err(format!("there is no area `{code}`; there are {}", known.join(", ")))
        }
    };
    codes.iter().map(of).collect()
}

/// The departments with these ids.
///
/// # Errors
/// A text that names the first that is none of the pack's departments, and those that are.
pub fn departments(pack: &Pack, ids: &[String]) -> Result<Vec<String>, String> {
    let known = &pack.registers.office.departments;
    match ids.iter().find(|id| known.iter().all(|department| department.id != **id)) {
        None => Ok(ids.to_vec()),
        Some(id) => {
            let known: Vec<&str> = known.iter().map(|department| department.id.as_str()).collect();
            Err(format!("there is no department `{id}`; there are {}", known.join(", ")))
        }
    }
}

/// The record of the enterprise with this key.
///
/// # Errors
/// A text that says that there is none.
pub async fn enterprise_of_key(store: &Store, key: &str) -> Result<RecordId, String> {
    let found =
        store.find_records(ENTERPRISES, &[key.to_owned()]).await.map_err(|error| error.to_string())?;
    found.get(key).copied().ok_or_else(|| {
        format!("the register `{ENTERPRISES}` has no record with the key `{key}`; add it first")
    })
}

/// The enterprise of a user, in one line; `None`: it has none, or its record is not there.
pub(crate) async fn enterprise(state: &AppState, user: &User) -> Answer<Option<RecordLink>> {
    let Some(rid) = user.details.enterprise else { return Ok(None) };
    if state.models().get(ENTERPRISES).is_none() {
        return Ok(None);
    }
    let place = (ENTERPRISES.to_owned(), rid);
    let links = state.store().links(std::slice::from_ref(&place)).await?;
    Ok(links.get(&place).map(resolve::link))
}

/// A fault of a field.
pub(crate) fn refused(field: &'static str) -> impl FnOnce(String) -> Problem {
    move |why| Problem::bad_field(field, why)
}
