//! Verification of ID tokens: OpenID Connect Core §3.1.3.7, clause by clause (promise 2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier},
};
use time::OffsetDateTime;

use super::Client;
use crate::{
    claims::{Claims, exact},
    clock::CLOCK_SKEW,
    discovery::Provider,
    jwks::Keys,
};

/// OpenID Connect Core §2: a subject identifier has at most 255 ASCII characters.
const SUBJECT_MAX_LEN: usize = 255;

/// Why an ID token is refused.
#[derive(Debug, thiserror::Error)]
pub enum IdTokenError {
    /// Issuer, audience, signature, algorithm, expiry, `iat` or nonce.
    #[error(transparent)]
    Claims(#[from] ClaimsVerificationError),
    /// It was issued to another application.
    #[error("`azp` names another client")]
    AuthorizedParty,
    /// It was issued together with another access token.
    #[error("`at_hash` does not match the access token")]
    AccessTokenHash,
    /// Its subject is empty, too long or not printable ASCII.
    #[error("`sub` is empty, longer than 255 characters or not printable ASCII")]
    Subject,
    /// Its payload is not a JSON object.
    #[error("the payload is not a JSON object")]
    Payload,
}

impl Client {
    pub(super) async fn verify_id_token(
        &self,
        provider: &Provider,
        token: &CoreIdToken,
        access_token: &openidconnect::AccessToken,
        nonce: &str,
    ) -> Result<Claims, IdTokenError> {
        let keys = provider.keys.current();
        match self.verify_with(provider, &keys, token, access_token, nonce) {
            Err(IdTokenError::Claims(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ))) => match provider.keys.newer_than(&keys).await {
                Some(keys) => self.verify_with(provider, &keys, token, access_token, nonce),
                None => Err(ClaimsVerificationError::SignatureVerification(
                    SignatureVerificationError::NoMatchingKey,
                )
                .into()),
            },
            verdict => verdict,
        }
    }

    fn verify_with(
        &self,
        provider: &Provider,
        keys: &Keys,
        token: &CoreIdToken,
        access_token: &openidconnect::AccessToken,
        nonce: &str,
    ) -> Result<Claims, IdTokenError> {
        let verifier = self.id_token_verifier(provider, keys);
        // Core §3.1.3.7 (2) iss, (3) aud, (6) signature, (7) alg, (9) exp, (10) iat, (11) nonce.
        token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
        let claims = payload(token)?;

        // Core §3.1.3.7 (4), (5): `azp`, when present, is us; it must be present when there are several audiences,
        // but further audiences are refused above already.
        if claims.contains_key("azp") && exact(&claims, "azp") != Some(&self.settings.client_id) {
            return Err(IdTokenError::AuthorizedParty);
        }
        // Core §2: `sub`.
        if !exact(&claims, "sub").is_some_and(is_subject) {
            return Err(IdTokenError::Subject);
        }
        // Core §3.1.3.8: `at_hash` is optional in the code flow, but binding when present.
        if claims.contains_key("at_hash") {
            let key = token
                .signing_key(&verifier)
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            let alg = token
                .signing_alg()
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            let hash = AccessTokenHash::from_token(access_token, alg, key)
                .map_err(|_| IdTokenError::AccessTokenHash)?;
            if exact(&claims, "at_hash") != Some(hash.as_str()) {
                return Err(IdTokenError::AccessTokenHash);
            }
        }
        Ok(claims)
    }

    fn id_token_verifier(&self, provider: &Provider, keys: &Keys) -> CoreIdTokenVerifier<'static> {
        let now = self.surroundings.now();
        // "Public" only in that no shared-secret signature can ever be accepted.
        CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.settings.client_id.clone()),
            IssuerUrl::clone(provider.metadata.issuer()),
            keys.openid.clone(),
        )
        .set_allowed_algs(provider.signing_algorithms())
        .set_time_fn(move || chrono_time(now - CLOCK_SKEW))
        .set_issue_time_verifier_fn(move |issued_at| {
            if issued_at <= chrono_time(now + CLOCK_SKEW) {
                Ok(())
            } else {
                Err("`iat` lies in the future".to_owned())
            }
        })
    }
}

/// Core §2, and no control characters, which would only serve to deceive a log's reader.
fn is_subject(sub: &str) -> bool {
    (1..=SUBJECT_MAX_LEN).contains(&sub.len()) && sub.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

fn payload(token: &CoreIdToken) -> Result<Claims, IdTokenError> {
    let token = token.to_string();
    let payload = token.split('.').nth(1).ok_or(IdTokenError::Payload)?;
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| IdTokenError::Payload)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Payload)
}

fn chrono_time(time: OffsetDateTime) -> DateTime<Utc> {
    DateTime::from_timestamp(time.unix_timestamp(), time.nanosecond()).unwrap_or_default()
}
