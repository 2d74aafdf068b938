//! UserInfo (OpenID Connect Core §5.3): asked only for what the ID token does not say.
//!
//! By hand rather than through openidconnect, which takes signed answers with RS256 alone, does not look for a key that
//! is new, and takes JSON with repeated members.

use http::{
    HeaderMap, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};

use super::{Client, jose::JwtError};
use crate::{
    claims::{Claims, exact, is_early, is_over, text},
    discovery::Provider,
    http::{Budget, HttpError},
    json,
    secret::AccessToken,
};

/// As `typ` names it in a signed answer.
const TYPES: [&str; 1] = ["jwt"];

/// The provider says that the access token belongs to somebody else, or somebody else says so. A sign-in with such
/// tokens is no mishap (Core §5.3.2, §16.11).
#[derive(Debug, thiserror::Error)]
pub enum UserInfoMismatch {
    /// Another `sub` than the ID token's.
    #[error("UserInfo is about somebody else")]
    Subject,
    /// A signed answer that the provider has not made for us.
    #[error("signed UserInfo is not the provider's, or not for us")]
    Jwt(#[from] JwtError),
    /// A signed answer that is over or not valid yet.
    #[error("signed UserInfo is not valid now")]
    Date,
}

/// There is no UserInfo, and that is all. What the answer contained is not kept: it may be personal.
#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the answer has status {0}")]
    Status(StatusCode),
    #[error("the answer is neither JSON with unique members nor a JWT")]
    Unreadable,
    #[error("the answer has no `sub`")]
    NoSubject,
}

enum Answer {
    Plain(Claims),
    Signed(String),
}

impl Client {
    /// Adds to the claims of an ID token what UserInfo knows beyond them, if they lack what was asked for.
    ///
    /// What the ID token says stays. A provider that does not answer, or not with UserInfo, costs nothing but what it
    /// would have brought.
    pub(super) async fn complete(
        &self,
        provider: &Provider,
        access_token: &AccessToken,
        id_claims: Claims,
    ) -> Result<Claims, UserInfoMismatch> {
        let Some(endpoint) = provider.metadata.userinfo_endpoint() else {
            return Ok(id_claims);
        };
        if !self.lacks_what_was_asked_for(&id_claims) {
            return Ok(id_claims);
        }
        let mut claims = match self.ask(endpoint.as_str(), access_token).await {
            Ok(Answer::Plain(claims)) => claims,
            Ok(Answer::Signed(jwt)) => {
                let claims = self.verify_jwt(provider, &jwt, &TYPES).await?;
                // Signed UserInfo need not say when it ends (Core §5.3.2).
                let now = self.surroundings.now();
                if is_early(&claims, now) || (claims.contains_key("exp") && is_over(&claims, now)) {
                    return Err(UserInfoMismatch::Date);
                }
                claims
            }
            Err(error) => return Ok(without(&error, id_claims)),
        };
        // Core §5.3.2.
        let Some(subject) = exact(&claims, "sub") else {
            return Ok(without(&Unavailable::NoSubject, id_claims));
        };
        if Some(subject) != exact(&id_claims, "sub") {
            return Err(UserInfoMismatch::Subject);
        }
        claims.extend(id_claims);
        Ok(claims)
    }

    /// Core §5.4: `profile` asks for a name, `email` for an address; providers may put both into UserInfo alone.
    fn lacks_what_was_asked_for(&self, id_claims: &Claims) -> bool {
        let asked_for = |scope| self.settings.scopes.iter().any(|asked| asked == scope);
        let is_nameless = ["name", "given_name", "family_name"]
            .iter()
            .all(|name| text(id_claims, name).is_none());
        (asked_for("email") && text(id_claims, "email").is_none()) || (asked_for("profile") && is_nameless)
    }

    async fn ask(&self, endpoint: &str, access_token: &AccessToken) -> Result<Answer, Unavailable> {
        let request = http::Request::get(endpoint)
            .header(ACCEPT, "application/json, application/jwt")
            // RFC 6750 §2.1: in the header, never in the address.
            .header(AUTHORIZATION, format!("Bearer {}", access_token.expose()))
            .body(Vec::new())
            .map_err(HttpError::from)?;
        let answer = self.http.within(Budget::UserInfo).send(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(Unavailable::Status(answer.status()));
        }
        match media_type(answer.headers()).as_deref() {
            Some("application/jwt") => String::from_utf8(answer.into_body())
                .map(Answer::Signed)
                .map_err(|_| Unavailable::Unreadable),
            Some("application/json") | None => json::object(answer.body())
                .map(Answer::Plain)
                .map_err(|_| Unavailable::Unreadable),
            Some(_) => Err(Unavailable::Unreadable),
        }
    }
}

fn without(error: &Unavailable, id_claims: Claims) -> Claims {
    let error = crate::error_chain(error);
    tracing::warn!(%error, "UserInfo is not to be had; signing in without it");
    id_claims
}

/// The content type without its parameters (RFC 9110 §8.3.1).
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}
