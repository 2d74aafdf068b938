//! The command line, and how the process ends when it cannot do its work.

use std::{io::Write as _, process::ExitCode};

use auth::config::ConfigurationError;
use clap::Parser;

/// Signs people in through Scalekit and serves the application.
///
/// Everything is configured through environment variables; README.md and docs/configuration.md list them. In a debug
/// build nothing is required: an emulator stands in for Scalekit.
#[derive(Debug, Parser)]
#[command(name = "server", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// Check the configuration, reach the provider and the session store, then exit.
    #[arg(long)]
    pub check: bool,
}

const AFTER_HELP: &str = "\
Required outside development:
  SCALEKIT_ENV_URL        https://your-app.scalekit.com
  SCALEKIT_CLIENT_ID      from the Scalekit dashboard, API credentials
  SCALEKIT_CLIENT_SECRET  likewise
  SCALEKIT_REDIRECT_URI   https://your.host/auth/callback, registered at Scalekit
  SESSION_SECRETS         openssl rand -base64 32

Exit codes:
  0  stopped on request, or --check found everything in order
  1  could not serve: the port is taken, or the store cannot be opened
  2  the configuration is wrong; every mistake is named
  3  --check could not reach the provider or the store";

/// Why the process ends.
#[derive(Debug, thiserror::Error)]
pub enum Exit {
    /// The configuration is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// It cannot serve.
    #[error("{0}")]
    CannotServe(String),
    /// `--check` found something.
    #[error("{0}")]
    CheckFailed(String),
}

impl Exit {
    /// Tells the operator and gives the exit code.
    pub fn report(&self) -> ExitCode {
        // To the terminal, not the log: this is for whoever has just started the process.
        let _ = writeln!(std::io::stderr(), "error: {self}");
        ExitCode::from(match self {
            Self::CannotServe(_) => 1,
            Self::Configuration(_) => 2,
            Self::CheckFailed(_) => 3,
        })
    }
}
