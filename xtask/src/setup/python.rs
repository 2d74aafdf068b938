//! A Python environment with Scalekit's own SDK, which signs in against the emulator unchanged.

use std::{fs, path::PathBuf};

use super::{Step, debian};
use crate::{
    process::{self, Outcome},
    project,
};

pub(super) fn ensure() -> Outcome {
    Step {
        brings: "Python with Scalekit's SDK and a provider to sign in at",
        usually: "fetching it takes about 1 minute",
    }
    .run(installed(), || {
        let folder = project::workshop("python")?;
        if create(&folder).is_err() {
            if !debian::can_install() {
                return Err(debian::by_hand("Python 3 with its `venv` module"));
            }
            debian::install(&["python3", "python3-venv"])?;
            create(&folder)?;
        }
        let mut install = process::command(interpreter());
        install
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements());
        process::quietly(&mut install, "pip")?;
        let stamp = stamp();
        fs::copy(requirements(), &stamp).map_err(|error| process::unwritable(&stamp, &error))?;
        Ok(())
    })
}

/// The interpreter of the environment.
pub(crate) fn interpreter() -> PathBuf {
    folder().join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}

fn create(folder: &PathBuf) -> Outcome {
    process::quietly(
        process::command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(folder),
        "venv",
    )
}

/// Present when what is installed is what `requirements.txt` of today asks for.
fn installed() -> Option<String> {
    let wanted = fs::read(requirements()).ok()?;
    let present = fs::read(stamp()).ok()?;
    (wanted == present && interpreter().exists()).then(|| project::shown(&folder()))
}

fn folder() -> PathBuf {
    project::target().join("xtask/python")
}

fn requirements() -> PathBuf {
    project::root().join("end2end/requirements.txt")
}

/// A copy of the requirements as they were installed.
fn stamp() -> PathBuf {
    folder().join("installed-requirements.txt")
}
