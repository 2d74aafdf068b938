//! The binary: load the configuration, build the state, serve until told to stop.

use std::process::ExitCode;

use clap::Parser as _;
use server::{
    cli::{Cli, Exit},
    configuration::Configuration,
    serve, telemetry,
};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start();
    match run(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.report(),
    }
}

async fn run(cli: &Cli) -> Result<(), Exit> {
    let configuration = Configuration::load().await?;
    if cli.check {
        server::check::check(configuration).await
    } else {
        serve::serve(configuration).await
    }
}
