//! Error responses of the authorization endpoint: RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, Scalekit's own.

use std::sync::Arc;

use auth::{
    session::SignedIn,
    sign_in::{ProviderRefusal, SignInError},
};
use misbehaving_provider::{Endpoint, MisbehavingProvider};

use crate::{
    assert_refused,
    relying_party::{RelyingParty, reason},
};

/// Asserts what these errors mean. Each uses the sign-in up, asks for no token, and knows where the person wanted to go.
async fn every_one_is_told_as(refusal: ProviderRefusal, codes: &str) {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    for code in codes.split(' ') {
        let browser = party.browser();
        let url = party.begin(&browser, "next=/deep").await.unwrap();
        let callback = provider.refuse(&url, code);
        for solicited in [true, false] {
            let failure = party.finish(&browser, &callback).await.unwrap_err();
            let is_exact = matches!(
                *failure.error,
                SignInError::Provider { refusal: told, solicited: asked } if told == refusal && asked == solicited
            );
            assert!(is_exact && !failure.is_repeatable, "{code}: {failure:?}");
            assert_eq!(
                failure.next.is_some_and(|next| next.as_str() == "/deep"),
                solicited,
                "{code}"
            );
            assert!(browser.cookies.list().is_empty(), "{code} uses the sign-in up");
        }
    }
    assert!(provider.requests(Endpoint::Token).is_empty());
}

/// Rules: rfc6749-4.1.2.1-denied, rfc6749-4.1.2.1-uses-up, transaction-failure-removes
#[tokio::test]
async fn a_person_who_says_no_is_understood() {
    every_one_is_told_as(ProviderRefusal::Denied, "access_denied unauthorized").await;
}

/// Rules: rfc6749-4.1.2.1-unavailable, rfc6749-4.1.2.1-uses-up
#[tokio::test]
async fn a_provider_that_cannot_work_now_is_understood() {
    every_one_is_told_as(
        ProviderRefusal::Unavailable,
        "server_error temporarily_unavailable",
    )
    .await;
}

/// Rules: rfc6749-4.1.2.1-misconfigured, rfc6749-4.1.2.1-uses-up
#[tokio::test]
async fn every_other_error_is_our_mistake() {
    let codes = "invalid_request invalid_client unauthorized_client invalid_scope unsupported_response_type \
                 invalid_redirect_uri request_not_supported ACCESS_DENIED access_denied\u{0} nobody_knows";
    every_one_is_told_as(ProviderRefusal::Misconfigured, codes).await;
    let empty = signed_in_beside_an_error("").await;
    assert_refused!(
        empty,
        SignInError::Provider {
            refusal: ProviderRefusal::Misconfigured,
            solicited: true
        }
    );
}

/// Rules: core-3.1.2.6-interaction, rfc6749-4.1.2.1-uses-up
#[tokio::test]
async fn a_provider_that_may_not_ask_the_person_ends_the_sign_in() {
    let codes =
        "login_required interaction_required consent_required account_selection_required user_login_required";
    every_one_is_told_as(ProviderRefusal::InteractionRequired, codes).await;
}

/// Rules: scalekit-error-account
#[tokio::test]
async fn an_account_that_is_switched_off_is_told_as_such() {
    every_one_is_told_as(ProviderRefusal::AccountInactive, "user_not_active").await;
}

/// Rules: scalekit-error-organization
#[tokio::test]
async fn an_unknown_organization_connection_or_domain_is_told_as_such() {
    use ProviderRefusal::{ConnectionInactive, DomainUnknown, OrganizationUnknown};
    let unknown = "invalid_organization_id invalid_connection_id invalid_connection_selector";
    every_one_is_told_as(OrganizationUnknown, unknown).await;
    let inactive = "no_active_connections connection_not_active no_configured_connections";
    every_one_is_told_as(ConnectionInactive, inactive).await;
    every_one_is_told_as(DomainUnknown, "domain_not_found invalid_user_domain").await;
}

/// Rules: w23
#[tokio::test]
async fn w23_the_providers_reason_is_told_without_a_state_and_harms_no_sign_in() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    for query in ["?error=access_denied", "?error=access_denied&state=unknown"] {
        assert_refused!(
            reason(party.finish(&browser, query).await),
            SignInError::Provider {
                refusal: ProviderRefusal::Denied,
                solicited: false
            }
        );
    }
    party.finish(&browser, &callback).await.unwrap();
}

/// Rules: rfc6749-4.1.2.1-uses-up
#[tokio::test]
async fn an_error_beside_a_code_is_an_error() {
    let both = signed_in_beside_an_error("access_denied").await;
    assert_refused!(
        both,
        SignInError::Provider {
            refusal: ProviderRefusal::Denied,
            solicited: true
        }
    );
}

/// What becomes of a response with a code and an error.
async fn signed_in_beside_an_error(error: &'static str) -> Result<SignedIn, Arc<SignInError>> {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.authorization_response(move |response| response.add("error", error));
    let outcome = party.sign_in(&provider).await;
    assert!(provider.requests(Endpoint::Token).is_empty());
    outcome
}

/// Rules: rfc9207-2.4, rfc9700-4.4
#[tokio::test]
async fn an_error_of_another_issuer_is_no_answer_and_uses_nothing_up() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    let error = callback.replace("code=", "error=access_denied&was=");
    let issuer = error.split("&iss=").nth(1).unwrap().to_owned();
    for foreign in [
        error.replace(&issuer, "https%3A%2F%2Fother.example"),
        error.replace(&format!("&iss={issuer}"), ""),
    ] {
        assert_refused!(
            reason(party.finish(&browser, &foreign).await),
            SignInError::Provider { solicited: false, .. },
            foreign
        );
    }
    assert!(party.finish(&browser, &callback).await.is_ok());
}
