//! Trading a refresh token for new tokens (RFC 6749 §6, OpenID Connect Core §12), and asking whether an access token is
//! good.

use std::time::Duration;

use openidconnect::{OAuth2TokenResponse as _, TokenResponse as _, core::CoreTokenResponse};
use time::OffsetDateTime;

use super::{
    AccessTokenError, Client, IdTokenError, NotDiscovered, Occasion, UserInfoMismatch, access_token,
    token_endpoint::{Refusal, TokenEndpoint, Unusable},
};
use crate::{
    claims::Claims,
    discovery::Provider,
    http::{Budget, HttpError},
    secret::{AccessToken, IdToken, RefreshToken},
    session::SignedIn,
};

/// How long the verification of new tokens may take, keys that must be fetched and UserInfo included.
const VERIFICATION_BUDGET: Duration = Duration::from_secs(3);

/// What a refresh brought, verified.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// The access token.
    pub access_token: AccessToken,
    /// The next refresh token, where the provider rotates them.
    pub refresh_token: Option<RefreshToken>,
    /// A new ID token, where the provider gives one.
    pub id_token: Option<IdToken>,
    /// Verified claims about the person, where there is a new ID token.
    pub claims: Option<Claims>,
    /// Verified claims of the access token; empty when it is opaque.
    pub access_claims: Claims,
    /// The person's roles, where the new tokens speak of them.
    pub roles: Option<Vec<String>>,
    /// The person's permissions, where the new tokens speak of them.
    pub permissions: Option<Vec<String>>,
    /// When the access token ends.
    pub expires_at: OffsetDateTime,
}

/// A refresh that brought no tokens to work with.
#[derive(Debug)]
pub struct RefreshFailure {
    /// Why.
    pub error: RefreshError,
    /// The next refresh token, if the provider has given one: the one that was traded for it works no more, however
    /// little the rest of the answer is worth.
    pub rotated: Option<RefreshToken>,
}

/// Why a refresh brought no tokens to work with.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// `invalid_grant`, the provider's verdict: the session is over (RFC 6749 §5.2).
    #[error("the provider has ended the session")]
    Revoked,
    /// Discovery has not succeeded yet.
    #[error(transparent)]
    NotDiscovered(#[from] NotDiscovered),
    /// `invalid_client` or `unauthorized_client`: our credentials are wrong. An operator must act.
    #[error("the provider refused this application's credentials")]
    ClientRefused,
    /// Another error of the token endpoint, by its code.
    #[error("the token endpoint answered with the error `{0}`")]
    Refused(String),
    /// No answer, or none in time.
    #[error("the token endpoint gave no answer")]
    Unreachable(#[source] HttpError),
    /// An answer that is not a token response, and where it is not.
    #[error("the token endpoint's answer is not a token response ({0})")]
    Unreadable(String),
    /// Tokens of another type than `Bearer`.
    #[error("the token response's `token_type` is not Bearer")]
    TokenType,
    /// The new ID token is not acceptable.
    #[error("the new ID token is not acceptable")]
    IdToken(#[from] IdTokenError),
    /// The new access token is not acceptable.
    #[error("the new access token is not acceptable")]
    AccessToken(#[from] AccessTokenError),
    /// UserInfo is not acceptable.
    #[error("UserInfo is not acceptable")]
    UserInfo(#[from] UserInfoMismatch),
    /// The new tokens could not be verified in time: keys could not be fetched.
    #[error("the new tokens could not be verified in time")]
    NotVerified,
}

impl RefreshError {
    /// Whether the tokens are another person's: a provider, or a cache before it, has mixed up two answers.
    pub(crate) fn is_about_somebody_else(&self) -> bool {
        matches!(
            self,
            Self::IdToken(IdTokenError::OtherSubject)
                | Self::AccessToken(AccessTokenError::Subject)
                | Self::UserInfo(UserInfoMismatch::Subject)
        )
    }

    /// Whether the provider may have used the refresh token up although it gave nothing that can be used.
    pub(crate) fn may_have_used_the_token(&self) -> bool {
        match self {
            Self::Unreachable(HttpError::Unavailable { status, .. }) => status.is_server_error(),
            Self::Unreachable(HttpError::Transport(error)) => !error.is_connect(),
            Self::Unreachable(_) | Self::Unreadable(_) => true,
            // Ours may have been traded for the answer that went elsewhere.
            _ => self.is_about_somebody_else(),
        }
    }
}

impl From<RefreshError> for RefreshFailure {
    fn from(error: RefreshError) -> Self {
        Self { error, rotated: None }
    }
}

impl Client {
    /// Trades the session's refresh token for new tokens and verifies them.
    ///
    /// The request is sent once and never repeated: the token may have been used up although no answer arrived.
    pub(crate) async fn refresh(
        &self,
        session: &SignedIn,
        refresh_token: &RefreshToken,
    ) -> Result<Renewal, RefreshFailure> {
        let provider = self.provider().map_err(RefreshError::from)?;
        let http = TokenEndpoint(self.http.within(Budget::Refresh));
        let token = openidconnect::RefreshToken::new(refresh_token.expose().to_owned());
        let response = self
            .at_token_endpoint(&provider)
            .exchange_refresh_token(&token)
            .map_err(|error| RefreshError::Unreadable(error.to_string()))?
            .request_async(&http)
            .await
            .map_err(|error| RefreshError::from(Refusal::from(error)))?;
        let rotated = response
            .refresh_token()
            .map(|token| RefreshToken::new(token.secret()));
        let verification = self.verified_renewal(&provider, &response, session);
        match tokio::time::timeout(VERIFICATION_BUDGET, verification).await {
            Ok(Ok(renewal)) => Ok(Renewal {
                refresh_token: rotated,
                ..renewal
            }),
            Ok(Err(error)) => Err(RefreshFailure { error, rotated }),
            Err(_) => Err(RefreshFailure {
                error: RefreshError::NotVerified,
                rotated,
            }),
        }
    }

    async fn verified_renewal(
        &self,
        provider: &Provider,
        response: &CoreTokenResponse,
        session: &SignedIn,
    ) -> Result<Renewal, RefreshError> {
        let verified = self
            .verified::<RefreshError>(provider, response, Occasion::Refresh(session))
            .await?;
        Ok(Renewal {
            expires_at: verified.expires_at,
            roles: verified.roles,
            permissions: verified.permissions,
            access_token: verified.access_token,
            refresh_token: None,
            id_token: response.id_token().map(|token| IdToken::new(token.to_string())),
            claims: verified.claims,
            access_claims: verified.access_claims,
        })
    }

    /// The claims of the session's access token if it is good at this moment: signature, issuer, audience, dates.
    /// No claims if it is opaque.
    pub async fn validate_access_token(&self, session: &SignedIn) -> Result<Claims, ValidationError> {
        let provider = self.provider()?;
        let claims = self
            .verify_access_token(&provider, &session.tokens.access_token)
            .await?;
        if claims.is_empty() && session.tokens.are_over(self.surroundings.now()) {
            return Err(AccessTokenError::Expired.into());
        }
        access_token::is_of(&claims, Some(&session.user.sub))?;
        Ok(claims)
    }
}

/// Why an access token is not good, or not known to be.
#[derive(Debug, thiserror::Error)]
pub enum ValidationError {
    /// There are no keys to verify it with.
    #[error(transparent)]
    NotDiscovered(#[from] NotDiscovered),
    /// It is not good.
    #[error(transparent)]
    AccessToken(#[from] AccessTokenError),
}

impl From<Refusal> for RefreshError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Grant => Self::Revoked,
            Refusal::Client => Self::ClientRefused,
            Refusal::Other(code) => Self::Refused(code),
            Refusal::Unreachable(error) => Self::Unreachable(error),
            Refusal::Unreadable(place) => Self::Unreadable(place),
        }
    }
}

impl From<Unusable> for RefreshError {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::TokenType => Self::TokenType,
            Unusable::AccessToken => Self::Unreadable("at `access_token`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};

    use super::*;
    use crate::http::HttpClient;

    /// Whether a refresh that meets what `provider` does right now may have used the token up.
    async fn may_have_used_the_token(provider: &MisbehavingProvider) -> bool {
        let http = HttpClient::new().unwrap();
        let request = http::Request::post(provider.url(Endpoint::Token));
        let error = http
            .within(Budget::Refresh)
            .send_once(request.body(Vec::new()).unwrap());
        RefreshError::Unreachable(error.await.unwrap_err()).may_have_used_the_token()
    }

    #[tokio::test]
    async fn what_never_arrived_or_was_too_much_has_used_no_refresh_token() {
        let provider = MisbehavingProvider::builder().down().start().await;
        assert!(!may_have_used_the_token(&provider).await, "never sent");
        provider.come_up();
        for (fault, may_be_used) in [
            (Fault::status(429), false),
            (Fault::status(500), true),
            (Fault::status(503), true),
            (Fault::reset(), true),
            (Fault::truncated(), true),
            (Fault::huge(), true),
        ] {
            let case = format!("{fault:?}");
            provider.fault(Endpoint::Token, fault);
            assert_eq!(may_have_used_the_token(&provider).await, may_be_used, "{case}");
        }
    }

    #[test]
    fn ours_may_have_been_traded_for_an_answer_that_went_to_somebody_else() {
        let error = RefreshError::IdToken(IdTokenError::OtherSubject);
        assert!(error.may_have_used_the_token());
        assert!(!RefreshError::ClientRefused.may_have_used_the_token());
    }
}
