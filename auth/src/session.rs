//! The signed-in session: what it holds, under the keys of Scalekit's reference app, and the typed view of it that a
//! request works with.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, serde::rfc3339};
use tower_sessions::{Expiry, Session, session::Id};

use crate::{
    claims::{self, Claims, exact, text},
    client::Grant,
    secret::{AccessToken, IdToken, RefreshToken},
};

/// Who is signed in: [`User`].
pub const USER_KEY: &str = "scalekit_user";
/// The tokens: [`Tokens`].
pub const TOKENS_KEY: &str = "scalekit_tokens";
/// Role names: an array of strings.
pub const ROLES_KEY: &str = "scalekit_roles";
/// Permissions such as `organization:settings`: an array of strings.
pub const PERMISSIONS_KEY: &str = "scalekit_permissions";
/// When and where this session began: [`Origin`].
pub const ORIGIN_KEY: &str = "scalekit_session";

/// The session cookie's name: `__Host-` binds it to our host, which browsers grant behind TLS only (RFC 6265bis §4.1.3).
pub const fn cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-scalekit_session"
    } else {
        "scalekit_session"
    }
}

/// A session that a request's own [`Session`] knows nothing of, for the browser all the same: the response must carry
/// its cookie, and no other of that name. For whoever asks for a sign-in again that an earlier request has finished.
#[derive(Clone, Default)]
pub struct HandOver(Arc<OnceLock<(Id, OffsetDateTime)>>);

impl HandOver {
    pub(crate) fn give(&self, session: Id, ends_at: OffsetDateTime) {
        // Once a request; a second time would bring the same.
        let _ = self.0.set((session, ends_at));
    }

    /// The session's id, and when it ends.
    pub fn taken(&self) -> Option<(Id, OffsetDateTime)> {
        self.0.get().copied()
    }
}

/// Without the id: whoever knows it has the session.
impl fmt::Debug for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandOver").finish_non_exhaustive()
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The subject identifier: `usr_…`.
    pub sub: String,
    /// The e-mail address, if the `email` scope was granted.
    pub email: Option<String>,
    /// What to call the person.
    pub name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// User name.
    pub preferred_username: Option<String>,
    /// All that the ID token says, and what UserInfo adds where it was asked.
    pub claims: Claims,
}

/// The tokens of a session. They never leave the server (promise 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, if there is one.
    pub refresh_token: Option<RefreshToken>,
    /// The ID token, kept for signing out.
    pub id_token: IdToken,
    /// When the access token ends.
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
    /// The access token's lifetime in seconds when it was received.
    pub expires_in: i64,
}

/// When, where and until when a session lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// When the person signed in.
    #[serde(with = "rfc3339")]
    pub signed_in_at: OffsetDateTime,
    /// When the session ends at the latest.
    #[serde(with = "rfc3339")]
    pub ends_at: OffsetDateTime,
    /// The browser's `User-Agent`, shortened.
    pub user_agent: String,
}

/// A signed-in person's request works with this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// With what.
    pub tokens: Tokens,
    /// As what.
    pub roles: Vec<String>,
    /// Allowed what.
    pub permissions: Vec<String>,
    /// Since when, until when.
    pub origin: Origin,
}

/// The session cannot be read or written: the store is down, or holds something else.
#[derive(Debug, thiserror::Error)]
#[error("the session store does not answer, or its record cannot be read")]
pub struct SessionError(#[from] tower_sessions::session::Error);

impl SignedIn {
    /// A new session's content from what the provider granted.
    pub fn new(grant: Grant, origin: Origin) -> Self {
        let claims = &grant.claims;
        let owned = |name| text(claims, name).map(str::to_owned);
        Self {
            user: User {
                sub: exact(claims, "sub").unwrap_or_default().to_owned(),
                email: owned("email"),
                name: claims::display_name(claims, &grant.access_claims),
                given_name: owned("given_name"),
                family_name: owned("family_name"),
                preferred_username: owned("preferred_username"),
                claims: grant.claims.clone(),
            },
            roles: grant.roles,
            permissions: grant.permissions,
            tokens: Tokens {
                expires_in: (grant.expires_at - origin.signed_in_at).whole_seconds(),
                expires_at: grant.expires_at,
                access_token: grant.access_token,
                refresh_token: grant.refresh_token,
                id_token: grant.id_token,
            },
            origin,
        }
    }

    /// Who is signed in to `session`, if anybody.
    pub async fn load(session: &Session) -> Result<Option<Self>, SessionError> {
        let Some(user) = session.get(USER_KEY).await? else {
            return Ok(None);
        };
        let (Some(tokens), Some(origin)) = (session.get(TOKENS_KEY).await?, session.get(ORIGIN_KEY).await?)
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            user,
            tokens,
            roles: session.get(ROLES_KEY).await?.unwrap_or_default(),
            permissions: session.get(PERMISSIONS_KEY).await?.unwrap_or_default(),
            origin,
        }))
    }

    /// Makes `session` this person's, under a new id: whoever knew the old one, or shared it, is left with nothing
    /// (promise 7; session fixation).
    pub async fn begin(&self, session: &Session) -> Result<(), SessionError> {
        session.clear().await;
        if session.id().is_some() {
            session.cycle_id().await?;
        }
        session.insert(USER_KEY, &self.user).await?;
        session.insert(TOKENS_KEY, &self.tokens).await?;
        session.insert(ROLES_KEY, &self.roles).await?;
        session.insert(PERMISSIONS_KEY, &self.permissions).await?;
        session.insert(ORIGIN_KEY, &self.origin).await?;
        session.set_expiry(Some(Expiry::AtDateTime(self.origin.ends_at)));
        // tower-sessions would save with the response, when it is too late to tell the person that it failed.
        session.save().await?;
        Ok(())
    }

    /// Whether the person has `permission`.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions.iter().any(|granted| granted == permission)
    }

    /// The organization signed in to: Scalekit's `oid` claim.
    pub fn organization_id(&self) -> Option<&str> {
        text(&self.user.claims, "oid")
    }
}

/// The parts of a session record that the store keeps outside of the sealed record, as keyed hashes or sealed apart.
#[derive(Debug, Default)]
pub(crate) struct Facets {
    /// Issuer and subject: finds all sessions of a person.
    pub(crate) user: Option<String>,
    /// The provider's session id: finds the session that a back-channel logout names.
    pub(crate) provider_session: Option<String>,
    /// What the person's other sessions may show of this one.
    pub(crate) summary: Option<Value>,
}

impl Facets {
    pub(crate) fn of(data: &HashMap<String, Value>) -> Self {
        let claims = data
            .get(USER_KEY)
            .and_then(|user| user.get("claims"))
            .and_then(Value::as_object);
        let claim = |name| claims.and_then(|claims| exact(claims, name));
        Self {
            user: claim("iss")
                .zip(claim("sub"))
                .map(|(iss, sub)| format!("{iss} {sub}")),
            provider_session: claim("iss")
                .zip(claim("sid"))
                .map(|(iss, sid)| format!("{iss} {sid}")),
            summary: data.get(ORIGIN_KEY).cloned(),
        }
    }
}
