//! What happens, when, and to whom.

use std::time::Duration;

use proptest::{collection::vec, prelude::*};

use super::{
    super::provider::{Fault, Manners},
    stage::Stage,
};

pub(super) const REPLICAS: usize = 3;
pub(super) const SESSIONS: usize = 2;

/// How bad it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    /// Store and provider fail, but what the provider gave always arrives. It forgives nothing.
    Calm,
    /// Processes crash, and answers are lost on the way. The provider takes a used token again for half a minute.
    Stormy,
}

/// Some hours in the life of a few processes.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) season: Season,
    /// Decides how long everything takes.
    pub(super) seed: u64,
    /// How long access tokens live.
    pub(super) token_seconds: i64,
    /// How far each process's clock is off.
    pub(super) skew_seconds: [i64; REPLICAS],
    pub(super) steps: Vec<Step>,
}

/// Something that happens some time after the last thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) after_ms: u64,
    pub(super) action: Action,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    /// A browser asks for a page, and may not wait for it.
    Request {
        replica: usize,
        session: usize,
        leaves_after_ms: Option<u64>,
    },
    /// Somebody presses the button that renews the tokens.
    Renew {
        replica: usize,
        session: usize,
    },
    SignOut {
        replica: usize,
        session: usize,
    },
    /// The person has another role from now on.
    ChangeRole {
        session: usize,
    },
    /// The provider's administrator ends the session.
    Revoke {
        session: usize,
    },
    /// Every exchange meets the fault for this long.
    ProviderFails {
        fault: Fault,
        ms: u64,
    },
    StoreIsDown {
        ms: u64,
    },
    StoreIsSlow {
        ms: u64,
    },
    /// One process does not reach the store.
    Partition {
        replica: usize,
        ms: u64,
    },
    /// The process dies, and another takes its place.
    Crash {
        replica: usize,
    },
}

impl Schedule {
    /// Plays it, and returns what was wrong.
    pub(super) fn play(&self) -> Vec<String> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let stage = Stage::set(self).await;
            stage.play(&self.steps).await
        })
    }

    pub(super) fn manners(&self) -> Manners {
        Manners {
            grace: match self.season {
                Season::Calm => Duration::ZERO,
                Season::Stormy => super::judge::GRACE,
            },
            rotates: true,
            token_life: time::Duration::seconds(self.token_seconds),
            pace: Duration::from_millis(4900),
        }
    }
}

pub(super) fn schedule(season: Season) -> impl Strategy<Value = Schedule> {
    let token_seconds = prop_oneof![Just(300), Just(60), Just(20)];
    let skews = proptest::array::uniform3(-5..=5_i64);
    let parts = (any::<u64>(), token_seconds, skews, vec(step(season), 1..16));
    parts.prop_map(move |(seed, token_seconds, skew_seconds, steps)| Schedule {
        season,
        seed,
        token_seconds,
        skew_seconds,
        steps,
    })
}

fn step(season: Season) -> impl Strategy<Value = Step> {
    (gap(), action(season)).prop_map(|(after_ms, action)| Step { after_ms, action })
}

/// Mostly so short that things happen at once.
fn gap() -> impl Strategy<Value = u64> {
    prop_oneof![
        10 => 0..300_u64,
        6 => 0..5_000_u64,
        4 => 0..40_000_u64,
        2 => 0..360_000_u64,
        1 => 0..1_900_000_u64,
    ]
}

fn action(season: Season) -> BoxedStrategy<Action> {
    let (replica, session) = (|| 0..REPLICAS, || 0..SESSIONS);
    let leaves = prop_oneof![3 => Just(None), 1 => (0..3000_u64).prop_map(Some)];
    let request =
        (replica(), session(), leaves).prop_map(|(replica, session, leaves_after_ms)| Action::Request {
            replica,
            session,
            leaves_after_ms,
        });
    let renew = (replica(), session()).prop_map(|(replica, session)| Action::Renew { replica, session });
    let sign_out = (replica(), session()).prop_map(|(replica, session)| Action::SignOut { replica, session });
    let change_role = session().prop_map(|session| Action::ChangeRole { session });
    let revoke = session().prop_map(|session| Action::Revoke { session });
    let provider_fails =
        (fault(season), 0..90_000_u64).prop_map(|(fault, ms)| Action::ProviderFails { fault, ms });
    let store_is_down = (0..100_000_u64).prop_map(|ms| Action::StoreIsDown { ms });
    let store_is_slow = (0..60_000_u64).prop_map(|ms| Action::StoreIsSlow { ms });
    let calm = prop_oneof![
        24 => request,
        8 => renew,
        1 => sign_out,
        2 => change_role,
        1 => revoke,
        4 => provider_fails,
        2 => store_is_down,
        1 => store_is_slow,
    ];
    if season == Season::Calm {
        return calm.boxed();
    }
    let partition = (replica(), 0..100_000_u64).prop_map(|(replica, ms)| Action::Partition { replica, ms });
    let crash = replica().prop_map(|replica| Action::Crash { replica });
    prop_oneof![12 => calm, 1 => partition, 2 => crash].boxed()
}

fn fault(season: Season) -> impl Strategy<Value = Fault> {
    let calm = prop_oneof![
        Just(Fault::Unreachable),
        Just(Fault::ServerError),
        (1..60_u32).prop_map(Fault::TooManyRequests),
        Just(Fault::ClientRefused),
        Just(Fault::NotVerified),
    ];
    let lossy = prop_oneof![Just(Fault::AnswerLost), Just(Fault::Garbage)];
    match season {
        Season::Calm => calm.boxed(),
        Season::Stormy => prop_oneof![calm, lossy].boxed(),
    }
}
