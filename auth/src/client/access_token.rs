//! Verification of access tokens that are JWTs (RFC 9068 §4 in spirit): signature, `iss`, `aud`, `exp`, `nbf`.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, errors::ErrorKind};
use serde_json::Value;
use time::OffsetDateTime;

use super::Client;
use crate::{claims::Claims, clock::CLOCK_SKEW, discovery::Provider, jwks::Keys, secret::AccessToken};

/// When neither the token nor the response says how long the token lives: short, so that a refresh soon tells.
const ASSUMED_LIFETIME: time::Duration = time::Duration::minutes(5);
/// No access token is believed to live longer, whatever it says; keeps absurd numbers out of date arithmetic.
const LONGEST_LIFETIME: time::Duration = time::Duration::days(365);

/// Why an access token is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessTokenError {
    /// It is signed with a key that the provider does not publish.
    #[error("it is signed with an unknown key")]
    UnknownKey,
    /// Signature, algorithm, issuer or audience.
    #[error("it is not valid here")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// `exp` is missing, not a number, or past.
    #[error("it has expired or does not say when it does")]
    Expired,
    /// It is somebody else's.
    #[error("its `sub` is not the ID token's")]
    Subject,
    /// `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYetValid,
}

impl Client {
    /// The claims of `token` if it is valid now; no claims if it is opaque, which is the provider's right
    /// (RFC 6749 §1.4).
    pub(super) async fn verify_access_token(
        &self,
        provider: &Provider,
        token: &AccessToken,
    ) -> Result<Claims, AccessTokenError> {
        if token.expose().split('.').count() != 3 {
            return Ok(Claims::new());
        }
        let header = jsonwebtoken::decode_header(token.expose()).map_err(AccessTokenError::Invalid)?;
        let keys = provider.keys.current();
        let claims = if let Some(key) = find_key(&keys, &header) {
            self.decode(provider, token, &key)?
        } else {
            let keys = provider
                .keys
                .newer_than(&keys)
                .await
                .ok_or(AccessTokenError::UnknownKey)?;
            let key = find_key(&keys, &header).ok_or(AccessTokenError::UnknownKey)?;
            self.decode(provider, token, &key)?
        };
        let now = self.surroundings.now();
        if date(&claims, "exp").is_none_or(|end| end <= now - CLOCK_SKEW) {
            return Err(AccessTokenError::Expired);
        }
        if claims.contains_key("nbf") && date(&claims, "nbf").is_none_or(|start| start > now + CLOCK_SKEW) {
            return Err(AccessTokenError::NotYetValid);
        }
        Ok(claims)
    }

    fn decode(
        &self,
        provider: &Provider,
        token: &AccessToken,
        key: &DecodingKey,
    ) -> Result<Claims, AccessTokenError> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.algorithms = provider
            .signing_algorithms()
            .iter()
            .filter_map(|alg| serde_json::to_value(alg).ok())
            .filter_map(|alg| serde_json::from_value(alg).ok())
            .collect();
        validation.set_issuer(&[provider.metadata.issuer().as_str()]);
        validation.set_audience(&[&self.settings.client_id]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // Times are checked above, against our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        jsonwebtoken::decode::<Claims>(token.expose(), key, &validation)
            .map(|data| data.claims)
            .map_err(|error| match error.kind() {
                ErrorKind::MissingRequiredClaim(claim) if claim == "exp" => AccessTokenError::Expired,
                _ => AccessTokenError::Invalid(error),
            })
    }
}

/// The key a token names, or the only one there is when it names none. Keys that a token brings along (`jwk`, `jku`,
/// `x5u`) are never looked at (RFC 8725 §3.10).
fn find_key(keys: &Keys, header: &Header) -> Option<DecodingKey> {
    let jwk = match (&header.kid, keys.jwt.keys.as_slice()) {
        (Some(kid), _) => keys.jwt.find(kid)?,
        (None, [only]) => only,
        (None, _) => return None,
    };
    DecodingKey::from_jwk(jwk).ok()
}

/// When the access token ends: its own `exp` decides, then the response's `expires_in` (promise 15).
pub(super) fn ends_at(claims: &Claims, expires_in: Option<Duration>, now: OffsetDateTime) -> OffsetDateTime {
    date(claims, "exp")
        .or_else(|| Some(now + time::Duration::try_from(expires_in?).ok()?.min(LONGEST_LIFETIME)))
        .unwrap_or(now + ASSUMED_LIFETIME)
        .min(now + LONGEST_LIFETIME)
}

/// A claim that is a date in seconds since 1970 (RFC 7519 §2, `NumericDate`; may have a fraction, which is dropped).
fn date(claims: &Claims, name: &str) -> Option<OffsetDateTime> {
    let seconds = match claims.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| {
            let seconds = number.as_f64()?.floor();
            // Outside this range a date is absurd, and the conversion would not be exact.
            #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
            (0.0..1e12).contains(&seconds).then_some(seconds as i64)
        })?,
        _ => return None,
    };
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(exp: Value) -> Claims {
        Claims::from_iter([("exp".to_owned(), exp)])
    }

    #[test]
    fn the_tokens_own_end_goes_before_expires_in() {
        let now = OffsetDateTime::from_unix_timestamp(1_000).unwrap();
        let after = |seconds: i64| now + time::Duration::seconds(seconds);
        let hour = Some(Duration::from_hours(1));
        assert_eq!(ends_at(&claims(json!(1_300)), hour, now), after(300));
        assert_eq!(ends_at(&claims(json!(1_300.9)), hour, now), after(300));
        assert_eq!(ends_at(&Claims::new(), hour, now), after(3600));
        assert_eq!(ends_at(&Claims::new(), None, now), after(300));
    }

    #[test]
    fn absurd_dates_neither_overflow_nor_live_for_ever() {
        let now = OffsetDateTime::from_unix_timestamp(1_000).unwrap();
        for exp in [
            json!(1e300),
            json!(-1e300),
            json!("1300"),
            json!(null),
            json!(u64::MAX),
        ] {
            assert_eq!(date(&claims(exp), "exp"), None);
        }
        assert!(ends_at(&Claims::new(), Some(Duration::MAX), now) <= now + LONGEST_LIFETIME);
    }
}
