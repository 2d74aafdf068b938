//! Debian and its relatives: installing packages, as root or through `sudo` without a password.

use std::process::Command;

use crate::process::{self, Failure, Outcome};

/// Whether packages can be installed here without asking anybody.
pub(super) fn can_install() -> bool {
    process::find("apt-get").is_some() && (is_root() || process::succeeds("sudo", &["-n", "true"]))
}

/// Whether we may do anything.
pub(super) fn is_root() -> bool {
    process::output("id", &["-u"]).is_some_and(|id| id == "0")
}

/// A command with the rights to write to `/usr`.
pub(super) fn privileged(program: &str) -> Command {
    if is_root() {
        process::command(program)
    } else {
        let mut command = process::command("sudo");
        command.args(["-n", program]);
        command
    }
}

/// Installs those packages that are missing.
pub(super) fn install(packages: &[&str]) -> Outcome {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    // A fresh container has no package lists at all, an old one has lists whose files are gone.
    process::quietly(privileged("apt-get").args(["update", "-q"]), "apt-update")?;
    let mut install = privileged("env");
    install.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
    ]);
    process::quietly(install.args(&missing), "apt-install")
}

fn is_installed(package: &str) -> bool {
    process::output("dpkg-query", &["-W", "-f=${Status}", package])
        .is_some_and(|status| status == "install ok installed")
}

/// What to tell somebody whose machine is not Debian, or who may not install packages.
pub(super) fn by_hand(what: &str) -> Failure {
    Failure::new(format!(
        "{what} is missing and cannot be installed from here: install it, then run this command again."
    ))
}
