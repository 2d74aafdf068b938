//! Refreshes as a strict provider sees them: which tokens came twice, and how many of a session came at once.

use std::collections::{HashMap, VecDeque};

use serde::{Serialize, Serializer};
use time::{Duration, OffsetDateTime};

/// Enough to understand what went wrong; the counts go on.
const REPLAYS_KEPT: usize = 10_000;

/// A use of a refresh token that had been used before. It names the session, not the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The session (`ses_…`) that the token belongs to.
    pub sid: String,
    /// When the token was used for the first time, by this environment's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub first_used_at: OffsetDateTime,
    /// When it came again.
    #[serde(with = "time::serde::rfc3339")]
    pub used_at: OffsetDateTime,
    /// Whether it came within the grace period. Otherwise it ended the whole family.
    pub forgiven: bool,
    /// Whether the answer to the first use had not arrived by then: a fault took it away, or the application hung up.
    pub unanswered: bool,
}

impl Replay {
    /// How long after the first use it came.
    pub fn after(&self) -> Duration {
        self.used_at - self.first_used_at
    }
}

/// The replays so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replays {
    forgiven: u64,
    refused: u64,
    #[serde(rename = "replays", serialize_with = "with_the_time_between")]
    latest: VecDeque<Replay>,
}

impl Replays {
    /// How many came within the grace period.
    pub fn forgiven(&self) -> u64 {
        self.forgiven
    }

    /// How many came after it, each of which ended a family.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The latest, oldest first: all of them unless there were thousands.
    pub fn iter(&self) -> impl Iterator<Item = &Replay> {
        self.latest.iter()
    }
}

fn with_the_time_between<S: Serializer>(
    replays: &VecDeque<Replay>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        #[serde(flatten)]
        replay: &'a Replay,
        after_milliseconds: i128,
    }
    serializer.collect_seq(replays.iter().map(|replay| Shown {
        replay,
        after_milliseconds: replay.after().whole_milliseconds(),
    }))
}

/// What is remembered of them.
#[derive(Default)]
pub(crate) struct Refreshes {
    pub(crate) replays: Replays,
    under_way: HashMap<String, usize>,
}

impl Refreshes {
    /// Notes a replay.
    pub(crate) fn replayed(&mut self, replay: Replay) {
        *if replay.forgiven {
            &mut self.replays.forgiven
        } else {
            &mut self.replays.refused
        } += 1;
        let latest = &mut self.replays.latest;
        if latest.len() == REPLAYS_KEPT {
            latest.pop_front();
        }
        latest.push_back(replay);
    }

    /// A refresh of a session has arrived; how many of it there are now.
    pub(crate) fn begin(&mut self, session_id: &str) -> usize {
        let number = self.under_way.entry(session_id.to_owned()).or_default();
        *number += 1;
        *number
    }

    /// A refresh of a session is over.
    pub(crate) fn end(&mut self, session_id: &str) {
        if let Some(number) = self.under_way.get_mut(session_id) {
            *number -= 1;
            if *number == 0 {
                self.under_way.remove(session_id);
            }
        }
    }
}
