//! The signed-in session: what it holds, under the keys of Scalekit's reference app, and the typed view of it that a
//! request works with. [`crate::vault`] keeps it, [`crate::refresh`] renews it.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Duration, OffsetDateTime, serde::rfc3339};
use tower_sessions::session::Id;

use crate::{
    claims::{self, Claims, exact, numeric_date, text},
    client::{Grant, Renewal},
    clock::CLOCK_SKEW,
    secret::{AccessToken, IdToken, RefreshToken},
};

/// The record's member that says who is signed in: [`User`].
const USER_KEY: &str = "scalekit_user";
/// The record's member that says when and where the session began: [`Origin`].
const ORIGIN_KEY: &str = "scalekit_session";
/// Scalekit's organization id, `org_…`.
const ORGANIZATION_CLAIM: &str = "oid";
/// The provider's session id (OpenID Connect Back-Channel Logout §2.1), `ses_…` at Scalekit.
const PROVIDER_SESSION_CLAIM: &str = "sid";

/// The session cookie's name: `__Host-` binds it to our host, which browsers grant behind TLS only (RFC 6265bis §4.1.3).
pub const fn cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-scalekit_session"
    } else {
        "scalekit_session"
    }
}

/// An access token is renewed when it ends within this time (promise 12).
const RENEWED_BEFORE: Duration = Duration::minutes(1);
/// But never for more than this part of its life: tokens that live for less than a few minutes would be renewed by every
/// request (W2).
const RENEWED_BEFORE_PART: i32 = 4;

/// What the response does to the browser's session cookie, beyond what tower-sessions knows of: sessions begin and end
/// here without it.
#[derive(Clone, Default)]
pub struct SessionCookie(Arc<Mutex<CookieChange>>);

/// A change of the session cookie.
#[derive(Clone, Copy, Default)]
pub enum CookieChange {
    /// It stays as it is.
    #[default]
    None,
    /// It is this session's, until then.
    Give(Id, OffsetDateTime),
    /// It is removed.
    Forget,
}

/// Without the id.
impl fmt::Debug for CookieChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Give(..) => "Give",
            Self::Forget => "Forget",
        })
    }
}

impl SessionCookie {
    pub(crate) fn give(&self, session: Id, ends_at: OffsetDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = CookieChange::Give(session, ends_at);
    }

    /// The session that it names is over.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = CookieChange::Forget;
    }

    /// What is to be done.
    pub fn change(&self) -> CookieChange {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the id: whoever knows it has the session.
impl fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCookie").finish_non_exhaustive()
    }
}

/// Why a browser that names a session has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// There is no such session, or no longer: signed out, swept, or never there.
    Unknown,
    /// Its idle or absolute end has come, or its access token has ended and nothing can renew it.
    Over,
    /// The provider has ended it: `invalid_grant` (promise 14).
    Revoked,
    /// Its record does not open: sealed with a secret that is no longer configured, or damaged.
    Unreadable,
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
    /// How often they have been renewed.
    #[serde(default)]
    pub renewals: u32,
    /// Which renewal the ID token came with: not every provider gives a new one each time.
    #[serde(default)]
    pub id_token_renewal: u32,
    /// What the last renewal brought.
    #[serde(default)]
    pub last_renewal: Option<LastRenewal>,
}

impl Tokens {
    /// When the access token was received.
    pub fn received_at(&self) -> OffsetDateTime {
        self.expires_at.saturating_sub(Duration::seconds(self.expires_in))
    }

    /// From when on the next request renews the tokens.
    pub fn due_at(&self) -> OffsetDateTime {
        let part = Duration::seconds(self.expires_in.max(0)) / RENEWED_BEFORE_PART;
        self.expires_at.saturating_sub(part.min(RENEWED_BEFORE))
    }

    /// Whether the next request renews them.
    pub fn are_due(&self, now: OffsetDateTime) -> bool {
        now >= self.due_at()
    }

    /// Whether the ID token came together with the access token.
    pub fn came_together(&self) -> bool {
        self.id_token_renewal == self.renewals
    }

    /// Whether the access token is of use no more.
    pub fn are_over(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }
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
    /// Where the browser was.
    #[serde(default)]
    pub address: Option<IpAddr>,
    /// When the person last proved who they are, if that is known: the provider says so (`auth_time`), or its session
    /// began after it was asked to have them do it. A sign-in alone proves nothing, for the provider may have known the
    /// browser.
    #[serde(default, with = "rfc3339::option")]
    pub authenticated_at: Option<OffsetDateTime>,
    /// The `nonce` of the sign-in: a renewed ID token may repeat it, but name no other (Core §12.2).
    #[serde(default)]
    pub nonce: Option<String>,
}

/// A signed-in person's request works with this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who.
    #[serde(rename = "scalekit_user")]
    pub user: User,
    /// With what.
    #[serde(rename = "scalekit_tokens")]
    pub tokens: Tokens,
    /// As what.
    #[serde(rename = "scalekit_roles")]
    pub roles: Vec<String>,
    /// Allowed what.
    #[serde(rename = "scalekit_permissions")]
    pub permissions: Vec<String>,
    /// Since when, until when.
    #[serde(rename = "scalekit_session")]
    pub origin: Origin,
}

impl SignedIn {
    /// A new session's content from what the provider granted.
    pub fn new(grant: Grant, origin: Origin) -> Self {
        let origin = Origin {
            nonce: exact(&grant.claims, "nonce").map(str::to_owned),
            authenticated_at: numeric_date(&grant.claims, "auth_time").or(origin.authenticated_at),
            ..origin
        };
        Self {
            user: User::new(grant.claims, &grant.access_claims),
            roles: grant.roles,
            permissions: grant.permissions,
            tokens: Tokens {
                expires_in: (grant.expires_at - origin.signed_in_at).whole_seconds(),
                expires_at: grant.expires_at,
                access_token: grant.access_token,
                refresh_token: grant.refresh_token,
                id_token: grant.id_token,
                renewals: 0,
                id_token_renewal: 0,
                last_renewal: None,
            },
            origin,
        }
    }

    /// The same session with what the provider granted at `now` in place of what it had: roles, permissions and claims
    /// are the new tokens' (promise 15, W8).
    #[must_use]
    pub fn renewed(&self, renewal: Renewal, now: OffsetDateTime) -> Self {
        let old = self.clone();
        let last_renewal = LastRenewal::new(self, &renewal, now);
        let renewals = old.tokens.renewals.saturating_add(1);
        let user = match renewal.claims {
            Some(claims) => User::new(claims, &renewal.access_claims).or(old.user),
            None => old.user,
        };
        Self {
            user,
            roles: renewal.roles.unwrap_or(old.roles),
            permissions: renewal.permissions.unwrap_or(old.permissions),
            tokens: Tokens {
                expires_in: (renewal.expires_at - now).whole_seconds(),
                expires_at: renewal.expires_at,
                access_token: renewal.access_token,
                // A provider that does not rotate leaves us the one we have (RFC 6749 §6).
                refresh_token: renewal.refresh_token.or(old.tokens.refresh_token),
                id_token_renewal: if renewal.id_token.is_some() {
                    renewals
                } else {
                    old.tokens.id_token_renewal
                },
                id_token: renewal.id_token.unwrap_or(old.tokens.id_token),
                renewals,
                last_renewal: Some(last_renewal),
            },
            origin: old.origin,
        }
    }

    /// Whether the person has `permission`.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions.iter().any(|granted| granted == permission)
    }

    /// Whether the person proved who they are within [`RECENT`]: what cannot be undone asks for that (ASVS 7.5.2).
    pub fn is_recent(&self, now: OffsetDateTime) -> bool {
        let authenticated_at = self.origin.authenticated_at;
        authenticated_at.is_some_and(|at| now - at <= RECENT && at - now <= CLOCK_SKEW)
    }

    /// The provider's session id, `ses_…` at Scalekit.
    pub fn provider_session(&self) -> Option<&str> {
        exact(&self.user.claims, PROVIDER_SESSION_CLAIM)
    }

    /// The organization signed in to: Scalekit's `oid` claim.
    pub fn organization_id(&self) -> Option<&str> {
        text(&self.user.claims, ORGANIZATION_CLAIM)
    }
}

impl User {
    fn new(claims: Claims, access_claims: &Claims) -> Self {
        let owned = |name| text(&claims, name).map(str::to_owned);
        Self {
            sub: exact(&claims, "sub").unwrap_or_default().to_owned(),
            email: owned("email"),
            name: claims::display_name(&claims, access_claims),
            given_name: owned("given_name"),
            family_name: owned("family_name"),
            preferred_username: owned("preferred_username"),
            claims,
        }
    }

    /// With what `old` knew and the new claims do not say: not every provider repeats a person's name when it renews
    /// tokens, and nobody loses theirs, or their organization, by that.
    fn or(mut self, old: Self) -> Self {
        for name in [ORGANIZATION_CLAIM, PROVIDER_SESSION_CLAIM] {
            if let Some(claim) = old.claims.get(name).filter(|_| !self.claims.contains_key(name)) {
                self.claims.insert(name.to_owned(), claim.clone());
            }
        }
        // The address stands in for a name only where there is none.
        let name = self.name.filter(|name| self.email.as_ref() != Some(name));
        Self {
            name: name.or(old.name).or_else(|| self.email.clone()),
            email: self.email.or(old.email),
            given_name: self.given_name.or(old.given_name),
            family_name: self.family_name.or(old.family_name),
            preferred_username: self.preferred_username.or(old.preferred_username),
            ..self
        }
    }
}

/// How long a proof of who somebody is counts as recent.
pub const RECENT: Duration = Duration::minutes(10);

/// What a person's other sessions may show of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// When the person signed in.
    #[serde(with = "rfc3339")]
    pub signed_in_at: OffsetDateTime,
    /// When the session ends at the latest.
    #[serde(with = "rfc3339")]
    pub ends_at: OffsetDateTime,
    /// The browser's `User-Agent`, shortened.
    pub user_agent: String,
    /// Where the browser was.
    #[serde(default)]
    pub address: Option<IpAddr>,
    /// The organization signed in to.
    pub organization: Option<String>,
    /// The provider's session id.
    pub provider_session: Option<String>,
}

/// What sessions are found by without their cookies. All of it is the provider's, so its issuer goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// All sessions of the person with this `sub`.
    User(&'a str),
    /// The session with this `sid`.
    ProviderSession(&'a str),
    /// All sessions in the organization with this `oid`.
    Organization(&'a str),
}

/// The parts of a session record that the store keeps outside of the sealed record, as keyed hashes or sealed apart.
#[derive(Debug)]
pub(crate) struct Facets<'a> {
    pub(crate) issuer: Option<&'a str>,
    pub(crate) user: Option<&'a str>,
    pub(crate) provider_session: Option<&'a str>,
    pub(crate) organization: Option<&'a str>,
    pub(crate) summary: Option<Summary>,
}

impl<'a> Facets<'a> {
    /// Reads them from a record's members: `member` finds one by its name.
    pub(crate) fn of(member: impl Fn(&str) -> Option<&'a Value>) -> Self {
        let claims = member(USER_KEY)
            .and_then(|user| user.get("claims"))
            .and_then(Value::as_object);
        let claim = |name| claims.and_then(|claims| exact(claims, name));
        let origin = member(ORIGIN_KEY).and_then(|origin| Origin::deserialize(origin).ok());
        Self {
            issuer: claim("iss"),
            user: claim("sub"),
            provider_session: claim(PROVIDER_SESSION_CLAIM),
            organization: claim(ORGANIZATION_CLAIM),
            summary: origin.map(|origin| Summary {
                signed_in_at: origin.signed_in_at,
                ends_at: origin.ends_at,
                user_agent: origin.user_agent,
                address: origin.address,
                organization: claim(ORGANIZATION_CLAIM).map(str::to_owned),
                provider_session: claim(PROVIDER_SESSION_CLAIM).map(str::to_owned),
            }),
        }
    }
}

mod renewal;

pub use renewal::{ClaimChange, LastRenewal, TokenKind};

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
