//! What must hold, whatever happens.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::{Instant, error::Elapsed};

use super::{
    super::{family::End, provider::serial_in, world::VirtualClock},
    schedule::{REPLICAS, Season},
    stage::{Kept, Stage, Stored},
};
use crate::{
    clock::Clock as _,
    refresh::{Current, RefreshFault},
    session::Ending,
    store::StoreError,
    vault::OpenSession,
};

/// For how long the provider takes a used refresh token again, where it does. Scalekit: about this long.
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// No request takes longer.
pub(super) const LIMIT: Duration = Duration::from_secs(25);
/// For how long trouble that is over explains that tokens were not renewed: the exchange that it met (10 s) and the pause
/// after it (what `Retry-After` asks for, a minute at most here), or a lease that nobody gives back (18 s).
const AFTERMATH: Duration = Duration::from_secs(75);
/// From the moment that a refresh token's answer is lost to the next exchange, if nothing else goes wrong: the time-out
/// or the lease, the pause, the person's next try.
const SECOND_CHANCE: Duration = Duration::from_secs(24);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Provider,
    NoStore,
    SlowStore,
    /// This process does not reach the store.
    Partition(usize),
    Crash,
}

#[derive(Debug, Default)]
pub(super) struct Judge {
    troubles: Mutex<Vec<(Trouble, Instant, Instant)>>,
    complaints: Mutex<Vec<String>>,
}

/// A request, and what was stored when it came.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) number: usize,
    pub(super) clock: VirtualClock,
    pub(super) is_forced: bool,
    pub(super) asked: Instant,
    pub(super) before: Option<Stored>,
}

impl Judge {
    pub(super) fn expect(&self, holds: bool, complaint: impl FnOnce() -> String) {
        if !holds {
            self.complaints.lock().unwrap().push(complaint());
        }
    }

    /// Something goes wrong, now and for `time`.
    pub(super) fn trouble(&self, trouble: Trouble, time: Duration) {
        let now = Instant::now();
        self.troubles.lock().unwrap().push((trouble, now, now + time));
    }

    /// Whatever goes wrong ends now.
    pub(super) fn all_is_well(&self) {
        let now = Instant::now();
        for (_, _, end) in self.troubles.lock().unwrap().iter_mut() {
            *end = (*end).min(now);
        }
    }

    /// Whether there was trouble of the kind that `is_it` means at some time between `start` and `end`.
    fn was_there(&self, start: Instant, end: Instant, is_it: impl Fn(Trouble) -> bool) -> bool {
        let troubles = self.troubles.lock().unwrap();
        let mut between = troubles
            .iter()
            .filter(|(_, from, until)| *from <= end && *until >= start);
        between.any(|(trouble, ..)| is_it(*trouble))
    }

    /// Judges what a request was given.
    pub(super) fn hear(
        &self,
        stage: &Stage,
        kept: &Kept,
        question: &Question,
        answer: Result<Result<Current, StoreError>, Elapsed>,
    ) {
        let (sub, asked) = (&kept.sub, question.asked);
        let is = |trouble: Trouble| self.was_there(asked, Instant::now(), |other| other == trouble);
        match answer {
            Err(_) => self.expect(is(Trouble::SlowStore), || format!("{sub}: a request hangs")),
            Ok(Err(_)) => {
                let is_down = is(Trouble::NoStore) || is(Trouble::Partition(question.number));
                self.expect(is_down, || format!("{sub}: the store fails although it is well"));
            }
            Ok(Ok(current)) => {
                let signed_out = kept.sign_out.lock().unwrap().done;
                if signed_out.is_some_and(|done| done <= asked) {
                    self.expect(matches!(current, Current::Ended(Ending::Unknown)), || {
                        format!("{sub}: signed out, but {current:?}")
                    });
                }
                match current {
                    Current::Open(session) => self.open(stage, sub, question, &session),
                    Current::Ended(ending) => self.ended(stage, kept, question, ending),
                    Current::Stuck(fault) => self.stuck(sub, question, &fault),
                }
            }
        }
    }

    fn open(&self, stage: &Stage, sub: &str, question: &Question, session: &OpenSession) {
        let signed_in = &session.signed_in;
        self.expect(signed_in.user.sub == sub, || {
            format!("{sub}: got the session of {}", signed_in.user.sub)
        });
        let serial = serial_of(session, sub);
        let (role, expires_at) = stage.world.provider.of(sub, |family| {
            let issued = family.issued(serial);
            (issued.role.clone(), issued.expires_at)
        });
        let has_its_access_token = signed_in.tokens.access_token.expose() == format!("{sub}/access/{serial}");
        // Of an answer that was not verified only the refresh token is kept.
        self.expect(!has_its_access_token || signed_in.roles == [role.clone()], || {
            format!(
                "{sub}: has the role {:?}, but its tokens say {role}",
                signed_in.roles
            )
        });
        self.expect(
            !has_its_access_token || signed_in.tokens.expires_at == expires_at,
            || format!("{sub}: its tokens end at another time than they say"),
        );
        self.expect(!signed_in.tokens.are_over(question.clock.now()), || {
            format!(
                "{sub}: is open with tokens that are over (forced: {})",
                question.is_forced
            )
        });
        if let Some(before) = &question.before {
            let before = serial_of(&before.session, sub);
            self.expect(serial >= before, || {
                format!("{sub}: got tokens {serial}, but {before} were stored")
            });
        }
    }

    fn ended(&self, stage: &Stage, kept: &Kept, question: &Question, ending: Ending) {
        let end = stage.world.provider.of(&kept.sub, |family| family.end());
        let now = question.clock.now();
        let is_over = question
            .before
            .as_ref()
            .is_some_and(|before| before.ends_at <= now);
        let is_explained = match ending {
            Ending::Over => is_over,
            Ending::Revoked => end.is_some(),
            Ending::Unknown => end.is_some() || kept.sign_out.lock().unwrap().begun.is_some(),
            Ending::Unreadable => false,
        };
        self.expect(is_explained, || {
            format!("{}: ended for no reason: {ending:?}", kept.sub)
        });
    }

    fn stuck(&self, sub: &str, question: &Question, fault: &RefreshFault) {
        let now = question.clock.now();
        let lives = |before: &Stored| !before.session.signed_in.tokens.are_over(now);
        self.expect(
            question.is_forced || !question.before.as_ref().is_some_and(lives),
            || format!("{sub}: stuck ({fault}) although its tokens live"),
        );
        let since = question.asked.checked_sub(AFTERMATH).unwrap();
        let is_explained = self.was_there(since, Instant::now(), |_| true)
            && !matches!(fault, RefreshFault::BrokenOff | RefreshFault::NoRefreshToken);
        self.expect(is_explained, || format!("{sub}: stuck for no reason: {fault}"));
    }

    /// Whether a session whose refresh token was `first_used` then, and whose answer is now with so many `holders`, had
    /// no chance: two things must go wrong within the grace.
    fn is_excused(&self, first_used: Instant, used_again: Instant, holders: usize) -> bool {
        let is_cut_off = |number: &usize| {
            self.was_there(first_used, used_again, |trouble| {
                trouble == Trouble::Partition(*number)
            })
        };
        let cut_off = (0..REPLICAS).filter(is_cut_off).count();
        let end = first_used + GRACE;
        // What a process holds it stores in the end; through a store that takes longer than others hesitate, too late.
        let is_slow = self.was_there(first_used, used_again, |trouble| trouble == Trouble::SlowStore);
        let is_lost = holders == 0 || cut_off > 0 || is_slow;
        let is_a_matter_of_all = |trouble| !matches!(trouble, Trouble::Partition(_));
        is_lost && (cut_off > 1 || self.was_there(end - SECOND_CHANCE, end, is_a_matter_of_all))
    }

    /// Judges how it all ended, and returns everything that was wrong.
    pub(super) async fn verdict(&self, stage: &Arc<Stage>) -> Vec<String> {
        stage.roll_call().await;
        for kept in &stage.sessions {
            let sub = &kept.sub;
            let stored = stage.stored(kept).await;
            let is_signed_out = kept.sign_out.lock().unwrap().done.is_some();
            self.expect(!is_signed_out || stored.is_none(), || {
                format!("{sub}: is back after a sign-out")
            });
            stage.world.provider.of(sub, |family| {
                self.expect(family.most_in_flight <= 1, || {
                    format!("{sub}: {} exchanges at once", family.most_in_flight)
                });
                if stage.season == Season::Calm {
                    self.expect(family.reuses.is_empty(), || {
                        format!("{sub}: used again: {:?}", family.reuses)
                    });
                }
                if let Some(End::Reuse {
                    token,
                    first_used,
                    at,
                }) = family.end()
                {
                    let holders = family.holders_for(token).count();
                    self.expect(self.is_excused(first_used, at, holders), || {
                        format!("{sub}: lost by {:?}", family.reuses)
                    });
                }
                if let (Some(stored), Some(newest)) = (&stored, family.newest_in_hand()) {
                    let stored = serial_of(&stored.session, sub);
                    self.expect(stored >= newest, || {
                        format!("{sub}: has tokens {stored}, the newest are {newest}")
                    });
                }
            });
        }
        std::mem::take(&mut *self.complaints.lock().unwrap())
    }
}

fn serial_of(session: &OpenSession, sub: &str) -> usize {
    serial_in(session.signed_in.tokens.refresh_token.as_ref().unwrap(), sub)
}
