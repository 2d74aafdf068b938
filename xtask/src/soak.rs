//! `cargo xtask soak`: two real servers on one store under load, while the provider fails and servers are killed. The
//! soak itself is `server/tests/soak`; this builds what it needs and starts it.

use std::process::Command;

use clap::Args;

use crate::{
    process::{self, Outcome},
    project,
    setup::{self, Need},
    test::count,
};

/// What it needs to be built, and to run: PostgreSQL and Redis of its own.
pub(crate) const NEEDS: &[Need] = &[Need::Rust, Need::Stores];

/// Look for lost sessions: two servers on one store, load, failing provider, kill -9
///
/// Prints a table and fails on a single spurious sign-out, on a refresh token used twice without
/// need, on a session that comes back from the dead.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// How long to put load on, all stores and phases together [default: 10m]
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Where sessions are kept: postgres, redis or sqlite [default: postgres, then redis]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// People who are signed in [default: 300]
    #[arg(long, value_name = "NUMBER")]
    sessions: Option<String>,
    /// People who do something at the same time [default: 64]
    #[arg(long, value_name = "NUMBER")]
    workers: Option<String>,
    /// Make the same choices as the soak that printed this
    #[arg(long, value_name = "NUMBER")]
    seed: Option<String>,
}

/// The command itself.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    setup::ensure(NEEDS)?;
    let mut command = prepare()?;
    let options = [
        ("--duration", &arguments.duration),
        ("--store", &arguments.store),
        ("--sessions", &arguments.sessions),
        ("--workers", &arguments.workers),
        ("--seed", &arguments.seed),
    ];
    for (option, value) in options {
        if let Some(value) = value {
            command.args([option, value]);
        }
    }
    process::aloud(&mut command)
}

/// So short that it finds what is plainly wrong, and no more.
pub(crate) fn short() -> Outcome<String> {
    let mut command = prepare()?;
    command.args(["--duration", "20s", "--sessions", "50", "--workers", "16"]);
    Ok(count::soak(&count::aloud(&mut command)?))
}

/// Builds it and the server.
fn prepare() -> Outcome<Command> {
    let build = [
        "build",
        "--quiet",
        "--package",
        "server",
        "--package",
        "soak",
        "--bin",
        "server",
        "--bin",
        "soak",
    ];
    process::aloud(process::command("cargo").args(build))?;
    let mut command = process::command(project::built("debug", "soak"));
    command
        .arg("--server")
        .arg(project::built("debug", "server"))
        .arg("--logs")
        .arg(project::workshop("soak")?);
    Ok(command)
}
