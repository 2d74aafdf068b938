//! One running environment: what stays as it was at the start, and the lock around what does not.

use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use tokio::sync::watch;

use crate::{client::Client, clock::Clock, store::State};

/// Shared by every request.
pub(crate) struct Environment {
    /// Also the `iss` claim: `http://127.0.0.1:PORT`, no trailing slash.
    pub(crate) issuer: String,
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    /// Becomes `true` when the environment is to stop; requests that were told to wait give up then.
    pub(crate) stopping: watch::Sender<bool>,
    state: Mutex<State>,
}

impl Environment {
    pub(crate) fn new(issuer: String, client: Client, state: State) -> Self {
        let stopping = watch::Sender::new(false);
        Self {
            issuer,
            client,
            clock: Clock::default(),
            stopping,
            state: Mutex::new(state),
        }
    }

    /// The memory, locked. Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves single entries half made at worst, and a test tool is better alive.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}
