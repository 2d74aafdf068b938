//! What a discovery document must be like, and how often a provider is asked for it.

use misbehaving_provider::{Document, Endpoint, Fault, MisbehavingProvider};
use serde_json::{Value, json};

use super::*;
use crate::clock::{Entropy, SystemClock};

async fn discovered(provider: &MisbehavingProvider) -> Result<Provider, ProviderError> {
    let http = HttpClient::new().unwrap();
    Provider::discover(provider.issuer(), &http, &Surroundings::system()).await
}

/// What becomes of a provider with this document.
async fn with(
    bend: impl Fn(Document) -> Document + Send + Sync + 'static,
) -> Result<Provider, ProviderError> {
    let provider = MisbehavingProvider::start().await;
    provider.discovery(bend);
    discovered(&provider).await
}

async fn with_member(name: &'static str, value: impl Into<Value>) -> Result<Provider, ProviderError> {
    let value = value.into();
    with(move |document| document.set(name, value.clone())).await
}

/// Rules: oidcc-client-test-discovery-issuer-mismatch, discovery-4.3
#[tokio::test]
async fn a_document_of_another_issuer_is_refused() {
    for other in ["https://other.example", "http://127.0.0.1"] {
        let refusal = with_member("issuer", other).await;
        let is_exact = matches!(
            refusal,
            Err(ProviderError::Discovery(DiscoveryError::Validation(_)))
        );
        assert!(is_exact, "{other}: {refusal:?}");
    }
}

/// Rules: discovery-4.3-slash
#[tokio::test]
async fn an_issuer_with_a_slash_is_known_by_the_documents_spelling() {
    let provider = MisbehavingProvider::builder().issuer_path("/").start().await;
    let trimmed = provider.issuer().trim_end_matches('/');
    let http = HttpClient::new().unwrap();
    let found = Provider::discover(trimmed, &http, &Surroundings::system()).await;
    assert_eq!(found.unwrap().issuer(), provider.issuer());
}

/// Rules: discovery-3-endpoint-missing
#[tokio::test]
async fn a_document_without_an_endpoint_that_is_needed_is_refused_by_its_name() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let refusal = with(|document| document.remove(name)).await.unwrap_err();
        let line = crate::error_chain(&refusal);
        assert!(line.contains(name), "{name}: {line}");
    }
    let optional = [
        "userinfo_endpoint",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
    ];
    let without = move |document: Document| {
        optional
            .iter()
            .fold(document, |document, name| document.remove(name))
    };
    assert!(with(without).await.is_ok());
}

/// Rules: discovery-3-endpoint-insecure
#[tokio::test]
async fn a_document_with_an_endpoint_that_is_not_https_is_refused_by_its_name() {
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
    ] {
        for insecure in [
            "http://provider.example/x",
            "ftp://127.0.0.1/x",
            "javascript:alert(1)",
        ] {
            let refusal = with_member(name, insecure).await;
            let is_named = matches!(refusal, Err(ProviderError::Endpoint(named)) if named == name);
            assert!(is_named, "{name} {insecure}: {refusal:?}");
        }
        assert!(
            with_member(name, "https://provider.example/x").await.is_ok(),
            "{name}"
        );
    }
}

/// Rules: discovery-3-endpoint-insecure
#[tokio::test]
async fn keys_from_an_insecure_address_are_refused_by_its_name() {
    let provider = MisbehavingProvider::start().await;
    // The provider answers there, too, so that nothing but the address is wrong with it.
    let insecure = provider.url(Endpoint::Keys).replace("127.0.0.1", "0.0.0.0");
    provider.discovery(move |document| document.set("jwks_uri", insecure.as_str()));
    let refusal = discovered(&provider).await;
    assert!(
        matches!(refusal, Err(ProviderError::Endpoint("jwks_uri"))),
        "{refusal:?}"
    );
}

/// A provider that reveals it unprotected is usable nonetheless: who signs out does without it.
#[tokio::test]
async fn tokens_are_revoked_where_nobody_can_listen_or_not_at_all() {
    for (endpoint, is_used) in [
        ("https://provider.example/revoke", true),
        ("http://127.0.0.1/revoke", true),
        ("http://provider.example/revoke", false),
        ("ftp://127.0.0.1/revoke", false),
        ("javascript:alert(1)", false),
    ] {
        let found = with_member("revocation_endpoint", endpoint).await.unwrap();
        let used = found.revocation_endpoint().map(Url::as_str);
        assert_eq!(used, is_used.then_some(endpoint), "{endpoint}");
    }
    let silent = with(|document| document.remove("revocation_endpoint")).await;
    assert_eq!(silent.unwrap().revocation_endpoint(), None);
}

/// Rules: discovery-3-endpoint-missing, rfc9126-5
#[tokio::test]
async fn a_provider_that_demands_pushed_requests_must_say_where() {
    let bend = |document: Document| {
        document
            .set("require_pushed_authorization_requests", true)
            .remove("pushed_authorization_request_endpoint")
    };
    let refusal = with(bend).await;
    let expected = "pushed_authorization_request_endpoint";
    assert!(matches!(refusal, Err(ProviderError::Endpoint(named)) if named == expected));
}

/// Rules: core-9-none-usable
#[tokio::test]
async fn a_provider_without_a_usable_client_authentication_is_refused_by_its_name() {
    let name = "token_endpoint_auth_methods_supported";
    for methods in [
        json!([]),
        json!(["private_key_jwt", "client_secret_jwt", "tls_client_auth"]),
    ] {
        let refusal = with_member(name, methods.clone()).await.unwrap_err();
        assert!(
            matches!(refusal, ProviderError::ClientAuthentication),
            "{methods}: {refusal:?}"
        );
        assert!(
            refusal
                .to_string()
                .contains("neither client_secret_basic nor client_secret_post")
        );
    }
}

/// Rules: core-9-default, core-9-post
#[tokio::test]
async fn the_secret_goes_where_the_provider_wants_it() {
    let name = "token_endpoint_auth_methods_supported";
    for (methods, expected) in [
        (json!(["client_secret_basic"]), ClientAuthentication::Basic),
        (
            json!(["private_key_jwt", "client_secret_basic"]),
            ClientAuthentication::Basic,
        ),
        (json!(["none"]), ClientAuthentication::Basic),
        (json!(["client_secret_post"]), ClientAuthentication::Post),
        (
            json!(["client_secret_basic", "client_secret_post"]),
            ClientAuthentication::Post,
        ),
    ] {
        let found = with_member(name, methods.clone()).await.unwrap();
        assert_eq!(found.client_authentication, expected, "{methods}");
    }
    let silent = with(|document| document.remove(name)).await.unwrap();
    assert_eq!(silent.client_authentication, ClientAuthentication::Basic);
}

/// Rules: core-3.1.3.7-7, core-3.1.3.7-8, rfc8725-3.2
#[tokio::test]
async fn only_asymmetric_signatures_are_accepted_and_rs256_alone_where_it_is_offered() {
    let name = "id_token_signing_alg_values_supported";
    for (offered, accepted) in [
        (json!(["RS256"]), json!(["RS256"])),
        (json!(["ES256", "RS256", "none", "HS256"]), json!(["RS256"])),
        (json!([]), json!(["RS256"])),
        (
            json!(["none", "HS256", "HS384", "HS512", "ES256", "PS256"]),
            json!(["ES256", "PS256"]),
        ),
    ] {
        let found = with_member(name, offered.clone()).await.unwrap();
        assert_eq!(json!(found.algorithms), accepted, "{offered}");
    }
    for offered in [json!(["none"]), json!(["none", "HS256", "HS384", "HS512"])] {
        let refusal = with_member(name, offered.clone()).await;
        assert!(
            matches!(refusal, Err(ProviderError::Algorithms)),
            "{offered}: {refusal:?}"
        );
    }
}

/// Rules: discovery-4.2-html, discovery-4.2-unreadable, discovery-4.2-redirect
#[tokio::test]
async fn what_is_no_discovery_document_is_refused_as_what_it_is() {
    let provider = MisbehavingProvider::start().await;
    let elsewhere = provider.url(Endpoint::Elsewhere);
    for (fault, expected) in [
        (Fault::html(), "Unexpected response Content-Type"),
        (
            Fault::content_type("text/plain"),
            "Unexpected response Content-Type",
        ),
        (Fault::body("{}"), "missing field `issuer`"),
        (Fault::body("[]"), "Failed to parse server response"),
        (Fault::body("{"), "Failed to parse server response"),
        (Fault::redirect(&elsewhere), "HTTP status code 307"),
        (Fault::status(404), "HTTP status code 404"),
        (Fault::huge(), "longer than 524288 bytes"),
    ] {
        provider.fault(Endpoint::Discovery, fault);
        let line = crate::error_chain(&discovered(&provider).await.unwrap_err());
        assert!(line.contains(expected), "{expected}: {line}");
    }
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}

#[tokio::test]
async fn a_provider_whose_keys_cannot_be_read_is_not_discovered() {
    let provider = MisbehavingProvider::start().await;
    for fault in [
        Fault::html(),
        Fault::status(404),
        Fault::redirect(provider.issuer()),
    ] {
        provider.fault(Endpoint::Keys, fault);
        let refusal = discovered(&provider).await;
        let is_exact = matches!(
            refusal,
            Err(ProviderError::Discovery(DiscoveryError::Response(..)))
        );
        assert!(is_exact, "{refusal:?}");
    }
    provider.heal(Endpoint::Keys);
    assert!(discovered(&provider).await.is_ok());
}

#[tokio::test]
async fn the_session_ends_where_the_document_says_or_where_scalekits_own_sdks_end_it() {
    let provider = MisbehavingProvider::start().await;
    let end_session = async || {
        let found = discovered(&provider).await.unwrap();
        found.end_session_endpoint().map(String::from)
    };
    assert_eq!(end_session().await, Some(provider.url(Endpoint::EndSession)));
    let issuer = provider.issuer().to_owned();
    provider.discovery(move |document| document.set("token_endpoint", format!("{issuer}/oauth/token")));
    assert_eq!(end_session().await, Some(provider.url(Endpoint::EndSession)));
    let issuer = provider.issuer().to_owned();
    provider.discovery(move |document| document.set("jwks_uri", format!("{issuer}/keys")));
    provider.fault(Endpoint::Elsewhere, Fault::body(r#"{"keys":[]}"#));
    let expected = format!("{}/oidc/logout", provider.issuer());
    assert_eq!(end_session().await, Some(expected));
    provider.honest();
    provider.discovery(|document| document.remove("end_session_endpoint"));
    assert_eq!(end_session().await, None);
}

/// Rules: discovery-back-off
#[test]
fn the_pauses_between_failures_grow_up_to_a_limit_and_a_success_ends_them() {
    let surroundings = Surroundings::new(SystemClock, Always(128));
    let mut pauses = Pauses::new();
    let mut after = |outcome: Result<(), ()>| pauses.after(&outcome, &surroundings).as_millis();
    for pause in [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] {
        assert_eq!(after(Err(())), pause);
    }
    assert_eq!(after(Ok(())), 3_600_000);
    assert_eq!(after(Ok(())), 3_600_000);
    assert_eq!(after(Err(())), 500);
}

/// Rules: discovery-back-off
#[test]
fn the_pauses_of_two_replicas_differ() {
    let pause = |byte| {
        jittered(
            Duration::from_secs(8),
            &Surroundings::new(SystemClock, Always(byte)),
        )
    };
    assert_eq!(pause(0), Duration::from_secs(6));
    assert_eq!(pause(128), Duration::from_secs(8));
    assert!((Duration::from_millis(9_900)..Duration::from_secs(10)).contains(&pause(255)));
}

#[derive(Debug)]
struct Always(u8);

impl Entropy for Always {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}
