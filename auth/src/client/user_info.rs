//! UserInfo (OpenID Connect Core §5.3): asked only for what the ID token does not say.

use openidconnect::{
    AccessToken, AdditionalClaims, SubjectIdentifier, UserInfoClaims, UserInfoError,
    core::{CoreClient, CoreGenderClaim},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Client;
use crate::{
    claims::{Claims, exact, text},
    discovery::Provider,
    http::{Budget, HttpError},
};

/// The provider says that the access token belongs to somebody else, or somebody else says so. A sign-in with such
/// tokens is no mishap (Core §5.3.2, §16.11).
#[derive(Debug, thiserror::Error)]
#[error("UserInfo is about somebody else, or is not signed by the provider")]
pub struct UserInfoMismatch(#[source] UserInfoError<HttpError>);

/// All that openidconnect has no field for.
#[derive(Debug, Serialize, Deserialize)]
struct OtherClaims(Claims);

impl AdditionalClaims for OtherClaims {}

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
        if !self.lacks_what_was_asked_for(&id_claims) || provider.metadata.userinfo_endpoint().is_none() {
            return Ok(id_claims);
        }
        let mut claims = match self.ask_user_info(provider, access_token, &id_claims).await {
            Ok(claims) => claims,
            Err(error @ UserInfoError::ClaimsVerification(_)) => return Err(UserInfoMismatch(error)),
            Err(error) => {
                // Without what the answer contained: it may be personal.
                let error = match &error {
                    UserInfoError::Request(error) => crate::error_chain(error),
                    UserInfoError::Response(status, ..) => format!("status {status}, or no JSON"),
                    _ => "not readable".to_owned(),
                };
                tracing::warn!(%error, "UserInfo is not to be had; signing in without it");
                return Ok(id_claims);
            }
        };
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

    async fn ask_user_info(
        &self,
        provider: &Provider,
        access_token: &AccessToken,
        id_claims: &Claims,
    ) -> Result<Claims, UserInfoError<HttpError>> {
        let subject = exact(id_claims, "sub").unwrap_or_default().to_owned();
        // The keys as they are known now: the ID token may have made us fetch newer ones.
        let metadata = provider.metadata.clone().set_jwks(provider.keys.usable());
        let http = self.http.within(Budget::UserInfo);
        // `sub` is compared (Core §5.3.2); the access token travels in the header (RFC 6750 §2.1).
        let answer: UserInfoClaims<OtherClaims, CoreGenderClaim> =
            CoreClient::from_provider_metadata(metadata, self.client_id(), None)
                .user_info(access_token.clone(), Some(SubjectIdentifier::new(subject)))
                .map_err(|error| UserInfoError::Other(error.to_string()))?
                .request_async(&http)
                .await?;
        match serde_json::to_value(answer) {
            Ok(Value::Object(claims)) => Ok(claims),
            _ => Err(UserInfoError::Other("no object".to_owned())),
        }
    }
}
