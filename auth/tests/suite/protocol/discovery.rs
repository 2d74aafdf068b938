//! Discovery as an application lives with it: OpenID Connect Discovery §4. What a document must be like is tested beside
//! the code that judges it.

use std::time::Duration;

use auth::{
    client::{AuthorizationError, ExchangeError, IdTokenError},
    sign_in::SignInError,
};
use misbehaving_provider::{Document, Endpoint, Fault, MisbehavingProvider};
use openidconnect::ClaimsVerificationError as Claims;

use crate::{
    assert_refused,
    relying_party::{RelyingParty, asked, pass, reason},
};

/// Asserts that nobody is sent to `provider`, however often it is asked, until it is well. `requests`: how many each try
/// makes.
async fn is_of_no_use_until_it_is_well(provider: MisbehavingProvider, requests: usize) {
    let party = RelyingParty::undiscovered(provider.issuer(), &[]).await;
    // The second try begins when the first has been judged.
    asked(&provider, Endpoint::Discovery, requests + 1).await;
    let browser = party.browser();
    let failure = party.begin(&browser, "").await.unwrap_err();
    assert!(
        matches!(
            *failure.error,
            SignInError::Authorization(AuthorizationError::NotDiscovered(_))
        ),
        "{failure:?}"
    );
    assert!(failure.is_repeatable && browser.cookies.list().is_empty());
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
    provider.honest();
    let well = party.client.discovered();
    tokio::time::timeout(Duration::from_secs(10), well)
        .await
        .unwrap()
        .unwrap();
    party.sign_in(&provider).await.unwrap();
}

async fn with_document(bend: impl Fn(Document) -> Document + Send + Sync + 'static) -> MisbehavingProvider {
    let provider = MisbehavingProvider::start().await;
    provider.discovery(bend);
    provider
}

async fn with_fault(fault: Fault) -> MisbehavingProvider {
    let provider = MisbehavingProvider::start().await;
    provider.fault(Endpoint::Discovery, fault);
    provider
}

/// Rules: oidcc-client-test-discovery-openid-config, oidcc-client-test-discovery-jwks-uri-keys, rfc9700-2.6
#[tokio::test]
async fn endpoints_and_keys_come_from_the_discovery_document() {
    let provider = MisbehavingProvider::builder()
        .issuer_path("/realms/acme")
        .start()
        .await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.without("email"));
    party.sign_in(&provider).await.unwrap();
    for endpoint in [
        Endpoint::Discovery,
        Endpoint::Keys,
        Endpoint::Token,
        Endpoint::UserInfo,
    ] {
        assert_eq!(provider.requests(endpoint).len(), 1, "{endpoint:?}");
    }
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}

/// Rules: oidcc-client-test-discovery-issuer-mismatch, discovery-4.3
#[tokio::test]
async fn nobody_is_sent_to_a_provider_with_another_issuers_document() {
    let provider = with_document(|document| document.set("issuer", "https://other.example")).await;
    // With a slash and without: the document is at the same address.
    is_of_no_use_until_it_is_well(provider, 2).await;
}

/// Rules: discovery-4.3-slash
#[tokio::test]
async fn a_slash_at_the_issuers_end_is_no_difference() {
    for (path, more) in [("", "/"), ("/", ""), ("/realms/acme/", "")] {
        let provider = MisbehavingProvider::builder().issuer_path(path).start().await;
        let configured = format!("{}{more}", provider.issuer());
        let party = RelyingParty::configured(&provider, &[("SCALEKIT_ENV_URL", &configured)]).await;
        let outcome = party.sign_in(&provider).await;
        assert!(outcome.is_ok(), "{configured}: {outcome:?}");
    }
}

/// Rules: discovery-4.3-slash
#[tokio::test]
async fn tokens_and_responses_have_the_documents_spelling_of_the_issuer() {
    let provider = MisbehavingProvider::builder().issuer_path("/").start().await;
    let party = RelyingParty::of(&provider).await;
    let trimmed = provider.issuer().trim_end_matches('/').to_owned();
    let other = trimmed.clone();
    provider.id_token(move |token| token.claim("iss", trimmed.as_str()));
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::IdToken(IdTokenError::Claims(
            Claims::InvalidIssuer(_)
        )))
    );
    provider.honest();
    provider.authorization_response(move |response| response.set("iss", other.as_str()));
    assert_refused!(party.sign_in(&provider).await, SignInError::IssuerMismatch);
}

/// Rules: discovery-3-endpoint-missing
#[tokio::test]
async fn nobody_is_sent_to_a_provider_that_lacks_an_endpoint() {
    is_of_no_use_until_it_is_well(
        with_document(|document| document.remove("token_endpoint")).await,
        1,
    )
    .await;
}

/// Rules: discovery-3-endpoint-insecure
#[tokio::test]
async fn nobody_is_sent_to_a_provider_with_an_insecure_endpoint() {
    let endpoint = "http://provider.example/authorize";
    let provider = with_document(move |document| document.set("authorization_endpoint", endpoint)).await;
    is_of_no_use_until_it_is_well(provider, 1).await;
}

/// Rules: core-9-none-usable
#[tokio::test]
async fn nobody_is_sent_to_a_provider_that_takes_no_secret() {
    let methods = ["private_key_jwt"].as_slice();
    let member = "token_endpoint_auth_methods_supported";
    is_of_no_use_until_it_is_well(
        with_document(move |document| document.set(member, methods)).await,
        1,
    )
    .await;
}

/// Rules: discovery-4.2-html
#[tokio::test]
async fn a_web_page_in_the_place_of_the_document_is_asked_for_again() {
    is_of_no_use_until_it_is_well(with_fault(Fault::html()).await, 1).await;
}

/// Rules: discovery-4.2-unreadable
#[tokio::test]
async fn json_that_is_no_document_is_asked_for_again() {
    is_of_no_use_until_it_is_well(with_fault(Fault::body(r#"{"issuer":1}"#)).await, 1).await;
}

/// Rules: discovery-4.2-redirect
#[tokio::test]
async fn a_redirect_of_discovery_is_not_followed() {
    let provider = MisbehavingProvider::start().await;
    provider.fault(
        Endpoint::Discovery,
        Fault::redirect(&provider.url(Endpoint::Elsewhere)),
    );
    is_of_no_use_until_it_is_well(provider, 1).await;
}

/// A GET may be repeated at once, so one failure of a moment costs no pause.
#[tokio::test]
async fn discovery_survives_one_failure_without_a_pause() {
    let provider = MisbehavingProvider::start().await;
    provider.fault_once(Endpoint::Discovery, Fault::status(503));
    provider.fault_once(Endpoint::Keys, Fault::reset());
    let party = RelyingParty::of(&provider).await;
    assert_eq!(provider.requests(Endpoint::Discovery).len(), 2);
    assert_eq!(provider.requests(Endpoint::Keys).len(), 2);
    party.sign_in(&provider).await.unwrap();
}

/// Rules: discovery-back-off
#[tokio::test]
async fn a_provider_that_comes_up_late_is_discovered() {
    let provider = MisbehavingProvider::builder().down().start().await;
    let party = RelyingParty::undiscovered(provider.issuer(), &[]).await;
    assert_refused!(
        reason(party.begin(&party.browser(), "").await),
        SignInError::Authorization(AuthorizationError::NotDiscovered(_))
    );
    provider.come_up();
    party.client.discovered().await.unwrap();
    party.sign_in(&provider).await.unwrap();
}

/// Rules: discovery-back-off, rfc9700-2.6
#[tokio::test]
async fn discovery_is_repeated_hourly_and_a_moved_endpoint_is_found() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.discovery(|document| document.set("authorization_endpoint", "https://moved.example/authorize"));
    pass(Duration::from_mins(59)).await;
    party.sign_in(&provider).await.unwrap();
    assert_eq!(provider.requests(Endpoint::Discovery).len(), 1);
    pass(Duration::from_mins(1)).await;
    let moved = async {
        while !party
            .begin(&party.browser(), "")
            .await
            .unwrap()
            .starts_with("https://moved.example/")
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), moved).await.unwrap();
}

/// Rules: discovery-back-off, fault-signed-in
#[tokio::test]
async fn a_discovery_that_fails_later_leaves_what_is_known() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.fault(Endpoint::Discovery, Fault::status(404));
    pass(Duration::from_hours(1)).await;
    asked(&provider, Endpoint::Discovery, 3).await;
    party.sign_in(&provider).await.unwrap();
}

/// Nobody asks for an application that is gone.
#[tokio::test]
async fn discovery_ends_with_the_application() {
    let provider = MisbehavingProvider::start().await;
    drop(RelyingParty::of(&provider).await);
    tokio::task::yield_now().await;
    pass(Duration::from_hours(1)).await;
    // Another application's discovery takes longer than the first one would need to be asking again.
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert_eq!(
        provider.requests(Endpoint::Discovery).len(),
        2,
        "one for each of them"
    );
}
