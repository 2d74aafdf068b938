//! The emulator as a program of its own: an offline Scalekit environment in a terminal.

use std::{net::SocketAddr, process::ExitCode};

use clap::Parser;
use emulator::{CLIENT_ID, CLIENT_SECRET, DEFAULT_ADDR, Emulator, SIGN_IN_CODE, StartError};

/// An offline Scalekit environment: sign-in pages, tokens, keys and logout on this machine, without an account.
#[derive(Parser)]
#[command(version, after_help = EXAMPLE)]
struct Arguments {
    /// Where to listen: a loopback address and a port (0 for one that is free)
    #[arg(long, value_name = "ADDRESS", default_value = DEFAULT_ADDR)]
    listen: SocketAddr,

    /// An address that a sign-in may return to, compared exactly; may be given several times
    /// [default: `http://localhost:3000/auth/callback`]
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,

    /// An address that a logout may return to, compared exactly; may be given several times
    /// [default: the origins of the redirect URIs]
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
}

const EXAMPLE: &str = "\
Example:
  emulator --listen 127.0.0.1:3300 --redirect-uri http://localhost:8000/auth/callback

  Then start your application with
    SCALEKIT_ENV_URL=http://127.0.0.1:3300
    SCALEKIT_CLIENT_ID=skc_emulator
    SCALEKIT_CLIENT_SECRET=emulator-secret-not-for-production
    SCALEKIT_REDIRECT_URI=http://localhost:8000/auth/callback

  RUST_LOG=debug shows every request.";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let mut builder = Emulator::builder().listen(arguments.listen);
    for uri in arguments.redirect_uri {
        builder = builder.redirect_uri(uri);
    }
    for uri in arguments.post_logout_redirect_uri {
        builder = builder.post_logout_redirect_uri(uri);
    }
    match builder.start().await {
        Ok(emulator) => {
            introduce(&emulator);
            stop_signal().await;
            emulator.shutdown().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            match error {
                StartError::Taken(_) => eprintln!("emulator: {error} with --listen."),
                _ => eprintln!("emulator: {error}."),
            }
            ExitCode::FAILURE
        }
    }
}

/// What somebody needs to know to use it.
fn introduce(emulator: &Emulator) {
    println!("Scalekit emulator: not a real Scalekit environment, for development and tests only\n");
    println!("  SCALEKIT_ENV_URL        {}", emulator.issuer());
    println!("  SCALEKIT_CLIENT_ID      {CLIENT_ID}");
    println!("  SCALEKIT_CLIENT_SECRET  {CLIENT_SECRET}\n");
    println!("Who can sign in, with one click or with the code {SIGN_IN_CODE}:\n");
    for person in emulator::people() {
        let roles: Vec<_> = person
            .memberships
            .iter()
            .map(|membership| format!("{} of {}", membership.role.name(), membership.organization.name))
            .collect();
        println!(
            "  {:<12}  {:<20}  {}",
            person.name(),
            person.email,
            roles.join(", ")
        );
    }
    println!(
        "  {:<12}  {:<20}  a new member of Acme Corp\n",
        "anyone", "…+sktest@…"
    );
    println!("Control: {}/_emulator   Stop: Ctrl-C", emulator.issuer());
}

/// Returns when the terminal or the system asks to stop.
async fn stop_signal() {
    let interrupted = async {
        // Without a handler the program could only be killed; then it is better to end at once.
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "signals cannot be received");
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
