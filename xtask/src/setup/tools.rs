//! The programs around cargo: cargo-leptos, wasm-bindgen and cargo-nextest, from source at versions that fit together.

use super::{Step, may_download};
use crate::{
    process::{self, Outcome},
    project,
};

/// The version whose options the root `Cargo.toml` is written for.
const CARGO_LEPTOS: &str = "0.3.11";

/// Installed where there is none; any release of the same series is as good.
const NEXTEST: &str = "0.9.151";
const NEXTEST_SERIES: &str = "0.9.";

/// How much a tool is optimized. A release build of one of these spends most of its time on what short runs never repay.
enum Effort {
    /// It only starts other programs and waits for them.
    Least,
    /// It works on large files at every rebuild.
    Some,
}

pub(super) fn ensure_leptos() -> Outcome {
    let bindgen = project::locked_version("wasm-bindgen")?;
    Step {
        brings: &format!("wasm-bindgen {bindgen}"),
        usually: "building it takes about 3 minutes",
    }
    .run(
        // It refuses to work with a WASM file of any other version.
        version_of("wasm-bindgen", &["--version"]).filter(|version| *version == bindgen),
        // Without --locked: its published lock file may name a version that was withdrawn since.
        || install("wasm-bindgen-cli", &bindgen, &Effort::Some, &[]),
    )?;
    Step {
        brings: &format!("cargo-leptos {CARGO_LEPTOS}"),
        usually: "building it takes about 10 minutes",
    }
    .run(
        version_of("cargo", &["leptos", "--version"]).filter(|version| version == CARGO_LEPTOS),
        || {
            let mut options = vec!["--locked"];
            if !may_download() {
                // A program that is missing shall be an error at once, not a download that is refused.
                options.extend(["--no-default-features", "--features", "no_downloads"]);
            }
            // What compresses the release is the exception to its least effort.
            options.extend(["--config", "profile.release.package.brotli.opt-level=3"]);
            options.extend(["--config", "profile.release.package.flate2.opt-level=3"]);
            install("cargo-leptos", CARGO_LEPTOS, &Effort::Least, &options)
        },
    )
}

pub(super) fn ensure_nextest() -> Outcome {
    Step {
        brings: "cargo-nextest",
        usually: "building it takes about 4 minutes",
    }
    .run(
        version_of("cargo", &["nextest", "--version"]).filter(|version| version.starts_with(NEXTEST_SERIES)),
        || install("cargo-nextest", NEXTEST, &Effort::Least, &["--locked"]),
    )
}

/// The version in the first line of `name 1.2.3 (…)`.
fn version_of(program: &str, arguments: &[&str]) -> Option<String> {
    let said = process::output(program, arguments)?;
    said.lines().next()?.split_whitespace().nth(1).map(str::to_owned)
}

fn install(package: &str, version: &str, effort: &Effort, options: &[&str]) -> Outcome {
    let level = match effort {
        Effort::Least => "0",
        Effort::Some => "1",
    };
    let mut command = process::command("cargo");
    command
        .args(["install", package, "--version", version])
        .args(options)
        // Common dependencies are built once, and an interrupted build resumes.
        .arg("--target-dir")
        .arg(project::workshop("tools")?)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level)
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    process::quietly(&mut command, package)
}

/// Gives back the space of the builds once all of them have succeeded.
pub(super) fn tidy() {
    // A leftover is untidy and nothing worse.
    let _ = std::fs::remove_dir_all(project::target().join("xtask/tools"));
}
