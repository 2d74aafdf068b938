//! The emulator's own time: the system's plus an offset, so that lifetimes are tested by moving it, never by sleeping.

use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

/// A clock that can be moved. Every lifetime in this crate is measured with it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: Mutex<Duration>,
}

impl Clock {
    /// The time as this environment sees it.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the system's time"
    )]
    pub(crate) fn now(&self) -> OffsetDateTime {
        let offset = *self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        let now = OffsetDateTime::now_utc();
        now.checked_add(offset).unwrap_or(now)
    }

    /// Moves the clock on from wherever it stands.
    pub(crate) fn advance(&self, by: Duration) {
        let mut offset = self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        *offset = offset.saturating_add(by);
    }

    /// Sets how far the clock is from the system's.
    pub(crate) fn set_offset(&self, to: Duration) {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// How far the clock is from the system's.
    pub(crate) fn offset(&self) -> Duration {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_adds_to_the_offset_and_setting_replaces_it() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::hours(1));
        clock.advance(Duration::hours(1));
        assert!(clock.now() - before >= Duration::hours(2));
        clock.set_offset(Duration::ZERO);
        assert!(clock.now() - before < Duration::minutes(1));
    }
}
