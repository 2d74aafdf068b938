//! The ID token's dates: OpenID Connect Core §3.1.3.7 (9) and (10), RFC 7519 §2 and §4.1. What they are compared with
//! is the application's clock; the clocks of the two may differ by thirty seconds.

use auth::client::IdTokenError::{Claims, Date, NotYetValid};
use misbehaving_provider::{MisbehavingProvider, Token};
use openidconnect::ClaimsVerificationError::Expired;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    assert_refused,
    bent::{Outcome, at_provider, id_token, moved, unreadable, with_id_token},
    relying_party::RelyingParty,
};

/// Seconds that an ID token of the provider's lives.
const LIFETIME: i64 = 30 * 60;

/// A sign-in whose ID token has this claim.
async fn with_claim(name: &'static str, value: Value) -> Outcome {
    with_id_token(move |token| token.claim(name, value.clone())).await
}

/// A sign-in whose ID token has the date `name` at so many seconds from now.
async fn with_date(name: &'static str, from_now: f64) -> Outcome {
    with_id_token(move |token| {
        let date = moved(&token, "iat", from_now);
        token.claim(name, date)
    })
    .await
}

/// Rules: core-3.1.3.7-9
#[tokio::test]
async fn an_id_token_that_has_expired_is_refused() {
    let outcome = with_id_token(|token| token.shift("exp", -LIFETIME - 31));
    assert_refused!(outcome.await, id_token!(Claims(Expired(why))) if why.starts_with("ID token expired"));
}

/// Rules: core-3.1.3.7-9
#[tokio::test]
async fn an_id_token_that_was_withheld_until_it_expired_is_refused() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    party.clock.advance(Duration::seconds(LIFETIME + 31));
    assert_refused!(
        party.sign_in(&provider).await,
        id_token!(Claims(Expired(why))) if why.starts_with("ID token expired")
    );
}

/// Rules: core-3.1.3.7-9-missing
#[tokio::test]
async fn an_id_token_without_exp_is_refused() {
    assert_refused!(with_id_token(|token| token.without("exp")).await, unreadable!());
    assert_refused!(with_claim("exp", Value::Null).await, unreadable!(), "null");
}

/// Rules: core-3.1.3.7-9-skew
#[tokio::test]
async fn an_id_token_that_expired_within_the_clock_difference_is_accepted() {
    let outcome = with_id_token(|token| token.shift("exp", -LIFETIME - 25)).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: core-3.1.3.7-10
#[tokio::test]
async fn an_id_token_of_the_future_is_refused() {
    let outcome = with_id_token(|token| token.shift("iat", 35));
    assert_refused!(outcome.await, id_token!(Claims(Expired(why))) if why.contains("future"));
}

/// Rules: core-3.1.3.7-10
#[tokio::test]
async fn a_provider_whose_clock_is_far_ahead_signs_nobody_in() {
    let outcome = at_provider(|provider| provider.set_clock_ahead(35));
    assert_refused!(outcome.await, id_token!(Claims(Expired(why))) if why.contains("future"));
}

/// Rules: core-3.1.3.7-10-missing, oidcc-client-test-missing-iat
#[tokio::test]
async fn an_id_token_without_iat_is_refused() {
    assert_refused!(with_id_token(|token| token.without("iat")).await, unreadable!());
    assert_refused!(with_claim("iat", Value::Null).await, unreadable!(), "null");
}

/// Rules: core-3.1.3.7-10-old
#[tokio::test]
async fn an_id_token_that_was_issued_long_ago_is_refused() {
    for seconds in [-610.0, -3600.0, -1e9] {
        assert_refused!(
            with_date("iat", seconds).await,
            id_token!(Claims(Expired(why))) if why.contains("past"),
            seconds
        );
    }
    let outcome = with_date("iat", -590.0).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: core-3.1.3.7-10-skew, core-3.1.3.7-9-skew
#[tokio::test]
async fn clocks_may_differ_by_less_than_thirty_seconds() {
    for seconds in [25, -25] {
        let outcome = at_provider(|provider| provider.set_clock_ahead(seconds)).await;
        assert!(outcome.is_ok(), "{seconds}: {outcome:?}");
    }
    let outcome = with_id_token(|token| token.shift("iat", 25)).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: rfc7519-2-exp-huge
#[tokio::test]
async fn an_absurdly_late_exp_is_refused() {
    for exp in [
        json!(1e300),
        json!(1e19),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(1e18),
    ] {
        assert_refused!(with_claim("exp", exp.clone()).await, unreadable!(), exp);
    }
}

/// Rules: rfc7519-2-exp-huge
#[tokio::test]
async fn no_exp_makes_a_session_without_end() {
    // The last second that RFC 3339 can write.
    let signed_in = with_claim("exp", json!(253_402_300_799_i64)).await.unwrap();
    let began = signed_in.origin.signed_in_at;
    assert_eq!(signed_in.origin.ends_at - began, Duration::hours(24));
    assert!(signed_in.tokens.expires_at - began <= Duration::minutes(6));
}

/// Rules: rfc7519-2-exp-negative
#[tokio::test]
async fn a_negative_exp_is_past() {
    for exp in [
        json!(-1),
        json!(-1.5),
        json!(-1_000_000_000),
        json!(0),
        json!(-0.0),
    ] {
        assert_refused!(
            with_claim("exp", exp.clone()).await,
            id_token!(Claims(Expired(_))),
            exp
        );
    }
    for exp in [json!(i64::MIN), json!(-1e300)] {
        assert_refused!(with_claim("exp", exp.clone()).await, unreadable!(), exp);
    }
}

/// Rules: rfc7519-2-exp-fraction
#[tokio::test]
async fn an_exp_with_a_fraction_is_the_date_it_is() {
    for (seconds, is_valid) in [
        (1800.5, true),
        (0.5, true),
        (-24.5, true),
        (-31.5, false),
        (-1800.5, false),
    ] {
        let outcome = with_date("exp", seconds).await;
        if is_valid {
            assert!(outcome.is_ok(), "{seconds}: {outcome:?}");
        } else {
            assert_refused!(outcome, id_token!(Claims(Expired(_))), seconds);
        }
    }
}

/// Rules: rfc7519-2-iat-huge, core-3.1.3.7-10
#[tokio::test]
async fn an_absurdly_late_iat_is_refused() {
    for iat in [
        json!(1e300),
        json!(1e19),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(1e18),
    ] {
        assert_refused!(with_claim("iat", iat.clone()).await, unreadable!(), iat);
    }
    // The last second that RFC 3339 can write, and as a fraction of one more.
    for iat in [json!(253_402_300_799_i64), json!(253_402_300_799.5)] {
        assert_refused!(
            with_claim("iat", iat.clone()).await,
            id_token!(Claims(Expired(why))) if why.contains("future"),
            iat
        );
    }
}

/// Rules: rfc7519-2-iat-negative, core-3.1.3.7-10-old
#[tokio::test]
async fn a_negative_iat_is_long_ago() {
    for iat in [
        json!(-1),
        json!(-1.5),
        json!(-1_000_000_000),
        json!(0),
        json!(-0.0),
    ] {
        assert_refused!(
            with_claim("iat", iat.clone()).await,
            id_token!(Claims(Expired(why))) if why.contains("past"),
            iat
        );
    }
    for iat in [json!(i64::MIN), json!(-1e300)] {
        assert_refused!(with_claim("iat", iat.clone()).await, unreadable!(), iat);
    }
}

/// Rules: rfc7519-2-iat-fraction
#[tokio::test]
async fn an_iat_with_a_fraction_is_the_date_it_is() {
    for seconds in [0.5, -0.5, 25.5, -590.5] {
        let outcome = with_date("iat", seconds).await;
        assert!(outcome.is_ok(), "{seconds}: {outcome:?}");
    }
    for (seconds, where_it_lies) in [(35.5, "future"), (-610.5, "past")] {
        assert_refused!(
            with_date("iat", seconds).await,
            id_token!(Claims(Expired(why))) if why.contains(where_it_lies),
            seconds
        );
    }
}

/// Rules: rfc7519-2-exp-string
#[tokio::test]
async fn a_date_that_is_a_string_is_refused() {
    assert_refused!(
        with_claim("exp", json!("2999-12-31T23:59:59Z")).await,
        id_token!(Date),
        "exp"
    );
    assert_refused!(
        with_claim("nbf", json!("2000-01-01T00:00:00Z")).await,
        id_token!(Date),
        "nbf"
    );
    let outcome = with_id_token(|token| {
        let now = token.get("iat").and_then(Value::as_i64).unwrap();
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap();
        token.claim("iat", now.format(&Rfc3339).unwrap())
    });
    assert_refused!(outcome.await, id_token!(Date), "iat");
    for (name, value) in [("exp", "4102444800"), ("exp", ""), ("iat", "soon")] {
        assert_refused!(with_claim(name, json!(value)).await, unreadable!(), value);
    }
}

/// Rules: rfc7519-4.1.5
#[tokio::test]
async fn an_id_token_that_is_not_valid_yet_is_refused() {
    assert_refused!(with_date("nbf", 35.0).await, id_token!(NotYetValid), "soon");
    assert_refused!(
        with_date("nbf", 35.5).await,
        id_token!(NotYetValid),
        "soon, a fraction"
    );
    assert_refused!(
        with_claim("nbf", json!(1e300)).await,
        id_token!(NotYetValid),
        "never"
    );
    for seconds in [25.0, 0.0, -1e6] {
        let outcome = with_date("nbf", seconds).await;
        assert!(outcome.is_ok(), "{seconds}: {outcome:?}");
    }
}

/// Rules: rfc7519-4.1.5
#[tokio::test]
async fn an_nbf_that_is_no_number_is_refused() {
    for nbf in [Value::Null, json!(true), json!([0]), json!("0")] {
        assert_refused!(with_claim("nbf", nbf.clone()).await, id_token!(Date), nbf);
    }
}

/// Rules: rfc7519-2-exp-string, core-3.1.3.7-9-missing
#[tokio::test]
async fn a_date_of_another_type_is_refused() {
    let values = [
        json!(true),
        json!([4_102_444_800_i64]),
        json!({ "seconds": 4_102_444_800_i64 }),
    ];
    for (name, value) in ["exp", "iat"]
        .iter()
        .flat_map(|name| values.iter().map(move |value| (*name, value)))
    {
        assert_refused!(
            with_claim(name, value.clone()).await,
            unreadable!(),
            format!("{name}: {value}")
        );
    }
    let bend = |token: Token| token.claim("exp", json!(4_102_444_800_i64));
    assert!(with_id_token(bend).await.is_ok(), "the date itself is fine");
}
