//! One renewal, from the lease to the stored tokens: what happens on the task that no request can break off.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tower_sessions::session::Id;
use tracing::Instrument as _;

use super::{Outcome, PATIENCE, RefreshFault, Sessions};
use crate::{
    client::{RefreshError, RefreshFailure},
    secret::RefreshToken,
    session::{Ending, SignedIn},
    store::{Fence, Leased, Written},
    vault::OpenSession,
};

/// Longer than it may take to get it (`LEASE_MARGIN`), to trade the token (`http::Budget::Refresh`, 7 s) and to verify what
/// comes (3 s).
const LEASE: Duration = Duration::from_secs(12);
/// A lease whose grant took longer to arrive is not used: it might end before the work does.
const LEASE_MARGIN: Duration = Duration::from_secs(2);
/// How long a lease that was never given back is left to its holder all the same, once somebody sees it: if the holder
/// lives, new tokens wait there for a store that was away. Longer than a store's own time-outs; with the lease it is
/// shorter than the grace that Scalekit gives a refresh token that was used already, about 30 s: when a process has died
/// with the answer, the next one asks again in time.
const HESITATION: Duration = Duration::from_secs(6);
/// How often a refresh token that may be used up is tried again although no request comes: with the pauses between,
/// until the provider's grace is over.
const SECOND_CHANCES: u32 = 3;
/// How long new tokens are kept for a store that does not take them.
const STORE_PATIENCE: Duration = Duration::from_mins(5);
const FIRST_STORE_RETRY: Duration = Duration::from_millis(100);
const LONGEST_STORE_RETRY: Duration = Duration::from_millis(500);
/// How often a waiting process looks whether another one is done: between this and twice this, so that many do not look
/// at once.
const POLL: Duration = Duration::from_millis(60);

impl Sessions {
    /// Renews, or waits for the process that does.
    pub(super) async fn renew(&self, id: Id, mut session: Arc<OpenSession>) -> Outcome {
        let before = session.signed_in.tokens.access_token.clone();
        let started = Instant::now();
        let mut seen_abandoned = None;
        loop {
            if started.elapsed() > PATIENCE {
                return RefreshFault::NotInTime.into();
            }
            let asked = Instant::now();
            let leased = match seen_abandoned {
                Some((fence, since)) if asked - since >= HESITATION => {
                    self.vault.take_over(id, session.version, fence, LEASE).await
                }
                _ => self.vault.lease(id, session.version, LEASE).await,
            };
            match leased {
                Err(error) => return error.into(),
                Ok(Leased::Yes(fence)) if asked.elapsed() > LEASE_MARGIN => self.release(id, fence).await,
                Ok(Leased::Yes(fence)) => return self.exchanged(id, &session, fence).await,
                Ok(Leased::Gone) => return Outcome::Ended(Ending::Unknown),
                Ok(Leased::Held) => self.a_moment().await,
                Ok(Leased::Abandoned(fence)) => {
                    if seen_abandoned.is_none_or(|(seen, _)| seen != fence) {
                        seen_abandoned = Some((fence, asked));
                    }
                    self.a_moment().await;
                }
                Ok(Leased::Changed) => match self.peek(id).await {
                    Err(error) => return error.into(),
                    Ok(Err(ending)) => return Outcome::Ended(ending),
                    Ok(Ok(changed)) if changed.signed_in.tokens.access_token != before => {
                        return Outcome::Renewed(changed);
                    }
                    // Something else was written.
                    Ok(Ok(changed)) => session = changed,
                },
            }
        }
    }

    /// Trades the refresh token, under the lease `fence`, and stores what it brings.
    async fn exchanged(&self, id: Id, session: &OpenSession, fence: Fence) -> Outcome {
        let signed_in = &session.signed_in;
        let Some(refresh_token) = &signed_in.tokens.refresh_token else {
            self.release(id, fence).await;
            return RefreshFault::NoRefreshToken.into();
        };
        match self.exchange.refresh(signed_in, refresh_token).await {
            Ok(renewal) => {
                let renewed = signed_in.renewed(renewal, self.surroundings.now());
                let outcome = self.kept(id, fence, session, renewed).await;
                self.board.resume(id);
                outcome
            }
            Err(RefreshFailure {
                error: RefreshError::Revoked,
                ..
            }) => self.ended(id, session, fence).await,
            Err(RefreshFailure { error, rotated }) => {
                // Somebody else's token is not ours to keep, let alone to use.
                let rotated = rotated.filter(|_| !error.is_about_somebody_else());
                let may_be_used_up = rotated.is_none() && error.may_have_used_the_token();
                let fault = Arc::new(RefreshFault::Provider(error));
                Self::tell(signed_in, &fault);
                match rotated {
                    // All that can be used of the answer, and must be: the token it was traded for is used up.
                    Some(refresh_token) => {
                        let mut rest = signed_in.clone();
                        rest.tokens.refresh_token = Some(refresh_token);
                        self.kept(id, fence, session, rest).await;
                    }
                    None => self.release(id, fence).await,
                }
                let (lost, pause) = self.board.pause(id, &fault, may_be_used_up, &self.surroundings);
                if may_be_used_up && lost <= SECOND_CHANCES {
                    self.ask_again(id, refresh_token.clone(), pause);
                }
                Outcome::Failed(fault)
            }
        }
    }

    /// Stores `signed_in`, however long the store takes: what the provider has given it gives once.
    async fn kept(&self, id: Id, mut fence: Fence, before: &OpenSession, signed_in: SignedIn) -> Outcome {
        let started = Instant::now();
        let mut pause = FIRST_STORE_RETRY;
        let error = loop {
            match self.vault.replace(id, fence, &signed_in).await {
                Ok(Written::Yes) => return self.as_stored(id).await,
                // Signed out meanwhile, and it stays so.
                Ok(Written::Gone) => {
                    if let Some(refresh_token) = signed_in.tokens.refresh_token {
                        self.revoke(refresh_token);
                    }
                    return Outcome::Ended(Ending::Unknown);
                }
                // The lease went to another process. Either it brings newer tokens, or these are still wanted.
                Ok(Written::Conflict) => match self.leased_again(id, before).await {
                    Ok(again) => fence = again,
                    Err(outcome) => {
                        tracing::warn!(user.id = %signed_in.user.sub, "a renewal came too late to be stored");
                        if let (Outcome::Ended(_), Some(refresh_token)) =
                            (&outcome, signed_in.tokens.refresh_token)
                        {
                            self.revoke(refresh_token);
                        }
                        return outcome;
                    }
                },
                Err(error) if started.elapsed() > STORE_PATIENCE => break error,
                Err(error) => {
                    tracing::warn!(%error, user.id = %signed_in.user.sub, "new tokens cannot be stored yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_STORE_RETRY);
                }
            }
        };
        tracing::error!(%error, user.id = %signed_in.user.sub, "new tokens are lost: the store does not take them");
        error.into()
    }

    /// Another lease for tokens that came too late for theirs, unless other tokens than those of `before` are stored by
    /// then.
    async fn leased_again(&self, id: Id, before: &OpenSession) -> Result<Fence, Outcome> {
        // Not every provider rotates refresh tokens, so both must be what they were.
        let is_as_before = |now: &OpenSession| {
            let (now, old) = (&now.signed_in.tokens, &before.signed_in.tokens);
            now.refresh_token == old.refresh_token && now.access_token == old.access_token
        };
        let started = Instant::now();
        let mut abandoned = None;
        while started.elapsed() < STORE_PATIENCE {
            match self.peek(id).await {
                Ok(Ok(now)) if is_as_before(&now) => {
                    let leased = match abandoned {
                        Some(fence) => self.vault.take_over(id, now.version, fence, LEASE).await,
                        None => self.vault.lease(id, now.version, LEASE).await,
                    };
                    match leased {
                        Ok(Leased::Yes(fence)) => return Ok(fence),
                        // Nothing is to be asked, so there is nothing to hesitate about.
                        Ok(Leased::Abandoned(fence)) => abandoned = Some(fence),
                        Ok(Leased::Held | Leased::Changed | Leased::Gone) | Err(_) => {}
                    }
                }
                Ok(Ok(now)) => return Err(Outcome::Renewed(now)),
                Ok(Err(ending)) => return Err(Outcome::Ended(ending)),
                Err(_) => {}
            }
            self.a_moment().await;
        }
        Err(RefreshFault::NotInTime.into())
    }

    /// Uses a refresh token again that may be used up, while the provider still forgives that: whoever reads a page for
    /// minutes makes no request that would.
    fn ask_again(&self, id: Id, refresh_token: RefreshToken, pause: Duration) {
        let sessions = self.clone();
        let task = async move {
            tokio::time::sleep(pause).await;
            if sessions.tasks.is_closed() {
                // The process stops: another one may ask, and be heard to the end.
                return;
            }
            if let Ok(Ok(session)) = sessions.peek(id).await
                && session.signed_in.tokens.refresh_token == Some(refresh_token)
            {
                sessions.renewed(id, &session, PATIENCE).await;
            }
        };
        // Nobody who stops the process waits for this.
        tokio::spawn(task.in_current_span());
    }

    /// Ends the session on the provider's word, unless that was about tokens which are no longer its own.
    async fn ended(&self, id: Id, session: &OpenSession, fence: Fence) -> Outcome {
        let refused = &session.signed_in.tokens.refresh_token;
        let mut version = session.version;
        loop {
            match self.vault.end_unchanged(id, version, Some(fence)).await {
                Err(error) => return error.into(),
                Ok(true) => {
                    tracing::info!(user.id = %session.signed_in.user.sub, "the provider has ended the session");
                    return Outcome::Ended(Ending::Revoked);
                }
                Ok(false) => match self.peek(id).await {
                    Err(error) => return error.into(),
                    Ok(Err(ending)) => return Outcome::Ended(ending),
                    // Something else was written; the verdict stands.
                    Ok(Ok(now))
                        if now.version != version && now.signed_in.tokens.refresh_token == *refused =>
                    {
                        version = now.version;
                    }
                    // Another process has taken over the lease: it knows more.
                    Ok(Ok(now)) if now.signed_in.tokens.refresh_token == *refused => {
                        return RefreshFault::NotInTime.into();
                    }
                    Ok(Ok(now)) => return Outcome::Renewed(now),
                },
            }
        }
    }

    async fn as_stored(&self, id: Id) -> Outcome {
        match self.peek(id).await {
            Ok(Ok(session)) => Outcome::Renewed(session),
            Ok(Err(ending)) => Outcome::Ended(ending),
            Err(error) => error.into(),
        }
    }

    async fn release(&self, id: Id, fence: Fence) {
        if let Err(error) = self.vault.release(id, fence).await {
            tracing::warn!(%error, "a lease could not be given back; it ends by itself");
        }
    }

    async fn a_moment(&self) {
        let [random] = self.surroundings.random();
        tokio::time::sleep(POLL + POLL * u32::from(random) / 255).await;
    }

    fn tell(signed_in: &SignedIn, fault: &RefreshFault) {
        let (user, error) = (&signed_in.user.sub, crate::error_chain(fault));
        if fault.needs_an_operator() {
            tracing::error!(user.id = %user, %error, "tokens cannot be renewed; nobody is signed out by this");
        } else {
            tracing::warn!(user.id = %user, %error, "tokens cannot be renewed right now");
        }
    }
}
