//! Which problem it is that a session's tokens cannot be renewed.

use auth::refresh::RefreshFault;

use super::{Problem, ProblemKind, from_sign_in::RETRY_AFTER_MAX};
use crate::context::Reference;

impl Problem {
    /// The problem that `fault` is for the person whose session it is. The log has been told where it happened.
    /// `is_repeatable` if the same request may be sent again by itself.
    pub fn from_refresh(fault: &RefreshFault, reference: &Reference, is_repeatable: bool) -> Self {
        let kind = match fault {
            RefreshFault::Store(_) => ProblemKind::StoreUnavailable,
            _ => ProblemKind::RenewalUnavailable,
        };
        let problem = Self::new(kind, reference.0.as_str());
        let asked_for = fault
            .retry_after()
            .map(|seconds| seconds.clamp(1, RETRY_AFTER_MAX));
        Self {
            is_repeatable,
            retry_after: asked_for.or(problem.retry_after),
            ..problem
        }
    }
}
