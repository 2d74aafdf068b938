//! Telling the provider that a refresh token is no longer needed (RFC 7009): nobody who finds it later can use it.

use http::StatusCode;

use super::Client;
use crate::{
    http::{Budget, HttpError},
    secret::RefreshToken,
};

#[derive(Debug, thiserror::Error)]
enum RevocationError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the answer has status {0}")]
    Status(StatusCode),
}

impl Client {
    /// Revokes `token`, if the provider knows how to. A provider that does not answer keeps it until it ends by itself;
    /// that is told to the log and to nobody else.
    pub(crate) async fn revoke(&self, token: &RefreshToken) {
        if let Err(error) = self.try_revoke(token).await {
            let error = crate::error_chain(&error);
            tracing::warn!(%error, "a refresh token could not be revoked; it ends by itself");
        }
    }

    async fn try_revoke(&self, token: &RefreshToken) -> Result<(), RevocationError> {
        let Ok(provider) = self.provider() else {
            return Ok(());
        };
        let Some(endpoint) = provider.revocation_endpoint() else {
            return Ok(());
        };
        let parameters = [
            ("token", token.expose()),
            ("token_type_hint", "refresh_token"),
            ("client_id", &self.settings.client_id),
        ];
        let request = self
            .authenticated_form(&provider, endpoint, &parameters)
            .map_err(HttpError::from)?;
        let answer = self.http.within(Budget::Revocation).send(request).await?;
        // RFC 7009 §2.2: also for a token that is not known any more.
        match answer.status() {
            StatusCode::OK => Ok(()),
            status => Err(RevocationError::Status(status)),
        }
    }
}
