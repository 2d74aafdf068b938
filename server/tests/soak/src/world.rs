//! Everything of one phase: a provider, two servers on one store, the way to them, and people.

use std::{
    collections::VecDeque,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use emulator::{CLIENT_ID, CLIENT_SECRET, Control, Emulator};
use tokio::task::JoinSet;

use crate::{
    Failure,
    balancer::{self, Balancer},
    departures,
    person::{Person, Visit},
    phase::{ACCESS_TOKEN_LIFETIME, Phase},
    replica::{Launch, Replica},
    tally::Tally,
    timeline::Timeline,
};

/// Anything will do: the sessions are made up and end with the soak.
const SECRET: &str = "c29hay1zb2FrLXNvYWstc29hay1zb2FrLXNvYWshISE=";
/// How many of the sessions that have ended are asked for once more at the end.
const REMEMBERED: usize = 300;
/// Sign-ins at the same time at the start.
const AT_ONCE: usize = 8;

/// What a phase is made of.
pub(crate) struct World {
    pub(crate) control: Control,
    pub(crate) balancer: Balancer,
    pub(crate) replicas: [Arc<Replica>; 2],
    /// For everything that does not go through the balancer.
    pub(crate) client: reqwest::Client,
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) tally: Tally,
    pub(crate) people: Vec<Arc<Person>>,
    over: Mutex<VecDeque<Visit>>,
    addresses: AtomicU64,
    /// Serves as long as it is held.
    _emulator: Emulator,
}

/// Where things of a phase come from and go to.
pub(crate) struct Place<'a> {
    /// The server's binary.
    pub(crate) server: &'a Path,
    /// The folder of the logs.
    pub(crate) logs: &'a Path,
    /// `SESSION_STORE_URL`.
    pub(crate) store_url: String,
    /// The beginning of the logs' names.
    pub(crate) name: String,
}

impl World {
    /// Starts the provider and the servers.
    pub(crate) async fn start(
        place: &Place<'_>,
        phase: Phase,
        sessions: usize,
    ) -> Result<Arc<Self>, Failure> {
        let [public, first, second] = free_ports()?;
        let origin = format!("localhost:{public}");
        let callback = format!("http://{origin}/auth/callback");
        let emulator = Emulator::builder().redirect_uri(&callback).start().await?;
        let control = emulator.control();
        control.set_access_token_lifetime(ACCESS_TOKEN_LIFETIME);
        control.set_refresh_grace(phase.grace());

        let replica = |name, port| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let launch = Launch {
                program: place.server.to_owned(),
                variables: vec![
                    ("SCALEKIT_ENV_URL", emulator.issuer().to_owned()),
                    ("SCALEKIT_CLIENT_ID", CLIENT_ID.to_owned()),
                    ("SCALEKIT_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
                    ("SCALEKIT_REDIRECT_URI", callback.clone()),
                    ("SESSION_STORE_URL", place.store_url.clone()),
                    ("SESSION_SECRETS", SECRET.to_owned()),
                    ("LEPTOS_SITE_ADDR", address.to_string()),
                ],
                log: log(place, name),
            };
            Arc::new(Replica::new(name, address, launch))
        };
        let replicas = [replica("a", first), replica("b", second)];
        let client = balancer::client()?;
        let [a, b] = &replicas;
        tokio::try_join!(a.start(&client), b.start(&client))?;

        let timeline = Arc::new(Timeline::default());
        let balancer = Balancer::new(replicas.clone(), origin, Arc::clone(&timeline), control.clone())?;
        Ok(Arc::new(Self {
            control,
            balancer,
            replicas,
            client,
            timeline,
            tally: Tally::default(),
            people: (0..sessions)
                .map(|number| Arc::new(Person::new(number)))
                .collect(),
            over: Mutex::default(),
            addresses: AtomicU64::new(0),
            _emulator: emulator,
        }))
    }

    /// Signs everybody in.
    pub(crate) async fn fill(self: &Arc<Self>) -> Result<(), Failure> {
        let mut arrivals = JoinSet::new();
        for person in &self.people {
            if arrivals.len() >= AT_ONCE
                && let Some(arrived) = arrivals.join_next().await
            {
                arrived??;
            }
            let (world, person) = (Arc::clone(self), Arc::clone(person));
            arrivals.spawn(async move { person.come_in(&world).await });
        }
        while let Some(arrived) = arrivals.join_next().await {
            arrived??;
        }
        Ok(())
    }

    /// An address that nobody has used yet.
    pub(crate) fn new_address(&self, person: usize) -> String {
        let number = self.addresses.fetch_add(1, Ordering::Relaxed);
        format!("person-{person}.{number}+sktest@acme.example")
    }

    /// A session that has ended, and is to stay so.
    pub(crate) fn remember_as_over(&self, visit: &Visit) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        if over.len() == REMEMBERED {
            over.pop_front();
        }
        over.push_back(visit.clone());
    }

    /// Asks for the sessions that have ended once more.
    pub(crate) async fn visit_the_dead(self: &Arc<Self>) {
        let over = std::mem::take(&mut *self.over.lock().unwrap_or_else(PoisonError::into_inner));
        let mut visits = JoinSet::new();
        for visit in over {
            if visits.len() >= AT_ONCE {
                visits.join_next().await;
            }
            let world = Arc::clone(self);
            visits.spawn(async move { departures::must_be_over(&world, &visit, 2).await });
        }
        visits.join_all().await;
    }
}

/// Where the log of a server goes. That of an earlier soak is not added to.
fn log(place: &Place<'_>, replica: &str) -> PathBuf {
    let path = place.logs.join(format!("{}-{replica}.log", place.name));
    let _ = fs::remove_file(&path);
    path
}

/// Ports nobody listens on, from below those that systems give to outgoing connections: a server that was killed must
/// find its own free again.
fn free_ports<const N: usize>() -> Result<[u16; N], Failure> {
    let mut candidates = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap_or_default();
    let mut ports = [0; N];
    let mut held = Vec::new();
    for port in &mut ports {
        loop {
            candidates = if candidates >= 32_000 {
                20_000
            } else {
                candidates + 1
            };
            match TcpListener::bind((Ipv4Addr::LOCALHOST, candidates)) {
                Ok(listener) => {
                    held.push(listener);
                    *port = candidates;
                    break;
                }
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(ports)
}
