//! Which of the provider's keys verifies a token: OpenID Connect Core §10.1, RFC 7517, RFC 8725 §3.5 and §3.10.

use auth::client::{
    HeaderError::Key,
    IdTokenError::Claims,
    KeyError::{Ambiguous, Unknown},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use misbehaving_provider::{
    Document, Endpoint, Fault, MisbehavingProvider, PublishedKeys,
    Signature::{Es256, WeakRsa},
    Token,
};
use openidconnect::{
    ClaimsVerificationError::SignatureVerification, SignatureVerificationError::CryptoError,
};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    assert_refused,
    bent::{Outcome, access_header, announce, at_provider, id_header, id_token},
    relying_party::RelyingParty,
};

/// A sign-in at a provider whose keys are bent from the beginning.
async fn with_keys(bend: impl Fn(PublishedKeys) -> PublishedKeys + Send + Sync + 'static) -> Outcome {
    at_provider(|provider| provider.keys(bend)).await
}

/// `jwk` with the bytes of its modulus changed.
fn with_modulus(jwk: Document, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Document {
    match jwk.get("n").and_then(Value::as_str) {
        Some(modulus) => {
            let modulus = change(URL_SAFE_NO_PAD.decode(modulus).unwrap());
            jwk.set("n", URL_SAFE_NO_PAD.encode(modulus))
        }
        None => jwk,
    }
}

/// Rules: oidcc-client-test-kid-absent-single-jwks, kid-absent
#[tokio::test]
async fn a_token_need_not_name_the_only_key_there_is() {
    let outcome = at_provider(|provider| {
        provider.id_token(|token| token.without_header("kid"));
        provider.access_token(|token| token.without_header("kid"));
    });
    assert_eq!(outcome.await.unwrap().permissions, ["organization:settings"]);
}

/// Rules: oidcc-client-test-kid-absent-single-jwks, kid-absent
#[tokio::test]
async fn a_key_need_not_have_a_name_where_a_token_names_none() {
    let outcome = at_provider(|provider| {
        provider.keys(|keys| keys.remove("kid"));
        provider.id_token(|token| token.without_header("kid"));
        provider.access_token(|token| token.without_header("kid"));
    });
    assert!(outcome.await.is_ok());
    assert_refused!(
        with_keys(|keys| keys.remove("kid")).await,
        id_header!(Key(Unknown)),
        "the token names one"
    );
}

/// Rules: oidcc-client-test-kid-absent-multiple-jwks
#[tokio::test]
async fn an_id_token_that_could_be_signed_with_several_keys_is_refused() {
    let provider = MisbehavingProvider::start().await;
    provider.keys(|keys| keys.decoys(1));
    provider.id_token(|token| token.without_header("kid"));
    let party = RelyingParty::of(&provider).await;
    provider.forget_requests();
    assert_refused!(party.sign_in(&provider).await, id_header!(Key(Ambiguous)));
    assert!(
        provider.requests(Endpoint::Keys).is_empty(),
        "newer keys would be no answer"
    );
}

/// Rules: kid-absent
#[tokio::test]
async fn an_access_token_that_could_be_signed_with_several_keys_is_refused() {
    let outcome = at_provider(|provider| {
        provider.keys(|keys| keys.decoys(1));
        provider.access_token(|token| token.without_header("kid"));
    });
    assert_refused!(outcome.await, access_header!(Key(Ambiguous)));
}

/// Rules: oidcc-client-test-kid-absent-multiple-jwks, kid-absent
#[tokio::test]
async fn a_token_that_names_no_key_is_verified_with_the_one_that_fits() {
    let others: [fn(PublishedKeys) -> PublishedKeys; 4] = [
        |keys| keys.with_es256(),
        |keys| keys.with_es256().remove("alg"),
        |keys| keys.with_weak_rsa(),
        |keys| {
            keys.publish(decoy().set("use", "enc"))
                .publish(decoy().set("alg", "RS384"))
        },
    ];
    for (number, others) in others.into_iter().enumerate() {
        let outcome = at_provider(|provider| {
            provider.keys(others);
            provider.id_token(|token| token.without_header("kid"));
            provider.access_token(|token| token.without_header("kid"));
        });
        let outcome = outcome.await;
        assert!(outcome.is_ok(), "{number}: {outcome:?}");
    }
}

/// A key of 2048 bits that signs nothing.
fn decoy() -> Document {
    let keys: Value = PublishedKeys::default().decoys(1).to_string().parse().unwrap();
    Document::from(keys["keys"][0].clone())
}

/// Rules: kid-absent
#[tokio::test]
async fn two_keys_of_the_same_name_verify_nothing() {
    let outcome = at_provider(|provider| {
        let kid = provider.kid();
        provider.keys(move |keys| keys.decoys(1).set("kid", kid.as_str()));
    });
    assert_refused!(outcome.await, id_header!(Key(Ambiguous)));
}

/// Rules: rfc7517-4.2
#[tokio::test]
async fn a_key_for_encryption_verifies_nothing() {
    for usage in ["enc", "both", ""] {
        let outcome = with_keys(move |keys| keys.set("use", usage));
        assert_refused!(outcome.await, id_header!(Key(Unknown)), usage);
    }
    assert!(
        with_keys(|keys| keys.remove("use")).await.is_ok(),
        "`use` is optional"
    );
}

/// Rules: rfc8725-3.1-key-alg
#[tokio::test]
async fn a_key_for_another_algorithm_verifies_nothing() {
    for alg in [
        "RS384",
        "PS256",
        "ES256",
        "HS256",
        "none",
        "A256GCM",
        "RSA-OAEP",
        "unheard-of",
    ] {
        let outcome = with_keys(move |keys| keys.set("alg", alg));
        assert_refused!(outcome.await, id_header!(Key(Unknown)), alg);
    }
    assert!(
        with_keys(|keys| keys.remove("alg")).await.is_ok(),
        "`alg` is optional"
    );
}

/// Rules: rfc8725-3.1-key-alg
#[tokio::test]
async fn a_key_of_another_kind_verifies_nothing() {
    let outcome = at_provider(|provider| {
        announce(provider, &["ES256"]);
        let kid = provider.kid();
        provider.keys(|keys| keys.remove("alg"));
        provider.id_token(move |token| token.signed(Es256).header("kid", kid.as_str()));
    });
    assert_refused!(outcome.await, id_header!(Key(Unknown)));
}

/// Rules: rfc8725-3.5
#[tokio::test]
async fn a_short_rsa_key_verifies_nothing() {
    for zeros in [0, 1, 128, 129] {
        let outcome = at_provider(|provider| {
            provider.keys(move |keys| {
                let padded = move |modulus| [vec![0; zeros], modulus].concat();
                keys.none()
                    .with_weak_rsa()
                    .edit(move |jwk| with_modulus(jwk, padded))
            });
            provider.id_token(|token| token.signed(WeakRsa));
        });
        assert_refused!(outcome.await, id_header!(Key(Unknown)), zeros);
    }
}

/// Rules: rfc8725-3.5
#[tokio::test]
async fn an_rsa_key_has_2048_significant_bits() {
    for (first, is_long_enough) in [
        (0x80, true),
        (0xff, true),
        (0x7f, false),
        (0x01, false),
        (0, false),
    ] {
        let outcome = at_provider(|provider| {
            provider.keys(move |keys| {
                keys.decoys(1).edit(move |jwk| match jwk.get("kid") {
                    Some(kid) if kid == "decoy_1" => with_modulus(jwk, |mut modulus| {
                        modulus[0] = first;
                        modulus
                    }),
                    _ => jwk,
                })
            });
            provider.id_token(|token| token.header("kid", "decoy_1"));
        });
        if is_long_enough {
            assert_refused!(
                outcome.await,
                id_token!(Claims(SignatureVerification(CryptoError(_)))),
                first
            );
        } else {
            assert_refused!(outcome.await, id_header!(Key(Unknown)), first);
        }
    }
}

/// Rules: rfc8725-3.10
#[tokio::test]
async fn addresses_and_keys_in_a_header_are_ignored() {
    let provider = MisbehavingProvider::start().await;
    let address = provider.url(Endpoint::Elsewhere);
    let bend = move |token: Token| {
        token
            .header("jku", address.as_str())
            .header("x5u", address.as_str())
            .header("x5c", json!(["AA=="]))
            .header("jwk", json!({ "kty": "oct", "k": "c2VjcmV0" }))
    };
    provider.access_token(bend.clone());
    provider.id_token(bend);
    RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}

/// Rules: rfc8725-3.10
#[tokio::test]
async fn a_key_that_a_token_brings_along_verifies_nothing() {
    let provider = MisbehavingProvider::start().await;
    let address = provider.url(Endpoint::Elsewhere);
    let keys = PublishedKeys::default().with_es256().to_string();
    provider.fault(Endpoint::Elsewhere, Fault::body(keys.as_str()));
    let jwk = serde_json::from_str::<Value>(&keys).unwrap()["keys"][0].clone();
    announce(&provider, &["ES256"]);
    provider.keys(|keys| keys.none().decoys(1));
    provider.id_token(move |token| {
        token
            .signed(Es256)
            .header("jwk", jwk.clone())
            .header("jku", address.as_str())
    });
    let party = RelyingParty::of(&provider).await;
    assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}

const STRANGE_KIDS: [&str; 9] = [
    "../../../../etc/passwd",
    "/elsewhere",
    "http://127.0.0.1/elsewhere",
    "?kid=1&kid=2",
    "' OR 1=1 --",
    "$(reboot)",
    "%s%n",
    "\0",
    "",
];

/// Rules: rfc8725-3.10-kid
#[tokio::test]
async fn a_strange_key_id_names_no_key() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    for kid in STRANGE_KIDS {
        provider.honest();
        provider.id_token(move |token| token.header("kid", kid));
        assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)), kid);
    }
    let asked = provider.last_request(Endpoint::Keys);
    assert_eq!((asked.query.iter().count(), asked.body.len()), (0, 0));
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}

/// Rules: rfc8725-3.10-kid
#[tokio::test]
async fn a_strange_key_id_is_only_ever_compared() {
    for kid in STRANGE_KIDS {
        let outcome = at_provider(|provider| {
            provider.keys(move |keys| keys.set("kid", kid));
            provider.id_token(move |token| token.header("kid", kid));
            provider.access_token(move |token| token.header("kid", kid));
        });
        let outcome = outcome.await;
        assert!(outcome.is_ok(), "{kid}: {outcome:?}");
    }
}

/// Rules: oidcc-client-test-discovery-jwks-uri-keys
#[tokio::test]
async fn keys_come_from_where_the_discovery_document_says() {
    let provider = MisbehavingProvider::start().await;
    let address = format!("{}?set=2", provider.url(Endpoint::Keys));
    provider.discovery(move |document| document.set("jwks_uri", address.as_str()));
    let party = RelyingParty::of(&provider).await;
    provider.rotate_keys();
    party.sign_in(&provider).await.unwrap();
    let sets: Vec<_> = provider
        .requests(Endpoint::Keys)
        .iter()
        .map(|asked| asked.query.get("set") == Some("2"))
        .collect();
    assert_eq!(sets, [true, true], "at discovery, and again");
}

/// Rules: jwks-empty
#[tokio::test]
async fn an_empty_key_set_refuses_every_sign_in_until_keys_are_published() {
    let provider = MisbehavingProvider::start().await;
    provider.keys(PublishedKeys::none);
    let party = RelyingParty::of(&provider).await;
    for _ in 0..2 {
        assert_refused!(party.sign_in(&provider).await, id_header!(Key(Unknown)));
    }
    provider.honest();
    party.clock.advance(Duration::seconds(31));
    party.sign_in(&provider).await.unwrap();
}

/// Rules: jwks-many
#[tokio::test]
async fn a_token_is_verified_with_its_key_among_a_thousand() {
    let provider = MisbehavingProvider::start().await;
    provider.keys(|keys| keys.decoys(1000));
    let party = RelyingParty::of(&provider).await;
    party.sign_in(&provider).await.unwrap();
    provider.id_token(|token| token.header("kid", "decoy_500"));
    let outcome = party.sign_in(&provider).await;
    assert_refused!(outcome, id_token!(Claims(SignatureVerification(CryptoError(_)))));
}

/// Rules: jwks-unreadable-key, oidcc-client-test-ignores-unparseable-key-in-jwks
#[tokio::test]
async fn a_key_that_cannot_be_read_does_not_hide_the_others() {
    for strange in [
        r#"{"kty":"RSA","kid":"KID"}"#,
        r#"{"kty":"RSA","kid":"KID","n":5,"e":[]}"#,
        r#"{"kty":"RSA","kid":"KID","n":"***","e":"AQAB"}"#,
        r#"{"kty":"RSA","kid":["KID"],"n":"AQAB","e":"AQAB"}"#,
        r#"{"kty":"RSA","kid":"KID","kid":"KID"}"#,
        r#"{"kty":"EC","kid":"KID","crv":"P-256"}"#,
        r#"{"kty":"EC","kid":"KID","crv":"P-999","x":"AA","y":"AA"}"#,
        r#"{"kty":"OKP","kid":"KID","crv":"X448","x":"AA"}"#,
        r#"{"kty":"AKP","kid":"KID","alg":"ML-DSA-44","pub":"AA"}"#,
        r#"{"kty":"oct","kid":"KID","k":"AA"}"#,
        r#"{"kty":"","kid":"KID"}"#,
        r#"{"kty":null,"kid":"KID"}"#,
        r#"{"kid":"KID"}"#,
        "{}",
        "[]",
        "null",
        "5",
        "\"key\"",
    ] {
        let outcome = at_provider(|provider| {
            let strange = strange.replace("KID", &provider.kid());
            provider.keys(move |keys| {
                let set = keys.to_string();
                keys.raw(set.replacen('[', &format!("[{strange},"), 1))
            });
        });
        let outcome = outcome.await;
        assert!(outcome.is_ok(), "{strange}: {outcome:?}");
    }
}

/// Rules: jwks-unreadable-key
#[tokio::test]
async fn leading_zeros_of_a_modulus_do_not_matter() {
    let outcome = with_keys(|keys| keys.edit(|jwk| with_modulus(jwk, |modulus| [vec![0], modulus].concat())));
    let outcome = outcome.await;
    assert!(outcome.is_ok(), "{outcome:?}");
}
