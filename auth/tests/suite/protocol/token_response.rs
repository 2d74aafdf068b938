//! The token request and its response: RFC 6749 §4.1.3, §5.1 and §5.2, OpenID Connect Core §3.1.3.3.

use std::sync::Arc;

use auth::{client::ExchangeError, http::HttpError, session::SignedIn, sign_in::SignInError};
use misbehaving_provider::{Document, Endpoint, Fault, MisbehavingProvider};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{assert_refused, relying_party::RelyingParty};

/// What becomes of a sign-in whose token request meets `fault`. The request is sent once, and nowhere else.
async fn signed_in_despite(fault: Fault) -> Result<SignedIn, Arc<SignInError>> {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.fault(
        Endpoint::Token,
        fault.header("location", &provider.url(Endpoint::Elsewhere)),
    );
    let outcome = party.sign_in(&provider).await;
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
    outcome
}

/// What becomes of a sign-in with this token response.
async fn signed_in_by(
    response: impl Fn(Document) -> Document + Send + Sync + 'static,
) -> Result<SignedIn, Arc<SignInError>> {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.token_response(response);
    party.sign_in(&provider).await
}

/// Rules: rfc6749-4.1.3, rfc9700-2.4
#[tokio::test]
async fn the_token_request_is_a_form_with_code_grant_type_redirect_uri_and_verifier() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    let request = provider.last_request(Endpoint::Token);
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.query.iter().count(), 0);
    assert_eq!(request.form.get("grant_type"), Some("authorization_code"));
    let code = format!("?code={}&", request.form.get("code").unwrap());
    assert!(callback.contains(&code), "{callback}");
    let redirect_uri = provider.last_request(Endpoint::Authorization).query;
    assert_eq!(request.form.get("redirect_uri"), redirect_uri.get("redirect_uri"));
    let mut names: Vec<_> = request.form.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "code_verifier", "grant_type", "redirect_uri"]);
}

/// Rules: rfc6749-5.1-token-type
#[tokio::test]
async fn tokens_that_are_not_bearer_tokens_are_refused() {
    for kind in ["mac", "DPoP", "N_A", "", "bearer "] {
        let outcome = signed_in_by(move |response| response.set("token_type", kind)).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::TokenType));
    }
    for kind in ["bearer", "BEARER", "Bearer"] {
        let outcome = signed_in_by(move |response| response.set("token_type", kind)).await;
        assert!(outcome.is_ok(), "{kind}: {outcome:?}");
    }
}

/// Rules: rfc6749-5.1-access-token-missing
#[tokio::test]
async fn a_response_without_an_access_token_is_refused() {
    let missing = signed_in_by(|response| response.remove("access_token")).await;
    assert_refused!(missing, SignInError::Exchange(ExchangeError::Unreadable(_)));
    for odd in [json!(null), json!(1), json!({})] {
        let outcome = signed_in_by(move |response| response.set("access_token", odd.clone())).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::Unreadable(_)));
    }
}

/// Rules: rfc6749-5.1-access-token-missing
#[tokio::test]
async fn an_access_token_that_fits_into_no_header_is_refused() {
    for odd in ["", "a\nb", "a\u{0}", "a\u{7f}", "\u{e4}"] {
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await;
        provider.access_token(move |token| token.raw(odd));
        provider.id_token(|token| token.without("email"));
        assert_refused!(
            party.sign_in(&provider).await,
            SignInError::Exchange(ExchangeError::Unreadable(why)) if why == "at `access_token`"
        );
        assert!(provider.requests(Endpoint::UserInfo).is_empty());
    }
}

/// Rules: core-3.1.3.3-id-token-missing
#[tokio::test]
async fn a_response_without_an_id_token_is_refused() {
    let missing = signed_in_by(|response| response.remove("id_token")).await;
    assert_refused!(missing, SignInError::Exchange(ExchangeError::NoIdToken));
    let null = signed_in_by(|response| response.set("id_token", Value::Null)).await;
    assert_refused!(null, SignInError::Exchange(ExchangeError::NoIdToken));
}

/// Rules: rfc6749-5.1-expires-in
#[tokio::test]
async fn a_wrong_expires_in_spoils_nothing_for_the_tokens_own_end_decides() {
    // Five minutes, and one second more if the exchange began in the second before.
    let lifetime = 290..=301;
    for wrong in [
        json!(null),
        json!(0),
        json!(-1),
        json!("300"),
        json!(300.5),
        json!(1e300),
        json!(u64::MAX),
        json!({}),
    ] {
        let case = wrong.clone();
        let signed_in = signed_in_by(move |response| response.set("expires_in", wrong.clone())).await;
        let tokens = signed_in.unwrap().tokens;
        assert!(
            lifetime.contains(&tokens.expires_in),
            "{case}: {}",
            tokens.expires_in
        );
    }
    let missing = signed_in_by(|response| response.remove("expires_in")).await;
    assert!(lifetime.contains(&missing.unwrap().tokens.expires_in));
}

/// Rules: rfc6749-5.1-expires-in
#[tokio::test]
async fn the_end_of_an_opaque_token_is_what_expires_in_says_within_reason() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.opaque_access_token();
    for (said, believed) in [
        (json!(120), 120),
        (json!(null), 300),
        (json!(-1), 300),
        (json!(u64::MAX), 300),
        (json!(10 * 365 * 24 * 3600), 365 * 24 * 3600),
    ] {
        provider.token_response(move |response| response.set("expires_in", said.clone()));
        let tokens = party.sign_in(&provider).await.unwrap().tokens;
        assert!(
            (believed - 5..=believed).contains(&tokens.expires_in),
            "{believed}: {}",
            tokens.expires_in
        );
        assert!(tokens.expires_at > OffsetDateTime::UNIX_EPOCH);
    }
}

/// Rules: rfc6749-5.1-html
#[tokio::test]
async fn a_web_page_in_the_place_of_tokens_is_refused() {
    let outcome = signed_in_despite(Fault::html()).await;
    assert_refused!(
        outcome,
        SignInError::Exchange(ExchangeError::Unreadable(why)) if why == "not JSON, or empty"
    );
}

/// Rules: rfc6749-5.1-truncated
#[tokio::test]
async fn a_response_that_breaks_off_is_refused() {
    let outcome = signed_in_despite(Fault::truncated()).await;
    assert_refused!(
        outcome,
        SignInError::Exchange(ExchangeError::Unreachable(HttpError::Transport(error))) if !error.is_connect()
    );
    let half = signed_in_despite(Fault::body(r#"{"access_token":"a","#)).await;
    assert_refused!(half, SignInError::Exchange(ExchangeError::Unreadable(_)));
}

/// Rules: rfc6749-5.1-content-type
#[tokio::test]
async fn tokens_under_another_content_type_than_json_are_refused() {
    for other in ["text/html", "text/plain; charset=utf-8", "application/jwt", ""] {
        let outcome = signed_in_despite(Fault::content_type(other)).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::Unreadable(_)));
    }
    let with_parameter = Fault::content_type("Application/JSON; charset=utf-8");
    signed_in_despite(with_parameter).await.unwrap();
}

/// Rules: rfc6749-5.1-huge
#[tokio::test]
async fn a_response_of_ten_megabytes_is_given_up() {
    let outcome = signed_in_despite(Fault::huge()).await;
    assert_refused!(
        outcome,
        SignInError::Exchange(ExchangeError::Unreachable(HttpError::TooLong))
    );
    let long = signed_in_by(|response| response.set("padding", "x".repeat(500_000))).await;
    assert!(long.is_ok(), "what is long within reason is read");
}

/// Rules: rfc6749-5.1-duplicate-members
#[tokio::test]
async fn a_response_in_which_a_member_occurs_twice_is_refused() {
    for name in ["access_token", "id_token", "token_type", "unknown"] {
        let outcome = signed_in_by(move |response| {
            let value = response.get(name).cloned().unwrap_or_default();
            response.set(name, value.clone()).duplicate(name, value)
        });
        assert_refused!(
            outcome.await,
            SignInError::Exchange(ExchangeError::Unreadable(why)) if why == "not JSON, or empty"
        );
    }
}

/// Rules: rfc6749-5.1-redirect
#[tokio::test]
async fn a_redirect_of_the_token_request_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let outcome = signed_in_despite(Fault::status(status)).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::Unreadable(_)));
    }
}

/// Rules: rfc6749-5.2-invalid-grant
#[tokio::test]
async fn a_refused_code_is_told_as_such() {
    let outcome = signed_in_despite(Fault::error(400, "invalid_grant")).await;
    assert_refused!(outcome, SignInError::Exchange(ExchangeError::CodeRefused));
}

/// Rules: rfc6749-5.2-invalid-client
#[tokio::test]
async fn refused_credentials_are_told_as_such() {
    for (status, error) in [
        (401, "invalid_client"),
        (400, "invalid_client"),
        (400, "unauthorized_client"),
    ] {
        let outcome = signed_in_despite(Fault::error(status, error)).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::ClientRefused));
    }
}

/// Rules: rfc6749-5.2-invalid-client
#[tokio::test]
async fn a_wrong_secret_is_told_as_such() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::configured(&provider, &[("SCALEKIT_CLIENT_SECRET", "wrong")]).await;
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::ClientRefused)
    );
}

/// Rules: rfc6749-5.2-other
#[tokio::test]
async fn every_other_error_is_told_by_its_code_in_bounds() {
    let long = format!("<b> \n\u{e4}{}", "x".repeat(100));
    for (error, told) in [
        ("invalid_request", "invalid_request".to_owned()),
        ("unsupported_grant_type", "unsupported_grant_type".to_owned()),
        ("invalid_scope", "invalid_scope".to_owned()),
        ("nobody_knows", "nobody_knows".to_owned()),
        (&long, format!("<b>{}", "x".repeat(61))),
    ] {
        let outcome = signed_in_despite(Fault::error(400, error)).await;
        assert_refused!(
            outcome,
            SignInError::Exchange(ExchangeError::Refused(code)) if *code == told
        );
    }
}

/// Rules: rfc6749-5.2-unreadable
#[tokio::test]
async fn an_error_that_is_no_error_response_is_refused() {
    for fault in [
        Fault::status(400),
        Fault::status(404),
        Fault::html().with_status(400),
        Fault::body("{}").with_status(401),
        Fault::body(r#"{"error":1}"#).with_status(400),
        Fault::body(r#"{"error":"a","error":"b"}"#).with_status(400),
        Fault::error(200, "invalid_grant"),
    ] {
        let case = format!("{fault:?}");
        let outcome = signed_in_despite(fault).await.map_err(|error| error.to_string());
        let told = outcome.expect_err(&case);
        assert!(told.contains("is not a token response"), "{case}: {told}");
    }
}

/// Tokens that come with another status than 200 are none (RFC 6749 §5.1).
#[tokio::test]
async fn tokens_with_an_error_status_are_refused() {
    for status in [201, 400, 403] {
        let fault = Fault::delay(std::time::Duration::ZERO).with_status(status);
        assert_refused!(
            signed_in_despite(fault).await,
            SignInError::Exchange(ExchangeError::Unreadable(_))
        );
    }
}

/// Rules: rfc6749-5.2-429
#[tokio::test]
async fn a_provider_that_is_asked_too_often_says_when_to_ask_again() {
    let outcome = signed_in_despite(Fault::status(429).header("retry-after", "7")).await;
    assert_eq!(outcome.as_ref().unwrap_err().retry_after(), Some(7));
    assert_refused!(
        outcome,
        SignInError::Exchange(ExchangeError::Unreachable(HttpError::Unavailable { status, .. }))
            if status.as_u16() == 429
    );
}

/// Rules: rfc6749-5.2-5xx
#[tokio::test]
async fn a_provider_that_fails_is_told_as_a_break() {
    for (code, header, seconds) in [
        (500, "120", Some(120)),
        (502, "Wed, 21 Oct 2026 07:28:00 GMT", None),
        (503, "-1", None),
        (504, "", None),
    ] {
        let outcome =
            signed_in_despite(Fault::error(code, "invalid_grant").header("retry-after", header)).await;
        assert_eq!(outcome.as_ref().unwrap_err().retry_after(), seconds, "{code}");
        assert_refused!(
            outcome,
            SignInError::Exchange(ExchangeError::Unreachable(HttpError::Unavailable { status, .. }))
                if status.as_u16() == code
        );
    }
}
