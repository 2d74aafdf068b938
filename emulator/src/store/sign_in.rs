//! A sign-in under way: the application's request, kept on the server while the person goes through the steps.

use time::OffsetDateTime;

use crate::{endpoint::authorize::AuthorizationRequest, people::Person};

/// Wrong codes before a new one has to be asked for.
pub(crate) const MAX_TRIES: u8 = 5;

/// What the browser must come back with: the id in the address and the cookie it was bound to.
#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) request: AuthorizationRequest,
    /// The cookie of the browser that started it. The id alone, in another browser, opens nothing.
    pub(crate) browser: String,
    /// What that browser calls itself.
    pub(crate) user_agent: String,
    pub(crate) step: Step,
}

/// How far it has come.
#[derive(Clone)]
pub(crate) enum Step {
    /// Who are you?
    Identify,
    /// Prove it with the code.
    Code {
        /// The address that the code would have gone to.
        email: String,
        /// Wrong codes so far.
        tries: u8,
    },
    /// In which organization?
    Organization {
        /// Who it is.
        person: Person,
        /// The session that the person already has, if they came back to switch.
        session_id: Option<String>,
    },
    /// Sent back to the application.
    Finished {
        /// Where to. A second click on the button, while the first is on its way, must end up there too.
        location: String,
        at: OffsetDateTime,
    },
}
