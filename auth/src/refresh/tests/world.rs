//! A store and a provider, processes that share them, and a clock that moves only when everybody waits.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::Instant;
use tower_sessions::session::Id;

use super::{
    dice::Dice,
    process::{Link, Process, StoreOfOne},
    provider::{Line, Manners, Provider},
};
use crate::{
    clock::{Clock, Surroundings},
    config::SessionSettings,
    refresh::{Current, Sessions},
    seal::Secrets,
    store::{StoreUrl, memory::MemoryStore},
    vault::{OpenSession, SessionVault},
};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// Some day.
const START: OffsetDateTime = time::macros::datetime!(2030-01-01 12:00 UTC);

/// Follows the runtime's paused time, fast or slow by `skew`.
#[derive(Debug, Clone, Copy)]
pub(super) struct VirtualClock {
    started: Instant,
    skew: time::Duration,
}

impl VirtualClock {
    pub(super) fn start() -> Self {
        Self {
            started: Instant::now(),
            skew: time::Duration::ZERO,
        }
    }

    pub(super) fn skewed(self, skew: time::Duration) -> Self {
        Self { skew, ..self }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> OffsetDateTime {
        START + self.started.elapsed() + self.skew
    }
}

/// What all processes share.
#[derive(Debug)]
pub(super) struct World {
    pub(super) rows: Arc<MemoryStore>,
    pub(super) provider: Arc<Provider>,
    pub(super) clock: VirtualClock,
    settings: SessionSettings,
    seeds: Dice,
}

impl World {
    pub(super) fn new(manners: Manners, seed: u64) -> Self {
        let clock = VirtualClock::start();
        let seeds = Dice::new(seed);
        Self {
            rows: Arc::default(),
            provider: Provider::new(manners, clock, seeds.below(u64::MAX)),
            clock,
            settings: SessionSettings {
                store: StoreUrl::Memory,
                secrets: Secrets::parse(KEY).unwrap(),
                idle_timeout: Duration::from_mins(30),
                absolute_timeout: Duration::from_hours(24),
            },
            seeds,
        }
    }

    /// A way to the store that takes up to `pace`.
    pub(super) fn link(&self, pace: Duration) -> Arc<Link> {
        Link::new(pace, self.seeds.below(u64::MAX))
    }

    /// Somebody who sees what is stored, at once. The spectator's clock stands still, so that looking prolongs nothing.
    pub(super) fn spectator(&self) -> Replica {
        let never = self.clock.started + Duration::from_hours(10_000);
        let clock = VirtualClock {
            started: never,
            ..self.clock
        };
        self.replica_with(&self.link(Duration::ZERO), clock)
    }

    /// A new process at the end of `link`.
    pub(super) fn replica(&self, link: &Arc<Link>, skew: time::Duration) -> Replica {
        self.replica_with(link, self.clock.skewed(skew))
    }

    fn replica_with(&self, link: &Arc<Link>, clock: VirtualClock) -> Replica {
        let process = Process::start();
        let surroundings = Surroundings::new(clock, Dice::new(self.seeds.below(u64::MAX)));
        let store = StoreOfOne {
            rows: Arc::clone(&self.rows),
            process: Arc::clone(&process),
            link: Arc::clone(link),
        };
        let exchange = Line {
            provider: Arc::clone(&self.provider),
            process: Arc::clone(&process),
        };
        let vault = SessionVault::new(Arc::new(store), &self.settings, surroundings.clone());
        Replica {
            sessions: Sessions::new(vault, Arc::new(exchange), surroundings),
            process,
            link: Arc::clone(link),
            clock,
        }
    }
}

/// A process that serves requests.
#[derive(Debug, Clone)]
pub(super) struct Replica {
    pub(super) sessions: Sessions,
    pub(super) process: Arc<Process>,
    pub(super) link: Arc<Link>,
    pub(super) clock: VirtualClock,
}

impl Replica {
    /// What a request for the session is given. The store answers.
    pub(super) async fn request(&self, id: Id) -> Current {
        self.sessions.current(id).await.unwrap()
    }

    /// The session as it is stored, if there is one.
    pub(super) async fn stored(&self, id: Id) -> Option<Arc<OpenSession>> {
        self.sessions.open(id).await.unwrap().ok()
    }
}
