//! What is printed at the end: a table, what should not have been, and one line that says it all.

use std::fmt::Write as _;

use crate::verdict::{Verdict, grouped};

/// A column for each phase.
pub(crate) fn table(verdicts: &[Verdict]) -> String {
    let labels: Vec<&str> = verdicts
        .first()
        .map(|verdict| verdict.figures.iter().map(|(label, _)| *label).collect())
        .unwrap_or_default();
    let margin = labels.iter().map(|label| label.len()).max().unwrap_or_default();
    let width = |verdict: &Verdict| {
        let figures = verdict.figures.iter().map(|(_, figure)| figure.len());
        figures
            .chain(verdict.heading.iter().map(String::len))
            .max()
            .unwrap_or_default()
    };
    let mut lines = String::new();
    let mut line = |label: &str, cell: &dyn Fn(&Verdict) -> String| {
        let _ = write!(lines, "{label:<margin$}");
        for verdict in verdicts {
            let _ = write!(lines, "   {:>width$}", cell(verdict), width = width(verdict));
        }
        lines.push('\n');
    };
    line("", &|verdict| {
        verdict.heading.first().cloned().unwrap_or_default()
    });
    line("", &|verdict| verdict.heading.last().cloned().unwrap_or_default());
    for (row, label) in labels.iter().enumerate() {
        line(label, &|verdict| {
            let figure = verdict.figures.get(row);
            figure.map(|(_, figure)| figure.clone()).unwrap_or_default()
        });
    }
    lines
}

/// Everything that should not have been, or nothing.
pub(crate) fn failures(verdicts: &[Verdict]) -> String {
    let mut lines = String::new();
    for verdict in verdicts.iter().filter(|verdict| !verdict.failures.is_empty()) {
        let _ = writeln!(lines, "✗ {}", verdict.heading.join(", "));
        for failure in &verdict.failures {
            let _ = writeln!(lines, "  {failure}");
        }
    }
    lines
}

/// The last line.
pub(crate) fn summary(verdicts: &[Verdict]) -> String {
    let requests: u64 = verdicts.iter().map(|verdict| verdict.requests).sum();
    let signed_out: usize = verdicts.iter().map(|verdict| verdict.spurious_sign_outs).sum();
    let replays: usize = verdicts.iter().map(|verdict| verdict.unexplained_replays).sum();
    format!(
        "{} requests, {signed_out} spurious sign-outs, {replays} unexplained replays",
        grouped(requests)
    )
}
