//! What is no ID token at a refresh either (OpenID Connect Core §12.2), where it need not repeat the nonce that would
//! tell it from other tokens.

use std::sync::Arc;

use auth::{
    client::{
        HeaderError::Type,
        IdTokenError::{self, AccessToken, Claims, Header, LogoutToken, OtherAuthentication, OtherSubject},
        RefreshError,
    },
    refresh::{Current, RefreshFault},
};
use misbehaving_provider::{MisbehavingProvider, Token};
use openidconnect::ClaimsVerificationError::InvalidNonce;
use serde_json::json;

use crate::{assert_refused, relying_party::RelyingParty};

/// Why the renewal of a session's tokens fails at a provider that is bent after the sign-in. The session goes on with
/// the tokens that it has.
async fn renewed_at(bend: impl FnOnce(&MisbehavingProvider)) -> Result<(), Arc<RefreshFault>> {
    let provider = MisbehavingProvider::start().await;
    provider.id_token(|token| token.claim("auth_time", 1_700_000_000));
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    let before = party.who(&browser).await.unwrap();
    bend(&provider);
    let outcome = party.renew(&browser).await;
    let after = party.who(&browser).await.expect("nobody is signed out");
    match outcome {
        Current::Open(_) => {
            assert_ne!(after.tokens.access_token, before.tokens.access_token);
            Ok(())
        }
        Current::Stuck(fault) => {
            assert_eq!(after.tokens.access_token, before.tokens.access_token);
            assert_eq!(after.tokens.id_token, before.tokens.id_token);
            assert_eq!(after.user, before.user);
            Err(fault)
        }
        Current::Ended(ending) => panic!("{ending:?}"),
    }
}

/// The same with this ID token.
async fn with_id_token(
    bend: impl Fn(Token) -> Token + Send + Sync + 'static,
) -> Result<(), Arc<RefreshFault>> {
    renewed_at(|provider| provider.id_token(bend)).await
}

/// The new ID token is refused.
macro_rules! id_token {
    ($reason:pat) => {
        RefreshFault::Provider(RefreshError::IdToken($reason))
    };
}

/// Lets the provider send the access token twice, the second time in the place of the ID token.
fn access_token_for_id_token(provider: &MisbehavingProvider) {
    provider.token_response(|response| {
        let access_token = response.get("access_token").cloned().unwrap();
        response.set("id_token", access_token)
    });
}

/// Rules: rfc8725-3.12-id-token
#[tokio::test]
async fn the_providers_own_access_token_is_no_id_token_at_a_refresh() {
    let plain: [fn(Token) -> Token; 2] = [
        |token| token.header("typ", "JWT"),
        |token| token.without_header("typ"),
    ];
    for bend in plain {
        let outcome = renewed_at(|provider| {
            provider.access_token(bend);
            access_token_for_id_token(provider);
        });
        assert_refused!(outcome.await, id_token!(AccessToken));
    }
    let outcome = renewed_at(access_token_for_id_token);
    assert_refused!(outcome.await, id_token!(Header(Type)), "at+jwt");
}

/// Rules: backchannel-2.4-id-token, rfc8725-3.11
#[tokio::test]
async fn a_logout_token_is_no_id_token_at_a_refresh() {
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let outcome = with_id_token(move |token| token.claim("events", event.clone()));
    assert_refused!(outcome.await, id_token!(LogoutToken));
    let outcome = with_id_token(|token| token.header("typ", "logout+jwt"));
    assert_refused!(outcome.await, id_token!(Header(Type)), "by its type");
}

/// Rules: core-12.2-sub, core-12.2-auth-time, core-12.2-nonce
#[tokio::test]
async fn a_renewed_id_token_is_of_the_same_person_and_the_same_sign_in() {
    let outcome = with_id_token(|token| token.claim("sub", "usr_eve"));
    assert_refused!(outcome.await, id_token!(OtherSubject));
    let outcome = with_id_token(|token| token.claim("auth_time", 1_700_000_001));
    assert_refused!(outcome.await, id_token!(OtherAuthentication));
    let outcome = with_id_token(|token| token.claim("nonce", "of another sign-in"));
    assert_refused!(outcome.await, id_token!(Claims(InvalidNonce(_))));
    let outcome = with_id_token(|token| token.claim("sub", ""));
    assert_refused!(outcome.await, id_token!(IdTokenError::Subject));
    assert!(renewed_at(|_| {}).await.is_ok(), "an honest one is fine");
    let outcome = with_id_token(|token| token.without("auth_time")).await;
    assert!(outcome.is_ok(), "it need not say when it was: {outcome:?}");
}

/// Whose refresh token comes with somebody else's tokens is anybody's guess.
///
/// Rules: core-12.2-sub
#[tokio::test]
async fn a_refresh_token_that_comes_with_an_answer_about_somebody_else_is_not_kept() {
    type Bend = fn(&MisbehavingProvider);
    let bends: [(&str, Bend); 3] = [
        ("the ID token", |provider| {
            provider.id_token(|token| token.claim("sub", "usr_eve"));
        }),
        ("the access token", |provider| {
            provider.access_token(|token| token.claim("sub", "usr_eve"));
        }),
        ("UserInfo", |provider| {
            provider.id_token(|token| token.without("email"));
            provider.userinfo(|claims| claims.set("sub", "usr_eve"));
        }),
    ];
    for (name, bend) in bends {
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await;
        let (browser, callback) = party.approved(&provider).await;
        party.finish(&browser, &callback).await.unwrap();
        let before = party.who(&browser).await.unwrap().tokens;
        bend(&provider);
        let outcome = party.renew(&browser).await;
        assert!(matches!(outcome, Current::Stuck(_)), "{name}: {outcome:?}");
        let brought = provider.issued().pop().unwrap().refresh_token.unwrap();
        assert_ne!(brought, before.refresh_token.as_ref().unwrap().expose(), "{name}");
        let after = party.who(&browser).await.unwrap().tokens;
        assert_eq!(after, before, "{name}");
    }
}
