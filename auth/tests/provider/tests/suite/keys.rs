//! Keys come and go.

use aws_lc_rs::signature::{RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use misbehaving_provider::{Endpoint, MisbehavingProvider, PublishedKeys, Signature};
use serde_json::{Value, json};

use crate::application::{Application, text};

/// Whether the ID token of a new sign-in verifies with the keys that are published.
async fn verifies(application: &Application<'_>) -> bool {
    let tokens = application.sign_in().await;
    application.verify(text(&tokens, "id_token")).await.is_some()
}

async fn published(application: &Application<'_>) -> Vec<Value> {
    let document = application.get_json(Endpoint::Keys).await;
    document["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_new_key_is_published_at_once_or_when_the_test_says_so() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let old = provider.kid();
    provider.rotate_keys();
    assert!(verifies(&application).await);
    let keys = published(&application).await;
    assert_eq!((keys.len(), text(&keys[0], "kid")), (1, provider.kid().as_str()));
    assert_ne!(provider.kid(), old);

    provider.rotate_keys_unpublished();
    assert!(!verifies(&application).await);
    provider.publish_keys();
    assert!(verifies(&application).await);
}

#[tokio::test]
async fn the_key_set_can_be_bent() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.keys(|keys| keys.decoys(1000));
    let keys = published(&application).await;
    assert_eq!(
        (keys.len(), text(&keys[1000], "kid")),
        (1001, provider.kid().as_str())
    );
    assert_eq!(keys, published(&application).await);
    assert!(verifies(&application).await);

    provider.honest();
    provider.keys(|keys| {
        keys.remove("kid")
            .set("use", "enc")
            .publish(json!({ "kty": "oct", "k": "AA" }))
    });
    let keys = published(&application).await;
    assert_eq!((keys[0].get("kid"), text(&keys[0], "use")), (None, "enc"));
    assert_eq!(text(&keys[1], "kty"), "oct");

    provider.keys(PublishedKeys::none);
    assert!(published(&application).await.is_empty());
    provider.keys(|keys| keys.raw("no keys"));
    assert!(
        application
            .get(Endpoint::Keys)
            .await
            .unwrap()
            .json::<Value>()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_strange_key_is_published_once_it_is_used() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    assert_eq!(published(&application).await.len(), 1);
    provider.id_token(|token| token.signed(Signature::WeakRsa));
    provider.access_token(|token| token.signed(Signature::Es256));
    let tokens = application.sign_in().await;
    let keys = published(&application).await;
    assert_eq!(keys.len(), 3);
    provider.keys(|keys| keys.with_es256().with_weak_rsa());
    assert_eq!(published(&application).await, keys);

    // The signatures are good, whatever one thinks of the keys.
    let (message, signature) = text(&tokens, "id_token").rsplit_once('.').unwrap();
    let [n, e, signature] = [text(&keys[2], "n"), text(&keys[2], "e"), signature]
        .map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
    assert_eq!(n.len() * 8, 1024);
    RsaPublicKeyComponents { n, e }
        .verify(
            &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            message.as_bytes(),
            &signature,
        )
        .unwrap();
    let es256 = DecodingKey::from_ec_components(text(&keys[1], "x"), text(&keys[1], "y")).unwrap();
    let (message, signature) = text(&tokens, "access_token").rsplit_once('.').unwrap();
    let is_good = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &es256, Algorithm::ES256);
    assert!(is_good.unwrap());
}
