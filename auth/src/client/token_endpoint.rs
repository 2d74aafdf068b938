//! Calls to the token endpoint, forgiving where a wrong answer does no harm, and strict where it may.

use std::pin::Pin;

use openidconnect::{
    AsyncHttpClient, OAuth2TokenResponse as _, RequestTokenError, StandardErrorResponse,
    core::{CoreErrorResponseType, CoreTokenResponse, CoreTokenType},
};
use serde_json::Value;

use super::{is_printable, provider_code};
use crate::{
    http::{Call, HttpError},
    json,
};

/// Why the token endpoint gave no tokens, whatever for.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `invalid_grant`: the code or the refresh token is no good (RFC 6749 §5.2).
    Grant,
    /// `invalid_client` or `unauthorized_client`: our credentials are wrong.
    Client,
    /// Another error, by its code.
    Other(String),
    /// No answer, or none in time.
    Unreachable(HttpError),
    /// An answer that is not a token response, and where it is not. Its content is not kept: it may hold tokens.
    Unreadable(String),
}

impl From<RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>> for Refusal {
    fn from(error: RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>) -> Self {
        match error {
            RequestTokenError::ServerResponse(response) => match response.error() {
                CoreErrorResponseType::InvalidGrant => Self::Grant,
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                    Self::Client
                }
                other => Self::Other(provider_code(other.as_ref())),
            },
            RequestTokenError::Request(error) => Self::Unreachable(error),
            RequestTokenError::Parse(error, _) => Self::Unreadable(format!("at `{}`", error.path())),
            RequestTokenError::Other(_) => Self::Unreadable("not JSON, or empty".to_owned()),
        }
    }
}

/// A token response that we would not know how to use.
#[derive(Debug)]
pub(super) enum Unusable {
    /// Its tokens are not of the type `Bearer` (Core §3.1.3.3).
    TokenType,
    /// Its access token is empty, or has characters that no token has (RFC 6749 §A.12).
    AccessToken,
}

/// What is checked before the tokens themselves are.
pub(super) fn usable(response: &CoreTokenResponse) -> Result<(), Unusable> {
    if *response.token_type() != CoreTokenType::Bearer {
        return Err(Unusable::TokenType);
    }
    if !is_printable(response.access_token().secret()) {
        return Err(Unusable::AccessToken);
    }
    Ok(())
}

/// The HTTP client as openidconnect uses it at the token endpoint.
pub(super) struct TokenEndpoint<'a>(pub(super) Call<'a>);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: http::Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move { Ok(self.0.send(request).await?.map(with_unique_members)) })
    }
}

/// The answer, read once, so that whatever reads it next sees what we saw. One with repeated members becomes unreadable.
///
/// The token's own `exp` decides when it ends (promise 15), so an `expires_in` that is no whole number of seconds is
/// dropped rather than let it spoil the sign-in.
fn with_unique_members(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut answer) = json::object(&body) else {
        return Vec::new();
    };
    if answer
        .get("expires_in")
        .is_some_and(|value| !Value::is_u64(value))
    {
        answer.remove("expires_in");
    }
    serde_json::to_vec(&answer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rules: rfc6749-5.1-expires-in
    #[test]
    fn a_wrong_expires_in_is_dropped_and_everything_else_kept() {
        for wrong in [
            json!(-1),
            json!("3600"),
            json!(3600.5),
            json!(1e30),
            json!({}),
            json!(null),
        ] {
            let body = json!({ "access_token": "a", "expires_in": wrong }).to_string();
            assert_eq!(with_unique_members(body.into_bytes()), br#"{"access_token":"a"}"#);
        }
        for right in [r#"{"expires_in":299}"#, r#"{"access_token":"a"}"#] {
            assert_eq!(with_unique_members(right.into()), right.as_bytes());
        }
    }

    /// Rules: rfc6749-5.1-html, rfc6749-5.1-duplicate-members
    #[test]
    fn what_is_no_object_with_unique_members_becomes_unreadable() {
        for body in ["<html>", "[]", r#"{"access_token":"a","access_token":"b"}"#] {
            assert!(with_unique_members(body.into()).is_empty(), "{body}");
        }
    }
}
