//! Everything that can go wrong for a person, in one table: what happened, the status, the words, the way out, and how
//! loud the log is about it (promise 20). `docs/errors.md` is made from it.

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

#[cfg(all(test, feature = "ssr"))]
mod document;
#[cfg(feature = "ssr")]
mod from_refresh;
#[cfg(feature = "ssr")]
mod from_sign_in;
#[cfg(feature = "ssr")]
pub mod table;

/// A failure that a person meets, with the reference under which the log has the details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which failure.
    pub kind: ProblemKind,
    /// The HTTP status.
    pub status: u16,
    /// The request's reference number.
    pub reference: String,
    /// Where the person wanted to go: the way out leads there in the end. A path on this origin.
    pub next: Option<String>,
    /// Whether the same request may succeed later: the page then asks again by itself.
    pub is_repeatable: bool,
    /// After how many seconds trying again makes sense.
    pub retry_after: Option<u32>,
}

/// The failures that people meet. Never carries text from outside: nothing can be reflected (W15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// There is no such page.
    NotFound,
    /// The page exists but not for this method.
    MethodNotAllowed,
    /// Nobody is signed in, or no longer.
    NotSignedIn,
    /// A permission is missing.
    Forbidden,
    /// Another site tried to act in the person's name.
    CrossSite,
    /// A parameter is missing, duplicated or malformed.
    BadRequest,
    /// This browser has no such sign-in in progress.
    SignInUnknown,
    /// The sign-in took too long.
    SignInExpired,
    /// The note that an IdP-initiated sign-in begins with is not acceptable.
    InitiationRefused,
    /// The person, or an administrator, said no at the provider.
    SignInDenied,
    /// The provider would have had to ask something.
    InteractionRequired,
    /// The account is switched off.
    AccountInactive,
    /// There is no such organization or connection.
    OrganizationUnknown,
    /// The organization's single sign-on is not set up or switched off.
    ConnectionInactive,
    /// No organization has the e-mail address's domain.
    DomainUnknown,
    /// The provider refused the code.
    CodeRefused,
    /// The provider does not know this application as it presents itself.
    Misconfigured,
    /// What the provider sent is not acceptable.
    TokensRefused,
    /// The provider cannot be reached.
    ProviderUnavailable,
    /// The session goes on, but its tokens have ended and cannot be renewed right now.
    RenewalUnavailable,
    /// The session store does not answer.
    StoreUnavailable,
    /// The whole request took too long.
    TooSlow,
    /// Anything else.
    Unexpected,
}

impl Problem {
    /// A problem with nothing more to say than its row of the table.
    #[cfg(feature = "ssr")]
    pub fn new(kind: ProblemKind, reference: impl Into<String>) -> Self {
        let row = kind.row();
        Self {
            kind,
            status: row.status,
            reference: reference.into(),
            next: None,
            is_repeatable: false,
            retry_after: row.retry_after,
        }
    }
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    /// Trouble with calling a server function at all: the request did not arrive, or was not understood.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let kind = match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => ProblemKind::BadRequest,
            _ => ProblemKind::Unexpected,
        };
        #[cfg(feature = "ssr")]
        {
            let problem = Self::new(kind, crate::context::reference().0);
            crate::context::set_status(&problem);
            problem
        }
        // The browser has no table; it did not get as far as a status.
        #[cfg(not(feature = "ssr"))]
        Self {
            kind,
            status: 0,
            reference: String::new(),
            next: None,
            is_repeatable: false,
            retry_after: None,
        }
    }
}
