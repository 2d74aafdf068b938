//! One code exchange per sign-in, however often and however simultaneously the browser asks for it.
//!
//! A code that is presented twice is refused, and a careful provider takes back what it brought (RFC 6749 §4.1.2). But
//! people double-click, reload, and lose patience: a browser that asks again gets what the first request brings, even
//! if that one is long gone. This holds within one process: two replicas that are asked at the same time would both
//! present the code, and a process that dies in the middle takes the exchange with it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tower_sessions::session::Id;
use tracing::Instrument as _;

use crate::{local_path::LocalPath, sign_in::Failure, transaction::LIFETIME};

/// Nobody can ask for longer: the transaction is over by then.
const REMEMBERED: Duration = LIFETIME;
/// How often what is no longer needed is cleared away.
const SWEEP_INTERVAL: Duration = Duration::minutes(1);

/// What a sign-in led to.
pub(crate) type Outcome = Result<Landed, Failure>;

/// Where a sign-in has led to, and in which session.
#[derive(Clone)]
pub(crate) struct Landed {
    pub(crate) next: LocalPath,
    pub(crate) session: Id,
    pub(crate) ends_at: OffsetDateTime,
}

/// The exchanges that are under way or over, by `state`.
#[derive(Clone, Default)]
pub(crate) struct Flights {
    board: Arc<Mutex<Board>>,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Board {
    flights: HashMap<String, Flight>,
    swept_at: Option<OffsetDateTime>,
}

#[derive(Clone)]
struct Flight {
    started_at: OffsetDateTime,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// What somebody who asked for a sign-in gets.
pub(crate) struct Arrival {
    pub(crate) outcome: Outcome,
    /// Whether the exchange was begun by this very request.
    pub(crate) is_first: bool,
    /// When it was begun.
    pub(crate) started_at: OffsetDateTime,
}

/// The task that was to bring an outcome has stopped without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in was broken off")]
pub struct BrokenOff;

impl Flights {
    /// Does `work` for `state`, unless that has been begun before, and waits for what it brings.
    ///
    /// The work goes on when the caller goes away.
    pub(crate) async fn once(
        &self,
        state: &str,
        now: OffsetDateTime,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> Arrival {
        let (flight, is_first) = self.find_or_start(state, now, work);
        let mut receiver = flight.outcome;
        let outcome = receiver.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        Arrival {
            outcome: outcome.unwrap_or_else(|| Err(BrokenOff.into())),
            is_first,
            started_at: flight.started_at,
        }
    }

    /// Waits until no exchange is under way.
    pub(crate) async fn settled(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn find_or_start(
        &self,
        state: &str,
        now: OffsetDateTime,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> (Flight, bool) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.sweep(now);
        if let Some(flight) = board.flights.get(state) {
            return (flight.clone(), false);
        }
        let (sender, outcome) = watch::channel(None);
        let task = async move { sender.send_replace(Some(work.await)) };
        self.tasks.spawn(task.in_current_span());
        let flight = Flight {
            started_at: now,
            outcome,
        };
        board.flights.insert(state.to_owned(), flight.clone());
        (flight, true)
    }
}

impl Board {
    fn sweep(&mut self, now: OffsetDateTime) {
        if self.swept_at.is_some_and(|at| (now - at).abs() < SWEEP_INTERVAL) {
            return;
        }
        self.swept_at = Some(now);
        self.flights
            .retain(|_, flight| (now - flight.started_at).abs() < REMEMBERED);
    }
}

/// Without the sessions that are in it: whoever knows an id has the session.
impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn landed() -> Landed {
        Landed {
            next: LocalPath::dashboard(),
            session: Id(1),
            ends_at: NOW,
        }
    }

    #[tokio::test]
    async fn work_is_done_once_and_everybody_gets_what_it_brings() {
        let (flights, times) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let ask = || {
            let times = Arc::clone(&times);
            flights.once("state", NOW, async move {
                times.fetch_add(1, Ordering::SeqCst);
                Ok(landed())
            })
        };
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        for (arrival, is_first) in [(&first, true), (&second, false), (&third, false)] {
            assert!(arrival.outcome.is_ok());
            assert_eq!(arrival.is_first, is_first);
        }
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn work_goes_on_when_whoever_asked_for_it_goes_away() {
        let flights = Flights::default();
        let (go, told) = tokio::sync::oneshot::channel::<()>();
        let work = async move {
            told.await.unwrap();
            Ok(landed())
        };
        drop(flights.find_or_start("state", NOW, work));
        go.send(()).unwrap();
        let arrival = flights.once("state", NOW, async { panic!("begun again") }).await;
        assert!(arrival.outcome.is_ok() && !arrival.is_first);
    }

    #[tokio::test]
    async fn a_panic_is_a_failure() {
        let arrival = Flights::default()
            .once("state", NOW, async { panic!("on purpose") })
            .await;
        assert!(arrival.outcome.is_err());
    }

    #[tokio::test]
    async fn a_sign_in_is_remembered_as_long_as_its_transaction_lives_and_no_longer() {
        let flights = Flights::default();
        let ask = |state: &'static str, after| {
            let flights = flights.clone();
            async move {
                flights
                    .once(state, NOW + after, async { Ok(landed()) })
                    .await
                    .is_first
            }
        };
        assert!(ask("state", Duration::ZERO).await);
        assert!(
            !ask("state", REMEMBERED - Duration::SECOND).await,
            "the code is not sent again"
        );
        assert!(ask("other", REMEMBERED + SWEEP_INTERVAL).await);
        assert_eq!(
            flights.board.lock().unwrap().flights.len(),
            1,
            "what nobody can ask for is forgotten"
        );
    }
}
