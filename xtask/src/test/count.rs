//! How many tests ran, read from what their runners print.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    process::{Command, Stdio},
    thread,
};

use crate::process::{self, Failure, Outcome};

/// Runs a command as if it wrote to the terminal itself, and returns what it wrote, without colours.
pub(crate) fn aloud(command: &mut Command) -> Outcome<Vec<String>> {
    if process::colourful() {
        command
            .env("CARGO_TERM_COLOR", "always")
            .env("FORCE_COLOR", "1")
            .env("PY_COLORS", "1");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Failure::new(format!(
                "`{}` could not be started: {error}",
                process::typed(command)
            ))
        })?;
    // Both pipes are drained at the same time: a full one would stop the child.
    let errors = child
        .stderr
        .take()
        .map(|pipe| thread::spawn(move || copy(pipe, &mut std::io::stderr())));
    let mut lines = child
        .stdout
        .take()
        .map(|pipe| copy(pipe, &mut std::io::stdout()))
        .unwrap_or_default();
    lines.extend(errors.and_then(|errors| errors.join().ok()).unwrap_or_default());
    process::judge(command, child.wait()).map_err(Failure::seen_above)?;
    Ok(lines)
}

fn copy(from: impl Read, to: &mut impl Write) -> Vec<String> {
    let mut from = BufReader::new(from);
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        // A terminal that went away is no reason to stop the tests.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        lines.push(without_colours(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    lines
}

/// Removes the escape sequences that colour text.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.trim_end();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// nextest: `Summary [   1.2s] 12 tests run: 12 passed, 1 skipped`.
pub(super) fn nextest(lines: &[String]) -> String {
    let summary = lines
        .iter()
        .rev()
        .find(|line| line.trim_start().starts_with("Summary ["));
    summary
        .and_then(|line| line.split_once("run: "))
        .map(|(_, counts)| counts.to_owned())
        .unwrap_or_default()
}

/// rustdoc: a `test result: ok. 3 passed; …` for every crate.
pub(super) fn doc_tests(lines: &[String]) -> String {
    let passed = |line: &String| {
        line.strip_prefix("test result: ok. ")?
            .split_once(" passed")?
            .0
            .parse::<u32>()
            .ok()
    };
    format!("{} passed", lines.iter().filter_map(passed).sum::<u32>())
}

/// pytest (`=== 5 passed in 3.21s ===`) and Playwright (`  12 passed (30.1s)`, `  2 skipped`).
pub(crate) fn summary(lines: &[String]) -> String {
    let counts = lines.iter().rev().take(8).rev().filter_map(|line| {
        let line = line.trim_matches(['=', ' ']);
        let (number, rest) = line.split_once(' ')?;
        number.parse::<u32>().ok()?;
        let counted = rest.starts_with("passed") || rest.starts_with("skipped") || rest.starts_with("flaky");
        let end = line
            .find(" in ")
            .or_else(|| line.find(" ("))
            .unwrap_or(line.len());
        counted.then(|| line.get(..end).unwrap_or(line).to_owned())
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// The soak: `12 345 requests, 0 spurious sign-outs, 0 unexplained replays`.
pub(crate) fn soak(lines: &[String]) -> String {
    let said = |line: &&String| line.ends_with(" unexplained replays");
    lines.iter().rfind(said).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(without_colours).collect()
    }

    #[test]
    fn colours_are_removed() {
        assert_eq!(
            without_colours("\u{1b}[32;1m12 passed\u{1b}[0m now\n"),
            "12 passed now"
        );
    }

    #[test]
    fn nextest_is_counted() {
        let said = lines("noise\n     Summary [   0.812s] 12 tests run: 12 passed, 1 skipped\n");
        assert_eq!(nextest(&said), "12 passed, 1 skipped");
    }

    #[test]
    fn documentation_tests_of_all_crates_are_added() {
        let said = lines("test result: ok. 3 passed; 0 failed;\nnoise\ntest result: ok. 4 passed; 0 failed;");
        assert_eq!(doc_tests(&said), "7 passed");
    }

    #[test]
    fn the_soak_says_it_itself() {
        let said = lines(
            "requests   12 345\n12 345 requests, 0 spurious sign-outs, 0 unexplained replays\n\nlate noise",
        );
        assert_eq!(
            soak(&said),
            "12 345 requests, 0 spurious sign-outs, 0 unexplained replays"
        );
    }

    #[test]
    fn playwright_and_pytest_are_counted() {
        assert_eq!(
            summary(&lines("  ✓ a test\n\n  2 skipped\n  12 passed (30.1s)\n")),
            "2 skipped, 12 passed"
        );
        assert_eq!(
            summary(&lines("...\n====== 5 passed in 3.21s ======")),
            "5 passed"
        );
    }
}
