//! The ID token, check by check: OpenID Connect Core §2, §3.1.3.7 and §3.1.3.8.

use auth::{
    client::{ExchangeError, IdTokenError},
    sign_in::SignInError,
};
use misbehaving_provider::MisbehavingProvider;
use openidconnect::ClaimsVerificationError as Claims;

use crate::{assert_refused, relying_party::RelyingParty};

/// Rules: oidcc-client-test, oidcc-client-test-idtoken-sig-rs256
#[tokio::test]
async fn an_honest_provider_signs_a_person_in() {
    let provider = MisbehavingProvider::start().await;
    let signed_in = RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert_eq!(signed_in.user.sub, "usr_ada");
    assert_eq!(signed_in.permissions, ["organization:settings"]);
}

/// Rules: oidcc-client-test-invalid-iss, core-3.1.3.7-2, w5
#[tokio::test]
async fn w5_an_id_token_of_another_issuer_is_refused() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.claim("iss", "https://other.example"));
    assert_refused!(
        party.sign_in(&provider).await,
        SignInError::Exchange(ExchangeError::IdToken(IdTokenError::Claims(
            Claims::InvalidIssuer(_)
        )))
    );
}
