//! Where a schedule is played: processes, and what befalls them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tower_sessions::session::Id;

use super::{
    super::{
        family::Family,
        process::Link,
        provider::ISSUER,
        world::{Replica, World},
    },
    judge::{Judge, Trouble},
    schedule::{Action, REPLICAS, SESSIONS, Schedule, Season, Step},
};
use crate::{
    session::Lookup,
    store::{RowKey, RowStore as _},
    vault::OpenSession,
};

const PACE: Duration = Duration::from_millis(200);
/// After this long all that went wrong is forgotten: retries, pauses (`Retry-After` included), leases.
pub(super) const RECOVERY: Duration = Duration::from_secs(100);

pub(super) struct Stage {
    pub(super) world: World,
    pub(super) sessions: Vec<Kept>,
    pub(super) judge: Judge,
    spectator: Replica,
    pub(super) season: Season,
    skews: [i64; REPLICAS],
    links: Vec<Arc<Link>>,
    replicas: Mutex<Vec<Replica>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// A session that began before the schedule.
pub(super) struct Kept {
    pub(super) id: Id,
    pub(super) sub: String,
    pub(super) sign_out: Mutex<SignOut>,
    key: RowKey,
    last_read: Mutex<Option<Arc<OpenSession>>>,
}

/// A session as it is stored.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) session: Arc<OpenSession>,
    pub(super) ends_at: OffsetDateTime,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct SignOut {
    /// From now on it may be gone.
    pub(super) begun: Option<Instant>,
    /// From now on it must be.
    pub(super) done: Option<Instant>,
}

impl Stage {
    pub(super) async fn set(schedule: &Schedule) -> Arc<Self> {
        let world = World::new(schedule.manners(), schedule.seed);
        let spectator = world.spectator();
        let mut sessions = Vec::new();
        for number in 0..SESSIONS {
            let (vault, signed_in) = (spectator.sessions.vault(), world.provider.sign_in(number));
            let (id, sub) = (vault.begin(&signed_in).await.unwrap(), signed_in.user.sub);
            let found = vault.find(ISSUER, Lookup::User(&sub)).await.unwrap();
            sessions.push(Kept {
                id,
                key: found[0].key,
                sub,
                sign_out: Mutex::default(),
                last_read: Mutex::default(),
            });
        }
        let links: Vec<_> = (0..REPLICAS).map(|_| world.link(PACE)).collect();
        let stage = Arc::new(Self {
            season: schedule.season,
            skews: schedule.skew_seconds,
            replicas: Mutex::default(),
            judge: Judge::default(),
            tasks: Mutex::default(),
            world,
            sessions,
            spectator,
            links,
        });
        for number in 0..REPLICAS {
            let replica = stage.new_replica(number);
            stage.replicas.lock().unwrap().push(replica);
        }
        stage
    }

    fn new_replica(&self, number: usize) -> Replica {
        let skew = time::Duration::seconds(self.skews[number]);
        self.world.replica(&self.links[number], skew)
    }

    pub(super) fn replica(&self, number: usize) -> Replica {
        self.replicas.lock().unwrap()[number].clone()
    }

    /// Plays `steps`, lets everything recover, and returns what was wrong.
    pub(super) async fn play(self: Arc<Self>, steps: &[Step]) -> Vec<String> {
        if self.season == Season::Stormy {
            tokio::spawn(Arc::clone(&self).people_try_again());
        }
        for step in steps {
            sleep(Duration::from_millis(step.after_ms)).await;
            self.act(step.action);
        }
        self.world.provider.recovers();
        for link in &self.links {
            link.comes_back();
            link.slows_down(Duration::ZERO, PACE);
        }
        self.judge.all_is_well();
        sleep(RECOVERY).await;
        self.finish().await;
        self.judge.verdict(&self).await
    }

    fn act(self: &Arc<Self>, action: Action) {
        match action {
            Action::Request {
                replica,
                session,
                leaves_after_ms,
            } => {
                let leaves_after = leaves_after_ms.map(Duration::from_millis);
                self.spawn(Arc::clone(self).request(replica, session, false, leaves_after));
            }
            Action::Renew { replica, session } => {
                self.spawn(Arc::clone(self).request(replica, session, true, None));
            }
            Action::SignOut { replica, session } => self.spawn(Arc::clone(self).sign_out(replica, session)),
            Action::ChangeRole { session } => {
                let sub = &self.sessions[session].sub;
                self.world.provider.of(sub, Family::change_role);
            }
            Action::Revoke { session } => {
                let sub = &self.sessions[session].sub;
                self.world.provider.of(sub, Family::revoke);
            }
            Action::ProviderFails { fault, ms } => {
                let time = Duration::from_millis(ms);
                self.judge.trouble(Trouble::Provider, time);
                self.world.provider.fails_for(fault, time);
            }
            Action::StoreIsDown { ms } => {
                let time = Duration::from_millis(ms);
                self.judge.trouble(Trouble::NoStore, time);
                for link in &self.links {
                    link.goes_down(time);
                }
                self.spawn(Arc::clone(self).rush(time));
            }
            Action::StoreIsSlow { ms } => {
                let time = Duration::from_millis(ms);
                self.judge.trouble(Trouble::SlowStore, time);
                let pace = match self.season {
                    Season::Calm => PACE * 3,
                    Season::Stormy => Duration::from_secs(4),
                };
                for link in &self.links {
                    link.slows_down(time, pace);
                }
            }
            Action::Partition { replica, ms } => {
                let time = Duration::from_millis(ms);
                self.judge.trouble(Trouble::Partition(replica), time);
                self.links[replica].goes_down(time);
            }
            Action::Crash { replica } => {
                self.judge.trouble(Trouble::Crash, Duration::ZERO);
                let next = self.new_replica(replica);
                let dead = std::mem::replace(&mut self.replicas.lock().unwrap()[replica], next);
                dead.process.crash();
            }
        }
    }

    /// The session as it is stored, deciphered anew only when it was written.
    pub(super) async fn stored(&self, kept: &Kept) -> Option<Stored> {
        let row = self.world.rows.load(kept.key).await.unwrap()?;
        let last_read = kept.last_read.lock().unwrap().clone();
        let session = match last_read {
            Some(session) if session.version == row.version => session,
            _ => self.spectator.stored(kept.id).await?,
        };
        *kept.last_read.lock().unwrap() = Some(Arc::clone(&session));
        let ends_at = row.idle_end.min(row.absolute_end);
        Some(Stored {
            session,
            ends_at: OffsetDateTime::from_unix_timestamp(ends_at).unwrap(),
        })
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap().push(tokio::spawn(task));
    }

    async fn finish(&self) {
        loop {
            let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
            if tasks.is_empty() {
                return;
            }
            for task in tasks {
                task.await.unwrap();
            }
        }
    }
}
