//! The keys this environment signs with: RSA-2048 made at start, published at `/keys`, replaceable at any time.

use std::sync::Arc;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::random;

/// The cryptographic library refused to make a key, to sign, or to encode what was to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key could not be made or used")]
pub(crate) struct KeyError;

/// One RSA key and its name.
pub(crate) struct SigningKey {
    kid: String,
    pair: KeyPair,
}

impl SigningKey {
    fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
        Ok(Self {
            kid: random::id("snk_"),
            pair,
        })
    }

    /// Signs claims as a JWT (RS256).
    ///
    /// The parsed key is kept and used directly: going through the token library would parse and check it again for
    /// every signature.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = json!({ "alg": "RS256", "kid": self.kid, "typ": "JWT" });
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError)?;
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);

        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                token.as_bytes(),
                &mut signature,
            )
            .map_err(|_| KeyError)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn verifier(&self) -> DecodingKey {
        let public = self.pair.public_key();
        DecodingKey::from_rsa_raw_components(
            public.modulus().big_endian_without_leading_zero(),
            public.exponent().big_endian_without_leading_zero(),
        )
    }

    fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "use": "sig",
            "kty": "RSA",
            "kid": self.kid,
            "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }
}

/// The key in use and the ones before it.
pub(crate) struct KeyRing {
    current: Arc<SigningKey>,
    /// No longer published, but an ID token signed with one is still good as a hint at logout.
    retired: Vec<Arc<SigningKey>>,
}

impl KeyRing {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            current: Arc::new(SigningKey::generate()?),
            retired: Vec::new(),
        })
    }

    /// The key to sign with. The caller signs after letting go of the state's lock.
    pub(crate) fn current(&self) -> Arc<SigningKey> {
        Arc::clone(&self.current)
    }

    /// Replaces the key and returns the new one's `kid`. The old one leaves `/keys` at once.
    pub(crate) fn rotate(&mut self) -> Result<String, KeyError> {
        const RETIRED: usize = 8;
        let fresh = Arc::new(SigningKey::generate()?);
        let kid = fresh.kid.clone();
        self.retired
            .insert(0, std::mem::replace(&mut self.current, fresh));
        self.retired.truncate(RETIRED);
        Ok(kid)
    }

    /// What `/keys` publishes.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.current.jwk()] })
    }

    /// The claims of a token that this environment signed, whatever its age. The caller judges `exp`.
    pub(crate) fn verify<C: DeserializeOwned + Clone>(&self, token: &str) -> Option<C> {
        Self::verify_with(std::iter::once(&self.current).chain(&self.retired), token)
    }

    /// The same, of a token that is signed with the key that is published.
    pub(crate) fn verify_published<C: DeserializeOwned + Clone>(&self, token: &str) -> Option<C> {
        Self::verify_with(std::iter::once(&self.current), token)
    }

    fn verify_with<'a, C: DeserializeOwned + Clone>(
        mut keys: impl Iterator<Item = &'a Arc<SigningKey>>,
        token: &str,
    ) -> Option<C> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = keys.find(|key| key.kid == kid)?;
        let mut validation = Validation::new(Algorithm::RS256);
        // Expiry is a matter of this environment's clock, which the token library does not know, and of the endpoint.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Some(
            jsonwebtoken::decode::<C>(token, &key.verifier(), &validation)
                .ok()?
                .claims,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_token_verifies_until_someone_changes_it() {
        let keys = KeyRing::generate().unwrap();
        let token = keys.current().sign(&json!({ "sub": "usr_1" })).unwrap();
        assert_eq!(keys.verify::<Value>(&token).unwrap()["sub"], "usr_1");

        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let forged = URL_SAFE_NO_PAD.encode(r#"{"sub":"usr_2"}"#);
        assert!(
            keys.verify::<Value>(&format!("{header}.{forged}.{signature}"))
                .is_none()
        );
    }

    #[test]
    fn rotation_publishes_only_the_new_key_and_still_knows_the_old_one() {
        let mut keys = KeyRing::generate().unwrap();
        let token = keys.current().sign(&json!({ "sub": "usr_1" })).unwrap();
        let kid = keys.rotate().unwrap();
        assert_eq!(keys.jwks()["keys"].as_array().unwrap().len(), 1);
        assert_eq!(keys.jwks()["keys"][0]["kid"], kid);
        assert!(keys.verify::<Value>(&token).is_some());
    }
}
