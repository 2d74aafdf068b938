//! Somebody is signed in, at a provider like Scalekit unless a test says otherwise.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tower_sessions::session::Id;

use super::{
    family::Family,
    provider::{Fault, Manners, Provider, serial_in},
    world::{Replica, World},
};
use crate::{
    refresh::{Current, RefreshFault},
    session::{Ending, SignedIn},
    vault::OpenSession,
};

/// Scalekit's: tokens for five minutes, and a used refresh token is taken again for half a minute.
pub(super) const SCALEKIT: Manners = Manners {
    grace: Duration::from_secs(30),
    rotates: true,
    token_life: time::Duration::minutes(5),
    pace: Duration::ZERO,
};
/// A provider that takes no refresh token twice.
pub(super) const STRICT: Manners = Manners {
    grace: Duration::ZERO,
    ..SCALEKIT
};
/// A provider whose refresh tokens stay what they are.
pub(super) const STEADY: Manners = Manners {
    grace: Duration::MAX,
    rotates: false,
    ..SCALEKIT
};
/// How long an exchange takes when nobody says otherwise: time enough for others to come.
const ONE_WAY: Duration = Duration::from_millis(100);

/// One person's session, and whatever befalls it.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) world: World,
    pub(super) id: Id,
    sub: String,
    spectator: Replica,
}

impl Bench {
    pub(super) async fn at(manners: Manners) -> Self {
        Self::with(manners, |_| ()).await
    }

    /// With a session that `change` has changed.
    pub(super) async fn with(manners: Manners, change: impl FnOnce(&mut SignedIn)) -> Self {
        let world = World::new(manners, 1);
        world.provider.slows_down(ONE_WAY);
        let mut signed_in = world.provider.sign_in(1);
        change(&mut signed_in);
        let spectator = world.spectator();
        Self {
            id: spectator.sessions.vault().begin(&signed_in).await.unwrap(),
            sub: signed_in.user.sub,
            world,
            spectator,
        }
    }

    pub(super) fn provider(&self) -> &Arc<Provider> {
        &self.world.provider
    }

    /// A process with a way to the store of its own.
    pub(super) fn replica(&self) -> Replica {
        self.world
            .replica(&self.world.link(Duration::ZERO), time::Duration::ZERO)
    }

    /// Waits until the access token lives for half a minute only.
    pub(super) async fn until_due(&self) {
        self.until_it_lives_for(time::Duration::seconds(30)).await;
    }

    /// Waits until the access token has ended.
    pub(super) async fn until_over(&self) {
        self.until_it_lives_for(time::Duration::ZERO).await;
    }

    pub(super) async fn until_it_lives_for(&self, time: time::Duration) {
        let end = self.stored().await.unwrap().signed_in.tokens.expires_at;
        let wait = end - time - crate::clock::Clock::now(&self.world.clock);
        sleep(Duration::try_from(wait).unwrap_or_default()).await;
    }

    pub(super) fn family<T>(&self, ask: impl FnOnce(&mut Family) -> T) -> T {
        self.provider().of(&self.sub, ask)
    }

    /// How many exchanges there have been.
    pub(super) fn exchanges(&self) -> usize {
        self.family(|family| family.exchanges)
    }

    pub(super) async fn stored(&self) -> Option<Arc<OpenSession>> {
        self.spectator.stored(self.id).await
    }

    /// The number of the stored tokens: 0 for those of the sign-in.
    pub(super) async fn stored_serial(&self) -> usize {
        self.serial(&self.stored().await.expect("the session is stored"))
    }

    pub(super) fn serial(&self, session: &OpenSession) -> usize {
        serial_in(
            session.signed_in.tokens.refresh_token.as_ref().unwrap(),
            &self.sub,
        )
    }

    /// Lets one exchange meet `fault`, for the sake of a request in `replica`.
    pub(super) async fn fail_once(&self, replica: &Replica, fault: Fault) {
        self.provider().fails(fault);
        replica.request(self.id).await;
        self.provider().recovers();
    }
}

/// How a request saw the session.
impl Current {
    pub(super) fn open(self) -> Arc<OpenSession> {
        match self {
            Self::Open(session) => session,
            other => panic!("not open: {other:?}"),
        }
    }

    pub(super) fn ending(self) -> Ending {
        match self {
            Self::Ended(ending) => ending,
            other => panic!("not ended: {other:?}"),
        }
    }

    pub(super) fn fault(self) -> Arc<RefreshFault> {
        match self {
            Self::Stuck(fault) => fault,
            other => panic!("not stuck: {other:?}"),
        }
    }
}
