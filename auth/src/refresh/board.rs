//! What this process knows of renewals: which are under way, so that each session's requests share one, and which have
//! just failed, so that a provider in trouble is not asked again by every request.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tower_sessions::session::Id;

use super::{Outcome, RefreshFault};
use crate::clock::Surroundings;

/// The pause after a failure, doubled with each further one. Short at first: a refresh token whose answer was lost must
/// be used again while the provider still forgives that.
const FIRST_PAUSE: Duration = Duration::seconds(2);
/// With a time-out before it, still within that time: an outage may end with an answer that is lost.
const LONGEST_PAUSE: Duration = Duration::seconds(10);
/// No provider is believed that asks for a longer one.
const LONGEST_ASKED_FOR: Duration = Duration::minutes(5);
const SWEEP_INTERVAL: Duration = Duration::minutes(1);

#[derive(Default)]
pub(super) struct Board(Mutex<Lists>);

/// Without the sessions that are on it: whoever knows an id has the session.
impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Lists {
    renewals: HashMap<Id, watch::Receiver<Option<Outcome>>>,
    pauses: HashMap<Id, Pause>,
    swept_at: Option<OffsetDateTime>,
}

struct Pause {
    since: OffsetDateTime,
    length: Duration,
    failures: u32,
    /// After how many of them the refresh token may have been used up.
    lost: u32,
    fault: Arc<RefreshFault>,
}

impl Pause {
    /// Also over when the clock was set back.
    fn is_over(&self, now: OffsetDateTime) -> bool {
        (now - self.since).abs() >= self.length
    }
}

impl Board {
    fn lists(&self) -> MutexGuard<'_, Lists> {
        // No method leaves the lists half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes of the session's renewal that is under way, or of the one that `start` begins.
    pub(super) async fn join_or_start(self: &Arc<Self>, id: Id, start: impl FnOnce(Landing)) -> Outcome {
        let mut receiver = self.receiver(id, start);
        let outcome = receiver.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| RefreshFault::BrokenOff.into())
    }

    fn receiver(self: &Arc<Self>, id: Id, start: impl FnOnce(Landing)) -> watch::Receiver<Option<Outcome>> {
        let (sender, receiver) = match self.lists().renewals.entry(id) {
            Entry::Occupied(renewal) => return renewal.get().clone(),
            Entry::Vacant(place) => {
                let (sender, receiver) = watch::channel(None);
                place.insert(receiver.clone());
                (sender, receiver)
            }
        };
        start(Landing {
            board: Arc::clone(self),
            id,
            sender,
        });
        receiver
    }

    /// Nobody asks the provider about this session for a while. `is_lost` if the refresh token may have been used up: says
    /// how often that has happened, and after how long to look.
    pub(super) fn pause(
        &self,
        id: Id,
        fault: &Arc<RefreshFault>,
        is_lost: bool,
        surroundings: &Surroundings,
    ) -> (u32, std::time::Duration) {
        let now = surroundings.now();
        let [random] = surroundings.random();
        let mut lists = self.lists();
        lists.sweep(now);
        let before = lists.pauses.get(&id);
        let failures = before.map_or(0, |pause| pause.failures) + 1;
        let lost = before.map_or(0, |pause| pause.lost) + u32::from(is_lost);
        let doubled = FIRST_PAUSE * 2_i32.pow((failures - 1).min(4));
        let asked_for = fault
            .retry_after()
            .map_or(Duration::ZERO, |seconds| Duration::seconds(seconds.into()));
        // Up to a quarter more, so that many sessions do not come back at once.
        let own = doubled.min(LONGEST_PAUSE) * (1.0 + f64::from(random) / 1020.0);
        let pause = Pause {
            since: now,
            length: own.max(asked_for.min(LONGEST_ASKED_FOR)),
            failures,
            lost,
            fault: Arc::clone(fault),
        };
        lists.pauses.insert(id, pause);
        (lost, own.unsigned_abs())
    }

    /// Why the provider is not to be asked about this session right now.
    pub(super) fn pausing(&self, id: Id, now: OffsetDateTime) -> Option<Arc<RefreshFault>> {
        let lists = self.lists();
        let pause = lists.pauses.get(&id).filter(|pause| !pause.is_over(now))?;
        Some(Arc::clone(&pause.fault))
    }

    /// The provider has given tokens again.
    pub(super) fn resume(&self, id: Id) {
        self.lists().pauses.remove(&id);
    }
}

impl Lists {
    fn sweep(&mut self, now: OffsetDateTime) {
        if self.swept_at.is_some_and(|at| (now - at).abs() < SWEEP_INTERVAL) {
            return;
        }
        self.swept_at = Some(now);
        self.pauses
            .retain(|_, pause| (now - pause.since).abs() < pause.length + LONGEST_ASKED_FOR);
    }
}

/// Takes a renewal off the board, even if its task panics or is broken off, and tells those who wait.
pub(super) struct Landing {
    board: Arc<Board>,
    id: Id,
    sender: watch::Sender<Option<Outcome>>,
}

impl Landing {
    pub(super) fn land(self, outcome: Outcome) {
        let sender = self.sender.clone();
        // Off the board first: whoever comes from now on reads what is stored.
        drop(self);
        sender.send_replace(Some(outcome));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.board.lists().renewals.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{MovableClock, SystemEntropy};

    /// Else a session would pause until the clock is where it was before.
    ///
    /// Rules: refresh-fault-clock
    #[test]
    fn a_clock_that_is_set_ends_a_pause() {
        let clock = MovableClock::default();
        let surroundings = Surroundings::new(clock.clone(), SystemEntropy);
        let board = Board::default();
        let fault = Arc::new(RefreshFault::NotInTime);
        for jump in [Duration::hours(-1), Duration::hours(1)] {
            let id = Id::default();
            board.pause(id, &fault, false, &surroundings);
            assert!(board.pausing(id, surroundings.now()).is_some());
            clock.advance(jump);
            assert!(board.pausing(id, surroundings.now()).is_none(), "{jump:?}");
        }
    }
}
