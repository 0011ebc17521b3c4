//! Logging in through an identity provider: OpenID Connect, authorization code with PKCE.
//!
//! * OIDC-1: a log-in ends in the browser it began in (state in a cookie), within ten minutes, and once.
//! * OIDC-2: the ID token's signature, issuer, audience, end and nonce are checked, and the access token's hash when it
//!   is there; the keys are fetched at each log-in, so that the provider may change them.
//! * OIDC-3: whoever no rule gives a role gets in nowhere.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse, http,
};
use parking_lot::Mutex;
use sanggan_pack::Pack;
use sanggan_store::{Details, OutsideUser, Role, Store};
use serde_json::{Map, Value};

use crate::accounts;
use crate::dto::Names;

/// How long somebody may take at the provider.
const PENDING: Duration = Duration::from_secs(600);
/// Log-ins that may be under way.
const PENDING_MAX: usize = 10_000;
/// How long the provider may take to answer us.
const PROVIDER_MAX: Duration = Duration::from_secs(10);
/// Largest answer of a provider in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// The identity provider, and what its word is worth here.
#[derive(Clone)]
pub struct OidcSettings {
    /// The provider, as its tokens name it.
    pub issuer: String,
    /// What this platform is to it.
    pub client_id: String,
    /// Its secret; never shown.
    pub client_secret: String,
    /// Where it sends people back to: `…/api/v1/session/oidc/callback`.
    pub redirect_url: String,
    /// What is asked of it, beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that gives the name here.
    pub name_claim: String,
    /// The claim whose values the rules speak of.
    pub group_claim: String,
    /// The rules; the first that fits holds.
    pub rules: Vec<OidcRule>,
    /// What the button says.
    pub label: Names,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What members of a group are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcRule {
    /// The value of the claim.
    pub group: String,
    /// The role.
    pub role: Role,
    /// Codes of areas.
    pub areas: Vec<String>,
    /// Departments.
    pub departments: Vec<String>,
    /// Key of an enterprise.
    pub enterprise: Option<String>,
}

impl OidcRule {
    /// Reads `GROUP: ROLE area=CODE department=ID enterprise=KEY; …`.
    ///
    /// # Errors
    /// A text that says which rule is not understood.
    pub fn read_all(text: &str) -> Result<Vec<OidcRule>, String> {
        let rules = text.split([';', '\n']).map(str::trim).filter(|rule| !rule.is_empty());
        rules.map(OidcRule::read).collect()
    }

    fn read(text: &str) -> Result<OidcRule, String> {
        let wrong = |why: String| {
            format!(
                "the rule `{text}` is not understood: {why}; wanted: `GROUP: ROLE area=CODE department=ID enterprise=KEY`"
            )
        };
        // A group's name may itself have colons.
        let (group, rest) = text.rsplit_once(':').ok_or_else(|| wrong("it has no `:`".to_owned()))?;
        let mut words = rest.split_whitespace();
        let name = words.next().ok_or_else(|| wrong("it names no role".to_owned()))?;
        let role = Role::from_name(name).ok_or_else(|| wrong(format!("there is no role `{name}`")))?;
        let (areas, departments) = (Vec::new(), Vec::new());
        let mut rule =
            OidcRule { group: group.trim().to_owned(), role, areas, departments, enterprise: None };
        for word in words {
            match word.split_once('=') {
                Some(("area", code)) => rule.areas.push(code.to_owned()),
                Some(("department", id)) => rule.departments.push(id.to_owned()),
                Some(("enterprise", key)) => rule.enterprise = Some(key.to_owned()),
                _ => return Err(wrong(format!("`{word}` is nothing known"))),
            }
        }
        Ok(rule)
    }
}

/// Why somebody did not get in; the word stands in the log-in page's address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the log-in did not begin in this browser, took too long, or was ended already")]
    Stale,
    #[error("the provider did not do its part: {0}")]
    Provider(String),
    #[error("the provider's token is not to be trusted: {0}")]
    Token(String),
    #[error("no rule gives {0} a role")]
    NoRole(String),
    #[error("{0}")]
    Account(String),
}

impl Refused {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Refused::Stale => "stale",
            Refused::Provider(_) => "provider",
            Refused::Token(_) => "token",
            Refused::NoRole(_) => "no_role",
            Refused::Account(_) => "account",
        }
    }
}

/// A log-in under way.
struct Pending {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    next: String,
    began: Instant,
}

/// Log-ins under way, by their state.
#[derive(Default)]
pub(crate) struct Oidc {
    pending: Mutex<HashMap<String, Pending>>,
}

#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Form(#[from] http::Error),
    #[error("the answer is larger than {ANSWER_MAX} bytes")]
    Large,
}

/// Asks the provider. Redirects are not followed: they could lead into the house.
async fn ask(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let mut answer = client.execute(reqwest::Request::try_from(request)?).await?;
    let mut built = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        built = built.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(Unanswered::Large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(built.body(body)?)
}

fn provider<E: std::error::Error>(what: &'static str) -> impl FnOnce(E) -> Refused {
    move |error| {
        let mut told = format!("{what}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            told = format!("{told}: {error}");
            cause = error.source();
        }
        Refused::Provider(told)
    }
}

fn client() -> Result<reqwest::Client, Refused> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PROVIDER_MAX)
        .build()
        .map_err(provider("could not make a client"))
}

async fn discover(
    settings: &OidcSettings,
    client: &reqwest::Client,
) -> Result<CoreProviderMetadata, Refused> {
    let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(provider("the issuer is no address"))?;
    let http = |request| ask(client.clone(), request);
    CoreProviderMetadata::discover_async(issuer, &http)
        .await
        .map_err(provider("could not read what it offers"))
}

fn redirect(settings: &OidcSettings) -> Result<RedirectUrl, Refused> {
    RedirectUrl::new(settings.redirect_url.clone()).map_err(provider("`oidc.redirect_url` is no address"))
}

impl Oidc {
    /// Begins a log-in: the provider's address to send the browser to, and the state for its cookie.
    pub(crate) async fn begin(
        &self,
        settings: &OidcSettings,
        next: String,
    ) -> Result<(String, String), Refused> {
        let metadata = discover(settings, &client()?).await?;
        let id = ClientId::new(settings.client_id.clone());
        let secret = ClientSecret::new(settings.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, Some(secret))
            .set_redirect_uri(redirect(settings)?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = request.url();
        let state = state.into_secret();
        let mut pending = self.pending.lock();
        pending.retain(|_, one| one.began.elapsed() < PENDING);
        if pending.len() >= PENDING_MAX {
            return Err(Refused::Provider("too many log-ins are under way".to_owned()));
        }
        pending.insert(state.clone(), Pending { nonce, verifier, next, began: Instant::now() });
        Ok((url.to_string(), state))
    }

    /// Ends a log-in: who it is, and where they wanted to go.
    pub(crate) async fn end(
        &self,
        settings: &OidcSettings,
        (store, pack): (&Store, &Pack),
        state: &str,
        code: &str,
    ) -> Result<(OutsideUser, String), Refused> {
        let pending = self.pending.lock().remove(state).ok_or(Refused::Stale)?;
        if pending.began.elapsed() >= PENDING {
            return Err(Refused::Stale);
        }
        let http_client = client()?;
        let http = |request| ask(http_client.clone(), request);
        let metadata = discover(settings, &http_client).await?;
        let id = ClientId::new(settings.client_id.clone());
        let secret = ClientSecret::new(settings.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, Some(secret))
            .set_redirect_uri(redirect(settings)?);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(provider("it offers no token endpoint"))?
            .set_pkce_verifier(pending.verifier)
            .request_async(&http)
            .await
            .map_err(provider("it gave no token"))?;
        let token = answer.id_token().ok_or_else(|| Refused::Token("there is no ID token".to_owned()))?;
        let verifier = client.id_token_verifier();
        let untrusted = |error: &dyn std::error::Error| Refused::Token(error.to_string());
        let checked = token.claims(&verifier, &pending.nonce).map_err(|error| untrusted(&error))?;
        if let Some(expected) = checked.access_token_hash() {
            let algorithm = token.signing_alg().map_err(|error| untrusted(&error))?;
            let key = token.signing_key(&verifier).map_err(|error| untrusted(&error))?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
            if actual.map_err(|error| untrusted(&error))? != *expected {
                return Err(Refused::Token("the access token is another's".to_owned()));
            }
        }
        // What was checked, with the claims only some providers have.
        let said = token.to_string();
        let payload = said.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Map<String, Value> = payload
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| Refused::Token("its claims are no JSON object".to_owned()))?;
        let user = of_claims(settings, (store, pack), checked.subject().as_str(), &claims).await?;
        Ok((user, pending.next))
    }
}

/// Who this is here, by the rules.
async fn of_claims(
    settings: &OidcSettings,
    (store, pack): (&Store, &Pack),
    subject: &str,
    claims: &Map<String, Value>,
) -> Result<OutsideUser, Refused> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = text(&settings.name_claim).unwrap_or_else(|| subject.to_owned());
    let groups: Vec<&str> = match claims.get(&settings.group_claim) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let rule = settings.rules.iter().find(|rule| groups.contains(&rule.group.as_str()));
    let rule = rule.ok_or_else(|| Refused::NoRole(name.clone()))?;
    let wrong = |why: String| Refused::Account(format!("the rule of the group `{}`: {why}", rule.group));
    let enterprise = match &rule.enterprise {
        Some(key) => Some(accounts::enterprise_of_key(store, key).await.map_err(wrong)?),
        None => None,
    };
    let details = Details {
        full_name: text("name").unwrap_or_default(),
        phone: text("phone_number").unwrap_or_default(),
        areas: accounts::areas(pack, &rule.areas).map_err(wrong)?,
        departments: accounts::departments(pack, &rule.departments).map_err(wrong)?,
        enterprise,
    };
    let (issuer, subject) = (settings.issuer.clone(), subject.to_owned());
    Ok(OutsideUser { issuer, subject, name, role: rule.role, details })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_faults_told() {
        let rules = OidcRule::read_all(
            "ops: operator; urn:x:water: officer area=140622 area=140621 department=water;\n",
        )
        .expect("rules");
        assert_eq!(rules.len(), 2);
        assert_eq!((rules[0].group.as_str(), rules[0].role), ("ops", Role::Operator));
        assert_eq!(rules[1].group, "urn:x:water");
        assert_eq!((rules[1].areas.len(), rules[1].departments.as_slice()), (2, &["water".to_owned()][..]));
        for (text, why) in
            [("ops", "no `:`"), ("ops: king", "no role `king`"), ("ops:", "no role"), ("a: viewer x", "`x`")]
        {
            let error = OidcRule::read_all(text).expect_err("refused");
            assert!(error.contains(why), "{error}");
        }
    }
}
