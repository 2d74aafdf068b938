//! Everything the provider knows, behind one lock that is never held while a test's closure runs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    bends::AllBends,
    endpoint::Endpoint,
    fault::{Fault, Faults},
    grants::Grants,
    keys::{KeyRing, RsaKey},
    received::Received,
    surroundings,
};

pub(crate) struct Provider {
    pub(crate) issuer: String,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) keys: KeyRing,
    pub(crate) grants: Grants,
    pub(crate) bends: AllBends,
    pub(crate) faults: Faults,
    pub(crate) received: HashMap<Endpoint, Vec<Received>>,
    pub(crate) seconds_ahead: i64,
    pub(crate) keeps_refresh_tokens: bool,
}

impl Provider {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            state: Mutex::new(State {
                keys: KeyRing::new(),
                grants: Grants::default(),
                bends: AllBends::default(),
                faults: Faults::default(),
                received: HashMap::new(),
                seconds_ahead: 0,
                keeps_refresh_tokens: false,
            }),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn bends(&self) -> AllBends {
        self.state().bends.clone()
    }

    pub(crate) fn current_key(&self) -> Arc<RsaKey> {
        Arc::clone(&self.state().keys.current)
    }

    /// Seconds since 1970 as this provider sees it.
    pub(crate) fn now(&self) -> i64 {
        surroundings::now() + self.state().seconds_ahead
    }

    /// The issuer may end in a slash, which no endpoint repeats (Discovery §4).
    pub(crate) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer.trim_end_matches('/'), endpoint.path())
    }

    /// The endpoint that `path` leads to, below the issuer's own path.
    pub(crate) fn endpoint_at(&self, path: &str) -> Endpoint {
        let issuer = url::Url::parse(&self.issuer).unwrap();
        path.strip_prefix(issuer.path().trim_end_matches('/'))
            .map_or(Endpoint::Elsewhere, Endpoint::at)
    }

    /// Remembers the request and says what goes wrong with it, if anything.
    pub(crate) fn receive(&self, endpoint: Endpoint, request: &Received) -> Option<Fault> {
        let mut state = self.state();
        state.received.entry(endpoint).or_default().push(request.clone());
        state.faults.next(endpoint)
    }
}
