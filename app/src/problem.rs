//! Everything that can go wrong for a person: what happened, what to do, and the status it has (promise 20).

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::routes;

/// A failure that a person meets, with the reference under which the log has the details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which failure.
    pub kind: ProblemKind,
    /// The request's reference number.
    pub reference: String,
}

/// The failures that people meet. Never carries text from outside: nothing can be reflected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// There is no such page.
    NotFound,
    /// The page exists but not for this method.
    MethodNotAllowed,
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
    /// The person, or an administrator, said no at the provider.
    SignInDenied,
    /// The provider would have had to ask something.
    InteractionRequired,
    /// The account is switched off.
    AccountInactive,
    /// The organization or its connection is unknown.
    OrganizationUnavailable,
    /// The provider does not know this application as it presents itself.
    Misconfigured,
    /// The provider refused the code.
    CodeRefused,
    /// What the provider sent is not acceptable.
    TokensRefused,
    /// The provider cannot be reached.
    ProviderUnavailable,
    /// The session store does not answer.
    StoreUnavailable,
    /// Anything else.
    Unexpected,
}

/// How a problem is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What happened, in a few words.
    pub title: &'static str,
    /// What that means and what to do.
    pub text: &'static str,
    /// The way out: label and target.
    pub action: (&'static str, &'static str),
}

const SIGN_IN_AGAIN: (&str, &str) = ("Sign in again", routes::LOGIN);
const TRY_AGAIN: (&str, &str) = ("Try again", routes::LOGIN);
const HOME: (&str, &str) = ("Go to the start page", routes::LANDING);

impl ProblemKind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::SignInUnknown | Self::SignInExpired | Self::CodeRefused => 400,
            Self::Forbidden
            | Self::CrossSite
            | Self::SignInDenied
            | Self::InteractionRequired
            | Self::AccountInactive
            | Self::OrganizationUnavailable => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Unexpected => 500,
            Self::Misconfigured | Self::TokensRefused => 502,
            Self::ProviderUnavailable | Self::StoreUnavailable => 503,
        }
    }

    /// After how many seconds trying again makes sense, for problems that heal by themselves.
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::ProviderUnavailable | Self::StoreUnavailable => Some(10),
            _ => None,
        }
    }

    /// The wording.
    pub const fn words(self) -> Words {
        let (title, text, action) = match self {
            Self::NotFound => (
                "There is no page here",
                "The address may be mistyped, or the page has moved.",
                HOME,
            ),
            Self::MethodNotAllowed => (
                "This page cannot be used that way",
                "The address exists, but not for this kind of request. Open it from a link instead.",
                HOME,
            ),
            Self::Forbidden => (
                "You may not open this page",
                "Your account lacks the permission it needs. Ask an administrator of your organization for it; \
                 it takes effect when you next sign in.",
                ("Back to your dashboard", routes::DASHBOARD),
            ),
            Self::CrossSite => (
                "That request came from another site",
                "It was refused to protect your account. If you meant to do this, open the page here and try again.",
                HOME,
            ),
            Self::BadRequest => (
                "That request is incomplete",
                "Something is missing from the address, or occurs twice. Start again from the sign-in page.",
                SIGN_IN_AGAIN,
            ),
            Self::SignInUnknown => (
                "This sign-in cannot be finished here",
                "It was started in another browser, has been used already, or cookies are blocked. \
                 Signing in again takes a moment.",
                SIGN_IN_AGAIN,
            ),
            Self::SignInExpired => (
                "That took a little too long",
                "For your safety a sign-in must be finished within ten minutes. Please start again.",
                SIGN_IN_AGAIN,
            ),
            Self::SignInDenied => (
                "Access was denied",
                "The sign-in was cancelled, or your organization does not allow it. \
                 If you did not mean to cancel, sign in again; otherwise ask your administrator.",
                SIGN_IN_AGAIN,
            ),
            Self::InteractionRequired => (
                "Please sign in yourself",
                "The identity provider needs to ask you something before it can sign you in.",
                SIGN_IN_AGAIN,
            ),
            Self::AccountInactive => (
                "Your account is not active",
                "It has been switched off or is not set up yet. Ask an administrator of your organization.",
                SIGN_IN_AGAIN,
            ),
            Self::OrganizationUnavailable => (
                "That organization cannot be signed in to",
                "It is unknown, or its single sign-on is not set up. Check the organization or e-mail domain, \
                 or ask your administrator.",
                ("Choose another way", routes::LOGIN),
            ),
            Self::Misconfigured => (
                "Sign-in is not set up correctly",
                "The identity provider does not accept this application. There is nothing you can do; \
                 tell whoever runs it and give them the reference number.",
                TRY_AGAIN,
            ),
            Self::CodeRefused => (
                "That sign-in is no longer valid",
                "The identity provider has already ended it. Please sign in again.",
                SIGN_IN_AGAIN,
            ),
            Self::TokensRefused => (
                "The sign-in could not be verified",
                "The identity provider's answer did not pass our checks, so nobody was signed in. \
                 If it happens again, tell whoever runs this application and give them the reference number.",
                TRY_AGAIN,
            ),
            Self::ProviderUnavailable => (
                "Sign-in is taking a break",
                "The identity provider cannot be reached right now. It usually comes back within a minute; \
                 nothing you did is lost.",
                TRY_AGAIN,
            ),
            Self::StoreUnavailable => (
                "We cannot look up your session",
                "A part of this application does not answer right now. Wait a moment and try again.",
                ("Try again", routes::DASHBOARD),
            ),
            Self::Unexpected => (
                "Something went wrong on our side",
                "It has been recorded. Try again; if it stays, tell whoever runs this application \
                 and give them the reference number.",
                HOME,
            ),
        };
        Words { title, text, action }
    }
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    /// Trouble with calling a server function at all: the request did not arrive, or was not understood.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            kind: ProblemKind::Unexpected,
            reference: String::new(),
        }
    }
}

#[cfg(feature = "ssr")]
mod server {
    use auth::{
        client::ExchangeError,
        sign_in::{ProviderRefusal, SignInError},
        transaction::TransactionError,
    };

    use super::{Problem, ProblemKind};
    use crate::context::Reference;

    impl Problem {
        /// The problem that `error` is for the person who signs in; logs it with its causes, once.
        pub fn from_sign_in(error: &SignInError, reference: &Reference) -> Self {
            let kind = kind(error);
            let unsolicited = matches!(error, SignInError::Provider { solicited: false, .. });
            let (status, error) = (kind.status(), auth::error_chain(error));
            match kind {
                // Whoever makes up an answer of the provider must not be able to raise an alarm.
                _ if unsolicited => {
                    tracing::info!(problem.kind = ?kind, problem.status = status, %error, "unsolicited answer of the provider");
                }
                // The operator must act.
                ProblemKind::Misconfigured | ProblemKind::TokensRefused => {
                    tracing::error!(problem.kind = ?kind, problem.status = status, %error, "sign-in failed");
                }
                ProblemKind::ProviderUnavailable | ProblemKind::StoreUnavailable => {
                    tracing::warn!(problem.kind = ?kind, problem.status = status, %error, "sign-in failed");
                }
                _ => tracing::info!(problem.kind = ?kind, problem.status = status, %error, "sign-in refused"),
            }
            Self {
                kind,
                reference: reference.0.clone(),
            }
        }
    }

    fn kind(error: &SignInError) -> ProblemKind {
        match error {
            SignInError::Parameter(_) => ProblemKind::BadRequest,
            SignInError::ProviderUnavailable(_) => ProblemKind::ProviderUnavailable,
            SignInError::Transaction(TransactionError::Unknown) => ProblemKind::SignInUnknown,
            SignInError::Transaction(TransactionError::Expired) => ProblemKind::SignInExpired,
            SignInError::IssuerMismatch => ProblemKind::TokensRefused,
            SignInError::Provider { refusal, .. } => match refusal {
                ProviderRefusal::Denied => ProblemKind::SignInDenied,
                ProviderRefusal::InteractionRequired => ProblemKind::InteractionRequired,
                ProviderRefusal::AccountInactive => ProblemKind::AccountInactive,
                ProviderRefusal::Organization => ProblemKind::OrganizationUnavailable,
                ProviderRefusal::Unavailable => ProblemKind::ProviderUnavailable,
                ProviderRefusal::Misconfigured => ProblemKind::Misconfigured,
            },
            SignInError::Exchange(error) => match error {
                ExchangeError::NotDiscovered(_) | ExchangeError::Unreachable(_) => {
                    ProblemKind::ProviderUnavailable
                }
                ExchangeError::CodeRefused => ProblemKind::CodeRefused,
                ExchangeError::ClientRefused | ExchangeError::Refused(_) => ProblemKind::Misconfigured,
                ExchangeError::Unreadable
                | ExchangeError::NoIdToken
                | ExchangeError::IdToken(_)
                | ExchangeError::AccessToken(_) => ProblemKind::TokensRefused,
            },
            SignInError::Session(_) => ProblemKind::StoreUnavailable,
        }
    }
}
