//! `cargo xtask setup`: brings a machine and a fresh clone to where everything builds, one announced step at a time.

mod browser;
mod debian;
mod npm;
mod python;
mod rust;
mod stores;
mod tools;

pub(crate) use browser::executable as browser_executable;
pub(crate) use python::interpreter as python_interpreter;
pub(crate) use rust::formatter;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::process::Outcome;

/// What a command cannot do without, in the order in which it is prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// A compiler for this machine and for the browser, and a C compiler.
    Rust,
    /// The test runner.
    Nextest,
    /// cargo-leptos and the programs it calls.
    Leptos,
    /// The packages of `package.json`.
    Npm,
    /// A Chromium that Playwright can drive.
    Browser,
    /// A Python environment with Scalekit's own SDK.
    Python,
    /// PostgreSQL and Redis, which tests start. Without them these are skipped.
    Stores,
}

/// What `dev` needs; `test` needs everything.
pub(crate) const FOR_DEVELOPMENT: &[Need] = &[Need::Rust, Need::Leptos, Need::Npm];

const ALL: &[Need] = &[
    Need::Rust,
    Need::Nextest,
    Need::Leptos,
    Need::Npm,
    Need::Browser,
    Need::Python,
    Need::Stores,
];

/// The command `cargo xtask setup`.
pub(crate) fn everything() -> Outcome {
    ensure(ALL)?;
    println!("\nReady. `cargo xtask dev` starts the app, `cargo xtask test` checks everything.");
    Ok(())
}

/// Prepares what is named, each need once.
pub(crate) fn ensure(needs: &[Need]) -> Outcome {
    let needs: BTreeSet<Need> = needs.iter().copied().collect();
    for need in needs {
        match need {
            Need::Rust => rust::ensure()?,
            Need::Nextest => tools::ensure_nextest()?,
            Need::Leptos => tools::ensure_leptos()?,
            Need::Npm => npm::ensure()?,
            Need::Browser => browser::ensure()?,
            Need::Python => python::ensure()?,
            Need::Stores => stores::ensure()?,
        }
    }
    tools::tidy();
    Ok(())
}

/// One step of the preparation: skipped with a tick when `found` finds its result, announced and timed otherwise.
struct Step<'a> {
    /// What it brings, as a noun: `cargo-leptos 0.3.11`.
    brings: &'a str,
    /// How long it usually takes on two cores, with what it does: `building it takes about 14 minutes`.
    usually: &'a str,
}

impl Step<'_> {
    fn run(&self, found: Option<String>, work: impl FnOnce() -> Outcome) -> Outcome {
        if let Some(found) = found {
            println!("✓ {}: already there ({found})", self.brings);
            return Ok(());
        }
        println!("▸ {}: {} …", self.brings, self.usually);
        let start = Instant::now();
        work()?;
        println!("✓ {}: done in {}", self.brings, spoken(start.elapsed()));
        Ok(())
    }
}

/// Whether rustup, and with it everything else, may fetch ready-made programs. Where it may not, the distribution's
/// packages and the registries' sources serve.
fn may_download() -> bool {
    std::env::var_os("RUSTUP_AUTO_INSTALL").is_none_or(|value| value != "0")
}

/// A duration as people say it.
pub(crate) fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f32()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        assert_eq!(spoken(Duration::from_millis(1_540)), "1.5 s");
        assert_eq!(spoken(Duration::from_secs(59)), "59 s");
        assert_eq!(spoken(Duration::from_secs(605)), "10 min 05 s");
    }
}
