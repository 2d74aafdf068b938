//! Which problem a failed sign-in is.

use auth::{
    client::{AuthorizationError, ExchangeError},
    sign_in::{Failure, ProviderRefusal, SignInError},
    transaction::TransactionError,
};

use super::{Problem, ProblemKind};
use crate::context::Reference;

/// No provider is believed that asks for a longer pause.
const RETRY_AFTER_MAX: u32 = 300;

impl Problem {
    /// The problem that `failure` is for the person who signs in; logs it with its causes, once.
    pub fn from_sign_in(failure: &Failure, reference: &Reference) -> Self {
        let problem = Self::new(kind(&failure.error), reference.0.as_str());
        let asked_for = failure
            .error
            .retry_after()
            .map(|seconds| seconds.clamp(1, RETRY_AFTER_MAX));
        let problem = Self {
            next: failure.next.as_ref().map(ToString::to_string),
            is_repeatable: failure.is_repeatable,
            retry_after: asked_for.or(problem.retry_after),
            ..problem
        };
        let error = auth::error_chain(&failure.error);
        // Whoever makes up an answer of the provider must not be able to raise an alarm.
        if matches!(*failure.error, SignInError::Provider { solicited: false, .. }) {
            let label = problem.kind.row().label;
            tracing::info!(problem.kind = label, %error, "unsolicited answer of the provider");
        } else {
            problem.log(&error);
        }
        problem
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
