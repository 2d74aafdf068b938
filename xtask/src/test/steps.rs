//! The steps of `cargo xtask test`: what each runs, needs and counts.

use clap::ValueEnum;

use super::count;
use crate::{
    conformance, e2e,
    process::{self, Failure, Outcome},
    project,
    setup::{self, Need},
    size, soak,
};

/// A check of its own, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Formatting
    Fmt,
    /// Every rule has a test, and docs/conformance.md says which
    Docs,
    /// Lints of every crate, for this machine and for the browser, warnings denied
    Clippy,
    /// Types of the browser tests
    Types,
    /// Unit and integration tests
    Unit,
    /// Two servers on one store under load, while the provider fails and servers are killed: the short form
    Soak,
    /// Examples in the documentation
    Doc,
    /// Scalekit's own Python SDK against the emulator
    Sdk,
    /// The release: server, WASM, styles, compressed
    Build,
    /// First-load transfer of the dashboard against its budget
    Size,
    /// Chromium, with JavaScript and without, and through other providers
    E2e,
}

impl Step {
    pub(super) const ALL: [Self; 11] = [
        Self::Fmt,
        Self::Docs,
        Self::Clippy,
        Self::Types,
        Self::Unit,
        Self::Soak,
        Self::Doc,
        Self::Sdk,
        Self::Build,
        Self::Size,
        Self::E2e,
    ];

    /// As it is typed after `--only`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Docs => "docs",
            Self::Clippy => "clippy",
            Self::Types => "types",
            Self::Unit => "unit",
            Self::Soak => "soak",
            Self::Doc => "doc",
            Self::Sdk => "sdk",
            Self::Build => "build",
            Self::Size => "size",
            Self::E2e => "e2e",
        }
    }

    /// What it does, with the time it usually takes when everything has been built before, and the first time.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Fmt => "formatting, about 2 seconds",
            Self::Docs => "rules, their tests and docs/conformance.md, less than a second",
            Self::Clippy => "lints, seconds; the first time about 5 minutes",
            Self::Types => "types of the browser tests, about 3 seconds",
            Self::Unit => "unit and integration tests, about 1½ minutes; the first time about 7",
            Self::Soak => "two servers on one store in trouble, about 1 minute",
            Self::Doc => "examples in the documentation, about 30 seconds",
            Self::Sdk => "Scalekit's Python SDK against the emulator, about 10 seconds",
            Self::Build => "the release, about 1 minute; the first time about 8",
            Self::Size => "first-load transfer of the dashboard, about 10 seconds",
            Self::E2e => "browser tests, about 20 minutes",
        }
    }

    pub(super) fn needs(self) -> &'static [Need] {
        match self {
            Self::Docs => &[],
            Self::Fmt | Self::Clippy | Self::Doc => &[Need::Rust],
            Self::Soak => soak::NEEDS,
            Self::Types => &[Need::Npm],
            Self::Unit => &[Need::Rust, Need::Nextest, Need::Stores],
            Self::Sdk => &[Need::Rust, Need::Python],
            Self::Build => &[Need::Rust, Need::Leptos, Need::Npm],
            Self::Size => &[Need::Rust, Need::Leptos, Need::Npm, Need::Browser],
            // One of the providers it signs in through is written in Python.
            Self::E2e => &[Need::Rust, Need::Leptos, Need::Npm, Need::Browser, Need::Python],
        }
    }

    /// Runs it and says what it counted.
    pub(super) fn run(self) -> Outcome<String> {
        match self {
            Self::Fmt => fmt(),
            Self::Docs => conformance::check(),
            Self::Clippy => clippy(),
            Self::Types => types(),
            Self::Unit => unit(),
            Self::Soak => soak::short(),
            Self::Doc => doc(),
            Self::Sdk => sdk(),
            Self::Build => e2e::build().map(|()| String::new()),
            Self::Size => size::measure(),
            Self::E2e => e2e::tests(&[]),
        }
    }
}

fn fmt() -> Outcome<String> {
    let mut command = setup::formatter()
        .ok_or_else(|| Failure::new("there is no rustfmt: run `rustup component add rustfmt`."))?;
    process::aloud(command.args(["--all", "--check", "--", "--files-with-diff"])).map_err(|failure| failure.explained(
        "the files above are not formatted: run `cargo fmt --all`, or `cargo +stable fmt --all` where cargo has no fmt.",
    ))?;
    Ok(String::new())
}

fn clippy() -> Outcome<String> {
    let deny = ["--", "--deny", "warnings"];
    process::aloud(
        process::command("cargo")
            .args(["clippy", "--all-targets"])
            .args(deny),
    )?;
    let browser = [
        "clippy",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
    ];
    process::aloud(process::command("cargo").args(browser).args(deny))?;
    Ok(String::new())
}

fn types() -> Outcome<String> {
    process::aloud(process::command(project::npm_program("tsc")).args(["--project", "end2end"]))?;
    Ok(String::new())
}

fn unit() -> Outcome<String> {
    let mut command = process::command("cargo");
    command.args(["nextest", "run", "--no-fail-fast"]);
    Ok(count::nextest(&count::aloud(&mut command)?))
}

fn doc() -> Outcome<String> {
    let mut command = process::command("cargo");
    command.args(["test", "--doc"]);
    Ok(count::doc_tests(&count::aloud(&mut command)?))
}

fn sdk() -> Outcome<String> {
    process::aloud(process::command("cargo").args(["build", "--quiet", "--package", "emulator"]))?;
    let mut command = process::command(setup::python_interpreter());
    command
        .args(["-m", "pytest", "end2end/sdk"])
        .env("EMULATOR_BINARY", project::built("debug", "emulator"));
    Ok(count::summary(&count::aloud(&mut command)?))
}
