//! One code exchange per sign-in, however often and however simultaneously the browser asks for it.
//!
//! A code that is presented twice is refused, and a careful provider takes back what it brought (RFC 6749 §4.1.2). But
//! people double-click, reload, and lose patience: a browser that asks again gets what the first request brings, even
//! if that one is long gone. This holds for one server; whether replicas see the same callback is the provider's to
//! refuse.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tower_sessions::session::Id;
use tracing::Instrument as _;

use crate::{local_path::LocalPath, sign_in::Failure};

/// For how long a sign-in that is over can still be asked for.
const REMEMBERED: Duration = Duration::minutes(1);

/// What a sign-in led to: where to go and in which session.
pub(crate) type Outcome = Result<(LocalPath, Option<Id>), Failure>;

/// The exchanges that are under way, or have been a moment ago, by `state`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<String, Flight>>>);

#[derive(Debug, Clone)]
struct Flight {
    started_at: OffsetDateTime,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// The task that was to bring an outcome has stopped without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in was broken off")]
pub struct BrokenOff;

impl Flights {
    /// Does `work` for `state`, unless that has begun already, and waits for what it brings. Says whether the work was
    /// this call's own.
    ///
    /// The work goes on when the caller goes away.
    pub(crate) async fn board(
        &self,
        state: &str,
        now: OffsetDateTime,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> (Outcome, bool) {
        let (mut outcome, is_own) = self.find_or_start(state, now, work);
        let outcome = outcome.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        (outcome.unwrap_or_else(|| Err(BrokenOff.into())), is_own)
    }

    fn find_or_start(
        &self,
        state: &str,
        now: OffsetDateTime,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> (watch::Receiver<Option<Outcome>>, bool) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.retain(|_, flight| {
            let is_under_way = flight.outcome.borrow().is_none() && flight.outcome.has_changed().is_ok();
            is_under_way || (now - flight.started_at).abs() < REMEMBERED
        });
        if let Some(flight) = flights.get(state) {
            return (flight.outcome.clone(), false);
        }
        let (sender, outcome) = watch::channel(None);
        let task = async move { sender.send_replace(Some(work.await)) };
        tokio::spawn(task.in_current_span());
        flights.insert(
            state.to_owned(),
            Flight {
                started_at: now,
                outcome: outcome.clone(),
            },
        );
        (outcome, true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_is_done_once_and_everybody_gets_what_it_brings() {
        let (flights, times) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let now = OffsetDateTime::UNIX_EPOCH;
        let board = || {
            let (flights, times) = (flights.clone(), Arc::clone(&times));
            async move {
                let work = async move {
                    times.fetch_add(1, Ordering::SeqCst);
                    Ok((LocalPath::dashboard(), None))
                };
                flights.board("state", now, work).await
            }
        };
        let (first, second, third) = tokio::join!(board(), board(), board());
        assert!(first.0.is_ok() && second.0.is_ok() && third.0.is_ok());
        assert_eq!([first.1, second.1, third.1], [true, false, false]);
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn work_goes_on_when_whoever_asked_for_it_goes_away() {
        let flights = Flights::default();
        let now = OffsetDateTime::UNIX_EPOCH;
        let (go, told) = tokio::sync::oneshot::channel::<()>();
        let work = async move {
            told.await.unwrap();
            Ok((LocalPath::dashboard(), None))
        };
        let asked = flights.find_or_start("state", now, work);
        drop(asked);
        go.send(()).unwrap();
        let (outcome, is_own) = flights.board("state", now, async { panic!("begun again") }).await;
        assert!(outcome.is_ok() && !is_own);
    }

    #[tokio::test]
    async fn what_is_over_is_forgotten_and_a_panic_is_a_failure() {
        let flights = Flights::default();
        let now = OffsetDateTime::UNIX_EPOCH;
        let (outcome, _) = flights.board("state", now, async { panic!("on purpose") }).await;
        assert!(outcome.is_err());
        flights
            .board("other", now + REMEMBERED, async {
                Ok((LocalPath::dashboard(), None))
            })
            .await
            .0
            .unwrap();
        assert_eq!(flights.0.lock().unwrap().len(), 1);
    }
}
