//! Keys that an honest provider of RS256 tokens does not have. Made when first used, one of each a process.

use std::sync::OnceLock;

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey,
    rand_core::{self, CryptoRng, RngCore},
    traits::PublicKeyParts as _,
};
use serde_json::json;

use crate::{
    document::Document,
    keys::{RsaKey, rsa_jwk},
    surroundings::fill,
};

pub(crate) const ES256_KID: &str = "es256";
pub(crate) const WEAK_RSA_KID: &str = "weak_rsa";

/// RFC 7518 §3.3 demands 2048.
const WEAK_BITS: usize = 1024;

/// The beginning of a `DigestInfo` with SHA-256 (RFC 8017 §9.2, note 1).
const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// The key of a stranger who claims one of our names.
pub(crate) fn unpublished() -> &'static RsaKey {
    static KEY: OnceLock<RsaKey> = OnceLock::new();
    KEY.get_or_init(RsaKey::generate)
}

fn es256() -> &'static EcdsaKeyPair {
    static KEY: OnceLock<EcdsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
}

pub(crate) fn sign_es256(message: &[u8]) -> Vec<u8> {
    let signature = es256().sign(&SystemRandom::new(), message).unwrap();
    signature.as_ref().to_vec()
}

pub(crate) fn es256_jwk() -> Document {
    // An uncompressed point: 4, x, y.
    let (x, y) = es256().public_key().as_ref().split_at(1).1.split_at(32);
    Document::from([
        ("kty", json!("EC")),
        ("use", json!("sig")),
        ("alg", json!("ES256")),
        ("kid", json!(ES256_KID)),
        ("crv", json!("P-256")),
        ("x", json!(URL_SAFE_NO_PAD.encode(x))),
        ("y", json!(URL_SAFE_NO_PAD.encode(y))),
    ])
}

fn weak_rsa() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut SystemBytes, WEAK_BITS).unwrap())
}

pub(crate) fn sign_weak_rsa(message: &[u8]) -> Vec<u8> {
    let padding = Pkcs1v15Sign {
        hash_len: Some(digest::SHA256_OUTPUT_LEN),
        prefix: SHA256_DIGEST_INFO.into(),
    };
    let hash = digest::digest(&digest::SHA256, message);
    weak_rsa().sign(padding, hash.as_ref()).unwrap()
}

pub(crate) fn weak_rsa_jwk() -> Document {
    let key = weak_rsa();
    rsa_jwk(WEAK_RSA_KID, &key.n().to_bytes_be(), &key.e().to_bytes_be())
}

/// The system's randomness as `rsa` asks for it.
struct SystemBytes;

impl RngCore for SystemBytes {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        fill(&mut bytes);
        u32::from_be_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        fill(bytes);
        Ok(())
    }
}

impl CryptoRng for SystemBytes {}
