//! The packages of `package.json`: Playwright for the browser tests, and wasm-opt, which shrinks the release's WASM.

use std::fs;

use super::Step;
use crate::{
    process::{self, Failure, Outcome},
    project,
};

/// The oldest Node that Playwright supports.
const NODE: u32 = 20;

pub(super) fn ensure() -> Outcome {
    Step {
        brings: "npm packages",
        usually: "fetching them takes about 1 minute",
    }
    .run(installed(), || {
        check_node()?;
        // The browser is a step of its own: tests need it, development does not.
        process::quietly(
            process::command("npm")
                .arg("ci")
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
            "npm",
        )?;
        let stamp = stamp();
        fs::copy(lock_file(), &stamp).map_err(|error| process::unwritable(&stamp, &error))?;
        Ok(())
    })
}

/// Present when what is installed is what the lock file of today asks for.
fn installed() -> Option<String> {
    let wanted = fs::read(lock_file()).ok()?;
    let present = fs::read(stamp()).ok()?;
    (wanted == present).then(|| "node_modules".to_owned())
}

fn check_node() -> Outcome {
    let version = process::output("node", &["--version"]);
    match version.as_deref().and_then(major) {
        Some(found) if found >= NODE => Ok(()),
        Some(found) => Err(Failure::new(format!(
            "Node {found} is too old: install Node {NODE} or newer (https://nodejs.org), then run this command again."
        ))),
        None => Err(Failure::new(format!(
            "Node is missing: install Node {NODE} or newer (https://nodejs.org), then run this command again."
        ))),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn lock_file() -> std::path::PathBuf {
    project::root().join("package-lock.json")
}

/// A copy of the lock file as it was installed; it goes when `node_modules` goes.
fn stamp() -> std::path::PathBuf {
    project::root().join("node_modules/.installed-lock.json")
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_nodes_version() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20"), None);
    }
}
