//! Everything this environment remembers, in memory and bounded. One lock guards it; nothing awaits while holding it.

pub(crate) mod expiring;
pub(crate) mod grant;
pub(crate) mod refreshes;
pub(crate) mod session;
pub(crate) mod sign_in;

use time::Duration;

use crate::{
    fault::{Faults, Requests},
    keys::KeyRing,
    management::{portal::LINK_LIFETIME, rate::Rate, tenant::Tenants},
    people::Directory,
    random,
    store::{expiring::Expiring, grant::Grants, refreshes::Refreshes, session::Sessions, sign_in::SignIn},
};

/// How long an unfinished sign-in is kept.
const SIGN_IN_LIFETIME: Duration = Duration::minutes(30);
const SIGN_IN_CAPACITY: usize = 10_000;
const PORTAL_LINK_CAPACITY: usize = 1_000;

/// What can be set from outside.
pub(crate) struct Settings {
    pub(crate) access_token_lifetime: Duration,
    pub(crate) id_token_lifetime: Duration,
    /// How long a used refresh token may be used again. Zero is strict.
    pub(crate) refresh_grace: Duration,
    /// The next refresh is answered with `invalid_grant`, whatever it brings.
    pub(crate) refuse_next_refresh: bool,
    /// How many requests the management API answers in a second.
    pub(crate) management_rate: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token_lifetime: Duration::minutes(5),
            id_token_lifetime: Duration::minutes(30),
            refresh_grace: Duration::seconds(30),
            refuse_next_refresh: false,
            management_rate: 500,
        }
    }
}

/// The whole memory.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) keys: KeyRing,
    pub(crate) directory: Directory,
    pub(crate) sign_ins: Expiring<SignIn>,
    pub(crate) sessions: Sessions,
    pub(crate) grants: Grants,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) refreshes: Refreshes,
    pub(crate) tenants: Tenants,
    pub(crate) management_rate: Rate,
    /// The organizations of links to the admin portal that have not been followed.
    pub(crate) portal_links: Expiring<String>,
}

impl State {
    pub(crate) fn new(keys: KeyRing) -> Self {
        Self {
            settings: Settings::default(),
            keys,
            directory: Directory::new(),
            sign_ins: Expiring::new(SIGN_IN_LIFETIME, SIGN_IN_CAPACITY),
            sessions: Sessions::new(),
            grants: Grants::new(),
            faults: Faults::default(),
            requests: Requests::default(),
            refreshes: Refreshes::default(),
            tenants: Tenants::new(),
            management_rate: Rate::default(),
            portal_links: Expiring::new(LINK_LIFETIME, PORTAL_LINK_CAPACITY),
        }
    }

    /// Remembers an unfinished sign-in and returns the name it goes by in the address.
    pub(crate) fn remember(&mut self, sign_in: SignIn, now: time::OffsetDateTime) -> String {
        let id = random::secret();
        self.sign_ins.insert(id.clone(), sign_in, now);
        id
    }
}
