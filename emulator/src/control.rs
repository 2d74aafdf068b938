//! Control from the same process: time, lifetimes, keys, sessions, faults. The HTTP version is in [`http`].

pub(crate) mod http;

use std::{sync::Arc, time::Duration};

use crate::{
    endpoint::authorize::{AuthorizationRequest, AuthorizeError, grant_code},
    environment::Environment,
    fault::{Endpoint, Fault, Misbehaviour, Requests},
    params::Params,
    people::{Person, Role},
    store::refreshes::Replays,
};

/// Moves and breaks a running emulator. Cheap to clone; every operation takes effect at once.
#[derive(Clone)]
pub struct Control {
    environment: Arc<Environment>,
}

/// Why [`Control::approve`] did not sign the person in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApproveError {
    /// The authorization request is one that the emulator refuses without a redirect.
    #[error("the authorization request is refused: {0}")]
    Request(String),
    /// Nobody here has this address.
    #[error("nobody here has the address {0}")]
    Person(String),
    /// The person is not a member of the organization that the request asks for.
    #[error("the person is not a member of the organization that was asked for")]
    Organization,
}

impl Control {
    pub(crate) fn new(environment: Arc<Environment>) -> Self {
        Self { environment }
    }

    /// How long access tokens live from now on; 5 minutes at first. Whole seconds.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.environment.state().settings.access_token_lifetime = moved(lifetime);
    }

    /// How long ID tokens live from now on; 30 minutes at first. Whole seconds.
    pub fn set_id_token_lifetime(&self, lifetime: Duration) {
        self.environment.state().settings.id_token_lifetime = moved(lifetime);
    }

    /// How long a used refresh token may be used again; 30 seconds at first. Zero is strict: the second use of a
    /// refresh token revokes the whole family.
    pub fn set_refresh_grace(&self, grace: Duration) {
        self.environment.state().settings.refresh_grace = moved(grace);
    }

    /// The next refresh is answered with `invalid_grant`, whatever it brings.
    pub fn refuse_next_refresh(&self) {
        self.environment.state().settings.refuse_next_refresh = true;
    }

    /// Moves the clock on.
    pub fn advance_clock(&self, by: Duration) {
        self.environment.clock.advance(moved(by));
    }

    /// Sets how far the clock is ahead of the system's (or, negative, behind it), in seconds.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.environment
            .clock
            .set_offset(time::Duration::seconds(seconds));
    }

    /// Replaces the signing key and returns the new `kid`. The old key leaves `/keys` at once. `None` if the
    /// cryptographic library could not make a key; then nothing changed.
    pub fn rotate_keys(&self) -> Option<String> {
        self.environment.state().keys.rotate().ok()
    }

    /// Ends a session (`ses_…`) as an administrator would: its refresh tokens stop working, its access tokens stay
    /// good until they expire. Whether there was one.
    pub fn end_session(&self, sid: &str) -> bool {
        self.environment.state().sessions.end(sid)
    }

    /// Ends all sessions.
    pub fn end_all_sessions(&self) {
        self.environment.state().sessions.end_all();
    }

    /// The `sid`s of the sessions that are alive.
    pub fn sessions(&self) -> Vec<String> {
        let now = self.environment.now();
        let state = self.environment.state();
        let mut sessions: Vec<_> = state.sessions.list(now).map(|(id, _)| id.to_owned()).collect();
        sessions.sort();
        sessions
    }

    /// The `sid`s of a person's sessions that are alive.
    pub fn sessions_of(&self, email: &str) -> Vec<String> {
        let now = self.environment.now();
        let state = self.environment.state();
        let Some(person) = state.directory.by_email(email) else {
            return Vec::new();
        };
        let theirs = state.sessions.list(now);
        let theirs = theirs.filter(|(_, session)| session.person_id == person.id);
        theirs.map(|(id, _)| id.to_owned()).collect()
    }

    /// Makes an endpoint misbehave until further notice; `None` makes it well again.
    pub fn set_fault(&self, endpoint: Endpoint, fault: Option<Fault>) {
        match fault {
            Some(fault) => self.set_fault_share(endpoint, fault, 1.0),
            None => {
                self.environment.state().faults.remove(&endpoint);
            }
        }
    }

    /// Makes an endpoint misbehave now and then: at this share (0 to 1) of its requests, evenly spread. A quarter is
    /// each fourth request.
    pub fn set_fault_share(&self, endpoint: Endpoint, fault: Fault, share: f64) {
        let misbehaviour = Misbehaviour::new(fault, share);
        self.environment.state().faults.insert(endpoint, misbehaviour);
    }

    /// Makes all endpoints well again.
    pub fn clear_faults(&self) {
        self.environment.state().faults.clear();
    }

    /// Everyone who can sign in, including those who came with a `+sktest` address or were invited.
    pub fn people(&self) -> Vec<Person> {
        self.environment.state().directory.all().to_vec()
    }

    /// Gives a person another role in an organization; tokens show it from the next refresh on. `false` if there is no
    /// such membership.
    pub fn set_role(&self, email: &str, organization_id: &str, role: Role) -> bool {
        self.environment
            .state()
            .directory
            .set_role(email, organization_id, role)
    }

    /// How many requests the management API answers in a second; whatever is more gets 429.
    pub fn set_management_rate(&self, per_second: u32) {
        self.environment.state().settings.management_rate = per_second;
    }

    /// What was asked so far.
    pub fn requests(&self) -> Requests {
        self.environment.state().requests.clone()
    }

    /// The refresh tokens that were used more than once.
    pub fn replays(&self) -> Replays {
        self.environment.state().refreshes.replays.clone()
    }

    /// The time here.
    pub fn now(&self) -> time::OffsetDateTime {
        self.environment.now()
    }

    /// Does what a person does on the hosted pages: signs in and returns the address that the browser is sent back to,
    /// with a code. `authorization_url` is where the application redirects to. The organization is the one that the
    /// request asks for, or else the person's first.
    pub fn approve(&self, authorization_url: &str, email: &str) -> Result<String, ApproveError> {
        let query = authorization_url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let request =
            match AuthorizationRequest::parse(&Params::parse(query.as_bytes()), &self.environment.client) {
                Ok(request) => request,
                Err(AuthorizeError::Refused(location)) => return Ok(location),
                Err(error) => return Err(ApproveError::Request(error.to_string())),
            };
        let now = self.environment.now();
        let mut state = self.environment.state();
        let person = state
            .directory
            .enrol(email, request.organization)
            .map_err(|_| ApproveError::Person(email.to_owned()))?;
        let membership = match request.organization {
            Some(organization) => person.membership(organization.id),
            None => person.memberships.first(),
        };
        let organization = membership.ok_or(ApproveError::Organization)?.organization;
        let session_id =
            state
                .sessions
                .start(&person.id, organization.id, request.way.connection_id(), "", now);
        state
            .directory
            .signed_in(&person.id, organization.id, now.unix_timestamp());
        grant_code(&mut state, &request, &session_id, now).ok_or(ApproveError::Organization)
    }
}

/// Longer than any clock here can be moved is as long as it can be moved.
fn moved(duration: Duration) -> time::Duration {
    time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control")
            .field("issuer", &self.environment.issuer)
            .finish_non_exhaustive()
    }
}
