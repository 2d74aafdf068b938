//! What a test has bent so far.

use std::sync::Arc;

use crate::{document::Document, keys::PublishedKeys, parameters::Parameters, token::Token};

/// Changes of one thing, in the order in which they were given.
pub(crate) struct Bends<T>(Vec<Arc<dyn Fn(T) -> T + Send + Sync>>);

impl<T> Bends<T> {
    pub(crate) fn add(&mut self, bend: impl Fn(T) -> T + Send + Sync + 'static) {
        self.0.push(Arc::new(bend));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn apply(&self, honest: T) -> T {
        self.0.iter().fold(honest, |so_far, bend| bend(so_far))
    }
}

impl<T> Default for Bends<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Clone for Bends<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// All bends. They are cloned out of the lock before they run, for they are free to ask the provider.
#[derive(Clone, Default)]
pub(crate) struct AllBends {
    pub(crate) discovery: Bends<Document>,
    pub(crate) keys: Bends<PublishedKeys>,
    pub(crate) authorization_response: Bends<Parameters>,
    pub(crate) pushed_authorization_response: Bends<Document>,
    pub(crate) access_token: Bends<Token>,
    pub(crate) id_token: Bends<Token>,
    pub(crate) token_response: Bends<Document>,
    pub(crate) userinfo: Bends<Document>,
    pub(crate) signed_userinfo: Bends<Token>,
    pub(crate) management: Bends<Document>,
}
