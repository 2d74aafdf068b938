//! Pushed authorization requests: RFC 9126.

use std::time::Duration;

use auth::{
    client::AuthorizationError,
    http::HttpError,
    sign_in::{Failure, SignInError},
};
use misbehaving_provider::{
    CLIENT_ID, CLIENT_SECRET, ClientAuthentication, Endpoint, Fault, MisbehavingProvider,
};
use url::Url;

use crate::relying_party::RelyingParty;

/// A provider that wants requests pushed, by `methods` of client authentication.
async fn demanding_provider(methods: &'static [&str]) -> MisbehavingProvider {
    let provider = MisbehavingProvider::start().await;
    provider.discovery(move |document| {
        document
            .set("require_pushed_authorization_requests", true)
            .set("token_endpoint_auth_methods_supported", methods)
    });
    provider
}

const BASIC: &[&str] = &["client_secret_basic"];

/// The failure of a sign-in whose pushed request meets `fault`. It is pushed once, and begins nothing.
async fn failure_of_a_push(fault: Fault) -> Failure {
    let provider = demanding_provider(BASIC).await;
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    provider.fault(
        Endpoint::PushedAuthorization,
        fault.header("location", &provider.url(Endpoint::Elsewhere)),
    );
    let failure = party.begin(&browser, "next=/deep").await.unwrap_err();
    assert_eq!(provider.requests(Endpoint::PushedAuthorization).len(), 1);
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
    assert!(browser.cookies.list().is_empty(), "no sign-in has begun");
    assert_eq!(failure.next.as_ref().unwrap().as_str(), "/deep");
    failure
}

/// Rules: rfc9126-2, rfc9126-5
#[tokio::test]
async fn a_request_that_must_be_pushed_is_pushed_and_signs_a_person_in() {
    let provider = demanding_provider(BASIC).await;
    let party = RelyingParty::of(&provider).await;
    assert_eq!(party.sign_in(&provider).await.unwrap().user.sub, "usr_ada");
    assert_eq!(provider.requests(Endpoint::PushedAuthorization).len(), 1);
}

/// Rules: rfc9126-5
#[tokio::test]
async fn a_request_that_need_not_be_pushed_travels_through_the_browser() {
    let provider = MisbehavingProvider::start().await;
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert!(provider.requests(Endpoint::PushedAuthorization).is_empty());
    let request = provider.last_request(Endpoint::Authorization);
    assert_eq!(request.query.get("request_uri"), None);
}

/// Rules: rfc9126-4
#[tokio::test]
async fn the_browser_carries_the_client_id_and_the_receipt_and_nothing_else() {
    let provider = demanding_provider(BASIC).await;
    let party = RelyingParty::of(&provider).await;
    provider.pushed_authorization_response(|answer| answer.set("request_uri", "urn:ietf:params:a&b=c"));
    let url = party.begin(&party.browser(), "login_hint=a").await.unwrap();
    assert!(url.starts_with(&format!("{}?", provider.url(Endpoint::Authorization))));
    let parameters: Vec<_> = Url::parse(&url).unwrap().query_pairs().into_owned().collect();
    let expected = [("client_id", CLIENT_ID), ("request_uri", "urn:ietf:params:a&b=c")];
    assert_eq!(
        parameters,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

/// Rules: rfc9126-2
#[tokio::test]
async fn a_pushed_request_carries_every_parameter_of_the_request() {
    let (pushing, plain) = (
        demanding_provider(BASIC).await,
        MisbehavingProvider::start().await,
    );
    let query = "login_hint=%C3%A4%26%2B&prompt=login&organization_id=org_1&domain_hint=acme.example";
    let party = RelyingParty::of(&pushing).await;
    party.begin(&party.browser(), query).await.unwrap();
    let pushed = pushing.last_request(Endpoint::PushedAuthorization).form;
    let party = RelyingParty::of(&plain).await;
    let url = Url::parse(&party.begin(&party.browser(), query).await.unwrap()).unwrap();
    let is_random = |name: &str| ["state", "nonce", "code_challenge"].contains(&name);
    assert_eq!(pushed.iter().count(), url.query_pairs().count());
    for (name, value) in url.query_pairs() {
        let is_right = pushed
            .get(&name)
            .is_some_and(|sent| sent == value || is_random(&name) && sent.len() == 43);
        assert!(is_right, "{name}");
    }
}

/// Rules: rfc9126-2
#[tokio::test]
async fn a_pushed_request_authenticates_as_the_token_request_does() {
    let (id, secret) = (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned());
    let basic = ClientAuthentication::Basic {
        id: id.clone(),
        secret: secret.clone(),
    };
    let form = ClientAuthentication::Form { id, secret };
    for (methods, expected) in [(BASIC, basic), (&["client_secret_post"], form)] {
        let provider = demanding_provider(methods).await;
        RelyingParty::of(&provider)
            .await
            .sign_in(&provider)
            .await
            .unwrap();
        for endpoint in [Endpoint::PushedAuthorization, Endpoint::Token] {
            let request = provider.last_request(endpoint);
            assert_eq!(request.method, "POST");
            assert_eq!(request.client_authentication(), expected, "{endpoint:?}");
        }
    }
}

/// Rules: rfc9126-2.3
#[tokio::test]
async fn a_pushed_request_that_is_refused_begins_no_sign_in() {
    let long = "e".repeat(100);
    for (fault, code) in [
        (Fault::error(400, "invalid_request"), "invalid_request"),
        (Fault::error(401, "invalid_client"), "invalid_client"),
        (Fault::error(201, "invalid_request"), "invalid_request"),
        (
            Fault::error(400, &format!("<b>\n\u{e4} {long}")),
            &format!("<b>{}", &long[..61]),
        ),
        (
            Fault::body(r#"{"error":"a","request_uri":"urn:x"}"#).with_status(201),
            "a",
        ),
    ] {
        let failure = failure_of_a_push(fault).await;
        let is_exact = matches!(
            &*failure.error,
            SignInError::Authorization(AuthorizationError::Refused(named)) if named == code
        );
        assert!(is_exact && !failure.is_repeatable, "{code}: {failure:?}");
    }
}

/// Rules: rfc9126-2.3
#[tokio::test]
async fn an_answer_to_a_pushed_request_that_cannot_be_read_begins_no_sign_in() {
    for (case, fault) in [
        ("a web page", Fault::html()),
        ("nothing", Fault::status(201)),
        ("no receipt", Fault::body("{}").with_status(201)),
        (
            "an empty receipt",
            Fault::body(r#"{"request_uri":""}"#).with_status(201),
        ),
        (
            "a receipt that is no text",
            Fault::body(r#"{"request_uri":1}"#).with_status(201),
        ),
        (
            "two receipts",
            Fault::body(r#"{"request_uri":"a","request_uri":"b"}"#).with_status(201),
        ),
        (
            "another status",
            Fault::body(r#"{"request_uri":"a"}"#).with_status(202),
        ),
        ("a redirect", Fault::status(307)),
        (
            "a redirect with a receipt",
            Fault::body(r#"{"request_uri":"a"}"#).with_status(302),
        ),
    ] {
        let failure = failure_of_a_push(fault).await;
        let is_exact = matches!(
            &*failure.error,
            SignInError::Authorization(AuthorizationError::Refused(named)) if named == "unreadable"
        );
        assert!(is_exact && !failure.is_repeatable, "{case}: {failure:?}");
    }
}

/// Rules: rfc9126-2.3
#[tokio::test]
async fn a_pushed_request_without_an_answer_begins_no_sign_in_and_can_be_repeated() {
    for (case, fault) in [
        ("Transport", Fault::reset()),
        ("Transport", Fault::truncated()),
        ("Timeout", Fault::hang()),
        ("TooLong", Fault::huge()),
        ("Unavailable", Fault::status(503)),
        ("Unavailable", Fault::status(429)),
    ] {
        let failure = failure_of_a_push(fault).await;
        let SignInError::Authorization(AuthorizationError::Unreachable(error)) = &*failure.error else {
            panic!("{case}: {failure:?}");
        };
        assert!(
            format!("{error:?}").starts_with(case) && failure.is_repeatable,
            "{case}: {error:?}"
        );
    }
}

/// Rules: rfc9126-2.3
#[tokio::test]
async fn a_provider_that_cannot_take_a_pushed_request_now_says_when_it_can() {
    let fault = Fault::status(503)
        .header("retry-after", "7")
        .delayed(Duration::from_millis(1));
    let failure = failure_of_a_push(fault).await;
    assert_eq!(failure.error.retry_after(), Some(7));
}

/// Rules: rfc9126-2.3
#[tokio::test]
async fn a_provider_that_is_gone_when_a_request_is_to_be_pushed_is_told_as_such() {
    let provider = demanding_provider(BASIC).await;
    let party = RelyingParty::of(&provider).await;
    provider.go_down().await;
    let failure = party.begin(&party.browser(), "").await.unwrap_err();
    let is_exact = matches!(
        &*failure.error,
        SignInError::Authorization(AuthorizationError::Unreachable(HttpError::Transport(error))) if error.is_connect()
    );
    assert!(is_exact && failure.is_repeatable, "{failure:?}");
    provider.come_up();
    party.sign_in(&provider).await.unwrap();
}

/// Rules: rfc9126-2
#[tokio::test]
async fn a_receipt_with_status_200_is_as_good() {
    let provider = demanding_provider(BASIC).await;
    let party = RelyingParty::of(&provider).await;
    provider.fault(
        Endpoint::PushedAuthorization,
        Fault::delay(Duration::ZERO).with_status(200),
    );
    party.sign_in(&provider).await.unwrap();
}
