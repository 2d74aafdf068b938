//! Verification of access tokens that are JWTs (RFC 9068 §4 in spirit): signature, `iss`, `aud`, `exp`, `nbf`.

use std::time::Duration;

use time::OffsetDateTime;

use super::{
    Client,
    jose::{self, JwtError},
};
use crate::{
    claims::{Claims, exact, is_early, is_over, numeric_date},
    config::AccessTokenFormat,
    discovery::Provider,
    secret::AccessToken,
};

/// When neither the token nor the response says how long the token lives: short, so that a refresh soon tells.
const ASSUMED_LIFETIME: time::Duration = time::Duration::minutes(5);
/// No access token is believed to live longer, whatever it says; keeps absurd numbers out of date arithmetic.
const LONGEST_LIFETIME: time::Duration = time::Duration::days(365);
/// As `typ` names it (RFC 9068 §2.1); Scalekit's are plain JWTs.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];
/// Claims that only ID tokens have (Core §2, §3.1.3.6).
const OF_ID_TOKENS: [&str; 3] = ["nonce", "at_hash", "c_hash"];

/// Why an access token is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessTokenError {
    /// Its header, signature, issuer, audience or form.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// `exp` is missing, not a number, or past.
    #[error("it has expired or does not say when it does")]
    Expired,
    /// It is somebody else's.
    #[error("its `sub` is not the ID token's")]
    Subject,
    /// `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYetValid,
    /// An ID token stands in its place.
    #[error("it is an ID token")]
    IdToken,
}

impl Client {
    /// The claims of `token` if it is valid now; no claims if it is opaque, which is the provider's right
    /// (RFC 6749 §1.4).
    pub(super) async fn verify_access_token(
        &self,
        provider: &Provider,
        token: &AccessToken,
    ) -> Result<Claims, AccessTokenError> {
        let text = token.expose();
        if !self.reads_access_token(text) {
            return Ok(Claims::new());
        }
        let claims = self.verify_jwt(provider, text, &TYPES).await?;
        // RFC 8725 §3.12.
        if OF_ID_TOKENS.iter().any(|name| claims.contains_key(*name)) {
            return Err(AccessTokenError::IdToken);
        }
        let now = self.surroundings.now();
        if is_over(&claims, now) {
            return Err(AccessTokenError::Expired);
        }
        if is_early(&claims, now) {
            return Err(AccessTokenError::NotYetValid);
        }
        Ok(claims)
    }

    /// Whether an access token is ours to read: a JWT, and not declared to be somebody else's.
    pub(super) fn reads_access_token(&self, token: &str) -> bool {
        self.settings.access_token == AccessTokenFormat::Verified && jose::is_jwt(token)
    }
}

/// Whether an access token, where it says whose it is, is the one of `subject`. Nothing else binds it to the ID token
/// where that has no `at_hash`, nor to its session where there is no ID token.
pub(super) fn is_of(claims: &Claims, subject: Option<&str>) -> Result<(), AccessTokenError> {
    if claims.contains_key("sub") && exact(claims, "sub") != subject {
        return Err(AccessTokenError::Subject);
    }
    Ok(())
}

/// When the access token ends: its own `exp` decides, then the response's `expires_in` (promise 15).
pub(super) fn ends_at(claims: &Claims, expires_in: Option<Duration>, now: OffsetDateTime) -> OffsetDateTime {
    numeric_date(claims, "exp")
        .or_else(|| Some(now + time::Duration::try_from(expires_in?).ok()?.min(LONGEST_LIFETIME)))
        .unwrap_or(now + ASSUMED_LIFETIME)
        .min(now + LONGEST_LIFETIME)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn claims(exp: Value) -> Claims {
        Claims::from_iter([("exp".to_owned(), exp)])
    }

    /// Rules: rfc6749-5.1-expires-in
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
    fn no_token_lives_for_ever() {
        let now = OffsetDateTime::from_unix_timestamp(1_000).unwrap();
        let latest = now + LONGEST_LIFETIME;
        assert!(ends_at(&Claims::new(), Some(Duration::MAX), now) <= latest);
        // As much as fits: to be added to a date it must be cut first.
        let most = Duration::from_secs(i64::MAX.unsigned_abs());
        assert_eq!(ends_at(&Claims::new(), Some(most), now), latest);
        // The last second that RFC 3339 can write.
        assert_eq!(ends_at(&claims(json!(253_402_300_799_i64)), None, now), latest);
    }
}
