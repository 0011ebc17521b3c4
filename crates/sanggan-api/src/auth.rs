//! Who asks, and whether they may: the one gate every operation goes through.
//!
//! * AUTH-1: an operation without a row in [`OPERATIONS`] is refused to everyone; a test keeps the table whole.
//! * AUTH-2: a request that changes something carries the header `X-Sanggan: 1`, which no foreign page can set, or a
//!   bearer token, which no browser sends by itself.
//! * AUTH-3: a user who must change the password may do nothing more than the public until then.
//! * AUTH-4: a token that only reads changes nothing; no token makes tokens or changes a password.

use std::collections::HashMap;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sanggan_base::{ErrorCode, StationCode};
use sanggan_pack::StationKind;
use sanggan_records::rights as records_rights;
use sanggan_store::{Actor, Operation, Role, StoreError, TOKEN_PREFIX, User, rights};

use crate::AppState;
use crate::problem::{Answer, Problem};

/// The session cookie.
pub(crate) const COOKIE: &str = "sanggan_session";
/// The header a changing request must carry.
pub const CSRF_HEADER: &str = "x-sanggan";

/// What each HTTP operation is in the rights table, by `operationId`.
pub const OPERATIONS: &[(&str, Operation)] = &[
    ("logIn", Operation::UseSession),
    ("getSession", Operation::UseSession),
    ("logOut", Operation::UseSession),
    ("getLogInWays", Operation::UseSession),
    ("startProviderLogIn", Operation::UseSession),
    ("endProviderLogIn", Operation::UseSession),
    ("changePassword", Operation::ChangeOwnPassword),
    // Those of others only with `ChangeUsers`; the handlers check.
    ("listTokens", Operation::UseTokens),
    ("createToken", Operation::UseTokens),
    ("revokeToken", Operation::UseTokens),
    ("getCity", Operation::ReadPublic),
    ("getMapOutline", Operation::ReadPublic),
    ("getOverview", Operation::ReadPublic),
    ("getClasses", Operation::ReadPublic),
    // Rows of stations that are not public need `FollowLive`; the stream itself filters.
    ("followLive", Operation::ReadPublic),
    ("listStations", Operation::ReadStations),
    ("getStation", Operation::ReadStations),
    ("getSeries", Operation::ReadStations),
    ("getStatistics", Operation::ReadStations),
    // Only of air stations and areas; the handlers check.
    ("listAirHours", Operation::ReadPublic),
    ("listAirDays", Operation::ReadPublic),
    ("listAirYears", Operation::ReadPublic),
    ("getAirWhatIf", Operation::ReadPublic),
    ("listAirRanking", Operation::ReadPublic),
    ("getAirTrend", Operation::ReadPublic),
    ("listAirExceedances", Operation::ReadPublic),
    ("listRiverSections", Operation::ReadPublic),
    ("listStandards", Operation::ReadLaw),
    ("getStandardEdition", Operation::ReadLaw),
    ("compareStandard", Operation::ReadLaw),
    ("listAssessments", Operation::ReadLaw),
    ("getAssessment", Operation::ReadLaw),
    ("assessRows", Operation::Assess),
    ("getOutletNow", Operation::ReadOutlets),
    ("listDevices", Operation::ReadDevices),
    ("getDevice", Operation::ReadDevices),
    ("listQuarantine", Operation::ReadQuarantine),
    ("admitDevice", Operation::DecideQuarantine),
    ("refuseDevice", Operation::DecideQuarantine),
    ("listFrames", Operation::ReadFrames),
    ("getFrame", Operation::ReadFrames),
    ("listDefects", Operation::ReadDevices),
    ("askSql", Operation::AskSql),
    ("listUsers", Operation::ReadUsers),
    ("createUser", Operation::ChangeUsers),
    ("changeUser", Operation::ChangeUsers),
    ("getStatus", Operation::ReadStatus),
    ("listJournal", Operation::ReadJournal),
    ("getJournalEntry", Operation::ReadJournal),
    ("getJournalProof", Operation::ReadJournal),
    ("getJournalConsistency", Operation::ReadJournal),
    ("getJournalCheckpoint", Operation::ReadJournalHead),
    ("getJournalKey", Operation::ReadJournalHead),
    ("getJournalTile", Operation::ReadJournalHead),
    // What the caller sees and changes of registers, `sanggan_records::rights` decides record by record.
    ("getCoverage", Operation::ReadRegisters),
    ("listRegisters", Operation::ReadRegisters),
    ("getRegister", Operation::ReadRegisters),
    ("listRecords", Operation::ReadRegisters),
    ("getRecord", Operation::ReadRegisters),
    ("listRelatedRecords", Operation::ReadRegisters),
    ("getRecordSign", Operation::ReadRegisters),
    ("getRecordTile", Operation::ReadRegisters),
    ("getRecordTileJson", Operation::ReadRegisters),
    ("getOgcLanding", Operation::ReadRegisters),
    ("getOgcConformance", Operation::ReadRegisters),
    ("getOgcApi", Operation::ReadRegisters),
    ("listOgcCollections", Operation::ReadRegisters),
    ("getOgcCollection", Operation::ReadRegisters),
    ("getOgcQueryables", Operation::ReadRegisters),
    ("listOgcItems", Operation::ReadRegisters),
    ("getOgcItem", Operation::ReadRegisters),
    ("exportRecords", Operation::ReadRegisters),
    ("getAttachment", Operation::ReadRegisters),
    ("getEnterpriseFile", Operation::ReadRecordHistory),
    ("getGraph", Operation::ReadRecordHistory),
    ("getChainBalance", Operation::ReadRecordHistory),
    ("traceChain", Operation::ReadRecordHistory),
    // Of zones only those of registers the caller sees; a season is no secret.
    ("listZonesAt", Operation::ReadRegisters),
    ("listDerivedZones", Operation::ReadRegisters),
    ("getCalendarDay", Operation::ReadRegisters),
    ("getRecordHistory", Operation::ReadRecordHistory),
    ("listDueRecords", Operation::ReadRecordHistory),
    ("listViews", Operation::ReadRecordHistory),
    ("keepView", Operation::ReadRecordHistory),
    ("removeView", Operation::ReadRecordHistory),
    ("checkRecord", Operation::ChangeRecords),
    ("createRecord", Operation::ChangeRecords),
    ("changeRecord", Operation::ChangeRecords),
    ("retireRecord", Operation::ChangeRecords),
    ("restoreRecord", Operation::ChangeRecords),
    ("transitionRecord", Operation::ChangeRecords),
    ("changeRecords", Operation::ChangeRecords),
    ("keepAttachment", Operation::ChangeRecords),
    ("proposeColumns", Operation::ImportRecords),
    ("importRecords", Operation::ImportRecords),
    ("getImport", Operation::ImportRecords),
    ("listImportFaults", Operation::ImportRecords),
    // Of anything but air they need `ReadExplanations`; the handlers check.
    ("explainStatistic", Operation::ReadPublic),
    ("explainAqiHour", Operation::ReadPublic),
    ("explainAqiDay", Operation::ReadPublic),
    ("explainAnnual", Operation::ReadPublic),
    ("explainObservation", Operation::ReadPublic),
];

/// The row of an `operationId`.
pub fn operation(id: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(known, _)| *known == id).map(|&(_, operation)| operation)
}

/// (method, path template) → operation, made from the OpenAPI document so that the two cannot differ.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    by_route: HashMap<(Method, String), Operation>,
}

impl Gate {
    pub(crate) fn new(document: &utoipa::openapi::OpenApi) -> Gate {
        let mut by_route = HashMap::new();
        for (method, path, id) in crate::openapi_operations(document) {
            if let Some(operation) = operation(&id) {
                by_route.insert((method, path), operation);
            }
        }
        Gate { by_route }
    }

    fn operation(&self, method: &Method, path: &str) -> Option<Operation> {
        // axum answers HEAD with the handler of GET.
        let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
        self.by_route.get(&(method, path.to_owned())).copied()
    }
}

/// What a request shows to say who asks.
#[derive(Clone, Default)]
enum Shown {
    /// Nothing.
    #[default]
    Nothing,
    /// A session's cookie.
    Session(String),
    /// A token: its secret, and in whose name it is shown (HTTP Basic); whether any browser may send it by itself.
    Token { secret: String, name: Option<String>, by_itself: bool },
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shown::Nothing => "Nothing",
            Shown::Session(_) => "Session",
            Shown::Token { .. } => "Token",
        })
    }
}

impl Shown {
    /// What the headers show. A token goes before a cookie, so that what a program does is never done as somebody else.
    fn of(headers: &HeaderMap) -> Shown {
        let said =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, rest) = said.split_once(' ').unwrap_or_default();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Shown::Token { secret: rest.trim().to_owned(), name: None, by_itself: false };
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let pair = STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            // Another password than a token is a proxy's in front, not ours.
            if let Some((name, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':'))
                && secret.starts_with(TOKEN_PREFIX)
            {
                let name = Some(name.to_owned());
                return Shown::Token { secret: secret.to_owned(), name, by_itself: true };
            }
        }
        cookie(headers, COOKIE).map_or(Shown::Nothing, Shown::Session)
    }
}

/// Who asks.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    user: Option<User>,
    shown: Shown,
    /// Whether it is a token that only reads.
    only_reads: bool,
    peer: String,
}

impl Caller {
    /// The user, also one who must change the password first.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// The session's token.
    pub(crate) fn session(&self) -> Option<&str> {
        match &self.shown {
            Shown::Session(token) => Some(token),
            Shown::Nothing | Shown::Token { .. } => None,
        }
    }

    /// Refuses programs: some things only a person does.
    ///
    /// # Errors
    /// 403 when the request shows a token.
    pub(crate) fn require_person(&self) -> Answer<()> {
        match self.shown {
            Shown::Token { .. } => Err(Problem::new(ErrorCode::Forbidden, "this is not for a token")
                .hint("log in with name and password, or through the identity provider")),
            Shown::Nothing | Shown::Session(_) => Ok(()),
        }
    }

    /// Where the request came from.
    pub(crate) fn peer(&self) -> &str {
        &self.peer
    }

    /// The role in force; `None` for the public and for a user who must change the password first.
    pub fn role(&self) -> Option<Role> {
        self.user.as_ref().filter(|user| !user.must_change_password).map(|user| user.role)
    }

    /// Whether the caller may do `operation`.
    pub fn may(&self, operation: Operation) -> bool {
        if operation == Operation::ChangeOwnPassword {
            return rights::allowed(self.user.as_ref().map(|user| user.role), operation);
        }
        rights::allowed(self.role(), operation)
    }

    /// Refuses what the caller may not do.
    ///
    /// # Errors
    /// 401 when nobody is logged in, else 403.
    pub fn require(&self, operation: Operation) -> Answer<()> {
        if self.may(operation) {
            return Ok(());
        }
        Err(match &self.user {
            None => {
                Problem::new(ErrorCode::Unauthenticated, format!("`{}` needs a log-in", operation.name()))
            }
            Some(user) if user.must_change_password => {
                Problem::new(ErrorCode::Forbidden, "the first password must be changed before anything else")
                    .hint("POST /api/v1/session/password")
            }
            Some(user) => Problem::new(
                ErrorCode::Forbidden,
                format!("`{}` is not for the role {}", operation.name(), user.role.name()),
            ),
        })
    }

    /// Refuses a station whose figures are not public to those who may only see public ones.
    ///
    /// # Errors
    /// As [`Caller::require`].
    pub(crate) fn require_station(
        &self,
        state: &AppState,
        station: &StationCode,
        operation: Operation,
    ) -> Answer<()> {
        let open = is_public(state, station) || is_section(state, station);
        if open { Ok(()) } else { self.require(operation) }
    }

    /// Whether the session the caller came with goes on (an anonymous caller has none to lose).
    pub(crate) async fn still_holds(&self, state: &AppState) -> bool {
        let user = match &self.shown {
            Shown::Nothing => return true,
            Shown::Session(token) => state.store().session(token, state.now()).await,
            Shown::Token { secret, name, .. } => {
                let found = state.store().live_token(secret, name.as_deref(), state.now()).await;
                found.map(|found| found.map(|(user, _)| user))
            }
        };
        let rights = |user: &User| (user.role, user.details.clone(), user.must_change_password);
        match user {
            Ok(user) => user.as_ref().map(rights) == self.user.as_ref().map(rights),
            // A store that does not answer for a moment ends nobody's stream.
            Err(_) => true,
        }
    }

    /// Who this is to the records.
    pub(crate) fn for_records(&self) -> records_rights::Caller {
        let (Some(user), Some(role)) = (&self.user, self.role()) else {
            return records_rights::Caller::public();
        };
        records_rights::Caller {
            role: Some(role),
            areas: user.details.areas.clone(),
            departments: user.details.departments.clone(),
            enterprise: user.details.enterprise,
            name: Actor::User(user.name.clone()).text(),
        }
    }

    /// The name for the journal.
    pub(crate) fn actor(&self) -> Actor {
        self.user.as_ref().map_or(Actor::System, |user| Actor::User(user.name.clone()))
    }
}

/// Whether a station is a river section: its water is for everyone to know, as the air is.
fn is_section(state: &AppState, station: &StationCode) -> bool {
    state.registry().station(station).is_some_and(|station| station.kind == StationKind::SurfaceWater)
}

/// Whether a station's air is for everyone: ambient air, and areas made of it.
pub(crate) fn is_public(state: &AppState, station: &StationCode) -> bool {
    station.as_str().starts_with(crate::assess::AREA_PREFIX)
        || state.registry().station(station).is_some_and(|station| station.kind == StationKind::Air)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Caller>()
            .cloned()
            .ok_or_else(|| Problem::new(ErrorCode::Internal, "the request did not come through the gate"))
    }
}

/// The gate: a layer around every API route.
pub(crate) async fn gate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    match enter(&state, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn enter(state: &AppState, request: &mut Request) -> Answer<()> {
    let method = request.method().clone();
    let changes = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let shown = Shown::of(request.headers());
    let by_itself = !matches!(shown, Shown::Token { by_itself: false, .. });
    if changes && by_itself && request.headers().get(CSRF_HEADER).is_none_or(|value| value != "1") {
        return Err(Problem::new(ErrorCode::Forbidden, "the header `X-Sanggan: 1` is missing")
            .hint("a request that changes something must carry it"));
    }
    let path =
        request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let operation = state.inner.gate.operation(&method, &path);
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or_else(|| "unknown".to_owned(), |info| info.0.ip().to_string());
    let mut caller = Caller { peer, ..Caller::default() };
    match &shown {
        Shown::Nothing => {}
        Shown::Session(token) => caller.user = state.store().session(token, state.now()).await?,
        Shown::Token { secret, name, .. } => {
            let found = state.store().token_user(secret, name.as_deref(), &caller.peer, state.now()).await;
            let (user, token) = found.map_err(|error| match error {
                StoreError::WrongPassword => Problem::new(
                    ErrorCode::Unauthenticated,
                    "the token is unknown, ended, revoked or another user's",
                ),
                other => other.into(),
            })?;
            caller.user = Some(user);
            caller.only_reads = !token.writes;
        }
    }
    if caller.user.is_some() {
        caller.shown = shown;
    }
    let asks = matches!(operation, Some(Operation::AskSql | Operation::Assess));
    if changes && caller.only_reads && !asks {
        return Err(Problem::new(ErrorCode::Forbidden, "the token only reads")
            .hint("make one that also writes, if it is to change something"));
    }
    match operation {
        Some(operation) => caller.require(operation)?,
        // Not in the table: a method the path does not have (405 from the router), or a hole; refuse it.
        None if state.inner.gate.by_route.keys().any(|(_, known)| *known == path) => {}
        None => {
            return Err(Problem::new(ErrorCode::Forbidden, "this operation is not in the rights table"));
        }
    }
    request.extensions_mut().insert(caller);
    Ok(())
}

pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|text| {
        text.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    })
}

/// The header that sets the session cookie; with `None` the one that removes it.
pub(crate) fn set_cookie(token: Option<&str>, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = match token {
        Some(token) => format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"),
        None => format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}"),
    };
    HeaderValue::from_str(&text).ok()
}
