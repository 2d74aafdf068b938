//! The ways to sign a token, honest and not (RFC 7515, RFC 7518 §3; the attacks: RFC 8725 §2).

use aws_lc_rs::{
    hmac,
    signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256},
};

use crate::{keys::RsaKey, strange_keys};

/// How a token is signed. The `alg` header says so, unless the test sets it to something else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Signature {
    /// With the key in use.
    #[default]
    Rs256,
    /// With the key in use, in a way that is not announced.
    Rs384,
    /// With the key in use, in a way that is not announced.
    Rs512,
    /// With the key in use, in a way that is not announced.
    Ps256,
    /// With an elliptic-curve key, published from the first such token on or by
    /// [`with_es256`](crate::PublishedKeys::with_es256).
    Es256,
    /// RS256 with a key of 1024 bits, published from the first such token on or by
    /// [`with_weak_rsa`](crate::PublishedKeys::with_weak_rsa). Making it takes a moment.
    WeakRsa,
    /// RS256 with another key than the one published under its `kid`.
    Unpublished,
    /// RS256 with the key in use, and then one bit flipped.
    Broken,
    /// Not at all: `alg` is `none` and the signature empty. With `.header("alg", "RS256")` it was just cut off.
    None,
    /// HMAC with this secret, such as the client secret.
    Hs256(Vec<u8>),
    /// HMAC with the text of the published public key (PEM) as the secret.
    Hs256WithPublicKey,
}

impl Signature {
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rs256 | Self::WeakRsa | Self::Unpublished | Self::Broken => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::None => "none",
            Self::Hs256(_) | Self::Hs256WithPublicKey => "HS256",
        }
    }

    /// The name of the key, if it is not the key in use, real or pretended.
    pub(crate) fn kid(&self) -> Option<&'static str> {
        match self {
            Self::Es256 => Some(strange_keys::ES256_KID),
            Self::WeakRsa => Some(strange_keys::WEAK_RSA_KID),
            _ => None,
        }
    }

    pub(crate) fn sign(&self, key: &RsaKey, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rs256 => key.sign(&RSA_PKCS1_SHA256, message),
            Self::Rs384 => key.sign(&RSA_PKCS1_SHA384, message),
            Self::Rs512 => key.sign(&RSA_PKCS1_SHA512, message),
            Self::Ps256 => key.sign(&RSA_PSS_SHA256, message),
            Self::Es256 => strange_keys::sign_es256(message),
            Self::WeakRsa => strange_keys::sign_weak_rsa(message),
            Self::Unpublished => strange_keys::unpublished().sign(&RSA_PKCS1_SHA256, message),
            Self::Broken => {
                let mut signature = key.sign(&RSA_PKCS1_SHA256, message);
                *signature.last_mut().unwrap() ^= 1;
                signature
            }
            Self::None => Vec::new(),
            Self::Hs256(secret) => hs256(secret, message),
            Self::Hs256WithPublicKey => hs256(key.public_pem().as_bytes(), message),
        }
    }
}

fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, message).as_ref().to_vec()
}
