//! What a token must be before anything in it counts: three parts, and a header and claims that can be understood in
//! one way only (RFC 7515 §4 and §5.2, RFC 7519 §4, RFC 8725 §3.11).

use auth::client::{
    AccessTokenError,
    HeaderError::{Critical, Malformed, Type},
    IdTokenError, JwtError,
};
use misbehaving_provider::{CLIENT_ID, Token};
use serde_json::{Value, json};

use crate::{
    assert_refused,
    bent::{
        access_header, access_token, at_provider, ending_with, forge, id_header, id_token, unreadable,
        with_access_token, with_id_token, with_part, with_tokens,
    },
};

/// Rules: rfc8725-3.11
#[tokio::test]
async fn a_token_of_another_type_is_no_id_token() {
    for typ in [
        "logout+jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "secevent+jwt",
        "JOSE",
        "",
    ] {
        let outcome = with_id_token(move |token| token.header("typ", typ));
        assert_refused!(outcome.await, id_header!(Type), typ);
    }
    let outcome = with_id_token(|token| token.header("typ", Value::Null));
    assert_refused!(outcome.await, id_header!(Type), "null");
    let outcome = with_id_token(|token| token.header("typ", 5));
    assert_refused!(outcome.await, unreadable!(), "a number");
}

/// Rules: rfc8725-3.11, rfc8725-3.12
#[tokio::test]
async fn a_token_of_another_type_is_no_access_token() {
    for typ in [
        json!("logout+jwt"),
        json!("id_token+jwt"),
        json!("dpop+jwt"),
        json!(""),
        json!(5),
        Value::Null,
    ] {
        let case = typ.clone();
        let outcome = with_access_token(move |token| token.header("typ", typ.clone()));
        assert_refused!(outcome.await, access_header!(Type), case);
    }
}

/// Rules: rfc8725-3.11
#[tokio::test]
async fn the_type_is_a_media_type_and_may_be_missing() {
    for typ in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
        let outcome = with_tokens(move |token| token.header("typ", typ)).await;
        assert!(outcome.is_ok(), "{typ}: {outcome:?}");
    }
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let outcome = with_access_token(move |token| token.header("typ", typ)).await;
        assert!(outcome.is_ok(), "{typ}: {outcome:?}");
    }
    let outcome = with_tokens(|token| token.without_header("typ")).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: rfc7515-4.1.11
#[tokio::test]
async fn a_token_that_demands_to_be_understood_otherwise_is_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), Value::Null] {
        let case = crit.clone();
        let bend = move |token: Token| token.header("crit", crit.clone()).header("b64", true);
        assert_refused!(with_id_token(bend.clone()).await, id_header!(Critical), case);
        assert_refused!(with_access_token(bend).await, access_header!(Critical), case);
    }
    let bend = |token: Token| token.header("crit", "exp");
    assert_refused!(with_id_token(bend).await, unreadable!());
    assert_refused!(with_access_token(bend).await, access_header!(Critical));
}

/// Rules: rfc7515-4-duplicate-members
#[tokio::test]
async fn a_header_that_says_something_twice_is_refused() {
    for (name, value) in [
        ("alg", "none"),
        ("alg", "RS256"),
        ("kid", "another"),
        ("typ", "JWT"),
    ] {
        let bend = move |token: Token| token.duplicate_header(name, value);
        assert_refused!(with_id_token(bend).await, unreadable!(), name);
        assert_refused!(with_access_token(bend).await, access_header!(Malformed), name);
    }
    let bend = |token: Token| token.header("jku", "a").duplicate_header("jku", "b");
    assert_refused!(with_id_token(bend).await, id_header!(Malformed));
    assert_refused!(with_access_token(bend).await, access_header!(Malformed));
}

/// Rules: rfc7519-4-duplicate-members
#[tokio::test]
async fn an_id_token_that_claims_something_twice_is_refused() {
    for name in ["iss", "aud", "exp", "iat", "nonce", "at_hash", "sub", "name"] {
        let outcome = with_id_token(move |token| {
            let value = token.get(name).cloned().unwrap_or_default();
            token.duplicate(name, value)
        });
        assert_refused!(outcome.await, unreadable!(), name);
    }
    let outcome = with_id_token(|token| token.duplicate("oid", "org_evil"));
    assert_refused!(outcome.await, id_token!(IdTokenError::Payload));
}

/// Rules: rfc7519-4-duplicate-members
#[tokio::test]
async fn an_access_token_that_claims_something_twice_is_refused() {
    for name in ["iss", "aud", "exp", "nbf", "sub"] {
        let outcome = with_access_token(move |token| {
            let value = token.get(name).cloned().unwrap_or_default();
            token.duplicate(name, value)
        });
        assert_refused!(
            outcome.await,
            access_token!(AccessTokenError::Jwt(JwtError::Invalid(_))),
            name
        );
    }
    let outcome = with_access_token(|token| token.duplicate("permissions", json!(["all"])));
    assert_refused!(
        outcome.await,
        access_token!(AccessTokenError::Jwt(JwtError::Payload))
    );
}

/// Rules: rfc7519-4-duplicate-members
#[tokio::test]
async fn a_claim_that_occurs_twice_is_found_however_deep_and_however_spelt() {
    for members in [
        r#""realm_access":{"roles":["a"],"roles":["b"]}"#,
        r#""list":[{"a":1,"b":2,"a":3}]"#,
        r#""a":1,"\u0061":2"#,
    ] {
        let bend = move |token| ending_with(token, members);
        assert_refused!(
            with_id_token(bend).await,
            id_token!(IdTokenError::Payload),
            members
        );
        assert_refused!(
            with_access_token(bend).await,
            access_token!(AccessTokenError::Jwt(JwtError::Payload)),
            members
        );
    }
    let outcome = with_tokens(|token| ending_with(token, r#""a":{"a":1},"b":{"a":1}"#)).await;
    assert!(outcome.is_ok(), "nothing occurs twice here: {outcome:?}");
}

/// Rules: rfc7515-5.2-malformed
#[tokio::test]
async fn what_is_no_jwt_is_no_id_token() {
    let changes: [fn(&str) -> String; 12] = [
        |_| String::new(),
        |_| "..".to_owned(),
        |_| "opaque".to_owned(),
        |token| token.rsplit_once('.').unwrap_or_default().0.to_owned(),
        |token| format!("{token}."),
        |token| format!("{token}.{token}"),
        |token| format!("{token}="),
        |token| format!("{token}\n"),
        |token| format!("!{token}"),
        |token| token.replacen('.', ".!", 1),
        |token| with_part(token, 0, |_| b"[]".into()),
        |token| with_part(token, 1, |_| b"{\"sub\":\"\xff\"}".into()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let outcome = at_provider(|provider| forge(provider, change));
        assert_refused!(outcome.await, unreadable!(), number);
    }
}

/// Rules: rfc8725-3.7
#[tokio::test]
async fn an_id_token_that_is_not_utf_8_is_refused() {
    let forged = |position: usize, text: &'static [u8]| {
        at_provider(move |provider| {
            forge(provider, move |token| {
                with_part(token, position, |_| text.to_vec())
            });
        })
    };
    let outcome = forged(0, b"{\"alg\":\"RS256\",\"kid\":\"\xff\"}");
    assert_refused!(outcome.await, unreadable!(), "the key's name");
    let outcome = forged(0, b"{\"alg\":\"RS256\",\"x\":\"\xff\"}");
    assert_refused!(outcome.await, id_header!(Malformed), "what is not read");
    let outcome = forged(1, b"{\"sub\":\"\xff\"}");
    assert_refused!(outcome.await, unreadable!(), "a claim");
}

/// Rules: rfc7515-5.2-malformed
#[tokio::test]
async fn an_id_token_without_a_json_object_in_it_is_refused() {
    for payload in ["", "[]", "null", "5", "\"text\"", "{", "{}{}", "<html>"] {
        let outcome = with_id_token(move |token| token.raw_payload(payload));
        assert_refused!(outcome.await, unreadable!(), payload);
    }
}

/// Rules: rfc7515-5.2-malformed
#[tokio::test]
async fn an_access_token_without_a_json_object_in_it_is_refused() {
    for payload in ["", "[]", "null", "5", "\"text\"", "{", "{}{}", "<html>"] {
        let outcome = with_access_token(move |token| token.raw_payload(payload));
        assert_refused!(
            outcome.await,
            access_token!(AccessTokenError::Jwt(JwtError::Invalid(_))),
            payload
        );
    }
    // The claims without their names, in an order that suits jsonwebtoken.
    let outcome = with_access_token(|token| {
        let claims = ["exp", "nbf", "sub", "iss"].map(|name| token.get(name).cloned().unwrap_or_default());
        let claims = [&claims[..], &[json!(CLIENT_ID)]].concat();
        token.raw_payload(json!(claims).to_string())
    });
    assert_refused!(
        outcome.await,
        access_token!(AccessTokenError::Jwt(JwtError::Payload))
    );
}

/// Rules: rfc7515-5.2-malformed
#[tokio::test]
async fn a_header_without_an_algorithm_or_with_a_strange_key_id_is_refused() {
    let bends: [fn(Token) -> Token; 4] = [
        |token| token.without_header("alg"),
        |token| token.header("alg", "RS257"),
        |token| token.header("alg", json!(["RS256"])),
        |token| token.header("kid", 5),
    ];
    for (number, bend) in bends.into_iter().enumerate() {
        assert_refused!(with_id_token(bend).await, unreadable!(), number);
        assert_refused!(with_access_token(bend).await, access_header!(Malformed), number);
    }
    let bend = |token: Token| token.header("kid", Value::Null);
    assert_refused!(with_id_token(bend).await, id_header!(Malformed));
    assert_refused!(with_access_token(bend).await, access_header!(Malformed));
    // A name for how the content is encrypted (RFC 7518 §5.1), which openidconnect knows and we do not want.
    let outcome = with_id_token(|token| token.header("alg", "A128GCM"));
    assert_refused!(outcome.await, id_header!(Malformed));
}
