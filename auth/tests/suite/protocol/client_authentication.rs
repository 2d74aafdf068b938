//! How this application proves who it is: RFC 6749 §2.3.1, OpenID Connect Core §9.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use misbehaving_provider::{
    CLIENT_ID, CLIENT_SECRET, ClientAuthentication, Document, Endpoint, MisbehavingProvider, Received,
};

use crate::relying_party::RelyingParty;

const METHODS: &str = "token_endpoint_auth_methods_supported";

/// The token request to a provider with this discovery document.
async fn token_request(bend: impl Fn(Document) -> Document + Send + Sync + 'static) -> Received {
    let provider = MisbehavingProvider::start().await;
    provider.discovery(bend);
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    provider.last_request(Endpoint::Token)
}

fn basic() -> ClientAuthentication {
    let (id, secret) = (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned());
    ClientAuthentication::Basic { id, secret }
}

/// Rules: core-9-default
#[tokio::test]
async fn without_a_word_in_discovery_the_secret_goes_into_http_basic() {
    let request = token_request(|document| document.remove(METHODS)).await;
    assert_eq!(request.client_authentication(), basic());
}

/// Rules: oidcc-client-test-client-secret-basic
#[tokio::test]
async fn the_secret_goes_into_http_basic_where_that_is_offered() {
    let request = token_request(|document| document.set(METHODS, ["client_secret_basic"].as_slice())).await;
    assert_eq!(request.client_authentication(), basic());
    assert_eq!(request.form.get("client_secret"), None);
}

/// Rules: core-9-post
#[tokio::test]
async fn the_secret_goes_into_the_form_where_that_is_offered_and_nowhere_else() {
    for methods in [
        ["client_secret_post"].as_slice(),
        &["client_secret_basic", "client_secret_post"],
    ] {
        let request = token_request(move |document| document.set(METHODS, methods)).await;
        let (id, secret) = (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned());
        assert_eq!(
            request.client_authentication(),
            ClientAuthentication::Form { id, secret }
        );
        assert!(!request.headers.contains_key("authorization"), "{methods:?}");
    }
}

/// Rules: rfc6749-2.3.1-basic-encoding
#[tokio::test]
async fn what_goes_into_http_basic_is_form_encoded_first() {
    let request = token_request(|document| document).await;
    let credentials = request.header("authorization").strip_prefix("Basic ").unwrap();
    let credentials = STANDARD.decode(credentials).unwrap();
    assert_eq!(
        String::from_utf8(credentials).unwrap(),
        "application-under-test:s3cr%E2%82%ACt%3A%2F%2B+%25%26%3D%C3%A9"
    );
}
