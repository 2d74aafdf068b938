//! `cargo xtask test`: every check, the fast ones first, with a table of what ran at the end.

pub(crate) mod count;
mod steps;

use std::time::{Duration, Instant};

use clap::Args;

use crate::{
    process::{Failure, Outcome},
    setup::{self, spoken},
};
use steps::Step;

/// Run every check and test, the fast ones first
///
/// Stops at the first that fails. About half an hour on two cores once everything has been built
/// before; the first time about 50 minutes, preparation not counted.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Run these steps alone
    #[arg(long, value_enum, value_name = "STEP", value_delimiter = ',', num_args = 1..)]
    only: Vec<Step>,
    /// Leave these steps out
    #[arg(long, value_enum, value_name = "STEP", value_delimiter = ',', num_args = 1..)]
    skip: Vec<Step>,
    /// Run the other steps too when one fails
    #[arg(long)]
    keep_going: bool,
}

/// How a step went.
struct Report {
    step: Step,
    took: Duration,
    /// What it counted, for example `214 passed`, or why it failed.
    result: Result<String, Failure>,
}

/// The command itself.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let chosen: Vec<Step> = Step::ALL
        .into_iter()
        .filter(|step| arguments.only.is_empty() || arguments.only.contains(step))
        .filter(|step| !arguments.skip.contains(step))
        .collect();
    let needs: Vec<setup::Need> = chosen.iter().flat_map(|step| step.needs()).copied().collect();
    setup::ensure(&needs)?;

    let mut reports = Vec::new();
    for step in chosen {
        println!("\n━━ {} ━━ {}", step.name(), step.about());
        let start = Instant::now();
        let result = step.run();
        let failed = result.is_err();
        if let Err(failure) = &result {
            eprintln!("{failure}");
        }
        reports.push(Report {
            step,
            took: start.elapsed(),
            result,
        });
        if failed && !arguments.keep_going {
            break;
        }
    }
    println!("\n{}", table(&reports));

    let failed: Vec<&str> = reports
        .iter()
        .filter(|report| report.result.is_err())
        .map(|report| report.step.name())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names = failed.join(",");
    Err(Failure::new(format!(
        "failed: {names}. Again alone: cargo xtask test --only {names}"
    )))
}

fn table(reports: &[Report]) -> String {
    let mut lines = String::new();
    for Report { step, took, result } in reports {
        let (mark, said) = match result {
            Ok(counted) => ("✓", counted.as_str()),
            Err(_) => ("✗", "failed"),
        };
        let line = format!("{mark} {:<8} {:>12}  {said}", step.name(), spoken(*took));
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    let whole = reports.iter().map(|report| report.took).sum();
    format!("{lines}  {:<8} {:>12}", "in all", spoken(whole))
}
