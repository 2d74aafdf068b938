//! A Chromium for the browser tests: the one on PATH, the distribution's, or Playwright's own.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{Step, debian, may_download};
use crate::{
    process::{self, Failure, Outcome},
    project,
};

pub(super) fn ensure() -> Outcome {
    if let Some(chosen) = chosen()
        && !chosen.is_file()
    {
        let chosen = chosen.display();
        return Err(Failure::new(format!(
            "CHROMIUM_PATH names {chosen}, which is no file: correct or unset it."
        )));
    }
    let found = executable().or_else(playwrights_own);
    Step {
        brings: "Chromium",
        usually: "installing it takes about 2 minutes",
    }
    .run(found.map(|path| path.display().to_string()), install)
}

/// The Chromium that Playwright is told to use; without one it uses its own.
pub(crate) fn executable() -> Option<PathBuf> {
    chosen().or_else(|| process::find("chromium"))
}

fn chosen() -> Option<PathBuf> {
    env::var_os("CHROMIUM_PATH").map(PathBuf::from)
}

fn install() -> Outcome {
    if may_download() {
        let mut command = process::command(project::npm_program("playwright"));
        command.args(["install", "--only-shell", "chromium"]);
        if debian::can_install() {
            // The libraries it links to, which a server or a container lacks.
            command.arg("--with-deps");
        }
        return process::quietly(&mut command, "browser").map_err(|failure| {
            failure.explained("Chromium could not be downloaded: install it, or name one in CHROMIUM_PATH.")
        });
    }
    if debian::can_install() {
        return debian::install(&["chromium"]);
    }
    Err(Failure::new(
        "The browser tests need Chromium, which may not be downloaded here: install it, or name one in CHROMIUM_PATH.",
    ))
}

/// The folder of the browser that Playwright downloaded for its present version.
fn playwrights_own() -> Option<PathBuf> {
    let program = project::npm_program("playwright");
    let plan = process::output(
        program.to_str()?,
        &["install", "--dry-run", "--only-shell", "chromium"],
    )?;
    let folder = plan
        .lines()
        .find_map(|line| line.trim().strip_prefix("Install location:"))?
        .trim();
    // Written last: a folder without it is half a download.
    Path::new(folder)
        .join("INSTALLATION_COMPLETE")
        .is_file()
        .then(|| PathBuf::from(folder))
}
