//! What every signed token must satisfy before anything in it is believed (RFC 7515, RFC 8725 §3): a header that we
//! understand whole, an algorithm that the provider may use, a type that fits the purpose, and a key of the provider's.
//! Then its signature, issuer and audience, for those tokens that openidconnect does not verify.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation, errors::ErrorKind};
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::Client;
use crate::{
    claims::{Claims, exact},
    discovery::Provider,
    json,
    jwks::{Key, KeyError},
};

/// Why a token is refused before its claims are looked at.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// Not three parts, or the header is no JSON object with unique members and an `alg` that has a name.
    #[error("it is not a signed JWT")]
    Malformed,
    /// `none`, a shared secret, or merely not what the provider announced.
    #[error("its `alg` is not one that this provider signs with")]
    Algorithm,
    /// It demands to be understood in a way that we do not.
    #[error("its header has `crit`")]
    Critical,
    /// It says that it is something else.
    #[error("its `typ` says that it is something else")]
    Type,
    /// No key verifies it.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why a JWT that the provider should have made for us is refused.
#[derive(Debug, thiserror::Error)]
pub enum JwtError {
    /// Its header: algorithm, type, key.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Signature, issuer or audience.
    #[error("it is not valid here")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    /// Its payload is not a JSON object with unique members.
    #[error("the payload is not a JSON object with unique members")]
    Payload,
}

/// What a token is signed with.
pub(super) struct Signer {
    pub(super) key: Arc<Key>,
    pub(super) alg: CoreJwsSigningAlgorithm,
}

impl Provider {
    /// What `token`, which must be of one of `types`, is signed with. The signature itself is not looked at yet.
    pub(super) async fn signer(&self, token: &str, types: &[&str]) -> Result<Signer, HeaderError> {
        let header = header(token).ok_or(HeaderError::Malformed)?;
        let alg = header.get("alg").cloned().unwrap_or_default();
        let alg = serde_json::from_value(alg).map_err(|_| HeaderError::Malformed)?;
        // RFC 8725 §3.1, §3.2; Core §3.1.3.7 (7).
        if !self.algorithms.contains(&alg) {
            return Err(HeaderError::Algorithm);
        }
        // RFC 7515 §4.1.11: we understand no extension.
        if header.contains_key("crit") {
            return Err(HeaderError::Critical);
        }
        // RFC 8725 §3.11, where the token says what it is.
        if header.contains_key("typ") && !exact(&header, "typ").is_some_and(|typ| is_one_of(typ, types)) {
            return Err(HeaderError::Type);
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.as_str()),
            Some(_) => return Err(HeaderError::Malformed),
        };
        let key = self.keys.find(kid, &alg).await?;
        Ok(Signer { key, alg })
    }
}

impl Client {
    /// The claims of a JWT of one of `types` that the provider has made for this application. What it says about time,
    /// and whatever else its purpose demands, is the caller's to judge.
    pub(super) async fn verify_jwt(
        &self,
        provider: &Provider,
        token: &str,
        types: &[&str],
    ) -> Result<Claims, JwtError> {
        let mut validation = Validation::new(Algorithm::RS256);
        // RFC 8725 §3.9.
        validation.set_audience(&[&self.settings.client_id]);
        validation.set_required_spec_claims(&["aud"]);
        let claims = signed_claims(provider, token, types, validation).await?;
        // RFC 7519 §4.1.1, RFC 8725 §3.8: one string. jsonwebtoken would take a list with the provider in it.
        if exact(&claims, "iss") != Some(provider.issuer()) {
            return Err(JwtError::Invalid(ErrorKind::InvalidIssuer.into()));
        }
        Ok(claims)
    }
}

/// The claims of a JWT of one of `types` that the provider has signed, as far as `validation` goes. Times are not judged:
/// that is done against our own clock.
pub(super) async fn signed_claims(
    provider: &Provider,
    token: &str,
    types: &[&str],
    mut validation: Validation,
) -> Result<Claims, JwtError> {
    let signer = provider.signer(token, types).await?;
    validation.algorithms = serde_json::to_value(&signer.alg)
        .and_then(serde_json::from_value)
        .into_iter()
        .collect();
    validation.validate_exp = false;
    jsonwebtoken::decode::<IgnoredAny>(token, &signer.key.jwt, &validation)?;
    payload(token).ok_or(JwtError::Payload)
}

/// Whether `token` is a JWT at all; otherwise it is opaque (RFC 7519 §7.2). One with a header that is ambiguous is a JWT
/// still, and no good one.
pub(super) fn is_jwt(token: &str) -> bool {
    part(token, 0).is_some_and(|header| serde_json::from_slice::<Claims>(&header).is_ok())
}

/// The claims of a token whose signature has been verified.
pub(crate) fn payload(token: &str) -> Option<Claims> {
    json::object(&part(token, 1)?).ok()
}

/// The header of a token, whose members are believed only where the token is verified.
pub(super) fn header(token: &str) -> Option<Claims> {
    json::object(&part(token, 0)?).ok()
}

fn part(token: &str, position: usize) -> Option<Vec<u8>> {
    let parts: Vec<_> = token.split('.').collect();
    let [_, _, _] = parts.as_slice() else {
        return None;
    };
    URL_SAFE_NO_PAD.decode(parts.get(position)?).ok()
}

/// Media types without regard to case, and without the `application/` that may be left out (RFC 7515 §4.1.9).
fn is_one_of(typ: &str, types: &[&str]) -> bool {
    let typ = typ.to_ascii_lowercase();
    types.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
}
