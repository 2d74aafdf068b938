//! Where things are: the project's folder, its build output, the lock file's versions.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::process::{self, Failure, Outcome};

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    // `cargo run` names this package's folder; a binary started by hand works in the folder it is started in.
    env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .and_then(|package| package.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| PathBuf::from("."))
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A folder of our own under the build output, created when missing: logs, scratch builds, the Python environment.
pub(crate) fn workshop(name: &str) -> Outcome<PathBuf> {
    let folder = target().join("xtask").join(name);
    fs::create_dir_all(&folder).map_err(|error| process::unwritable(&folder, &error))?;
    Ok(folder)
}

/// A program built by cargo, for example `built("debug", "emulator")`.
pub(crate) fn built(profile: &str, program: &str) -> PathBuf {
    target()
        .join(profile)
        .join(format!("{program}{}", env::consts::EXE_SUFFIX))
}

/// A command that npm installed for the project.
pub(crate) fn npm_program(name: &str) -> PathBuf {
    root().join("node_modules").join(".bin").join(name)
}

/// Where `cargo install` puts programs (in its `bin`).
pub(crate) fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// A path as people should read it: relative to the project where possible.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The version of a crate in `Cargo.lock`.
pub(crate) fn locked_version(crate_name: &str) -> Outcome<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).map_err(|error| {
        Failure::new(format!(
            "Cargo.lock cannot be read ({error}): run from the project's folder."
        ))
    })?;
    version_in(&lock, crate_name).ok_or_else(|| {
        Failure::new(format!(
            "Cargo.lock does not mention {crate_name}: run `cargo update` once."
        ))
    })
}

fn version_in(lock: &str, crate_name: &str) -> Option<String> {
    let entry = format!("name = \"{crate_name}\"");
    let after = lock.lines().skip_while(|line| *line != entry).nth(1)?;
    Some(after.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn finds_the_version_of_exactly_the_named_crate() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
