//! The provider's signing keys (RFC 7517), cached. A token signed with a key we do not know causes one throttled
//! fetch, so that key rotation goes unnoticed and forged key ids cause no flood (promise 2).

use std::sync::{Arc, PoisonError, RwLock};

use openidconnect::{JsonWebKeySetUrl, core::CoreJsonWebKeySet};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::{clock::Surroundings, http::HttpClient};

/// At most one fetch in this time, successful or not.
const REFETCH_INTERVAL: time::Duration = time::Duration::seconds(30);

/// One version of the key set, in the forms that openidconnect and jsonwebtoken want.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) openid: CoreJsonWebKeySet,
    pub(crate) jwt: jsonwebtoken::jwk::JwkSet,
}

impl Keys {
    fn new(openid: CoreJsonWebKeySet) -> Self {
        // Through JSON, key by key: one that jsonwebtoken cannot read must not hide the others.
        let keys = openid
            .keys()
            .iter()
            .filter_map(|key| serde_json::to_value(key).ok())
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        Self {
            openid,
            jwt: jsonwebtoken::jwk::JwkSet { keys },
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
        keys: CoreJsonWebKeySet,
        http: HttpClient,
        surroundings: &Surroundings,
    ) -> Self {
        Self {
            url,
            http,
            surroundings: surroundings.clone(),
            current: RwLock::new(Arc::new(Keys::new(keys))),
            last_fetch: Mutex::new(None),
        }
    }

    /// The keys known now.
    pub(crate) fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Newer keys than `known`, if the provider has any and may be asked again yet.
    pub(crate) async fn newer_than(&self, known: &Arc<Keys>) -> Option<Arc<Keys>> {
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
        match CoreJsonWebKeySet::fetch_async(&self.url, &self.http).await {
            Ok(keys) => {
                let keys = Arc::new(Keys::new(keys));
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
                tracing::info!(jwks.keys = keys.openid.keys().len(), "signing keys fetched again");
                Some(keys)
            }
            Err(error) => {
                tracing::warn!(error = %crate::error_chain(&error), "signing keys could not be fetched");
                None
            }
        }
    }
}
