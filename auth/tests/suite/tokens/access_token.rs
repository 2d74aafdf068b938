//! The access token: RFC 9068 §4 where it is a JWT, and nothing at all where it is not (RFC 6749 §1.4).

use auth::client::{
    AccessTokenError::{Expired, IdToken, Jwt, NotYetValid, Subject},
    HeaderError::{Algorithm, Key},
    JwtError,
    KeyError::Unknown,
    ValidationError,
};
use jsonwebtoken::errors::ErrorKind::{self, InvalidAudience, InvalidIssuer, InvalidSignature, Json};
use misbehaving_provider::{CLIENT_ID, Endpoint, MisbehavingProvider, Signature, Token};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    assert_refused,
    bent::{Outcome, access_header, access_token, at_provider, moved, with_access_token},
    relying_party::RelyingParty,
};

/// Seconds that an access token of the provider's lives.
const LIFETIME: i64 = 5 * 60;

/// Not valid here, and why.
macro_rules! invalid {
    ($outcome:expr, $kind:pat $(if $guard:expr)? $(, $case:expr)?) => {
        assert_refused!(
            $outcome,
            access_token!(Jwt(JwtError::Invalid(why))) if matches!(why.kind(), $kind $(if $guard)?)
            $(, $case)?
        )
    };
}

/// A sign-in whose access token has this claim.
async fn with_claim(name: &'static str, value: Value) -> Outcome {
    with_access_token(move |token| token.claim(name, value.clone())).await
}

/// A sign-in whose access token has the date `name` at so many seconds from now.
async fn with_date(name: &'static str, from_now: f64) -> Outcome {
    with_access_token(move |token| {
        let date = moved(&token, "iat", from_now);
        token.claim(name, date)
    })
    .await
}

fn is_missing(kind: &ErrorKind, name: &str) -> bool {
    matches!(kind, ErrorKind::MissingRequiredClaim(missing) if missing == name)
}

/// Rules: rfc9068-4-iss, rfc8725-3.8, w5
#[tokio::test]
async fn w5_an_access_token_of_another_issuer_is_refused() {
    let bends: [fn(&str) -> Value; 6] = [
        |_| json!("https://other.example"),
        |issuer| json!(format!("{issuer}/")),
        |issuer| json!(issuer.to_uppercase()),
        |_| json!(["https://other.example"]),
        |issuer| json!([issuer]),
        |issuer| json!(["https://other.example", issuer]),
    ];
    for bend in bends {
        let outcome = with_access_token(move |token| {
            let issuer = bend(token.get("iss").and_then(Value::as_str).unwrap());
            token.claim("iss", issuer)
        });
        invalid!(outcome.await, InvalidIssuer, bend("ISSUER"));
    }
}

/// Rules: rfc9068-4-iss, w5
#[tokio::test]
async fn w5_an_access_token_without_issuer_is_refused() {
    let outcome = with_access_token(|token| token.without("iss"));
    invalid!(outcome.await, InvalidIssuer, "none");
    for issuer in [Value::Null, json!(5), json!({})] {
        invalid!(with_claim("iss", issuer.clone()).await, InvalidIssuer, issuer);
    }
}

/// Rules: rfc9068-4-aud, rfc8725-3.9, rfc9700-2.3, w5
#[tokio::test]
async fn w5_an_access_token_for_another_audience_is_refused() {
    for audience in [
        json!("someone-else"),
        json!(["someone-else", "and-another"]),
        json!(CLIENT_ID.to_uppercase()),
        json!([]),
        json!(""),
    ] {
        invalid!(
            with_claim("aud", audience.clone()).await,
            InvalidAudience,
            audience
        );
    }
    for audience in [Value::Null, json!(5), json!([CLIENT_ID, 5])] {
        let outcome = with_claim("aud", audience.clone());
        invalid!(outcome.await, kind if is_missing(kind, "aud"), audience);
    }
    let outcome = with_access_token(|token| token.without("aud"));
    invalid!(outcome.await, kind if is_missing(kind, "aud"), "none");
}

/// Rules: rfc9068-4-aud
#[tokio::test]
async fn an_access_token_may_be_for_others_as_well() {
    for audience in [json!(CLIENT_ID), json!(["https://api.example", CLIENT_ID])] {
        let outcome = with_claim("aud", audience.clone()).await;
        assert!(outcome.is_ok(), "{audience}: {outcome:?}");
    }
}

/// Rules: rfc9068-4-exp
#[tokio::test]
async fn an_access_token_that_has_expired_is_refused() {
    let outcome = with_access_token(|token| token.shift("exp", -LIFETIME - 31));
    assert_refused!(outcome.await, access_token!(Expired));
    for exp in [json!(0), json!(0.5), json!(1e-300)] {
        assert_refused!(with_claim("exp", exp.clone()).await, access_token!(Expired), exp);
    }
    let outcome = with_access_token(|token| token.shift("exp", -LIFETIME - 25)).await;
    assert!(outcome.is_ok(), "within the clock difference: {outcome:?}");
}

/// Rules: rfc9068-4-exp
#[tokio::test]
async fn an_access_token_that_was_withheld_until_it_expired_is_refused() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    party.clock.advance(Duration::seconds(LIFETIME + 31));
    assert_refused!(party.sign_in(&provider).await, access_token!(Expired));
}

/// Rules: rfc9068-4-exp
#[tokio::test]
async fn an_access_token_that_does_not_say_when_it_expires_is_refused() {
    let outcome = with_access_token(|token| token.without("exp"));
    assert_refused!(outcome.await, access_token!(Expired), "none");
    for exp in [json!("4102444800"), json!("2999-12-31T23:59:59Z"), Value::Null] {
        assert_refused!(with_claim("exp", exp.clone()).await, access_token!(Expired), exp);
    }
}

/// Rules: rfc9068-4-exp, rfc7519-2-exp-huge, rfc7519-2-exp-negative
#[tokio::test]
async fn an_access_token_with_an_absurd_exp_is_refused() {
    for exp in [
        json!(1e300),
        json!(1e19),
        json!(1e13),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(-1),
        json!(-1.5),
        json!(i64::MIN),
        json!(-1e300),
    ] {
        assert_refused!(with_claim("exp", exp.clone()).await, access_token!(Expired), exp);
    }
}

/// Rules: rfc7519-2-exp-huge
#[tokio::test]
async fn no_access_token_is_believed_to_live_for_ever() {
    let signed_in = with_claim("exp", json!(253_402_300_799_i64)).await.unwrap();
    let lifetime = signed_in.tokens.expires_at - signed_in.origin.signed_in_at;
    assert!(lifetime <= Duration::days(366), "{lifetime}");
}

/// Rules: rfc7519-2-exp-fraction
#[tokio::test]
async fn the_end_of_an_access_token_may_have_a_fraction() {
    let signed_in = with_date("exp", 100.9).await.unwrap();
    let lifetime = signed_in.tokens.expires_at - signed_in.origin.signed_in_at;
    assert!((90..=100).contains(&lifetime.whole_seconds()), "{lifetime}");
    assert_refused!(with_date("exp", -31.5).await, access_token!(Expired));
}

/// Rules: rfc9068-4-nbf
#[tokio::test]
async fn an_access_token_that_is_not_valid_yet_is_refused() {
    for seconds in [35.0, 35.5, 1e6] {
        assert_refused!(
            with_date("nbf", seconds).await,
            access_token!(NotYetValid),
            seconds
        );
    }
    for nbf in [
        Value::Null,
        json!("0"),
        json!(true),
        json!(1e300),
        json!(u64::MAX),
    ] {
        assert_refused!(
            with_claim("nbf", nbf.clone()).await,
            access_token!(NotYetValid),
            nbf
        );
    }
}

/// Rules: rfc9068-4-nbf
#[tokio::test]
async fn the_beginning_of_an_access_token_may_be_missing_or_within_the_clock_difference() {
    for seconds in [25.0, 0.0, -1e6] {
        let outcome = with_date("nbf", seconds).await;
        assert!(outcome.is_ok(), "{seconds}: {outcome:?}");
    }
    let outcome = with_access_token(|token| token.without("nbf")).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: rfc9068-4-sub, rfc8725-3.8
#[tokio::test]
async fn an_access_token_about_somebody_else_is_refused() {
    for sub in [
        json!("usr_eve"),
        json!(""),
        json!("USR_ADA"),
        json!(5),
        Value::Null,
    ] {
        let outcome = with_claim("sub", sub.clone());
        assert_refused!(outcome.await, access_token!(Subject), sub);
    }
    let outcome = at_provider(|provider| {
        provider.id_token(|token| token.claim("sub", "usr_eve").without("at_hash"));
    });
    assert_refused!(outcome.await, access_token!(Subject), "the ID token");
}

/// Rules: rfc9068-4-exp, rfc9068-4-nbf, rfc9068-4-sub
#[tokio::test]
async fn a_claim_that_is_a_list_or_an_object_is_refused() {
    for name in ["exp", "nbf", "sub"] {
        for value in [json!(["usr_ada"]), json!([4_102_444_800_i64]), json!({ "a": 1 })] {
            let case = format!("{name}: {value}");
            invalid!(with_claim(name, value).await, Json(_), case);
        }
    }
}

/// Rules: rfc9068-4-sub
#[tokio::test]
async fn an_access_token_need_not_say_whom_it_is_about() {
    let signed_in = with_access_token(|token| token.without("sub")).await.unwrap();
    assert_eq!(signed_in.user.sub, "usr_ada");
}

/// Rules: rfc9068-4-unknown-key, w20
#[tokio::test]
async fn w20_an_access_token_signed_with_an_unknown_key_is_refused_after_one_throttled_fetch() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.forget_requests();
    provider.access_token(|token| token.header("kid", "nobody's"));
    for fetches in [1, 1, 1] {
        let outcome = party.sign_in(&provider).await;
        assert_refused!(outcome, access_header!(Key(Unknown)));
        assert_eq!(provider.requests(Endpoint::Keys).len(), fetches);
    }
    party.clock.advance(Duration::seconds(31));
    let outcome = party.sign_in(&provider).await;
    assert_refused!(outcome, access_header!(Key(Unknown)));
    assert_eq!(provider.requests(Endpoint::Keys).len(), 2);
}

/// Rules: rfc9068-4-none
#[tokio::test]
async fn an_unsigned_access_token_is_refused() {
    let bends: [fn(Token) -> Token; 2] = [
        |token| token.signed(Signature::None),
        |token| token.header("alg", "none"),
    ];
    for bend in bends {
        assert_refused!(with_access_token(bend).await, access_header!(Algorithm));
    }
}

/// Rules: rfc9068-4-signature, rfc8725-3.3
#[tokio::test]
async fn an_access_token_whose_signature_does_not_verify_is_refused() {
    for signature in [Signature::Broken, Signature::Unpublished] {
        let case = format!("{signature:?}");
        let outcome = with_access_token(move |token| token.signed(signature.clone()));
        invalid!(outcome.await, InvalidSignature, case);
    }
    let outcome = with_access_token(|token| token.signed(Signature::None).header("alg", "RS256"));
    invalid!(outcome.await, InvalidSignature, "cut off");
}

/// Rules: rfc8725-3.12
#[tokio::test]
async fn an_id_token_in_the_place_of_the_access_token_is_refused() {
    let outcome = at_provider(|provider| {
        provider.id_token(|token| token.without("at_hash"));
        provider.token_response(|response| {
            let id_token = response.get("id_token").cloned().unwrap_or_default();
            response.set("access_token", id_token)
        });
    });
    assert_refused!(outcome.await, access_token!(IdToken));
    for name in ["nonce", "at_hash", "c_hash"] {
        assert_refused!(with_claim(name, Value::Null).await, access_token!(IdToken), name);
    }
}

/// Rules: rfc6749-1.4-opaque, rfc8725-3.7
#[tokio::test]
async fn nothing_is_read_into_an_access_token_that_is_no_jwt() {
    for text in [
        "opaque",
        "a.b.c",
        "..",
        "e30.e30",
        "e30.e30.e30.e30",
        "W10.e30.e30",
        "Im5vIG9iamVjdCI.e30.e30",
        "{}.{}.{}",
        "eyJhIjoi_yJ9.e30.e30", // {"a":"\xff"}: not UTF-8.
    ] {
        let signed_in = with_access_token(move |token| token.raw(text)).await;
        let signed_in = signed_in.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(
            (signed_in.roles, signed_in.permissions),
            (vec![], vec![]),
            "{text}"
        );
    }
}

/// Rules: rfc6749-1.4-opaque
#[tokio::test]
async fn the_id_token_speaks_for_a_persons_rights_when_the_access_token_is_opaque() {
    let outcome = at_provider(|provider| {
        provider.opaque_access_token();
        provider.id_token(|token| token.claim("permissions", json!(["organization:read"])));
    });
    let signed_in = outcome.await.unwrap();
    assert_eq!(signed_in.permissions, ["organization:read"]);
    let lifetime = signed_in.tokens.expires_at - signed_in.origin.signed_in_at;
    assert_eq!(lifetime.whole_seconds(), LIFETIME, "as `expires_in` says");
}

/// Rules: rfc6749-1.4-opaque
#[tokio::test]
async fn an_opaque_access_token_is_good_until_it_ends_as_expires_in_says() {
    let provider = MisbehavingProvider::start().await;
    provider.opaque_access_token();
    let party = RelyingParty::of(&provider).await;
    let signed_in = party.sign_in(&provider).await.unwrap();
    let claims = party.client.validate_access_token(&signed_in).await.unwrap();
    assert!(claims.is_empty(), "nobody can read it");
    party.clock.advance(Duration::seconds(LIFETIME));
    let outcome = party.client.validate_access_token(&signed_in).await;
    assert!(
        matches!(outcome, Err(ValidationError::AccessToken(Expired))),
        "{outcome:?}"
    );
}

/// Rules: rfc6749-1.4-opaque
#[tokio::test]
async fn an_access_token_that_is_made_for_somebody_else_is_never_read_if_so_configured() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::configured(&provider, &[("SCALEKIT_ACCESS_TOKEN", "opaque")]).await;
    provider.access_token(|token| token.claim("aud", "https://api.example").claim("sub", "somebody"));
    let signed_in = party.sign_in(&provider).await.unwrap();
    assert_eq!((signed_in.roles, signed_in.permissions), (vec![], vec![]));
}

/// Rules: w10
#[tokio::test]
async fn w10_the_scope_of_an_access_token_is_no_permission() {
    let outcome = with_access_token(|token| {
        let scope = "openid organization:settings";
        token
            .without("permissions")
            .claim("scope", scope)
            .claim("scp", json!(["organization:settings"]))
    });
    assert_eq!(outcome.await.unwrap().permissions, [""; 0]);
}
