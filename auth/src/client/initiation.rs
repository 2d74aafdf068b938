//! The token of an IdP-initiated sign-in: an identity provider's portal sends people to Scalekit, and Scalekit sends them
//! here, with a signed note of where they come from.
//!
//! The note only says how to begin: who signs in is for an ordinary sign-in to find out, with a `state` of our own.

use jsonwebtoken::{Algorithm, Validation};
use time::Duration;

use super::{Client, Hints, JwtError, NotDiscovered, jose::signed_claims};
use crate::claims::{Claims, exact, is_early, is_over, numeric_date, text};

/// As `typ` names it.
const TYPES: [&str; 1] = ["jwt"];
/// Scalekit's live for five minutes. One that lives for long is none, however well signed.
const LONGEST_LIFETIME: Duration = Duration::hours(1);
/// Claims that the provider's other tokens have, and this one does not (RFC 8725 §3.12).
const OF_OTHERS: [&str; 6] = ["sub", "sid", "nonce", "at_hash", "events", "scope"];
/// No hint of an honest note is longer.
const HINT_MAX_LEN: usize = 256;

/// Why a note is refused.
#[derive(Debug, thiserror::Error)]
pub enum InitiationError {
    /// Discovery has not succeeded yet.
    #[error(transparent)]
    NotDiscovered(#[from] NotDiscovered),
    /// Its header, signature or form.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// `exp` is missing, past, or far away.
    #[error("it has expired, or does not say when it does")]
    Expired,
    /// `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It is for another application.
    #[error("its `aud` names another application")]
    Audience,
    /// It is a token of another kind.
    #[error("it is another kind of token")]
    OtherToken,
    /// It names neither an organization nor a connection.
    #[error("it names neither an organization nor a connection")]
    NoDestination,
}

/// Where a sign-in is to begin.
#[derive(Debug)]
pub(crate) struct Initiation {
    pub(crate) hints: Hints,
    /// Where the person wanted to go; not looked at.
    pub(crate) relay_state: Option<String>,
}

impl Client {
    /// What the note `token` says.
    pub(crate) async fn verify_initiation(&self, token: &str) -> Result<Initiation, InitiationError> {
        let provider = self.provider()?;
        let mut validation = Validation::new(Algorithm::RS256);
        // Scalekit's own example has none, and an `iss` that is not the environment's: the signature says whose it is.
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = signed_claims(&provider, token, &TYPES, validation).await?;
        if OF_OTHERS.iter().any(|name| claims.contains_key(*name)) {
            return Err(InitiationError::OtherToken);
        }
        if !names_as_audience(&claims, &self.settings.client_id) {
            return Err(InitiationError::Audience);
        }
        let now = self.surroundings.now();
        let is_far = numeric_date(&claims, "exp").is_some_and(|end| end > now + LONGEST_LIFETIME);
        if is_over(&claims, now) || is_far {
            return Err(InitiationError::Expired);
        }
        if is_early(&claims, now) {
            return Err(InitiationError::NotYetValid);
        }
        let hint = |name| {
            let hint = text(&claims, name).filter(|hint| hint.len() <= HINT_MAX_LEN);
            hint.filter(|hint| !hint.chars().any(char::is_control))
                .map(str::to_owned)
        };
        let hints = Hints {
            organization_id: hint("organization_id"),
            connection_id: hint("connection_id"),
            login_hint: hint("login_hint"),
            ..Hints::default()
        };
        if hints.organization_id.is_none() && hints.connection_id.is_none() {
            return Err(InitiationError::NoDestination);
        }
        Ok(Initiation {
            hints,
            relay_state: exact(&claims, "relay_state").map(str::to_owned),
        })
    }
}

/// Whether `aud`, where there is one, names `client_id`.
fn names_as_audience(claims: &Claims, client_id: &str) -> bool {
    match claims.get("aud") {
        None => true,
        Some(serde_json::Value::Array(list)) => list.iter().any(|one| one == client_id),
        Some(one) => one == client_id,
    }
}
