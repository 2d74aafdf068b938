//! What every signed token must satisfy before anything in it is believed (RFC 7515, RFC 8725 §3): a header that we
//! understand whole, an algorithm that the provider may use, a type that fits the purpose, and a key of the provider's.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Value;

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

/// Whether `token` is a JWT at all; otherwise it is opaque (RFC 7519 §7.2). One with a header that is ambiguous is a JWT
/// still, and no good one.
pub(super) fn is_jwt(token: &str) -> bool {
    part(token, 0).is_some_and(|header| serde_json::from_slice::<Claims>(&header).is_ok())
}

/// The claims of a token whose signature has been verified.
pub(super) fn payload(token: &str) -> Option<Claims> {
    json::object(&part(token, 1)?).ok()
}

fn header(token: &str) -> Option<Claims> {
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
