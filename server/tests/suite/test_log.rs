//! What the server under test tells the person on call.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

/// The log of everything, down to what the libraries trace.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log of this thread, as long as the guard lives.
    pub(crate) fn of_everything() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// The log of this thread as `filter` (`RUST_LOG`) lets it through, as long as the guard lives.
    pub(crate) fn filtered(filter: &str) -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// How many lines contain `what`.
    pub(crate) fn lines_about(&self, what: &str) -> usize {
        let log = self.0.lock().unwrap();
        let text = String::from_utf8_lossy(&log);
        text.lines().filter(|line| line.contains(what)).count()
    }

    /// Without the lines of libraries below HTTP, whose trace level shows bytes and which nobody switches on in
    /// production.
    pub(crate) fn our_lines(&self) -> String {
        let log = self.0.lock().unwrap();
        String::from_utf8_lossy(&log)
            .lines()
            .filter(|line| {
                !["hyper", "reqwest", "h2", "mio", "tower_http"]
                    .iter()
                    .any(|name| line.contains(&format!(" {name}")))
            })
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
