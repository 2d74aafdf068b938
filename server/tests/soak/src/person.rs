//! A person at a browser, as the soak knows them: whether they ought to be signed in, and with which cookie.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use url::Url;

use crate::{
    Failure,
    balancer::{Answer, Ask},
    world::World,
};

/// The cookie of a session where people come by http.
pub(crate) const COOKIE: &str = "scalekit_session";
/// A sign-in may meet a fault of the provider or the end of a server, and people try again.
const SIGN_IN_TRIES: u32 = 60;
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

/// A person.
pub(crate) struct Person {
    /// Which one.
    pub(crate) number: usize,
    place: Mutex<Place>,
}

enum Place {
    /// Not signed in; whoever wants something of the person signs them in first.
    Outside,
    /// Signing in.
    Arriving,
    /// Signed in, and only we or the provider may change that.
    Inside { visit: Visit, last_asked: Instant },
    /// Being signed out: by themselves, or by the provider.
    Leaving,
}

/// One session of a person.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The `Cookie` header.
    pub(crate) cookie: String,
    /// What the provider calls the session.
    pub(crate) sid: String,
}

impl Person {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number,
            place: Mutex::new(Place::Outside),
        }
    }

    /// The session that the person ought to have. Whoever asks for it is about to use it.
    pub(crate) fn visit(&self) -> Option<Visit> {
        match &mut *self.place() {
            Place::Inside { visit, last_asked } => {
                *last_asked = Instant::now();
                Some(visit.clone())
            }
            _ => None,
        }
    }

    /// The same, if nobody has used it for so long.
    pub(crate) fn visit_if_idle(&self, idle: Duration) -> Option<Visit> {
        let is_idle =
            matches!(&*self.place(), Place::Inside { last_asked, .. } if last_asked.elapsed() >= idle);
        is_idle.then(|| self.visit()).flatten()
    }

    /// The session, if it is now to end. From here on nobody expects it to be alive.
    pub(crate) fn leave(&self) -> Option<Visit> {
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::Leaving) {
            Place::Inside { visit, .. } => Some(visit),
            other => {
                *place = other;
                None
            }
        }
    }

    /// The session has ended as it was to.
    pub(crate) fn has_left(&self) {
        *self.place() = Place::Outside;
    }

    /// A server says that this session has ended. Whether that is news, and wrong.
    pub(crate) fn is_thrown_out(&self, visit: &Visit) -> bool {
        let mut place = self.place();
        let wrong = matches!(&*place, Place::Inside { visit: current, .. } if current.sid == visit.sid);
        if wrong {
            *place = Place::Outside;
        }
        wrong
    }

    /// Signs the person in, unless they are or somebody else is at it.
    pub(crate) async fn come_in(&self, world: &World) -> Result<(), Failure> {
        {
            let mut place = self.place();
            if !matches!(&*place, Place::Outside) {
                return Ok(());
            }
            *place = Place::Arriving;
        }
        let mut obstacle = String::new();
        for _ in 0..SIGN_IN_TRIES {
            match self.sign_in(world).await {
                Ok(visit) => {
                    *self.place() = Place::Inside {
                        visit,
                        last_asked: Instant::now(),
                    };
                    world.tally.signed_in();
                    return Ok(());
                }
                Err(error) => obstacle = error,
            }
            sleep(BETWEEN_TRIES).await;
        }
        *self.place() = Place::Outside;
        Err(Failure::SignIn(obstacle))
    }

    /// What a browser and a person do, once.
    async fn sign_in(&self, world: &World) -> Result<Visit, String> {
        let unexpected = |answer: &Answer| {
            format!(
                "{} on {} answered {} ({})",
                answer.path, answer.replica, answer.status, answer.reference
            )
        };
        let mut cookies = BTreeMap::new();
        let started = world.balancer.send(Ask::Page("/auth/login"), "").await?;
        world.tally.let_in(&started);
        if started.location.is_empty() {
            return Err(unexpected(&started));
        }
        cookies.extend(started.cookies);
        // An address of its own, so that the provider's name for the session can be asked for.
        let email = world.new_address(self.number);
        let callback = world
            .control
            .approve(&started.location, &email)
            .map_err(|error| error.to_string())?;
        let callback = Url::parse(&callback).map_err(|error| error.to_string())?;
        let path = format!("{}?{}", callback.path(), callback.query().unwrap_or_default());
        let finished = world.balancer.send(Ask::Page(&path), &header(&cookies)).await?;
        world.tally.let_in(&finished);
        if finished.location != "/dashboard" {
            return Err(unexpected(&finished));
        }
        cookies.extend(finished.cookies);
        cookies.retain(|name, _| name == COOKIE);
        let sid = world.control.sessions_of(&email).pop();
        Ok(Visit {
            cookie: header(&cookies),
            sid: sid.ok_or("the provider knows nothing of the session")?,
        })
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn header(cookies: &BTreeMap<String, String>) -> String {
    let pairs = cookies.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}
