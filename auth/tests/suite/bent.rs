//! One sign-in at a provider that is bent, and the reasons for which it can fail.

use std::sync::Arc;

use auth::{session::SignedIn, sign_in::SignInError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use misbehaving_provider::{MisbehavingProvider, Token};
use serde_json::Value;

use crate::relying_party::RelyingParty;

/// What a sign-in leads to.
pub(crate) type Outcome = Result<SignedIn, Arc<SignInError>>;

/// A sign-in at a provider that is bent before anybody has discovered it.
pub(crate) async fn at_provider(bend: impl FnOnce(&MisbehavingProvider)) -> Outcome {
    let provider = MisbehavingProvider::start().await;
    bend(&provider);
    RelyingParty::of(&provider).await.sign_in(&provider).await
}

/// A sign-in that brings a bent ID token.
pub(crate) async fn with_id_token(bend: impl Fn(Token) -> Token + Send + Sync + 'static) -> Outcome {
    at_provider(|provider| provider.id_token(bend)).await
}

/// A sign-in that brings a bent access token.
pub(crate) async fn with_access_token(bend: impl Fn(Token) -> Token + Send + Sync + 'static) -> Outcome {
    at_provider(|provider| provider.access_token(bend)).await
}

/// A sign-in in which both tokens are bent in the same way.
pub(crate) async fn with_tokens(bend: impl Fn(Token) -> Token + Clone + Send + Sync + 'static) -> Outcome {
    at_provider(|provider| {
        provider.access_token(bend.clone());
        provider.id_token(bend);
    })
    .await
}

/// Lets the provider announce these signature algorithms.
pub(crate) fn announce(provider: &MisbehavingProvider, algorithms: &'static [&'static str]) {
    provider.discovery(move |document| document.set("id_token_signing_alg_values_supported", algorithms));
}

/// A token with this text at the end of its claims.
pub(crate) fn ending_with(token: Token, members: &str) -> Token {
    token.claims(|claims| {
        let text = claims.to_string();
        let open = text.strip_suffix('}').unwrap();
        claims.raw(format!("{open},{members}}}"))
    })
}

/// Changes an ID token after it has been signed.
pub(crate) fn forge(provider: &MisbehavingProvider, change: impl Fn(&str) -> String + Send + Sync + 'static) {
    provider.token_response(move |response| {
        let honest = response.get("id_token").and_then(Value::as_str).unwrap();
        let forged = change(honest);
        response.set("id_token", forged)
    });
}

/// `token` with the bytes of a part (0, 1, 2) changed.
pub(crate) fn with_part(token: &str, position: usize, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let bytes = URL_SAFE_NO_PAD.decode(&parts[position]).unwrap();
    parts[position] = URL_SAFE_NO_PAD.encode(change(bytes));
    parts.join(".")
}

/// The claims of `token`, as they stand in it.
pub(crate) fn claims_of(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// The claim `name` of `token` moved by so many seconds, as a fraction if `by` is one.
pub(crate) fn moved(token: &Token, name: &str, by: f64) -> Value {
    let date = token.get(name).and_then(Value::as_f64);
    (date.unwrap_or_else(|| panic!("`{name}` is no date")) + by).into()
}

/// The ID token is refused.
macro_rules! id_token {
    ($reason:pat) => {
        auth::sign_in::SignInError::Exchange(auth::client::ExchangeError::IdToken($reason))
    };
}

/// The ID token's header is refused.
macro_rules! id_header {
    ($reason:pat) => {
        $crate::bent::id_token!(auth::client::IdTokenError::Header($reason))
    };
}

/// The access token is refused.
macro_rules! access_token {
    ($reason:pat) => {
        auth::sign_in::SignInError::Exchange(auth::client::ExchangeError::AccessToken($reason))
    };
}

/// The access token's header is refused.
macro_rules! access_header {
    ($reason:pat) => {
        $crate::bent::access_token!(auth::client::AccessTokenError::Jwt(
            auth::client::JwtError::Header($reason)
        ))
    };
}

/// The ID token is not even understood: something in it is missing, occurs twice, or has the wrong type.
macro_rules! unreadable {
    () => {
        auth::sign_in::SignInError::Exchange(auth::client::ExchangeError::Unreadable(_))
    };
}

pub(crate) use {access_header, access_token, id_header, id_token, unreadable};
