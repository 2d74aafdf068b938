//! What a phase amounts to: the figures, and everything that should not have been.

use std::time::Duration;

use emulator::{Endpoint, Replay, Replays, Requests};

use crate::{
    phase::Phase,
    pulse,
    tally::{Counts, Incident, clock},
    world::World,
};

/// More of the same kind is seldom news.
const SHOWN_OF_A_KIND: usize = 12;

/// A phase, once it is over.
pub(crate) struct Verdict {
    /// The store and the phase.
    pub(crate) heading: [String; 2],
    /// In the order of the table.
    pub(crate) figures: Vec<(&'static str, String)>,
    /// Why it has failed. Empty if it has not.
    pub(crate) failures: Vec<String>,
    pub(crate) requests: u64,
    pub(crate) spurious_sign_outs: usize,
    pub(crate) unexplained_replays: usize,
}

/// What is known at the end only.
pub(crate) struct Remains {
    pub(crate) took: Duration,
    /// Sessions that were still unavailable when all was well.
    pub(crate) unhealed: usize,
    /// How late timers of this machine were at most.
    pub(crate) lateness: Duration,
}

/// What there is to judge by.
struct Evidence<'w> {
    world: &'w World,
    counts: Counts,
    asked: Requests,
    replays: Replays,
    /// Sessions that were unavailable though we did nothing.
    without_trouble: Vec<Incident>,
    /// Replays in the grace period though no answer was lost.
    without_need: Vec<Replay>,
    latency: Latency,
    remains: Remains,
}

/// Judges what has happened in `world`.
pub(crate) fn judge(world: &World, store: &str, phase: Phase, remains: Remains) -> Verdict {
    let counts = world.tally.take();
    let replays = world.control.replays();
    let excused = |incident: &&Incident| {
        world
            .timeline
            .excuses_unavailability(incident.sent, incident.answered)
    };
    let explained = |replay: &&Replay| phase == Phase::Crash && world.timeline.explains(replay);
    let in_grace = replays.iter().filter(|replay| replay.forgiven);
    let latencies = counts.latencies.iter().map(|latency| latency.unsigned_abs());
    let evidence = Evidence {
        latency: Latency::of(latencies.collect()),
        without_trouble: counts
            .unavailable
            .iter()
            .filter(|incident| !excused(incident))
            .cloned()
            .collect(),
        without_need: in_grace.filter(|replay| !explained(replay)).cloned().collect(),
        world,
        counts,
        asked: world.control.requests(),
        replays,
        remains,
    };
    let refused = usize::try_from(evidence.replays.refused()).unwrap_or(usize::MAX);
    Verdict {
        heading: [store.to_owned(), phase.name().to_owned()],
        figures: evidence.figures(),
        failures: evidence.failures(),
        requests: evidence.counts.by_status.values().sum(),
        spurious_sign_outs: evidence.counts.thrown_out.len(),
        unexplained_replays: evidence.without_need.len() + refused,
    }
}

impl Evidence<'_> {
    fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let mut list = |what: &str, all: Vec<String>| {
            let more = all.len().saturating_sub(SHOWN_OF_A_KIND);
            failures.extend(all.into_iter().take(SHOWN_OF_A_KIND));
            if more > 0 {
                failures.push(format!("… and {more} more {what}"));
            }
        };
        let told = |incidents: &[Incident]| incidents.iter().map(ToString::to_string).collect();
        list("spurious sign-outs", told(&self.counts.thrown_out));
        list("back to life", told(&self.counts.risen));
        list("unexpected answers", told(&self.counts.strange));
        list("503 without trouble", told(&self.without_trouble));
        let unneeded = self.without_need.iter();
        let unneeded = unneeded.map(|replay| described(replay, "without need"));
        list("unexplained replays", unneeded.collect());
        let refused = self.replays.iter().filter(|replay| !replay.forgiven);
        let refused = refused.map(|replay| described(replay, "too late"));
        list("replays beyond grace", refused.collect());
        let at_once = self.asked.most_concurrent_refreshes();
        if at_once > 1 {
            failures.push(format!("one session was refreshed {at_once} times at once"));
        }
        if self.remains.unhealed > 0 {
            let number = self.remains.unhealed;
            failures.push(format!(
                "{number} sessions were still unavailable when all was well"
            ));
        }
        if self.refreshes() == 0 {
            failures.push("nothing was refreshed, so nothing is proved".to_owned());
        }
        if !failures.is_empty() && pulse::is_too_busy(self.remains.lateness, self.latency.median) {
            failures.push(
                "the machine was too busy: time-outs that no server can help may be among these".to_owned(),
            );
        }
        failures
    }

    fn figures(&self) -> Vec<(&'static str, String)> {
        let counts = &self.counts;
        let of = |statuses: &[u16]| -> u64 {
            let all = counts.by_status.iter();
            all.filter(|(status, _)| statuses.contains(&status.as_u16()))
                .map(|(_, count)| count)
                .sum()
        };
        let requests: u64 = counts.by_status.values().sum();
        let latency = &self.latency;
        let explained = self
            .replays
            .forgiven()
            .saturating_sub(self.without_need.len() as u64);
        let in_trouble = counts.unavailable.len() - self.without_trouble.len();
        vec![
            ("duration", format!("{} s", self.remains.took.as_secs())),
            ("sessions", grouped(self.world.people.len())),
            ("requests", grouped(requests)),
            ("  200 fine", grouped(of(&[200]))),
            ("  303, 401 signed out", grouped(of(&[303, 401]))),
            ("  503 in trouble", grouped(in_trouble)),
            ("  503 without trouble", grouped(self.without_trouble.len())),
            ("  other", grouped(requests - of(&[200, 303, 401, 503]))),
            ("latency: half within", milliseconds(latency.median)),
            ("  99 % within", milliseconds(latency.ninety_ninth)),
            ("  longest", milliseconds(latency.longest)),
            ("  late timers, at most", milliseconds(self.remains.lateness)),
            ("refreshes at the provider", grouped(self.refreshes())),
            (
                "  at once, of one session",
                grouped(self.asked.most_concurrent_refreshes()),
            ),
            ("faults met", grouped(self.asked.faults(Endpoint::Token))),
            ("servers killed", grouped(self.world.timeline.kills())),
            ("  back after at most", milliseconds(counts.slowest_restart)),
            ("replays, explained", grouped(explained)),
            ("  unexplained", grouped(self.without_need.len())),
            ("  beyond grace", grouped(self.replays.refused())),
            ("sign-ins", grouped(counts.sign_ins)),
            ("sign-outs", grouped(counts.sign_outs)),
            ("ended by the provider", grouped(counts.revocations)),
            ("back to life", grouped(counts.risen.len())),
            ("not healed", grouped(self.remains.unhealed)),
            ("spurious sign-outs", grouped(counts.thrown_out.len())),
        ]
    }

    fn refreshes(&self) -> u64 {
        self.asked.with_grant("refresh_token")
    }
}

fn described(replay: &Replay, wrong: &str) -> String {
    format!(
        "a refresh token of {} was used again {wrong}, {:.1} s after its first use at {}",
        replay.sid,
        replay.after().as_seconds_f32(),
        clock(replay.first_used_at)
    )
}

/// How long answers took.
struct Latency {
    median: Duration,
    ninety_ninth: Duration,
    longest: Duration,
}

impl Latency {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let percentile = |percent: usize| all.get(all.len() * percent / 100).copied().unwrap_or_default();
        Self {
            median: percentile(50),
            ninety_ninth: percentile(99),
            longest: all.last().copied().unwrap_or_default(),
        }
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{} ms", grouped(duration.as_millis()))
}

/// `12345` as `12 345`.
pub(crate) fn grouped(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_in_threes() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1 000"), (1_234_567, "1 234 567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let latency = Latency::of((0..200).rev().map(Duration::from_millis).collect());
        assert_eq!(latency.median, Duration::from_millis(100));
        assert_eq!(latency.ninety_ninth, Duration::from_millis(198));
        assert_eq!(latency.longest, Duration::from_millis(199));
        assert_eq!(Latency::of(Vec::new()).longest, Duration::ZERO);
    }
}
