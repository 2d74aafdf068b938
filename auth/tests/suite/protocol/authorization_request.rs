//! The authorization request: OpenID Connect Core §3.1.2.1, with PKCE (RFC 7636).

use std::collections::BTreeMap;

use auth::{client::ExchangeError, sign_in::SignInError};
use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use misbehaving_provider::{CLIENT_ID, Endpoint, MisbehavingProvider};
use url::Url;

use crate::{
    assert_refused,
    relying_party::{RelyingParty, reason},
};

/// The address without its query, and the query, in which nothing occurs twice.
fn split(url: &str) -> (String, BTreeMap<String, String>) {
    let url = Url::parse(url).unwrap();
    let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(parameters.len(), url.query_pairs().count(), "{url}");
    (url.as_str().split('?').next().unwrap().to_owned(), parameters)
}

async fn parameters_of_a_sign_in(party: &RelyingParty, query: &str) -> BTreeMap<String, String> {
    split(&party.begin(&party.browser(), query).await.unwrap()).1
}

/// Rules: core-3.1.2.1-request, rfc9700-2.1.2, oidcc-client-test-discovery-openid-config
#[tokio::test]
async fn the_request_is_the_code_flows_and_has_nothing_else() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let url = party.begin(&party.browser(), "").await.unwrap();
    let (endpoint, mut parameters) = split(&url);
    assert_eq!(endpoint, provider.url(Endpoint::Authorization));
    for (name, value) in [
        ("response_type", "code"),
        ("scope", "openid profile email offline_access"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "https://app.example/auth/callback"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameters.remove(name).as_deref(), Some(value), "{name}");
    }
    let others: Vec<_> = parameters.into_keys().collect();
    assert_eq!(others, ["code_challenge", "nonce", "state"]);
}

/// Rules: core-3.1.2.1-request
#[tokio::test]
async fn the_redirect_uri_travels_character_by_character_as_it_is_registered() {
    let provider = MisbehavingProvider::start().await;
    let registered = "https://APP.example:443/auth/callback";
    let party = RelyingParty::configured(&provider, &[("SCALEKIT_REDIRECT_URI", registered)]).await;
    party.sign_in(&provider).await.unwrap();
    let request = provider.last_request(Endpoint::Authorization);
    assert_eq!(request.query.get("redirect_uri"), Some(registered));
    let request = provider.last_request(Endpoint::Token);
    assert_eq!(request.form.get("redirect_uri"), Some(registered));
}

/// Rules: core-3.1.2.1-request, rfc9700-2.3
#[tokio::test]
async fn the_scopes_are_the_configured_ones_with_openid_once() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::configured(&provider, &[("SCALEKIT_SCOPES", "email openid custom")]).await;
    let parameters = parameters_of_a_sign_in(&party, "").await;
    assert_eq!(parameters["scope"], "openid email custom");
}

/// Rules: core-3.1.2.1-request
#[tokio::test]
async fn the_authorization_endpoints_own_query_is_kept() {
    let provider = MisbehavingProvider::start().await;
    let endpoint = format!("{}?tenant=acme", provider.url(Endpoint::Authorization));
    provider.discovery(move |document| document.set("authorization_endpoint", endpoint.as_str()));
    let party = RelyingParty::of(&provider).await;
    let parameters = parameters_of_a_sign_in(&party, "").await;
    assert_eq!(parameters["tenant"], "acme");
    assert_eq!(parameters["client_id"], CLIENT_ID);
}

/// Rules: w4, oidcc-client-test-nonce, transaction-unique
#[tokio::test]
async fn w4_every_request_has_a_nonce_and_a_state_of_its_own() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let [first, second] = [
        parameters_of_a_sign_in(&party, "").await,
        parameters_of_a_sign_in(&party, "").await,
    ];
    for name in ["nonce", "state", "code_challenge"] {
        assert_eq!(URL_SAFE_NO_PAD.decode(&first[name]).unwrap().len(), 32, "{name}");
        assert_ne!(first[name], second[name], "{name}");
    }
    assert_ne!(first["nonce"], first["state"]);
}

/// Rules: w3, rfc7636-4.1, rfc7636-4.2, rfc7636-4.5
#[tokio::test]
async fn w3_every_token_request_carries_the_verifier_of_its_own_challenge() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let mut verifiers = Vec::new();
    for _ in 0..2 {
        party.sign_in(&provider).await.unwrap();
        let request = provider.last_request(Endpoint::Authorization).query;
        let verifier = provider.last_request(Endpoint::Token).form;
        let verifier = verifier.get("code_verifier").unwrap().to_owned();
        let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        assert_eq!(request.get("code_challenge"), Some(hash.as_str()));
        assert_eq!(request.get("code_challenge_method"), Some("S256"));
        assert_eq!(URL_SAFE_NO_PAD.decode(&verifier).unwrap().len(), 32);
        verifiers.push(verifier);
    }
    assert_ne!(verifiers[0], verifiers[1]);
}

/// Rules: w3, rfc7636-4.5, rfc9700-2.1.1
#[tokio::test]
async fn w3_a_code_from_another_browser_signs_nobody_in() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (_, stolen) = party.approved(&provider).await;
    let stolen = split(&stolen).1["code"].clone();
    provider.authorization_response(move |response| response.set("code", stolen.as_str()));
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::CodeRefused)
    );
}

/// Rules: core-3.1.2.1-hints
#[tokio::test]
async fn every_hint_reaches_the_provider_unchanged() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let longest = "o".repeat(256);
    for (name, value) in [
        ("organization_id", longest.as_str()),
        ("connection_id", "conn_1"),
        ("login_hint", "ada+\u{e9}&x=1@acme.example"),
        ("domain_hint", "acme.example"),
        ("provider", "google"),
        ("prompt", "login"),
        ("prompt", "create"),
        ("prompt", "select_account"),
        ("prompt", "consent"),
        ("prompt", "none"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .finish();
        let parameters = parameters_of_a_sign_in(&party, &query).await;
        assert_eq!(parameters.get(name).map(String::as_str), Some(value), "{name}");
        let domain = (name == "domain_hint").then_some(value);
        assert_eq!(parameters.get("domain").map(String::as_str), domain, "{name}");
    }
}

/// Rules: core-3.1.2.1-hints-malformed
#[tokio::test]
async fn a_hint_that_makes_no_sense_begins_no_sign_in() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let names = [
        "organization_id",
        "connection_id",
        "login_hint",
        "domain_hint",
        "provider",
        "prompt",
    ];
    let too_long = "x".repeat(257);
    let malformed = names.iter().flat_map(|name| {
        [
            (*name, format!("{name}=login&{name}=login")),
            (*name, format!("{name}={too_long}")),
            (*name, format!("{name}=a%00b")),
            (*name, format!("{name}=a%0D%0Ab")),
        ]
    });
    let odd = ["LOGIN", "login consent", "x"].map(|prompt| ("prompt", format!("prompt={prompt}")));
    for (name, query) in malformed.chain(odd) {
        let browser = party.browser();
        let failure = party
            .begin(&browser, &format!("next=/deep&{query}"))
            .await
            .unwrap_err();
        assert!(
            matches!(&*failure.error, SignInError::Parameter(refused) if *refused == name),
            "{query}: {failure:?}"
        );
        assert_eq!(failure.next.unwrap().as_str(), "/deep", "{query}");
        assert!(
            !failure.is_repeatable && browser.cookies.list().is_empty(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_with_two_targets_does_not_begin() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    assert_refused!(
        reason(party.begin(&browser, "next=/a&next=/b").await),
        SignInError::Parameter("next")
    );
    assert!(browser.cookies.list().is_empty());
}
