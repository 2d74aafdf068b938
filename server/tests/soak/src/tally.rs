//! What came back: counts, times, and every answer that somebody has to account for.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use reqwest::StatusCode;
use time::{Duration, OffsetDateTime, macros::format_description};

use crate::balancer::Answer;

/// Everything so far.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Mutex<Counts>,
}

/// The numbers, and the answers behind them.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) by_status: BTreeMap<StatusCode, u64>,
    /// In the order they came.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) sign_ins: u64,
    pub(crate) sign_outs: u64,
    pub(crate) revocations: u64,
    /// The longest that a killed server took to be back.
    pub(crate) slowest_restart: std::time::Duration,
    /// Sessions that ended though nobody had ended them.
    pub(crate) thrown_out: Vec<Incident>,
    /// Sessions that answered after they had been ended.
    pub(crate) risen: Vec<Incident>,
    /// Answers that the session is unavailable, to be compared with what we did at the time.
    pub(crate) unavailable: Vec<Incident>,
    /// Answers that make no sense, and none at all.
    pub(crate) strange: Vec<Incident>,
}

/// An answer that somebody has to account for.
#[derive(Debug, Clone)]
pub(crate) struct Incident {
    /// When it was asked for.
    pub(crate) sent: OffsetDateTime,
    /// When it came.
    pub(crate) answered: OffsetDateTime,
    /// What it was, with its number in the server's log.
    what: String,
}

impl Incident {
    /// An answer, and what is wrong with it.
    pub(crate) fn new(answer: &Answer, wrong: &str) -> Self {
        let Answer {
            status,
            location,
            said,
            reference,
            path,
            replica,
            ..
        } = answer;
        let status = status.as_u16();
        Self {
            sent: answer.sent,
            answered: answer.answered,
            what: format!(
                "{wrong}: after {:.1} s server {replica} said {status} {location}{said} to {path} (request {reference})",
                (answer.answered - answer.sent).as_seconds_f32()
            ),
        }
    }

    /// Something without an answer.
    pub(crate) fn without_answer(now: OffsetDateTime, what: String) -> Self {
        Self {
            sent: now,
            answered: now,
            what,
        }
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", clock(self.sent), self.what)
    }
}

/// A time as the servers' logs have it, without the day.
pub(crate) fn clock(time: OffsetDateTime) -> String {
    let clock = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
    // These parts are there whatever the time is.
    time.format(&clock).unwrap_or_default()
}

impl Tally {
    pub(crate) fn answered(&self, answer: &Answer) {
        let mut counts = self.counts();
        *counts.by_status.entry(answer.status).or_default() += 1;
        counts.latencies.push(answer.answered - answer.sent);
    }

    pub(crate) fn signed_in(&self) {
        self.counts().sign_ins += 1;
    }

    pub(crate) fn signed_out(&self) {
        self.counts().sign_outs += 1;
    }

    pub(crate) fn revoked(&self) {
        self.counts().revocations += 1;
    }

    pub(crate) fn restarted(&self, took: std::time::Duration) {
        let mut counts = self.counts();
        counts.slowest_restart = counts.slowest_restart.max(took);
    }

    /// An answer on the way in, which is no session's.
    pub(crate) fn let_in(&self, answer: &Answer) {
        self.counts().latencies.push(answer.answered - answer.sent);
    }

    pub(crate) fn thrown_out(&self, incident: Incident) {
        self.counts().thrown_out.push(incident);
    }

    pub(crate) fn risen(&self, incident: Incident) {
        self.counts().risen.push(incident);
    }

    pub(crate) fn unavailable(&self, incident: Incident) {
        self.counts().unavailable.push(incident);
    }

    pub(crate) fn strange(&self, incident: Incident) {
        self.counts().strange.push(incident);
    }

    /// All of it; afterwards nothing has happened.
    pub(crate) fn take(&self) -> Counts {
        std::mem::take(&mut *self.counts())
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
