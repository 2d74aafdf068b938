//! The log: one line an event, with the fields of the request it belongs to.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// tower-sessions calls every expired cookie suspicious; our own guard says what matters.
const DEFAULT_FILTER: &str = "info,tower_sessions=error,tower_sessions_core=error";

/// Starts the log on standard output: for people in a terminal, as JSON elsewhere. `RUST_LOG` filters it.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let registry = tracing_subscriber::registry().with(filter);
    // A second start (in tests) keeps the first.
    let _ = if std::io::stdout().is_terminal() {
        registry
            .with(tracing_subscriber::fmt::layer().compact().with_target(false))
            .try_init()
    } else {
        registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_span_list(false),
            )
            .try_init()
    };
}
