//! What people do: they ask for pages and may not wait for them, come back, and sign out.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};

use super::{
    super::provider::serial_in,
    judge::{LIMIT, Question},
    schedule::{REPLICAS, SESSIONS},
    stage::{RECOVERY, Stage},
};
use crate::clock::Clock as _;

impl Stage {
    /// A request from a browser that may go away.
    pub(super) async fn request(
        self: Arc<Self>,
        number: usize,
        session: usize,
        is_forced: bool,
        leaves_after: Option<Duration>,
    ) {
        let (replica, kept) = (self.replica(number), &self.sessions[session]);
        let question = Question {
            number,
            clock: replica.clock,
            is_forced,
            asked: Instant::now(),
            before: self.stored(kept).await,
        };
        let answer = async {
            if is_forced {
                replica.sessions.renew_now(kept.id).await
            } else {
                replica.sessions.current(kept.id).await
            }
        };
        tokio::select! {
            biased;
            () = replica.process.death() => {}
            () = sleep(leaves_after.unwrap_or(Duration::MAX)) => {}
            answer = timeout(LIMIT, answer) => self.judge.hear(&self, kept, &question, answer),
        }
    }

    /// Everybody comes at once when the store is back.
    pub(super) async fn rush(self: Arc<Self>, outage: Duration) {
        sleep(outage).await;
        for replica in 0..REPLICAS {
            self.spawn(Arc::clone(&self).request(replica, replica % SESSIONS, false, None));
        }
    }

    pub(super) async fn sign_out(self: Arc<Self>, number: usize, session: usize) {
        let (replica, kept) = (self.replica(number), &self.sessions[session]);
        kept.sign_out.lock().unwrap().begun.get_or_insert(Instant::now());
        tokio::select! {
            biased;
            () = replica.process.death() => {}
            outcome = replica.sessions.end(kept.id) => if outcome.is_ok() {
                kept.sign_out.lock().unwrap().done.get_or_insert(Instant::now());
            }
        }
    }

    /// Whoever's tokens are being renewed does not give up before the provider would lose patience.
    pub(super) async fn people_try_again(self: Arc<Self>) {
        let mut first_uses = self.world.provider.first_uses();
        while let Some((sub, used)) = first_uses.recv().await {
            let session = self.sessions.iter().position(|kept| kept.sub == sub).unwrap();
            self.spawn(Arc::clone(&self).person_tries_again(session, used));
        }
    }

    async fn person_tries_again(self: Arc<Self>, session: usize, used: usize) {
        let kept = &self.sessions[session];
        for attempt in 0..19 {
            sleep(Duration::from_millis(1500)).await;
            let Some(stored) = self.stored(kept).await else {
                return;
            };
            let tokens = &stored.session.signed_in.tokens;
            if serial_in(tokens.refresh_token.as_ref().unwrap(), &kept.sub) != used {
                return;
            }
            let replica = attempt % REPLICAS;
            let is_forced = !tokens.are_due(self.replica(replica).clock.now());
            self.spawn(Arc::clone(&self).request(replica, session, is_forced, None));
        }
    }

    /// Everybody comes once more, must find the session well, and can renew its tokens.
    pub(super) async fn roll_call(self: &Arc<Self>) {
        for session in 0..SESSIONS {
            Arc::clone(self).request(session, session, false, None).await;
            Arc::clone(self).request(REPLICAS - 1, session, true, None).await;
        }
        for replica in 0..REPLICAS {
            let settled = self.replica(replica);
            let settled = timeout(RECOVERY, settled.sessions.settled()).await;
            self.judge
                .expect(settled.is_ok(), || format!("replica {replica} never settles"));
        }
    }
}
