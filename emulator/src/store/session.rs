//! Sessions with this environment (`ses_…`): who is signed in, in which browser, until when.

use time::{Duration, OffsetDateTime};

use crate::{random, store::expiring::Expiring};

/// Scalekit's defaults as its webhook samples show them.
pub(crate) const ABSOLUTE_LIFETIME: Duration = Duration::days(30);
pub(crate) const IDLE_LIFETIME: Duration = Duration::days(7);
const CAPACITY: usize = 50_000;

/// One sign-in of one person.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) person_id: String,
    /// The organization of the last sign-in to the application; a silent one returns to it.
    pub(crate) organization_id: String,
    /// `conn_…`: how the person signed in, the `amr` claim.
    pub(crate) connection_id: String,
    pub(crate) authenticated_at: OffsetDateTime,
    pub(crate) last_active: OffsetDateTime,
    /// Of the browser that it was started in.
    pub(crate) user_agent: String,
}

/// All of them, by `sid` and by browser cookie.
pub(crate) struct Sessions {
    by_id: Expiring<Session>,
    id_by_cookie: Expiring<String>,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self {
            by_id: Expiring::new(ABSOLUTE_LIFETIME, CAPACITY),
            id_by_cookie: Expiring::new(ABSOLUTE_LIFETIME, CAPACITY),
        }
    }

    /// Starts a session and returns its `sid`.
    pub(crate) fn start(
        &mut self,
        person_id: &str,
        organization_id: &str,
        connection_id: &str,
        user_agent: &str,
        now: OffsetDateTime,
    ) -> String {
        let id = random::id("ses_");
        let session = Session {
            person_id: person_id.to_owned(),
            organization_id: organization_id.to_owned(),
            connection_id: connection_id.to_owned(),
            authenticated_at: now,
            last_active: now,
            user_agent: user_agent.to_owned(),
        };
        self.by_id.insert(id.clone(), session, now);
        id
    }

    /// Gives the session to a browser and returns the cookie's value. Every sign-in makes a new one.
    pub(crate) fn cookie_for(&mut self, id: &str, now: OffsetDateTime) -> String {
        let cookie = random::secret();
        self.id_by_cookie.insert(cookie.clone(), id.to_owned(), now);
        cookie
    }

    /// The session of a browser.
    pub(crate) fn of_cookie(&self, cookie: &str, now: OffsetDateTime) -> Option<(String, &Session)> {
        let id = self.id_by_cookie.get(cookie, now)?;
        Some((id.clone(), self.alive(id, now)?))
    }

    /// The session, unless it was ended or has expired.
    pub(crate) fn alive(&self, id: &str, now: OffsetDateTime) -> Option<&Session> {
        self.by_id
            .get(id, now)
            .filter(|session| session.last_active.saturating_add(IDLE_LIFETIME) > now)
    }

    /// Notes that the person is still there, which defers the idle expiry.
    pub(crate) fn touch(&mut self, id: &str, now: OffsetDateTime) {
        if let Some(session) = self.by_id.get_mut(id, now) {
            session.last_active = now;
        }
    }

    /// The session is used for another sign-in to the application, in this organization.
    pub(crate) fn enter(&mut self, id: &str, organization_id: &str, now: OffsetDateTime) {
        if let Some(session) = self.by_id.get_mut(id, now) {
            organization_id.clone_into(&mut session.organization_id);
            session.last_active = now;
        }
    }

    /// Ends a session. Whether there was one.
    pub(crate) fn end(&mut self, id: &str) -> bool {
        self.by_id.remove(id).is_some()
    }

    /// Ends them all.
    pub(crate) fn end_all(&mut self) {
        self.by_id.clear();
        self.id_by_cookie.clear();
    }

    /// The sessions that are alive.
    pub(crate) fn list(&self, now: OffsetDateTime) -> impl Iterator<Item = (&str, &Session)> {
        self.by_id
            .iter(now)
            .filter(move |(_, session)| session.last_active.saturating_add(IDLE_LIFETIME) > now)
    }
}
