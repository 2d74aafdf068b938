//! `cargo xtask`: the only commands a newcomer needs.

mod conformance;
mod dev;
mod e2e;
mod process;
mod project;
mod setup;
mod size;
mod soak;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Run, test and prepare Scalekit sign-in for Leptos.
///
/// Every command first sets up what it needs and is missing (toolchain, tools, packages,
/// browser), says how long that usually takes, and skips what is already there.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", after_help = EXAMPLES, verbatim_doc_comment)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask dev                     start, then open http://localhost:3000
  cargo xtask test                    everything the continuous integration checks
  cargo xtask test --only fmt,clippy  the quick half before a commit
  cargo xtask e2e --headed -g logout  browser tests whose title contains “logout”, watched
  cargo xtask soak --duration 1h      two servers, one store, trouble: is a session lost?
  cargo xtask size                    what the dashboard costs on a first visit
  cargo xtask conformance             which test proves which rule, into docs/conformance.md

Afterwards the usual commands work too: cargo leptos watch, cargo leptos build --release, cargo nextest run.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the app with live reload, and an offline Scalekit to sign in with
    #[command(long_about = dev::ABOUT)]
    Dev,
    Test(test::Arguments),
    E2e(e2e::Arguments),
    Soak(soak::Arguments),
    Size(size::Arguments),
    /// Write docs/conformance.md: which test proves which rule
    #[command(long_about = conformance::ABOUT)]
    Conformance,
    /// Prepare this machine and folder for all of the above, and do nothing else
    Setup,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dev => dev::run(),
        Command::Test(arguments) => test::run(&arguments),
        Command::E2e(arguments) => e2e::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Size(arguments) => size::run(&arguments),
        Command::Conformance => conformance::write(),
        Command::Setup => setup::everything(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
