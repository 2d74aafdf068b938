//! When the provider's keys are fetched again: a token names a key that is not known yet, and never more often than
//! every thirty seconds (promise 2).

use auth::client::{HeaderError::Key, IdTokenError::Claims, KeyError::Unknown};
use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider, Signature};
use openidconnect::{
    ClaimsVerificationError::SignatureVerification, SignatureVerificationError::CryptoError,
};
use time::Duration;

use crate::{
    assert_refused,
    bent::{id_header, id_token},
    relying_party::RelyingParty,
};

/// A provider, and an application that knows its keys by now.
async fn provider_and_party() -> (MisbehavingProvider, RelyingParty) {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.forget_requests();
    (provider, party)
}

/// How often the keys were fetched since then.
fn fetches(provider: &MisbehavingProvider) -> usize {
    provider.requests(Endpoint::Keys).len()
}

/// Rules: oidcc-client-test-signing-key-rotation, w20
#[tokio::test]
async fn w20_keys_that_change_between_two_sign_ins_are_fetched_once() {
    let (provider, party) = provider_and_party().await;
    party.sign_in(&provider).await.unwrap();
    assert_eq!(fetches(&provider), 0);
    provider.rotate_keys();
    party.sign_in(&provider).await.unwrap();
    party.sign_in(&provider).await.unwrap();
    assert_eq!(fetches(&provider), 1);
}

/// Rules: oidcc-client-test-signing-key-rotation-just-before-signing, w20
#[tokio::test]
async fn w20_a_key_that_is_published_just_before_signing_is_fetched_once() {
    let (provider, party) = provider_and_party().await;
    let browser = party.browser();
    let url = party.begin(&browser, "").await.unwrap();
    let callback = provider.authorize(&url);
    provider.rotate_keys();
    party.finish(&browser, &callback).await.unwrap();
    assert_eq!(fetches(&provider), 1);
}

/// Rules: kid-unknown, w20
#[tokio::test]
async fn w20_an_unknown_key_causes_one_fetch_and_is_refused() {
    let (provider, party) = provider_and_party().await;
    provider.rotate_keys_unpublished();
    assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
    assert_eq!(fetches(&provider), 1);
}

/// Rules: kid-unknown-throttled, w20
#[tokio::test]
async fn w20_unknown_keys_cause_one_fetch_in_thirty_seconds() {
    let (provider, party) = provider_and_party().await;
    provider.id_token(|token| {
        let kid = token.get("sid").cloned().unwrap_or_default();
        token.header("kid", kid)
    });
    for (seconds, expected) in [(0, 1), (0, 1), (25, 1), (6, 2), (25, 2), (31, 3)] {
        party.clock.advance(Duration::seconds(seconds));
        assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
        assert_eq!(fetches(&provider), expected, "{seconds} seconds later");
    }
}

/// Rules: kid-unknown-throttled, w20
#[tokio::test]
async fn w20_many_people_who_wait_for_a_new_key_cause_one_fetch() {
    let (provider, party) = provider_and_party().await;
    provider.rotate_keys();
    provider.fault(
        Endpoint::Keys,
        Fault::delay(std::time::Duration::from_millis(100)),
    );
    let sign_in = || party.sign_in(&provider);
    let outcomes = tokio::join!(sign_in(), sign_in(), sign_in(), sign_in(), sign_in());
    for outcome in [outcomes.0, outcomes.1, outcomes.2, outcomes.3, outcomes.4] {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(fetches(&provider), 1);
}

/// Rules: kid-unknown-throttled
#[tokio::test]
async fn a_fetch_that_failed_is_throttled_too() {
    let (provider, party) = provider_and_party().await;
    provider.rotate_keys();
    provider.fault(Endpoint::Keys, Fault::status(404));
    for _ in 0..2 {
        assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
    }
    provider.heal(Endpoint::Keys);
    assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
    assert_eq!(fetches(&provider), 1);
    party.clock.advance(Duration::seconds(31));
    party.sign_in(&provider).await.unwrap();
    assert_eq!(fetches(&provider), 2);
}

/// Rules: kid-unknown-throttled
#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stop_keys_from_being_fetched() {
    let (provider, party) = provider_and_party().await;
    provider.id_token(|token| token.header("kid", "nobody's"));
    assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
    provider.honest();
    provider.rotate_keys();
    party.clock.advance(Duration::hours(-1));
    provider.set_clock_ahead(-3600);
    party.sign_in(&provider).await.unwrap();
    assert_eq!(fetches(&provider), 2);
}

/// Rules: kid-unknown
#[tokio::test]
async fn keys_that_cannot_be_fetched_do_not_replace_the_known_ones() {
    let (provider, party) = provider_and_party().await;
    for (number, fault) in [
        Fault::status(404),
        Fault::html(),
        Fault::body("{}"),
        Fault::body("[]"),
        Fault::body(r#"{"keys":{}}"#),
        Fault::content_type("text/html"),
    ]
    .into_iter()
    .enumerate()
    {
        provider.honest();
        provider.fault(Endpoint::Keys, fault);
        provider.id_token(|token| token.header("kid", "nobody's"));
        party.clock.advance(Duration::seconds(31));
        provider.set_clock_ahead(31 * (i64::try_from(number).unwrap() + 1));
        assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)), number);
        provider.id_token(move |token| token.without_header("kid"));
        let outcome = party.sign_in(&provider).await;
        assert!(outcome.is_ok(), "{number}: {outcome:?}");
        assert_eq!(fetches(&provider), number + 1);
    }
}

/// Rules: core-3.1.3.7-6
#[tokio::test]
async fn a_bad_signature_of_a_known_key_causes_no_fetch() {
    let (provider, party) = provider_and_party().await;
    provider.id_token(|token| token.signed(Signature::Unpublished));
    let outcome = party.sign_in(&provider).await;
    assert_refused!(outcome, id_token!(Claims(SignatureVerification(CryptoError(_)))));
    assert_eq!(fetches(&provider), 0);
}
