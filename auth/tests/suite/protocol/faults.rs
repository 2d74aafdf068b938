//! A provider that fails while somebody signs in: it is noticed in time, told as what it is, holds up nobody else, and
//! heals by itself.

use std::{pin::pin, time::Duration};

use auth::{
    client::{AuthorizationError, ExchangeError, HeaderError, IdTokenError, KeyError},
    http::HttpError,
    sign_in::SignInError,
};
use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};

use crate::{
    assert_refused,
    relying_party::{RelyingParty, asked, pass, reason},
};

/// Begins a sign-in that hangs at `endpoint`, makes the provider well, and signs somebody else in while the first still
/// waits.
async fn nobody_else_waits(provider: &MisbehavingProvider, party: RelyingParty, endpoint: Endpoint) {
    let party = party.patient().await;
    provider.forget_requests();
    provider.fault(endpoint, Fault::hang());
    let mut waits = pin!(party.sign_in(provider));
    tokio::select! {
        biased;
        outcome = &mut waits => panic!("{endpoint:?} does not hang: {outcome:?}"),
        () = asked(provider, endpoint, 1) => {}
    }
    provider.honest();
    tokio::select! {
        biased;
        outcome = &mut waits => panic!("{endpoint:?} does not hang any longer: {outcome:?}"),
        other = party.sign_in(provider) => assert_eq!(other.unwrap().user.sub, "usr_ada"),
    }
}

/// Rules: fault-token-hang
#[tokio::test]
async fn a_token_endpoint_that_hangs_is_given_up_in_time() {
    for fault in [Fault::hang(), Fault::stalled()] {
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await;
        provider.fault(Endpoint::Token, fault);
        assert_refused!(
            party.sign_in(&provider).await,
            SignInError::Exchange(ExchangeError::Unreachable(HttpError::Timeout))
        );
        assert_eq!(provider.requests(Endpoint::Token).len(), 1);
    }
}

/// Rules: fault-token-hang
#[tokio::test]
async fn nobody_else_waits_for_a_token_endpoint_that_hangs() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    nobody_else_waits(&provider, party, Endpoint::Token).await;
}

/// Rules: fault-userinfo-hang
#[tokio::test]
async fn nobody_else_waits_for_userinfo_that_hangs() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.without("email"));
    nobody_else_waits(&provider, party, Endpoint::UserInfo).await;
}

/// Rules: fault-userinfo-hang
#[tokio::test]
async fn userinfo_that_hangs_fails_no_sign_in() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.without("email"));
    provider.fault(Endpoint::UserInfo, Fault::hang());
    assert_eq!(party.sign_in(&provider).await.unwrap().user.email, None);
    assert_eq!(provider.requests(Endpoint::UserInfo).len(), 1);
}

/// Rules: fault-keys-hang
#[tokio::test]
async fn a_key_fetch_that_hangs_ends_in_time() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.fault(Endpoint::Keys, Fault::hang());
    provider.id_token(|token| token.header("kid", "unknown"));
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::IdToken(IdTokenError::Header(HeaderError::Key(
            KeyError::Unknown
        ))))
    );
    assert_eq!(
        provider.requests(Endpoint::Keys).len(),
        2,
        "at discovery and once more"
    );
}

/// Rules: fault-keys-hang
#[tokio::test]
async fn nobody_with_a_known_key_waits_for_a_key_fetch() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.header("kid", "unknown"));
    nobody_else_waits(&provider, party, Endpoint::Keys).await;
}

/// Rules: fault-discovery-hang
#[tokio::test]
async fn discovery_that_hangs_holds_up_no_request() {
    let provider = MisbehavingProvider::start().await;
    let approved = RelyingParty::of(&provider).await.approved(&provider).await;
    provider.forget_requests();
    provider.fault(Endpoint::Discovery, Fault::hang());
    let party = RelyingParty::undiscovered(provider.issuer(), &[]).await;
    asked(&provider, Endpoint::Discovery, 1).await;
    let begun = reason(party.begin(&party.browser(), "").await);
    let finished = reason(party.finish(&approved.0, &approved.1).await);
    assert_eq!(
        provider.requests(Endpoint::Discovery).len(),
        1,
        "the first still hangs"
    );
    assert_refused!(
        begun,
        SignInError::Authorization(AuthorizationError::NotDiscovered(_))
    );
    assert_refused!(finished, SignInError::ProviderUnavailable(_));
}

/// Rules: fault-discovery-hang, fault-recovery
#[tokio::test]
async fn discovery_that_hangs_is_given_up_in_time_and_tried_again() {
    let provider = MisbehavingProvider::start().await;
    provider.fault_once(Endpoint::Discovery, Fault::hang());
    // Discovers it within the five seconds that this waits.
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert_eq!(provider.requests(Endpoint::Discovery).len(), 2);
}

/// Rules: fault-discovery-hang
#[tokio::test]
async fn the_hourly_discovery_holds_up_nobody_when_it_hangs() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await.patient().await;
    provider.forget_requests();
    provider.fault(Endpoint::Discovery, Fault::hang());
    pass(Duration::from_hours(1)).await;
    asked(&provider, Endpoint::Discovery, 1).await;
    party.sign_in(&provider).await.unwrap();
}

/// Rules: fault-token-reset, fault-recovery
#[tokio::test]
async fn a_connection_that_is_reset_is_told_as_a_break_and_the_next_sign_in_succeeds() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.fault_once(Endpoint::Token, Fault::reset());
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::Unreachable(HttpError::Transport(error))) if !error.is_connect()
    );
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
    party.sign_in(&provider).await.unwrap();
}

/// Rules: fault-connect, fault-callback, fault-recovery
#[tokio::test]
async fn a_provider_that_accepts_no_connection_is_told_as_a_break() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    provider.go_down().await;
    let failure = party.finish(&browser, &callback).await.unwrap_err();
    assert_eq!(failure.next.as_ref().unwrap().as_str(), "/deep?link=1");
    assert_refused!(
        Err::<(), _>(failure.error),
        SignInError::Exchange(ExchangeError::Unreachable(HttpError::Transport(error))) if error.is_connect()
    );
    assert!(party.who(&browser).await.is_none());
    provider.come_up();
    party.sign_in(&provider).await.unwrap();
}

/// Rules: fault-code-once
#[tokio::test]
async fn the_code_is_exchanged_once_whatever_becomes_of_it() {
    for fault in [
        Fault::reset(),
        Fault::truncated(),
        Fault::stalled(),
        Fault::hang(),
        Fault::html(),
        Fault::huge(),
        Fault::status(429),
        Fault::status(500),
        Fault::status(503),
        Fault::error(400, "invalid_grant"),
        Fault::redirect("/connect/token"),
    ] {
        let case = format!("{fault:?}");
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await;
        provider.fault_once(Endpoint::Token, fault.after_work());
        assert!(party.sign_in(&provider).await.is_err(), "{case}");
        assert_eq!(provider.requests(Endpoint::Token).len(), 1, "{case}");
        party.sign_in(&provider).await.expect("the next sign-in succeeds");
    }
}

/// The browser gives its first request up, and finds the sign-in done when it asks again.
///
/// Rules: fault-code-once, transaction-replay-signed-in
#[tokio::test]
async fn a_callback_that_is_asked_for_again_replaces_an_older_session() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    let url = party.begin(&browser, "").await.unwrap();
    party.finish(&browser, &provider.authorize(&url)).await.unwrap();
    let older = browser.session().unwrap();
    party.clock.advance(time::Duration::minutes(1));

    let url = party.begin(&browser, "").await.unwrap();
    let callback = provider.authorize(&url);
    let again = browser.unaware();
    provider.forget_requests();
    provider.fault_once(Endpoint::Token, Fault::delay(Duration::from_millis(50)));
    tokio::select! {
        _ = party.finish(&browser, &callback) => panic!("it takes longer than that"),
        () = asked(&provider, Endpoint::Token, 1) => {}
    }
    party.finish(&again, &callback).await.unwrap();

    assert_ne!(again.session(), Some(older));
    assert!(party.who(&again).await.is_some());
    assert!(
        party.sessions.vault().open(older).await.unwrap().is_err(),
        "the older one is over"
    );
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
}
