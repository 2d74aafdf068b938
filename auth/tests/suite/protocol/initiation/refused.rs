//! Notes that begin nothing: made by somebody else, at another time, for another application or another purpose.

use auth::{
    client::{
        HeaderError::{Algorithm, Critical, Key, Malformed, Type},
        InitiationError::{Audience, Expired, Jwt, NoDestination, NotYetValid, OtherToken},
        JwtError,
        KeyError::Unknown,
    },
    sign_in::SignInError::{Initiation, Parameter, ProviderUnavailable},
};
use jsonwebtoken::errors::ErrorKind::InvalidSignature;
use misbehaving_provider::{
    CLIENT_ID, CLIENT_SECRET, Endpoint, MisbehavingProvider,
    Signature::{self, Broken, Hs256, Hs256WithPublicKey, Unpublished},
    Token,
};
use serde_json::{Value, json};

use super::{NOTE, Outcome, arrives, note, parameters, with_claim, with_note};
use crate::{assert_refused, bent::with_part, relying_party::RelyingParty};

/// A date so many seconds from when the note was written.
fn from_now(token: &Token, seconds: i64) -> i64 {
    token.get("iat").and_then(Value::as_i64).unwrap() + seconds
}

/// What becomes of a browser that comes with this text for a note.
async fn with_text(text: &str) -> Outcome {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    arrives(&party, &[(NOTE, text)]).await
}

/// The signature of the note does not verify.
macro_rules! bad_signature {
    ($outcome:expr, $case:expr) => {
        assert_refused!(
            $outcome,
            Initiation(Jwt(JwtError::Invalid(why))) if matches!(why.kind(), InvalidSignature),
            $case
        )
    };
}

/// The header of the note is refused.
macro_rules! header {
    ($reason:pat) => {
        Initiation(Jwt(JwtError::Header($reason)))
    };
}

/// Rules: initiation-verified, rfc8725-3.3
#[tokio::test]
async fn a_note_whose_signature_does_not_verify_is_refused() {
    for signature in [Broken, Unpublished] {
        let case = format!("{signature:?}");
        bad_signature!(with_note(|note| note.signed(signature)).await, case);
    }
    let outcome = with_note(|note| note.signed(Signature::None).header("alg", "RS256"));
    bad_signature!(outcome.await, "cut off");

    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let changed = with_part(&provider.sign(note(&provider)), 1, |claims| {
        let claims = String::from_utf8(claims).unwrap();
        claims.replace("org_acme", "org_evil").into_bytes()
    });
    let outcome = arrives(&party, &[(NOTE, &changed)]).await;
    bad_signature!(outcome, "changed after signing");
}

/// Rules: initiation-verified, rfc8725-3.1-none, rfc8725-3.1-hs256-client-secret, rfc8725-3.1-hs256-public-key
#[tokio::test]
async fn a_note_that_is_unsigned_or_signed_with_a_shared_secret_is_refused() {
    for signature in [
        Signature::None,
        Hs256(CLIENT_SECRET.into()),
        Hs256WithPublicKey,
        Signature::Rs512,
    ] {
        let case = format!("{signature:?}");
        let outcome = with_note(|note| note.signed(signature));
        assert_refused!(outcome.await, header!(Algorithm), case);
    }
    let outcome = with_note(|note| note.header("alg", "none"));
    assert_refused!(outcome.await, header!(Algorithm), "a signature all the same");
}

/// Rules: initiation-verified, kid-unknown, w20
#[tokio::test]
async fn w20_a_note_signed_with_an_unknown_key_is_refused_after_one_fetch() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.forget_requests();
    let strange = provider.sign(note(&provider).header("kid", "nobody's"));
    for _ in 0..2 {
        let outcome = arrives(&party, &[(NOTE, &strange)]).await;
        assert_refused!(outcome, header!(Key(Unknown)));
        assert_eq!(
            provider.requests(Endpoint::Keys).len(),
            1,
            "and no more in a while"
        );
    }
}

/// Rules: initiation-verified, w20
#[tokio::test]
async fn w20_a_note_signed_with_a_new_key_is_accepted() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.rotate_keys();
    let note = provider.sign(note(&provider));
    arrives(&party, &[(NOTE, &note)]).await.unwrap();
}

/// Rules: initiation-verified, rfc7515-4.1.11, rfc7519-4-duplicate-members
#[tokio::test]
async fn what_is_no_jwt_or_can_be_understood_in_two_ways_is_no_note() {
    for text in ["opaque", "a.b.c", "..", "e30.e30.e30.e30", &"x".repeat(8192)] {
        assert_refused!(with_text(text).await, header!(Malformed), text);
    }
    let outcome = with_note(|note| note.header("crit", json!(["exp"])));
    assert_refused!(outcome.await, header!(Critical));
    let outcome = with_note(|note| note.duplicate("organization_id", "org_evil"));
    assert_refused!(outcome.await, Initiation(Jwt(JwtError::Payload)));
    for payload in ["[]", "5", "{"] {
        let outcome = with_note(|note| note.raw_payload(payload));
        assert_refused!(outcome.await, Initiation(Jwt(JwtError::Invalid(_))), payload);
    }
}

/// Rules: initiation-dates
#[tokio::test]
async fn a_note_that_is_over_or_does_not_say_when_it_will_be_is_refused() {
    for seconds in [-40, -3600, -1_000_000] {
        let outcome = with_note(|note| {
            let end = from_now(&note, seconds);
            note.claim("exp", end)
        });
        assert_refused!(outcome.await, Initiation(Expired), seconds);
    }
    let outcome = with_note(|note| note.without("exp"));
    assert_refused!(outcome.await, Initiation(Expired), "none");
    for exp in [
        Value::Null,
        json!("4102444800"),
        json!(true),
        json!(-1),
        json!(1e300),
    ] {
        let outcome = with_claim("exp", exp.clone());
        assert_refused!(outcome.await, Initiation(Expired), exp);
    }
}

/// Rules: initiation-dates
#[tokio::test]
async fn a_note_that_is_found_later_is_refused() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let note = provider.sign(note(&provider));
    party.clock.advance(time::Duration::seconds(331));
    let outcome = arrives(&party, &[(NOTE, &note)]).await;
    assert_refused!(outcome, Initiation(Expired));
}

/// Rules: initiation-dates
#[tokio::test]
async fn a_note_that_lives_for_more_than_an_hour_is_refused() {
    for seconds in [3660, 86_400, 1_000_000_000] {
        let outcome = with_note(|note| {
            let end = from_now(&note, seconds);
            note.claim("exp", end)
        });
        assert_refused!(outcome.await, Initiation(Expired), seconds);
    }
    for seconds in [3590, 60, -20] {
        let outcome = with_note(|note| {
            let end = from_now(&note, seconds);
            note.claim("exp", end)
        });
        let outcome = outcome.await;
        assert!(outcome.is_ok(), "{seconds}: {outcome:?}");
    }
}

/// Rules: initiation-dates
#[tokio::test]
async fn a_note_that_is_not_valid_yet_is_refused() {
    for seconds in [40, 3600] {
        let outcome = with_note(|note| {
            let start = from_now(&note, seconds);
            note.claim("nbf", start)
        });
        assert_refused!(outcome.await, Initiation(NotYetValid), seconds);
    }
    for nbf in [Value::Null, json!("0"), json!(1e300)] {
        let outcome = with_claim("nbf", nbf.clone());
        assert_refused!(outcome.await, Initiation(NotYetValid), nbf);
    }
    let outcome = with_note(|note| {
        let start = from_now(&note, 20);
        note.claim("nbf", start)
    });
    assert!(outcome.await.is_ok(), "within the clock difference");
    assert!(with_note(|note| note.without("nbf")).await.is_ok());
}

/// Rules: initiation-audience, rfc8725-3.9
#[tokio::test]
async fn a_note_for_another_application_is_refused() {
    for audience in [
        json!("someone-else"),
        json!(["someone-else", "and-another"]),
        json!(CLIENT_ID.to_uppercase()),
        json!(""),
        json!([]),
        json!([[CLIENT_ID]]),
        json!({ "0": CLIENT_ID }),
        json!(5),
        Value::Null,
    ] {
        let outcome = with_claim("aud", audience.clone());
        assert_refused!(outcome.await, Initiation(Audience), audience);
    }
    for audience in [
        json!(CLIENT_ID),
        json!([CLIENT_ID]),
        json!(["someone-else", CLIENT_ID]),
    ] {
        let outcome = with_claim("aud", audience.clone()).await;
        assert!(outcome.is_ok(), "{audience}: {outcome:?}");
    }
}

/// Whatever else the provider signs for us lies in more hands than a note does.
///
/// Rules: initiation-other-token, rfc8725-3.12, rfc8725-3.11
#[tokio::test]
async fn the_providers_other_tokens_are_no_notes() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let organization = |token: Token| token.claim("organization_id", "org_acme");
    provider.id_token(organization);
    provider.access_token(organization);
    party.sign_in(&provider).await.unwrap();
    provider.access_token(|token| token.header("typ", "JWT"));
    party.sign_in(&provider).await.unwrap();
    let [typed, plain] = provider.issued().try_into().unwrap();

    let now = provider.now();
    let logout_token = provider.token(json!({
        "iss": provider.issuer(),
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "1",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        "organization_id": "org_acme",
    }));
    let typed_logout_token = provider.sign(logout_token.clone().header("typ", "logout+jwt"));
    let plain_logout_token = provider.sign(logout_token);
    for (case, token) in [
        ("an ID token", &plain.id_token),
        ("an access token", &plain.access_token),
        ("a logout token", &plain_logout_token),
    ] {
        let outcome = arrives(&party, &[(NOTE, token)]).await;
        assert_refused!(outcome, Initiation(OtherToken), case);
    }
    for (case, token) in [
        ("an access token", &typed.access_token),
        ("a logout token", &typed_logout_token),
    ] {
        let outcome = arrives(&party, &[(NOTE, token)]).await;
        assert_refused!(outcome, header!(Type), case);
    }
}

/// Rules: initiation-other-token, rfc8725-3.12
#[tokio::test]
async fn every_claim_that_only_other_tokens_have_tells_them_from_a_note() {
    for name in ["sub", "sid", "nonce", "at_hash", "events", "scope"] {
        for value in [json!("x"), Value::Null] {
            let outcome = with_claim(name, value);
            assert_refused!(outcome.await, Initiation(OtherToken), name);
        }
    }
}

/// Rules: initiation-destination
#[tokio::test]
async fn a_note_that_names_neither_an_organization_nor_a_connection_is_refused() {
    let outcome = with_note(|note| note.without("organization_id").without("connection_id"));
    assert_refused!(outcome.await, Initiation(NoDestination), "none");
    let too_long = "o".repeat(257);
    for nothing in [
        json!(""),
        json!(" "),
        json!("org\0acme"),
        json!(too_long),
        json!(5),
        json!(["org_acme"]),
        Value::Null,
    ] {
        let outcome = with_note(|note| {
            note.claim("organization_id", nothing.clone())
                .claim("connection_id", nothing.clone())
        });
        assert_refused!(outcome.await, Initiation(NoDestination), nothing);
    }
    for (name, other) in [
        ("organization_id", "connection_id"),
        ("connection_id", "organization_id"),
    ] {
        let parameters = parameters(&with_note(|note| note.without(other)).await.unwrap());
        assert!(
            parameters.contains_key(name) && !parameters.contains_key(other),
            "one is enough"
        );
    }
}

/// Rules: initiation-parameter
#[tokio::test]
async fn a_note_that_is_empty_too_long_or_comes_twice_is_not_even_read() {
    for text in ["", &"x".repeat(8193)] {
        assert_refused!(with_text(text).await, Parameter(NOTE), text.len());
    }
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    let note = provider.sign(note(&provider));
    for other in [note.as_str(), "", "another"] {
        for (first, second) in [(note.as_str(), other), (other, note.as_str())] {
            let outcome = arrives(&party, &[(NOTE, first), (NOTE, second)]).await;
            assert_refused!(outcome, Parameter(NOTE), other);
        }
    }
}

/// Rules: initiation-verified
#[tokio::test]
async fn a_note_cannot_be_judged_before_the_provider_is_discovered() {
    let provider = MisbehavingProvider::start().await;
    let note = provider.sign(note(&provider));
    let party = RelyingParty::undiscovered("http://127.0.0.1:1", &[]).await;
    let outcome = arrives(&party, &[(NOTE, &note)]).await;
    assert_refused!(outcome, ProviderUnavailable(_));
}
