//! The soak: two real servers on one store under load, while the provider fails and servers are killed. It fails if a
//! single session is lost, comes back from the dead, or has a refresh token used twice without need (promises 9 and
//! 12 to 14).
//!
//! `cargo xtask soak` builds what it needs and starts it.

mod balancer;
mod departures;
mod dice;
mod load;
mod person;
mod phase;
mod pulse;
mod replica;
mod report;
mod stores;
mod tally;
mod timeline;
mod trouble;
mod verdict;
mod world;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use dice::Dice;
use phase::Phase;
use stores::{Choice, Store};
use tokio::{task::JoinSet, time::Instant};
use verdict::{Remains, Verdict};
use world::{Place, World};

/// After the last trouble every session is well again within this time: the dead server's lease, the pause that the
/// server gives a provider that failed, and the request itself.
const HEALING: Duration = Duration::from_secs(35);

/// Put two servers on one store under load, while the provider fails and servers are killed.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask soak")]
struct Arguments {
    /// The server's binary, a debug or a release build
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Where the servers' logs go; kept if something failed
    #[arg(long, value_name = "FOLDER")]
    logs: PathBuf,
    /// How long to put load on, all stores and phases together
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    duration: Duration,
    /// Where sessions are kept
    #[arg(long, value_name = "STORE", default_value = "all")]
    store: Choice,
    /// People who are signed in
    #[arg(long, value_name = "NUMBER", default_value_t = 300)]
    sessions: usize,
    /// People who do something at the same time
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    workers: u32,
    /// Makes the same choices as another soak
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Why there was no soak to judge.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] disposable_stores::Absent),
    #[error("server {name} failed: {why}; its log is {}", log.display())]
    Server {
        name: &'static str,
        why: String,
        log: PathBuf,
    },
    #[error("the emulator did not start: {0}")]
    Emulator(#[from] emulator::StartError),
    #[error("somebody could not sign in at all: {0}")]
    SignIn(String),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("a part of the soak ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match soak(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("✗ {failure}");
            ExitCode::FAILURE
        }
    }
}

/// All phases on all stores. Whether all is well.
async fn soak(arguments: &Arguments) -> Result<bool, Failure> {
    let seed = arguments.seed.unwrap_or_else(|| std::process::id().into());
    let stores = arguments.store.start()?;
    let parts = u32::try_from(stores.len() * Phase::ALL.len()).unwrap_or(1);
    let length = arguments.duration / parts;
    println!(
        "{parts} phases of {}, {} sessions, {} workers, --seed {seed}",
        humantime::format_duration(Duration::from_secs(length.as_secs())),
        arguments.sessions,
        arguments.workers
    );
    fs::create_dir_all(&arguments.logs)?;
    let logs = fs::canonicalize(&arguments.logs)?;
    let server = fs::canonicalize(&arguments.server)?;

    let mut verdicts = Vec::new();
    for store in stores {
        for phase in Phase::ALL {
            let name = format!("{}-{}", store.name(), phase.name());
            println!("▸ {} …", name.replace('-', ", "));
            let place = Place {
                server: &server,
                logs: &logs,
                store_url: store.url(),
                name,
            };
            verdicts.push(live_through(arguments, &place, &store, phase, seed, length).await?);
        }
    }
    print!("\n{}\n{}", report::table(&verdicts), report::failures(&verdicts));
    let well = verdicts.iter().all(|verdict| verdict.failures.is_empty());
    if well {
        forget(&logs, &verdicts);
    } else {
        println!("The servers' logs: {}", logs.display());
    }
    println!("{}", report::summary(&verdicts));
    Ok(well)
}

/// One phase on one store.
async fn live_through(
    arguments: &Arguments,
    place: &Place<'_>,
    store: &Store,
    phase: Phase,
    seed: u64,
    length: Duration,
) -> Result<Verdict, Failure> {
    let world = World::start(place, phase, arguments.sessions).await?;
    world.fill().await?;

    let start = Instant::now();
    let until = start + length;
    let mut tasks: JoinSet<Result<(), Failure>> = JoinSet::new();
    let here = || Arc::clone(&world);
    let dice = |stream: u32| Dice::new(seed, stream.into());
    for worker in 0..arguments.workers {
        tasks.spawn(load::work(here(), dice(worker + 2), until));
    }
    tasks.spawn(trouble::make(here(), phase, dice(0), length));
    let (departures, pages) = (
        departures::happen(here(), dice(1), until),
        load::keep_pages_open(here(), until),
    );
    tasks.spawn(async move {
        tokio::join!(departures, pages);
        Ok(())
    });
    let pulse = tokio::spawn(pulse::lateness(until));
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let unhealed = load::heal(&world, HEALING).await;
    world.visit_the_dead().await;
    let remains = Remains {
        took: start.elapsed(),
        unhealed,
        lateness: pulse.await?,
    };
    let verdict = verdict::judge(&world, store.name(), phase, remains);
    for replica in &world.replicas {
        replica.kill()?;
    }
    Ok(verdict)
}

/// Removes the logs of servers that did nothing wrong.
fn forget(logs: &Path, verdicts: &[Verdict]) {
    for verdict in verdicts {
        for replica in ["a", "b"] {
            // Nobody misses a log that was never written.
            let _ = fs::remove_file(logs.join(format!("{}-{replica}.log", verdict.heading.join("-"))));
        }
    }
}
