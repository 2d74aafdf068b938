//! Third-party initiated login: OpenID Connect Core §4.

use auth::sign_in::SignInError;
use misbehaving_provider::MisbehavingProvider;

use super::{arrives, initiated, lands, parameters, query};
use crate::{assert_refused, relying_party::RelyingParty};

/// Rules: core-4-iss, core-4-login-hint
#[tokio::test]
async fn a_third_party_begins_a_sign_in_by_naming_our_provider() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    let query = query(&[
        ("iss", provider.issuer()),
        ("login_hint", " ada+\u{e9}@acme.example "),
        ("target_link_uri", "/reports?month=7"),
        ("organization_id", "org_evil"),
        ("state", "chosen"),
    ]);
    let url = initiated(&party, &browser, &query).await.unwrap();
    let parameters = parameters(&url);
    assert_eq!(parameters["login_hint"], "ada+\u{e9}@acme.example");
    assert!(
        !parameters.contains_key("organization_id"),
        "Core §4 knows no such thing"
    );
    assert_ne!(parameters["state"], "chosen");
    let next = party.finish(&browser, &provider.authorize(url.as_str())).await;
    assert_eq!(next.unwrap().as_str(), "/reports?month=7");
}

/// Rules: core-4-iss, rfc9700-4.4
#[tokio::test]
async fn a_third_party_that_names_another_provider_begins_nothing() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let issuer = provider.issuer();
    for other in [
        "",
        "https://evil.example",
        &format!("{issuer}/"),
        &format!(" {issuer}"),
        &issuer.to_uppercase(),
        &issuer.replace("127.0.0.1", "localhost"),
    ] {
        let outcome = arrives(&party, &[("iss", other)]).await;
        assert_refused!(outcome, SignInError::Parameter("iss"), other);
    }
    let outcome = arrives(&party, &[("iss", issuer), ("iss", issuer)]).await;
    assert_refused!(outcome, SignInError::Parameter("iss"));
}

/// Rules: core-4-target-link-uri, next-hostile, rfc9700-2.1
#[tokio::test]
async fn a_third_party_cannot_send_anybody_to_another_site() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    for (target, place) in [
        ("https://app.example/reports?month=7", "/reports?month=7"),
        ("https://app.example/", "/"),
        ("/reports?month=7", "/reports?month=7"),
        ("https://app.example", "/dashboard"),
        ("https://evil.example/reports", "/dashboard"),
        ("https://app.example.evil.example/", "/dashboard"),
        ("https://app.example@evil.example/", "/dashboard"),
        ("https://app.example:8443/reports", "/dashboard"),
        ("https://app.example//evil.example", "/dashboard"),
        ("https://app.example/\\evil.example", "/dashboard"),
        ("https://app.example/logout", "/dashboard"),
        ("http://app.example/reports", "/dashboard"),
        ("//app.example/reports", "/dashboard"),
        ("//evil.example", "/dashboard"),
        ("javascript:alert(1)", "/dashboard"),
        ("", "/dashboard"),
    ] {
        let parameters = [("iss", provider.issuer()), ("target_link_uri", target)];
        assert_eq!(lands(&provider, &party, &parameters).await, place, "{target}");
    }
}

/// Rules: core-4-target-link-uri, core-4-login-hint
#[tokio::test]
async fn a_third_partys_parameter_that_comes_twice_or_makes_no_sense_begins_nothing() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let too_long = "h".repeat(257);
    for (name, values) in [
        ("target_link_uri", ["/a", "/b"].as_slice()),
        ("login_hint", &["a", "b"]),
        ("login_hint", &["a\0b"]),
        ("login_hint", &[too_long.as_str()]),
    ] {
        let mut parameters = vec![("iss", provider.issuer())];
        parameters.extend(values.iter().map(|value| (name, *value)));
        let outcome = arrives(&party, &parameters).await;
        assert_refused!(outcome, SignInError::Parameter(refused) if *refused == name, name);
    }
}

/// Rules: core-4-iss, fault-login
#[tokio::test]
async fn a_third_partys_sign_in_can_be_repeated_once_the_provider_is_discovered() {
    let party = RelyingParty::undiscovered("http://127.0.0.1:1", &[]).await;
    let browser = party.browser();
    let query = query(&[("iss", "http://127.0.0.1:1")]);
    let failure = party.initiate(&browser, &query).await.unwrap_err();
    assert!(failure.is_repeatable && browser.cookies.list().is_empty());
    assert_refused!(Err::<(), _>(failure.error), SignInError::ProviderUnavailable(_));
}
