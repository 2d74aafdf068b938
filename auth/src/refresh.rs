//! Renewing a session's tokens, so that nobody is ever signed out by accident (promises 12 to 15).
//!
//! The provider takes each refresh token once. So there is at most one exchange per session, in this process and in all
//! others: whoever renews holds a lease on the record that outlasts the exchange, everybody else waits for what comes of
//! it. The exchange runs on a task of its own and is finished and stored although the browser may be gone. Only the
//! provider's `invalid_grant` ends a session; whatever else goes wrong is a [`RefreshFault`], after which the session
//! works on while its access token lives and is asked for again after a pause.

use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tower_sessions::session::Id;
use tracing::Instrument as _;

use crate::{
    client::{Client, RefreshFailure, Renewal},
    clock::Surroundings,
    secret::RefreshToken,
    session::{Ending, SignedIn},
    store::StoreError,
    vault::{OpenSession, SessionVault},
};

mod board;
mod fault;
mod renewal;

pub use fault::RefreshFault;

use board::Board;

/// How long a request waits for a renewal. Less than a request may take (`server`'s router).
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it waits when its access token still lives: it can do without.
const PATIENCE_OF_THE_LIVING: Duration = Duration::from_secs(4);

/// Where refresh tokens are traded: the provider, or a test's idea of one.
#[async_trait]
pub trait Exchange: Debug + Send + Sync + 'static {
    /// Trades `refresh_token`, the session's, for new tokens.
    async fn refresh(
        &self,
        session: &SignedIn,
        refresh_token: &RefreshToken,
    ) -> Result<Renewal, RefreshFailure>;

    /// Gives back a refresh token that nobody will use.
    async fn revoke(&self, refresh_token: &RefreshToken);
}

#[async_trait]
impl Exchange for Client {
    async fn refresh(
        &self,
        session: &SignedIn,
        refresh_token: &RefreshToken,
    ) -> Result<Renewal, RefreshFailure> {
        Client::refresh(self, session, refresh_token).await
    }

    async fn revoke(&self, refresh_token: &RefreshToken) {
        Client::revoke(self, refresh_token).await;
    }
}

/// The sessions of signed-in people, with tokens that are always good. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Sessions {
    vault: SessionVault,
    exchange: Arc<dyn Exchange>,
    surroundings: Surroundings,
    board: Arc<Board>,
    tasks: TaskTracker,
}

/// What a session is at this moment.
#[derive(Debug, Clone)]
pub enum Current {
    /// It goes on.
    Open(Arc<OpenSession>),
    /// There is none.
    Ended(Ending),
    /// Its access token has ended and cannot be renewed right now. It is not over: this passes.
    Stuck(Arc<RefreshFault>),
}

/// What a renewal came to.
#[derive(Debug, Clone)]
enum Outcome {
    Renewed(Arc<OpenSession>),
    Ended(Ending),
    Failed(Arc<RefreshFault>),
}

impl Sessions {
    /// Sessions that `vault` keeps and `exchange` renews.
    pub fn new(vault: SessionVault, exchange: Arc<dyn Exchange>, surroundings: Surroundings) -> Self {
        Self {
            vault,
            exchange,
            surroundings,
            board: Arc::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Where they are kept.
    pub fn vault(&self) -> &SessionVault {
        &self.vault
    }

    /// The session as it is, with tokens that may have ended, but can be renewed.
    pub async fn open(&self, id: Id) -> Result<Result<Arc<OpenSession>, Ending>, StoreError> {
        let session = match self.vault.open(id).await? {
            Ok(session) => session,
            Err(ending) => return Ok(Err(ending)),
        };
        let tokens = &session.signed_in.tokens;
        if tokens.refresh_token.is_none() && tokens.are_over(self.surroundings.now()) {
            // Nobody vouches for the person any more, and nobody can be asked.
            self.vault.end_unchanged(id, session.version, None).await?;
            return Ok(Err(Ending::Over));
        }
        Ok(Ok(Arc::new(session)))
    }

    async fn peek(&self, id: Id) -> Result<Result<Arc<OpenSession>, Ending>, StoreError> {
        Ok(self.vault.peek(id).await?.map(Arc::new))
    }

    /// The session with tokens that are good, renewed first if they end soon (promise 12).
    pub async fn current(&self, id: Id) -> Result<Current, StoreError> {
        let session = match self.open(id).await? {
            Ok(session) => session,
            Err(ending) => return Ok(Current::Ended(ending)),
        };
        let tokens = &session.signed_in.tokens;
        let now = self.surroundings.now();
        if !tokens.are_due(now) {
            return Ok(Current::Open(session));
        }
        let lives = !tokens.are_over(now);
        if tokens.refresh_token.is_none() {
            return Ok(Current::Open(session));
        }
        let mut outcome = match self.board.pausing(id, now) {
            Some(fault) => Outcome::Failed(fault),
            None if lives => self.renewed(id, &session, PATIENCE_OF_THE_LIVING).await,
            None => self.renewed(id, &session, PATIENCE).await,
        };
        // They may have ended while it waited.
        let lives_on = !tokens.are_over(self.surroundings.now());
        let may_ask = self.board.pausing(id, self.surroundings.now()).is_none();
        if lives && !lives_on && may_ask && matches!(outcome, Outcome::Failed(_)) {
            outcome = self
                .renewed(id, &session, PATIENCE.saturating_sub(PATIENCE_OF_THE_LIVING))
                .await;
        }
        Ok(match outcome {
            Outcome::Renewed(renewed) => self.open_unless_over(renewed),
            Outcome::Ended(ending) => Current::Ended(ending),
            Outcome::Failed(_) if lives_on => Current::Open(session),
            Outcome::Failed(fault) => Current::Stuck(fault),
        })
    }

    /// Renews the session's tokens whether they end soon or not. A session that cannot be renewed is
    /// [`Current::Stuck`] even while its access token lives.
    pub async fn renew_now(&self, id: Id) -> Result<Current, StoreError> {
        let session = match self.open(id).await? {
            Ok(session) => session,
            Err(ending) => return Ok(Current::Ended(ending)),
        };
        if session.signed_in.tokens.refresh_token.is_none() {
            return Ok(Current::Stuck(Arc::new(RefreshFault::NoRefreshToken)));
        }
        // Our own pauses are for requests that nobody made on purpose; the provider's wish is respected.
        let pausing = self.board.pausing(id, self.surroundings.now());
        if let Some(fault) = pausing.filter(|fault| fault.retry_after().is_some()) {
            return Ok(Current::Stuck(fault));
        }
        Ok(match self.renewed(id, &session, PATIENCE).await {
            Outcome::Renewed(renewed) => self.open_unless_over(renewed),
            Outcome::Ended(ending) => Current::Ended(ending),
            Outcome::Failed(fault) => Current::Stuck(fault),
        })
    }

    /// New tokens may have waited for the store for longer than they live.
    fn open_unless_over(&self, renewed: Arc<OpenSession>) -> Current {
        if renewed.signed_in.tokens.are_over(self.surroundings.now()) {
            return Current::Stuck(Arc::new(RefreshFault::NotInTime));
        }
        Current::Open(renewed)
    }

    /// Ends the session whatever happens to it meanwhile, gives its newest refresh token back to the provider, and says
    /// who was signed in, as far as that can be read. Goes on when the caller goes away.
    pub async fn end(&self, id: Id) -> Result<Option<SignedIn>, StoreError> {
        let sessions = self.clone();
        let task = async move { sessions.end_newest(id).await };
        let ended = self.tasks.spawn(task.in_current_span()).await;
        ended.unwrap_or_else(|_| Err(StoreError("ending a session was broken off".to_owned())))
    }

    async fn end_newest(&self, id: Id) -> Result<Option<SignedIn>, StoreError> {
        loop {
            let session = match self.peek(id).await {
                Ok(Ok(session)) => session,
                // A record that cannot be read must not keep anybody signed in.
                Ok(Err(_)) => return self.vault.end(id).await.map(|_| None),
                Err(error) => {
                    tracing::warn!(%error, "ending a session that cannot be read");
                    return self.vault.end(id).await.map(|_| None);
                }
            };
            // A renewal that is stored in between leaves another refresh token to give back; one that comes later finds
            // no record, and gives back what it has brought.
            if self.vault.end_unchanged(id, session.version, None).await? {
                let session = Arc::unwrap_or_clone(session).signed_in;
                if let Some(refresh_token) = &session.tokens.refresh_token {
                    self.revoke(refresh_token.clone());
                }
                return Ok(Some(session));
            }
        }
    }

    /// Gives a refresh token back to the provider, in the background.
    fn revoke(&self, refresh_token: RefreshToken) {
        let exchange = Arc::clone(&self.exchange);
        let task = async move { exchange.revoke(&refresh_token).await };
        self.tasks.spawn(task.in_current_span());
    }

    /// Waits until no exchange is under way: before the process stops (promise 13).
    pub async fn settled(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// What becomes of the renewal of `session` that is under way, or else of a new one.
    async fn renewed(&self, id: Id, session: &Arc<OpenSession>, patience: Duration) -> Outcome {
        let renewal = self.board.join_or_start(id, |landing| {
            let (sessions, session) = (self.clone(), Arc::clone(session));
            let task = async move {
                let outcome = sessions.renew(id, session).await;
                landing.land(outcome);
            };
            self.tasks.spawn(task.in_current_span());
        });
        timeout(patience, renewal)
            .await
            .unwrap_or_else(|_| RefreshFault::NotInTime.into())
    }
}

impl From<RefreshFault> for Outcome {
    fn from(fault: RefreshFault) -> Self {
        Self::Failed(Arc::new(fault))
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        RefreshFault::from(error).into()
    }
}

#[cfg(test)]
mod tests;
