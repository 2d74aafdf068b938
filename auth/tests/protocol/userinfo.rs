//! UserInfo: OpenID Connect Core §5.3.

use misbehaving_provider::{Endpoint, MisbehavingProvider};

use crate::relying_party::RelyingParty;

/// Rules: core-5.3-not-asked
#[tokio::test]
async fn userinfo_is_not_asked_when_the_id_token_says_everything() {
    let provider = MisbehavingProvider::start().await;
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert!(provider.requests(Endpoint::UserInfo).is_empty());
}
