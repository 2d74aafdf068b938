//! Verification of ID tokens: OpenID Connect Core §3.1.3.7, clause by clause (promise 2).

use chrono::{DateTime, Utc};
use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, JsonWebKeySet, Nonce, NonceVerifier,
    core::{CoreIdToken, CoreIdTokenVerifier},
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::{
    Client,
    jose::{self, HeaderError, Signer},
};
use crate::{
    claims::{Claims, exact, is_early},
    clock::CLOCK_SKEW,
    discovery::Provider,
    session::SignedIn,
};

/// OpenID Connect Core §2: a subject identifier has at most 255 ASCII characters.
const SUBJECT_MAX_LEN: usize = 255;
/// An ID token is made for the exchange that brings it, a moment ago.
const OLDEST: Duration = Duration::minutes(10);
/// As `typ` names it: a logout token is `logout+jwt`, an access token `at+jwt` (RFC 8725 §3.12).
const TYPES: [&str; 1] = ["jwt"];

/// Why an ID token is refused.
#[derive(Debug, thiserror::Error)]
pub enum IdTokenError {
    /// Its header: algorithm, type, key.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Issuer, audience, signature, expiry, `iat` or nonce.
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
    /// `exp`, `iat` or `nbf` is no number.
    #[error("a date is not a number of seconds")]
    Date,
    /// `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYetValid,
    /// Its payload is not a JSON object with unique members.
    #[error("the payload is not a JSON object with unique members")]
    Payload,
    /// It is the access token (RFC 8725 §3.12).
    #[error("it is the access token")]
    AccessToken,
    /// It is a logout token (Back-Channel Logout 1.0 §2.4).
    #[error("it is a logout token")]
    LogoutToken,
    /// It was issued at a refresh, but for somebody else than the session's first (Core §12.2).
    #[error("its `sub` is not that of the sign-in")]
    OtherSubject,
    /// It was issued at a refresh, but tells of another authentication (Core §12.2).
    #[error("its `auth_time` is not that of the sign-in")]
    OtherAuthentication,
}

/// What an ID token is issued for.
#[derive(Clone, Copy)]
pub(super) enum Occasion<'a> {
    /// A sign-in, whose nonce it must repeat.
    SignIn {
        /// What the authorization request said.
        nonce: &'a str,
    },
    /// A refresh of the tokens of a session (Core §12.2).
    Refresh(&'a SignedIn),
    /// Nothing new: it is the session's own, which was verified when it came, and may be as old as it lives.
    Inspection(&'a SignedIn),
}

impl Occasion<'_> {
    /// Whom the tokens must be about, where that is known beforehand.
    pub(super) fn subject(&self) -> Option<&str> {
        match self {
            Self::SignIn { .. } => None,
            Self::Refresh(session) | Self::Inspection(session) => Some(&session.user.sub),
        }
    }
}

impl Occasion<'_> {
    /// Whether the ID token came together with the access token. That of a session may be older.
    fn has_access_token(&self) -> bool {
        match self {
            Self::SignIn { .. } | Self::Refresh(_) => true,
            Self::Inspection(session) => session.tokens.came_together(),
        }
    }
}

impl NonceVerifier for Occasion<'_> {
    fn verify(self, nonce: Option<&Nonce>) -> Result<(), String> {
        match self {
            Self::SignIn { nonce: expected } => Nonce::new(expected.to_owned()).verify(nonce),
            // In a renewed one it should not be there; if it is, it is that of the sign-in.
            Self::Refresh(session) | Self::Inspection(session) => match nonce {
                Some(nonce) if Some(nonce.secret()) != session.origin.nonce.as_ref() => {
                    Err("the nonce is not that of the sign-in".to_owned())
                }
                _ => Ok(()),
            },
        }
    }
}

impl Client {
    /// The claims of `token` if it is what `occasion` may bring.
    pub(super) async fn verify_id_token(
        &self,
        provider: &Provider,
        token: &CoreIdToken,
        access_token: &openidconnect::AccessToken,
        occasion: Occasion<'_>,
    ) -> Result<Claims, IdTokenError> {
        let text = token.to_string();
        let signer = provider.signer(&text, &TYPES).await?;
        let now = self.surroundings.now();
        // Core §3.1.3.7 (2) iss, (3) aud, (6) signature, (9) exp, (10) iat, (11) nonce.
        token.claims(&self.verifier(provider, &signer, occasion, now), occasion)?;
        let claims = jose::payload(&text).ok_or(IdTokenError::Payload)?;

        // Core §3.1.3.7 (4), (5): `azp`, when present, is us; it must be present when there are several audiences,
        // but further audiences are refused above already.
        if claims.contains_key("azp") && exact(&claims, "azp") != Some(&self.settings.client_id) {
            return Err(IdTokenError::AuthorizedParty);
        }
        // Core §2: `sub`.
        if !exact(&claims, "sub").is_some_and(is_subject) {
            return Err(IdTokenError::Subject);
        }
        // RFC 8725 §3.12: at a refresh no nonce tells the two apart.
        if !matches!(occasion, Occasion::SignIn { .. }) && text == *access_token.secret() {
            return Err(IdTokenError::AccessToken);
        }
        // Back-Channel Logout 1.0 §2.4: nothing else has it; at a refresh no nonce tells the two apart.
        if claims.contains_key("events") {
            return Err(IdTokenError::LogoutToken);
        }
        if occasion
            .subject()
            .is_some_and(|subject| exact(&claims, "sub") != Some(subject))
        {
            return Err(IdTokenError::OtherSubject);
        }
        if let Occasion::Refresh(session) = occasion {
            let (old, new) = (session.user.claims.get("auth_time"), claims.get("auth_time"));
            if old.is_some() && new.is_some() && old != new {
                return Err(IdTokenError::OtherAuthentication);
            }
        }
        // RFC 7519 §2: `openidconnect` would take RFC 3339 texts as well, which it must for `updated_at`.
        let is_number = |name| claims.get(name).is_none_or(Value::is_number);
        if !["exp", "iat", "nbf"].into_iter().all(is_number) {
            return Err(IdTokenError::Date);
        }
        // RFC 7519 §4.1.5; OpenID Connect does not use it, but who sends it means it.
        if is_early(&claims, now) {
            return Err(IdTokenError::NotYetValid);
        }
        // Core §3.1.3.8: `at_hash` is optional in the code flow, but binding when present.
        if let Some(at_hash) = claims.get("at_hash").filter(|_| occasion.has_access_token()) {
            let hash = AccessTokenHash::from_token(access_token, &signer.alg, &signer.key.openid)
                .map_err(|_| IdTokenError::AccessTokenHash)?;
            if at_hash.as_str() != Some(hash.as_str()) {
                return Err(IdTokenError::AccessTokenHash);
            }
        }
        Ok(claims)
    }

    fn verifier(
        &self,
        provider: &Provider,
        signer: &Signer,
        occasion: Occasion<'_>,
        now: OffsetDateTime,
    ) -> CoreIdTokenVerifier<'static> {
        let is_new = !matches!(occasion, Occasion::Inspection(_));
        // "Public" only in that no shared-secret signature can ever be accepted.
        CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.settings.client_id.clone()),
            IssuerUrl::clone(provider.metadata.issuer()),
            JsonWebKeySet::new(vec![signer.key.openid.clone()]),
        )
        // Algorithm and type were judged with the header.
        .allow_any_alg()
        .allow_all_jose_types()
        .set_time_fn(move || chrono_time(now - CLOCK_SKEW))
        .set_issue_time_verifier_fn(move |issued_at| {
            if issued_at > chrono_time(now + CLOCK_SKEW) {
                Err("`iat` lies in the future".to_owned())
            } else if is_new && issued_at < chrono_time(now - OLDEST) {
                Err("`iat` lies too far in the past".to_owned())
            } else {
                Ok(())
            }
        })
    }
}

/// Core §2, and no control characters, which would only serve to deceive a log's reader.
fn is_subject(sub: &str) -> bool {
    (1..=SUBJECT_MAX_LEN).contains(&sub.len()) && sub.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

fn chrono_time(time: OffsetDateTime) -> DateTime<Utc> {
    DateTime::from_timestamp(time.unix_timestamp(), time.nanosecond()).unwrap_or_default()
}
