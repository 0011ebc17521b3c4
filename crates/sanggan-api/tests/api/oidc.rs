//! Logging in through an identity provider that runs beside, over real sockets; and tokens that are not to be trusted.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey};
use reqwest::Client;
use sanggan_api::{ApiSettings, Names, OidcRule, OidcSettings};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::World;

/// A key of these tests only.
const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEA41MN+TcXRLP9sYN9tLxaUr5SDyxj2W1uJbQZhAMdP+lnYcwU
yBy5wo4LyoeZ5qwmAPCzg2poidX38isAg05L7THRnFjA7O9clIK8xPMxZ02RYfoi
EaF5iQ0ikKwdpNPjGlQOkjWDHC3lOxIBfKmVpBkh+janQbI6XOvl8J/lA906cKp7
4PHh/wCqIeJFPVsjjYvqWZn+pjLV645E7W96+e5RQUBvzQLzRlDASV18L2/ERrJO
w1moJ8cGFCQBWdof7s0S8uEDKUyIpMlyFG6RNcxGqBezpSntX5XdqLvlvMEpOQ9h
JY3ke91/RGFbeORMwCeJ2zqDHF2gteLkOTmAcwIDAQABAoIBAFs8V0xhlv4k+zoG
myoxulKhPhAG8eAu8llBikgYc+HVzH9MyD50gP2bwxG7EMKq7unLsVCaIXDIpqXU
KnWItCJzrzv/xxaRDugv/JFTRc2/LQ1Utd27oCqoUeocmh0wSWKkv+Bgh8mEhg8K
L/yXl45v49onm0Nbw97NctD7a4/7tZNZsJgMe54ZsCz4dj3Cvx37QiVaF9gQMjCp
daMeIu6JGaRET8j/VM7AVxl4OcItdtSM53C3TqpZezao8h/CEoWzJTPxQ6RTFb1S
fhvrbNA3MYDSXoeHz6UNB21rMEV/fqF9KwgAzry7ZhK0kYtU91qVrj/tn6QbPMLR
KilPURkCgYEA+qKqFQ6H9ap6+BcL5R2nfJfzLFtPOchgDzM49c52llgwfHmbWQbj
qH/zaA1V0+P5swxDs1/7FbMdrIQXL3LLrkxgFMa0EeMm5A5irqN0hj4lDfQTSA/h
IL3ZqnWiSLvphCWFCuAIvchy0OlCZJj8G42OglCQsJ0QMZArLSKZHY0CgYEA6DCo
4DEN2FVds3T3dHkJ4qcgsoqstSMKySAbZXsurPk4EBPrtYp6m0EGWGHgmQUrVF/M
cLk76P4lByUCCcV1Bi14hHHHjQpmhUr19PeYO0PDWhEcsLS6Pgn01v9B7eUis8/U
7G+qFuO/he9VnvW5CkfkhKPmzU/2sobIarEKlf8CgYBOUYwyXkMP+kDIy3LVGooe
veCoCLReCwYxWcE/1k9qNY6ZJurrS+LR4YGvDxO1zbRWRcvV/nUYV8s7AF+6XPXW
tlkDxP+54zBg7Tna9orP9BViIdXwm72unISq5m1aqxWSTKMhPdadb0ipjWpIwyFs
frR8di5wcfQAeNt1FC2idQKBgF0dNnxB79Vz1pHjNGGHMMmuUFSJfF1f4jFqKNJ3
pe5EO5FnC73P/P9KAmtrRRDYm9nIWUpTXo0/bkYBN2IHx7hkf9JNdsM/CoIl36EP
sgMCV9NEzYan05CRmZim4R+wJkyJ6k+vMDzhtKrXojSPQle3IRN4T1TC3qIVn0X6
Hc6tAoGBAIiok9gHG3K/8/6RIbYQFKTeH1NYFB42THDfqJNkMdAmJo5M8wxz2Dh1
k04H6mDz+KLdXveQexrJjTnkyHAO+8O/d3ioVMfr8jHrssx+AEOjgVtM4sI2wYYY
a9B5BhkgTS0duRZjt0Ezfv9d6kAhxCQYQVTyq3EKS1X9e8MXUjRS
-----END RSA PRIVATE KEY-----
";
const CLIENT: &str = "sanggan";
const SECRET: &str = "a secret of the client";

/// What is wrong with the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Nonce,
    Audience,
    Expired,
    Issuer,
    Tampered,
    Unsigned,
    OtherKey,
    NoGroup,
    NoToken,
}

#[derive(Debug, Default, Clone, Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    scope: String,
    code_challenge: String,
    code_challenge_method: String,
}

struct Provider {
    issuer: String,
    fault: Mutex<Fault>,
    asked: Mutex<Asked>,
    groups: Mutex<Vec<&'static str>>,
}

type Shared = Arc<Provider>;

fn key(id: &str) -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(KEY, Some(JsonWebKeyId::new(id.to_owned()))).expect("a key")
}

async fn discovery(State(provider): State<Shared>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn jwks() -> Json<Value> {
    Json(json!({ "keys": [key("one").as_verification_key()] }))
}

async fn authorize(State(provider): State<Shared>, Query(asked): Query<Asked>) -> Redirect {
    let back = format!("{}?code=the-code&state={}", asked.redirect_uri, asked.state);
    *provider.asked.lock().expect("not poisoned") = asked;
    Redirect::to(&back)
}

#[derive(Deserialize)]
struct TokenForm {
    code: String,
    code_verifier: String,
    redirect_uri: String,
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

async fn token(
    State(provider): State<Shared>,
    headers: axum::http::HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Json<Value>, StatusCode> {
    let asked = provider.asked.lock().expect("not poisoned").clone();
    let fault = *provider.fault.lock().expect("not poisoned");
    // PKCE: only who began may end.
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(form.code_verifier));
    let basic = base64::engine::general_purpose::STANDARD.encode("sanggan:a+secret+of+the+client");
    let authorized = headers.get("authorization").is_some_and(|value| value == &format!("Basic {basic}"));
    let right = form.code == "the-code"
        && form.redirect_uri == asked.redirect_uri
        && challenge.as_str() == asked.code_challenge
        && asked.code_challenge_method == "S256"
        && asked.client_id == CLIENT;
    if !right || !authorized || fault == Fault::NoToken {
        return Err(StatusCode::BAD_REQUEST);
    }
    let now = jiff::Timestamp::now().as_second();
    let unless =
        |of: Fault, right: &str, wrong: &str| if fault == of { wrong.to_owned() } else { right.to_owned() };
    let mut claims = json!({
        "iss": unless(Fault::Issuer, &provider.issuer, "https://elsewhere.example"),
        "aud": unless(Fault::Audience, CLIENT, "another"),
        "sub": "subject-1",
        "nonce": unless(Fault::Nonce, &asked.nonce, "not the nonce"),
        "iat": now - 700,
        "exp": if fault == Fault::Expired { now - 600 } else { now + 300 },
        "preferred_username": "wang.fang",
        "name": "王芳",
    });
    if fault != Fault::NoGroup {
        claims["groups"] = json!(*provider.groups.lock().expect("not poisoned"));
    }
    let algorithm = if fault == Fault::Unsigned { "none" } else { "RS256" };
    let kid = unless(Fault::OtherKey, "one", "two");
    let said = format!("{}.{}", part(&json!({"alg": algorithm, "typ": "JWT", "kid": kid})), part(&claims));
    let signature = match fault {
        Fault::Unsigned => Vec::new(),
        _ => key("one").sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, said.as_bytes()).expect("signs"),
    };
    let said = if fault == Fault::Tampered {
        // Somebody makes themselves an operator after it was signed.
        claims["groups"] = json!(["ops"]);
        claims["sub"] = json!("subject-2");
        format!("{}.{}", said.split_once('.').expect("two parts").0, part(&claims))
    } else {
        said
    };
    let id_token = format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(Json(
        json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}),
    ))
}

async fn provider() -> Shared {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    let shared = Arc::new(Provider {
        issuer,
        fault: Mutex::new(Fault::None),
        asked: Mutex::default(),
        groups: Mutex::new(vec!["people", "water-east"]),
    });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .with_state(Arc::clone(&shared));
    tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    shared
}

fn settings(provider: &Provider) -> ApiSettings {
    let oidc = OidcSettings {
        issuer: provider.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        // The world's port is not known yet; the test goes there itself.
        redirect_url: "http://127.0.0.1:1/api/v1/session/oidc/callback".to_owned(),
        scopes: vec!["profile".to_owned()],
        name_claim: "preferred_username".to_owned(),
        group_claim: "groups".to_owned(),
        rules: OidcRule::read_all("ops: operator; water-east: officer area=140602 department=water")
            .expect("rules"),
        label: Names::new("政务统一认证", "Single sign-on"),
    };
    assert!(!format!("{oidc:?}").contains(SECRET));
    ApiSettings { oidc: Some(oidc), ..ApiSettings::default() }
}

struct Browser {
    client: Client,
    base: String,
}

impl Browser {
    fn new(world: &World) -> Browser {
        let none = reqwest::redirect::Policy::none();
        let client = Client::builder().cookie_store(true).redirect(none).build().expect("a client");
        Browser { client, base: world.base.clone() }
    }

    /// Where an address leads.
    async fn follow(&self, url: &str) -> String {
        let url = url.replace("http://127.0.0.1:1", &self.base);
        let url = if url.starts_with('/') { format!("{}{url}", self.base) } else { url };
        let answer = self.client.get(&url).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 303, "{url}");
        answer.headers()["location"].to_str().expect("text").to_owned()
    }

    /// Goes through the whole log-in; where it ends.
    async fn log_in(&self) -> String {
        let at_provider = self.follow("/api/v1/session/oidc?next=/stations").await;
        if at_provider.starts_with('/') {
            return at_provider;
        }
        let back = self.follow(&at_provider).await;
        self.follow(&back).await
    }

    async fn user(&self) -> Value {
        let answer =
            self.client.get(format!("{}/api/v1/session", self.base)).send().await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")["user"].clone()
    }
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_is_made_with_the_role_the_rules_give() {
    let provider = provider().await;
    let world = World::with("2020-04-01T11:05", false, settings(&provider)).await;
    let ways = world.anyone().json("/api/v1/session/ways").await;
    assert_eq!(ways["provider"]["en"], "Single sign-on");
    let browser = Browser::new(&world);
    assert_eq!(browser.log_in().await, "/stations");
    let user = browser.user().await;
    assert_eq!((&user["name"], &user["role"]), (&json!("wang.fang"), &json!("officer")));
    assert_eq!((&user["areas"], &user["departments"]), (&json!(["140602"]), &json!(["water"])));
    assert_eq!((&user["full_name"], &user["must_change_password"]), (&json!("王芳"), &json!(false)));
    assert!(provider.asked.lock().expect("not poisoned").scope.contains("openid"));
    // The provider's word holds at each log-in.
    *provider.groups.lock().expect("not poisoned") = vec!["ops"];
    let again = Browser::new(&world);
    assert_eq!(again.log_in().await, "/stations");
    assert_eq!(again.user().await["role"], "operator");
    let ada = world.user("ada").await;
    let users = ada.json("/api/v1/users").await;
    assert_eq!(users.as_array().expect("users").len(), 4, "made once");
    // Only to a path of this app.
    let at_provider = again.follow("/api/v1/session/oidc?next=//evil.example").await;
    let back = again.follow(&at_provider).await;
    assert_eq!(again.follow(&back).await, "/");
    // Who is barred here stays out.
    let off = ada.send("PATCH", "/api/v1/users/wang.fang", Some(json!({"disabled": true}))).await;
    assert!(off.status().is_success());
    assert_eq!(Browser::new(&world).log_in().await, "/login?problem=account");
    world.end().await;
}

#[tokio::test]
async fn tokens_that_are_not_to_be_trusted_let_nobody_in() {
    let provider = provider().await;
    let world = World::with("2020-04-01T11:05", false, settings(&provider)).await;
    for (fault, word) in [
        (Fault::Nonce, "token"),
        (Fault::Audience, "token"),
        (Fault::Expired, "token"),
        (Fault::Issuer, "token"),
        (Fault::Tampered, "token"),
        (Fault::Unsigned, "token"),
        (Fault::OtherKey, "token"),
        (Fault::NoGroup, "no_role"),
        (Fault::NoToken, "provider"),
    ] {
        *provider.fault.lock().expect("not poisoned") = fault;
        let browser = Browser::new(&world);
        assert_eq!(browser.log_in().await, format!("/login?problem={word}"), "{fault:?}");
        assert_eq!(browser.user().await, Value::Null, "{fault:?}");
    }
    *provider.fault.lock().expect("not poisoned") = Fault::None;
    // Another browser cannot end what this one began (nor be made to), and nobody ends it twice.
    let (browser, other) = (Browser::new(&world), Browser::new(&world));
    let at_provider = browser.follow("/api/v1/session/oidc").await;
    let back = browser.follow(&at_provider).await;
    assert_eq!(other.follow(&back).await, "/login?problem=stale");
    assert_eq!(other.user().await, Value::Null);
    assert_eq!(browser.follow(&back).await, "/");
    assert_eq!(browser.follow(&back).await, "/login?problem=stale");
    let users = world.user("ada").await.json("/api/v1/users").await;
    assert_eq!(users.as_array().expect("users").len(), 4, "one was made, once");
    world.end().await;
}
