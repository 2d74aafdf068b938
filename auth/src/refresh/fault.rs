//! What keeps tokens from being renewed without ending their session (promise 14).

use crate::{client::RefreshError, http::HttpError, store::StoreError};

/// Why tokens were not renewed although the session goes on.
#[derive(Debug, thiserror::Error)]
pub enum RefreshFault {
    /// The provider gave no tokens that are good, and no verdict either.
    #[error(transparent)]
    Provider(RefreshError),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else's renewal takes longer than this request can wait.
    #[error("the tokens were not renewed in time")]
    NotInTime,
    /// The session has no refresh token: `offline_access` was not granted.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// The task that was to renew them has stopped.
    #[error("the renewal was broken off")]
    BrokenOff,
}

impl RefreshFault {
    /// After how many seconds the provider asks to be tried again, where it does.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Provider(RefreshError::Unreachable(error)) => HttpError::retry_after(error),
            _ => None,
        }
    }

    /// Whether it does not pass by itself: an operator must act.
    pub fn needs_an_operator(&self) -> bool {
        match self {
            Self::Provider(error) => !matches!(
                error,
                RefreshError::NotDiscovered(_) | RefreshError::Unreachable(_) | RefreshError::NotVerified
            ),
            Self::BrokenOff => true,
            Self::Store(_) | Self::NotInTime | Self::NoRefreshToken => false,
        }
    }
}
