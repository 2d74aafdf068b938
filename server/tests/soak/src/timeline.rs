//! What we did to the servers and the provider, and when: the only excuses there are.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use emulator::Replay;
use time::OffsetDateTime;

/// For so long after a fault a session may still be unavailable: an exchange that hangs takes 7 seconds, and the server
/// leaves the provider alone for a few more.
const AFTER_FAULT: Duration = Duration::from_secs(15);
/// For so long after a kill: the lease of the dead server lasts 12 seconds, another server hesitates for 6 more before
/// it takes it, and who waits may give up after 20.
const AFTER_KILL: Duration = Duration::from_secs(22);
/// What a server had received so long before it was killed may not have been stored.
const UNSAVED: Duration = Duration::from_secs(5);
/// What a server had sent before it was killed may reach the provider so long after.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// All of it.
#[derive(Default)]
pub(crate) struct Timeline {
    events: Mutex<Events>,
}

#[derive(Default)]
struct Events {
    faults: Vec<Window>,
    kills: Vec<Kill>,
}

struct Window {
    from: OffsetDateTime,
    to: Option<OffsetDateTime>,
}

struct Kill {
    replica: &'static str,
    at: OffsetDateTime,
}

impl Timeline {
    pub(crate) fn fault_begins(&self, now: OffsetDateTime) {
        self.events().faults.push(Window { from: now, to: None });
    }

    pub(crate) fn fault_ends(&self, now: OffsetDateTime) {
        if let Some(window) = self.events().faults.last_mut() {
            window.to.get_or_insert(now);
        }
    }

    /// To be called before the kill: whoever sees its effect must find it here.
    pub(crate) fn kill(&self, replica: &'static str, now: OffsetDateTime) {
        self.events().kills.push(Kill { replica, at: now });
    }

    pub(crate) fn kills(&self) -> usize {
        self.events().kills.len()
    }

    /// Whether a server was killed after it was sent something, or so shortly before that the connection was one of the
    /// dead.
    pub(crate) fn was_killed(&self, replica: &str, sent: OffsetDateTime) -> bool {
        self.events()
            .kills
            .iter()
            .any(|kill| kill.replica == replica && kill.at + UNDER_WAY >= sent)
    }

    /// Whether a session may have been unavailable at some time between the two.
    pub(crate) fn excuses_unavailability(&self, from: OffsetDateTime, to: OffsetDateTime) -> bool {
        let events = self.events();
        let of_fault =
            |window: &Window| window.from <= to && window.to.is_none_or(|end| end + AFTER_FAULT >= from);
        let of_kill = |kill: &Kill| kill.at <= to && kill.at + AFTER_KILL >= from;
        events.faults.iter().any(of_fault) || events.kills.iter().any(of_kill)
    }

    /// Whether nobody can have stored what the first use of the token brought.
    pub(crate) fn explains(&self, replay: &Replay) -> bool {
        let first = replay.first_used_at;
        let near = |kill: &Kill| kill.at <= first + UNSAVED && first <= kill.at + UNDER_WAY;
        replay.unanswered || self.events().kills.iter().any(near)
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds)
    }

    fn replay(first: i64, unanswered: bool) -> Replay {
        Replay {
            sid: "ses_1".to_owned(),
            first_used_at: at(first),
            used_at: at(first + 10),
            forgiven: true,
            unanswered,
        }
    }

    #[test]
    fn only_what_overlaps_with_trouble_is_excused() {
        let timeline = Timeline::default();
        assert!(!timeline.excuses_unavailability(at(0), at(100)));
        timeline.fault_begins(at(10));
        assert!(!timeline.excuses_unavailability(at(0), at(9)));
        assert!(timeline.excuses_unavailability(at(0), at(11)));
        timeline.fault_ends(at(12));
        timeline.fault_ends(at(60));
        assert!(timeline.excuses_unavailability(at(27), at(28)));
        assert!(!timeline.excuses_unavailability(at(28), at(60)));
        timeline.kill("a", at(50));
        assert!(timeline.excuses_unavailability(at(72), at(73)));
        assert!(!timeline.excuses_unavailability(at(73), at(74)));
    }

    #[test]
    fn a_replay_needs_an_answer_that_was_lost() {
        let timeline = Timeline::default();
        timeline.kill("a", at(100));
        assert!(timeline.explains(&replay(0, true)));
        assert!(timeline.explains(&replay(95, false)));
        assert!(timeline.explains(&replay(102, false)));
        assert!(!timeline.explains(&replay(94, false)));
        assert!(!timeline.explains(&replay(103, false)));
    }

    #[test]
    fn a_broken_connection_is_excused_by_the_kill_of_that_server() {
        let timeline = Timeline::default();
        timeline.kill("a", at(10));
        assert!(timeline.was_killed("a", at(9)) && timeline.was_killed("a", at(11)));
        assert!(!timeline.was_killed("b", at(9)));
        assert!(!timeline.was_killed("a", at(13)));
    }
}
