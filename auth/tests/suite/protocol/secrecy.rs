//! What must not travel, or not yet: OAuth 2.0 security best practice (RFC 9700).

use std::sync::Arc;

use auth::{
    client::{ExchangeError, IdTokenError},
    sign_in::SignInError,
};
use misbehaving_provider::{Endpoint, MisbehavingProvider};
use openidconnect::ClaimsVerificationError as Claims;
use tower_sessions::{Session, SessionStore as _};

use crate::{assert_refused, relying_party::RelyingParty};

/// Rules: rfc9700-4.3
#[tokio::test]
async fn no_token_and_no_secret_stands_in_an_address() {
    let provider = MisbehavingProvider::start().await;
    provider.discovery(|document| document.set("require_pushed_authorization_requests", true));
    provider.id_token(|token| token.without("email"));
    let party = RelyingParty::of(&provider).await;
    party.sign_in(&provider).await.unwrap();
    let issued = provider.issued().remove(0);
    let refresh_token = issued.refresh_token.unwrap();
    let secrets = [
        &issued.access_token,
        &issued.id_token,
        &refresh_token,
        misbehaving_provider::CLIENT_SECRET,
    ];
    for endpoint in [
        Endpoint::Discovery,
        Endpoint::Keys,
        Endpoint::PushedAuthorization,
        Endpoint::Authorization,
        Endpoint::Token,
        Endpoint::UserInfo,
    ] {
        let request = provider.last_request(endpoint);
        let leaked = request.query.iter().find(|(_, value)| secrets.contains(value));
        assert_eq!(leaked, None, "{endpoint:?}");
    }
}

/// Rules: rfc9700-4.5.3.2
#[tokio::test]
async fn no_token_is_sent_on_before_the_nonce_has_been_checked() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.claim("nonce", "of another sign-in").without("email"));
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::IdToken(IdTokenError::Claims(
            Claims::InvalidNonce(_)
        )))
    );
    assert!(provider.requests(Endpoint::UserInfo).is_empty());
}

/// Rules: w12
#[tokio::test]
async fn w12_nothing_of_an_earlier_session_survives_a_sign_in_not_even_its_id() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    let store = Arc::new(party.sessions.vault().clone());
    let earlier = Session::new(None, store.clone(), None);
    earlier.insert("basket", "somebody's").await.unwrap();
    earlier.save().await.unwrap();
    *browser.session.lock().unwrap() = earlier.id();

    party.finish(&browser, &callback).await.unwrap();

    assert_ne!(browser.session(), earlier.id());
    let now = Session::new(browser.session(), store.clone(), None);
    assert_eq!(now.get::<String>("basket").await.unwrap(), None);
    assert!(store.load(&earlier.id().unwrap()).await.unwrap().is_none());
}
