//! What an application was given: codes, and the refresh and access tokens that came of them, revoked together.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use time::{Duration, OffsetDateTime};

use crate::{fault::Delivery, random, store::expiring::Expiring};

const CODE_LIFETIME: Duration = Duration::minutes(10);
const REFRESH_TOKEN_LIFETIME: Duration = Duration::days(30);
/// Longer than any access token is meant to live; only introspection and user information look here.
const ACCESS_TOKEN_MEMORY: Duration = Duration::days(1);
const CAPACITY: usize = 50_000;
/// Every refresh makes one more: thousands of sessions under load for hours, and none may lose the one it holds.
const TOKEN_CAPACITY: usize = 250_000;

/// The scopes that were granted, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope(Vec<&'static str>);

impl Scope {
    /// What discovery advertises.
    pub(crate) const SUPPORTED: [&'static str; 4] = ["openid", "email", "profile", "offline_access"];

    /// The supported scopes of a request; unknown ones are left out (OIDC Core 3.1.2.1).
    pub(crate) fn parse(text: &str) -> Self {
        let mut scopes = Vec::new();
        for word in text.split_ascii_whitespace() {
            if let Some(known) = Self::SUPPORTED.into_iter().find(|known| *known == word)
                && !scopes.contains(&known)
            {
                scopes.push(known);
            }
        }
        Self(scopes)
    }

    pub(crate) fn contains(&self, scope: &str) -> bool {
        self.0.contains(&scope)
    }

    /// Whether everything in it is in the other one too.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.contains(scope))
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// One sign-in to the application. Its code and all tokens share it.
pub(crate) struct Grant {
    pub(crate) session_id: String,
    pub(crate) person_id: String,
    pub(crate) organization_id: String,
    pub(crate) connection_id: String,
    pub(crate) scope: Scope,
    revoked: AtomicBool,
}

impl Grant {
    pub(crate) fn new(
        session_id: String,
        person_id: String,
        organization_id: String,
        connection_id: String,
        scope: Scope,
    ) -> Self {
        Self {
            session_id,
            person_id,
            organization_id,
            connection_id,
            scope,
            revoked: AtomicBool::new(false),
        }
    }

    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Relaxed)
    }
}

/// An authorization code and what it is bound to.
pub(crate) struct Code {
    pub(crate) grant: Arc<Grant>,
    pub(crate) redirect_uri: String,
    /// S256, if the request brought one.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// Kept after use, so that a second use is recognized.
    pub(crate) used: bool,
}

/// A refresh token and how it was used.
pub(crate) struct RefreshToken {
    pub(crate) grant: Arc<Grant>,
    pub(crate) first_use: Option<FirstUse>,
}

/// The use that a refresh token is for; every other is a replay.
#[derive(Clone)]
pub(crate) struct FirstUse {
    pub(crate) at: OffsetDateTime,
    pub(crate) answer: Delivery,
}

/// All of them.
pub(crate) struct Grants {
    pub(crate) codes: Expiring<Code>,
    pub(crate) refresh_tokens: Expiring<RefreshToken>,
    /// By `jti`.
    pub(crate) access_tokens: Expiring<Arc<Grant>>,
}

impl Grants {
    pub(crate) fn new() -> Self {
        Self {
            codes: Expiring::new(CODE_LIFETIME, CAPACITY),
            refresh_tokens: Expiring::new(REFRESH_TOKEN_LIFETIME, TOKEN_CAPACITY),
            access_tokens: Expiring::new(ACCESS_TOKEN_MEMORY, TOKEN_CAPACITY),
        }
    }

    /// Issues a code and returns it.
    pub(crate) fn issue_code(&mut self, code: Code, now: OffsetDateTime) -> String {
        let name = random::secret();
        self.codes.insert(name.clone(), code, now);
        name
    }

    /// Issues a refresh token and returns it.
    pub(crate) fn issue_refresh_token(&mut self, grant: Arc<Grant>, now: OffsetDateTime) -> String {
        let name = random::refresh_token();
        let token = RefreshToken {
            grant,
            first_use: None,
        };
        self.refresh_tokens.insert(name.clone(), token, now);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_repeated_scopes_are_left_out() {
        assert_eq!(
            Scope::parse("openid  email unknown openid").to_string(),
            "openid email"
        );
        assert!(Scope::parse("openid").is_within(&Scope::parse("openid email")));
        assert!(!Scope::parse("openid profile").is_within(&Scope::parse("openid email")));
    }
}
