//! The provider's signing keys (RFC 7517), cached. A token signed with a key we do not know causes one throttled
//! fetch, so that key rotation goes unnoticed and forged key ids cause no flood (promise 2).

use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use openidconnect::{
    JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeySetUrl, JsonWebKeyUse as _, JwsSigningAlgorithm as _,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::{
    clock::Surroundings,
    http::{Budget, HttpClient},
};

/// At most one fetch in this time, successful or not.
const REFETCH_INTERVAL: time::Duration = time::Duration::seconds(30);
/// RFC 7518 §3.3, RFC 8725 §3.5.
const RSA_MODULUS_MIN_BITS: usize = 2048;

/// Why no key of the provider's verifies a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The provider publishes no such key, or none that may sign in this way.
    #[error("the provider publishes no key that fits")]
    Unknown,
    /// The token does not name its key, and more than one fits (Core §10.1).
    #[error("more than one of the provider's keys fits")]
    Ambiguous,
}

/// One key that may sign, in the forms that openidconnect and jsonwebtoken want.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) openid: CoreJsonWebKey,
    pub(crate) jwt: DecodingKey,
}

impl Key {
    fn new(openid: &CoreJsonWebKey) -> Option<Self> {
        // RFC 7517 §4.2: a key for encryption signs nothing.
        if openid.key_use().is_some_and(|usage| !usage.allows_signature()) {
            return None;
        }
        let mut json = serde_json::to_value(openid).ok()?;
        if let Some(modulus) = json.get_mut("n") {
            let significant = without_leading_zeros(modulus.as_str()?)?;
            if bits(&significant) < RSA_MODULUS_MIN_BITS {
                let kid = openid.key_id().map(|kid| kid.as_str());
                tracing::warn!(jwk.kid = kid, "a signing key is too short and is ignored");
                return None;
            }
            *modulus = URL_SAFE_NO_PAD.encode(significant).into();
        }
        let jwk = serde_json::from_value(json).ok()?;
        Some(Self {
            openid: openid.clone(),
            jwt: DecodingKey::from_jwk(&jwk).ok()?,
        })
    }

    fn fits(&self, kid: Option<&str>, alg: &CoreJwsSigningAlgorithm) -> bool {
        let is_named = kid.is_none_or(|kid| self.openid.key_id().is_some_and(|id| id.as_str() == kid));
        // RFC 8725 §3.1: a key is for one algorithm.
        let is_for_alg = match self.openid.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
            JsonWebKeyAlgorithm::Algorithm(named) => named == alg,
        };
        is_named && is_for_alg && alg.key_type().as_ref() == Some(self.openid.key_type())
    }
}

/// RFC 7518 §6.3.1.1: some publish a modulus with a zero in front of it, and jsonwebtoken would verify nothing with it.
fn without_leading_zeros(base64: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(base64).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn bits(significant: &[u8]) -> usize {
    significant
        .first()
        .map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

/// One version of the key set.
#[derive(Debug)]
struct Keys(Vec<Arc<Key>>);

impl Keys {
    /// Keys that we cannot use do not hide the others.
    fn new(published: &CoreJsonWebKeySet) -> Self {
        Self(
            published
                .keys()
                .iter()
                .filter_map(Key::new)
                .map(Arc::new)
                .collect(),
        )
    }

    fn find(&self, kid: Option<&str>, alg: &CoreJwsSigningAlgorithm) -> Result<Arc<Key>, KeyError> {
        let mut fitting = self.0.iter().filter(|key| key.fits(kid, alg));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(Arc::clone(key)),
            (Some(_), Some(_)) => Err(KeyError::Ambiguous),
            (None, _) => Err(KeyError::Unknown),
        }
    }
}

/// The cached key set of one provider.
#[derive(Debug)]
pub(crate) struct KeySet {
    url: JsonWebKeySetUrl,
    http: HttpClient,
    surroundings: Surroundings,
    current: RwLock<Arc<Keys>>,
    /// When a fetch was last tried. Held during the fetch, so that many unknown keys at once cause one.
    last_fetch: Mutex<Option<OffsetDateTime>>,
}

impl KeySet {
    pub(crate) fn new(
        url: JsonWebKeySetUrl,
        published: &CoreJsonWebKeySet,
        http: HttpClient,
        surroundings: &Surroundings,
    ) -> Self {
        Self {
            url,
            http,
            surroundings: surroundings.clone(),
            current: RwLock::new(Arc::new(Keys::new(published))),
            last_fetch: Mutex::new(None),
        }
    }

    /// The key that a token signed with `alg` names, or the only one that fits when it names none (Core §10.1).
    ///
    /// Keys that a token brings along or points to (`jwk`, `jku`, `x5c`, `x5u`) are never looked at (RFC 8725 §3.10).
    pub(crate) async fn find(
        &self,
        kid: Option<&str>,
        alg: &CoreJwsSigningAlgorithm,
    ) -> Result<Arc<Key>, KeyError> {
        let known = self.current();
        match known.find(kid, alg) {
            Err(KeyError::Unknown) => match self.newer_than(&known).await {
                Some(newer) => newer.find(kid, alg),
                None => Err(KeyError::Unknown),
            },
            found => found,
        }
    }

    fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Newer keys than `known`, if the provider has any and may be asked again yet.
    async fn newer_than(&self, known: &Arc<Keys>) -> Option<Arc<Keys>> {
        let mut last_fetch = self.last_fetch.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, known) {
            return Some(current); // Somebody fetched while we waited.
        }
        let now = self.surroundings.now();
        if last_fetch.is_some_and(|at| (now - at).abs() < REFETCH_INTERVAL) {
            return None;
        }
        *last_fetch = Some(now);
        match CoreJsonWebKeySet::fetch_async(&self.url, &self.http.within(Budget::Keys)).await {
            Ok(published) => {
                let keys = Arc::new(Keys::new(&published));
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
                tracing::info!(jwks.keys = keys.0.len(), "signing keys fetched again");
                Some(keys)
            }
            Err(error) => {
                tracing::warn!(error = %crate::error_chain(&error), "signing keys could not be fetched");
                None
            }
        }
    }
}
