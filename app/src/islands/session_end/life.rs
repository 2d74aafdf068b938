//! When a page speaks about the end of its session, and in which words. Decisions only, so that they can be tested.

use crate::{islands::countdown::words, tokens::Remaining};

/// Two minutes: time to read, decide and act, for everybody (WCAG 2.2.1 asks for twenty seconds).
const ANNOUNCED_BEFORE: i64 = 120;
/// A page that reloads at the end must not find the session still open and prolong it: clocks of browsers gain seconds in
/// an hour, and some when they are set.
const RELOADED_AFTER: i64 = 5;

/// Until then it is about to happen.
const A_MOMENT: &str = "a moment";

/// How long a session lives, in seconds since the page came to life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    /// It ends then if nobody uses it.
    idle_end: i64,
    /// It ends then at the latest.
    absolute_end: i64,
    /// For how long its end is announced.
    announced_before: i64,
}

/// What the page does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing.
    Calm,
    /// It says that the session ends.
    Ending(End, i64),
    /// It asks the server what may be shown now.
    Over,
}

/// Which end is the nearer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The person can put it off.
    Idle,
    /// Nobody can.
    Absolute,
}

impl Life {
    /// Of a page that has just come to life.
    pub(super) fn new(remaining: Remaining) -> Self {
        let nothing = Self {
            idle_end: 0,
            absolute_end: 0,
            announced_before: 0,
        };
        nothing.prolonged(remaining, 0)
    }

    /// After the server has said, `elapsed` seconds from the start, how long the session lives. That may have been said
    /// before something else was: ends only move away. (The absolute one does when somebody signs in again elsewhere.)
    pub(super) fn prolonged(self, remaining: Remaining, elapsed: i64) -> Self {
        let idle_end = self.idle_end.max(elapsed + remaining.idle_seconds);
        let absolute_end = self.absolute_end.max(elapsed + remaining.absolute_seconds);
        // Where sessions live for a minute or two, people are not to be told all the time.
        let half = (idle_end.min(absolute_end) - elapsed) / 2;
        Self {
            idle_end,
            absolute_end,
            announced_before: self.announced_before.max(half.min(ANNOUNCED_BEFORE)),
        }
    }

    /// What the page does `elapsed` seconds from the start.
    pub(super) fn phase(self, elapsed: i64) -> Phase {
        let end = if self.idle_end < self.absolute_end {
            End::Idle
        } else {
            End::Absolute
        };
        let left = self.idle_end.min(self.absolute_end) - elapsed;
        if left <= -RELOADED_AFTER {
            Phase::Over
        } else if left <= self.announced_before {
            Phase::Ending(end, left.max(0))
        } else {
            Phase::Calm
        }
    }
}

impl End {
    /// What stands before the time that is left.
    pub(super) const fn before(self) -> &'static str {
        match self {
            Self::Idle => "You will be signed out in ",
            Self::Absolute => "Your session ends in ",
        }
    }

    /// What stands after it.
    pub(super) const fn after(self) -> &'static str {
        match self {
            Self::Idle => ", because nothing has happened for a while.",
            Self::Absolute => ", however busy you are. Sign in again when it suits you to go on.",
        }
    }
}

/// What came of "Stay signed in".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// Nothing, or not lately.
    None,
    /// The session goes on.
    Kept,
    /// The server could not be asked.
    Unreached,
}

impl Reply {
    /// In words.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Kept => "You are still signed in.",
            Self::Unreached => "That did not work just now. Try again. ",
        }
    }
}

/// What the page says to people who hear it: whenever this changes, they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saying {
    /// Nothing.
    Nothing,
    /// What came of the button.
    Reply(Reply),
    /// That the session ends. The number changes three times: at the start, with a minute left, and with twenty seconds
    /// left. A countdown that is read out every second would let nobody do anything else.
    Ending(End, u8),
}

impl Saying {
    /// What is to be said.
    pub(super) const fn new(reply: Reply, phase: Phase) -> Self {
        match (reply, phase) {
            (Reply::None, Phase::Ending(end, ..=20)) => Self::Ending(end, 3),
            (Reply::None, Phase::Ending(end, 21..=60)) => Self::Ending(end, 2),
            (Reply::None, Phase::Ending(end, _)) => Self::Ending(end, 1),
            (Reply::None, _) | (Reply::Unreached, Phase::Calm | Phase::Over) => Self::Nothing,
            (reply, _) => Self::Reply(reply),
        }
    }

    /// In words, with `left` seconds left.
    pub(super) fn aloud(self, left: i64) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Reply(reply) => reply.text().to_owned(),
            Self::Ending(end, _) => [end.before(), &about(left), end.after()].concat(),
        }
    }
}

/// Such as `1 min 58 s`, for people who see it.
pub(super) fn exactly(left: i64) -> String {
    if left > 0 {
        words(left)
    } else {
        A_MOMENT.to_owned()
    }
}

/// Such as `2 minutes`, `1 minute` or `20 seconds`, for people who hear it.
pub(super) fn about(left: i64) -> String {
    match (left + 30) / 60 {
        _ if left <= 0 => A_MOMENT.to_owned(),
        _ if left <= 45 => format!("{} seconds", (left + 4) / 5 * 5),
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;

    fn remaining(idle_seconds: i64, absolute_seconds: i64) -> Remaining {
        Remaining {
            idle_seconds,
            absolute_seconds,
        }
    }

    #[test]
    fn the_end_is_announced_two_minutes_before_it_comes() {
        let life = Life::new(remaining(HOUR, DAY));
        assert_eq!(life.phase(0), Phase::Calm);
        assert_eq!(life.phase(HOUR - 121), Phase::Calm);
        assert_eq!(life.phase(HOUR - 120), Phase::Ending(End::Idle, 120));
        assert_eq!(life.phase(HOUR - 1), Phase::Ending(End::Idle, 1));
    }

    #[test]
    fn the_page_reloads_only_when_the_session_is_surely_over() {
        let life = Life::new(remaining(HOUR, DAY));
        assert_eq!(life.phase(HOUR), Phase::Ending(End::Idle, 0));
        assert_eq!(life.phase(HOUR + 4), Phase::Ending(End::Idle, 0));
        assert_eq!(life.phase(HOUR + 5), Phase::Over);
        assert_eq!(life.phase(5 * HOUR), Phase::Over, "after a long sleep");
    }

    #[test]
    fn the_absolute_end_is_told_where_it_is_the_nearer_one_or_as_near() {
        for idle in [HOUR, HOUR + 1, DAY] {
            let life = Life::new(remaining(idle, HOUR));
            assert_eq!(life.phase(HOUR - 60), Phase::Ending(End::Absolute, 60));
        }
    }

    #[test]
    fn short_sessions_are_calm_for_half_of_their_life() {
        let life = Life::new(remaining(60, DAY));
        assert_eq!(life.phase(29), Phase::Calm);
        assert_eq!(life.phase(30), Phase::Ending(End::Idle, 30));
        // Once it is prolonged, the whole two minutes are announced.
        let life = life.prolonged(remaining(HOUR, DAY), 40);
        assert_eq!(life.phase(40 + HOUR - 120), Phase::Ending(End::Idle, 120));
    }

    #[test]
    fn a_prolonged_session_is_calm_again() {
        let life = Life::new(remaining(HOUR, DAY));
        let late = HOUR - 30;
        assert_eq!(life.phase(late), Phase::Ending(End::Idle, 30));
        let life = life.prolonged(remaining(HOUR, DAY - late), late);
        assert_eq!(life.phase(late), Phase::Calm);
        assert_eq!(life.phase(late + HOUR - 10), Phase::Ending(End::Idle, 10));
    }

    #[test]
    fn old_news_bring_no_end_nearer_and_silence_no_notice() {
        let life = Life::new(remaining(HOUR, DAY));
        assert_eq!(life.prolonged(remaining(60, HOUR), 10), life);
        // A page was opened elsewhere within the minute in which that prolongs nothing.
        let late = HOUR - 30;
        let told = life.prolonged(remaining(30, DAY - late), late);
        assert_eq!(told.phase(late), Phase::Ending(End::Idle, 30));
    }

    #[test]
    fn nothing_prolongs_a_session_past_its_absolute_end() {
        let life = Life::new(remaining(HOUR, 2 * HOUR));
        // What the server says never exceeds that; neither would it count.
        let life = life.prolonged(remaining(3 * HOUR, HOUR), HOUR);
        assert_eq!(life.phase(2 * HOUR), Phase::Ending(End::Absolute, 0));
        assert_eq!(life.phase(2 * HOUR + 5), Phase::Over);
    }

    #[test]
    fn signing_in_again_in_another_tab_moves_both_ends() {
        let life = Life::new(remaining(60, 60)).prolonged(remaining(HOUR, DAY), 50);
        assert_eq!(life.phase(50), Phase::Calm);
        assert_eq!(life.phase(50 + HOUR - 1), Phase::Ending(End::Idle, 1));
    }

    #[test]
    fn people_who_hear_the_page_are_told_three_times() {
        let mut before = Saying::Nothing;
        let mut told = Vec::new();
        let life = Life::new(remaining(HOUR, DAY));
        for second in 0..=HOUR {
            let phase = life.phase(second);
            let saying = Saying::new(Reply::None, phase);
            if let Phase::Ending(_, left) = phase
                && saying != before
            {
                told.push(saying.aloud(left));
            }
            before = saying;
        }
        let expected = ["2 minutes", "1 minute", "20 seconds"].map(|left| {
            format!("You will be signed out in {left}, because nothing has happened for a while.")
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn the_absolute_end_has_words_of_its_own() {
        let told = Saying::new(Reply::None, Phase::Ending(End::Absolute, 120)).aloud(120);
        let expected =
            "Your session ends in 2 minutes, however busy you are. Sign in again when it suits you to go on.";
        assert_eq!(told, expected);
    }

    #[test]
    fn what_came_of_the_button_is_told_instead() {
        let ending = Phase::Ending(End::Idle, 100);
        assert_eq!(
            Saying::new(Reply::Kept, Phase::Calm).aloud(0),
            "You are still signed in."
        );
        // The news of it may arrive a moment later.
        assert_eq!(
            Saying::new(Reply::Kept, ending).aloud(100),
            "You are still signed in."
        );
        assert_eq!(
            Saying::new(Reply::Unreached, ending),
            Saying::Reply(Reply::Unreached)
        );
        // Another tab has reached it meanwhile.
        assert_eq!(Saying::new(Reply::Unreached, Phase::Calm), Saying::Nothing);
    }

    #[test]
    fn whoever_comes_late_is_told_what_is_left() {
        let told: Vec<_> = [119, 90, 89, 59, 46, 45, 41, 19, 1, 0].map(about).into();
        let expected = [
            "2 minutes",
            "2 minutes",
            "1 minute",
            "1 minute",
            "1 minute",
            "45 seconds",
            "45 seconds",
            "20 seconds",
            "5 seconds",
            "a moment",
        ];
        assert_eq!(told, expected);
        assert_eq!([118, 1, 0].map(exactly), ["1 min 58 s", "1 s", "a moment"]);
    }
}
