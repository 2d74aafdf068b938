//! What the provider says about itself (OpenID Connect Discovery 1.0), fetched in the background so that the server
//! starts, and serves whoever is signed in, while the provider is down.

use std::{sync::Arc, time::Duration};

use openidconnect::{
    DiscoveryError, EndSessionUrl, IssuerUrl, ProviderMetadataWithLogout, TokenUrl,
    core::{CoreClientAuthMethod, CoreJwsSigningAlgorithm},
};
use tokio::sync::watch;
use url::Url;

use crate::{
    clock::Surroundings,
    config::is_secure,
    http::{HttpClient, HttpError},
    jwks::KeySet,
};

const FIRST_RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(15);
/// A provider may move an endpoint or announce a new algorithm; once an hour is soon enough.
const REFRESH: Duration = Duration::from_hours(1);

/// Why a provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Its discovery document or its keys cannot be fetched or read.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError<HttpError>),
    /// An endpoint is missing, or secrets would travel to it unprotected.
    #[error("the discovery document has no usable {0}: it must be an https URL")]
    Endpoint(&'static str),
}

/// A provider whose discovery document and keys are known.
#[derive(Debug)]
pub struct Provider {
    pub(crate) metadata: ProviderMetadataWithLogout,
    pub(crate) keys: KeySet,
}

impl Provider {
    async fn discover(
        issuer: &str,
        http: &HttpClient,
        surroundings: &Surroundings,
    ) -> Result<Self, ProviderError> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(DiscoveryError::UrlParse)?;
        // discover_async compares the document's `issuer` with ours exactly (Discovery §4.3).
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, http).await?;
        if metadata.token_endpoint().is_none() {
            return Err(ProviderError::Endpoint("token_endpoint"));
        }
        let endpoints = [
            (
                "authorization_endpoint",
                Some(metadata.authorization_endpoint().url()),
            ),
            ("token_endpoint", metadata.token_endpoint().map(TokenUrl::url)),
            ("jwks_uri", Some(metadata.jwks_uri().url())),
            (
                "end_session_endpoint",
                metadata
                    .additional_metadata()
                    .end_session_endpoint
                    .as_ref()
                    .map(EndSessionUrl::url),
            ),
        ];
        for (name, url) in endpoints {
            if url.is_some_and(|url| !is_secure(url)) {
                return Err(ProviderError::Endpoint(name));
            }
        }
        let keys = KeySet::new(
            metadata.jwks_uri().clone(),
            metadata.jwks().clone(),
            http.clone(),
            surroundings,
        );
        Ok(Self { metadata, keys })
    }

    /// The signature algorithms we accept: RS256 unless the provider does not offer it, never `none` and never a
    /// shared-secret one (RFC 8725 §3.1, §3.2).
    pub(crate) fn signing_algorithms(&self) -> Vec<CoreJwsSigningAlgorithm> {
        use CoreJwsSigningAlgorithm as Alg;
        let offered = self.metadata.id_token_signing_alg_values_supported();
        if offered.is_empty() || offered.contains(&Alg::RsaSsaPkcs1V15Sha256) {
            return vec![Alg::RsaSsaPkcs1V15Sha256];
        }
        offered
            .iter()
            .filter(|alg| {
                !matches!(
                    alg,
                    Alg::None | Alg::HmacSha256 | Alg::HmacSha384 | Alg::HmacSha512
                )
            })
            .cloned()
            .collect()
    }

    /// Whether to put the client secret into the form body: what Scalekit's own SDKs do. HTTP Basic otherwise, the
    /// default of OpenID Connect Core §9.
    pub(crate) fn prefers_client_secret_post(&self) -> bool {
        self.metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretPost))
    }

    /// Where the browser goes to end the provider's own session, if it has such a place.
    ///
    /// Scalekit's discovery document names `/end_session`, while its documentation and SDKs use `/oidc/logout`; the
    /// layout of the token endpoint tells that we talk to Scalekit.
    pub fn end_session_endpoint(&self) -> Option<Url> {
        let issuer = self.metadata.issuer().as_str();
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
        let mut pause = FIRST_RETRY;
        loop {
            let wait = match Provider::discover(&issuer, &http, &surroundings).await {
                Ok(provider) => {
                    if sender.borrow().is_none() {
                        tracing::info!(provider.issuer = %issuer, "provider discovered");
                    }
                    sender.send_replace(Some(Arc::new(provider)));
                    pause = FIRST_RETRY;
                    REFRESH
                }
                Err(error) => {
                    let wait = jittered(pause, &surroundings);
                    tracing::warn!(
                        provider.issuer = %issuer,
                        error = %crate::error_chain(&error),
                        retry.after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                        "provider discovery failed; will try again"
                    );
                    pause = (pause * 2).min(LONGEST_RETRY);
                    wait
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = sender.closed() => return,
            }
        }
    });
    Discovered(receiver)
}

/// Between 75 % and 125 %: replicas that start together should not ask together for ever.
fn jittered(pause: Duration, surroundings: &Surroundings) -> Duration {
    let [byte] = surroundings.random::<1>();
    pause * 3 / 4 + pause * u32::from(byte) / 512
}
