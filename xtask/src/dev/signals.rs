//! The wish to stop: Ctrl-C in the terminal, or `kill`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::process::Outcome;

/// What has been asked of us so far.
#[derive(Debug, Default)]
pub(super) struct Stop {
    by_terminal: Arc<AtomicBool>,
    by_request: Arc<AtomicBool>,
}

impl Stop {
    /// Keeps signals from ending this process, so that it can wait for those it started. Where there are no signals,
    /// Ctrl-C ends every process of the console by itself and this never hears of it.
    #[cfg_attr(
        not(unix),
        expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")
    )]
    pub(super) fn watch() -> Outcome<Self> {
        let stop = Self::default();
        #[cfg(unix)]
        {
            use signal_hook::{consts, flag};

            for (signal, told) in [
                (consts::SIGINT, &stop.by_terminal),
                (consts::SIGTERM, &stop.by_request),
                (consts::SIGHUP, &stop.by_request),
            ] {
                flag::register(signal, Arc::clone(told)).map_err(|error| {
                    crate::process::Failure::new(format!("signals cannot be watched: {error}"))
                })?;
            }
        }
        Ok(stop)
    }

    /// Whether to end.
    pub(super) fn requested(&self) -> bool {
        self.by_terminal.load(Ordering::Relaxed) || self.by_request.load(Ordering::Relaxed)
    }

    /// Whether somebody asked us alone: the terminal tells all, `kill` only us.
    pub(super) fn reached_only_us(&self) -> bool {
        self.by_request.load(Ordering::Relaxed)
    }
}
