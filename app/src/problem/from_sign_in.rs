//! Which problem a failed sign-in is.

use auth::{
    client::{AuthorizationError, ExchangeError, InitiationError},
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
        | SignInError::Initiation(InitiationError::NotDiscovered(_))
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
        SignInError::Initiation(_) => ProblemKind::InitiationRefused,
        SignInError::Session(_) => ProblemKind::StoreUnavailable,
        SignInError::BrokenOff(_) => ProblemKind::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use auth::{
        client::{AccessTokenError, IdTokenError, NotDiscovered, UserInfoMismatch},
        http::HttpError,
        sign_in::BrokenOff,
        store::StoreError,
    };
    use axum::http::StatusCode;

    use super::*;

    fn provider(refusal: ProviderRefusal, solicited: bool) -> SignInError {
        SignInError::Provider { refusal, solicited }
    }

    /// The problem of a failure that the log has been told of.
    fn problem(error: SignInError) -> Problem {
        let failure = Failure {
            error: Arc::new(error),
            next: None,
            is_repeatable: false,
            is_told: true,
        };
        Problem::from_sign_in(&failure, &Reference(String::new()))
    }

    #[test]
    fn every_failure_has_its_problem_and_alarms_an_operator_only_where_one_must_act() {
        use AuthorizationError as Start;
        use ExchangeError as Trade;
        use Level::{Error, Info, Warn};
        use ProblemKind as Kind;
        use ProviderRefusal as Refusal;
        use SignInError::{Authorization, Exchange, IssuerMismatch, Parameter, Session, Transaction};

        let said = || "said".to_owned();
        let unavailable = vec![
            SignInError::ProviderUnavailable(NotDiscovered),
            Authorization(Start::NotDiscovered(NotDiscovered)),
            Authorization(Start::Unreachable(HttpError::Timeout)),
            Exchange(Trade::NotDiscovered(NotDiscovered)),
            Exchange(Trade::Unreachable(HttpError::Timeout)),
            provider(Refusal::Unavailable, true),
        ];
        let misconfigured = vec![
            Authorization(Start::Refused(said())),
            Exchange(Trade::ClientRefused),
            Exchange(Trade::Refused(said())),
        ];
        let refused = vec![
            Exchange(Trade::Unreadable(said())),
            Exchange(Trade::TokenType),
            Exchange(Trade::NoIdToken),
            Exchange(Trade::IdToken(IdTokenError::Subject)),
            Exchange(Trade::AccessToken(AccessTokenError::Expired)),
            Exchange(Trade::UserInfo(UserInfoMismatch::Subject)),
        ];
        let of_a_person = |refusal| vec![provider(refusal, true), provider(refusal, false)];
        for (expected, level, errors) in [
            (Kind::BadRequest, Info, vec![Parameter("state")]),
            (Kind::ProviderUnavailable, Warn, unavailable),
            (Kind::Misconfigured, Error, misconfigured),
            (Kind::TokensRefused, Error, refused),
            (
                Kind::SignInUnknown,
                Info,
                vec![Transaction(TransactionError::Unknown)],
            ),
            (
                Kind::SignInExpired,
                Info,
                vec![Transaction(TransactionError::Expired)],
            ),
            (Kind::CodeRefused, Info, vec![Exchange(Trade::CodeRefused)]),
            (Kind::SignInDenied, Info, of_a_person(Refusal::Denied)),
            (
                Kind::InteractionRequired,
                Info,
                of_a_person(Refusal::InteractionRequired),
            ),
            (Kind::AccountInactive, Info, of_a_person(Refusal::AccountInactive)),
            (
                Kind::OrganizationUnknown,
                Info,
                of_a_person(Refusal::OrganizationUnknown),
            ),
            (
                Kind::ConnectionInactive,
                Info,
                of_a_person(Refusal::ConnectionInactive),
            ),
            (Kind::DomainUnknown, Info, of_a_person(Refusal::DomainUnknown)),
            // These come through the browser, where they can be made up.
            (Kind::TokensRefused, Warn, vec![IssuerMismatch]),
            (
                Kind::Misconfigured,
                Warn,
                vec![provider(Refusal::Misconfigured, true)],
            ),
            (
                Kind::Misconfigured,
                Info,
                vec![provider(Refusal::Misconfigured, false)],
            ),
            (
                Kind::ProviderUnavailable,
                Info,
                vec![provider(Refusal::Unavailable, false)],
            ),
            (Kind::StoreUnavailable, Error, vec![Session(StoreError(said()))]),
            (Kind::Unexpected, Error, vec![SignInError::BrokenOff(BrokenOff)]),
        ] {
            for error in errors {
                let kind = kind(&error);
                let loudness = kind.row().level.min(loudest(&error));
                assert_eq!((kind, loudness), (expected, level), "{error:?}");
            }
        }
    }

    #[test]
    fn an_answer_that_nobody_asked_for_is_no_sign_of_illness() {
        let asked_for = problem(provider(ProviderRefusal::Unavailable, true));
        assert_eq!((asked_for.status, asked_for.retry_after), (503, Some(10)));
        let made_up = problem(provider(ProviderRefusal::Unavailable, false));
        assert_eq!((made_up.status, made_up.retry_after), (400, None));
        assert_eq!(made_up.kind, asked_for.kind, "the words are the same");
    }

    #[test]
    fn a_provider_that_asks_for_patience_is_believed_within_bounds() {
        for (asked, told) in [
            (None, 10),
            (Some(0), 1),
            (Some(7), 7),
            (Some(300), 300),
            (Some(u32::MAX), 300),
        ] {
            let busy = || HttpError::Unavailable {
                status: StatusCode::SERVICE_UNAVAILABLE,
                retry_after: asked,
            };
            for error in [
                SignInError::Exchange(ExchangeError::Unreachable(busy())),
                SignInError::Authorization(AuthorizationError::Unreachable(busy())),
            ] {
                assert_eq!(problem(error).retry_after, Some(told), "{asked:?}");
            }
        }
    }
}
