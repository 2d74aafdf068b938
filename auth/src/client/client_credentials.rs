//! A token for this application itself (RFC 6749 §4.4), which the management API wants to see.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::{Client, NotDiscovered, is_printable};
use crate::{
    claims::exact,
    http::{Budget, HttpError},
    json,
    secret::AccessToken,
};

/// Where the answer does not say how long the token lives.
const ASSUMED_LIFETIME: Duration = Duration::from_mins(5);

/// What the token endpoint gave this application.
#[derive(Debug)]
pub(crate) struct ClientToken {
    pub(crate) token: AccessToken,
    pub(crate) lifetime: Duration,
}

/// Why this application has no token of its own.
#[derive(Debug, thiserror::Error)]
pub enum ClientTokenError {
    /// Discovery has not succeeded yet.
    #[error(transparent)]
    NotDiscovered(#[from] NotDiscovered),
    /// No answer, or none in time.
    #[error("the token endpoint gave no answer")]
    Unreachable(#[from] HttpError),
    /// The provider does not give this application a token. An operator must act.
    #[error("the token endpoint refused this application with status {0}")]
    Refused(StatusCode),
    /// An answer that is not a token response.
    #[error("the token endpoint's answer is not a token response")]
    Unreadable,
}

impl Client {
    /// Asks for one. Asking again does no harm, so the caller may.
    pub(crate) async fn client_token(&self) -> Result<ClientToken, ClientTokenError> {
        let provider = self.provider()?;
        let endpoint = provider.token_endpoint().ok_or(ClientTokenError::Unreadable)?;
        let parameters = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.settings.client_id),
        ];
        let request = self
            .authenticated_form(&provider, endpoint, &parameters)
            .map_err(HttpError::from)?;
        let answer = self.http.within(Budget::Management).send_once(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(ClientTokenError::Refused(answer.status()));
        }
        let answer = json::object(answer.body()).map_err(|_| ClientTokenError::Unreadable)?;
        let token = exact(&answer, "access_token").filter(|token| is_printable(token));
        let lifetime = answer.get("expires_in").and_then(Value::as_u64);
        Ok(ClientToken {
            token: AccessToken::new(token.ok_or(ClientTokenError::Unreadable)?),
            lifetime: lifetime.map_or(ASSUMED_LIFETIME, Duration::from_secs),
        })
    }
}
