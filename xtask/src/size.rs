//! `cargo xtask size`: what a browser transfers when it opens the dashboard for the first time.
//!
//! Measured in the browser itself (`end2end/size/transfer.spec.ts`), with the budget in `end2end/size-budget.json`.

use clap::Args;

use crate::{
    e2e,
    process::{Failure, Outcome},
};

/// Print what the dashboard transfers on a first visit, and compare it with the budget
///
/// Builds the release, signs in, opens the dashboard with an empty cache, and adds up the encoded
/// bytes of HTML, CSS, JavaScript and WASM. Fails above the budget in end2end/size-budget.json.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Use the release that is already built
    #[arg(long)]
    no_build: bool,
}

/// The command itself.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    e2e::prepare(arguments.no_build)?;
    measure().map(drop)
}

/// Measures the release that is built, and says the sum.
pub(crate) fn measure() -> Outcome<String> {
    let lines = e2e::playwright(&["size"], &[])?;
    let sum = lines
        .iter()
        .map(|line| line.trim())
        .find_map(|line| line.strip_prefix("in all "));
    sum.map(|sum| sum.trim().to_owned())
        .ok_or_else(|| Failure::new("the measurement printed no sum: see end2end/size/transfer.spec.ts."))
}
