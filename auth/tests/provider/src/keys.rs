//! The keys it signs with and the keys it publishes (RFC 7517), which need not be the same.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use aws_lc_rs::{
    digest,
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RsaEncoding},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use crate::{document::Document, state::Provider, strange_keys, surroundings::fresh};

/// An RSA key of 2048 bits and its name.
pub(crate) struct RsaKey {
    pub(crate) kid: String,
    pair: KeyPair,
}

impl RsaKey {
    pub(crate) fn generate() -> Self {
        Self {
            kid: fresh("key_"),
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    pub(crate) fn sign(&self, padding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(padding, &SystemRandom::new(), message, &mut signature)
            .unwrap();
        signature
    }

    fn jwk(&self) -> Document {
        let public = self.pair.public_key();
        rsa_jwk(
            &self.kid,
            public.modulus().big_endian_without_leading_zero(),
            public.exponent().big_endian_without_leading_zero(),
        )
    }

    /// The public key as a PEM file has it: text that everybody knows and that a careless library takes for a shared
    /// secret (RFC 8725 §2.1).
    pub(crate) fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().unwrap();
        let base64 = STANDARD.encode(der.as_ref());
        let lines: Vec<_> = base64
            .as_bytes()
            .chunks(64)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }
}

pub(crate) fn rsa_jwk(kid: &str, modulus: &[u8], exponent: &[u8]) -> Document {
    Document::from([
        ("kty", json!("RSA")),
        ("use", json!("sig")),
        ("alg", json!("RS256")),
        ("kid", json!(kid)),
        ("n", json!(URL_SAFE_NO_PAD.encode(modulus))),
        ("e", json!(URL_SAFE_NO_PAD.encode(exponent))),
    ])
}

/// The key in use and the keys that the honest key set holds.
pub(crate) struct KeyRing {
    pub(crate) current: Arc<RsaKey>,
    published: Arc<RsaKey>,
    /// Whether tokens were signed with these, so that they have to be published.
    pub(crate) es256: bool,
    pub(crate) weak_rsa: bool,
}

impl KeyRing {
    /// Every provider of a process begins with the same key: making one takes a while.
    pub(crate) fn new() -> Self {
        static FIRST: OnceLock<Arc<RsaKey>> = OnceLock::new();
        let first = FIRST.get_or_init(|| Arc::new(RsaKey::generate()));
        Self {
            current: Arc::clone(first),
            published: Arc::clone(first),
            es256: false,
            weak_rsa: false,
        }
    }

    /// Signs with `key` from now on.
    pub(crate) fn rotate(&mut self, key: RsaKey) {
        self.current = Arc::new(key);
    }

    /// Publishes the key in use, and no other.
    pub(crate) fn publish(&mut self) {
        self.published = Arc::clone(&self.current);
        (self.es256, self.weak_rsa) = (false, false);
    }

    fn published(&self) -> PublishedKeys {
        let mut keys = PublishedKeys::default().publish(self.published.jwk());
        if self.es256 {
            keys = keys.with_es256();
        }
        if self.weak_rsa {
            keys = keys.with_weak_rsa();
        }
        keys
    }
}

impl Provider {
    pub(crate) fn published_keys(&self) -> PublishedKeys {
        let honest = self.state().keys.published();
        self.bends().keys.apply(honest)
    }
}

/// The key set as it is published, for a bend to change.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a bend returns what it made"]
pub struct PublishedKeys {
    keys: Vec<Document>,
    raw: Option<String>,
}

impl PublishedKeys {
    /// Publishes no key at all.
    pub fn none(mut self) -> Self {
        self.keys.clear();
        self
    }

    /// Publishes one more key (a JWK), after the others.
    pub fn publish(mut self, jwk: impl Into<Document>) -> Self {
        self.keys.push(jwk.into());
        self
    }

    /// Publishes `count` keys that sign nothing before the honest ones: RSA, each with a `kid` of its own, the same at
    /// every request.
    pub fn decoys(mut self, count: usize) -> Self {
        self.keys.splice(0..0, (1..=count).map(decoy));
        self
    }

    /// Publishes the key of [`Signature::Es256`](crate::Signature::Es256), before any token is signed with it.
    pub fn with_es256(self) -> Self {
        self.with(strange_keys::es256_jwk())
    }

    /// Publishes the key of [`Signature::WeakRsa`](crate::Signature::WeakRsa), before any token is signed with it.
    pub fn with_weak_rsa(self) -> Self {
        self.with(strange_keys::weak_rsa_jwk())
    }

    fn with(self, jwk: Document) -> Self {
        if self.keys.iter().any(|key| key.get("kid") == jwk.get("kid")) {
            return self;
        }
        self.publish(jwk)
    }

    /// Gives every key this member: `use`, `alg`, `key_ops`…
    pub fn set(self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.edit(|jwk| jwk.set(name, value.clone()))
    }

    /// Leaves a member out of every key, such as `kid`.
    pub fn remove(self, name: &str) -> Self {
        self.edit(|jwk| jwk.remove(name))
    }

    /// Changes every key.
    pub fn edit(mut self, bend: impl Fn(Document) -> Document) -> Self {
        self.keys = self.keys.into_iter().map(bend).collect();
        self
    }

    /// Sends exactly this text instead of a key set.
    pub fn raw(mut self, text: impl Into<String>) -> Self {
        self.raw = Some(text.into());
        self
    }
}

/// The text as it is sent.
impl fmt::Display for PublishedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(raw) = &self.raw {
            return f.write_str(raw);
        }
        let keys: Vec<_> = self.keys.iter().map(ToString::to_string).collect();
        write!(f, r#"{{"keys":[{}]}}"#, keys.join(","))
    }
}

/// A key that nobody has: as long and as odd as a modulus must be, but not the product of two known primes.
fn decoy(number: usize) -> Document {
    let kid = format!("decoy_{number}");
    let mut modulus: Vec<u8> = (0..8)
        .flat_map(|part| {
            let hash = digest::digest(&digest::SHA256, format!("{kid}/{part}").as_bytes());
            hash.as_ref().to_vec()
        })
        .collect();
    *modulus.first_mut().unwrap() |= 0x80;
    *modulus.last_mut().unwrap() |= 1;
    rsa_jwk(&kid, &modulus, &[1, 0, 1])
}
