//! The ID token, claim by claim: OpenID Connect Core §2, §3.1.3.7 and §3.1.3.8. Its dates are in `dates.rs`, its
//! signature is in `signature.rs`.

use auth::client::{
    HeaderError::Type,
    IdTokenError::{AccessTokenHash, AuthorizedParty, Claims, Subject},
};
use misbehaving_provider::{CLIENT_ID, Endpoint, MisbehavingProvider, Token};
use openidconnect::ClaimsVerificationError::{InvalidAudience, InvalidIssuer, InvalidNonce};
use serde_json::{Value, json};

use crate::{
    assert_refused,
    bent::{at_provider, id_header, id_token, unreadable, with_id_token, with_tokens},
    relying_party::RelyingParty,
};

/// Rules: oidcc-client-test, oidcc-client-test-idtoken-sig-rs256
#[tokio::test]
async fn an_honest_provider_signs_a_person_in() {
    let signed_in = at_provider(|_| {}).await.unwrap();
    assert_eq!(signed_in.user.sub, "usr_ada");
    assert_eq!(signed_in.user.claims["name"], "Ada Admin");
    assert_eq!(signed_in.permissions, ["organization:settings"]);
}

/// Rules: oidcc-client-test-invalid-iss, core-3.1.3.7-2, rfc8725-3.8, w5
#[tokio::test]
async fn w5_an_id_token_of_another_issuer_is_refused() {
    let bends: [fn(&str) -> String; 6] = [
        |_| "https://other.example".to_owned(),
        |issuer| format!("{issuer}/"),
        |issuer| format!(" {issuer}"),
        |issuer| format!("{issuer}/realms/other"),
        |issuer| issuer.to_uppercase(),
        |issuer| issuer.replace("127.0.0.1", "localhost"),
    ];
    for bend in bends {
        let outcome = with_id_token(move |token| {
            let issuer = bend(token.get("iss").and_then(Value::as_str).unwrap());
            token.claim("iss", issuer)
        });
        assert_refused!(outcome.await, id_token!(Claims(InvalidIssuer(_))), bend("ISSUER"));
    }
}

/// Rules: core-3.1.3.7-2-missing, w5
#[tokio::test]
async fn w5_an_id_token_without_issuer_is_refused() {
    assert_refused!(with_id_token(|token| token.without("iss")).await, unreadable!());
    for bend in [|_| Value::Null, |issuer| json!([issuer]), |_| json!(5)] {
        let outcome = with_id_token(move |token| {
            let issuer = bend(token.get("iss").cloned().unwrap());
            token.claim("iss", issuer)
        });
        assert_refused!(outcome.await, unreadable!(), bend(json!("ISSUER")));
    }
}

/// Rules: oidcc-client-test-invalid-aud, core-3.1.3.7-3, rfc8725-3.9, w5
#[tokio::test]
async fn w5_an_id_token_for_another_audience_is_refused() {
    let padded = format!("{CLIENT_ID} ");
    for audience in [
        json!("someone-else"),
        json!(["someone-else"]),
        json!(["someone-else", "and-another"]),
        json!(CLIENT_ID.to_uppercase()),
        json!(padded),
        json!(""),
    ] {
        let case = audience.clone();
        let outcome = with_id_token(move |token| token.claim("aud", audience.clone()));
        assert_refused!(outcome.await, id_token!(Claims(InvalidAudience(_))), case);
    }
}

/// Rules: oidcc-client-test-missing-aud, core-3.1.3.7-3-missing, w5
#[tokio::test]
async fn w5_an_id_token_without_audience_is_refused() {
    let outcome = with_id_token(|token| token.without("aud"));
    assert_refused!(outcome.await, id_token!(Claims(InvalidAudience(_))), "none");
    let outcome = with_id_token(|token| token.claim("aud", json!([])));
    assert_refused!(
        outcome.await,
        id_token!(Claims(InvalidAudience(_))),
        "an empty list"
    );
    for audience in [
        Value::Null,
        json!(5),
        json!([CLIENT_ID, 5]),
        json!({ "0": CLIENT_ID }),
    ] {
        let case = audience.clone();
        let outcome = with_id_token(move |token| token.claim("aud", audience.clone()));
        assert_refused!(outcome.await, unreadable!(), case);
    }
}

/// Rules: core-3.1.3.7-3-untrusted
#[tokio::test]
async fn an_id_token_for_us_and_somebody_unknown_is_refused() {
    for audience in [[CLIENT_ID, "someone-else"], ["someone-else", CLIENT_ID]] {
        let outcome = with_id_token(move |token| token.claim("aud", json!(audience)));
        assert_refused!(
            outcome.await,
            id_token!(Claims(InvalidAudience(why))) if why.contains("not a trusted audience"),
            audience.concat()
        );
    }
}

/// Rules: core-3.1.3.7-3-list
#[tokio::test]
async fn the_audience_may_be_a_list_or_a_plain_string() {
    for audience in [json!([CLIENT_ID]), json!(CLIENT_ID)] {
        let case = audience.clone();
        let outcome = with_id_token(move |token| token.claim("aud", audience.clone())).await;
        assert!(outcome.is_ok(), "{case}: {outcome:?}");
    }
}

/// Rules: core-3.1.3.7-4
#[tokio::test]
async fn several_audiences_are_refused_with_and_without_azp() {
    let several = |token: Token| token.claim("aud", json!([CLIENT_ID, "someone-else"]));
    let outcome = with_id_token(several);
    assert_refused!(outcome.await, id_token!(Claims(InvalidAudience(_))), "without");
    let outcome = with_id_token(move |token| several(token).claim("azp", CLIENT_ID));
    assert_refused!(outcome.await, id_token!(Claims(InvalidAudience(_))), "with");
}

/// Rules: core-3.1.3.7-5
#[tokio::test]
async fn an_id_token_whose_azp_is_somebody_else_is_refused() {
    for azp in [json!("someone-else"), json!(""), Value::Null] {
        let case = azp.clone();
        let outcome = with_id_token(move |token| token.claim("azp", azp.clone()));
        assert_refused!(outcome.await, id_token!(AuthorizedParty), case);
    }
    for azp in [json!(5), json!([CLIENT_ID]), json!({})] {
        let case = azp.clone();
        let outcome = with_id_token(move |token| token.claim("azp", azp.clone()));
        assert_refused!(outcome.await, unreadable!(), case);
    }
    let outcome = with_id_token(|token| token.claim("azp", CLIENT_ID)).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: oidcc-client-test-nonce-invalid, core-3.1.3.7-11, w4
#[tokio::test]
async fn w4_an_id_token_with_another_nonce_is_refused() {
    let bends: [fn(&str) -> String; 5] = [
        |_| "another".to_owned(),
        |_| String::new(),
        |nonce| format!("{nonce} "),
        |nonce| nonce.to_uppercase(),
        |nonce| nonce.chars().rev().collect(),
    ];
    for bend in bends {
        let outcome = with_id_token(move |token| {
            let nonce = bend(token.get("nonce").and_then(Value::as_str).unwrap());
            token.claim("nonce", nonce)
        });
        assert_refused!(
            outcome.await,
            id_token!(Claims(InvalidNonce(why))) if why == "nonce mismatch",
            bend("Nonce")
        );
    }
}

/// Rules: core-3.1.3.7-11, w4
#[tokio::test]
async fn w4_the_id_token_of_an_earlier_sign_in_is_refused() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    party.sign_in(&provider).await.unwrap();
    let [earlier] = provider.issued().try_into().unwrap();
    provider.token_response(move |response| response.set("id_token", earlier.id_token.as_str()));
    assert_refused!(party.sign_in(&provider).await, id_token!(Claims(InvalidNonce(_))));
}

/// Rules: core-3.1.3.7-11-missing, w4
#[tokio::test]
async fn w4_an_id_token_without_nonce_is_refused() {
    let without: [fn(Token) -> Token; 2] = [
        |token| token.without("nonce"),
        |token| token.claim("nonce", Value::Null),
    ];
    for bend in without {
        assert_refused!(
            with_id_token(bend).await,
            id_token!(Claims(InvalidNonce(why))) if why == "missing nonce claim"
        );
    }
    let outcome = with_id_token(|token| token.claim("nonce", 5));
    assert_refused!(outcome.await, unreadable!());
}

/// Scalekit's access tokens are plain JWTs: no type tells them from ID tokens, but no access token has the nonce.
///
/// Rules: rfc8725-3.12-id-token, core-3.1.3.7-11-missing
#[tokio::test]
async fn the_providers_own_access_token_is_no_id_token() {
    let plain: [fn(Token) -> Token; 2] = [
        |token| token.header("typ", "JWT"),
        |token| token.without_header("typ"),
    ];
    for bend in plain {
        let outcome = at_provider(|provider| {
            provider.access_token(bend);
            access_token_for_id_token(provider);
        });
        assert_refused!(
            outcome.await,
            id_token!(Claims(InvalidNonce(why))) if why == "missing nonce claim"
        );
    }
    let outcome = at_provider(access_token_for_id_token);
    assert_refused!(outcome.await, id_header!(Type), "at+jwt");
}

/// Lets the provider send the access token twice, the second time in the place of the ID token.
fn access_token_for_id_token(provider: &MisbehavingProvider) {
    provider.token_response(|response| {
        let access_token = response.get("access_token").cloned().unwrap();
        response.set("id_token", access_token)
    });
}

/// Rules: rfc9700-4.5.3.2
#[tokio::test]
async fn the_access_token_is_not_used_before_the_nonce_is_checked() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    provider.id_token(|token| token.without("name").without("email"));
    party.sign_in(&provider).await.unwrap();
    assert_eq!(provider.requests(Endpoint::UserInfo).len(), 1);

    provider.forget_requests();
    provider.id_token(|token| token.claim("nonce", "another"));
    assert_refused!(party.sign_in(&provider).await, id_token!(Claims(InvalidNonce(_))));
    assert!(provider.requests(Endpoint::UserInfo).is_empty());
}

/// Rules: oidcc-client-test-missing-sub, core-2-sub-missing
#[tokio::test]
async fn an_id_token_without_subject_is_refused() {
    assert_refused!(with_tokens(|token| token.without("sub")).await, unreadable!());
}

/// Rules: core-2-sub-empty
#[tokio::test]
async fn an_id_token_with_an_empty_subject_is_refused() {
    assert_refused!(
        with_tokens(|token| token.claim("sub", "")).await,
        id_token!(Subject)
    );
}

/// Rules: core-2-sub-long
#[tokio::test]
async fn a_subject_has_at_most_255_characters() {
    let outcome = with_tokens(|token| token.claim("sub", "a".repeat(256)));
    assert_refused!(outcome.await, id_token!(Subject));
    let outcome = with_tokens(|token| token.claim("sub", "a".repeat(255)));
    assert_eq!(outcome.await.unwrap().user.sub, "a".repeat(255));
}

/// Rules: core-2-sub-control
#[tokio::test]
async fn a_subject_is_printable_ascii() {
    for sub in [
        "usr_ada\n",
        "\0",
        "usr\x1b[2Jada",
        "usr_ada\x7f",
        "usr_adä",
        "usr\u{202e}ada",
    ] {
        let outcome = with_tokens(move |token| token.claim("sub", sub));
        assert_refused!(outcome.await, id_token!(Subject), sub.escape_debug());
    }
    for sub in [" usr ada ", "oidc|~!\"<&>"] {
        let outcome = with_tokens(move |token| token.claim("sub", sub));
        assert_eq!(outcome.await.unwrap().user.sub, sub, "exactly as it was sent");
    }
}

/// Rules: core-2-sub-type
#[tokio::test]
async fn a_subject_that_is_no_string_is_refused() {
    for sub in [
        json!(5),
        json!(true),
        json!(["usr_ada"]),
        json!({ "id": "usr_ada" }),
        Value::Null,
    ] {
        let case = sub.clone();
        let outcome = with_tokens(move |token| token.claim("sub", sub.clone()));
        assert_refused!(outcome.await, unreadable!(), case);
    }
}

/// Rules: oidcc-client-test-invalid-athash, core-3.1.3.8
#[tokio::test]
async fn an_id_token_that_came_with_another_access_token_is_refused() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    party.sign_in(&provider).await.unwrap();
    let [earlier] = provider.issued().try_into().unwrap();
    provider.token_response(move |response| response.set("access_token", earlier.access_token.as_str()));
    assert_refused!(party.sign_in(&provider).await, id_token!(AccessTokenHash));
}

/// Rules: core-3.1.3.8
#[tokio::test]
async fn at_hash_is_binding_for_an_opaque_access_token_too() {
    let outcome = at_provider(|provider| {
        provider.opaque_access_token();
        provider.token_response(|response| response.set("access_token", "another"));
    });
    assert_refused!(outcome.await, id_token!(AccessTokenHash));
}

/// Rules: core-3.1.3.8-type
#[tokio::test]
async fn an_at_hash_that_is_no_string_is_refused() {
    for at_hash in [json!(""), Value::Null] {
        let case = at_hash.clone();
        let outcome = with_id_token(move |token| token.claim("at_hash", at_hash.clone()));
        assert_refused!(outcome.await, id_token!(AccessTokenHash), case);
    }
    for at_hash in [json!(5), json!(["x"]), json!({})] {
        let case = at_hash.clone();
        let outcome = with_id_token(move |token| token.claim("at_hash", at_hash.clone()));
        assert_refused!(outcome.await, unreadable!(), case);
    }
}

/// Rules: core-3.1.3.8-absent
#[tokio::test]
async fn at_hash_is_optional() {
    let outcome = with_id_token(|token| token.without("at_hash")).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// Rules: oidcc-client-test-aggregated-claims
#[tokio::test]
async fn what_another_issuer_says_about_a_person_is_ignored() {
    let signed_in = at_provider(|provider| {
        provider.opaque_access_token();
        provider.id_token(|token| {
            token
                .claim(
                    "_claim_names",
                    json!({ "email": "other", "permissions": "other" }),
                )
                .claim("_claim_sources", json!({ "other": { "JWT": foreign_claims() } }))
        });
    });
    let signed_in = signed_in.await.unwrap();
    assert_eq!(signed_in.user.email.as_deref(), Some("ada@acme.example"));
    assert_eq!(signed_in.permissions, [""; 0]);
}

/// An unsigned JWT: `{"email":"eve@evil.example","permissions":["all"]}`.
fn foreign_claims() -> &'static str {
    "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImV2ZUBldmlsLmV4YW1wbGUiLCJwZXJtaXNzaW9ucyI6WyJhbGwiXX0."
}

/// Rules: oidcc-client-test-distributed-claims
#[tokio::test]
async fn no_address_in_a_token_is_ever_called() {
    let provider = MisbehavingProvider::start().await;
    let address = provider.url(Endpoint::Elsewhere);
    provider.id_token(move |token| {
        let source = json!({ "endpoint": address, "access_token": "secret" });
        token
            .claim("_claim_names", json!({ "address": "other" }))
            .claim("_claim_sources", json!({ "other": source }))
            .claim("picture", address.as_str())
            .claim("profile", address.as_str())
    });
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}
