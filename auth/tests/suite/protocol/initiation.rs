//! Sign-ins that begin somewhere else: with a note of the provider's, left at an identity provider's portal (W24), or at
//! a third party (OpenID Connect Core §4). Neither does more than to begin an ordinary sign-in.

use std::{collections::BTreeMap, sync::Arc};

use auth::sign_in::{Initiated, SignInError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use misbehaving_provider::{CLIENT_ID, Endpoint, MisbehavingProvider, Token};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::relying_party::{Browser, RelyingParty, reason};

mod refused;
mod third_party;

/// Where a note and the like stand in the address.
const NOTE: &str = "idp_initiated_login";

/// A query with these parameters.
fn query(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

/// A note as Scalekit writes it, for five minutes and with an issuer that is not its own.
fn note(provider: &MisbehavingProvider) -> Token {
    let now = provider.now();
    provider.token(json!({
        "organization_id": "org_acme",
        "connection_id": "conn_okta",
        "login_hint": "ada+\u{e9}&x=1@acme.example",
        "relay_state": "/reports?month=7",
        "iss": "https://b2b-app.example",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
    }))
}

/// The address that a browser is sent to, or why it is not.
type Outcome = Result<Url, Arc<SignInError>>;

/// What becomes of a browser that comes with this query. It is sent somewhere if, and only if, a sign-in has begun.
async fn initiated(party: &RelyingParty, browser: &Browser, query: &str) -> Outcome {
    let begun = browser.cookies.list().len();
    let outcome = reason(party.initiate(browser, query).await).map(|initiated| match initiated {
        Initiated::Provider(url) => url,
        Initiated::SignInPage => panic!("{query} leads to the sign-in page"),
    });
    let begun = browser.cookies.list().len() - begun;
    assert_eq!(begun, usize::from(outcome.is_ok()), "{query}");
    outcome
}

/// The same for a browser of its own, which comes with these parameters.
async fn arrives(party: &RelyingParty, parameters: &[(&str, &str)]) -> Outcome {
    initiated(party, &party.browser(), &query(parameters)).await
}

/// Where a person lands who comes with these parameters and signs in.
async fn lands(provider: &MisbehavingProvider, party: &RelyingParty, parameters: &[(&str, &str)]) -> String {
    let browser = party.browser();
    let url = initiated(party, &browser, &query(parameters)).await.unwrap();
    let next = party.finish(&browser, &provider.authorize(url.as_str())).await;
    next.unwrap().to_string()
}

/// What becomes of a browser that comes with a bent note.
async fn with_note(bend: impl FnOnce(Token) -> Token) -> Outcome {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let note = provider.sign(bend(note(&provider)));
    arrives(&party, &[(NOTE, &note)]).await
}

/// The same with this claim in the note.
async fn with_claim(name: &str, value: Value) -> Outcome {
    with_note(|note| note.claim(name, value)).await
}

/// The parameters of an authorization request, in which nothing occurs twice.
fn parameters(url: &Url) -> BTreeMap<String, String> {
    let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(parameters.len(), url.query_pairs().count(), "{url}");
    parameters
}

/// Rules: w24, initiation-own-state
#[tokio::test]
async fn w24_a_note_begins_an_ordinary_sign_in_of_our_own() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    let note = provider.sign(note(&provider));
    let url = initiated(&party, &browser, &query(&[(NOTE, &note)]))
        .await
        .unwrap();

    assert!(
        url.as_str()
            .starts_with(&format!("{}?", provider.url(Endpoint::Authorization)))
    );
    let parameters = parameters(&url);
    for (name, value) in [
        ("organization_id", "org_acme"),
        ("connection_id", "conn_okta"),
        ("login_hint", "ada+\u{e9}&x=1@acme.example"),
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "https://app.example/auth/callback"),
        ("scope", "openid profile email offline_access"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameters.get(name).map(String::as_str), Some(value), "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        let random = URL_SAFE_NO_PAD.decode(&parameters[name]).unwrap();
        assert_eq!(random.len(), 32, "{name}");
    }
    assert_eq!(parameters.len(), 11, "and nothing else: {parameters:?}");

    let next = party.finish(&browser, &provider.authorize(url.as_str())).await;
    assert_eq!(next.unwrap().as_str(), "/reports?month=7");
    assert_eq!(party.who(&browser).await.unwrap().user.sub, "usr_ada");
}

/// Whoever chooses the `state` can sign somebody else in (RFC 6749 §10.12).
///
/// Rules: w24, initiation-own-state, rfc9700-4.7
#[tokio::test]
async fn w24_what_comes_with_a_note_never_becomes_the_state() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    let chosen = "A".repeat(43);
    let note = provider.sign(note(&provider).claim("relay_state", chosen.as_str()));
    let query = query(&[
        (NOTE, note.as_str()),
        ("state", &chosen),
        ("relay_state", &chosen),
        ("nonce", &chosen),
    ]);
    let mut states = Vec::new();
    for _ in 0..2 {
        let url = initiated(&party, &browser, &query).await.unwrap();
        assert!(!url.as_str().contains(&chosen), "{url}");
        states.push(parameters(&url)["state"].clone());
    }
    assert_ne!(states[0], states[1]);
}

/// Rules: initiation-relay-state, next-hostile, next-loop, rfc9700-2.1
#[tokio::test]
async fn relay_state_is_where_the_person_lands_if_it_is_a_path_of_ours() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let too_long = format!("/{}", "a".repeat(1024));
    for (relay_state, place) in [
        (json!("/reports?month=7"), "/reports?month=7"),
        (json!("/"), "/"),
        (json!("//evil.example"), "/dashboard"),
        (json!("/\\evil.example"), "/dashboard"),
        (json!("/%2f/evil.example"), "/dashboard"),
        (json!("https://evil.example/"), "/dashboard"),
        (json!("https://app.example/reports"), "/dashboard"),
        (json!("javascript:alert(1)"), "/dashboard"),
        (json!("/auth/initiate"), "/dashboard"),
        (json!("/logout"), "/dashboard"),
        (json!(too_long), "/dashboard"),
        (json!("an opaque value"), "/dashboard"),
        (json!(""), "/dashboard"),
        (json!(5), "/dashboard"),
        (Value::Null, "/dashboard"),
    ] {
        let note = provider.sign(note(&provider).claim("relay_state", relay_state.clone()));
        let landed = lands(&provider, &party, &[(NOTE, &note)]).await;
        assert_eq!(landed, place, "{relay_state}");
    }
    let note = provider.sign(note(&provider).without("relay_state"));
    assert_eq!(lands(&provider, &party, &[(NOTE, &note)]).await, "/dashboard");
}

/// Rules: initiation-hints
#[tokio::test]
async fn a_hint_that_no_honest_note_has_is_dropped() {
    let (longest, too_long) = ("h".repeat(256), "h".repeat(257));
    for (name, other) in [
        ("organization_id", "connection_id"),
        ("connection_id", "organization_id"),
        ("login_hint", "connection_id"),
    ] {
        for odd in [
            json!("a\0b"),
            json!("a\r\nb"),
            json!("a\u{7f}b"),
            json!("a\u{85}b"),
            json!(too_long),
            json!(""),
            json!(5),
            json!({}),
            Value::Null,
        ] {
            let parameters = parameters(&with_claim(name, odd.clone()).await.unwrap());
            assert!(!parameters.contains_key(name), "{name}: {odd}");
            assert!(parameters.contains_key(other), "the others stay");
        }
        let parameters = parameters(&with_claim(name, json!(longest)).await.unwrap());
        assert_eq!(parameters[name], longest);
    }
}

/// Who comes from a bookmark of the provider's page, or without cookies, would be sent back and forth for ever.
///
/// Rules: initiation-nothing
#[tokio::test]
async fn whoever_comes_with_nothing_is_shown_the_sign_in_page() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let unknown = RelyingParty::undiscovered("http://127.0.0.1:1", &[]).await;
    for query in [
        "",
        "login_hint=ada%40acme.example",
        "target_link_uri=%2Freports&organization_id=org_acme",
        "state=x&code=y",
    ] {
        for party in [&party, &unknown] {
            let browser = party.browser();
            let initiated = party.initiate(&browser, query).await;
            assert!(matches!(initiated, Ok(Initiated::SignInPage)), "{query}");
            assert!(browser.cookies.list().is_empty(), "{query}");
        }
    }
}
