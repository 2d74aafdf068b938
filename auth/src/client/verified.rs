//! The verification of a token response: what the code exchange and the refresh have in common.

use openidconnect::{OAuth2TokenResponse as _, TokenResponse as _, core::CoreTokenResponse};
use time::OffsetDateTime;

use super::{
    AccessTokenError, Client, IdTokenError, UserInfoMismatch, access_token,
    id_token::Occasion,
    token_endpoint::{Unusable, usable},
};
use crate::{
    claims::{Claims, exact},
    discovery::Provider,
    secret::AccessToken,
};

/// What the tokens of a response say.
pub(super) struct Verified {
    pub(super) access_token: AccessToken,
    /// Empty when it is opaque.
    pub(super) access_claims: Claims,
    /// About the person, where there is an ID token.
    pub(super) claims: Option<Claims>,
    /// Where the tokens speak of them.
    pub(super) roles: Option<Vec<String>>,
    pub(super) permissions: Option<Vec<String>>,
    pub(super) expires_at: OffsetDateTime,
}

impl Client {
    /// What `response`, received on `occasion`, says, if every token in it is acceptable.
    pub(super) async fn verified<E>(
        &self,
        provider: &Provider,
        response: &CoreTokenResponse,
        occasion: Occasion<'_>,
    ) -> Result<Verified, E>
    where
        E: From<Unusable> + From<IdTokenError> + From<AccessTokenError> + From<UserInfoMismatch>,
    {
        usable(response)?;
        // The nonce first: no other token is used before that is known to be right (RFC 9700 §4.5.3.2).
        let id_claims = match response.id_token() {
            Some(id_token) => Some(
                self.verify_id_token(provider, id_token, response.access_token(), occasion)
                    .await?,
            ),
            None => None,
        };
        let access_token = AccessToken::new(response.access_token().secret());
        let access_claims = self.verify_access_token(provider, &access_token).await?;
        let subject = occasion.subject().or_else(|| exact(id_claims.as_ref()?, "sub"));
        access_token::is_of(&access_claims, subject)?;
        let claims = match id_claims {
            Some(claims) => Some(self.complete(provider, &access_token, claims).await?),
            None => None,
        };
        // The access token speaks for the person's rights; only an opaque one leaves that to the other claims.
        let rights = if access_claims.is_empty() {
            claims.as_ref()
        } else {
            Some(&access_claims)
        };
        let now = self.surroundings.now();
        Ok(Verified {
            expires_at: access_token::ends_at(&access_claims, response.expires_in(), now),
            roles: rights.map(|claims| self.settings.role_claims.read(claims)),
            permissions: rights.map(|claims| self.settings.permission_claims.read(claims)),
            access_token,
            access_claims,
            claims,
        })
    }
}
