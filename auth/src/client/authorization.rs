//! The authorization request (OpenID Connect Core §3.1.2.1) with PKCE (RFC 7636), pushed where the provider demands it
//! (RFC 9126).

use http::StatusCode;
use openidconnect::{
    AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope,
    core::{CoreClient, CoreResponseType},
};
use url::Url;

use super::{Client, NotDiscovered, provider_code};
use crate::{
    claims::exact,
    discovery::Provider,
    http::{Budget, HttpError},
    json,
    transaction::Transaction,
};

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

impl Hints {
    /// Whether the provider is to have the person prove again who they are (Core §3.1.2.1).
    pub(crate) fn asks_for_reauthentication(&self) -> bool {
        self.prompt.as_deref() == Some("login")
    }

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

/// Why there is nowhere to send the browser.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// Discovery has not succeeded yet.
    #[error(transparent)]
    NotDiscovered(#[from] NotDiscovered),
    /// The request could not be pushed.
    #[error("the pushed authorization endpoint gave no answer")]
    Unreachable(#[source] HttpError),
    /// The pushed request was not accepted, by the error's code.
    #[error("the pushed authorization request was refused with the error `{0}`")]
    Refused(String),
}

impl Client {
    /// Where the browser goes to sign in.
    pub async fn authorization_url(
        &self,
        transaction: &Transaction,
        hints: &Hints,
    ) -> Result<Url, AuthorizationError> {
        let provider = self.provider()?;
        let url = self.complete_authorization_url(&provider, transaction, hints);
        match provider.pushed_authorization_endpoint() {
            Some(endpoint) => self.pushed(&provider, endpoint, &url).await,
            None => Ok(url),
        }
    }

    fn complete_authorization_url(
        &self,
        provider: &Provider,
        transaction: &Transaction,
        hints: &Hints,
    ) -> Url {
        let client = CoreClient::from_provider_metadata(provider.metadata.clone(), self.client_id(), None)
            .set_redirect_uri(self.redirect_url());
        let (state, nonce) = (transaction.state.clone(), transaction.nonce.clone());
        let verifier = PkceCodeVerifier::new(transaction.code_verifier.clone());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            // RFC 7636 §4.3, with S256.
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
        request.url().0
    }

    /// Hands the parameters of `url` to the provider itself; the browser only carries the receipt (RFC 9126 §2, §4).
    async fn pushed(
        &self,
        provider: &Provider,
        endpoint: &Url,
        url: &Url,
    ) -> Result<Url, AuthorizationError> {
        let unreadable = || AuthorizationError::Refused("unreadable".to_owned());
        let parameters: Vec<_> = url.query_pairs().collect();
        let request = self
            .authenticated_form(provider, endpoint, &parameters)
            .map_err(|error| AuthorizationError::Unreachable(error.into()))?;
        let answer = self
            .http
            .within(Budget::PushedAuthorization)
            .send(request)
            .await
            .map_err(AuthorizationError::Unreachable)?;
        let body = json::object(answer.body()).map_err(|_| unreadable())?;
        if let Some(code) = exact(&body, "error") {
            return Err(AuthorizationError::Refused(provider_code(code)));
        }
        let receipt = exact(&body, "request_uri")
            .filter(|receipt| !receipt.is_empty())
            .filter(|_| matches!(answer.status(), StatusCode::CREATED | StatusCode::OK))
            .ok_or_else(unreadable)?;
        let mut short = provider.metadata.authorization_endpoint().url().clone();
        short
            .query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("request_uri", receipt);
        Ok(short)
    }
}
