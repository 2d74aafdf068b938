//! Tokens that break a rule: it is named, and nothing is said about those after it.

use auth::client::inspection::{
    Rule::{
        self, AccessTokenHash, Algorithm, Audience, AuthorizedParty, Expiry, Form, Issuer, Key, Kind, Nonce,
        NotBefore, Subject,
    },
    Verdict::{Broken, Kept, NotJudged},
};
use misbehaving_provider::{
    CLIENT_ID, CLIENT_SECRET, MisbehavingProvider,
    Signature::{self, Hs256, Unpublished},
    Token,
};
use serde_json::json;

use super::{World, all_but, assert_first_broken};

pub(super) type Bend = fn(Token) -> Token;

/// Ways to break the rules of access tokens, in the order in which they are judged.
pub(super) const OF_ACCESS_TOKENS: [(Rule, Bend); 10] = [
    (Form, |token| token.header("x", 1).duplicate_header("x", 2)),
    (Algorithm, |token| token.signed(Signature::None)),
    (Key, |token| token.header("kid", "nobody's")),
    (Rule::Signature, |token| token.signed(Signature::Broken)),
    (Audience, |token| token.claim("aud", "someone-else")),
    (Issuer, |token| token.claim("iss", "https://other.example")),
    (Kind, |token| token.claim("nonce", "of an ID token")),
    (Expiry, |token| token.claim("exp", 1_000_000)),
    (NotBefore, |token| token.claim("nbf", 4_102_444_800_i64)),
    (Subject, |token| token.claim("sub", "usr_eve")),
];

/// The same for ID tokens.
pub(super) const OF_ID_TOKENS: [(Rule, Bend); 13] = [
    (Form, |token| token.header("x", 1).duplicate_header("x", 2)),
    (Algorithm, |token| token.signed(Signature::None)),
    (Key, |token| token.header("kid", "nobody's")),
    (Issuer, |token| token.claim("iss", "https://other.example")),
    (Audience, |token| token.claim("aud", "someone-else")),
    (Rule::Signature, |token| token.signed(Signature::Broken)),
    (Expiry, |token| token.claim("exp", 1_000_000)),
    (Nonce, |token| token.claim("nonce", "of another sign-in")),
    (AuthorizedParty, |token| token.claim("azp", "someone-else")),
    (Subject, |token| token.claim("sub", "")),
    (Kind, |token| token.claim("events", json!({}))),
    (NotBefore, |token| token.claim("nbf", 4_102_444_800_i64)),
    (AccessTokenHash, |token| token.claim("at_hash", "of another")),
];

/// All bends of a table from its `first` on. Of two that exclude each other the earlier one counts.
fn all_from(first: usize, table: &[(Rule, Bend)], token: Token) -> Token {
    let bends = table.iter().skip(first).rev();
    bends.fold(token, |token, (_, bend)| bend(token))
}

/// Rules: inspection-first-broken
#[tokio::test]
async fn each_rule_that_an_access_token_breaks_is_named() {
    let world = World::start().await;
    let further: [(Rule, Bend); 8] = [
        (Form, |token| token.header("crit", json!(["exp"]))),
        (Form, |token| token.header("typ", "logout+jwt")),
        (Algorithm, |token| token.signed(Hs256(CLIENT_SECRET.into()))),
        (Rule::Signature, |token| token.signed(Unpublished)),
        (Audience, |token| token.without("aud")),
        (Issuer, |token| token.without("iss")),
        (Kind, |token| token.claim("at_hash", "of an ID token")),
        (Expiry, |token| token.without("exp")),
    ];
    for (number, (rule, bend)) in OF_ACCESS_TOKENS.into_iter().chain(further).enumerate() {
        let inspection = world.access_token(bend).await;
        assert_first_broken(&inspection, rule, &format!("{number}, {rule:?}"));
    }
}

/// Rules: inspection-first-broken
#[tokio::test]
async fn each_rule_that_an_id_token_breaks_is_named() {
    let world = World::start().await;
    let further: [(Rule, Bend); 9] = [
        (Form, |token| token.header("crit", json!(["exp"]))),
        (Form, |token| token.header("typ", "logout+jwt")),
        (Algorithm, |token| token.signed(Hs256(CLIENT_SECRET.into()))),
        (Audience, |token| {
            token.claim("aud", json!([CLIENT_ID, "someone-else"]))
        }),
        (Rule::Signature, |token| token.signed(Unpublished)),
        (Expiry, |token| token.claim("iat", 4_102_444_800_i64)),
        (AuthorizedParty, |token| token.claim("azp", "")),
        (Subject, |token| token.claim("sub", "usr_eve")),
        (NotBefore, |token| token.claim("nbf", 1e300)),
    ];
    for (number, (rule, bend)) in OF_ID_TOKENS.into_iter().chain(further).enumerate() {
        let inspection = world.id_token(bend).await;
        assert_first_broken(&inspection, rule, &format!("{number}, {rule:?}"));
    }
}

/// What a token says beyond the first broken rule counts for nothing, so nothing is said about it.
///
/// Rules: inspection-first-broken
#[tokio::test]
async fn of_several_broken_rules_the_first_is_named() {
    let world = World::start().await;
    for (first, (rule, _)) in OF_ACCESS_TOKENS.into_iter().enumerate() {
        let bend = |token| all_from(first, &OF_ACCESS_TOKENS, token);
        let inspection = world.access_token(bend).await;
        assert_first_broken(&inspection, rule, &format!("{rule:?} of an access token"));
    }
    for (first, (rule, _)) in OF_ID_TOKENS.into_iter().enumerate() {
        let bend = |token| all_from(first, &OF_ID_TOKENS, token);
        let inspection = world.id_token(bend).await;
        assert_first_broken(&inspection, rule, &format!("{rule:?} of an ID token"));
    }
}

/// Rules: inspection-first-broken
#[tokio::test]
async fn tokens_that_do_not_belong_together_are_told_apart() {
    let world = World::start().await;
    let inspection = world.id_token_of("opaque").await;
    assert_eq!(inspection.verdict(Form), Some(Broken));
    assert!(inspection.header.is_empty() && inspection.claims.is_empty());

    let other = world.party.sign_in(&world.provider).await.unwrap();
    let inspection = world.id_token_of(other.tokens.id_token.expose()).await;
    assert_first_broken(&inspection, Nonce, "the ID token of another sign-in");

    let mut session = world.session.clone();
    session.tokens.access_token = other.tokens.access_token;
    let seen = world.party.client.inspect(&session).await;
    assert!(
        all_but(Kept, &seen.access_token).is_empty(),
        "it is the same person's"
    );
    assert_first_broken(&seen.id_token, AccessTokenHash, "the access token of another");
}

/// Scalekit's access tokens are plain JWTs: no type tells them from ID tokens.
///
/// Rules: inspection-first-broken, rfc8725-3.12-id-token
#[tokio::test]
async fn the_access_token_in_the_place_of_the_id_token_is_of_another_kind() {
    let provider = MisbehavingProvider::start().await;
    provider.access_token(|token| token.header("typ", "JWT"));
    let world = World::at(provider).await;
    let inspection = world
        .id_token_of(world.session.tokens.access_token.expose())
        .await;
    assert_eq!(inspection.verdict(Kind), Some(Broken));
    assert_eq!(inspection.verdict(NotBefore), Some(NotJudged));
    for rule in [
        Form,
        Algorithm,
        Key,
        Issuer,
        Audience,
        Rule::Signature,
        Expiry,
        Subject,
    ] {
        assert_eq!(inspection.verdict(rule), Some(Kept), "{rule:?}");
    }
}
