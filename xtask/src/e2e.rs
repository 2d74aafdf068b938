//! `cargo xtask e2e`: the browser tests, against the release server, the emulator and other providers on free ports.

use std::{ffi::OsString, fs, net::TcpListener};

use clap::Args;

use crate::{
    dev,
    process::{self, Failure, Outcome},
    project,
    setup::{self, Need},
    test::count,
};

/// Run the browser tests alone, passing arguments on to Playwright
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Use the release that is already built
    #[arg(long)]
    no_build: bool,
    /// For Playwright: a part of a file name, `-g TITLE`, `--headed`, `--project no-javascript` …
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    playwright: Vec<OsString>,
}

/// The projects of `playwright.config.ts` that test; the other one measures.
const PROJECTS: [&str; 3] = ["javascript", "no-javascript", "providers"];

/// The command itself.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    // One of the providers in `end2end/providers` is written in Python.
    setup::ensure(&[Need::Python])?;
    prepare(arguments.no_build)?;
    tests(&arguments.playwright).map(drop)
}

/// Sets up what the browser needs, and builds the release unless told not to.
pub(crate) fn prepare(no_build: bool) -> Outcome {
    setup::ensure(&[Need::Rust, Need::Leptos, Need::Npm, Need::Browser])?;
    if no_build { Ok(()) } else { build() }
}

/// Builds the release and the emulator.
pub(crate) fn build() -> Outcome {
    process::aloud(process::command("cargo").args(["leptos", "build", "--release", "--precompress"]))?;
    process::aloud(process::command("cargo").args(["build", "--quiet", "--package", "emulator"]))
}

/// Runs the tests and says how many there were.
pub(crate) fn tests(arguments: &[OsString]) -> Outcome<String> {
    let chosen = arguments
        .iter()
        .any(|argument| argument.to_string_lossy().starts_with("--project"));
    let projects = if chosen { &[] } else { PROJECTS.as_slice() };
    playwright(projects, arguments).map(|lines| count::summary(&lines))
}

/// Runs Playwright, which starts and stops both servers, and returns what it printed.
pub(crate) fn playwright(projects: &[&str], arguments: &[OsString]) -> Outcome<Vec<String>> {
    let server = project::built("release", "server");
    if !server.is_file() {
        return Err(Failure::new(
            "there is no release to test: run `cargo leptos build --release --precompress` first.",
        ));
    }
    // What the servers wrote stays until the next run, for whoever looks into a failure.
    let data = project::workshop("e2e")?;
    fs::remove_dir_all(&data).map_err(|error| process::unwritable(&data, &error))?;
    let data = project::workshop("e2e")?;
    let [app, emulator] = free_ports()?;

    let mut command = process::command(project::npm_program("playwright"));
    command
        .current_dir(project::root().join("end2end"))
        .arg("test")
        .args(projects.iter().map(|project| format!("--project={project}")))
        .args(arguments)
        .envs(dev::CLIENT)
        .env("APP_PORT", app.to_string())
        .env("EMULATOR_PORT", emulator.to_string())
        .env("SERVER_BINARY", server)
        .env("EMULATOR_BINARY", project::built("debug", "emulator"))
        .env("E2E_DATA_DIR", data)
        .env("E2E_PYTHON", setup::python_interpreter());
    if let Some(chromium) = setup::browser_executable() {
        command.env("CHROMIUM_PATH", chromium);
    }
    count::aloud(&mut command)
}

/// Two ports nobody listens on. Held until both are known, so that they differ.
fn free_ports() -> Outcome<[u16; 2]> {
    let free = || TcpListener::bind(("127.0.0.1", 0)).and_then(|held| Ok((held.local_addr()?.port(), held)));
    let none = |error| Failure::new(format!("no free port was found: {error}"));
    let (first, _held) = free().map_err(none)?;
    let (second, _also_held) = free().map_err(none)?;
    Ok([first, second])
}
