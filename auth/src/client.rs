//! The Scalekit client: authorization URL, code exchange, and the verification of what comes back.
//!
//! Protocol only. What a sign-in remembers is in [`crate::transaction`], what it leaves behind in [`crate::session`].

use std::{borrow::Cow, sync::Arc};

use openidconnect::{
    AuthType, AuthorizationCode, ClientId, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    OAuth2TokenResponse as _, PkceCodeVerifier, RedirectUrl, TokenResponse as _,
    core::{CoreClient, CoreTokenResponse},
};
use time::OffsetDateTime;
use url::Url;

use crate::{
    claims::Claims,
    clock::Surroundings,
    config::ProviderSettings,
    discovery::{ClientAuthentication, Discovered, Provider, keep_discovering},
    flight::Flights,
    http::{Budget, HttpClient, HttpError},
    secret::{AccessToken, IdToken, RefreshToken},
    transaction::Transaction,
};

mod access_token;
mod authorization;
mod client_credentials;
mod form;
mod id_token;
mod initiation;
pub mod inspection;
pub(crate) mod jose;
mod refresh;
mod revocation;
mod token_endpoint;
mod user_info;
mod verified;

pub use crate::jwks::KeyError;
pub use access_token::AccessTokenError;
pub use authorization::{AuthorizationError, Hints};
pub use client_credentials::ClientTokenError;
pub use id_token::IdTokenError;
use id_token::Occasion;
pub use initiation::InitiationError;
pub use jose::{HeaderError, JwtError};
pub use refresh::{RefreshError, RefreshFailure, Renewal, ValidationError};
use token_endpoint::{Refusal, Unusable};
pub use user_info::UserInfoMismatch;

/// This application as a confidential client of one provider. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Client {
    settings: Arc<ProviderSettings>,
    pub(crate) http: HttpClient,
    pub(crate) surroundings: Surroundings,
    discovered: Discovered,
    pub(crate) flights: Flights,
}

/// openidconnect's client with the endpoints that discovery always finds.
type AtTokenEndpoint = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider has not been discovered yet: it is down, or the server has only just started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider has not been discovered yet")]
pub struct NotDiscovered;

/// What a successful code exchange brought, verified.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, if `offline_access` was granted.
    pub refresh_token: Option<RefreshToken>,
    /// The ID token.
    pub id_token: IdToken,
    /// Verified claims about the person: the ID token's, and UserInfo's where the ID token lacks some.
    pub claims: Claims,
    /// Verified claims of the access token; empty when it is opaque.
    pub access_claims: Claims,
    /// The person's roles.
    pub roles: Vec<String>,
    /// The person's permissions.
    pub permissions: Vec<String>,
    /// When the access token ends.
    pub expires_at: OffsetDateTime,
}

/// Why a code exchange brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Discovery has not succeeded yet.
    #[error(transparent)]
    NotDiscovered(#[from] NotDiscovered),
    /// `invalid_grant`: the code is used up, expired, or not ours (RFC 6749 §5.2).
    #[error("the provider refused the authorization code")]
    CodeRefused,
    /// `invalid_client` or `unauthorized_client`: our credentials are wrong. An operator must act.
    #[error("the provider refused this application's credentials")]
    ClientRefused,
    /// Another error of the token endpoint, by its code.
    #[error("the token endpoint answered with the error `{0}`")]
    Refused(String),
    /// No answer, or none in time.
    #[error("the token endpoint gave no answer")]
    Unreachable(#[source] HttpError),
    /// An answer that is not a token response, and where it is not. Its content is not kept: it may hold tokens.
    #[error("the token endpoint's answer is not a token response ({0})")]
    Unreadable(String),
    /// Tokens of another type than `Bearer` (Core §3.1.3.3): we would not know how to use them.
    #[error("the token response's `token_type` is not Bearer")]
    TokenType,
    /// The response has no ID token.
    #[error("the token response has no ID token")]
    NoIdToken,
    /// The ID token is not acceptable.
    #[error("the ID token is not acceptable")]
    IdToken(#[from] IdTokenError),
    /// The access token is not acceptable.
    #[error("the access token is not acceptable")]
    AccessToken(#[from] AccessTokenError),
    /// UserInfo is not acceptable.
    #[error("UserInfo is not acceptable")]
    UserInfo(#[from] UserInfoMismatch),
}

impl Client {
    /// A client that begins to discover its provider in the background.
    pub fn start(settings: ProviderSettings, http: HttpClient, surroundings: Surroundings) -> Self {
        let discovered = keep_discovering(settings.issuer.clone(), http.clone(), surroundings.clone());
        Self {
            settings: Arc::new(settings),
            http,
            surroundings,
            discovered,
            flights: Flights::default(),
        }
    }

    /// What this client was configured with.
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// The provider, once it is discovered.
    pub fn provider(&self) -> Result<Arc<Provider>, NotDiscovered> {
        self.discovered.provider().ok_or(NotDiscovered)
    }

    /// Waits until the provider is discovered.
    pub async fn discovered(&self) -> Result<Arc<Provider>, NotDiscovered> {
        self.discovered.clone().wait().await.ok_or(NotDiscovered)
    }

    /// Waits until no code exchange is under way: before the process stops.
    pub async fn settled(&self) {
        self.flights.settled().await;
    }

    /// Trades the authorization code for tokens and verifies them (Core §3.1.3).
    ///
    /// The request is sent once and never repeated: the code may have been consumed although no answer arrived.
    pub async fn exchange_code(
        &self,
        code: String,
        transaction: &Transaction,
    ) -> Result<Grant, ExchangeError> {
        let provider = self.provider()?;
        let response = self
            .at_token_endpoint(&provider)
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| ExchangeError::Unreadable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(transaction.code_verifier.clone()))
            .set_redirect_uri(Cow::Owned(self.redirect_url()))
            .request_async(&token_endpoint::TokenEndpoint(self.http.within(Budget::Token)))
            .await
            .map_err(Refusal::from)?;
        self.verified_grant(&provider, &response, &transaction.nonce)
            .await
    }

    /// This application as openidconnect knows it, with its credentials.
    fn at_token_endpoint(&self, provider: &Provider) -> AtTokenEndpoint {
        let secret = openidconnect::ClientSecret::new(self.settings.client_secret.expose().to_owned());
        CoreClient::from_provider_metadata(provider.metadata.clone(), self.client_id(), Some(secret))
            .set_auth_type(match provider.client_authentication {
                ClientAuthentication::Post => AuthType::RequestBody,
                ClientAuthentication::Basic => AuthType::BasicAuth,
            })
    }

    async fn verified_grant(
        &self,
        provider: &Provider,
        response: &CoreTokenResponse,
        nonce: &str,
    ) -> Result<Grant, ExchangeError> {
        let id_token = response.id_token().ok_or(ExchangeError::NoIdToken)?;
        let verified = self
            .verified::<ExchangeError>(provider, response, Occasion::SignIn { nonce })
            .await?;
        let claims = verified.claims.ok_or(ExchangeError::NoIdToken)?;
        Ok(Grant {
            expires_at: verified.expires_at,
            roles: verified.roles.unwrap_or_default(),
            permissions: verified.permissions.unwrap_or_default(),
            access_token: verified.access_token,
            refresh_token: response
                .refresh_token()
                .map(|token| RefreshToken::new(token.secret())),
            id_token: IdToken::new(id_token.to_string()),
            claims,
            access_claims: verified.access_claims,
        })
    }

    /// Where the browser goes to end the provider's session (RP-Initiated Logout 1.0 §2), or `None` if the provider is
    /// unknown or offers no logout.
    pub fn logout_url(&self, id_token: Option<&IdToken>) -> Option<Url> {
        let mut url = self.provider().ok()?.end_session_endpoint()?;
        let mut query = url.query_pairs_mut();
        if let Some(id_token) = id_token {
            query.append_pair("id_token_hint", id_token.expose());
        }
        query.append_pair(
            "post_logout_redirect_uri",
            &self.settings.post_logout_redirect_uri,
        );
        drop(query);
        Some(url)
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    #[expect(clippy::expect_used, reason = "the configuration was checked to hold a URL")]
    fn redirect_url(&self) -> RedirectUrl {
        RedirectUrl::new(self.settings.redirect_uri.clone()).expect("the redirect URI is a URL")
    }
}

impl From<Refusal> for ExchangeError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Grant => Self::CodeRefused,
            Refusal::Client => Self::ClientRefused,
            Refusal::Other(code) => Self::Refused(code),
            Refusal::Unreachable(error) => Self::Unreachable(error),
            Refusal::Unreadable(place) => Self::Unreadable(place),
        }
    }
}

impl From<Unusable> for ExchangeError {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::TokenType => Self::TokenType,
            Unusable::AccessToken => Self::Unreadable("at `access_token`".to_owned()),
        }
    }
}

/// RFC 6749 §A.12; what is more would not fit into a header either.
fn is_printable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// An error code of the provider's, fit for the log: RFC 6749 §5.2 allows printable ASCII only, and so do we.
pub(crate) fn provider_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_graphic).take(64).collect()
}
