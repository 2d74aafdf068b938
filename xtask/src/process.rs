//! Running other programs: in a clean environment, quietly into a log or aloud, with errors that say what to do.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    fs::{self, File},
    io::{self, IsTerminal as _},
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
};

use crate::project;

/// Why a command of ours stopped: one sentence for a person, and what the failing program said last.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: String,
    details: Vec<String>,
}

/// What everything here returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with nothing to add to its sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            details: Vec::new(),
        }
    }

    /// The same failure, described by a sentence that fits the situation better.
    pub(crate) fn explained(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = sentence.into();
        self
    }

    /// The same failure, of a program whose own words are already on the screen.
    pub(crate) fn seen_above(self) -> Self {
        Self::new(format!("{} (see above).", self.sentence))
    }

    /// The same failure, with lines that belong to it.
    pub(crate) fn with_details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.details {
            writeln!(f, "  │ {line}")?;
        }
        write!(f, "✗ {}", self.sentence)
    }
}

/// A command in the project's folder, free of what the `cargo` that started us left in the environment.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project::root());
    forget_outer_cargo(&mut command);
    if let Some(path) = search_path() {
        command.env("PATH", path);
    }
    command
}

/// Removes what an outer `cargo run` set for us. Inherited, it would pin every `cargo` below to the toolchain that
/// compiled this program, although `setup` may just have chosen another for the folder.
fn forget_outer_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "CARGO" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    // `cargo +name xtask …` and `RUSTUP_TOOLCHAIN=name cargo xtask …` are somebody's wish and stay. (A rustup before
    // 1.28 does not say where its choice came from; there the folder's own choice wins.)
    let chosen_by_hand =
        std::env::var("RUSTUP_TOOLCHAIN_SOURCE").is_ok_and(|from| from == "env" || from == "cli");
    if !chosen_by_hand {
        command
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTUP_TOOLCHAIN_SOURCE");
    }
    // `cargo run` prepends the folders of its own build and toolchain.
    if let Some(libraries) = std::env::var_os("LD_LIBRARY_PATH") {
        let kept: Vec<PathBuf> = std::env::split_paths(&libraries)
            .filter(|folder| {
                !folder.starts_with(project::target())
                    && !folder.components().any(|part| part.as_os_str() == "toolchains")
            })
            .collect();
        match std::env::join_paths(&kept) {
            Ok(rest) if !kept.is_empty() => command.env("LD_LIBRARY_PATH", rest),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
}

/// PATH, with the folder `cargo install` writes to at its end: without rustup nothing else puts it there.
fn search_path() -> Option<OsString> {
    let path = std::env::var_os("PATH")?;
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let installed = project::cargo_home()?.join("bin");
    if !folders.contains(&installed) {
        folders.push(installed);
    }
    std::env::join_paths(folders).ok()
}

/// Where a program is, if PATH knows it.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&search_path()?)
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

/// What a program prints, or `None` when it is missing or fails.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program runs and succeeds; nothing of it is seen.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    output(program, arguments).is_some()
}

/// Runs a command with its output in `target/xtask/logs/<log>.log`; a failure shows the end of it.
pub(crate) fn quietly(command: &mut Command, log: &str) -> Outcome {
    let path = log_file(log)?;
    let file = File::create(&path).map_err(|error| unwritable(&path, &error))?;
    let errors = file.try_clone().map_err(|error| unwritable(&path, &error))?;
    let status = command.stdin(Stdio::null()).stdout(file).stderr(errors).status();
    judge(command, status).map_err(|failure| {
        let written = fs::read_to_string(&path).unwrap_or_default();
        let lines: Vec<&str> = written.lines().filter(|line| !line.trim().is_empty()).collect();
        let tail = lines
            .iter()
            .rev()
            .take(12)
            .rev()
            .map(|line| (*line).to_owned())
            .collect();
        let sentence = format!(
            "{}; the whole output is in {}.",
            failure.sentence,
            project::shown(&path)
        );
        Failure::new(sentence).with_details(tail)
    })
}

/// Runs a command whose output people should see.
pub(crate) fn aloud(command: &mut Command) -> Outcome {
    let status = command.stdin(Stdio::null()).status();
    judge(command, status).map_err(Failure::seen_above)
}

/// A log file in `target/xtask/logs`.
pub(crate) fn log_file(name: &str) -> Outcome<PathBuf> {
    let path = project::workshop("logs")?.join(format!("{name}.log"));
    Ok(path)
}

/// Whether to ask programs for colour although their output passes through us.
pub(crate) fn colourful() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// A command as one would type it, for messages.
pub(crate) fn typed(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Turns how a command ended into success or a sentence.
pub(crate) fn judge(command: &Command, status: io::Result<ExitStatus>) -> Outcome {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`{}` failed with {status}", typed(command)))),
        Err(error) => Err(Failure::new(format!(
            "`{}` could not be started: {error}",
            typed(command)
        ))),
    }
}

/// A sentence for a file of ours that cannot be written.
pub(crate) fn unwritable(path: &std::path::Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "{} cannot be written ({error}): make room or give permission.",
        project::shown(path)
    ))
}
