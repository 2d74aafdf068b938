//! Which problem a failed sign-in is.

use auth::{
    client::{AuthorizationError, ExchangeError},
    sign_in::{Failure, ProviderRefusal, SignInError},
    transaction::TransactionError,
};

use super::{Problem, ProblemKind, table::Level};
use crate::context::Reference;

/// No provider is believed that asks for a longer pause.
pub(super) const RETRY_AFTER_MAX: u32 = 300;

/// What an answer has that nobody asked for: whoever makes one up must not make us look ill to a load balancer.
const UNSOLICITED_STATUS: u16 = 400;

impl Problem {
    /// The problem that `failure` is for the person who signs in; logs it with its causes, once.
    pub fn from_sign_in(failure: &Failure, reference: &Reference) -> Self {
        let problem = Self::new(kind(&failure.error), reference.0.as_str());
        let asked_for = failure
            .error
            .retry_after()
            .map(|seconds| seconds.clamp(1, RETRY_AFTER_MAX));
        let mut problem = Self {
            next: failure.next.as_ref().map(ToString::to_string),
            is_repeatable: failure.is_repeatable,
            retry_after: asked_for.or(problem.retry_after),
            ..problem
        };
        let loudest = loudest(&failure.error);
        if loudest == Level::Info {
            problem.status = UNSOLICITED_STATUS;
            problem.retry_after = None;
        }
        if !failure.is_told {
            problem.log_up_to(loudest, &auth::error_chain(&failure.error));
        }
        problem
    }
}

/// How loud the log may be about `error`: only what the provider itself has told us may alarm an operator. What came
/// through the browser may be made up.
fn loudest(error: &SignInError) -> Level {
    match error {
        SignInError::Provider { solicited: false, .. } => Level::Info,
        SignInError::Provider { .. } | SignInError::IssuerMismatch => Level::Warn,
        _ => Level::Error,
    }
}

fn kind(error: &SignInError) -> ProblemKind {
    match error {
        SignInError::Parameter(_) => ProblemKind::BadRequest,
        SignInError::ProviderUnavailable(_)
        | SignInError::Authorization(
            AuthorizationError::NotDiscovered(_) | AuthorizationError::Unreachable(_),
        ) => ProblemKind::ProviderUnavailable,
        SignInError::Authorization(AuthorizationError::Refused(_)) => ProblemKind::Misconfigured,
        SignInError::Transaction(TransactionError::Unknown) => ProblemKind::SignInUnknown,
        SignInError::Transaction(TransactionError::Expired) => ProblemKind::SignInExpired,
        SignInError::IssuerMismatch => ProblemKind::TokensRefused,
        SignInError::Provider { refusal, .. } => match refusal {
            ProviderRefusal::Denied => ProblemKind::SignInDenied,
            ProviderRefusal::InteractionRequired => ProblemKind::InteractionRequired,
            ProviderRefusal::AccountInactive => ProblemKind::AccountInactive,
            ProviderRefusal::OrganizationUnknown => ProblemKind::OrganizationUnknown,
            ProviderRefusal::ConnectionInactive => ProblemKind::ConnectionInactive,
            ProviderRefusal::DomainUnknown => ProblemKind::DomainUnknown,
            ProviderRefusal::Unavailable => ProblemKind::ProviderUnavailable,
            ProviderRefusal::Misconfigured => ProblemKind::Misconfigured,
        },
        SignInError::Exchange(error) => match error {
            ExchangeError::NotDiscovered(_) | ExchangeError::Unreachable(_) => {
                ProblemKind::ProviderUnavailable
            }
            ExchangeError::CodeRefused => ProblemKind::CodeRefused,
            ExchangeError::ClientRefused | ExchangeError::Refused(_) => ProblemKind::Misconfigured,
            ExchangeError::Unreadable(_)
            | ExchangeError::TokenType
            | ExchangeError::NoIdToken
            | ExchangeError::IdToken(_)
            | ExchangeError::AccessToken(_)
            | ExchangeError::UserInfo(_) => ProblemKind::TokensRefused,
        },
        SignInError::Session(_) => ProblemKind::StoreUnavailable,
        SignInError::BrokenOff(_) => ProblemKind::Unexpected,
    }
}
