//! Registers behind the handlers: what a caller sees of one, questions read, records shown, refusals told.
//!
//! Every rule of what is sound and who may is in `sanggan-records`; here it meets the request.

pub(crate) mod ask;
pub(crate) mod cached;
pub(crate) mod catalog;
pub(crate) mod refuse;
pub(crate) mod resolve;
pub(crate) mod rows;

use std::sync::Arc;

use sanggan_base::{ErrorCode, Millis};
use sanggan_pack::RegisterDef;
use sanggan_records::Model;
use sanggan_records::rights::{self, Scope};

use crate::AppState;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// A register as one caller sees it.
pub(crate) struct Opened {
    pub(crate) model: Arc<Model>,
    pub(crate) who: rights::Caller,
    pub(crate) scope: Scope,
}

impl Opened {
    /// The register `id`, when the caller sees anything of it.
    pub(crate) fn of(state: &AppState, caller: &Caller, id: &str) -> Answer<Opened> {
        let Some(model) = state.models().get(id) else {
            return Err(Problem::not_found(format!("there is no register `{id}`"))
                .hint("GET /api/v1/registers lists them"));
        };
        let who = caller.for_records();
        let scope = rights::scope(&who, model.def());
        if scope != Scope::Nothing {
            return Ok(Opened { model: Arc::clone(model), who, scope });
        }
        Err(match who.role {
            None => Problem::new(ErrorCode::Unauthenticated, format!("the register `{id}` needs a log-in")),
            Some(role) => Problem::new(
                ErrorCode::Forbidden,
                format!("the register `{id}` is not for the role {}", role.name()),
            ),
        })
    }

    /// The part of `scope` whose past the caller may see: what was public once need not be so any more.
    pub(crate) fn past(&self, scope: Scope, as_of: Option<Millis>) -> Answer<Scope> {
        if as_of.is_none() {
            return Ok(scope);
        }
        match own(&scope) {
            Scope::Nothing => {
                Err(Problem::new(ErrorCode::Unauthenticated, "the past of records needs a log-in"))
            }
            scope => Ok(scope),
        }
    }

    pub(crate) fn def(&self) -> &Arc<RegisterDef> {
        self.model.def()
    }

    pub(crate) fn id(&self) -> &str {
        &self.model.def().id
    }
}

/// What one asks the store for: every register the caller sees, with the part of it.
pub(crate) fn seen(state: &AppState, who: &rights::Caller) -> Vec<(String, Scope)> {
    let all = state.models().all().map(|model| (model.def().id.clone(), rights::scope(who, model.def())));
    all.filter(|(_, scope)| *scope != Scope::Nothing).collect()
}

/// The part of what is seen in which nothing is only public: what an enterprise may learn beside the public fields.
pub(crate) fn own(scope: &Scope) -> Scope {
    match scope {
        Scope::Enterprise(enterprise) => Scope::Own(*enterprise),
        Scope::Public => Scope::Nothing,
        scope => scope.clone(),
    }
}

/// The part of [`seen`] of which the caller may know what is due: when something of another enterprise is due, is no
/// part of what is public of it.
pub(crate) fn seen_due(state: &AppState, who: &rights::Caller) -> Vec<(String, Scope)> {
    let due = seen(state, who).into_iter().map(|(id, scope)| (id, own(&scope)));
    due.filter(|(_, scope)| *scope != Scope::Nothing).collect()
}

/// The day it is in China.
pub(crate) fn today(now: Millis) -> jiff::civil::Date {
    now.local_date()
}
