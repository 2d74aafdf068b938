//! Where the browser goes to sign out at the provider: RP-Initiated Logout 1.0 §2.

use std::{collections::BTreeMap, time::Duration};

use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};
use tokio::time::timeout;
use url::Url;

use crate::relying_party::RelyingParty;

/// Rules: w26
#[tokio::test]
async fn w26_signing_out_leads_to_the_provider_with_the_id_token_as_hint() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    let url = party.sign_out(&browser).await.unwrap();
    assert!(url.as_str().starts_with(&provider.url(Endpoint::EndSession)));
    let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let issued = provider.issued().remove(0);
    let expected = [
        ("id_token_hint", issued.id_token.as_str()),
        ("post_logout_redirect_uri", "https://app.example"),
    ];
    assert!(
        parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .eq(expected)
    );
    assert_eq!(
        party.sign_out(&browser).await,
        None,
        "nobody is signed in any more"
    );
}

#[tokio::test]
async fn whoever_was_signed_out_elsewhere_is_not_sent_to_the_provider() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    let session = browser.session().unwrap();
    assert!(party.sessions.vault().end(session).await.unwrap());
    assert_eq!(party.sign_out(&browser).await, None);
    assert_eq!(browser.session(), None, "the cookie goes all the same");
}

/// Nobody waits for it but whoever stops the process, and not for long.
#[tokio::test]
async fn a_revocation_that_is_not_answered_is_given_up_in_time() {
    let provider = MisbehavingProvider::start().await;
    let hangs = provider.url(Endpoint::Elsewhere);
    provider.discovery(move |document| document.set("revocation_endpoint", hangs.as_str()));
    provider.fault(Endpoint::Elsewhere, Fault::hang());
    let party = RelyingParty::of(&provider).await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    party.sign_out(&browser).await.unwrap();
    let given_up = timeout(Duration::from_secs(20), party.sessions.settled());
    assert!(given_up.await.is_ok());
    assert_eq!(provider.requests(Endpoint::Elsewhere).len(), 1);
}

#[tokio::test]
async fn a_provider_that_is_unknown_or_offers_no_logout_is_left_out() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let hintless = party.client.logout_url(None).unwrap();
    let expected = "?post_logout_redirect_uri=https%3A%2F%2Fapp.example";
    assert_eq!(
        hintless,
        Url::parse(&(provider.url(Endpoint::EndSession) + expected)).unwrap()
    );
    provider.discovery(|document| document.remove("end_session_endpoint"));
    assert_eq!(RelyingParty::of(&provider).await.client.logout_url(None), None);
    let undiscovered = RelyingParty::undiscovered("http://127.0.0.1:1", &[]).await;
    assert_eq!(undiscovered.client.logout_url(None), None);
}
