//! The two halves of a soak on each store: what the provider forgives, and what may happen.
//!
//! A server that is killed takes the answer of its exchange with it, and so does a provider that works but cannot be
//! heard. The refresh token is then used up, and the only way for the session to live on is to use it once more within
//! the time that providers allow for exactly this. Where nothing takes answers away, there is no excuse for it.

use std::time::Duration;

/// Short, so that every few requests a refresh is due.
pub(crate) const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(5);

/// A half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The second use of a refresh token ends the session. Faults strike before the provider does its work, and nobody is
    /// killed.
    Strict,
    /// Scalekit's own grace. Everything happens: answers are lost, servers are killed.
    Crash,
}

impl Phase {
    pub(crate) const ALL: [Self; 2] = [Self::Strict, Self::Crash];

    /// In tables and file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Crash => "crash",
        }
    }

    /// How long the provider lets a used refresh token be used again.
    pub(crate) fn grace(self) -> Duration {
        match self {
            Self::Strict => Duration::ZERO,
            Self::Crash => Duration::from_secs(30),
        }
    }
}
