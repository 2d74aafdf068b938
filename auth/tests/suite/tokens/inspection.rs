//! What the token inspector says of a session's tokens: which rules they keep, which do not concern them, and which
//! cannot be judged. Those that are broken are in `inspection/broken.rs`.

use auth::{
    client::inspection::{
        Inspection,
        Rule::{self, AccessTokenHash, AuthorizedParty, Expiry, Form, Nonce, NotBefore},
        Verdict::{self, Broken, Kept, NotConcerned, NotJudged},
    },
    refresh::Current,
    secret::{AccessToken, IdToken},
    session::SignedIn,
};
use misbehaving_provider::{CLIENT_ID, Endpoint, MisbehavingProvider, Token};
use serde_json::Value;
use time::Duration;

use crate::{bent::claims_of, relying_party::RelyingParty};

mod broken;

/// Somebody who is signed in at a provider whose tokens say all that they may.
struct World {
    provider: MisbehavingProvider,
    party: RelyingParty,
    session: SignedIn,
}

impl World {
    async fn start() -> Self {
        let provider = MisbehavingProvider::start().await;
        provider.id_token(|token| {
            let now = token.get("iat").cloned().unwrap_or_default();
            token.claim("azp", CLIENT_ID).claim("nbf", now)
        });
        Self::at(provider).await
    }

    async fn at(provider: MisbehavingProvider) -> Self {
        let party = RelyingParty::of(&provider).await;
        let session = party.sign_in(&provider).await.unwrap();
        Self {
            provider,
            party,
            session,
        }
    }

    /// The session's access token with the claims that it has, bent and signed again.
    async fn access_token(&self, bend: impl FnOnce(Token) -> Token) -> Inspection {
        let claims = claims_of(self.session.tokens.access_token.expose());
        let mut session = self.session.clone();
        let signed = self.provider.sign(bend(self.provider.token(claims)));
        session.tokens.access_token = AccessToken::new(signed);
        self.party.client.inspect(&session).await.access_token
    }

    /// The same for its ID token.
    async fn id_token(&self, bend: impl FnOnce(Token) -> Token) -> Inspection {
        let claims = claims_of(self.session.tokens.id_token.expose());
        let signed = self.provider.sign(bend(self.provider.token(claims)));
        self.id_token_of(&signed).await
    }

    /// The session with this text for an ID token.
    async fn id_token_of(&self, text: &str) -> Inspection {
        let mut session = self.session.clone();
        session.tokens.id_token = IdToken::new(text);
        self.party.client.inspect(&session).await.id_token
    }
}

/// The rules that are not told as `verdict`.
fn all_but(verdict: Verdict, inspection: &Inspection) -> Vec<(Rule, Verdict)> {
    let judgements = inspection.judgements.iter();
    judgements
        .filter(|judgement| judgement.verdict != verdict)
        .map(|judgement| (judgement.rule, judgement.verdict))
        .collect()
}

/// Asserts that `rule` is told as broken, the rules before it as kept, and those after it as not judged.
#[track_caller]
fn assert_first_broken(inspection: &Inspection, rule: Rule, case: &str) {
    let place = inspection
        .judgements
        .iter()
        .position(|it| it.rule == rule)
        .unwrap();
    for (position, judgement) in inspection.judgements.iter().enumerate() {
        let expected = match position.cmp(&place) {
            std::cmp::Ordering::Less => Kept,
            std::cmp::Ordering::Equal => Broken,
            std::cmp::Ordering::Greater => NotJudged,
        };
        assert_eq!(judgement.verdict, expected, "{case}: {judgement:?}");
    }
    assert!(inspection.is_broken(), "{case}");
    assert_eq!(inspection.verdict(rule), Some(Broken), "{case}");
}

/// Rules: inspection-kept
#[tokio::test]
async fn an_honest_sessions_tokens_keep_all_rules_and_are_shown_as_they_are() {
    let world = World::start().await;
    let seen = world.party.client.inspect(&world.session).await;
    for (inspection, token, rules) in [
        (
            &seen.access_token,
            world.session.tokens.access_token.expose(),
            broken::OF_ACCESS_TOKENS.map(|(rule, _)| rule).as_slice(),
        ),
        (
            &seen.id_token,
            world.session.tokens.id_token.expose(),
            &broken::OF_ID_TOKENS.map(|(rule, _)| rule),
        ),
    ] {
        let told: Vec<_> = inspection.judgements.iter().map(|it| it.rule).collect();
        assert_eq!(told, rules);
        assert!(all_but(Kept, inspection).is_empty(), "{inspection:?}");
        assert!(!inspection.is_broken());
        assert_eq!(inspection.header["alg"], "RS256");
        assert_eq!(Value::from(inspection.claims.clone()), claims_of(token));
    }
    assert_eq!(seen.access_token.verdict(Nonce), None, "no rule of access tokens");
}

/// Rules: inspection-not-concerned
#[tokio::test]
async fn a_rule_about_a_claim_that_may_be_missing_does_not_concern_a_token_without_it() {
    let world = World::at(MisbehavingProvider::start().await).await;
    let seen = world.party.client.inspect(&world.session).await;
    let silent = [(AuthorizedParty, NotConcerned), (NotBefore, NotConcerned)];
    assert_eq!(all_but(Kept, &seen.id_token), silent);

    let world = World::start().await;
    for (rule, name) in [
        (Nonce, "nonce"),
        (AuthorizedParty, "azp"),
        (NotBefore, "nbf"),
        (AccessTokenHash, "at_hash"),
    ] {
        let inspection = world.id_token(|token| token.without(name)).await;
        assert_eq!(all_but(Kept, &inspection), [(rule, NotConcerned)], "{name}");
        // Nor where nothing is judged any more.
        let inspection = world.id_token(|token| token.without(name).claim("aud", "someone-else"));
        assert_eq!(inspection.await.verdict(rule), Some(NotConcerned), "{name}");
    }
    let inspection = world.access_token(|token| token.without("nbf")).await;
    assert_eq!(all_but(Kept, &inspection), [(NotBefore, NotConcerned)]);
}

/// Rules: inspection-undiscovered
#[tokio::test]
async fn nothing_is_judged_before_the_provider_is_discovered_but_all_is_shown() {
    let world = World::start().await;
    let stranger = RelyingParty::undiscovered("http://127.0.0.1:1", &[]).await;
    let seen = stranger.client.inspect(&world.session).await;
    for inspection in [&seen.access_token, &seen.id_token] {
        assert!(all_but(NotJudged, inspection).is_empty(), "{inspection:?}");
        assert!(!inspection.is_broken());
        assert_eq!(inspection.claims["sub"], "usr_ada");
        assert_eq!(inspection.header["alg"], "RS256");
    }
    let taciturn = World::at(MisbehavingProvider::start().await).await;
    let seen = stranger.client.inspect(&taciturn.session).await;
    let silent = [(AuthorizedParty, NotConcerned), (NotBefore, NotConcerned)];
    assert_eq!(all_but(NotJudged, &seen.id_token), silent);
}

/// Rules: inspection-undiscovered
#[tokio::test]
async fn a_provider_that_is_down_is_not_needed_once_it_is_discovered() {
    let world = World::start().await;
    world.provider.forget_requests();
    world.provider.go_down().await;
    let seen = world.party.client.inspect(&world.session).await;
    for inspection in [&seen.access_token, &seen.id_token] {
        assert!(all_but(Kept, inspection).is_empty(), "{inspection:?}");
    }
    world.provider.come_up();
    world.party.client.inspect(&world.session).await;
    for endpoint in [Endpoint::Discovery, Endpoint::Keys, Endpoint::UserInfo] {
        assert!(world.provider.requests(endpoint).is_empty(), "{endpoint:?}");
    }
}

/// Rules: inspection-opaque, rfc6749-1.4-opaque
#[tokio::test]
async fn nothing_is_said_of_an_access_token_that_is_not_ours_to_read() {
    let provider = MisbehavingProvider::start().await;
    provider.opaque_access_token();
    let opaque = World::at(provider).await;

    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::configured(&provider, &[("SCALEKIT_ACCESS_TOKEN", "opaque")]).await;
    let session = party.sign_in(&provider).await.unwrap();
    let somebody_elses = World {
        provider,
        party,
        session,
    };
    for world in [opaque, somebody_elses] {
        let seen = world.party.client.inspect(&world.session).await;
        assert!(seen.access_token.judgements.is_empty());
        assert!(seen.access_token.header.is_empty() && seen.access_token.claims.is_empty());
        assert!(!seen.access_token.is_broken());
        assert_eq!(seen.access_token.verdict(Form), None);
        let silent = [(AuthorizedParty, NotConcerned), (NotBefore, NotConcerned)];
        assert_eq!(all_but(Kept, &seen.id_token), silent, "the ID token is");
    }
}

/// A new ID token must be a moment old (Core §3.1.3.7 (10)); the session's own may be as old as it lives.
///
/// Rules: inspection-age
#[tokio::test]
async fn an_id_token_may_be_as_old_as_it_lives() {
    let world = World::start().await;
    for (minutes, is_over) in [(11, false), (18, false), (2, true)] {
        world.party.clock.advance(Duration::minutes(minutes));
        let seen = world.party.client.inspect(&world.session).await;
        assert_first_broken(&seen.access_token, Expiry, "it lives for five minutes");
        if is_over {
            assert_first_broken(&seen.id_token, Expiry, "after half an hour");
        } else {
            assert!(all_but(Kept, &seen.id_token).is_empty(), "{:?}", seen.id_token);
        }
    }
}

/// Rules: inspection-not-concerned, core-12.2-nonce
#[tokio::test]
async fn a_renewed_id_token_need_not_repeat_the_nonce() {
    let World { provider, party, .. } = World::start().await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    let Current::Open(renewed) = party.renew(&browser).await else {
        panic!("not renewed");
    };
    let seen = party.client.inspect(&renewed.signed_in).await;
    assert_eq!(all_but(Kept, &seen.id_token), [(Nonce, NotConcerned)]);
    assert!(all_but(Kept, &seen.access_token).is_empty());

    // If it does, it is that of the sign-in.
    let nonce = renewed.signed_in.origin.nonce.clone().unwrap();
    provider.id_token(move |token| token.claim("nonce", nonce.as_str()));
    let Current::Open(renewed) = party.renew(&browser).await else {
        panic!("not renewed");
    };
    let seen = party.client.inspect(&renewed.signed_in).await;
    assert!(all_but(Kept, &seen.id_token).is_empty(), "{:?}", seen.id_token);
}

/// The hash in it is that of the access token that it came with, which is gone.
///
/// Rules: inspection-not-concerned, core-12.2-no-id-token
#[tokio::test]
async fn an_id_token_that_was_not_renewed_is_not_blamed_for_the_new_access_token() {
    let World { provider, party, .. } = World::start().await;
    let (browser, callback) = party.approved(&provider).await;
    party.finish(&browser, &callback).await.unwrap();
    provider.token_response(|response| response.remove("id_token"));
    let Current::Open(renewed) = party.renew(&browser).await else {
        panic!("not renewed");
    };
    let seen = party.client.inspect(&renewed.signed_in).await;
    assert!(all_but(Kept, &seen.access_token).is_empty());
    assert!(!seen.id_token.is_broken(), "{:?}", seen.id_token);
}
