//! The server functions of a session: is its access token good, new tokens please, and I am still here.
//!
//! `POST` with an empty form; JSON for scripts, and for a form on a page (which then names `next`) a redirect back to
//! that page with a notice. The guard has checked who asks. No token is in any answer (promise 1, W14).

#![expect(missing_docs, reason = "`#[server]` makes a struct for the arguments")]
#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "server functions are asynchronous, even if they wait for nothing"
    )
)]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Whether the access token is good: `{valid, claims, message, userId, email, name}` or `{valid: false, error}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
// The server has shapes of its own, below. Leptos wants one in the browser too, which sends none.
#[cfg_attr(not(feature = "ssr"), derive(Serialize))]
pub struct Validation {
    /// Whether it is.
    pub valid: bool,
    /// What it says. Scripts may want it; our own pages show it themselves.
    #[cfg(feature = "ssr")]
    #[serde(default)]
    pub claims: auth::claims::Claims,
    /// In words, if it is.
    #[serde(default)]
    pub message: Option<String>,
    /// The subject.
    #[serde(default, rename = "userId")]
    pub user_id: Option<String>,
    /// The person's address.
    #[serde(default)]
    pub email: Option<String>,
    /// The person's name.
    #[serde(default)]
    pub name: Option<String>,
    /// Why it is not.
    #[serde(default)]
    pub error: Option<String>,
}

/// What became of a refresh: `{success, message, expiresAt}` or `{success: false, error}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// Whether there are new tokens.
    pub success: bool,
    /// In words, if there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When the new access token ends (RFC 3339).
    #[serde(default, rename = "expiresAt", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How long the session lives from now on, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remaining {
    /// If it is not used until then.
    #[serde(rename = "idleSeconds")]
    pub idle_seconds: i64,
    /// Whatever happens.
    #[serde(rename = "absoluteSeconds")]
    pub absolute_seconds: i64,
}

/// Checks the session's access token now: signature, issuer, audience, dates.
#[server(prefix = "/sessions", endpoint = "validate-token")]
pub async fn validate_token(next: Option<String>) -> Result<Validation, Problem> {
    use crate::{context::Request, notice::Notice};

    let request = Request::current()?;
    let session = request.allowed(crate::routes::VALIDATE_TOKEN)?;
    let validation = match request
        .services
        .client
        .validate_access_token(&session.signed_in)
        .await
    {
        Ok(claims) => Validation::valid(&session.signed_in.user, claims),
        Err(error) => {
            let chain = auth::error_chain(&error);
            tracing::info!(error = %chain, "an access token is not valid");
            Validation::invalid(error.to_string())
        }
    };
    let notice = if validation.valid {
        Notice::TokenValid
    } else {
        Notice::TokenInvalid
    };
    answer_form(next, notice);
    Ok(validation)
}

/// Renews the session's tokens now, whether they end soon or not.
#[server(prefix = "/sessions", endpoint = "refresh-token")]
pub async fn refresh_tokens(next: Option<String>) -> Result<Refreshed, Problem> {
    use auth::refresh::Current;

    use crate::{
        context::{Request, set_status},
        notice::Notice,
        problem::ProblemKind,
    };

    let request = Request::current()?;
    request.allowed(crate::routes::REFRESH_TOKEN)?;
    let unavailable = |error: &dyn std::error::Error| {
        let problem = Problem::new(ProblemKind::StoreUnavailable, request.reference.0.as_str());
        problem.log(&auth::error_chain(error));
        set_status(&problem);
        problem
    };
    let id = request.session.ok_or_else(|| request.not_signed_in())?;
    let current = request.services.sessions.renew_now(id).await;
    let refreshed = match current.map_err(|error| unavailable(&error))? {
        Current::Open(session) => Refreshed::success(session.signed_in.tokens.expires_at),
        Current::Stuck(fault) => Refreshed::failure(&fault),
        Current::Ended(_) => return Err(request.not_signed_in()),
    };
    let notice = if refreshed.success {
        Notice::Refreshed
    } else {
        Notice::NotRefreshed
    };
    answer_form(next, notice);
    Ok(refreshed)
}

/// Says that the person is still there, and how long the session lives now. Any request does; this one does nothing else.
#[server(prefix = "/sessions", endpoint = "stay")]
pub async fn stay_signed_in() -> Result<Remaining, Problem> {
    use crate::context::Request;

    let request = Request::current()?;
    let session = request.allowed(crate::routes::STAY)?;
    Ok(Remaining::of(&session, request.services.surroundings.now()))
}

/// Leads a form back to its page, which then says what came of it. Scripts get the answer itself.
#[cfg(feature = "ssr")]
fn answer_form(next: Option<String>, notice: crate::notice::Notice) {
    if crate::context::is_form() {
        crate::done::go_back(notice, next.as_deref());
    }
}

#[cfg(feature = "ssr")]
pub(crate) use server::latest_end;

#[cfg(feature = "ssr")]
mod server {
    use auth::{claims::Claims, refresh::RefreshFault, session::User, vault::OpenSession};
    use serde::{Serialize, Serializer, ser::SerializeMap as _};
    use time::{OffsetDateTime, format_description::well_known::Rfc3339};

    use super::{Refreshed, Remaining, Validation};

    impl Remaining {
        /// How long `session` lives from `now` on.
        pub fn of(session: &OpenSession, now: OffsetDateTime) -> Self {
            let until = |end: OffsetDateTime| (end.unix_timestamp() - now.unix_timestamp()).max(0);
            let absolute_seconds = until(latest_end(session));
            Self {
                idle_seconds: until(session.idle_end).min(absolute_seconds),
                absolute_seconds,
            }
        }
    }

    /// When `session` ends at the latest. With its access token, if that cannot be renewed.
    pub(crate) fn latest_end(session: &OpenSession) -> OffsetDateTime {
        let tokens = &session.signed_in.tokens;
        let end = session.signed_in.origin.ends_at;
        match tokens.refresh_token {
            Some(_) => end,
            None => end.min(tokens.expires_at),
        }
    }

    impl Validation {
        pub(super) fn valid(user: &User, claims: Claims) -> Self {
            Self {
                valid: true,
                claims,
                message: Some("Token is valid".to_owned()),
                user_id: Some(user.sub.clone()),
                email: user.email.clone(),
                name: user.name.clone(),
                error: None,
            }
        }

        pub(super) fn invalid(error: String) -> Self {
            Self {
                valid: false,
                claims: Claims::new(),
                message: None,
                user_id: None,
                email: None,
                name: None,
                error: Some(format!("Token validation failed: {error}")),
            }
        }
    }

    /// The two shapes that Scalekit's reference app has: absent members are absent, an unknown address is `null`.
    impl Serialize for Validation {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("valid", &self.valid)?;
            if self.valid {
                map.serialize_entry("claims", &self.claims)?;
                map.serialize_entry("message", &self.message)?;
                map.serialize_entry("userId", &self.user_id)?;
                map.serialize_entry("email", &self.email)?;
                map.serialize_entry("name", &self.name)?;
            } else {
                map.serialize_entry("error", &self.error)?;
            }
            map.end()
        }
    }

    impl Refreshed {
        pub(super) fn success(expires_at: OffsetDateTime) -> Self {
            Self {
                success: true,
                message: Some("Tokens refreshed successfully".to_owned()),
                expires_at: expires_at.format(&Rfc3339).ok(),
                error: None,
            }
        }

        pub(super) fn failure(fault: &RefreshFault) -> Self {
            let error = match fault {
                RefreshFault::NoRefreshToken => {
                    "No refresh token available. Make sure the \"offline_access\" scope is requested \
                     (SCALEKIT_SCOPES)."
                }
                fault if fault.needs_an_operator() => {
                    "Token refresh failed: the identity provider does not accept this application's request. Your \
                     session goes on for now; tell whoever runs this application."
                }
                _ => {
                    "Token refresh failed: the identity provider does not answer right now. Your session goes on; \
                     try again in a moment."
                }
            };
            Self {
                success: false,
                message: None,
                expires_at: None,
                error: Some(error.to_owned()),
            }
        }
    }
}
