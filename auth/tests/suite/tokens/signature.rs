//! Signatures and the algorithms they are made with: OpenID Connect Core §3.1.3.7 (6) to (8), RFC 8725 §3.1 and §3.2.

use auth::client::{
    HeaderError::{Algorithm, Malformed},
    IdTokenError,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use misbehaving_provider::{
    CLIENT_SECRET, MisbehavingProvider, PublishedKeys,
    Signature::{self, Broken, Es256, Hs256, Hs256WithPublicKey, Ps256, Rs256, Rs384, Rs512, Unpublished},
    Token,
};
use openidconnect::{
    ClaimsVerificationError::SignatureVerification, SignatureVerificationError::CryptoError,
};
use serde_json::json;

use crate::{
    assert_refused,
    bent::{
        access_header, announce, at_provider, forge, id_header, id_token, unreadable, with_access_token,
        with_id_token, with_part,
    },
};

macro_rules! bad_signature {
    () => {
        id_token!(IdTokenError::Claims(SignatureVerification(CryptoError(_))))
    };
}

/// `token` in the words of somebody who would like to be somebody else.
fn about_eve(token: &str) -> String {
    with_part(token, 1, |claims| {
        let claims = String::from_utf8(claims).unwrap();
        claims.replace("Ada Admin", "Eve Admin").into_bytes()
    })
}

/// `token` with the last bit of its signature flipped.
fn with_a_flipped_bit(token: &str) -> String {
    with_part(token, 2, |mut signature| {
        *signature.last_mut().unwrap() ^= 1;
        signature
    })
}

/// Rules: core-3.1.3.7-6, oidcc-client-test-invalid-sig-rs256, rfc8725-3.3
#[tokio::test]
async fn an_id_token_whose_signature_does_not_verify_is_refused() {
    for signature in [Broken, Unpublished] {
        let case = format!("{signature:?}");
        let outcome = with_id_token(move |token| token.signed(signature.clone()));
        assert_refused!(outcome.await, bad_signature!(), case);
    }
    let outcome = with_id_token(|token| token.signed(Signature::None).header("alg", "RS256"));
    assert_refused!(outcome.await, bad_signature!(), "cut off");
}

/// Rules: core-3.1.3.7-6, oidcc-client-test-invalid-sig-rs256, rfc8725-3.3
#[tokio::test]
async fn an_id_token_that_was_changed_after_signing_is_refused() {
    for change in [about_eve, with_a_flipped_bit] {
        let outcome = at_provider(|provider| forge(provider, change));
        assert_refused!(outcome.await, bad_signature!());
    }
}

/// Rules: oidcc-client-test-invalid-sig-es256
#[tokio::test]
async fn an_es256_signature_that_does_not_verify_is_refused() {
    for change in [about_eve, with_a_flipped_bit] {
        let outcome = at_provider(|provider| {
            announce(provider, &["ES256"]);
            provider.keys(PublishedKeys::with_es256);
            provider.id_token(|token| token.signed(Es256));
            forge(provider, change);
        });
        assert_refused!(outcome.await, bad_signature!());
    }
}

/// Rules: rfc8725-3.1-es256-announced
#[tokio::test]
async fn es256_is_accepted_when_it_is_all_that_is_announced() {
    let outcome = at_provider(|provider| {
        announce(provider, &["ES256"]);
        provider.id_token(|token| token.signed(Es256));
        provider.access_token(|token| token.signed(Es256));
    });
    assert_eq!(outcome.await.unwrap().permissions, ["organization:settings"]);
    let outcome = at_provider(|provider| announce(provider, &["ES256"]));
    assert_refused!(outcome.await, id_header!(Algorithm), "RS256 is not announced");
}

/// Rules: rfc8725-3.1-es256-unannounced
#[tokio::test]
async fn es256_is_refused_when_it_is_not_announced() {
    let with_es256 = |bend: fn(&MisbehavingProvider)| {
        at_provider(move |provider| {
            provider.keys(PublishedKeys::with_es256);
            bend(provider);
        })
    };
    let outcome = with_es256(|provider| provider.id_token(|token| token.signed(Es256)));
    assert_refused!(outcome.await, id_header!(Algorithm));
    let outcome = with_es256(|provider| provider.access_token(|token| token.signed(Es256)));
    assert_refused!(outcome.await, access_header!(Algorithm));
}

/// Rules: core-3.1.3.7-7
#[tokio::test]
async fn nothing_but_rs256_is_accepted_where_it_is_announced_or_nothing_is() {
    const ANNOUNCED: [&[&str]; 3] = [&["RS256"], &[], &["ES256", "PS256", "RS512", "RS256", "RS384"]];
    for announced in ANNOUNCED {
        let bent = |bend: fn(Token, Signature) -> Token, signature: Signature| {
            at_provider(move |provider| {
                announce(provider, announced);
                // A key for whatever it may be used for.
                provider.keys(|keys| keys.with_es256().remove("alg"));
                provider.id_token(move |token| bend(token, signature.clone()));
            })
        };
        for signature in [Rs384, Rs512, Ps256, Es256] {
            let case = format!("{signature:?}, {announced:?}");
            assert_refused!(bent(Token::signed, signature).await, id_header!(Algorithm), case);
        }
        let outcome = bent(Token::signed, Rs256).await;
        assert!(outcome.is_ok(), "{announced:?}: {outcome:?}");
    }
}

/// Rules: rfc8725-3.1-none, oidcc-client-test-idtoken-sig-none
#[tokio::test]
async fn an_unsigned_id_token_is_refused() {
    const ANNOUNCED: [&[&str]; 4] = [&["RS256"], &[], &["none", "RS256"], &["none", "ES256"]];
    for announced in ANNOUNCED {
        let bends: [fn(Token) -> Token; 2] = [
            |token| token.signed(Signature::None),
            |token| token.signed(Rs256).header("alg", "none"),
        ];
        for bend in bends {
            let outcome = at_provider(|provider| {
                announce(provider, announced);
                provider.id_token(bend);
            });
            assert_refused!(outcome.await, id_header!(Algorithm), announced.join(","));
        }
    }
}

/// Rules: rfc8725-3.1-none
#[tokio::test]
async fn none_in_any_other_case_is_no_algorithm() {
    for none in ["None", "NONE", "nOnE", "none ", ""] {
        for signature in [Signature::None, Rs256] {
            let bend = move |token: Token| token.signed(signature.clone()).header("alg", none);
            assert_refused!(with_id_token(bend.clone()).await, unreadable!(), none);
            assert_refused!(with_access_token(bend).await, access_header!(Malformed), none);
        }
    }
}

/// Rules: core-3.1.3.7-8, oidcc-client-test-invalid-sig-hs256, rfc8725-3.1-hs256-client-secret
#[tokio::test]
async fn a_signature_with_our_client_secret_is_refused() {
    for algorithm in ["HS256", "HS384", "HS512"] {
        let bend = move |token: Token| token.signed(Hs256(CLIENT_SECRET.into())).header("alg", algorithm);
        assert_refused!(with_id_token(bend).await, id_header!(Algorithm), algorithm);
        assert_refused!(
            with_access_token(bend).await,
            access_header!(Algorithm),
            algorithm
        );
    }
}

/// Rules: core-3.1.3.7-8, rfc8725-3.2
#[tokio::test]
async fn a_shared_secret_is_refused_even_when_it_is_announced_and_published() {
    let outcome = at_provider(|provider| {
        announce(provider, &["HS256", "ES256"]);
        provider.keys(|keys| {
            let secret = URL_SAFE_NO_PAD.encode(CLIENT_SECRET);
            keys.publish(json!({ "kty": "oct", "kid": "shared", "k": secret }))
        });
        provider.id_token(|token| token.signed(Hs256(CLIENT_SECRET.into())).header("kid", "shared"));
    });
    assert_refused!(outcome.await, id_header!(Algorithm));
}

/// Rules: rfc8725-3.1-hs256-public-key
#[tokio::test]
async fn a_signature_with_the_public_key_as_its_secret_is_refused() {
    let bend = |token: Token| token.signed(Hs256WithPublicKey);
    assert_refused!(with_id_token(bend).await, id_header!(Algorithm));
    assert_refused!(with_access_token(bend).await, access_header!(Algorithm));
}
