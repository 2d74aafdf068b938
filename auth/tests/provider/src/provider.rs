//! The provider as a test holds it.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    bends::AllBends,
    builder::Builder,
    document::Document,
    endpoint::Endpoint,
    fault::{Fault, Faults},
    grants::Issued,
    keys::{PublishedKeys, RsaKey},
    parameters::Parameters,
    received::Received,
    server::Socket,
    state::Provider,
    token::Token,
};

/// A running provider. It stops when it is dropped.
#[must_use = "it stops when it is dropped"]
pub struct MisbehavingProvider {
    provider: Arc<Provider>,
    address: SocketAddr,
    /// Empty while it is being opened or closed.
    socket: Mutex<Option<Socket>>,
}

/// Starting and stopping.
impl MisbehavingProvider {
    pub(crate) fn new(issuer: String, address: SocketAddr, socket: Socket) -> Self {
        Self {
            provider: Arc::new(Provider::new(issuer)),
            address,
            socket: Mutex::new(Some(socket)),
        }
    }

    /// An honest provider on a free port.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// What to start it with.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Its `iss`: `http://127.0.0.1:PORT` and no slash, unless [`issuer_path`](Builder::issuer_path) has one.
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of an endpoint.
    pub fn url(&self, endpoint: Endpoint) -> String {
        self.provider.url(endpoint)
    }

    /// Closes its port and breaks off every connection. It keeps its keys, its sessions and its bends.
    pub async fn go_down(&self) {
        if let Some(socket) = self.take_socket() {
            socket.close().await;
        }
        let (socket, _) = Socket::reserve(self.address).expect("the address is still free");
        self.put_socket(socket);
    }

    /// Listens again, or for the first time, at the address it had from the beginning.
    pub fn come_up(&self) {
        let socket = self
            .take_socket()
            .expect("the provider is not going down right now");
        self.put_socket(
            socket
                .open(&self.provider)
                .expect("the address can be listened on"),
        );
    }

    /// Stops it for good; returns when its port is free.
    pub async fn shutdown(self) {
        if let Some(socket) = self.take_socket() {
            socket.close().await;
        }
    }

    fn take_socket(&self) -> Option<Socket> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put_socket(&self, socket: Socket) {
        *self.socket.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
    }
}

/// The person.
impl MisbehavingProvider {
    /// Approves an authorization request; the address that sends the browser to: the redirect URI with `code`, `state`
    /// and `iss`.
    ///
    /// Panics if an honest provider would not even redirect: the request is another client's, was not pushed, or makes
    /// no sense.
    #[track_caller]
    pub fn authorize(&self, authorization_url: &str) -> String {
        self.provider.authorize(authorization_url)
    }

    /// Refuses an authorization request with this error, such as `access_denied`; the address that sends the browser
    /// to. Panics as [`authorize`](Self::authorize) does.
    #[track_caller]
    pub fn refuse(&self, authorization_url: &str, error: &str) -> String {
        self.provider.refuse(authorization_url, error)
    }

    /// Ends all sessions: codes and refresh tokens stop working.
    pub fn end_sessions(&self) {
        self.provider.state().grants.end_sessions();
    }
}

/// What it says.
impl MisbehavingProvider {
    /// Bends the discovery document.
    pub fn discovery(&self, bend: impl Fn(Document) -> Document + Send + Sync + 'static) {
        self.provider.state().bends.discovery.add(bend);
    }

    /// Bends the key set.
    pub fn keys(&self, bend: impl Fn(PublishedKeys) -> PublishedKeys + Send + Sync + 'static) {
        self.provider.state().bends.keys.add(bend);
    }

    /// Bends authorization responses, refusals too: the query that the browser brings back.
    pub fn authorization_response(&self, bend: impl Fn(Parameters) -> Parameters + Send + Sync + 'static) {
        self.provider.state().bends.authorization_response.add(bend);
    }

    /// Bends the answers to pushed authorization requests.
    pub fn pushed_authorization_response(&self, bend: impl Fn(Document) -> Document + Send + Sync + 'static) {
        self.provider
            .state()
            .bends
            .pushed_authorization_response
            .add(bend);
    }

    /// Bends access tokens. The ID token's `at_hash` goes with the bent one.
    pub fn access_token(&self, bend: impl Fn(Token) -> Token + Send + Sync + 'static) {
        self.provider.state().bends.access_token.add(bend);
    }

    /// Makes access tokens opaque, which is every provider's right (RFC 6749 §1.4).
    pub fn opaque_access_token(&self) {
        self.access_token(Token::opaque);
    }

    /// Bends ID tokens.
    pub fn id_token(&self, bend: impl Fn(Token) -> Token + Send + Sync + 'static) {
        self.provider.state().bends.id_token.add(bend);
    }

    /// Bends token responses. Errors stay as they are; [`Fault::error`] makes some.
    pub fn token_response(&self, bend: impl Fn(Document) -> Document + Send + Sync + 'static) {
        self.provider.state().bends.token_response.add(bend);
    }

    /// Bends the claims at the `UserInfo` endpoint.
    pub fn userinfo(&self, bend: impl Fn(Document) -> Document + Send + Sync + 'static) {
        self.provider.state().bends.userinfo.add(bend);
    }

    /// Signs the claims at the `UserInfo` endpoint (`application/jwt`), and bends that token.
    pub fn signed_userinfo(&self, bend: impl Fn(Token) -> Token + Send + Sync + 'static) {
        self.provider.state().bends.signed_userinfo.add(bend);
    }

    /// Bends the answers of the management API.
    pub fn management(&self, bend: impl Fn(Document) -> Document + Send + Sync + 'static) {
        self.provider.state().bends.management.add(bend);
    }

    /// Lets refresh tokens be used any number of times (RFC 6749 §6 allows it). It gives new ones all the same, unless
    /// the response is bent.
    pub fn keep_refresh_tokens(&self) {
        self.provider.state().keeps_refresh_tokens = true;
    }

    /// Sets how far its clock is ahead of the system's, or, negative, behind it. Seconds.
    pub fn set_clock_ahead(&self, seconds: i64) {
        self.provider.state().seconds_ahead = seconds;
    }

    /// Forgets all bends and faults, sets the clock right and publishes the key in use. Keys, sessions and the record
    /// of requests stay.
    pub fn honest(&self) {
        let mut state = self.provider.state();
        state.bends = AllBends::default();
        state.faults = Faults::default();
        state.seconds_ahead = 0;
        state.keys.publish();
    }
}

/// Its signing key, and what else is signed with it.
impl MisbehavingProvider {
    /// Signs with a new key and publishes only that.
    pub fn rotate_keys(&self) {
        self.rotate_keys_unpublished();
        self.publish_keys();
    }

    /// Signs with a new key and goes on publishing the old one.
    pub fn rotate_keys_unpublished(&self) {
        let key = RsaKey::generate();
        self.provider.state().keys.rotate(key);
    }

    /// Publishes the key it signs with, and no other.
    pub fn publish_keys(&self) {
        self.provider.state().keys.publish();
    }

    /// The `kid` of the key it signs with.
    pub fn kid(&self) -> String {
        self.provider.current_key().kid.clone()
    }

    /// A JWT with these claims and no others, for a test to bend and to have [signed](Self::sign).
    pub fn token(&self, claims: impl Into<Document>) -> Token {
        Token::new(&self.kid(), "JWT", claims.into())
    }

    /// A token outside of any sign-in, as it would be sent.
    pub fn sign(&self, token: Token) -> String {
        self.provider.sign(token)
    }

    /// The time by its own clock, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.provider.now()
    }
}

/// How it answers, and what it was asked.
impl MisbehavingProvider {
    /// Makes an endpoint misbehave until further notice.
    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.provider.state().faults.set(endpoint, fault);
    }

    /// Makes an endpoint misbehave at its next request, or at the one after those that earlier calls speak of.
    pub fn fault_once(&self, endpoint: Endpoint, fault: Fault) {
        self.fault_times(endpoint, 1, fault);
    }

    /// Makes an endpoint misbehave at its next `times` requests, after those that earlier calls speak of.
    pub fn fault_times(&self, endpoint: Endpoint, times: usize, fault: Fault) {
        self.provider.state().faults.queue(endpoint, times, fault);
    }

    /// Makes an endpoint well again.
    pub fn heal(&self, endpoint: Endpoint) {
        self.provider.state().faults.clear(endpoint);
    }

    /// The requests that an endpoint received, oldest first, those that a fault answered included.
    pub fn requests(&self, endpoint: Endpoint) -> Vec<Received> {
        let state = self.provider.state();
        state.received.get(&endpoint).cloned().unwrap_or_default()
    }

    /// The request that an endpoint received last. Panics if there was none.
    #[track_caller]
    pub fn last_request(&self, endpoint: Endpoint) -> Received {
        let last = self.requests(endpoint).pop();
        last.unwrap_or_else(|| panic!("{endpoint:?} has not been asked"))
    }

    /// Forgets all requests.
    pub fn forget_requests(&self) {
        self.provider.state().received.clear();
    }

    /// The tokens it has issued, oldest first: what must not be found in a log or a page.
    pub fn issued(&self) -> Vec<Issued> {
        self.provider.state().grants.issued.clone()
    }
}

impl fmt::Debug for MisbehavingProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MisbehavingProvider")
            .field("issuer", &self.provider.issuer)
            .finish_non_exhaustive()
    }
}
