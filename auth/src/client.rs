//! The Scalekit client: authorization URL, code exchange, and the verification of what comes back.
//!
//! Protocol only. What a sign-in remembers is in [`crate::transaction`], what it leaves behind in [`crate::session`].

use std::{borrow::Cow, sync::Arc};

use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClientId, CsrfToken, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
    core::{CoreClient, CoreErrorResponseType, CoreResponseType, CoreTokenResponse},
};
use time::OffsetDateTime;
use url::Url;

use crate::{
    claims::{Claims, exact},
    clock::Surroundings,
    config::ProviderSettings,
    discovery::{Discovered, Provider, keep_discovering},
    http::{HttpClient, HttpError},
    secret::{AccessToken, IdToken, RefreshToken},
    transaction::Transaction,
};

mod access_token;
mod id_token;
mod token_endpoint;

pub use access_token::AccessTokenError;
pub use id_token::IdTokenError;

/// This application as a confidential client of one provider. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Client {
    settings: Arc<ProviderSettings>,
    http: HttpClient,
    surroundings: Surroundings,
    discovered: Discovered,
}

/// The provider has not been discovered yet: it is down, or the server has only just started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider has not been discovered yet")]
pub struct NotDiscovered;

/// Hints for the provider; each is passed on as it is (`reference` of Scalekit's authorization request).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// `organization_id`: sign in to this organization, through its SSO if it has one.
    pub organization_id: Option<String>,
    /// `connection_id`: sign in through this SSO connection.
    pub connection_id: Option<String>,
    /// `login_hint`: the e-mail address to begin with.
    pub login_hint: Option<String>,
    /// `domain_hint`: the organization's e-mail domain.
    pub domain_hint: Option<String>,
    /// `provider`: a social login, such as `google`.
    pub provider: Option<String>,
    /// `prompt`: `login`, `create`, `select_account`, `consent` or `none`.
    pub prompt: Option<String>,
}

/// What a successful code exchange brought, verified.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, if `offline_access` was granted.
    pub refresh_token: Option<RefreshToken>,
    /// The ID token.
    pub id_token: IdToken,
    /// Verified claims of the ID token.
    pub id_claims: Claims,
    /// Verified claims of the access token; empty when it is opaque.
    pub access_claims: Claims,
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
    /// An answer that is not a token response. Its content is not kept: it may hold tokens.
    #[error("the token endpoint's answer is not a token response")]
    Unreadable,
    /// The response has no ID token.
    #[error("the token response has no ID token")]
    NoIdToken,
    /// The ID token is not acceptable.
    #[error("the ID token is not acceptable")]
    IdToken(#[from] IdTokenError),
    /// The access token is not acceptable.
    #[error("the access token is not acceptable")]
    AccessToken(#[from] AccessTokenError),
}

impl Client {
    /// A client that begins to discover its provider in the background.
    pub fn start(settings: ProviderSettings, surroundings: Surroundings) -> Result<Self, HttpError> {
        let http = HttpClient::new()?;
        let discovered = keep_discovering(settings.issuer.clone(), http.clone(), surroundings.clone());
        Ok(Self {
            settings: Arc::new(settings),
            http,
            surroundings,
            discovered,
        })
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

    /// Where the browser goes to sign in (OpenID Connect Core §3.1.2.1, PKCE with S256: RFC 7636 §4.3).
    pub fn authorization_url(&self, transaction: &Transaction, hints: &Hints) -> Result<Url, NotDiscovered> {
        let provider = self.provider()?;
        let client_id = ClientId::new(self.settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(provider.metadata.clone(), client_id, None)
            .set_redirect_uri(self.redirect_url());

        let (state, nonce) = (transaction.state.clone(), transaction.nonce.clone());
        let verifier = PkceCodeVerifier::new(transaction.code_verifier.clone());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            // openidconnect adds `openid` by itself.
            .add_scopes(
                self.settings
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .cloned()
                    .map(Scope::new),
            );
        for (name, value) in hints.parameters() {
            request = request.add_extra_param(name, value);
        }
        Ok(request.url().0)
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
        let secret = openidconnect::ClientSecret::new(self.settings.client_secret.expose().to_owned());
        let client_id = ClientId::new(self.settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(provider.metadata.clone(), client_id, Some(secret))
            .set_auth_type(if provider.prefers_client_secret_post() {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            });
        let response = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| ExchangeError::Unreadable)?
            .set_pkce_verifier(PkceCodeVerifier::new(transaction.code_verifier.clone()))
            .set_redirect_uri(Cow::Owned(self.redirect_url()))
            .request_async(&token_endpoint::TokenEndpoint(&self.http))
            .await
            .map_err(exchange_error)?;
        self.verified_grant(&provider, &response, &transaction.nonce)
            .await
    }

    async fn verified_grant(
        &self,
        provider: &Provider,
        response: &CoreTokenResponse,
        nonce: &str,
    ) -> Result<Grant, ExchangeError> {
        let id_token = response.id_token().ok_or(ExchangeError::NoIdToken)?;
        let id_claims = self
            .verify_id_token(provider, id_token, response.access_token(), nonce)
            .await?;
        let access_token = AccessToken::new(response.access_token().secret());
        let access_claims = self.verify_access_token(provider, &access_token).await?;
        // Nothing else binds the two tokens to each other when the ID token has no `at_hash`.
        if access_claims.contains_key("sub") && exact(&access_claims, "sub") != exact(&id_claims, "sub") {
            return Err(AccessTokenError::Subject.into());
        }
        let now = self.surroundings.now();
        Ok(Grant {
            expires_at: access_token::ends_at(&access_claims, response.expires_in(), now),
            access_token,
            refresh_token: response
                .refresh_token()
                .map(|token| RefreshToken::new(token.secret())),
            id_token: IdToken::new(id_token.to_string()),
            id_claims,
            access_claims,
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

    #[expect(clippy::expect_used, reason = "the configuration was checked to hold a URL")]
    fn redirect_url(&self) -> RedirectUrl {
        RedirectUrl::new(self.settings.redirect_uri.clone()).expect("the redirect URI is a URL")
    }
}

impl Hints {
    fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("organization_id", &self.organization_id),
            ("connection_id", &self.connection_id),
            ("login_hint", &self.login_hint),
            ("domain_hint", &self.domain_hint),
            // Scalekit's SDKs send the domain under both names.
            ("domain", &self.domain_hint),
            ("provider", &self.provider),
            ("prompt", &self.prompt),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

fn exchange_error(
    error: RequestTokenError<HttpError, openidconnect::StandardErrorResponse<CoreErrorResponseType>>,
) -> ExchangeError {
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            CoreErrorResponseType::InvalidGrant => ExchangeError::CodeRefused,
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                ExchangeError::ClientRefused
            }
            other => ExchangeError::Refused(
                other
                    .as_ref()
                    .chars()
                    .filter(char::is_ascii_graphic)
                    .take(64)
                    .collect(),
            ),
        },
        RequestTokenError::Request(error) => ExchangeError::Unreachable(error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => ExchangeError::Unreadable,
    }
}
