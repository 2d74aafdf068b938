//! The authorization response: RFC 6749 §3.1, §4.1.2 and §10.12, RFC 9207.

use std::sync::Arc;

use auth::{client::ExchangeError, session::SignedIn, sign_in::SignInError, transaction::TransactionError};
use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider, Parameters};

use crate::{
    assert_refused,
    relying_party::{RelyingParty, reason},
};

/// What becomes of a sign-in with this response. One that is refused must be so before a token request.
async fn signed_in_by(
    response: impl Fn(Parameters) -> Parameters + Send + Sync + 'static,
) -> Result<SignedIn, Arc<SignInError>> {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.authorization_response(response);
    let outcome = party.sign_in(&provider).await;
    assert_eq!(
        provider.requests(Endpoint::Token).len(),
        usize::from(outcome.is_ok())
    );
    outcome
}

/// Rules: rfc6749-3.1-state-duplicated
#[tokio::test]
async fn a_response_with_two_states_is_refused() {
    for other in [None, Some("other")] {
        let outcome = signed_in_by(move |response| match other {
            None => response.repeat("state"),
            Some(other) => response.add("state", other),
        });
        assert_refused!(outcome.await, SignInError::Parameter("state"));
    }
}

/// Rules: rfc6749-3.1-code-duplicated
#[tokio::test]
async fn a_response_with_two_codes_is_refused() {
    let same = signed_in_by(|response| response.repeat("code")).await;
    assert_refused!(same, SignInError::Parameter("code"));
    let other = signed_in_by(|response| response.add("code", "other")).await;
    assert_refused!(other, SignInError::Parameter("code"));
}

/// Rules: rfc6749-3.1-error-duplicated
#[tokio::test]
async fn a_response_with_two_errors_is_refused() {
    let two = |response: Parameters| response.add("error", "access_denied").repeat("error");
    assert_refused!(signed_in_by(two).await, SignInError::Parameter("error"));
}

/// Rules: rfc6749-4.1.2-code-missing
#[tokio::test]
async fn a_response_without_a_code_is_refused() {
    let missing = signed_in_by(|response| response.remove("code")).await;
    assert_refused!(missing, SignInError::Parameter("code"));
    let empty = signed_in_by(|response| response.set("code", "")).await;
    assert_refused!(empty, SignInError::Parameter("code"));
}

/// Rules: rfc6749-4.1.2-code-huge
#[tokio::test]
async fn a_code_that_is_too_long_is_refused_without_a_token_request() {
    let huge = signed_in_by(|response| response.set("code", "c".repeat(4097))).await;
    assert_refused!(huge, SignInError::Parameter("code"));
}

/// Rules: rfc6749-4.1.2-code-huge
#[tokio::test]
async fn the_longest_code_goes_to_the_token_endpoint() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.authorization_response(|response| response.set("code", "c".repeat(4096)));
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::CodeRefused)
    );
}

/// Rules: rfc6749-4.1.2-unknown-parameters
#[tokio::test]
async fn unknown_parameters_are_ignored_however_often_they_occur() {
    let more = |response: Parameters| {
        let more = response.add("session_state", "x").add("session_state", "y");
        more.add("error_description", "x").add("", "").add("%00", "\u{0}")
    };
    signed_in_by(more).await.unwrap();
}

/// Rules: rfc6749-10.12-state-missing
#[tokio::test]
async fn a_response_without_a_state_is_refused() {
    let missing = signed_in_by(|response| response.remove("state")).await;
    assert_refused!(missing, SignInError::Parameter("state"));
}

/// Rules: rfc6749-10.12-state-unknown
#[tokio::test]
async fn a_state_that_nobody_sent_is_refused_without_a_token_request() {
    for state in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let unknown = signed_in_by(move |response| response.set("state", state)).await;
        assert_refused!(unknown, SignInError::Transaction(TransactionError::Unknown));
    }
}

/// Rules: w19, rfc6749-10.12-state-unknown
#[tokio::test]
async fn w19_a_state_that_differs_in_a_single_character_is_refused() {
    for position in [0, 20, 42] {
        let differs = signed_in_by(move |response| {
            let mut state: Vec<char> = response.get("state").unwrap().chars().collect();
            state[position] = if state[position] == 'A' { 'B' } else { 'A' };
            response.set("state", state.into_iter().collect::<String>())
        });
        assert_refused!(differs.await, SignInError::Transaction(TransactionError::Unknown));
    }
}

/// Rules: rfc6749-10.12-state-used, transaction-success-removes, transaction-replay-signed-out
#[tokio::test]
async fn a_state_works_once() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    assert_eq!(
        party.finish(&browser, &callback).await.unwrap().as_str(),
        "/deep?link=1"
    );
    assert!(browser.cookies.list().is_empty(), "the cookie is gone");
    party.sign_out(&browser).await;
    assert_refused!(
        reason(party.finish(&browser, &callback).await),
        SignInError::Transaction(TransactionError::Unknown)
    );
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
}

/// Rules: transaction-replay-signed-in
#[tokio::test]
async fn the_callback_again_leaves_whoever_is_signed_in_as_they_are() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    let before = party.who(&browser).await;
    assert_eq!(
        party.finish(&browser, &callback).await.unwrap().as_str(),
        "/dashboard"
    );
    assert_eq!(party.who(&browser).await, before);
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
}

/// Rules: transaction-failure-removes
#[tokio::test]
async fn a_response_that_is_refused_uses_the_sign_in_up() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    let failure = party.finish(&browser, &format!("{callback}x")).await.unwrap_err();
    assert!(
        matches!(*failure.error, SignInError::IssuerMismatch),
        "{failure:?}"
    );
    assert_eq!(failure.next.unwrap().as_str(), "/deep?link=1");
    assert!(!failure.is_repeatable);
    assert_refused!(
        reason(party.finish(&browser, &callback).await),
        SignInError::Transaction(TransactionError::Unknown)
    );
}

/// Rules: rfc6749-10.12-state-expired, transaction-expiry
#[tokio::test]
async fn a_state_is_worth_nothing_after_ten_minutes() {
    for (seconds, is_in_time) in [(599, true), (600, false)] {
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await;
        let (browser, callback) = party.approved(&provider).await;
        // A second passes quickly: one less for what a slow machine needs.
        party
            .clock
            .advance(time::Duration::seconds(seconds - i64::from(is_in_time)));
        provider.set_clock_ahead(seconds);
        let outcome = reason(party.finish(&browser, &callback).await);
        assert_eq!(provider.requests(Endpoint::Token).len(), usize::from(is_in_time));
        if is_in_time {
            outcome.unwrap();
        } else {
            assert_refused!(outcome, SignInError::Transaction(TransactionError::Expired));
        }
    }
}

/// Rules: rfc6749-10.12-state-other-browser, transaction-other-browser, rfc9700-4.7
#[tokio::test]
async fn a_link_to_the_callback_signs_no_other_browser_in() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (attacker, link) = party.approved(&provider).await;
    let (victim, own) = party.approved(&provider).await;
    assert_refused!(
        reason(party.finish(&victim, &link).await),
        SignInError::Transaction(TransactionError::Unknown)
    );
    assert!(provider.requests(Endpoint::Token).is_empty());
    assert!(party.who(&victim).await.is_none());
    party.finish(&victim, &own).await.unwrap();
    party.finish(&attacker, &link).await.unwrap();
}

/// Rules: rfc9207-2.4, rfc9700-4.4
#[tokio::test]
async fn a_response_of_another_issuer_is_refused_before_the_code_goes_anywhere() {
    for issuer in ["https://other.example", "", "http://127.0.0.1"] {
        let other = signed_in_by(move |response| response.set("iss", issuer)).await;
        assert_refused!(other, SignInError::IssuerMismatch);
    }
    let with_slash = signed_in_by(|response| {
        let issuer = format!("{}/", response.get("iss").unwrap());
        response.set("iss", issuer)
    });
    assert_refused!(with_slash.await, SignInError::IssuerMismatch);
}

/// Rules: rfc9207-2.4, rfc9700-4.4
#[tokio::test]
async fn another_issuer_is_noticed_although_none_was_announced() {
    let provider = MisbehavingProvider::start().await;
    provider.discovery(|document| document.remove("authorization_response_iss_parameter_supported"));
    let party = RelyingParty::of(&provider).await;
    provider.authorization_response(|response| response.set("iss", "https://other.example"));
    assert_refused!(party.sign_in(&provider).await, SignInError::IssuerMismatch);
    assert!(provider.requests(Endpoint::Token).is_empty());
}

/// Rules: rfc9207-2.4-missing
#[tokio::test]
async fn a_response_without_the_announced_issuer_is_refused() {
    let missing = signed_in_by(|response| response.remove("iss")).await;
    assert_refused!(missing, SignInError::IssuerMismatch);
}

/// Rules: rfc9207-2.4-duplicated
#[tokio::test]
async fn a_response_with_two_issuers_is_refused() {
    let two = signed_in_by(|response| response.repeat("iss")).await;
    assert_refused!(two, SignInError::Parameter("iss"));
}

/// Rules: rfc9207-2.4-right
#[tokio::test]
async fn a_response_with_the_right_issuer_is_accepted_announced_or_not() {
    for announced in [Some(true), Some(false), None] {
        let provider = MisbehavingProvider::start().await;
        let member = "authorization_response_iss_parameter_supported";
        provider.discovery(move |document| match announced {
            Some(announced) => document.set(member, announced),
            None => document.remove(member),
        });
        let party = RelyingParty::of(&provider).await;
        party.sign_in(&provider).await.unwrap();
        provider.authorization_response(|response| response.remove("iss"));
        let without = party.sign_in(&provider).await;
        assert_eq!(
            without.is_err(),
            announced == Some(true),
            "{announced:?}: {without:?}"
        );
    }
}

/// A server that has only just started does not spoil the sign-ins that its predecessor began.
#[tokio::test]
async fn a_callback_before_discovery_can_be_repeated() {
    let provider = MisbehavingProvider::start().await;
    let (browser, callback) = RelyingParty::of(&provider).await.approved(&provider).await;
    provider.fault(Endpoint::Discovery, Fault::status(404));
    let successor = RelyingParty::undiscovered(provider.issuer(), &[]).await;
    let failure = successor.finish(&browser, &callback).await.unwrap_err();
    assert!(
        matches!(*failure.error, SignInError::ProviderUnavailable(_)),
        "{failure:?}"
    );
    assert!(failure.is_repeatable);
    provider.heal(Endpoint::Discovery);
    successor.client.discovered().await.unwrap();
    successor.finish(&browser, &callback).await.unwrap();
}
