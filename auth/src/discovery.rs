//! What the provider says about itself (OpenID Connect Discovery 1.0), fetched in the background so that the server
//! starts, and serves whoever is signed in, while the provider is down.

use std::{sync::Arc, time::Duration};

use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, EndSessionUrl, IssuerUrl, LogoutProviderMetadata,
    ProviderMetadata, TokenUrl, UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use url::Url;

use crate::{
    clock::Surroundings,
    config::is_secure,
    http::{Budget, HttpClient, HttpError},
    jwks::KeySet,
};

const FIRST_RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(15);
/// A provider may move an endpoint or announce a new algorithm; once an hour is soon enough.
const REFRESH: Duration = Duration::from_hours(1);

/// A discovery document with everything in it that we use.
pub(crate) type Metadata = ProviderMetadata<
    LogoutProviderMetadata<Announcements>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What a provider may announce beyond OpenID Connect Discovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announcements {
    /// RFC 9207 §3: every authorization response names its issuer.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// RFC 9126 §5.
    #[serde(default)]
    pushed_authorization_request_endpoint: Option<Url>,
    /// RFC 9126 §5.
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    /// RFC 8414 §2: where tokens are revoked (RFC 7009).
    #[serde(default)]
    revocation_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for Announcements {}

/// Why a provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Its discovery document or its keys cannot be fetched or read.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError<HttpError>),
    /// An endpoint is missing, or secrets would travel to it unprotected.
    #[error("the discovery document has no usable {0}: it must be an https URL")]
    Endpoint(&'static str),
    /// It wants this application to identify itself in a way that we do not know.
    #[error("the provider accepts neither client_secret_basic nor client_secret_post")]
    ClientAuthentication,
    /// It offers no signature that we accept.
    #[error("the provider signs ID tokens with none of the algorithms that can be verified here")]
    Algorithms,
}

/// How this application identifies itself (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientAuthentication {
    /// The client id and secret in the form body: what Scalekit's own SDKs do.
    Post,
    /// HTTP Basic, the default where the provider announces nothing.
    Basic,
}

/// A provider whose discovery document and keys are known.
#[derive(Debug)]
pub struct Provider {
    pub(crate) metadata: Metadata,
    pub(crate) keys: KeySet,
    pub(crate) client_authentication: ClientAuthentication,
    /// The signature algorithms we accept.
    pub(crate) algorithms: Vec<CoreJwsSigningAlgorithm>,
}

impl Provider {
    async fn discover(
        issuer: &str,
        http: &HttpClient,
        surroundings: &Surroundings,
    ) -> Result<Self, ProviderError> {
        let fetch = async |issuer: String| {
            let issuer = IssuerUrl::new(issuer).map_err(DiscoveryError::UrlParse)?;
            // discover_async compares the document's `issuer` with ours exactly (Discovery §4.3).
            Metadata::discover_async(issuer, &http.within(Budget::Discovery)).await
        };
        let metadata = match fetch(issuer.to_owned()).await {
            // An issuer with a slash at its end has its document at the same address (Discovery §4.1), and ours was
            // trimmed. From here on the document's own spelling counts, exactly.
            Err(DiscoveryError::Validation(_)) => fetch(format!("{issuer}/")).await?,
            metadata => metadata?,
        };
        check_endpoints(&metadata)?;
        Ok(Self {
            client_authentication: client_authentication(&metadata)?,
            algorithms: algorithms(&metadata)?,
            keys: KeySet::new(
                metadata.jwks_uri().clone(),
                metadata.jwks(),
                http.clone(),
                surroundings,
            ),
            metadata,
        })
    }

    /// The issuer, as the provider spells it.
    pub(crate) fn issuer(&self) -> &str {
        self.metadata.issuer().as_str()
    }

    /// Whether every authorization response carries `iss` (RFC 9207 §2.3).
    pub(crate) fn names_itself_in_responses(&self) -> bool {
        self.announcements()
            .authorization_response_iss_parameter_supported
    }

    /// Where authorization requests must be pushed to; `None` if they travel through the browser (RFC 9126).
    pub(crate) fn pushed_authorization_endpoint(&self) -> Option<&Url> {
        self.announcements()
            .pushed_authorization_request_endpoint
            .as_ref()
            .filter(|_| self.announcements().require_pushed_authorization_requests)
    }

    /// Where the browser goes to end the provider's own session, if it has such a place.
    ///
    /// Scalekit's discovery document names `/end_session`, while its documentation and SDKs use `/oidc/logout`; the
    /// layout of the token endpoint tells that we talk to Scalekit.
    pub fn end_session_endpoint(&self) -> Option<Url> {
        let issuer = self.issuer();
        let is_scalekit = self.metadata.token_endpoint().is_some_and(|endpoint| {
            endpoint.as_str().strip_prefix(issuer) == Some("/oauth/token")
                && self.metadata.jwks_uri().as_str().strip_prefix(issuer) == Some("/keys")
        });
        if is_scalekit {
            return Url::parse(&format!("{issuer}/oidc/logout")).ok();
        }
        self.metadata
            .additional_metadata()
            .end_session_endpoint
            .as_ref()
            .map(|endpoint| endpoint.url().clone())
    }

    /// Where tokens are traded and given out.
    pub(crate) fn token_endpoint(&self) -> Option<&Url> {
        self.metadata.token_endpoint().map(TokenUrl::url)
    }

    /// Where tokens are revoked (RFC 7009), if anywhere. Not judged with the others: who reveals it unprotected does
    /// without it.
    pub(crate) fn revocation_endpoint(&self) -> Option<&Url> {
        let endpoint = self.announcements().revocation_endpoint.as_ref();
        endpoint.filter(|endpoint| is_secure(endpoint))
    }

    fn announcements(&self) -> &Announcements {
        &self.metadata.additional_metadata().additional_metadata
    }
}

/// Codes, secrets and people are only sent where nobody can listen.
fn check_endpoints(metadata: &Metadata) -> Result<(), ProviderError> {
    let logout = metadata.additional_metadata();
    let announced = &logout.additional_metadata;
    let pushed = announced.pushed_authorization_request_endpoint.as_ref();
    if metadata.token_endpoint().is_none() {
        return Err(ProviderError::Endpoint("token_endpoint"));
    }
    if announced.require_pushed_authorization_requests && pushed.is_none() {
        return Err(ProviderError::Endpoint("pushed_authorization_request_endpoint"));
    }
    let endpoints = [
        (
            "authorization_endpoint",
            Some(metadata.authorization_endpoint().url()),
        ),
        ("token_endpoint", metadata.token_endpoint().map(TokenUrl::url)),
        ("jwks_uri", Some(metadata.jwks_uri().url())),
        (
            "userinfo_endpoint",
            metadata.userinfo_endpoint().map(UserInfoUrl::url),
        ),
        (
            "end_session_endpoint",
            logout.end_session_endpoint.as_ref().map(EndSessionUrl::url),
        ),
        ("pushed_authorization_request_endpoint", pushed),
    ];
    match endpoints
        .into_iter()
        .find(|(_, url)| url.is_some_and(|url| !is_secure(url)))
    {
        Some((name, _)) => Err(ProviderError::Endpoint(name)),
        None => Ok(()),
    }
}

fn client_authentication(metadata: &Metadata) -> Result<ClientAuthentication, ProviderError> {
    use CoreClientAuthMethod as Method;
    match metadata.token_endpoint_auth_methods_supported() {
        None => Ok(ClientAuthentication::Basic),
        Some(methods) if methods.contains(&Method::ClientSecretPost) => Ok(ClientAuthentication::Post),
        // Who takes anybody (`none`) takes us as well.
        Some(methods)
            if [Method::ClientSecretBasic, Method::None]
                .iter()
                .any(|method| methods.contains(method)) =>
        {
            Ok(ClientAuthentication::Basic)
        }
        Some(_) => Err(ProviderError::ClientAuthentication),
    }
}

/// What both openidconnect and jsonwebtoken can verify, and nobody can make who has only seen what we have
/// (RFC 8725 §3.2).
const VERIFIABLE: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// RS256 unless the provider does not offer it, never `none` and never a shared-secret signature (RFC 8725 §3.1, §3.2).
fn algorithms(metadata: &Metadata) -> Result<Vec<CoreJwsSigningAlgorithm>, ProviderError> {
    use CoreJwsSigningAlgorithm as Alg;
    let offered = metadata.id_token_signing_alg_values_supported();
    if offered.is_empty() || offered.contains(&Alg::RsaSsaPkcs1V15Sha256) {
        return Ok(vec![Alg::RsaSsaPkcs1V15Sha256]);
    }
    let asymmetric: Vec<_> = offered
        .iter()
        .filter(|alg| VERIFIABLE.contains(alg))
        .cloned()
        .collect();
    if asymmetric.is_empty() {
        return Err(ProviderError::Algorithms);
    }
    Ok(asymmetric)
}

/// The provider as far as it is known: filled by [`keep_discovering`], read by everybody.
#[derive(Debug, Clone)]
pub struct Discovered(watch::Receiver<Option<Arc<Provider>>>);

impl Discovered {
    /// The provider, if discovery has succeeded yet.
    pub fn provider(&self) -> Option<Arc<Provider>> {
        self.0.borrow().clone()
    }

    /// Waits until discovery has succeeded. Only returns `None` when the background task has stopped.
    pub async fn wait(&mut self) -> Option<Arc<Provider>> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|provider| provider.clone())
    }
}

/// Starts a task that discovers `issuer`, trying again with growing pauses while it fails, and hourly afterwards.
/// It ends when the last reader is gone.
pub fn keep_discovering(issuer: String, http: HttpClient, surroundings: Surroundings) -> Discovered {
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        let mut pauses = Pauses::new();
        loop {
            let outcome = Provider::discover(&issuer, &http, &surroundings).await;
            let wait = pauses.after(&outcome, &surroundings);
            match outcome {
                Ok(provider) => {
                    if sender.borrow().is_none() {
                        tracing::info!(provider.issuer = %issuer, "provider discovered");
                    }
                    sender.send_replace(Some(Arc::new(provider)));
                }
                Err(error) => tracing::warn!(
                    provider.issuer = %issuer,
                    error = %crate::error_chain(&error),
                    retry.after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                    "provider discovery failed; will try again"
                ),
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = sender.closed() => return,
            }
        }
    });
    Discovered(receiver)
}

/// How long to wait after the next failure.
#[derive(Debug)]
struct Pauses(Duration);

impl Pauses {
    fn new() -> Self {
        Self(FIRST_RETRY)
    }

    /// When to ask again: after each failure in a row the pause is twice as long, up to a limit.
    fn after<T, E>(&mut self, outcome: &Result<T, E>, surroundings: &Surroundings) -> Duration {
        if outcome.is_ok() {
            *self = Self::new();
            return REFRESH;
        }
        let pause = jittered(self.0, surroundings);
        self.0 = (self.0 * 2).min(LONGEST_RETRY);
        pause
    }
}

/// Between 75 % and 125 %: replicas that start together should not ask together for ever.
fn jittered(pause: Duration, surroundings: &Surroundings) -> Duration {
    let [byte] = surroundings.random::<1>();
    pause * 3 / 4 + pause * u32::from(byte) / 512
}

#[cfg(test)]
mod tests;
